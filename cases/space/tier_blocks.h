/* SPDX-License-Identifier: MIT
 *
 * What an opened sweep asks beside named and random cases: the covering
 * array, the small scope, odd cases, and questions that are no case: illegal
 * problems, problems in alternation, other numbers of threads, tensors beyond
 * 2^31 elements.
 */
#ifndef DC_TIER_BLOCKS_H
#define DC_TIER_BLOCKS_H

#include "cases/space/sweep.h"

/* Builds the blocks of a tier; DC_NOMEM. */
dc_status dc_tier_blocks_open(dc_tier_blocks **blocks, const dc_sweep *sweep);
void dc_tier_blocks_close(dc_tier_blocks *blocks);

/* Items of the first kind, cases, and of all: cases come first. */
int64_t dc_tier_blocks_cases(const dc_tier_blocks *blocks);
int64_t dc_tier_blocks_count(const dc_tier_blocks *blocks);

/* Item `index`. */
void dc_tier_blocks_item(const dc_tier_blocks *blocks, int64_t index,
                         dc_item *item);

/* Questions that are no case: "refuse:G0".  A plain problem stands in
 * item->c.  Returns 0 when there is none of that name. */
int dc_tier_blocks_find(const char *token, dc_item *item);

#endif
