/* SPDX-License-Identifier: MIT
 *
 * A covering array over the factors of cases/space/factors.h: few cases that
 * together hold every possible pair, or triple, of levels.
 */
#ifndef DC_COVER_H
#define DC_COVER_H

#include "cases/space/factors.h"

typedef struct {
    int strength; /* 2 or 3 */
    uint64_t seed;
    int dtypes[4]; /* levels of the factor dtype that are asked */
    int n_dtypes;
    int64_t budget; /* most multiplications of a forward, where possible */
} dc_cover_plan;

typedef struct dc_cover dc_cover;

/* Builds the array row by row: a combination that nothing covers yet is the
 * seed, every other factor takes the level that covers most (Cohen, Dalal,
 * Fredman, Patton: The AETG system, 1997).  What can be combined is found by
 * enumerating concrete axes, so that every row has a case.  The same plan
 * gives the same rows on every machine. */
dc_status dc_cover_open(dc_cover **cover, const dc_cover_plan *plan);
void dc_cover_close(dc_cover *cover);

/* Number of rows. */
int64_t dc_cover_count(const dc_cover *cover);

/* The levels that row `index` was built to have (-1: the first axis of rank
 * 1). */
dc_levels dc_cover_row(const dc_cover *cover, int64_t index);

/* The case of row `index`: numbers drawn from its levels, complete. */
dc_status dc_cover_case(const dc_cover *cover, int64_t index, dc_case *c);

#endif
