/* SPDX-License-Identifier: MIT
 *
 * Shared by the data families: the tensor that is being filled, drawing one
 * value, and thinning.  Only data*.c include this file.
 */
#ifndef DC_DATA_INTERNAL_H
#define DC_DATA_INTERNAL_H

#include "cases/data/data.h"
#include "cases/random.h"

/* A number of products that leaves nothing out. */
#define DC_DATA_UNLIMITED INT64_MAX

/* By which tensors is each sum kept short?  Each plan leaves whole a result
 * that another one makes thin (data_thin.c). */
typedef enum {
    DC_DATA_BY_W,  /* y and gx by w, gw by gy */
    DC_DATA_BY_XY, /* y by x, gx and gw by gy; w is dense: y is whole */
    DC_DATA_BY_WX, /* y and gx by w, gw by x: gw is whole */
    DC_DATA_BY_YX, /* y and gw by x, gx by gy; w is dense: gx is whole */
    DC_DATA_PLANS
} dc_data_plan;

/* How many non-zero products an element of each result may have. */
typedef struct {
    int64_t terms[DC_OPS];
    dc_data_plan plan;
} dc_data_budget;

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

/* At least as many products as any element of each result has. */
void dc_data_terms(const dc_problem *p, int64_t terms[DC_OPS]);

/* Does the budget leave nothing out of a problem with these products? */
bool dc_data_fits(const dc_data_budget *b, const int64_t terms[DC_OPS]);

/* Calls put for every element of the tensor. */
void dc_data_dense(dc_data_filler *f);

/* Calls put for every element of the tensor that the budget leaves: all of
 * them if dense data keep it. */
dc_status dc_data_spread(dc_data_filler *f, const dc_data_budget *b);

/* Uniform in [-1,1], never zero, with a full significand. */
double dc_data_full(dc_random *r);

/* Stores v at position `at`, rounded. */
void dc_data_store(dc_data_filler *f, int64_t at, double v);

/* Visits each of 0..count-1 once in a scattered order: the k-th is
 * start + k * step mod count, with a step coprime to count. */
typedef struct {
    uint64_t count, step, at;
} dc_data_scatter;

/* A random step. */
dc_data_scatter dc_data_scatter_open(dc_random *r, int64_t count);

int64_t dc_data_scatter_next(dc_data_scatter *s);

/* ---- data_thin.c ---- */

/* Does the plan thin this tensor? */
bool dc_data_thins(dc_data_plan plan, dc_tensor t);

/* Calls put for as many elements of x, w or gy as the budget allows. */
dc_status dc_data_thin(dc_data_filler *f, const dc_data_budget *b);

/* The plan of an `int` case with this budget: if w cannot be thinned without
 * results that count nowhere, odd cases leave it dense. */
dc_data_plan dc_data_turn(const dc_problem *p, const dc_data_budget *b,
                          bool odd);

/* ---- families: data_needle.c, data_hard.c ---- */

/* The second variant of `int`. */
dc_status dc_data_needle(dc_data_filler *f);

dc_status dc_data_cancel(dc_data_filler *f);
dc_status dc_data_wide(dc_data_filler *f);
dc_status dc_data_special(dc_data_filler *f);

#endif
