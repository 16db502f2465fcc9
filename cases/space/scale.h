/* SPDX-License-Identifier: MIT
 *
 * Thresholds as a factor: each quantity just below, at and just above powers of
 * two, in each rank, with everything else as small as it can be.
 *
 * A defect behind a threshold is as simple as any other, so that one thin case
 * on the far side shows it: a tail lost behind a block, an index of 16 bits, a
 * kernel chosen from some width on.
 */
#ifndef DC_SCALE_H
#define DC_SCALE_H

#include <stdbool.h>

#include "cases/space/quantity.h"
#include "cases/space/sweep.h"

typedef enum {
    DC_SCALE_BELOW,
    DC_SCALE_AT,
    DC_SCALE_ABOVE,
    DC_SCALE_SIDES
} dc_scale_side;

extern const char *const dc_scale_side_names[DC_SCALE_SIDES];

/* A quantity on a side of the threshold 2^bits in a rank. */
typedef struct {
    dc_quantity quantity;
    int bits;
    dc_scale_side side;
    int rank;
} dc_scale_cell;

enum { DC_SCALE_BITS = 25 }; /* every threshold is below 2^25 */

/* The cells that there could be, by place: below DC_SCALE_PLACES. */
enum { DC_SCALE_PLACES = DC_QUANTITIES * DC_SCALE_BITS * DC_SCALE_SIDES * 3 };
dc_scale_cell dc_scale_cell_at(int place);

/* Is this value on the side of 2^bits, and not farther off than an eighth of
 * it? */
bool dc_scale_is_on(int64_t value, int bits, dc_scale_side side);

/* Does a tier (DC_CI, DC_FULL) have a case for this cell? */
bool dc_scale_has(dc_tier tier, const dc_scale_cell *cell);

/* Lists the cells that have a case in a tier; DC_NOMEM. */
typedef struct dc_scale dc_scale;

dc_status dc_scale_open(dc_scale **scale, dc_tier tier);
void dc_scale_close(dc_scale *scale);
int64_t dc_scale_count(const dc_scale *scale);

/* Case `index`, with its name and all but its storage type (f64); *wide is set
 * if the type should be a wide one, whose exact sums are not thinned. */
void dc_scale_case(const dc_scale *scale, int64_t index, dc_item *item,
                   bool *wide);

/* The case of a cell that dc_scale_has in some tier. */
void dc_scale_case_of(const dc_scale_cell *cell, dc_case *c);

#endif
