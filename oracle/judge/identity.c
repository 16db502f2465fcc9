/* SPDX-License-Identifier: MIT
 *
 * Identities on exact data.  All inner products are summed exactly.
 */
#include "oracle/judge/identity.h"

#include <stdio.h>
#include <stdlib.h>

#include "cases/data/data.h"
#include "ref/exact.h"

/* The gradient of each input, and the operation that gives it. */
static const struct {
    dc_tensor input;
    dc_op op;
} gradients[] = {
    {DC_X, DC_GRAD_INPUT}, {DC_W, DC_GRAD_WEIGHT}, {DC_B, DC_GRAD_BIAS}};
enum { GRADIENTS = 3 };

/* sum += sign * <a - minus, b> over count elements; minus may be NULL. */
static dc_status add_product(const dc_truth *t, mpfr_t sum, int sign,
                             const void *a, const void *minus, const void *b,
                             int64_t count)
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
        if (sign < 0)
            mpfr_neg(dot, dot, MPFR_RNDN);
        mpfr_swap(old, sum);
        dc_exact_sum(sum, both, 2);
    }
    mpfr_clears(dot, old, (mpfr_ptr)0);
    free(va);
    free(vm);
    free(vb);
    return status;
}

/* <gy, b>: b spread over batch and positions. */
static void bias_product(const dc_truth *t, mpfr_t sum)
{
    const dc_problem *p = &t->c.p;
    const int64_t count = dc_problem_count(p, DC_GY);
    mpfr_t term;
    mpfr_t old;
    mpfr_ptr both[2] = {old, term};

    mpfr_inits2(192, term, old, (mpfr_ptr)0);
    mpfr_set_zero(sum, 1);
    for (int64_t i = 0; p->has_bias && i < count; i++) {
        const int64_t co = i / (count / p->n / p->co) % p->co;
        mpfr_set_d(term, dc_format_get(p->dtype, t->tensors[DC_GY], i),
                   MPFR_RNDN);
        mpfr_mul_d(term, term, dc_format_get(p->dtype, t->tensors[DC_B], co),
                   MPFR_RNDN);
        mpfr_swap(old, sum);
        dc_exact_sum(sum, both, 2);
    }
    mpfr_clears(term, old, (mpfr_ptr)0);
}

static void blame(dc_identity *found, dc_op op, dc_check check,
                  const char *left, mpfr_t a, const char *right, mpfr_t b)
{
    found->broken = 1;
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
    bias_product(t, bias);
    mpfr_neg(y, bias, MPFR_RNDN);
    status = add_product(t, y, 1, results[DC_FORWARD], NULL, t->tensors[DC_GY],
                         t->count[DC_FORWARD]);
    for (int k = 0; k < GRADIENTS && status == DC_OK && !found->broken; k++) {
        const dc_op op = gradients[k].op;
        const int is_bias = op == DC_GRAD_BIAS;

        if (!results[op] || !t->tensors[gradients[k].input])
            continue;
        mpfr_set_zero(g, 1);
        status = add_product(t, g, 1, results[op], NULL,
                             t->tensors[gradients[k].input], t->count[op]);
        if (status == DC_OK && !mpfr_equal_p(g, is_bias ? bias : y))
            blame(found, op, DC_CHECK_ADJOINT, names[k], g,
                  is_bias ? "<gy, b>" : "<gy, y - b>", is_bias ? bias : y);
    }
    mpfr_clears(y, bias, g, (mpfr_ptr)0);
    return status == DC_OK ? DC_OK
                           : dc_error_set(e, status, NULL, -1, "out of memory");
}

/* ==== Finite differences ================================================ */

/* The inputs moved one way (+1, -1), and forward's answer there. */
typedef struct {
    void *moved[DC_TENSORS];
    const void *tensors[DC_TENSORS];
    void *y;
} side;

static void side_close(side *s)
{
    for (int k = 0; k < DC_TENSORS; k++)
        free(s->moved[k]);
    free(s->y);
}

/* Moves the inputs in `mask` and asks for forward. */
static dc_status side_open(side *s, const dc_truth *t, dc_endpoint *end,
                           int sign, int mask, dc_answer *a, dc_error *e)
{
    const int64_t size = dc_formats[t->c.p.dtype].size;

    *s = (side){{NULL}, {NULL}, NULL};
    for (int k = DC_X; k <= DC_B; k++) {
        s->tensors[k] = t->tensors[k];
        if (!(mask & 1 << k))
            continue;
        s->moved[k] = malloc(
            (size_t)(dc_problem_count(&t->c.p, (dc_tensor)k) * size) + 1);
        if (!s->moved[k] ||
            dc_data_moved(&t->c, (dc_tensor)k, sign, s->moved[k]) != DC_OK)
            return dc_nomem(e);
        s->tensors[k] = s->moved[k];
    }
    s->y = malloc((size_t)(t->count[DC_FORWARD] * size) + 1);
    if (!s->y)
        return dc_nomem(e);
    void *const result[2] = {s->y, NULL};
    return dc_endpoint_call(end, &t->c, DC_FORWARD, s->tensors, result, a, e);
}

/* Is there a result to read? */
static int usable(const dc_answer *a)
{
    return a->outcome == DC_ANSWERED && a->status == DC_OK && a->shape_axes < 0;
}

/* One central difference over the inputs in mask. */
static dc_status difference(const dc_truth *t, dc_endpoint *end,
                            const void *const results[DC_OPS], int mask,
                            dc_op blamed, dc_identity *found, dc_error *e)
{
    side plus;
    side minus = {{NULL}, {NULL}, NULL};
    dc_answer a;
    mpfr_t left;
    mpfr_t right;
    dc_status status = side_open(&plus, t, end, 1, mask, &a, e);

    mpfr_inits2(192, left, right, (mpfr_ptr)0);
    mpfr_set_zero(left, 1);
    mpfr_set_zero(right, 1);
    if (status == DC_OK && usable(&a))
        status = side_open(&minus, t, end, -1, mask, &a, e);
    if (status == DC_OK && !usable(&a)) {
        found->broken = 1;
        found->op = DC_FORWARD;
        found->check = DC_CHECK_DIFFERENCE;
        found->verdict = a.outcome == DC_HUNG      ? DC_HANG
                         : a.outcome == DC_CRASHED ? DC_CRASH
                                                   : DC_FAIL;
        snprintf(found->text, sizeof found->text,
                 "forward of the same problem with other numbers: %s",
                 a.reason[0]         ? a.reason
                 : a.status != DC_OK ? dc_status_name(a.status)
                                     : "another shape");
    } else if (status == DC_OK) {
        status = add_product(t, left, 1, plus.y, minus.y, t->tensors[DC_GY],
                             t->count[DC_FORWARD]);
        for (int k = 0; k < GRADIENTS && status == DC_OK; k++) {
            const dc_tensor in = gradients[k].input;
            if (mask & 1 << in)
                status = add_product(t, right, 1, plus.moved[in],
                                     minus.moved[in], results[gradients[k].op],
                                     t->count[gradients[k].op]);
        }
        if (status == DC_OK && !mpfr_equal_p(left, right))
            blame(found, blamed, DC_CHECK_DIFFERENCE, "<gy, f(+) - f(-)>", left,
                  "2 <gradients, direction>", right);
    }
    mpfr_clears(left, right, (mpfr_ptr)0);
    side_close(&plus);
    side_close(&minus);
    return status;
}

dc_status dc_identity_difference(const dc_truth *t, dc_endpoint *end,
                                 const void *const results[DC_OPS],
                                 dc_identity *found, dc_error *e)
{
    int mask = 0;
    dc_status status = DC_OK;

    for (int k = 0; k < GRADIENTS; k++)
        if (results[gradients[k].op] && t->tensors[gradients[k].input])
            mask |= 1 << gradients[k].input;
    if (mask)
        status = difference(t, end, results, mask, DC_FORWARD, found, e);
    if (status != DC_OK || !found->broken || found->verdict != DC_FAIL)
        return status;
    for (int k = 0; k < GRADIENTS && status == DC_OK; k++) {
        dc_identity alone = {0};
        if (!(mask & 1 << gradients[k].input))
            continue;
        status = difference(t, end, results, 1 << gradients[k].input,
                            gradients[k].op, &alone, e);
        if (alone.broken) {
            *found = alone;
            break;
        }
    }
    return status;
}
