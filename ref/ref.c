/* SPDX-License-Identifier: MIT
 *
 * The reference.  It is the specification: hold each gather_ function beside
 * the formula of its operation in deconform.h.  Every element gathers its
 * real products, they are multiplied exactly, summed exactly, rounded once.
 * Ranks 1 and 2 are rank 3 with unit axes in front.
 */
#include "ref.h"

#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "format.h"

struct dc_ref {
    dc_problem p;              /* lifted to rank 3 */
    mpfr_t *input[DC_TENSORS]; /* decoded x, w, b, gy; NULL if not given */
    int64_t count[DC_TENSORS];
    mpfr_t *term;   /* products of one element ... */
    mpfr_ptr *list; /* ... and pointers to them */
    int64_t room;
    int64_t terms; /* gathered so far */
};

/* ==== Products ========================================================== */

/* Notes one real product of the formula, exactly: its precision is the sum
 * of its factors'. */
static void take(dc_ref *r, mpfr_srcptr a, mpfr_srcptr b)
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

/* The input position j with j*s - pb + t*d = o on axis a, or -1. */
static int64_t source(const dc_problem *p, int a, int64_t o, int64_t t)
{
    const int64_t steps = o + p->pb[a] - t * p->d[a];

    if (steps < 0 || steps % p->s[a] || steps / p->s[a] >= p->i[a])
        return -1;
    return steps / p->s[a];
}

/* The output position j*s - pb + t*d on axis a, or -1 outside 0..o-1. */
static int64_t target(const dc_problem *p, int a, int64_t j, int64_t t)
{
    const int64_t o = j * p->s[a] - p->pb[a] + t * p->d[a];

    return o >= 0 && o < p->o[a] ? o : -1;
}

/* Offset of position at[] in a block of these extents, C order. */
static int64_t offset(const int64_t extent[3], int64_t a0, int64_t a1,
                      int64_t a2)
{
    return (a0 * extent[1] + a1) * extent[2] + a2;
}

static int64_t volume(const int64_t extent[3])
{
    return extent[0] * extent[1] * extent[2];
}

/* ==== The four formulas ================================================= */

/* y[n,co,o] without its bias:
 * sum over (ci in the group, t) with j*s - pb + t*d = o  x[n,ci,j] w[ci,co',t] */
static void gather_forward(dc_ref *r, int64_t n, int64_t co, const int64_t o[3])
{
    const dc_problem *p = &r->p;
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const int64_t first = co / co_g * ci_g; /* input channels of this group */

    for (int64_t ci = first; ci < first + ci_g; ci++) {
        mpfr_t *x = r->input[DC_X] + (n * p->ci + ci) * volume(p->i);
        mpfr_t *w = r->input[DC_W] + (ci * co_g + co % co_g) * volume(p->k);
        for (int64_t t0 = 0; t0 < p->k[0]; t0++) {
            const int64_t j0 = source(p, 0, o[0], t0);
            for (int64_t t1 = 0; j0 >= 0 && t1 < p->k[1]; t1++) {
                const int64_t j1 = source(p, 1, o[1], t1);
                for (int64_t t2 = 0; j1 >= 0 && t2 < p->k[2]; t2++) {
                    const int64_t j2 = source(p, 2, o[2], t2);
                    if (j2 >= 0)
                        take(r, x[offset(p->i, j0, j1, j2)],
                             w[offset(p->k, t0, t1, t2)]);
                }
            }
        }
    }
}

/* gx[n,ci,j] = sum over (co', t)  gy[n,co,j*s-pb+t*d] w[ci,co',t] */
static void gather_grad_input(dc_ref *r, int64_t n, int64_t ci,
                              const int64_t j[3])
{
    const dc_problem *p = &r->p;
    const int64_t co_g = p->co / p->g;
    const int64_t first = ci / (p->ci / p->g) * co_g;

    for (int64_t c = 0; c < co_g; c++) {
        mpfr_t *gy = r->input[DC_GY] + (n * p->co + first + c) * volume(p->o);
        mpfr_t *w = r->input[DC_W] + (ci * co_g + c) * volume(p->k);
        for (int64_t t0 = 0; t0 < p->k[0]; t0++) {
            const int64_t o0 = target(p, 0, j[0], t0);
            for (int64_t t1 = 0; o0 >= 0 && t1 < p->k[1]; t1++) {
                const int64_t o1 = target(p, 1, j[1], t1);
                for (int64_t t2 = 0; o1 >= 0 && t2 < p->k[2]; t2++) {
                    const int64_t o2 = target(p, 2, j[2], t2);
                    if (o2 >= 0)
                        take(r, gy[offset(p->o, o0, o1, o2)],
                             w[offset(p->k, t0, t1, t2)]);
                }
            }
        }
    }
}

/* gw[ci,co',t] = sum over (n, j)  x[n,ci,j] gy[n,co,j*s-pb+t*d] */
static void gather_grad_weight(dc_ref *r, int64_t ci, int64_t c,
                               const int64_t t[3])
{
    const dc_problem *p = &r->p;
    const int64_t co = ci / (p->ci / p->g) * (p->co / p->g) + c;

    for (int64_t n = 0; n < p->n; n++) {
        mpfr_t *x = r->input[DC_X] + (n * p->ci + ci) * volume(p->i);
        mpfr_t *gy = r->input[DC_GY] + (n * p->co + co) * volume(p->o);
        for (int64_t j0 = 0; j0 < p->i[0]; j0++) {
            const int64_t o0 = target(p, 0, j0, t[0]);
            for (int64_t j1 = 0; o0 >= 0 && j1 < p->i[1]; j1++) {
                const int64_t o1 = target(p, 1, j1, t[1]);
                for (int64_t j2 = 0; o1 >= 0 && j2 < p->i[2]; j2++) {
                    const int64_t o2 = target(p, 2, j2, t[2]);
                    if (o2 >= 0)
                        take(r, x[offset(p->i, j0, j1, j2)],
                             gy[offset(p->o, o0, o1, o2)]);
                }
            }
        }
    }
}

/* gb[co] = sum over (n, o)  gy[n,co,o] */
static void gather_grad_bias(dc_ref *r, int64_t co)
{
    const dc_problem *p = &r->p;

    for (int64_t n = 0; n < p->n; n++)
        for (int64_t o = 0; o < volume(p->o); o++)
            take(r, r->input[DC_GY][(n * p->co + co) * volume(p->o) + o], NULL);
}

/* ==== One element ======================================================= */

/* Splits index into (outer, channel, position): C order of the result. */
static void gather(dc_ref *r, dc_op op, int64_t index)
{
    const dc_problem *p = &r->p;
    const struct {
        int64_t channels;
        const int64_t *extent;
    } shape[] = {
        [DC_FORWARD] = {p->co, p->o},
        [DC_GRAD_INPUT] = {p->ci, p->i},
        [DC_GRAD_WEIGHT] = {p->co / p->g, p->k},
    };

    if (op == DC_GRAD_BIAS) {
        gather_grad_bias(r, index);
        return;
    }
    const int64_t *e = shape[op].extent;
    const int64_t outer = index / volume(e) / shape[op].channels;
    const int64_t channel = index / volume(e) % shape[op].channels;
    const int64_t at[3] = {index / (e[1] * e[2]) % e[0], index / e[2] % e[1],
                           index % e[2]};

    if (op == DC_FORWARD)
        gather_forward(r, outer, channel, at);
    else if (op == DC_GRAD_INPUT)
        gather_grad_input(r, outer, channel, at);
    else
        gather_grad_weight(r, outer, channel, at);
}

void dc_ref_element(dc_ref *r, dc_op op, int64_t index, int want_s,
                    dc_element *e)
{
    r->terms = 0;
    gather(r, op, index);
    e->n = r->terms;
    e->nonzero = 0;
    for (int64_t m = 0; m < r->terms; m++)
        e->nonzero += !mpfr_zero_p(r->term[m]);

    e->has_c = op == DC_FORWARD && r->p.has_bias;
    mpfr_set_zero(e->c, 1);
    if (e->has_c) {
        mpfr_srcptr b = dc_ref_input(r, DC_B, index / volume(r->p.o) % r->p.co);
        mpfr_set_prec(e->c, mpfr_get_prec(b));
        mpfr_set(e->c, b, MPFR_RNDN);
        take(r, b, NULL);
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
        dc_ref_element(r, op, i, 0, &e);
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

/* The most products that any element of any result can have, and a bias.
 * Tensors fit memory, so these products of a few of their extents do too. */
static int64_t most_terms(const dc_problem *p)
{
    const int64_t candidates[] = {p->ci / p->g * volume(p->k),
                                  p->co / p->g * volume(p->k),
                                  p->n * volume(p->i), p->n * volume(p->o)};
    int64_t most = 0;

    for (int c = 0; c < 4; c++)
        if (candidates[c] > most)
            most = candidates[c];
    return most + 1;
}

static mpfr_t *decode(int dtype, const void *tensor, int64_t count)
{
    mpfr_t *values = calloc((size_t)count + 1, sizeof *values);

    for (int64_t i = 0; values && i < count; i++) {
        mpfr_init2(values[i], dc_formats[dtype].precision);
        mpfr_set_d(values[i], dc_format_get(dtype, tensor, i), MPFR_RNDN);
    }
    return values;
}

dc_status dc_ref_open(dc_ref **ref, const dc_problem *p,
                      const void *const tensors[DC_TENSORS])
{
    dc_ref *r = calloc(1, sizeof *r);

    *ref = NULL;
    if (!r)
        return DC_NOMEM;
    r->p = dc_problem_lift(p);
    for (int t = DC_X; t <= DC_GY; t++) {
        if (!tensors[t] || (t == DC_B && !p->has_bias))
            continue;
        r->count[t] = dc_problem_count(p, (dc_tensor)t);
        r->input[t] = decode(p->dtype, tensors[t], r->count[t]);
        if (!r->input[t]) {
            dc_ref_close(r);
            return DC_NOMEM;
        }
    }
    const int64_t most = most_terms(&r->p);
    r->term = calloc((size_t)most, sizeof *r->term);
    r->list = calloc((size_t)most, sizeof(mpfr_ptr));
    if (!r->term || !r->list) {
        dc_ref_close(r);
        return DC_NOMEM;
    }
    for (r->room = 0; r->room < most; r->room++) {
        mpfr_init2(r->term[r->room], 2 * dc_formats[p->dtype].precision);
        r->list[r->room] = r->term[r->room];
    }
    *ref = r;
    return DC_OK;
}

void dc_ref_close(dc_ref *r)
{
    if (!r)
        return;
    for (int t = 0; t < DC_TENSORS; t++) {
        for (int64_t i = 0; r->input[t] && i < r->count[t]; i++)
            mpfr_clear(r->input[t][i]);
        free(r->input[t]);
    }
    for (int64_t m = 0; m < r->room; m++)
        mpfr_clear(r->term[m]);
    free(r->term);
    free(r->list);
    free(r);
}

mpfr_ptr dc_ref_input(dc_ref *r, dc_tensor t, int64_t i)
{
    return r->input[t][i];
}
