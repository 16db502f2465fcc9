/* SPDX-License-Identifier: MIT
 *
 * Shared by the data families: the tensor that is being filled, drawing one
 * value, and thinning.  Only data*.c include this file.
 */
#ifndef DC_DATA_INTERNAL_H
#define DC_DATA_INTERNAL_H

#include "cases/data/data.h"
#include "cases/random.h"

/* A budget for dc_data_spread that leaves nothing out. */
#define DC_DATA_UNLIMITED INT64_MAX

/* A tensor that is being filled; it starts as all zeros. */
typedef struct dc_data_filler dc_data_filler;
struct dc_data_filler {
    const dc_case *c;
    dc_tensor t;
    void *values;
    dc_random r;
    int sign; /* of the direction that is added; 0: none */
    /* draws element `at`, using the fields below */
    void (*put)(dc_data_filler *f, int64_t at);
    int64_t a;     /* amplitude */
    int64_t move;  /* amplitude of the direction */
    int low, high; /* range of exponents */
    bool mostly_positive;
};

/* ---- data_fill.c ---- */

/* Calls put for every element of x and b; for w at most `row` times per input
 * channel and per output channel; for gy at most `plane` times per output
 * channel. */
dc_status dc_data_spread(dc_data_filler *f, int64_t row, int64_t plane);

/* Uniform in [-1,1], never zero, with a full significand. */
double dc_data_full(dc_random *r);

/* Stores v at position `at`, rounded. */
void dc_data_store(dc_data_filler *f, int64_t at, double v);

/* ---- families ---- */

/* The second variant of `int`. */
dc_status dc_data_needle(dc_data_filler *f);

dc_status dc_data_cancel(dc_data_filler *f);
dc_status dc_data_wide(dc_data_filler *f);
dc_status dc_data_special(dc_data_filler *f);

#endif
