/* SPDX-License-Identifier: MIT
 *
 * The rungs of a golden value.  Notation of ladder.c: t the exact value, S
 * the sum of the terms' magnitudes, v and s their values in binary64.
 *
 *   integer        Every factor is an integer.  If s < 2^52 then S < 2^53 and
 *                  v = t: every product and partial sum of v is an integer
 *                  that binary64 holds.
 *   binary64       v within its radius (quick.h), and
 *   double-double  hi + lo with |hi + lo - t| <= radius (dot2.h): settled if
 *                  the whole interval rounds to one value.
 *   mpfr           the remaining elements.
 */
#include "oracle/truth/golden.h"

#include <math.h>

#include "fast/fast.h"
#include "ref/exact.h"
#include "ref/dot2.h"
#include "oracle/truth/quick.h"

const char *const dc_golden_rungs[DC_GOLDEN_RUNGS + 1] = {
    "integer", "binary64", "double-double", "mpfr", NULL};

/* With fewer terms, guarding quick values takes longer than double-double. */
static const double QUICK_FROM = 2e6;

/* Elements of each tensor that MPFR confirms. */
enum { SAMPLES = 16 };

bool dc_golden_settles(int dtype, double hi, double lo, double radius,
                       double *value)
{
    /* TwoSum (Knuth): z + r = hi + lo exactly, z the nearest to it */
    const double z = hi + lo;
    const double part = z - hi;
    const double r = (hi - (z - part)) + (lo - part);
    /* covers the rounding of r - radius and of r + radius */
    const double wide = radius * (1 + 0x1p-50) + fabs(r) * 0x1p-50;
    double below;
    double above;

    if (!isfinite(z) || !isfinite(r) || !isfinite(wide))
        return false;
    below = z + (r - wide);
    above = z + (r + wide);
    if (dtype != DC_F64) {
        /* The sums were rounded, so take one step outward.  From there,
         * rounding twice gives the same as rounding once. */
        below = dc_format_round(dtype, nextafter(below, -INFINITY));
        above = dc_format_round(dtype, nextafter(above, INFINITY));
    }
    *value = above;
    return below == above && signbit(below) == signbit(above) &&
           isfinite(below);
}

/* The computation of one result. */
typedef struct {
    dc_truth *t;
    dc_op op;
    bool integers; /* every factor is an integer */
    bool biased;   /* the bias counts as a term, even if it is zero */
    dc_quick_values quick;
    dc_dot2 *dot2;
} work;

static bool all_integers(const dc_truth *t, dc_op op)
{
    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&t->c.p, (dc_tensor)k);

        if (!dc_op_takes(&t->c.p, op, (dc_tensor)k))
            continue;
        for (int64_t i = 0; i < count; i++) {
            const double v = dc_format_get(t->c.p.dtype, t->tensors[k], i);

            if (!isfinite(v) || v != rint(v))
                return false;
        }
    }
    return true;
}

/* The terms of the whole result, approximately. */
static double count_terms(const dc_problem *problem, dc_op op)
{
    const dc_problem p = dc_problem_lift(problem);
    double m = (double)p.n * (double)p.co;

    for (int a = 0; a < 3; a++)
        m *= op == DC_GRAD_BIAS ? (double)p.o[a]
                                : (double)p.i[a] * (double)p.k[a];
    return op == DC_GRAD_BIAS ? m : m * (double)p.ci / (double)p.g;
}

/* Stores the exact value of element i, rounded, as element `at` of `to`. */
static void store_exact(const work *w, int64_t i, void *to, int64_t at)
{
    dc_ref_element(w->t->ref, w->op, i, false, &w->t->element);
    if (mpfr_zero_p(w->t->element.t))
        dc_format_set(w->t->c.p.dtype, to, at, 0);
    else
        dc_exact_store(w->t->c.p.dtype, to, at, w->t->element.t);
}

/* Writes element i and returns the rung that settled it. */
static dc_golden_rung make(const work *w, int64_t i, void *result)
{
    const int dtype = w->t->c.p.dtype;
    double value;

    if (w->quick.v) {
        const double v = w->quick.v[i];
        const double s = w->quick.s[i];

        if (w->integers && s < 0x1p52) { /* s itself is rounded */
            dc_format_set(dtype, result, i, v == 0 ? 0 : v);
            return DC_GOLDEN_INTEGER;
        }
        if (dc_golden_settles(dtype, v, 0, dc_quick_radius(&w->quick, i),
                              &value)) {
            dc_format_set(dtype, result, i, value);
            return DC_GOLDEN_BINARY64;
        }
    }
    dc_dot2_value e;
    dc_dot2_element(w->dot2, w->op, i, &e);
    if (w->integers && e.s < 0x1p53) { /* so that lo is 0 */
        dc_format_set(dtype, result, i, e.hi == 0 ? 0 : e.hi);
        return DC_GOLDEN_INTEGER;
    }
    value = 0; /* if every product is zero */
    if ((e.s == 0 && e.m == w->biased) ||
        dc_golden_settles(dtype, e.hi, e.lo, e.error, &value)) {
        dc_format_set(dtype, result, i, value);
        return DC_GOLDEN_DOT2;
    }
    store_exact(w, i, result, i);
    return DC_GOLDEN_MPFR;
}

/* Compares a sample of elements, spread over the tensor and including both its
 * ends, with MPFR. */
static dc_status confirm(const work *w, const void *result, dc_error *e)
{
    const int64_t count = w->t->count[w->op];
    const int dtype = w->t->c.p.dtype;

    for (int k = 0; k < SAMPLES && k < count; k++) {
        const int64_t i =
            count <= SAMPLES ? k : (count - 1) * k / (SAMPLES - 1);
        double exact;

        store_exact(w, i, &exact, 0);
        if (dc_format_bits(dtype, &exact, 0) !=
            dc_format_bits(dtype, result, i))
            return dc_failed(e,
                             "harness fault: MPFR does not confirm element "
                             "%lld of %s",
                             (long long)i, dc_tensor_names[dc_ops[w->op].out]);
    }
    return DC_OK;
}

dc_status dc_golden_make(dc_truth *t, dc_op op, void *result,
                         int64_t settled[DC_GOLDEN_RUNGS], dc_error *e)
{
    work w = {.t = t,
              .op = op,
              .integers = all_integers(t, op),
              .biased = op == DC_FORWARD && t->c.p.has_bias};
    dc_status status = DC_OK;

    if (t->c.p.dtype != DC_F64 && count_terms(&t->c.p, op) >= QUICK_FROM)
        status = dc_quick_compute(&w.quick, t, op, dc_fast_impl(), e);
    if (status == DC_OK && dc_dot2_open(&w.dot2, &t->c.p, t->tensors) != DC_OK)
        status = dc_nomem(e);
    for (int64_t i = 0; i < t->count[op] && status == DC_OK; i++)
        settled[make(&w, i, result)]++;
    if (status == DC_OK)
        status = confirm(&w, result, e);
    dc_dot2_close(w.dot2);
    dc_quick_free(&w.quick);
    return status;
}

/* The kinds of values that are accepted: NaN, either infinity, finite. */
static int count_kinds(int dtype, const dc_interval *i)
{
    const double max = dc_formats[dtype].max;

    return dc_bound_accepts(i, (double)NAN) + dc_bound_accepts(i, INFINITY) +
           dc_bound_accepts(i, -INFINITY) +
           (i->lo <= i->hi && i->lo <= max && i->hi >= -max);
}

dc_status dc_golden_special(dc_truth *t, dc_op op, void *result,
                            int64_t settled[DC_GOLDEN_RUNGS], int64_t *open,
                            int64_t *n_open, dc_error *e)
{
    static const dc_arithmetic usual = {.accumulate = -1};
    const int dtype = t->c.p.dtype;

    *n_open = 0;
    for (int64_t i = 0; i < t->count[op]; i++) {
        dc_interval in;
        const dc_status status = dc_truth_interval(t, op, i, &usual, &in, e);

        if (status != DC_OK)
            return status;
        /* an exact zero is +0; a value that rounds to zero keeps its sign */
        dc_format_set(dtype, result, i,
                      in.want == 0 && mpfr_zero_p(t->element.t) ? 0 : in.want);
        if (count_kinds(dtype, &in) > 1)
            open[(*n_open)++] = i;
        settled[DC_GOLDEN_MPFR]++;
    }
    return DC_OK;
}
