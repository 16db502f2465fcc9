/* SPDX-License-Identifier: MIT
 *
 * Quick values under guard: may binary64 values of a fast implementation serve
 * as the truth?  Only after two guards: a sample of elements in MPFR,
 * stratified over corners, phases and channel tails, and a random channel
 * checksum at every position.
 */
#ifndef DC_QUICK_H
#define DC_QUICK_H

#include "oracle/truth/truth.h"

/* A whole result.  t is the exact value, S the sum of the terms' magnitudes. */
typedef struct {
    double *v;    /* |v - t| <= rel S + abs */
    double *s;    /* |s - S| <= s_rel S + s_abs; binary32 for short sums */
    double *m;    /* non-zero products and the bias; NULL: no factor is zero,
                   * so that the geometry gives the count */
    double rel;   /* 1.01 c 2^-53 for at most c terms */
    double abs;   /* underflow */
    double s_rel; /* below 1/200 */
    double s_abs; /* underflow of S */
} dc_quick_values;

/* An upper bound of |v[i] - t|. */
static inline double dc_quick_radius(const dc_quick_values *q, int64_t i)
{
    return 2 * q->rel * (q->s[i] + q->s_abs) + q->abs;
}

/* Computes op's result by `quick` in f64 and guards it.  If quick does not
 * offer that, returns DC_OK with v NULL.  DC_FAILED, a harness fault: a guard
 * found a wrong value.  DC_NOMEM. */
dc_status dc_quick_compute(dc_quick_values *q, dc_truth *t, dc_op op,
                           const dc_impl *quick, dc_error *e);

void dc_quick_free(dc_quick_values *q);

/* The second guard: folds q->v and q->s over the channels of op's result with
 * small random weights, and compares them with the operation on folded inputs.
 * Not for grad_bias, nor for problems with an empty tensor.  DC_FAILED: at some
 * position they differ by more than the proven errors of both sides.
 * DC_NOMEM. */
dc_status dc_quick_checksum(const dc_quick_values *q, const dc_truth *t,
                            dc_op op, dc_error *e);

/* The number of channels of each group of op's result that are folded. */
int64_t dc_quick_channels(const dc_problem *p, dc_op op);

#endif
