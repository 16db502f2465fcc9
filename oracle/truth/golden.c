/* SPDX-License-Identifier: MIT
 *
 * The rungs of a golden value.  Notation of ladder.c: t the exact value, S
 * the sum of the terms' magnitudes, v and s their values in binary64.
 *
 *   integer   Every factor is an integer.  If s < 2^52 then S < 2^53 and
 *             v = t: every product and partial sum of v is an integer that
 *             binary64 holds.
 *   binary64  v within its radius (quick.h) and
 *   plain     hi + lo with |hi + lo - t| <= radius (dot2.h): settled where
 *             the whole interval rounds to one value.
 *   MPFR      the rest.
 */
#include "oracle/truth/golden.h"

#include <math.h>
#include <string.h>

#include "fast/fast.h"
#include "ref/exact.h"
#include "ref/dot2.h"
#include "oracle/truth/quick.h"

const char *const dc_golden_rungs[DC_GOLDEN_RUNGS + 1] = {
    "integer", "binary64", "double-double", "mpfr", NULL};

/* Below so many terms the plain gather is as quick as guarding. */
static const double QUICK_FROM = 2e6;

/* Elements of a tensor that MPFR confirms when no other guard does. */
enum { SAMPLES = 16 };

int dc_golden_settles(int dtype, double hi, double lo, double radius,
                      double *value)
{
    /* TwoSum (Knuth): z + r = hi + lo exactly, z the nearest to it */
    const double z = hi + lo;
    const double part = z - hi;
    const double r = (hi - (z - part)) + (lo - part);
    /* r - radius and r + radius are each rounded once; this covers it */
    const double wide = radius * (1 + 0x1p-50) + fabs(r) * 0x1p-50;
    double below;
    double above;

    if (!isfinite(z) || !isfinite(r) || !isfinite(wide))
        return 0;
    below = z + (r - wide);
    above = z + (r + wide);
    if (dtype != DC_F64) {
        /* the sums were rounded: one step outward holds the interval, and
         * rounding once more from there is rounding once */
        below = dc_format_round(dtype, nextafter(below, -INFINITY));
        above = dc_format_round(dtype, nextafter(above, INFINITY));
    }
    *value = above;
    return below == above && signbit(below) == signbit(above) &&
           isfinite(below);
}

/* One result at work. */
typedef struct {
    dc_truth *t;
    dc_op op;
    int integers; /* every factor is one */
    int biased;   /* the bias counts as a term, zero or not */
    dc_quick_values quick;
    dc_dot2 *plain;
} work;

static int all_integers(const dc_truth *t, dc_op op)
{
    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&t->c.p, (dc_tensor)k);

        if (!dc_op_takes(&t->c.p, op, (dc_tensor)k))
            continue;
        for (int64_t i = 0; i < count; i++) {
            const double v = dc_format_get(t->c.p.dtype, t->tensors[k], i);

            if (!isfinite(v) || v != rint(v))
                return 0;
        }
    }
    return 1;
}

/* Terms of the whole result, roughly: which gather pays? */
static double terms(const dc_problem *problem, dc_op op)
{
    const dc_problem p = dc_problem_lift(problem);
    double m = (double)p.n * (double)p.co;

    for (int a = 0; a < 3; a++)
        m *= op == DC_GRAD_BIAS ? (double)p.o[a]
                                : (double)p.i[a] * (double)p.k[a];
    return op == DC_GRAD_BIAS ? m : m * (double)p.ci / (double)p.g;
}

/* The exact value of element i, rounded, as element `at` of room. */
static void put_exact(const work *w, int64_t i, void *room, int64_t at)
{
    dc_ref_element(w->t->ref, w->op, i, 0, &w->t->element);
    if (mpfr_zero_p(w->t->element.t))
        dc_format_set(w->t->c.p.dtype, room, at, 0);
    else
        dc_exact_store(w->t->c.p.dtype, room, at, w->t->element.t);
}

/* Writes element i and says what settled it. */
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
    dc_dot2_element(w->plain, w->op, i, &e);
    if (w->integers && e.s < 0x1p53) { /* then lo is 0 */
        dc_format_set(dtype, result, i, e.hi == 0 ? 0 : e.hi);
        return DC_GOLDEN_INTEGER;
    }
    if (e.s == 0 && e.m == w->biased) { /* no product has two factors */
        dc_format_set(dtype, result, i, 0);
        return DC_GOLDEN_PLAIN;
    }
    if (dc_golden_settles(dtype, e.hi, e.lo, e.error, &value)) {
        dc_format_set(dtype, result, i, value);
        return DC_GOLDEN_PLAIN;
    }
    put_exact(w, i, result, i);
    return DC_GOLDEN_MPFR;
}

/* MPFR confirms a sample, spread over the tensor with both its ends. */
static dc_status confirm(const work *w, const void *result, dc_error *e)
{
    const int64_t count = w->t->count[w->op];
    const int dtype = w->t->c.p.dtype;

    for (int k = 0; k < SAMPLES && k < count; k++) {
        const int64_t i =
            count <= SAMPLES ? k : (count - 1) * k / (SAMPLES - 1);
        double room;

        put_exact(w, i, &room, 0);
        if (dc_format_bits(dtype, &room, 0) != dc_format_bits(dtype, result, i))
            return dc_error_set(e, DC_FAILED, NULL, -1,
                                "harness fault: MPFR does not confirm element "
                                "%lld of %s",
                                (long long)i,
                                dc_tensor_names[dc_ops[w->op].out]);
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

    if (t->c.p.dtype != DC_F64 && terms(&t->c.p, op) >= QUICK_FROM)
        status = dc_quick_compute(&w.quick, t, op, dc_fast_impl(), e);
    if (status == DC_OK &&
        dc_dot2_open(&w.plain, &t->c.p, t->tensors) != DC_OK)
        status = dc_nomem(e);
    for (int64_t i = 0; i < t->count[op] && status == DC_OK; i++)
        settled[make(&w, i, result)]++;
    if (status == DC_OK)
        status = confirm(&w, result, e);
    dc_dot2_close(w.plain);
    dc_quick_free(&w.quick);
    return status;
}
