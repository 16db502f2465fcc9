/* SPDX-License-Identifier: MIT
 *
 * The reference: the products that gather.h visits are multiplied exactly,
 * summed exactly, and the sum is rounded once.
 */
#include "ref/ref.h"

#include <stdlib.h>
#include <string.h>

#include "ref/exact.h"
#include "ref/format.h"
#include "ref/gather.h"

struct dc_ref {
    dc_problem p;                   /* lifted to rank 3 */
    const void *tensor[DC_TENSORS]; /* x, w, b, gy, or NULL */
    mpfr_t *input[DC_TENSORS];      /* the same, decoded when first used */
    bool *decoded[DC_TENSORS];      /* is input[t][i] initialised? */
    int64_t count[DC_TENSORS];
    /* of the element that is being computed */
    const dc_tensor *factor; /* the tensors of its factors */
    mpfr_t *term;            /* its terms ... */
    mpfr_ptr *list;          /* ... and pointers to them, for mpfr_sum */
    int64_t capacity;        /* of both */
    int64_t terms;           /* gathered so far */
};

/* ==== One element ======================================================= */

/* Adds the term a*b, or a if b is NULL.  It is exact because a product needs at
 * most the sum of the precisions of its factors. */
static void add_term(dc_ref *r, mpfr_srcptr a, mpfr_srcptr b)
{
    mpfr_ptr term = r->term[r->terms++];
    const mpfr_prec_t bits = mpfr_get_prec(a) + (b ? mpfr_get_prec(b) : 0);

    if (mpfr_get_prec(term) < bits)
        mpfr_set_prec(term, bits);
    if (b)
        mpfr_mul(term, a, b, MPFR_RNDN);
    else
        mpfr_set(term, a, MPFR_RNDN);
}

static void add_product(void *state, int64_t a, int64_t b)
{
    dc_ref *r = state;

    add_term(r, dc_ref_input(r, r->factor[0], a),
             b < 0 ? NULL : dc_ref_input(r, r->factor[1], b));
}

void dc_ref_element(dc_ref *r, dc_op op, int64_t index, bool want_s,
                    dc_element *e)
{
    r->terms = 0;
    r->factor = dc_gather_factors[op];
    dc_gather_element(&r->p, op, index, add_product, r);
    e->n = r->terms;
    e->nonzero = 0;
    for (int64_t m = 0; m < r->terms; m++)
        e->nonzero += !mpfr_zero_p(r->term[m]);

    e->has_c = op == DC_FORWARD && r->p.has_bias;
    mpfr_set_zero(e->c, 1);
    if (e->has_c) {
        mpfr_srcptr b =
            dc_ref_input(r, DC_B, index / dc_volume(r->p.o, 3) % r->p.co);
        mpfr_set_prec(e->c, mpfr_get_prec(b));
        mpfr_set(e->c, b, MPFR_RNDN);
        add_term(r, b, NULL);
    }
    dc_exact_sum(e->t, r->list, r->terms);
    if (want_s) {
        for (int64_t m = 0; m < r->terms; m++)
            mpfr_abs(r->term[m], r->term[m], MPFR_RNDN);
        mpfr_sum(e->s, r->list, (unsigned long)r->terms, MPFR_RNDU);
    }
}

dc_status dc_ref_run(const dc_problem *p, dc_op op,
                     const void *const tensors[DC_TENSORS], void *result)
{
    const int64_t count = dc_problem_count(p, dc_ops[op].out);
    dc_ref *r;
    dc_element e;
    dc_status status = dc_ref_open(&r, p, tensors);

    if (status != DC_OK)
        return status;
    dc_element_init(&e);
    for (int64_t i = 0; i < count; i++) {
        dc_ref_element(r, op, i, false, &e);
        dc_exact_store(p->dtype, result, i, e.t);
    }
    dc_element_clear(&e);
    dc_ref_close(r);
    return DC_OK;
}

/* ==== Opening and closing =============================================== */

void dc_element_init(dc_element *e)
{
    memset(e, 0, sizeof *e);
    mpfr_init2(e->t, 192);
    mpfr_init2(e->s, 64);
    mpfr_init2(e->c, 53);
}

void dc_element_clear(dc_element *e)
{
    mpfr_clears(e->t, e->s, e->c, (mpfr_ptr)0);
}

/* Upper bound of the number of terms of any element, including a bias. */
static int64_t terms_max(const dc_problem *p)
{
    int64_t most = 0;

    for (int op = 0; op < DC_OPS; op++)
        most = dc_max(most, dc_gather_terms_max(p, (dc_op)op));
    return most + 1;
}

dc_status dc_ref_open(dc_ref **ref, const dc_problem *p,
                      const void *const tensors[DC_TENSORS])
{
    dc_ref *r = calloc(1, sizeof *r);
    bool complete = true;

    *ref = NULL;
    if (!r)
        return DC_NOMEM;
    r->p = dc_problem_lift(p);
    for (int t = DC_X; t <= DC_GY; t++) {
        if (!tensors[t] || (t == DC_B && !p->has_bias))
            continue;
        r->count[t] = dc_problem_count(p, (dc_tensor)t);
        r->tensor[t] = tensors[t];
        r->input[t] = calloc((size_t)r->count[t] + 1, sizeof(mpfr_t));
        r->decoded[t] = calloc((size_t)r->count[t] + 1, sizeof(bool));
        complete &= r->input[t] && r->decoded[t];
    }
    const int64_t most = terms_max(&r->p);
    r->term = calloc((size_t)most, sizeof *r->term);
    r->list = calloc((size_t)most, sizeof(mpfr_ptr));
    if (!complete || !r->term || !r->list) {
        dc_ref_close(r);
        return DC_NOMEM;
    }
    for (int64_t m = 0; m < most; m++) {
        mpfr_init2(r->term[m], 2 * dc_formats[p->dtype].precision);
        r->list[m] = r->term[m];
    }
    r->capacity = most;
    *ref = r;
    return DC_OK;
}

void dc_ref_close(dc_ref *r)
{
    if (!r)
        return;
    for (int t = 0; t < DC_TENSORS; t++) {
        for (int64_t i = 0; r->decoded[t] && i < r->count[t]; i++)
            if (r->decoded[t][i])
                mpfr_clear(r->input[t][i]);
        free(r->input[t]);
        free(r->decoded[t]);
    }
    for (int64_t m = 0; m < r->capacity; m++)
        mpfr_clear(r->term[m]);
    free(r->term);
    free(r->list);
    free(r);
}

mpfr_ptr dc_ref_input(dc_ref *r, dc_tensor t, int64_t i)
{
    mpfr_ptr v = r->input[t][i];

    if (!r->decoded[t][i]) {
        r->decoded[t][i] = true;
        mpfr_init2(v, dc_formats[r->p.dtype].precision);
        mpfr_set_d(v, dc_format_get(r->p.dtype, r->tensor[t], i), MPFR_RNDN);
    }
    return v;
}
