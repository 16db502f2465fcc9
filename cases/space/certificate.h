/* SPDX-License-Identifier: MIT
 *
 * Which combinations of levels does a sweep really ask, and why not the
 * others?  Measured on the cases of the sweep by classifying their numbers;
 * how they were chosen does not enter.
 */
#ifndef DC_CERTIFICATE_H
#define DC_CERTIFICATE_H

#include <stdio.h>

#include "cases/space/sweep.h"

/* Counts of one strength, over levels that the sweep can ask (its storage
 * types, the families that are there). */
typedef struct {
    int64_t valid;   /* combinations that no rule refutes */
    int64_t covered; /* of these, held by a case */
    int64_t invalid; /* refuted, by a rule that is told */
    int64_t wrong;   /* refuted, yet held by a case: a rule is wrong */
} dc_coverage;

/* Measures pairs (pairs[0]) and triples (pairs[1]) of a sweep, opened or not;
 * out (or NULL) receives the report: figures, holes, and the invalid pairs
 * each with its rules.  DC_NOMEM. */
dc_status dc_certificate(const dc_sweep *sweep, FILE *out,
                         dc_coverage pairs[2]);

#endif
