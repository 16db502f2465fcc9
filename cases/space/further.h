/* SPDX-License-Identifier: MIT
 *
 * Further cases and illegal problems inside a scope, in place of those of a
 * tier that are outside.  No two have the same problem and data family.
 */
#ifndef DC_FURTHER_H
#define DC_FURTHER_H

#include "cases/space/sweep.h"

typedef struct {
    const dc_sweep *sweep;
    const dc_scope *scope;
    int64_t budget; /* of one case: multiplications, or elements of a tensor */
    int64_t index;  /* of the next random case */
    int64_t broken; /* illegal problems drawn or tried */
    uint64_t *seen; /* hashes of all cases so far; 0: a free place */
    uint64_t places;
} dc_further;

/* For at most `most` cases; sweep and scope stay the caller's.  DC_INVALID if
 * the scope is empty, DC_NOMEM. */
dc_status dc_further_open(dc_further *f, const dc_sweep *sweep,
                          const dc_scope *scope, int64_t most, dc_error *e);
void dc_further_close(dc_further *f);

/* Notes a case or an illegal problem; false if one with its problem and family
 * is known. */
bool dc_further_add(dc_further *f, const dc_item *item);

/* Changes a case, or the legal problem that an illegal one is made of, so that
 * the item is inside, and notes it; false if the result is known, costs too
 * much or does not exist. */
bool dc_further_fit(dc_further *f, dc_item *item);

/* Draws a random case for item->c, and notes it; false if many draws in a row
 * give none that is new. */
bool dc_further_draw(dc_further *f, dc_item *item);

/* Draws an illegal problem that breaks one of the rules of rows[count], which
 * take turns, and notes it; false if many draws in a row give none that is
 * new. */
bool dc_further_break(dc_further *f, const dc_item *rows, int64_t count,
                      dc_item *item);

#endif
