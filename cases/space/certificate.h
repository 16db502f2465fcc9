/* SPDX-License-Identifier: MIT
 *
 * Which combinations of levels do the cases of a sweep contain, and why not the
 * others?  The cases are classified by their numbers, independently of how they
 * were chosen.
 */
#ifndef DC_CERTIFICATE_H
#define DC_CERTIFICATE_H

#include <stdio.h>

#include "cases/space/sweep.h"

/* Numbers of combinations of the sweep's storage types with all other levels.
 */
typedef struct {
    int64_t valid;   /* not excluded by a rule */
    int64_t covered; /* valid, and a case has it */
    int64_t invalid; /* excluded by a rule */
    int64_t wrong;   /* excluded, yet a case has it: a rule is wrong */
} dc_coverage;

/* Measures the pairs (found[0]) and triples (found[1]) of levels of a sweep,
 * opened or not.  Unless out is NULL, prints the numbers, the holes, and the
 * invalid pairs with their rules.  DC_NOMEM. */
dc_status dc_certificate(const dc_sweep *sweep, FILE *out,
                         dc_coverage found[2]);

#endif
