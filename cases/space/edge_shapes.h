/* SPDX-License-Identifier: MIT
 *
 * Odd cases that are ordinary case strings: tensors without elements, every
 * pair of channel counts of the ladder, widths around the lengths of vectors.
 */
#ifndef DC_ODD_CASES_H
#define DC_ODD_CASES_H

#include "cases/space/sweep.h"

/* Number of them; the same in every sweep. */
int64_t dc_edge_shapes_count(void);

/* Case `index`: legal, complete but for its dtype, which is left 0; name and
 * hunts are set. */
void dc_edge_shapes_case(int64_t index, dc_item *item);

#endif
