/* SPDX-License-Identifier: MIT
 *
 * The quantities of a problem that thresholds are about: batch items, channels,
 * extents, elements, products of a sum, ...  Mutants are wrong from a value of
 * one of them on, and the diagnosis finds such values.
 */
#ifndef DC_QUANTITY_H
#define DC_QUANTITY_H

#include "ref/problem.h"

#define QUANTITY(name, words, value) name,
#define LARGEST_AXIS                 QUANTITY
#define LEAST_AXIS                   QUANTITY
typedef enum {
    DC_OF_NOTHING,
#include "oracle/mutants/mutant_quantity.def"
    DC_QUANTITIES
} dc_quantity;
#undef QUANTITY
#undef LARGEST_AXIS
#undef LEAST_AXIS

/* What messages call it; "" for DC_OF_NOTHING. */
extern const char *const dc_quantity_names[DC_QUANTITIES];

/* Its value in op of the legal problem p; 0 for DC_OF_NOTHING. */
int64_t dc_quantity_of(dc_quantity q, const dc_problem *p, dc_op op);

#endif
