/* SPDX-License-Identifier: MIT
 *
 * May the quick implementation's binary64 values be believed?  Only under two
 * guards: a budgeted sample of elements in MPFR, stratified over corners,
 * phases and channel tails, and a random channel checksum at every position.
 */
#ifndef DC_QUICK_H
#define DC_QUICK_H

#include "oracle/truth/truth.h"

/* Values of a whole result from the quick implementation. */
typedef struct {
    double *v;     /* the result, in binary64: |v - t| <= g S + tiny */
    double *s;     /* of magnitudes, binary32 where sums are short:
                    * |s - S| <= s_g S + s_tiny */
    double *m;     /* its non-zero products and bias; NULL: no factor is zero,
                    * so that the geometry tells */
    double g;      /* 1.01 c 2^-53 for c terms at most */
    double tiny;   /* underflow */
    double s_g;    /* below 1/200 */
    double s_tiny; /* underflow of S */
} dc_quick_values;

/* |v[i] - t| at most. */
static inline double dc_quick_radius(const dc_quick_values *q, int64_t i)
{
    return 2 * q->g * (q->s[i] + q->s_tiny) + q->tiny;
}

/* Computes and guards them.  v is NULL afterwards (and the answer DC_OK) when
 * quick does not offer the problem in f64.  DC_FAILED: a guard found a wrong
 * value, which is a harness fault. */
dc_status dc_quick_compute(dc_quick_values *q, dc_truth *t, dc_op op,
                           const dc_impl *quick, dc_error *e);

void dc_quick_free(dc_quick_values *q);

#endif
