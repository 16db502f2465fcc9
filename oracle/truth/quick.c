/* SPDX-License-Identifier: MIT
 *
 * Quick values and their guards.
 *
 * S only serves for bounds, so for short sums it is computed in binary32, which
 * takes half the time.
 */
#include "oracle/truth/quick.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/random.h"
#include "ref/gather.h"
#include "ref/call.h"

/* Products of the operation per MPFR product of the sample.  MPFR takes forty
 * thousand times as long, so the sample costs half the time of `fast`. */
static const double SAMPLE_SHARE = 80000;

enum { SAMPLES_MIN = 6, SAMPLES_MAX = 400 };

/* Binary32 gives S to 1/200 for up to SHORT terms.  The checksum allows the
 * error of all folded channels, which may come from one of them: the relative
 * error times the channels must be below SHARP. */
static const double SHORT = 0x1p16;
static const double SHARP = 0x1p-3;

/* ==== Values ============================================================ */

/* What is computed from: the values, their magnitudes, or 1 for every bias and
 * for every factor that is not zero. */
typedef enum { VALUES, MAGNITUDES, INDICATORS } meaning;

static double mapped(meaning m, dc_tensor k, double v)
{
    return m == VALUES       ? v
           : m == MAGNITUDES ? fabs(v)
                             : (double)(k == DC_B || v != 0);
}

/* Tensor k of t, mapped, as an array of dtype (f64 or f32); the caller frees
 * it.  NULL if memory is short. */
static void *decode(const dc_truth *t, dc_tensor k, meaning m, int dtype)
{
    const int64_t count = dc_problem_count(&t->c.p, k);
    double *const v = dc_truth_doubles(t, t->tensors[k], count);
    char *const narrow = (char *)v;

    for (int64_t i = 0; v && i < count; i++) {
        const double to = mapped(m, k, v[i]);
        const float f = (float)to;

        if (dtype == DC_F32)
            memcpy(narrow + (size_t)i * sizeof f, &f, sizeof f);
        else
            v[i] = to;
    }
    return v;
}

/* *out = op's result for the mapped tensors, computed in dtype; the caller
 * frees it. */
static dc_status run(const dc_truth *t, dc_op op, const dc_impl *quick,
                     meaning m, int dtype, double **out)
{
    const int64_t count = t->count[op];
    void *in[DC_TENSORS] = {NULL};
    dc_problem p = t->c.p;
    void *result = malloc(((size_t)count + 1) * sizeof **out);
    dc_status status = result ? DC_OK : DC_NOMEM;

    p.dtype = dtype;
    *out = result;
    for (int k = DC_X; k <= DC_GY && status == DC_OK; k++)
        if (dc_op_takes(&p, op, (dc_tensor)k)) {
            in[k] = decode(t, (dc_tensor)k, m, dtype);
            status = in[k] ? DC_OK : DC_NOMEM;
        }
    if (status == DC_OK)
        status =
            dc_call_tensors(quick, &p, op, (const void *const *)in, result);
    if (status == DC_OK && dtype != DC_F64) {
        *out = malloc(((size_t)count + 1) * sizeof **out);
        if (*out)
            dc_format_decode(dtype, result, count, *out);
        else
            status = DC_NOMEM;
        free(result);
    }
    for (int k = DC_X; k <= DC_GY; k++)
        free(in[k]);
    return status;
}

static bool has_zero_factor(const dc_truth *t, dc_op op)
{
    for (int f = 0; f < dc_ops[op].takes; f++) {
        const dc_tensor k = dc_ops[op].in[f];
        const int64_t count = dc_problem_count(&t->c.p, k);

        for (int64_t i = 0; k != DC_B && i < count; i++)
            if (dc_format_get(t->c.p.dtype, t->tensors[k], i) == 0)
                return true;
    }
    return false;
}

/* Computes v, s and, if a factor is zero, m. */
static dc_status run_all(dc_quick_values *q, const dc_truth *t, dc_op op,
                         const dc_impl *quick, int s_dtype)
{
    dc_status status = run(t, op, quick, VALUES, DC_F64, &q->v);

    if (status == DC_OK && has_zero_factor(t, op))
        status = run(t, op, quick, INDICATORS, DC_F64, &q->m);
    if (status == DC_OK)
        status = run(t, op, quick, MAGNITUDES, s_dtype, &q->s);
    return status;
}

/* ==== The sample ======================================================== */

/* A position where errors are likely: ends, phases, tails. */
static int64_t likely_position(dc_random *r, int64_t extent)
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

static int64_t likely_index(dc_random *r, const dc_problem *p, dc_op op)
{
    int64_t shape[5];
    const int axes = dc_problem_shape(p, dc_ops[op].out, shape);
    int64_t index = 0;

    for (int a = 0; a < axes; a++)
        index = index * shape[a] + likely_position(r, shape[a]);
    return index;
}

/* Are v[index] and s[index] within their radii of t and S, and is m right? */
static bool holds(const dc_quick_values *q, dc_truth *t, dc_op op,
                  int64_t index)
{
    mpfr_t d;
    bool good;

    dc_ref_element(t->ref, op, index, true, &t->element);
    mpfr_init2(d, 256);
    mpfr_sub_d(d, t->element.t, q->v[index], MPFR_RNDA);
    mpfr_abs(d, d, MPFR_RNDU);
    good = mpfr_cmp_d(d, dc_quick_radius(q, index)) <= 0;
    mpfr_sub_d(d, t->element.s, q->s[index], MPFR_RNDA);
    mpfr_abs(d, d, MPFR_RNDU);
    good &= mpfr_cmp_d(d, 2 * q->s_rel * q->s[index] + q->s_abs) <= 0;
    if (q->m) /* small integers, hence exact */
        good &= q->m[index] == (double)(t->element.nonzero + t->element.has_c);
    mpfr_clear(d);
    return good;
}

/* budget: the products that the sample may compute. */
static dc_status check_sample(const dc_quick_values *q, dc_truth *t, dc_op op,
                              double budget, dc_error *e)
{
    dc_random r = dc_random_open(t->c.seed, 77);
    double spent = 0;

    for (int k = 0; k < SAMPLES_MAX && (k < SAMPLES_MIN || spent < budget);
         k++) {
        const int64_t index = likely_index(&r, &t->c.p, op);

        if (!holds(q, t, op, index))
            return dc_failed(e, "the quick rung is wrong at element %lld of %s",
                             (long long)index, dc_tensor_names[dc_ops[op].out]);
        spent += (double)t->element.n + 1;
    }
    return DC_OK;
}

/* ==== Together ========================================================== */

static bool is_empty(const dc_problem *p)
{
    return dc_problem_count(p, DC_X) == 0 || dc_problem_count(p, DC_W) == 0 ||
           dc_problem_count(p, DC_Y) == 0;
}

dc_status dc_quick_compute(dc_quick_values *q, dc_truth *t, dc_op op,
                           const dc_impl *quick, dc_error *e)
{
    const dc_problem lifted = dc_problem_lift(&t->c.p);
    const double c = (double)dc_gather_terms_max(&lifted, op) + 1;
    const double rel32 = 1.01 * c * 0x1p-24;
    /* f64 factors do not fit into binary32 */
    const bool short_s = c < SHORT && t->c.p.dtype != DC_F64 &&
                         rel32 * (double)dc_quick_channels(&t->c.p, op) < SHARP;
    dc_status status;

    memset(q, 0, sizeof *q);
    q->rel = 1.01 * c * 0x1p-53;
    q->abs = 4 * c * 0x1p-1074;
    q->s_rel = short_s ? rel32 : q->rel;
    q->s_abs = short_s ? 4 * c * 0x1p-149 : q->abs;
    status = run_all(q, t, op, quick, short_s ? DC_F32 : DC_F64);
    if (status == DC_UNSUPPORTED || status == DC_INVALID) {
        dc_quick_free(q);
        return DC_OK;
    }
    if (status == DC_OK && t->count[op] > 0)
        status =
            check_sample(q, t, op, c * (double)t->count[op] / SAMPLE_SHARE, e);
    if (status == DC_OK && op != DC_GRAD_BIAS && !is_empty(&t->c.p))
        status = dc_quick_checksum(q, t, op, e);
    if (status == DC_NOMEM)
        dc_nomem(e);
    else if (status != DC_OK && status != DC_FAILED)
        status =
            dc_failed(e, "the quick rung answered %s", dc_status_name(status));
    if (status != DC_OK)
        dc_quick_free(q);
    return status;
}

void dc_quick_free(dc_quick_values *q)
{
    free(q->v);
    free(q->s);
    free(q->m);
    q->v = q->s = q->m = NULL;
}
