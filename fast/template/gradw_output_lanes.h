/* SPDX-License-Identifier: MIT
 *
 * The form of grad_weight for groups with many output channels, which are the
 * vector lanes.  One transposed window of gy serves all taps; a tap is an
 * offset into it.  Terms are defined in gradw_operands.h.  A template over
 * REAL, see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_GRADW_OUTPUT_LANES_H
#define DC_FAST_TEMPLATE_GRADW_OUTPUT_LANES_H

#include "fast/template/gradw_operands.h"

static int64_t task_taps(const gradw_job *j)
{
    return j->taps[0] * j->taps[1] * j->taps[2];
}

/* Halves the taps of a task along the axis a with the largest extent[a]. */
static void halve_taps(gradw_job *j, const int64_t extent[3])
{
    int longest = 0;

    for (int a = 1; a < 3; a++)
        if (extent[a] > extent[longest])
            longest = a;
    j->taps[longest] = dc_fast_ceil(j->taps[longest], 2);
}

static void cut_output_lanes(gradw_job *j)
{
    const dc_fast_geometry *const q = j->q;
    int64_t positions = POSITIONS_MAX;
    int64_t taps;

    j->form = OUTPUT_LANES;
    for (int a = 0; a < 3; a++)
        j->taps[a] = q->k[a];
    j->cols = dc_fast_min(q->cog, q->taps <= 8 ? 64 : 32);
    j->col_blocks = dc_fast_ceil(q->cog, j->cols);
    j->lanes = dc_fast_round_up(j->cols, MAX_LANES);
    cut_positions(j, positions);
    while (gy_elements(j, j->lanes) > BUFFER_MAX)
        /* fewer positions first, then fewer taps */
        if (positions > 64 || (positions > 1 && task_taps(j) == 1))
            cut_positions(j, positions /= 2);
        else
            halve_taps(j, (int64_t[]){(j->taps[0] - 1) * q->d[0],
                                      (j->taps[1] - 1) * q->d[1],
                                      (j->taps[2] - 1) * q->d[2]});
    while (task_taps(j) * j->lanes * 8 > BUFFER_MAX)
        halve_taps(j, j->taps);
    for (int a = 0; a < 3; a++)
        j->tap_blocks[a] = dc_fast_ceil(q->k[a], j->taps[a]);
    taps = task_taps(j);
    cut_inputs(j, BUFFER_MAX / (taps * j->lanes));
    j->c_size = padded(taps * j->inputs * j->lanes);
    j->x_size = padded(j->inputs * block_positions(j));
    j->gy_size = padded((int64_t)gy_elements(j, j->lanes));
    j->transposed_size = padded(taps * j->cols);
}

/* Loads the window of gy with its output channels as lanes; places outside gy
 * are set to zero. */
static void transpose_gy(const gradw_job *j, const gradw_workspace *ws)
{
    const dc_fast_geometry *const q = j->q;
    const REAL *const gy_end = j->gy + q->y_count;
    const int64_t before = ws->gy_first[2];
    const int64_t after = ws->gy_size[2] - ws->gy_end[2];
    int64_t count[4] = {ws->extent[0], ws->gy_size[0], ws->gy_size[1], 1};
    int64_t run = ws->gy_size[2];
    dc_fast_index l = {{0}};
    REAL *to = ws->gy;

    /* a window of whole lines of gy is one run */
    if (run == q->o[2] && !ws->gy_lo[2] && !ws->gy_first[1] &&
        ws->gy_end[1] == ws->gy_size[1]) {
        run *= ws->gy_size[1];
        count[2] = 1;
    }
    do {
        const REAL *const line =
            gy_line(j, ws, ws->first[0] + l.at[0], ws->col, l.at + 1);

        if (!line) {
            zero(to, run * j->lanes);
        } else {
            zero(to, before * j->lanes);
            j->kernels->transpose(to + before * j->lanes, j->lanes, line,
                                  q->outputs, ws->cols, run - before - after,
                                  gy_end);
            zero(to + (run - after) * j->lanes, after * j->lanes);
        }
        to += run * j->lanes;
    } while (dc_fast_next(&l, count));
}

/* Adds the x * gy of one block to C, one matrix product per tap.  C is
 * [tap][j->inputs][lane]. */
static void add_output_lanes(const gradw_job *j, gradw_workspace *ws)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t count[4] = {1, ws->taps[0], ws->taps[1], ws->taps[2]};
    gemm_desc g = {
        .rows = ws->inputs,
        .tile_rows = tile_rows(ws->inputs, j->kernels->rows),
        .k = ws->positions,
        .vecs = j->lanes / j->kernels->lanes,
        .a = ws->x,
        .b_offset = ws->b_offset,
        .c = ws->c,
        .c_pitch = j->lanes,
    };
    dc_fast_index t = {{0}};

    load_x(j, ws, g.tile_rows, 0);
    find_positions(j, ws, j->lanes, ws->b_offset);
    transpose_gy(j, ws);
    do {
        int64_t at = 0;

        for (int a = 0; a < 3; a++)
            at = at * ws->gy_size[a] + t.at[a + 1] * q->d[a];
        g.b = ws->gy + at * j->lanes;
        j->kernels->gemm(&g);
        g.c += j->inputs * j->lanes;
    } while (dc_fast_next(&t, count));
}

/* Stores [co][tap] of one input channel if the task has only some of the
 * taps. */
static void store_some_taps(const gradw_job *j, const gradw_workspace *ws,
                            const REAL *from, REAL *to)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t count[4] = {ws->cols, ws->taps[0], ws->taps[1], ws->taps[2]};
    dc_fast_index i = {{0}};

    do {
        int64_t at = ws->col + i.at[0];

        for (int a = 0; a < 3; a++)
            at = at * q->k[a] + ws->tap[a] + i.at[a + 1];
        to[at] = *from++;
    } while (dc_fast_next(&i, count));
}

/* Stores C in gw, or in a partial sum of the same shape. */
static void store_output_lanes(const gradw_job *j, const gradw_workspace *ws,
                               REAL *gw)
{
    const int64_t taps = ws->taps[0] * ws->taps[1] * ws->taps[2];
    const bool all_taps = taps == j->q->taps;
    /* transpose() writes at least a whole vector per output channel, which
     * stays inside this task's part of gw if taps >= lanes */
    const bool direct = all_taps && taps >= j->kernels->lanes;

    for (int64_t r = 0; r < ws->inputs; r++) {
        REAL *const row = gw_row(j, ws, r, gw);
        REAL *const to = direct ? row + ws->col * taps : ws->transposed;

        j->kernels->transpose(to, taps, ws->c + r * j->lanes,
                              j->inputs * j->lanes, taps, ws->cols, ws->x);
        if (!all_taps)
            store_some_taps(j, ws, to, row);
        else if (!direct)
            memcpy(row + ws->col * taps, to,
                   (size_t)(ws->cols * taps) * sizeof *to);
    }
}

#endif
