/* SPDX-License-Identifier: MIT
 *
 * Further cases inside a scope, in place of those of a tier that are outside.
 * No two have the same problem and data family.
 */
#ifndef DC_FURTHER_H
#define DC_FURTHER_H

#include "cases/space/sweep.h"

typedef struct {
    const dc_sweep *sweep;
    const dc_scope *scope;
    int64_t budget; /* of one case: multiplications, or elements of a tensor */
    int64_t index;  /* of the next random case */
    uint64_t *seen; /* hashes of all cases so far; 0: a free place */
    uint64_t places;
} dc_further;

/* For at most `most` cases; sweep and scope stay the caller's.  DC_INVALID if
 * the scope is empty, DC_NOMEM. */
dc_status dc_further_open(dc_further *f, const dc_sweep *sweep,
                          const dc_scope *scope, int64_t most, dc_error *e);
void dc_further_close(dc_further *f);

/* Notes a case; false if one with its problem and family is known. */
bool dc_further_add(dc_further *f, const dc_case *c);

/* Changes a case so that it is inside, and notes it; false if the result is
 * known, costs too much or does not exist. */
bool dc_further_fit(dc_further *f, dc_case *c);

/* Draws a random case, and notes it; false if many draws in a row give none
 * that is new. */
bool dc_further_draw(dc_further *f, dc_case *c);

#endif
