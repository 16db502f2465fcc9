/* SPDX-License-Identifier: MIT
 *
 * What can be large about a problem: the quantities whose thresholds
 * implementations have, because a loop is cut into blocks, an index has few
 * bits, or a path is taken from some size on.
 */
#ifndef DC_QUANTITY_H
#define DC_QUANTITY_H

#include "ref/size.h"

typedef enum {
    DC_Q_N,
    DC_Q_CI, /* channels per group */
    DC_Q_CO,
    DC_Q_WIDTH,      /* the smaller of the two */
    DC_Q_DEPTHWISE,  /* groups, by the kind of group */
    DC_Q_MULTIPLIER, /* ci/g = 1, co/g > 1 */
    DC_Q_GROUPED,    /* ci/g > 1 */
    DC_Q_I,          /* the largest over the axes, to DC_Q_PE */
    DC_Q_K,
    DC_Q_O,
    DC_Q_S,
    DC_Q_D,
    DC_Q_SPAN, /* d(k-1) */
    DC_Q_OP,
    DC_Q_PB,
    DC_Q_PE,
    DC_Q_AREA,      /* taps of one kernel */
    DC_Q_PLANE,     /* positions of one plane of y */
    DC_Q_POSITIONS, /* positions of all items: the sum of grad_bias */
    DC_Q_X,         /* elements */
    DC_Q_W,
    DC_Q_Y,
    DC_Q_SUM_Y, /* products of the longest sum, if no pad cuts it */
    DC_Q_SUM_GX,
    DC_Q_SUM_GW,
    DC_QUANTITIES
} dc_quantity;

typedef struct {
    const char *name; /* what a certificate calls it */
    dc_size of;
    dc_op op; /* of DC_OF_SUM; the others are the same in each */
} dc_quantity_row;

extern const dc_quantity_row dc_quantities[DC_QUANTITIES];

/* Quantity q of a complete problem; 0 if the problem is not of its kind. */
int64_t dc_quantity_of(dc_quantity q, const dc_problem *p);

#endif
