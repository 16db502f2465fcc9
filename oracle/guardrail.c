/* SPDX-License-Identifier: MIT
 *
 * Quick values and their guards.
 *
 * The checksum: with random small integers r, sum over co of r y[n,co,o] is
 * forward of the same x with the single channel sum over co of r w, so the
 * plain gather checks every position at 1/co of the cost; likewise over ci for
 * gx, and over ci with sum r x for gw.
 */
#include "guardrail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../cases/random.h"
#include "../ref/plain.h"

/* MPFR products that the sample may cost: about a hundredth of a second. */
static const int64_t SAMPLE_BUDGET = 120000;

enum { SAMPLES_LEAST = 12, SAMPLES_MOST = 400 };

/* ==== Values ============================================================ */

/* Which function of its elements a tensor is asked for. */
typedef enum { PLAIN, MAGNITUDE, INDICATOR } view;

static double *decode(const dc_truth *t, dc_tensor k, view how)
{
    const int64_t count = dc_problem_count(&t->c.p, k);
    double *v = malloc(((size_t)count + 1) * sizeof *v);

    if (v)
        dc_format_decode(t->c.p.dtype, t->tensors[k], count, v);
    for (int64_t i = 0; v && how != PLAIN && i < count; i++)
        v[i] = how == MAGNITUDE ? fabs(v[i]) : k == DC_B || v[i] != 0;
    return v;
}

static dc_status call(const dc_impl *f, const dc_problem *p, dc_op op,
                      double *const in[DC_TENSORS], double *out)
{
    if (op == DC_FORWARD && f->forward)
        return f->forward(p, in[DC_X], in[DC_W], in[DC_B], out);
    if (op == DC_GRAD_INPUT && f->grad_input)
        return f->grad_input(p, in[DC_GY], in[DC_W], out);
    if (op == DC_GRAD_WEIGHT && f->grad_weight)
        return f->grad_weight(p, in[DC_GY], in[DC_X], out);
    if (op == DC_GRAD_BIAS && f->grad_bias)
        return f->grad_bias(p, in[DC_GY], out);
    return DC_UNSUPPORTED;
}

/* *out = op of the tensors seen that way, in binary64. */
static dc_status run(const dc_truth *t, dc_op op, const dc_impl *quick,
                     view how, double **out)
{
    double *in[DC_TENSORS] = {NULL};
    dc_problem p = t->c.p;
    dc_status status = DC_OK;

    p.dtype = DC_F64;
    *out = malloc(((size_t)t->count[op] + 1) * sizeof **out);
    if (!*out)
        status = DC_NOMEM;
    for (int k = DC_X; k <= DC_GY && status == DC_OK; k++)
        if (dc_op_takes(&p, op, (dc_tensor)k)) {
            in[k] = decode(t, (dc_tensor)k, how);
            status = in[k] ? DC_OK : DC_NOMEM;
        }
    if (status == DC_OK)
        status = call(quick, &p, op, in, *out);
    for (int k = DC_X; k <= DC_GY; k++)
        free(in[k]);
    return status;
}

static int has_zero(const dc_truth *t, dc_tensor k)
{
    const int64_t count = dc_problem_count(&t->c.p, k);

    for (int64_t i = 0; i < count; i++)
        if (dc_format_get(t->c.p.dtype, t->tensors[k], i) == 0)
            return 1;
    return 0;
}

/* Terms that an element of op's result can have at most. */
static double most_terms(const dc_problem *problem, dc_op op)
{
    const dc_problem p = dc_problem_lift(problem);
    double c = op == DC_FORWARD      ? (double)(p.ci / p.g)
               : op == DC_GRAD_INPUT ? (double)(p.co / p.g)
                                     : (double)p.n;

    for (int a = 0; a < 3; a++)
        c *= op == DC_GRAD_WEIGHT ? (double)p.i[a]
             : op == DC_GRAD_BIAS ? (double)p.o[a]
                                  : (double)p.k[a];
    return c + 1;
}

/* ==== The sample ======================================================== */

/* A position on an axis that tends to go wrong: ends, phases, tails. */
static int64_t awkward(dc_random *r, int64_t extent)
{
    const int64_t last = extent - 1;
    const int64_t picks[] = {0,
                             1,
                             2,
                             3,
                             last,
                             last - 1,
                             extent / 2,
                             extent & ~7,
                             extent & ~15,
                             extent & ~63,
                             dc_random_range(r, 0, last),
                             dc_random_range(r, 0, last)};
    const int64_t pick =
        picks[dc_random_below(r, sizeof picks / sizeof *picks)];

    return pick < 0 || pick > last ? last : pick;
}

static int64_t awkward_index(dc_random *r, const dc_problem *p, dc_op op)
{
    int64_t shape[5];
    const int axes = dc_problem_shape(p, dc_ops[op].out, shape);
    int64_t index = 0;

    for (int a = 0; a < axes; a++)
        index = index * shape[a] + awkward(r, shape[a]);
    return index;
}

/* Is v[index] within its radius of the exact value, and s of S? */
static int holds(const dc_quick_values *q, dc_truth *t, dc_op op, int64_t index)
{
    mpfr_t d;
    int good;

    dc_ref_element(t->ref, op, index, 1, &t->element);
    mpfr_init2(d, 256);
    mpfr_sub_d(d, t->element.t, q->v[index], MPFR_RNDA);
    mpfr_abs(d, d, MPFR_RNDU);
    good = mpfr_cmp_d(d, 2 * q->g * q->s[index] + q->tiny) <= 0;
    mpfr_sub_d(d, t->element.s, q->s[index], MPFR_RNDA);
    mpfr_abs(d, d, MPFR_RNDU);
    good &= mpfr_cmp_d(d, 2 * q->g * q->s[index] + q->tiny) <= 0;
    if (q->m) /* counts are small integers: exact */
        good &= q->m[index] == (double)(t->element.nonzero + t->element.has_c);
    mpfr_clear(d);
    return good;
}

static dc_status check_sample(const dc_quick_values *q, dc_truth *t, dc_op op,
                              dc_error *e)
{
    dc_random r = dc_random_open(t->c.seed, 77);
    int64_t spent = 0;

    for (int k = 0;
         k < SAMPLES_MOST && (k < SAMPLES_LEAST || spent < SAMPLE_BUDGET);
         k++) {
        const int64_t index = awkward_index(&r, &t->c.p, op);

        if (!holds(q, t, op, index))
            return dc_error_set(e, DC_FAILED, NULL, -1,
                                "the quick rung is wrong at element %lld of %s",
                                (long long)index,
                                dc_tensor_names[dc_ops[op].out]);
        spent += t->element.n + 1;
    }
    return DC_OK;
}

/* ==== The checksum ====================================================== */

/* A tensor seen as [outer][fold][inner], folded to [outer][inner] with a
 * weight for each fold index of each group; group = outer / per % g. */
typedef struct {
    int64_t outer, fold, inner, per, g;
} folding;

static double *fold(const folding *f, const double *from, const double *r,
                    int magnitude)
{
    double *to = calloc((size_t)(f->outer * f->inner) + 1, sizeof *to);

    for (int64_t o = 0; to && o < f->outer; o++)
        for (int64_t c = 0; c < f->fold; c++) {
            const double *in = from + (o * f->fold + c) * f->inner;
            double *sum = to + o * f->inner;
            double weight = r[o / f->per % f->g * f->fold + c];

            if (magnitude)
                weight = fabs(weight);
            for (int64_t i = 0; i < f->inner; i++)
                sum[i] += weight * in[i];
        }
    return to;
}

/* The reduced problem of an op: which input is folded, and how input and
 * result lie. */
static dc_problem reduce(const dc_problem *p, dc_op op, dc_tensor *folded,
                         folding *in, folding *out)
{
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const int64_t taps = dc_problem_count(p, DC_W) / p->ci / co_g;
    dc_problem q = *p;

    q.dtype = DC_F64;
    q.has_bias = 0;
    if (op == DC_FORWARD) {
        const int64_t volume = dc_problem_count(p, DC_Y) / p->n / p->co;
        q.co = p->g;
        *folded = DC_W;
        *in = (folding){p->ci, co_g, taps, ci_g, p->g};
        *out = (folding){p->n * p->g, co_g, volume, 1, p->g};
        return q;
    }
    const int64_t volume = dc_problem_count(p, DC_X) / p->n / p->ci;
    q.ci = p->g;
    *folded = op == DC_GRAD_INPUT ? DC_W : DC_X;
    *in = op == DC_GRAD_INPUT ? (folding){p->g, ci_g, co_g * taps, 1, p->g}
                              : (folding){p->n * p->g, ci_g, volume, 1, p->g};
    *out = op == DC_GRAD_INPUT ? (folding){p->n * p->g, ci_g, volume, 1, p->g}
                               : (folding){p->g, ci_g, co_g * taps, 1, p->g};
    return q;
}

/* The folded result less what the bias adds to it. */
static double folded_bias(const dc_truth *t, const folding *out,
                          const double *r, int64_t outer)
{
    const int64_t group = outer % out->g;
    double sum = 0;

    for (int64_t c = 0; c < out->fold; c++)
        sum += r[group * out->fold + c] * dc_format_get(t->c.p.dtype,
                                                        t->tensors[DC_B],
                                                        group * out->fold + c);
    return sum;
}

/* Every element of the reduced result, by the plain gather, against the
 * folded quick values. */
static dc_status compare_folded(const dc_quick_values *q, const dc_truth *t,
                                dc_op op, const folding *out, const double *r,
                                const double *v, const double *s,
                                dc_plain_gather *gather, dc_error *e)
{
    const double slack = 2 * q->g + (double)(2 * out->fold + 8) * 0x1p-53;

    for (int64_t i = 0; i < out->outer * out->inner; i++) {
        double got = v[i];
        dc_plain want;

        if (op == DC_FORWARD && t->c.p.has_bias)
            got -= folded_bias(t, out, r, i / out->inner);
        dc_plain_element(gather, op, i, &want);
        if (!(fabs(got - (want.hi + want.lo)) <=
              slack * s[i] + want.error + 8 * (double)out->fold * q->tiny))
            return dc_error_set(e, DC_FAILED, NULL, -1,
                                "the quick rung fails the channel checksum at "
                                "%lld of %s",
                                (long long)i, dc_tensor_names[dc_ops[op].out]);
    }
    return DC_OK;
}

static dc_status check_sum(const dc_quick_values *q, const dc_truth *t,
                           dc_op op, dc_error *e)
{
    dc_random random = dc_random_open(t->c.seed, 78);
    folding in;
    folding out;
    dc_tensor folded;
    const dc_problem p = reduce(&t->c.p, op, &folded, &in, &out);
    double *tensors[DC_TENSORS] = {NULL};
    double *whole = decode(t, folded, PLAIN);
    double *r = calloc((size_t)(out.g * out.fold) + 1, sizeof *r);
    double *v = NULL;
    double *s = NULL;
    dc_plain_gather *gather = NULL;
    dc_status status = whole && r ? DC_OK : DC_NOMEM;

    for (int64_t k = 0; k < out.g * out.fold && status == DC_OK; k++) {
        r[k] = (double)dc_random_range(&random, 1, 3);
        if (dc_random_chance(&random, 2))
            r[k] = -r[k];
    }
    for (int k = DC_X; k <= DC_GY && status == DC_OK; k++)
        if (dc_op_takes(&p, op, (dc_tensor)k)) {
            tensors[k] = (dc_tensor)k == folded
                             ? fold(&in, whole, r, 0)
                             : decode(t, (dc_tensor)k, PLAIN);
            status = tensors[k] ? DC_OK : DC_NOMEM;
        }
    if (status == DC_OK) {
        v = fold(&out, q->v, r, 0);
        s = fold(&out, q->s, r, 1);
        status = v && s
                     ? dc_plain_open(&gather, &p, (const void *const *)tensors)
                     : DC_NOMEM;
    }
    if (status == DC_OK)
        status = compare_folded(q, t, op, &out, r, v, s, gather, e);
    dc_plain_close(gather);
    for (int k = DC_X; k <= DC_GY; k++)
        free(tensors[k]);
    free(whole);
    free(r);
    free(v);
    free(s);
    return status;
}

/* ==== Together ========================================================== */

/* The two inputs whose elements meet in op's products. */
static int zero_meets(const dc_truth *t, dc_op op)
{
    for (int k = DC_X; k <= DC_GY; k++)
        if (k != DC_B && dc_op_takes(&t->c.p, op, (dc_tensor)k) &&
            has_zero(t, (dc_tensor)k))
            return 1;
    return 0;
}

/* No products at all: the sample has seen what there is. */
static int empty(const dc_problem *p)
{
    return dc_problem_count(p, DC_X) == 0 || dc_problem_count(p, DC_W) == 0 ||
           dc_problem_count(p, DC_Y) == 0;
}

dc_status dc_guardrail_values(dc_quick_values *q, dc_truth *t, dc_op op,
                              const dc_impl *quick, dc_error *e)
{
    const double c = most_terms(&t->c.p, op);
    dc_status status;

    memset(q, 0, sizeof *q);
    q->g = 1.01 * c * 0x1p-53;
    q->tiny = 4 * c * 0x1p-1074;
    status = run(t, op, quick, PLAIN, &q->v);
    if (status == DC_OK)
        status = run(t, op, quick, MAGNITUDE, &q->s);
    if (status == DC_OK && zero_meets(t, op))
        status = run(t, op, quick, INDICATOR, &q->m);
    if (status == DC_UNSUPPORTED || status == DC_INVALID) {
        dc_guardrail_free(q);
        return DC_OK;
    }
    if (status == DC_OK && t->count[op] > 0)
        status = check_sample(q, t, op, e);
    if (status == DC_OK && op != DC_GRAD_BIAS && !empty(&t->c.p))
        status = check_sum(q, t, op, e);
    if (status == DC_NOMEM)
        dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory");
    else if (status != DC_OK && status != DC_FAILED)
        status =
            dc_error_set(e, DC_FAILED, NULL, -1, "the quick rung answered %s",
                         dc_status_name(status));
    if (status != DC_OK)
        dc_guardrail_free(q);
    return status;
}

void dc_guardrail_free(dc_quick_values *q)
{
    free(q->v);
    free(q->s);
    free(q->m);
    q->v = q->s = q->m = NULL;
}
