/* SPDX-License-Identifier: MIT
 *
 * The memory of forward and grad_input: how much they need, the tables that
 * all tasks share, and the layout of a task's workspace.  A template over REAL,
 * see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_CONV_WORKSPACE_H
#define DC_FAST_TEMPLATE_CONV_WORKSPACE_H

#include "fast/template/conv_input.h"
#include "fast/threads.h"

/* Up to this many blocks of positions, packing all weights beforehand does not
 * pay: each task packs its own, chunk by chunk, while they are in cache. */
enum { BLOCKS_TO_PACK = 2 };

/* ==== tables ============================================================= */

/* Bytes of conv_tables. */
static int64_t tables_bytes(const conv_job *j)
{
    const int64_t b_offsets = dc_fast_mul(j->plan->in_chunk, j->all_taps);
    const int64_t int32s =
        dc_fast_add(dc_fast_add(b_offsets, j->max_depth), 2 * j->lines);

    return dc_fast_threads_round(dc_fast_add(
        dc_fast_add(dc_fast_mul(j->lines, sizeof(int64_t)),
                    dc_fast_mul(j->max_segments + 1, sizeof(segment))),
        dc_fast_mul(int32s, sizeof(int32_t))));
}

/* The column of C where line l of the block begins, `line` in the window. */
static int32_t column_of(const dc_fast_plan *p, int32_t line, int64_t l)
{
    const int64_t width = p->axis[W].block;

    switch (p->layout) {
    case DC_FAST_FLAT:
        return line;
    case DC_FAST_BY_LINE:
        return (int32_t)(l * dc_fast_round_up(width, MAX_LANES));
    default:
        return (int32_t)(l * width);
    }
}

/* Finds where each line of a block is in the window, in C and in the result. */
static void find_lines(const conv_job *j)
{
    const dc_fast_plan *const p = j->plan;
    int64_t count[DC_FAST_AXES];
    dc_fast_index i = {{0}};
    int64_t l = 0;

    for (int a = 0; a < DC_FAST_AXES; a++)
        count[a] = a == W ? 1 : p->axis[a].block;
    do {
        int64_t line = 0;
        int64_t place = 0;

        for (int a = 0; a < DC_FAST_AXES; a++) {
            line += i.at[a] * j->window_pitch[a];
            place += i.at[a] * p->axis[a].out_step * p->axis[a].out_pitch;
        }
        j->tables.line[l] = (int32_t)line;
        j->tables.place[l] = place;
        j->tables.column[l] = column_of(p, (int32_t)line, l);
        l++;
    } while (dc_fast_next(&i, count));
}

/* Finds the segments of each vector of a block whose lines are packed without
 * gaps. */
static void find_segments(const conv_job *j)
{
    const int64_t width = j->plan->axis[W].block;
    const int64_t lanes = j->kernels->lanes;
    segment *to = j->tables.segments;

    for (int64_t col = 0, n; col < j->lines * width; col += n) {
        const int64_t lane = col % lanes;
        const int64_t from = j->tables.line[col / width] + col % width - lane;

        n = dc_fast_min(width - col % width, lanes - lane);
        if (!lane || to[-1].from != from) /* else the segment continues */
            *to++ = (segment){(int32_t)from, (int32_t)lane};
    }
    *to = (segment){0, 0};
}

static void find_all_b_offsets(const conv_job *j)
{
    const dc_fast_plan *const p = j->plan;
    int32_t *b_offset = j->tables.b_offset;
    int64_t windows[DC_FAST_AXES];
    dc_fast_index window = {{0}};

    count_windows(p, windows);
    do {
        int64_t products[DC_FAST_AXES];
        dc_fast_index group = {{0}};

        count_products(p, window, products);
        do {
            const product r = product_of(p, window, group);

            find_b_offsets(j, &r, window, b_offset);
            b_offset += p->in_chunk * r.taps;
        } while (dc_fast_next(&group, products));
    } while (dc_fast_next(&window, windows));
}

/* Allocates and fills j->tables, to be released by freeing `place`.
 * DC_NOMEM. */
static dc_status make_conv_tables(conv_job *j)
{
    conv_tables *const t = &j->tables;

    t->place = dc_fast_threads_alloc(j->table_bytes);
    if (!t->place)
        return DC_NOMEM;
    t->segments = (void *)(t->place + j->lines);
    t->line = (void *)(t->segments + j->max_segments + 1);
    t->column = t->line + j->lines;
    t->panel_b_offset = t->column + j->lines;
    t->b_offset = t->panel_b_offset + j->max_depth;
    for (int64_t k = 0; k < j->max_depth; k++)
        t->panel_b_offset[k] = (int32_t)(k * PANEL);
    find_lines(j);
    if (j->max_segments)
        find_segments(j);
    if (j->plan->phases)
        find_all_b_offsets(j);
    return DC_OK;
}

/* ==== the job ============================================================ */

/* Multiplies the counts of axis a into those of the job. */
static void count_axis(conv_job *j, int a)
{
    const dc_fast_axis *const x = &j->plan->axis[a];
    int64_t weights = 0;
    int64_t all_taps = 0;
    int64_t max_groups = 0;
    int64_t max_taps = 0;

    for (int64_t n = 0; n < x->tap_groups; n++) {
        const dc_fast_tap_group *const group = &x->tap_group[n];

        weights += group->taps * x->phase_group[group->phase_group].phases;
        all_taps += group->taps;
    }
    for (int64_t n = 0; n < x->windows; n++) {
        const dc_fast_window *const window = &x->window[n];
        int64_t taps = 0;

        for (int64_t g = 0; g < window->tap_groups; g++)
            taps += x->tap_group[window->first + g].taps;
        max_groups = dc_fast_max(max_groups, window->tap_groups);
        max_taps = dc_fast_max(max_taps, taps);
    }
    j->a_block_size = dc_fast_mul(j->a_block_size, weights);
    j->all_taps = dc_fast_mul(j->all_taps, all_taps);
    j->max_products = dc_fast_mul(j->max_products, max_groups);
    j->max_taps = dc_fast_mul(j->max_taps, max_taps);
    j->lines *= a == W ? 1 : x->block;
    j->tasks *= dc_fast_blocks(x);
}

/* The job of a plan, without its tensors and tables.  With `packed` its
 * weights are packed beforehand, whether it pays or not. */
static conv_job job_of(const dc_fast_plan *p, const kernel_table *kernels,
                       bool packed)
{
    const int64_t rows = dc_fast_mul(p->out_block, p->phases);
    const int64_t out_blocks = dc_fast_ceil(p->out_channels, p->out_block);
    conv_job j = {
        .plan = p,
        .kernels = kernels,
        .a_block_size = dc_fast_mul(p->in_channels, p->out_block),
        .out_blocks = out_blocks,
        .tasks = p->g * out_blocks,
        .lines = 1,
        .max_products = 1,
        .max_taps = 1,
        .all_taps = 1,
        .max_depth = dc_fast_mul(p->in_chunk, p->max_taps),
        .c_size = padded(dc_fast_mul(rows, p->c_pitch)),
        .init_size = padded(rows),
        .window_size = padded(dc_fast_mul(p->in_chunk, p->window_size)),
    };
    int64_t window_pitch = 1;
    int64_t plane_pitch = p->plane_size;

    for (int a = DC_FAST_AXES; a-- > 0;) {
        j.window_pitch[a] = window_pitch;
        window_pitch *= p->axis[a].block + p->axis[a].span;
        j.plane_pitch[a] = plane_pitch;
        plane_pitch *= p->axis[a].max_planes;
        count_axis(&j, a);
    }
    if (p->layout == DC_FAST_PACKED) {
        j.panel_size = padded(dc_fast_mul(j.max_depth, PANEL));
        j.max_segments =
            dc_fast_ceil(j.lines * p->axis[W].block, kernels->lanes) + j.lines;
    }
    if (!packed && j.tasks <= BLOCKS_TO_PACK * p->g * out_blocks) {
        j.a_size =
            padded(dc_fast_mul(j.a_block_size / p->in_channels, p->in_chunk));
    } else {
        j.a_block_size = padded(j.a_block_size);
        j.a_bytes = dc_fast_threads_round(dc_fast_mul(
            dc_fast_mul(p->g * out_blocks, j.a_block_size), sizeof(REAL)));
    }
    j.table_bytes = tables_bytes(&j);
    return j;
}

/* ==== workspaces ========================================================= */

/* Bytes of the descriptions of a window's weights, and of their offsets. */
static int64_t weight_desc_bytes(const conv_job *j)
{
    const int64_t rows = dc_fast_mul(j->plan->out_block, j->plan->phases);

    return dc_fast_add(
        dc_fast_mul(j->max_products, sizeof(weight_desc)),
        dc_fast_mul(dc_fast_add(rows, j->max_taps), sizeof(int64_t)));
}

/* Bytes of a task's workspace. */
static int64_t workspace_bytes(const conv_job *j)
{
    const int64_t sizes[] = {j->c_size, j->window_size, j->panel_size,
                             j->init_size, j->a_size};
    int64_t bytes = dc_fast_mul(j->plan->axis[W].phases, sizeof(REAL *));

    for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++)
        bytes = dc_fast_add(bytes, dc_fast_mul(sizes[n], sizeof(REAL)));
    return dc_fast_threads_round(dc_fast_add(bytes, weight_desc_bytes(j)));
}

/* The workspace of task `index`: its output block changes fastest, then its
 * group, then its block of positions. */
static conv_workspace workspace_of(const conv_job *j, int64_t index,
                                   void *buffer)
{
    const dc_fast_plan *const p = j->plan;
    const int64_t block = index % j->out_blocks;
    const int64_t g = index / j->out_blocks % p->g;
    conv_workspace ws = {
        .channel = g * p->out_channels + block * p->out_block,
        .channels = block_channels(p, block),
        .in = j->in + g * p->in_channels * p->in_pitch,
        .one_window = true,
        .b_offset = j->tables.b_offset,
        .c = buffer,
        .c_pitch = p->c_pitch,
    };

    ws.window = ws.c + j->c_size;
    ws.panel = ws.window + j->window_size;
    ws.init = ws.panel + j->panel_size;
    ws.a_chunk = ws.init + j->init_size;
    ws.weights = (void *)(ws.a_chunk + j->a_size);
    ws.offsets = (void *)(ws.weights + j->max_products);
    ws.rows = (void *)((char *)ws.weights + weight_desc_bytes(j));
    if (j->a)
        ws.a = j->a + (g * j->out_blocks + block) * j->a_block_size;
    else
        ws.w = j->w + g * p->w_group + block * p->out_block * p->w_out;
    ws.out = j->out + ws.channel * p->out_pitch;
    index /= j->out_blocks * p->g;
    for (int a = DC_FAST_AXES; a-- > 0;) {
        const dc_fast_axis *const x = &p->axis[a];
        const int64_t blocks = dc_fast_blocks(x);

        ws.m.at[a] = index % blocks * x->block;
        index /= blocks;
        ws.out += ws.m.at[a] * x->out_step * x->out_pitch;
        ws.one_window &= x->windows == 1;
    }
    return ws;
}

#endif
