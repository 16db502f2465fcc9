/* SPDX-License-Identifier: MIT
 *
 * The items that an opened sweep has in addition to named and random cases:
 * first cases (the covering array, the small scope, edge shapes, thresholds,
 * widths), then scenarios (illegal problems, alternating problems, sequences,
 * thread counts, tensors beyond 2^31 elements).
 */
#ifndef DC_TIER_BLOCKS_H
#define DC_TIER_BLOCKS_H

#include "cases/space/sweep.h"

/* Builds the blocks of a tier; DC_NOMEM. */
dc_status dc_tier_blocks_open(dc_tier_blocks **blocks, const dc_sweep *sweep);
void dc_tier_blocks_close(dc_tier_blocks *blocks);

/* Number of all items; 0 if blocks is NULL. */
int64_t dc_tier_blocks_count(const dc_tier_blocks *blocks);

/* Item `index`. */
void dc_tier_blocks_item(const dc_tier_blocks *blocks, int64_t index,
                         dc_item *item);

/* ---- edge_shapes.c: tensors without elements, every pair of channel counts of
 * a ladder, and widths next to the lengths of vectors ---- */

/* The ladder of channel counts, which random cases use as well. */
enum { DC_EDGE_SHAPES_LADDER = 17 };
extern const int64_t dc_edge_shapes_ladder[DC_EDGE_SHAPES_LADDER];

/* Number of edge shapes, the same in every sweep. */
int64_t dc_edge_shapes_count(void);

/* Edge shape `index` with its name: legal and complete in f64. */
void dc_edge_shapes_case(int64_t index, dc_item *item);

#endif
