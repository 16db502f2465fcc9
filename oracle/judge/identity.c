/* SPDX-License-Identifier: MIT
 *
 * The identities.  All inner products are summed exactly.
 */
#include "oracle/judge/identity.h"

#include <stdio.h>
#include <stdlib.h>

#include "cases/data/data.h"
#include "ref/exact.h"

/* Each input of forward and the operation that gives its gradient. */
static const struct {
    dc_tensor input;
    dc_op op;
} gradients[] = {
    {DC_X, DC_GRAD_INPUT}, {DC_W, DC_GRAD_WEIGHT}, {DC_B, DC_GRAD_BIAS}};
enum { GRADIENTS = 3 };

/* sum += <a - minus, b> over count elements; minus may be NULL. */
static dc_status add_product(const dc_truth *t, mpfr_t sum, const void *a,
                             const void *minus, const void *b, int64_t count)
{
    double *va = dc_truth_doubles(t, a, count);
    double *vm = minus ? dc_truth_doubles(t, minus, count) : NULL;
    double *vb = dc_truth_doubles(t, b, count);
    dc_status status = va && vb && (vm || !minus) ? DC_OK : DC_NOMEM;
    mpfr_t dot;
    mpfr_t old;
    mpfr_ptr both[2] = {old, dot};

    mpfr_inits2(192, dot, old, (mpfr_ptr)0);
    if (status == DC_OK) {
        for (int64_t i = 0; vm && i < count; i++)
            va[i] -= vm[i]; /* exact: integers with headroom */
        dc_exact_dot(dot, va, vb, count);
        mpfr_swap(old, sum);
        dc_exact_sum(sum, both, 2);
    }
    mpfr_clears(dot, old, (mpfr_ptr)0);
    free(va);
    free(vm);
    free(vb);
    return status;
}

/* sum = <gy, b>, with b repeated over batch and positions. */
static dc_status bias_product(const dc_truth *t, mpfr_t sum)
{
    const dc_problem *p = &t->c.p;
    const int64_t count = p->has_bias ? dc_problem_count(p, DC_GY) : 0;
    double *gy = dc_truth_doubles(t, t->tensors[DC_GY], count);
    double *b = malloc((size_t)(count + 1) * sizeof *b);
    const dc_status status = gy && b ? DC_OK : DC_NOMEM;

    for (int64_t i = 0; status == DC_OK && i < count; i++)
        b[i] = dc_format_get(p->dtype, t->tensors[DC_B],
                             i / (count / p->n / p->co) % p->co);
    if (status == DC_OK)
        dc_exact_dot(sum, gy, b, count);
    free(gy);
    free(b);
    return status;
}

static void blame(dc_identity *found, dc_op op, dc_check check,
                  const char *left, mpfr_t a, const char *right, mpfr_t b)
{
    found->broken = true;
    found->op = op;
    found->verdict = DC_FAIL;
    found->check = check;
    snprintf(found->text, sizeof found->text, "%s = %.17g but %s = %.17g", left,
             mpfr_get_d(a, MPFR_RNDN), right, mpfr_get_d(b, MPFR_RNDN));
}

dc_status dc_identity_adjoint(const dc_truth *t,
                              const void *const results[DC_OPS],
                              dc_identity *found, dc_error *e)
{
    static const char *const names[] = {"<gx, x>", "<gw, w>", "<gb, b>"};
    mpfr_t y;    /* <gy, y - b> */
    mpfr_t bias; /* <gy, b> */
    mpfr_t g;
    dc_status status;

    mpfr_inits2(192, y, bias, g, (mpfr_ptr)0);
    status = bias_product(t, bias);
    mpfr_set_prec(y, mpfr_get_prec(bias));
    mpfr_neg(y, bias, MPFR_RNDN);
    if (status == DC_OK)
        status = add_product(t, y, results[DC_FORWARD], NULL, t->tensors[DC_GY],
                             t->count[DC_FORWARD]);
    for (int k = 0; k < GRADIENTS && status == DC_OK && !found->broken; k++) {
        const dc_op op = gradients[k].op;
        const bool is_bias = op == DC_GRAD_BIAS;

        if (!results[op] || !t->tensors[gradients[k].input])
            continue;
        mpfr_set_zero(g, 1);
        status = add_product(t, g, results[op], NULL,
                             t->tensors[gradients[k].input], t->count[op]);
        if (status == DC_OK && !mpfr_equal_p(g, is_bias ? bias : y))
            blame(found, op, DC_CHECK_ADJOINT, names[k], g,
                  is_bias ? "<gy, b>" : "<gy, y - b>", is_bias ? bias : y);
    }
    mpfr_clears(y, bias, g, (mpfr_ptr)0);
    return status == DC_OK ? DC_OK : dc_nomem(e);
}

/* ==== Finite differences ================================================ */

/* Forward at inputs that are moved one way. */
typedef struct {
    void *moved[DC_TENSORS];         /* NULL: this input is not moved */
    const void *tensors[DC_TENSORS]; /* inputs of the call */
    void *y;
    dc_answer answer;
} side;

static void side_close(side *s)
{
    for (int k = 0; k < DC_TENSORS; k++)
        free(s->moved[k]);
    free(s->y);
}

/* Moves the inputs in the bit set `inputs` by sign * direction and calls
 * forward. */
static dc_status side_call(side *s, const dc_truth *t, dc_endpoint *end,
                           int sign, unsigned inputs, dc_error *e)
{
    for (int k = DC_X; k <= DC_B; k++) {
        s->tensors[k] = t->tensors[k];
        if (!(inputs & 1u << k))
            continue;
        s->tensors[k] = s->moved[k] =
            malloc(dc_problem_bytes(&t->c.p, (dc_tensor)k) + 1);
        if (!s->moved[k] ||
            dc_data_moved(&t->c, (dc_tensor)k, sign, s->moved[k]) != DC_OK)
            return dc_nomem(e);
    }
    s->y = malloc(dc_problem_bytes(&t->c.p, DC_Y) + 1);
    if (!s->y)
        return dc_nomem(e);
    void *const result[2] = {s->y, NULL};
    return dc_endpoint_call(end, &t->c, DC_FORWARD, s->tensors, result,
                            &s->answer, e);
}

/* Did the call give y?  If not, blames forward. */
static bool has_result(const dc_answer *a, dc_identity *found)
{
    if (dc_endpoint_has_result(a))
        return true;
    found->broken = true;
    found->op = DC_FORWARD;
    found->check = DC_CHECK_DIFFERENCE;
    found->verdict = dc_result_verdict(a->outcome);
    snprintf(found->text, sizeof found->text,
             "forward of the same problem with other numbers: %s",
             a->reason[0]         ? a->reason
             : a->status != DC_OK ? dc_status_name(a->status)
                                  : "another shape");
    return false;
}

/* Compares both sides of the difference over the inputs in `inputs`. */
static dc_status compare_sides(const dc_truth *t, const side *plus,
                               const side *minus,
                               const void *const results[DC_OPS], dc_op blamed,
                               dc_identity *found)
{
    mpfr_t left;
    mpfr_t right;
    dc_status status;

    mpfr_inits2(192, left, right, (mpfr_ptr)0);
    mpfr_set_zero(left, 1);
    mpfr_set_zero(right, 1);
    status = add_product(t, left, plus->y, minus->y, t->tensors[DC_GY],
                         t->count[DC_FORWARD]);
    for (int k = 0; k < GRADIENTS && status == DC_OK; k++) {
        const dc_tensor in = gradients[k].input;
        const dc_op op = gradients[k].op;

        if (plus->moved[in])
            status = add_product(t, right, plus->moved[in], minus->moved[in],
                                 results[op], t->count[op]);
    }
    if (status == DC_OK && !mpfr_equal_p(left, right))
        blame(found, blamed, DC_CHECK_DIFFERENCE, "<gy, f(+) - f(-)>", left,
              "2 <gradients, direction>", right);
    mpfr_clears(left, right, (mpfr_ptr)0);
    return status;
}

/* One central difference over the inputs in the bit set `inputs`. */
static dc_status difference(const dc_truth *t, dc_endpoint *end,
                            const void *const results[DC_OPS], unsigned inputs,
                            dc_op blamed, dc_identity *found, dc_error *e)
{
    side plus = {0};
    side minus = {0};
    dc_status status = side_call(&plus, t, end, 1, inputs, e);

    if (status == DC_OK && has_result(&plus.answer, found)) {
        status = side_call(&minus, t, end, -1, inputs, e);
        if (status == DC_OK && has_result(&minus.answer, found)) {
            status = compare_sides(t, &plus, &minus, results, blamed, found);
            if (status != DC_OK)
                status = dc_nomem(e);
        }
    }
    side_close(&plus);
    side_close(&minus);
    return status;
}

dc_status dc_identity_difference(const dc_truth *t, dc_endpoint *end,
                                 const void *const results[DC_OPS],
                                 dc_identity *found, dc_error *e)
{
    unsigned inputs = 0;
    dc_status status = DC_OK;

    for (int k = 0; k < GRADIENTS; k++)
        if (results[gradients[k].op] && t->tensors[gradients[k].input])
            inputs |= 1u << gradients[k].input;
    if (inputs)
        status = difference(t, end, results, inputs, DC_FORWARD, found, e);
    if (status != DC_OK || !found->broken || found->verdict != DC_FAIL)
        return status;
    for (int k = 0; k < GRADIENTS && status == DC_OK; k++) {
        const unsigned input = 1u << gradients[k].input;
        dc_identity alone = {0};

        if (!(inputs & input))
            continue;
        status = difference(t, end, results, input, gradients[k].op, &alone, e);
        if (alone.broken) {
            *found = alone;
            break;
        }
    }
    return status;
}
