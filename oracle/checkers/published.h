/* SPDX-License-Identifier: MIT
 *
 * The shapes and the data with which published checks compare.
 */
#ifndef DC_PUBLISHED_H
#define DC_PUBLISHED_H

#include "ref/case.h"

/* Where x, w, b and gy come from. */
typedef enum {
    DC_FILL_NORMAL,   /* x, gy normal; w, b as torch.nn initialises them */
    DC_FILL_RAND,     /* the same, x and gy in [0,1) */
    DC_FILL_NINE,     /* torch's make_tensor: [-9,9) */
    DC_FILL_COUNT,    /* 0, 1, 2, ...; the weight is 1 everywhere */
    DC_FILL_DIGITS,   /* integers 1 to 9 */
    DC_FILL_HUNDRED,  /* [-100,100) */
    DC_FILL_UNIT,     /* [-1,1) */
    DC_FILL_BENCHDNN, /* integers to 32 (f16: 4, the weight 2) */
    DC_FILL_SMALL,    /* integers to 8, in 16 bits to 5 */
    DC_FILL_BITS,     /* 0 and 1 */
    DC_FILL_TOSA_0,   /* TOSA's data set 0, then the others: */
    DC_FILL_TOSA_5 = DC_FILL_TOSA_0 + 5,
    DC_FILLS
} dc_fill;

typedef struct {
    const char *suite;
    const char *text; /* case string without type, family and seed */
    dc_fill from;     /* the data: */
    dc_fill to;       /* each kind from `from` to `to` once */
} dc_published;

extern const dc_published dc_publisheds[];
extern const int dc_publisheds_count;

/* Where the shapes of a suite are from, in one sentence; NULL for none. */
const char *dc_published_about(const char *suite);

/* Fills tensor t (DC_X, DC_W, DC_B or DC_GY) of a complete problem, in its
 * type. */
void dc_published_fill(const dc_problem *p, dc_tensor t, dc_fill fill,
                       void *values);

#endif
