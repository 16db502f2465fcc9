/* SPDX-License-Identifier: MIT
 *
 * grad_weight if a group has few output channels but many input channels: these
 * are the vector lanes.  Each row of C is one (co, t), which reads its factors
 * gy[co][j*s - pb + t*d] in place, from a zero-padded window of gy that all
 * taps share.  A template over REAL, see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_GRADW_INPUT_LANES_H
#define DC_FAST_TEMPLATE_GRADW_INPUT_LANES_H

#include "fast/template/gradw_operands.h"

/* Cuts the job into tasks of this form; false if the form does not suit it. */
static bool cut_input_lanes(gradw_job *j)
{
    enum {
        POSITIONS_MIN = 16, /* smaller blocks do not pay */
        VECTORS = 4         /* of input channels of a task */
    };
    const dc_fast_geometry *const q = j->q;
    const int64_t most = COLS_MAX / dc_fast_min(q->taps, COLS_MAX + 1);
    int64_t positions = POSITIONS_MAX;
    int64_t channels;

    if (q->cig < LANES_MIN || !most)
        return false;
    channels = tile_rows(q->cog, most);
    for (int a = 0; a < 3; a++) {
        j->taps[a] = q->k[a];
        j->tap_blocks[a] = 1;
    }
    cut_positions(j, positions);
    while (gy_elements(j, channels) > BUFFER_MAX) {
        if (positions <= POSITIONS_MIN)
            return false;
        cut_positions(j, positions /= 2);
    }
    j->form = INPUT_LANES;
    j->cols = channels * q->taps;
    j->col_blocks = dc_fast_ceil(q->cog, channels);
    j->input_blocks = dc_fast_ceil(q->cig, VECTORS * MAX_LANES);
    j->inputs = dc_fast_ceil(q->cig, j->input_blocks);
    j->lanes = dc_fast_round_up(j->inputs, MAX_LANES);
    j->c_size = padded(j->cols * j->lanes);
    j->x_size = padded(block_positions(j) * j->lanes);
    j->gy_size = padded((int64_t)gy_elements(j, channels));
    j->transposed_size = padded(j->inputs * j->cols);
    return true;
}

/* Loads the window of gy, zeros outside: [co][n][d][h][w]. */
static void copy_gy(const gradw_job *j, const gradw_workspace *ws)
{
    const int64_t taps = j->q->taps;
    const int64_t count[4] = {ws->cols / taps, ws->extent[0], ws->gy_size[0],
                              ws->gy_size[1]};
    const int64_t before = ws->gy_first[2];
    dc_fast_index l = {{0}};
    REAL *to = ws->gy;

    do {
        const REAL *const line = gy_line(j, ws, ws->first[0] + l.at[1],
                                         ws->col / taps + l.at[0], l.at + 2);

        zero(to, ws->gy_size[2]);
        if (line)
            memcpy(to + before, line,
                   (size_t)(ws->gy_end[2] - before) * sizeof *to);
        to += ws->gy_size[2];
    } while (dc_fast_next(&l, count));
}

/* Finds where the positions and the columns of the block are in the window. */
static void index_window(const gradw_job *j, gradw_workspace *ws)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t count[4] = {ws->cols / q->taps, q->k[0], q->k[1], q->k[2]};
    dc_fast_index t = {{0}};
    int64_t n = 0;

    memcpy(ws->known, ws->extent, sizeof ws->extent);
    find_positions(j, ws, 1, ws->gy_offset);
    for (int64_t k = 0; k < ws->positions; k++)
        ws->b_offset[k] = (int32_t)(k * j->lanes);
    do {
        int64_t at = t.at[0] * ws->extent[0];

        for (int a = 0; a < 3; a++)
            at = at * ws->gy_size[a] + t.at[a + 1] * q->d[a];
        ws->gy_row[n++] = ws->gy + at;
    } while (dc_fast_next(&t, count));
}

/* C += gy * x of a block. */
static void add_input_lanes(const gradw_job *j, gradw_workspace *ws)
{
    const gemm_desc g = {
        .rows = ws->cols,
        .tile_rows = tile_rows(ws->cols, j->kernels->indexed_rows),
        .k = ws->positions,
        .vecs = j->lanes / j->kernels->lanes,
        .a_row = ws->gy_row,
        .a_offset = ws->gy_offset,
        .b = ws->x,
        .b_offset = ws->b_offset,
        .c = ws->c,
        .c_pitch = j->lanes,
    };

    if (memcmp(ws->known, ws->extent, sizeof ws->extent))
        index_window(j, ws);
    copy_gy(j, ws);
    load_x(j, ws, ws->inputs, j->lanes);
    j->kernels->gemm(&g);
}

/* Stores C in gw, or in a partial sum of the same shape. */
static void store_input_lanes(const gradw_job *j, const gradw_workspace *ws,
                              REAL *gw)
{
    j->kernels->transpose(ws->transposed, ws->cols, ws->c, j->lanes, ws->cols,
                          ws->inputs, ws->x);
    for (int64_t r = 0; r < ws->inputs; r++)
        memcpy(gw_row(j, ws, r, gw) + ws->col, ws->transposed + r * ws->cols,
               (size_t)ws->cols * sizeof *gw);
}

#endif
