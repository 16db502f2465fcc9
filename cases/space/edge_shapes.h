/* SPDX-License-Identifier: MIT
 *
 * Shapes at the edges: tensors without elements, every pair of channel counts
 * of a ladder, and widths next to the lengths of vectors.
 */
#ifndef DC_EDGE_SHAPES_H
#define DC_EDGE_SHAPES_H

#include "cases/space/sweep.h"

/* Number of cases, the same in every sweep. */
int64_t dc_edge_shapes_count(void);

/* Case `index` with its name: legal and complete in f64. */
void dc_edge_shapes_case(int64_t index, dc_item *item);

#endif
