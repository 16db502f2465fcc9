/* SPDX-License-Identifier: MIT
 *
 * grad_weight: chooses a form, cuts the call into tasks, and adds their
 * results.  Each sum runs over the blocks of positions in order, in slices that
 * depend on the problem alone and are added in order.  A template over REAL,
 * see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_GRADW_H
#define DC_FAST_TEMPLATE_GRADW_H

#include <stdlib.h>

#include "fast/template/gradw_gathered.h"
#include "fast/template/gradw_input_lanes.h"
#include "fast/template/gradw_output_lanes.h"
#include "fast/threads.h"

enum {
    SLICES = 8,            /* slices are made until there are this many tasks */
    SUM_ELEMENTS = 1 << 16 /* elements of gw that a task adds up */
};

/* Tasks of one slice. */
static int64_t slice_tasks(const gradw_job *j)
{
    return j->q->g * j->tap_blocks[0] * j->tap_blocks[1] * j->tap_blocks[2] *
           j->input_blocks * j->col_blocks;
}

static int64_t all_blocks(const gradw_job *j)
{
    return j->blocks[0] * j->blocks[1] * j->blocks[2] * j->blocks[3];
}

static gradw_job gradw_job_of(const dc_fast_geometry *q)
{
    gradw_job j = {
        .q = q,
        .kernels = kernels_for(dc_fast_isa_now()),
        .grid = {q->n, q->i[0], q->i[1], q->i[2]},
        .slices = 1,
    };

    if (q->cog >= LANES_MIN)
        cut_output_lanes(&j);
    else if (!cut_input_lanes(&j))
        cut_gathered(&j);
    if (q->w_count <= BUFFER_MAX) /* else slices are too large */
        j.slices = dc_fast_max(SLICES / slice_tasks(&j), 1);
    j.blocks_per_slice = dc_fast_ceil(all_blocks(&j), j.slices);
    j.slices = dc_fast_ceil(all_blocks(&j), j.blocks_per_slice);
    j.need.thread = dc_fast_threads_round(
        (j.c_size + j.x_size + j.gy_size + j.transposed_size) *
            (int64_t)sizeof(REAL) +
        2 * POSITIONS_MAX * (int64_t)sizeof(int32_t) +
        COLS_MAX * (int64_t)(sizeof(strip) + sizeof(REAL *)));
    if (j.slices > 1)
        j.need.shared = dc_fast_threads_round(
            padded((j.slices - 1) * q->w_count) * (int64_t)sizeof(REAL));
    return j;
}

/* The workspace of task `index` of a slice. */
static gradw_workspace gradw_workspace_of(const gradw_job *j, int64_t index,
                                          void *buffer)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t cols = j->form == OUTPUT_LANES ? q->cog : q->cog * q->taps;
    gradw_workspace ws = {.c = buffer};

    ws.x = ws.c + j->c_size;
    ws.gy = ws.x + j->x_size;
    ws.transposed = ws.gy + j->gy_size;
    ws.b_offset = (void *)(ws.transposed + j->transposed_size);
    ws.gy_offset = ws.b_offset + POSITIONS_MAX;
    ws.strips = (void *)(ws.gy_offset + POSITIONS_MAX);
    ws.gy_row = (void *)(ws.strips + COLS_MAX);
    ws.input = index % j->input_blocks * j->inputs;
    ws.inputs = dc_fast_min(j->inputs, q->cig - ws.input);
    index /= j->input_blocks;
    ws.col = index % j->col_blocks * j->cols;
    ws.cols = dc_fast_min(j->cols, cols - ws.col);
    index /= j->col_blocks;
    for (int a = 0; a < 3; a++) {
        ws.tap[a] = index % j->tap_blocks[a] * j->taps[a];
        ws.taps[a] = dc_fast_min(j->taps[a], q->k[a] - ws.tap[a]);
        index /= j->tap_blocks[a];
    }
    ws.g = index;
    return ws;
}

/* Task: a slice of the sum, for a group and a block of gw. */
static void gradw_task(const void *argument, int64_t index, void *buffer)
{
    static const struct {
        void (*add)(const gradw_job *, gradw_workspace *);
        void (*store)(const gradw_job *, const gradw_workspace *, REAL *gw);
    } forms[] = {
        [OUTPUT_LANES] = {add_output_lanes, store_output_lanes},
        [INPUT_LANES] = {add_input_lanes, store_input_lanes},
        [GATHERED] = {add_gathered, store_gathered},
    };
    const gradw_job *const j = argument;
    const int64_t slice = index / slice_tasks(j);
    const int64_t end =
        dc_fast_min((slice + 1) * j->blocks_per_slice, all_blocks(j));
    gradw_workspace ws = gradw_workspace_of(j, index % slice_tasks(j), buffer);

    zero(ws.c, j->c_size);
    /* lanes without a channel or column are multiplied, too */
    if (j->form == INPUT_LANES && ws.inputs < j->lanes)
        zero(ws.x, j->x_size);
    if (j->form != INPUT_LANES && ws.cols < j->lanes)
        zero(ws.gy, j->gy_size);
    for (int64_t n = slice * j->blocks_per_slice; n < end; n++) {
        set_block(j, &ws, n);
        forms[j->form].add(j, &ws);
    }
    forms[j->form].store(
        j, &ws, slice ? j->partial + (slice - 1) * j->q->w_count : j->gw);
}

/* Task: adds the slices for some elements of gw. */
static void add_slices(const void *argument, int64_t index, void *buffer)
{
    const gradw_job *const j = argument;
    const int64_t all = j->q->w_count;
    const int64_t first = index * SUM_ELEMENTS;
    const int64_t count = dc_fast_min(SUM_ELEMENTS, all - first);

    (void)buffer;
    for (int64_t s = 0; s + 1 < j->slices; s++)
        j->kernels->add(j->gw + first, j->partial + s * all + first, count);
}

static dc_fast_need grad_weight_need(const dc_fast_geometry *q)
{
    return dc_fast_geometry_is_empty(q) ? (dc_fast_need){0, 0}
                                        : gradw_job_of(q).need;
}

static dc_status grad_weight(const dc_fast_geometry *q, const void *gy,
                             const void *x, void *gw)
{
    const int64_t all = q->w_count;
    dc_status status;
    gradw_job j;

    if (dc_fast_geometry_is_empty(q)) {
        zero(gw, all);
        return DC_OK;
    }
    j = gradw_job_of(q);
    j.x = x;
    j.gy = gy;
    j.gw = gw;
    if (j.slices > 1) {
        j.partial = dc_fast_threads_alloc(j.need.shared);
        if (!j.partial)
            return DC_NOMEM;
    }
    status = dc_fast_threads_run(j.slices * slice_tasks(&j),
                                 dc_fast_geometry_work(q), j.need.thread,
                                 gradw_task, &j);
    if (status == DC_OK && j.slices > 1)
        status =
            dc_fast_threads_run(dc_fast_ceil(all, SUM_ELEMENTS),
                                (double)(j.slices * all), 0, add_slices, &j);
    free(j.partial);
    return status;
}

#endif
