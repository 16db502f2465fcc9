/* SPDX-License-Identifier: MIT
 *
 * How is a call cut into matrix products?  forward and grad_input are the same
 * convolution; per axis, with positions m,
 *
 *     out[m*os + r] = sum over taps of in[(m + shift)*is + q] * w[tap]
 *
 * forward has os = s and is = 1.  The outputs of one residue r modulo s are a
 * phase: they meet only the taps with t*d - pb = r modulo s, so that each phase
 * is a dense convolution of stride 1 and no stuffed zero is multiplied.
 * grad_input has os = 1 and is = s: there is one phase, and the inputs of one
 * residue q modulo s are a plane.
 */
#ifndef DC_FAST_PLAN_H
#define DC_FAST_PLAN_H

#include "fast/geometry.h"

enum {
    DC_FAST_AXES = 4,       /* batch, d, h, w */
    DC_FAST_PLANES_MAX = 16 /* planes of a window along one axis */
};

/* One number per axis, usually a position. */
typedef struct {
    int64_t at[DC_FAST_AXES];
} dc_fast_index;

/* The outputs m*os + residue. */
typedef struct {
    int64_t residue;
    int64_t first_tap; /* the others are `offset` further, see dc_fast_tap */
} dc_fast_phase;

/* Neighbouring phases whose taps have the same shifts; together they are the
 * rows of one product. */
typedef struct {
    int64_t first;
    int64_t phases;
} dc_fast_phase_group;

/* Tap phase.first_tap + offset meets in[(m + shift)*is + residue of plane].
 * While a plan is made, `plane` is a residue and `offset` counts from tap 0. */
typedef struct {
    int64_t plane;
    int64_t offset;
    int64_t shift;
} dc_fast_tap;

/* The taps that one product sums for a phase group. */
typedef struct {
    int64_t phase_group;
    int64_t first;
    int64_t taps;
} dc_fast_tap_group;

/* The part of the input that some tap groups read: `planes` planes from
 * `plane` on, positions from m + low on. */
typedef struct {
    int64_t first; /* tap group */
    int64_t tap_groups;
    int64_t plane;
    int64_t planes;
    int64_t low;
} dc_fast_window;

typedef struct {
    int64_t in, out;             /* extents */
    int64_t in_step, out_step;   /* is, os */
    int64_t in_pitch, out_pitch; /* elements from one index to the next */
    int64_t tap_pitch;           /* the same for taps in w */
    int64_t grid;                /* positions m: 0..grid-1 */
    int64_t block;               /* positions of a task */
    int64_t span;                /* highest - lowest shift of any window */
    int64_t max_planes;          /* of any window */
    int64_t phases, phase_groups, tap_groups, windows;
    int64_t inner_phases; /* product of `phases` over all later axes */
    dc_fast_phase *phase;
    dc_fast_phase_group *phase_group;
    dc_fast_tap *tap;
    dc_fast_tap_group *tap_group;
    dc_fast_window *window;
    int64_t *residue; /* of each plane */
} dc_fast_axis;

/* Which columns of C the positions of a block become. */
typedef enum {
    DC_FAST_FLAT,    /* the window is B as it is; halo columns are computed */
    DC_FAST_BY_LINE, /* one product per line of the window */
    DC_FAST_PACKED   /* B is packed into panels without halo */
} dc_fast_layout;

/* A task computes, for one group, `out_block` output channels at one block of
 * positions.  It loads windows of `in_chunk` input channels at a time. */
typedef struct {
    dc_fast_axis axis[DC_FAST_AXES];
    int64_t g;
    int64_t in_channels, out_channels; /* per group */
    int64_t in_pitch, out_pitch;       /* elements from channel to channel */
    int64_t in_count;                  /* elements of the input */
    int64_t w_in, w_out, w_group;      /* pitches of w: channels and groups */
    int64_t out_block;
    int64_t in_chunk;
    int64_t max_taps;    /* of any product, per input channel */
    int64_t phases;      /* rows of C per output channel */
    int64_t plane_size;  /* elements from plane to plane along w in a window */
    int64_t window_size; /* elements of a window per input channel */
    int64_t c_pitch;     /* elements from row to row of C */
    bool has_holes;      /* some outputs meet no tap */
    dc_fast_layout layout;
    void *tables;
    int64_t table_bytes;
} dc_fast_plan;

/* Plans forward or grad_input of a problem whose sums are not empty.  All
 * choices that affect the order of a sum depend on the problem alone.
 * DC_NOMEM if the tables (whose size is of the order of k) cannot be
 * allocated. */
dc_status dc_fast_plan_make(const dc_fast_geometry *q, bool forward,
                            dc_fast_plan *plan);

/* Releases the tables; a plan that is all zero is allowed. */
void dc_fast_plan_free(dc_fast_plan *plan);

/* Advances i to the next index within 0..count-1 on every axis, the last axis
 * fastest.  After the last index it is back at zero and the answer is false. */
static inline bool dc_fast_next(dc_fast_index *i, const int64_t *count)
{
    for (int a = DC_FAST_AXES; a-- > 0; i->at[a] = 0)
        if (++i->at[a] < count[a])
            return true;
    return false;
}

/* Blocks of positions along one axis. */
static inline int64_t dc_fast_blocks(const dc_fast_axis *x)
{
    return dc_fast_ceil(x->grid, x->block);
}

#endif
