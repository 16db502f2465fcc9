/* SPDX-License-Identifier: MIT
 *
 * From levels to numbers: which concrete axes have given levels?  The reverse
 * of the classification in factors.c, written without it.
 */
#ifndef DC_AXES_H
#define DC_AXES_H

#include "cases/space/factors.h"
#include "cases/random.h"

/* The numbers of one axis. */
typedef struct {
    int64_t k, s, d, pb, pe, op, i;
} dc_axis;

/* Copies them to axis a of p. */
void dc_axis_set(dc_problem *p, int a, const dc_axis *axis);

/* A walk over the axes that have the wanted levels and an output. */
typedef struct {
    int last;                  /* the last axis, or the first */
    int thrifty;               /* only the smallest extent of a level */
    int equal;                 /* 1: pb = pe, 0: not, -1: either */
    int8_t want[DC_A_FACTORS]; /* -1: any level */
    void (*see)(void *state, const dc_axis *axis, const int8_t *at, int equal);
    void *state;
} dc_axes_walk;

void dc_axes_visit(const dc_axes_walk *walk);

/* One of them at random; 0 when there is none. */
int dc_axes_draw(dc_random *r, const dc_axes_walk *walk, dc_axis *axis);

/* A complete case of these levels (-1 only for the first axis of rank 1): of
 * a few that are drawn the first within `budget` multiplications of a
 * forward, else the smallest that there is.  DC_FAILED when the levels
 * contradict each other. */
dc_status dc_axes_case(dc_random *r, const dc_levels *levels, int64_t budget,
                       dc_case *c);

#endif
