/* SPDX-License-Identifier: MIT
 *
 * Quick values and their guards.
 *
 * S is wanted for bounds only, so it comes from binary32 where the sums are
 * short: half the work.
 */
#include "oracle/truth/quick.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/random.h"
#include "ref/gather.h"
#include "ref/call.h"
#include "oracle/truth/checksum.h"

/* Products of the operation for each MPFR product of the sample: MPFR takes
 * forty thousand times as long, so the sample costs half of `fast`. */
static const double SAMPLE_SHARE = 80000;

enum { SAMPLES_LEAST = 6, SAMPLES_MOST = 400 };

/* Binary32 tells S to 1/200 up to 2^16 terms; but the checksum's slack is that
 * of all folded channels and may fall to one of them: so short sums only. */
static const double SHORT = 0x1p16;
static const double SHARP = 0x1p-3;

/* ==== Values ============================================================ */

/* The tensors that op takes, in binary64, into room that may be there. */
static dc_status decode(const dc_truth *t, dc_op op, double *in[DC_TENSORS])
{
    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&t->c.p, (dc_tensor)k);

        if (!dc_op_takes(&t->c.p, op, (dc_tensor)k))
            continue;
        if (!in[k])
            in[k] = malloc(((size_t)count + 1) * sizeof *in[k]);
        if (!in[k])
            return DC_NOMEM;
        dc_format_decode(t->c.p.dtype, t->tensors[k], count, in[k]);
    }
    return DC_OK;
}

/* In place: magnitudes in binary32 or binary64. */
static void to_magnitudes(const dc_truth *t, int dtype, double *in[DC_TENSORS])
{
    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&t->c.p, (dc_tensor)k);
        char *const narrow = (char *)in[k];

        for (int64_t i = 0; in[k] && i < count; i++) {
            const double v = fabs(in[k][i]);
            const float f = (float)v;

            if (dtype == DC_F32)
                memcpy(narrow + (size_t)i * sizeof f, &f, sizeof f);
            else
                in[k][i] = v;
        }
    }
}

/* In place: 1 for what is not zero, and for every bias. */
static void to_indicators(const dc_truth *t, double *in[DC_TENSORS])
{
    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&t->c.p, (dc_tensor)k);

        for (int64_t i = 0; in[k] && i < count; i++)
            in[k][i] = k == DC_B || in[k][i] != 0;
    }
}

/* *out = op of the tensors, computed in dtype. */
static dc_status run(const dc_truth *t, dc_op op, const dc_impl *quick,
                     double *const in[DC_TENSORS], int dtype, double **out)
{
    const int64_t count = t->count[op];
    const void *const tensors[DC_TENSORS] = {[DC_X] = in[DC_X],
                                             [DC_W] = in[DC_W],
                                             [DC_B] = in[DC_B],
                                             [DC_GY] = in[DC_GY]};
    dc_problem p = t->c.p;
    void *result = malloc(((size_t)count + 1) * sizeof **out);
    dc_status status;

    p.dtype = dtype;
    *out = result;
    status =
        result ? dc_call_tensors(quick, &p, op, tensors, result) : DC_NOMEM;
    if (status == DC_OK && dtype != DC_F64) {
        *out = malloc(((size_t)count + 1) * sizeof **out);
        if (*out)
            dc_format_decode(dtype, result, count, *out);
        else
            status = DC_NOMEM;
        free(result);
    }
    return status;
}

/* Is a factor of the products zero? */
static int zero_meets(const dc_truth *t, double *const in[DC_TENSORS])
{
    int zero = 0;

    for (int k = DC_X; k <= DC_GY && !zero; k++) {
        const int64_t count = dc_problem_count(&t->c.p, (dc_tensor)k);

        for (int64_t i = 0; k != DC_B && in[k] && i < count && !zero; i++)
            zero = in[k][i] == 0;
    }
    return zero;
}

/* All that q needs of the quick implementation. */
static dc_status run_all(dc_quick_values *q, const dc_truth *t, dc_op op,
                         const dc_impl *quick, int s_dtype)
{
    double *in[DC_TENSORS] = {NULL};
    dc_status status = decode(t, op, in);

    if (status == DC_OK)
        status = run(t, op, quick, in, DC_F64, &q->v);
    if (status == DC_OK && zero_meets(t, in)) {
        to_indicators(t, in);
        status = run(t, op, quick, in, DC_F64, &q->m);
        if (status == DC_OK)
            status = decode(t, op, in);
    }
    if (status == DC_OK) {
        to_magnitudes(t, s_dtype, in);
        status = run(t, op, quick, in, s_dtype, &q->s);
    }
    for (int k = DC_X; k <= DC_GY; k++)
        free(in[k]);
    return status;
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
    good = mpfr_cmp_d(d, dc_quick_radius(q, index)) <= 0;
    mpfr_sub_d(d, t->element.s, q->s[index], MPFR_RNDA);
    mpfr_abs(d, d, MPFR_RNDU);
    good &= mpfr_cmp_d(d, 2 * q->s_g * q->s[index] + q->s_tiny) <= 0;
    if (q->m) /* counts are small integers: exact */
        good &= q->m[index] == (double)(t->element.nonzero + t->element.has_c);
    mpfr_clear(d);
    return good;
}

/* budget: products that the sample may cost. */
static dc_status check_sample(const dc_quick_values *q, dc_truth *t, dc_op op,
                              double budget, dc_error *e)
{
    dc_random r = dc_random_open(t->c.seed, 77);
    double spent = 0;

    for (int k = 0; k < SAMPLES_MOST && (k < SAMPLES_LEAST || spent < budget);
         k++) {
        const int64_t index = awkward_index(&r, &t->c.p, op);

        if (!holds(q, t, op, index))
            return dc_error_set(e, DC_FAILED, NULL, -1,
                                "the quick rung is wrong at element %lld of %s",
                                (long long)index,
                                dc_tensor_names[dc_ops[op].out]);
        spent += (double)t->element.n + 1;
    }
    return DC_OK;
}

/* ==== Together ========================================================== */

/* No products at all: the sample has seen what there is. */
static int empty(const dc_problem *p)
{
    return dc_problem_count(p, DC_X) == 0 || dc_problem_count(p, DC_W) == 0 ||
           dc_problem_count(p, DC_Y) == 0;
}

dc_status dc_quick_compute(dc_quick_values *q, dc_truth *t, dc_op op,
                           const dc_impl *quick, dc_error *e)
{
    const dc_problem lifted = dc_problem_lift(&t->c.p);
    const double c = (double)dc_gather_terms_max(&lifted, op) + 1;
    const double narrow = 1.01 * c * 0x1p-24;
    /* f64 factors do not fit binary32 */
    const int short_s =
        c < SHORT && t->c.p.dtype != DC_F64 &&
        narrow * (double)dc_checksum_channels(&t->c.p, op) < SHARP;
    dc_status status;

    memset(q, 0, sizeof *q);
    q->g = 1.01 * c * 0x1p-53;
    q->tiny = 4 * c * 0x1p-1074;
    q->s_g = short_s ? narrow : q->g;
    q->s_tiny = short_s ? 4 * c * 0x1p-149 : q->tiny;
    status = run_all(q, t, op, quick, short_s ? DC_F32 : DC_F64);
    if (status == DC_UNSUPPORTED || status == DC_INVALID) {
        dc_quick_free(q);
        return DC_OK;
    }
    if (status == DC_OK && t->count[op] > 0)
        status =
            check_sample(q, t, op, c * (double)t->count[op] / SAMPLE_SHARE, e);
    if (status == DC_OK && op != DC_GRAD_BIAS && !empty(&t->c.p))
        status = dc_checksum(q, t, op, e);
    if (status == DC_NOMEM)
        dc_nomem(e);
    else if (status != DC_OK && status != DC_FAILED)
        status =
            dc_error_set(e, DC_FAILED, NULL, -1, "the quick rung answered %s",
                         dc_status_name(status));
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
