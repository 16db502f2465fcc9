/* SPDX-License-Identifier: MIT
 *
 * What do the data families share?  Drawing one value, thinning, and the
 * tensor that is being filled.  Only data*.c include this file.
 */
#ifndef DC_DATA_INTERNAL_H
#define DC_DATA_INTERNAL_H

#include "cases/data/data.h"
#include "cases/random.h"

/* Beyond any budget: nothing is thinned. */
#define DC_DATA_UNLIMITED INT64_MAX

/* A tensor that is being filled; it is zero everywhere to begin with. */
typedef struct dc_data_filler dc_data_filler;
struct dc_data_filler {
    const dc_case *c;
    dc_tensor t;
    void *values;
    dc_random r;
    int sign; /* of the direction that is added; 0: none */
    void (*put)(dc_data_filler *f, int64_t at);
    int64_t a;      /* for put: an amplitude */
    int64_t move;   /* for put: the amplitude of a direction */
    int low, high;  /* for put: exponents */
    int one_colour; /* for put: negative values are rare */
};

/* Calls put for every element, but for w at most `row` times per ci and per
 * output channel, and for gy at most `plane` times per co. */
dc_status dc_data_spread(dc_data_filler *f, int64_t row, int64_t plane);

/* Uniform in [-1,1], never zero, with a full significand. */
double dc_data_full(dc_random *r);

/* Stores v at position `at`, rounded. */
void dc_data_store(dc_data_filler *f, int64_t at, double v);

/* The most products that any element of any result has, bias apart. */
int64_t dc_data_terms(const dc_problem *p);

/* ---- families; values are zero to begin with ---- */

/* The second variant of `int`. */
dc_status dc_data_needle(dc_data_filler *f);

dc_status dc_data_cancel(dc_data_filler *f);
dc_status dc_data_wide(dc_data_filler *f);
dc_status dc_data_special(dc_data_filler *f);

#endif
