/* SPDX-License-Identifier: MIT
 *
 * How is a call cut into matrix products?  forward and grad_input are both
 *
 *     out[m*os + r] = sum of in[(m + shift)*is + residue] * w[tap]    per axis
 *
 * forward with os = s, is = 1: the outputs of one residue r modulo s (a
 * phase) meet every s-th tap only, so that each phase is a dense problem of
 * stride 1 and no zero of a stuffed input is ever multiplied.  grad_input
 * with os = 1, is = s: one phase; the inputs fall into planes by residue.
 */
#ifndef DC_FAST_PLAN_H
#define DC_FAST_PLAN_H

#include "fast/geometry.h"

enum { DC_FAST_AXES = 4 }; /* batch, d, h, w */

/* A position on each axis, or any other quadruple. */
typedef struct {
    int64_t at[DC_FAST_AXES];
} dc_fast_index;

/* Outputs m*os + r.  Its first tap; the others follow in even steps. */
typedef struct {
    int64_t r;
    int64_t tap;
} dc_fast_phase;

/* Phases that see the same shifts: together the rows of one product. */
typedef struct {
    int64_t phase; /* the first; they are neighbours */
    int64_t phases;
} dc_fast_set;

/* A tap: w[phase.tap + tap] meets in[(m + shift)*is + residue of plane]. */
typedef struct {
    int64_t tap;
    int64_t shift;
    int64_t plane;
} dc_fast_entry;

/* Entries that a set sums. */
typedef struct {
    int64_t set;
    int64_t entry; /* the first */
    int64_t entries;
} dc_fast_group;

/* Groups that share one window of the input: `planes` planes from `plane`
 * on, positions from the smallest shift `low` on. */
typedef struct {
    int64_t group; /* the first */
    int64_t groups;
    int64_t plane;
    int64_t planes;
    int64_t low;
} dc_fast_part;

typedef struct {
    int64_t in, out;             /* extents */
    int64_t in_step, out_step;   /* is, os */
    int64_t in_pitch, out_pitch; /* elements from index to index */
    int64_t tap_pitch;           /* the same for taps in w */
    int64_t grid;                /* positions m: 0..grid-1 */
    int64_t box;                 /* positions of a task */
    int64_t span;                /* largest shift less smallest of any part */
    int64_t planes;              /* most of any part */
    int64_t phases, sets, groups, parts;
    int64_t below; /* phases of all later axes together */
    dc_fast_phase *phase;
    dc_fast_set *set;
    dc_fast_entry *entry;
    dc_fast_group *group;
    dc_fast_part *part;
    int64_t *residue; /* of each plane */
} dc_fast_axis;

/* How the positions of a box become columns of C. */
typedef enum {
    DC_FAST_FLAT,  /* the window's own layout, halo columns computed too */
    DC_FAST_LINES, /* the window's layout, line by line */
    DC_FAST_PACKED /* packed densely first */
} dc_fast_layout;

typedef struct {
    dc_fast_axis axis[DC_FAST_AXES];
    int64_t g;
    int64_t in_channels, out_channels; /* of one group */
    int64_t in_pitch, out_pitch;       /* elements from channel to channel */
    int64_t in_elements;               /* of the whole tensor */
    int64_t w_in, w_out, w_group;      /* pitches of w */
    int64_t block;                     /* output channels of a task */
    int64_t chunk;                     /* input channels of a window */
    int64_t taps;   /* most entries of any product, one channel */
    int64_t phases; /* rows of C per output channel */
    int64_t plane;  /* elements from plane to plane along w in a window */
    int64_t window; /* elements of one channel's window */
    int64_t cols;   /* elements of a row of C */
    int64_t holes;  /* some outputs are met by no tap */
    dc_fast_layout layout;
    void *tables;
    int64_t table_bytes;
} dc_fast_plan;

/* Plans for non-empty tensors; all choices that change sums follow from the
 * problem alone.  DC_NOMEM when the tables (of the order of k) cannot be
 * had. */
dc_status dc_fast_plan_forward(const dc_fast_geometry *q, dc_fast_plan *plan);
dc_status dc_fast_plan_grad_input(const dc_fast_geometry *q,
                                  dc_fast_plan *plan);
void dc_fast_plan_free(dc_fast_plan *plan);

/* Steps i through 0..count-1 on every axis, the last one fastest; 0 when it
 * is back at the start. */
static inline int dc_fast_next(dc_fast_index *i, const int64_t *count)
{
    for (int a = DC_FAST_AXES; a-- > 0; i->at[a] = 0)
        if (++i->at[a] < count[a])
            return 1;
    return 0;
}

/* Tasks of one group of output channels and how they number the boxes. */
static inline int64_t dc_fast_boxes(const dc_fast_axis *x)
{
    return dc_fast_ceil(x->grid, x->box);
}

#endif
