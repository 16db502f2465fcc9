/* SPDX-License-Identifier: MIT
 *
 * A covering array over the factors of cases/space/factors.h: few cases that
 * together contain every possible pair, or triple, of levels.
 */
#ifndef DC_COVER_H
#define DC_COVER_H

#include "cases/space/factors.h"

typedef struct {
    int strength; /* 2 or 3 */
    uint64_t seed;
    int dtypes[4]; /* the levels of the factor dtype */
    int n_dtypes;
    int64_t budget; /* of multiplications of a forward, kept if possible */
} dc_cover_plan;

typedef struct dc_cover dc_cover;

/* Builds the array row by row: a row starts from a combination that no row
 * covers yet, and every other factor takes the level that covers most (Cohen,
 * Dalal, Fredman, Patton: The AETG system, 1997).  The possible combinations
 * are found by enumerating axes, so that every row has a case.  The same plan
 * gives the same rows on every machine.  DC_NOMEM. */
dc_status dc_cover_open(dc_cover **cover, const dc_cover_plan *plan);
void dc_cover_close(dc_cover *cover);

/* Number of rows. */
int64_t dc_cover_count(const dc_cover *cover);

/* The levels of row `index` (-1: the first axis of rank 1). */
dc_levels dc_cover_row(const dc_cover *cover, int64_t index);

/* The complete case of row `index`, drawn from its levels. */
dc_status dc_cover_case(const dc_cover *cover, int64_t index, dc_case *c);

#endif
