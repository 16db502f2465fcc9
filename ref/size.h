/* SPDX-License-Identifier: MIT
 *
 * The quantities of a problem that thresholds are about: batch items, channels,
 * extents, elements, products of a sum, ...  Cases of the scale are on both
 * sides of values of them, mutants are wrong from a value on, and the diagnosis
 * finds such values.
 */
#ifndef DC_SIZE_H
#define DC_SIZE_H

#include "ref/problem.h"

#define SIZE(name, words, value) name,
#define LARGEST_AXIS             SIZE
#define LEAST_AXIS               SIZE
typedef enum {
    DC_OF_NOTHING,
#include "ref/size.def"
    DC_SIZES
} dc_size;
#undef SIZE
#undef LARGEST_AXIS
#undef LEAST_AXIS

/* What a diagnosis calls it; "" for DC_OF_NOTHING. */
extern const char *const dc_size_names[DC_SIZES];

/* Its value in op of the legal problem p; 0 for DC_OF_NOTHING. */
int64_t dc_size_of(dc_size q, const dc_problem *p, dc_op op);

#endif
