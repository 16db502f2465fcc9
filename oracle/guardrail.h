/* SPDX-License-Identifier: MIT
 *
 * May the quick implementation's binary64 values be believed?  Only under two
 * guards: a budgeted sample of elements in MPFR, stratified over corners,
 * phases and channel tails, and a random channel checksum at every position.
 */
#ifndef DC_GUARDRAIL_H
#define DC_GUARDRAIL_H

#include "truth.h"

/* Values of a whole result from the quick implementation, in binary64. */
typedef struct {
    double *v;   /* the result */
    double *s;   /* the result of magnitudes */
    double *m;   /* its non-zero products and bias; NULL: no factor is zero,
                  * so that the geometry tells */
    double g;    /* |v - t| <= g S + tiny, |s - S| <= g S + tiny */
    double tiny; /* underflow */
} dc_quick_values;

/* Computes and guards them.  v is NULL afterwards (and the answer DC_OK) when
 * quick does not offer the problem in f64.  DC_FAILED: a guard found a wrong
 * value, which is a harness fault. */
dc_status dc_guardrail_values(dc_quick_values *q, dc_truth *t, dc_op op,
                              const dc_impl *quick, dc_error *e);
void dc_guardrail_free(dc_quick_values *q);

#endif
