/* SPDX-License-Identifier: MIT
 *
 * Are results right but for the order of axes in memory of the two factors and
 * of the result, such as channels-last?
 */
#ifndef DC_LAYOUTS_H
#define DC_LAYOUTS_H

#include "oracle/mutants/mutant.h"

enum { DC_LAYOUT_ORDERS = 6, DC_LAYOUTS_TEXT = 160 };

/* Which orders of the first factor, the second one and the result every result
 * so far agrees with.  Zero at first. */
typedef struct {
    bool refuted[DC_LAYOUT_ORDERS][DC_LAYOUT_ORDERS][DC_LAYOUT_ORDERS];
    int results;
} dc_layouts;

/* Compares op's result `got` (decoded, of exact data) with what each order
 * gives; not if op is grad_bias, which has one factor.  DC_NOMEM. */
dc_status dc_layouts_try(dc_layouts *l, const dc_problem *p, dc_op op,
                         const void *const tensors[DC_TENSORS],
                         const double *got);

/* Which orders agree with all results, of which there must be three: those with
 * the fewest mistakes, as a phrase; "" if none does. */
void dc_layouts_say(const dc_layouts *l, dc_op op, char text[DC_LAYOUTS_TEXT]);

#endif
