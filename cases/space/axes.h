/* SPDX-License-Identifier: MIT
 *
 * From levels to numbers: which axes have given levels?  The inverse of the
 * classification in factors.c, written independently of it.
 */
#ifndef DC_AXES_H
#define DC_AXES_H

#include "cases/random.h"
#include "cases/space/factors.h"

/* The numbers of one axis. */
typedef struct {
    int64_t k, s, d, pb, pe, op, i;
} dc_axis;

/* o of the axis, by the formula; negative if it is not legal. */
int64_t dc_axis_output(const dc_axis *axis);

/* Sets axis a of p. */
void dc_axis_set(dc_problem *p, int a, const dc_axis *axis);

/* Must pb and pe of an axis be equal? */
typedef enum { DC_PADS_ANY, DC_PADS_EQUAL, DC_PADS_UNEQUAL } dc_pads_rule;

/* Which axes to visit: those with an output and the wanted levels. */
typedef struct {
    bool last;     /* levels of the last axis, not of the first */
    bool smallest; /* only the smallest k and i of each level */
    dc_pads_rule pads;
    int8_t want[DC_A_FACTORS]; /* -1: any level */
    /* called with an axis and its levels */
    void (*visit)(void *state, const dc_axis *axis, const int8_t *at);
    void *state;
} dc_axes_walk;

void dc_axes_visit(const dc_axes_walk *walk);

/* Draws one of them at random; false if there is none. */
bool dc_axes_draw(dc_random *r, const dc_axes_walk *walk, dc_axis *axis);

/* Draws a complete case of these levels (-1 only for the first axis of rank
 * 1): of a few attempts the first whose forward has at most `budget`
 * multiplications, else the smallest.  DC_FAILED if the levels contradict each
 * other. */
dc_status dc_axes_case(dc_random *r, const dc_levels *levels, int64_t budget,
                       dc_case *c);

#endif
