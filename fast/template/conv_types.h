/* SPDX-License-Identifier: MIT
 *
 * The types of forward and grad_input ("conv"): the job that all tasks share,
 * a task's workspace, and the products of a plan.  A template over REAL, see
 * kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_CONV_TYPES_H
#define DC_FAST_TEMPLATE_CONV_TYPES_H

#include "fast/plan.h"
#include "fast/template/kernels.h"

enum { H = DC_FAST_AXES - 2, W = DC_FAST_AXES - 1 };

/* Offsets that all tasks look up.  A line is a run along w of a block. */
typedef struct {
    int64_t *place;          /* of each line in the result */
    int32_t *line;           /* of each line in a window */
    int32_t *column;         /* of each line in a row of C */
    segment *segments;       /* of all panels, one after the other */
    int32_t *b_offset;       /* of the rows of B in a window, for all products:
                              * [window][tap group][input channel][tap] */
    int32_t *panel_b_offset; /* of the rows of B in a packed panel */
} conv_tables;

/* One call.  Sizes are in elements unless they say bytes. */
typedef struct {
    const dc_fast_plan *plan;
    const kernel_table *kernels;
    conv_tables tables;
    int64_t table_bytes;
    const REAL *in;
    const REAL *w;
    const REAL *b; /* NULL without bias */
    REAL *out;
    REAL *a; /* packed weights: [group][output block], then in the order of
              * use; NULL if each task packs its own, chunk by chunk */
    int64_t a_bytes;      /* of a, 0 if it is not wanted */
    int64_t a_block_size; /* of one output block in a */
    int64_t tasks;
    int64_t out_blocks;                 /* per group */
    int64_t max_products;               /* of any window */
    int64_t max_taps;                   /* of all products of any window */
    int64_t all_taps;                   /* of the products of all windows */
    int64_t max_depth;                  /* k of the longest product */
    int64_t max_segments;               /* of a block */
    int64_t lines;                      /* of a block */
    int64_t window_pitch[DC_FAST_AXES]; /* from position to position */
    int64_t plane_pitch[DC_FAST_AXES];  /* from plane to plane */
    int64_t c_size, window_size, panel_size, init_size, a_size;
} conv_job;

/* One product: a tap group of each axis.  Its rows are the phases of each
 * output channel, its k the taps of each input channel. */
typedef struct {
    const dc_fast_tap_group *tap_group[DC_FAST_AXES];
    const dc_fast_phase_group *phase_group[DC_FAST_AXES];
    int64_t phases;
    int64_t taps;
    int64_t first_row; /* of C, in units of the block's output channels */
} product;

/* How the weights of a product are packed:
 * a[panel][input channel][tap][row of the panel] = w[channel + tap + row]. */
typedef struct {
    REAL *a;
    const int64_t *row; /* offset in w of each row, */
    const int64_t *tap; /* and of each tap */
    int64_t rows;
    int64_t taps;
    int64_t tile_rows;
    bool is_ready; /* w already has the taps of all input channels in this
                    * order, so that only rows have to be transposed */
} weight_desc;

/* What a task computes, and its buffers. */
typedef struct {
    dc_fast_index m;         /* first position of the block */
    int64_t channel;         /* first output channel, of all groups */
    int64_t channels;        /* output channels of the block */
    const REAL *in;          /* of the group */
    const REAL *w;           /* of the block; NULL if weights are packed */
    REAL *out;               /* where the block begins in the result */
    bool one_window;         /* then each row of C belongs to one product */
    const REAL *a;           /* packed weights of the next product */
    const int32_t *b_offset; /* tables.b_offset of the next window */
    REAL *c;                 /* sums: rows are (channel, phase), columns are
                              * positions; a buffer or the result itself */
    int64_t c_pitch;
    REAL *window; /* input: [channel][plane][position] */
    REAL *panel;
    REAL *init;           /* bias of each row of a product */
    REAL *a_chunk;        /* weights that the task packs */
    weight_desc *weights; /* of the products of a window */
    int64_t *offsets;     /* of these weights */
    const REAL **rows;    /* of C, to be interleaved */
} conv_workspace;

/* The first row of C of these phase groups, in units of output channels. */
static int64_t first_row(const dc_fast_plan *p,
                         const dc_fast_phase_group *const group[DC_FAST_AXES])
{
    int64_t before = 1;
    int64_t row = 0;

    for (int a = 0; a < DC_FAST_AXES; a++) {
        row += before * group[a]->first * p->axis[a].inner_phases;
        before *= group[a]->phases;
    }
    return row;
}

/* The product of a tap group of each axis; `group` counts within the window. */
static product product_of(const dc_fast_plan *p, dc_fast_index window,
                          dc_fast_index group)
{
    product r = {.phases = 1, .taps = 1};

    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &p->axis[a];

        r.tap_group[a] =
            &x->tap_group[x->window[window.at[a]].first + group.at[a]];
        r.phase_group[a] = &x->phase_group[r.tap_group[a]->phase_group];
        r.phases *= r.phase_group[a]->phases;
        r.taps *= r.tap_group[a]->taps;
    }
    r.first_row = first_row(p, r.phase_group);
    return r;
}

/* Sets count[] for dc_fast_next over the windows of a plan. */
static void count_windows(const dc_fast_plan *p, int64_t count[DC_FAST_AXES])
{
    for (int a = 0; a < DC_FAST_AXES; a++)
        count[a] = p->axis[a].windows;
}

/* Sets count[] for dc_fast_next over the products of a window. */
static void count_products(const dc_fast_plan *p, dc_fast_index window,
                           int64_t count[DC_FAST_AXES])
{
    for (int a = 0; a < DC_FAST_AXES; a++)
        count[a] = p->axis[a].window[window.at[a]].tap_groups;
}

/* Output channels of a block: the last one may be narrower. */
static int64_t block_channels(const dc_fast_plan *p, int64_t block)
{
    return dc_fast_min(p->out_block, p->out_channels - block * p->out_block);
}

#endif
