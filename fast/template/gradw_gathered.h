/* SPDX-License-Identifier: MIT
 *
 * grad_weight if a group has few channels: the vector lanes are (co, t), which
 * are gathered for each position.  A template over REAL, see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_GRADW_GATHERED_H
#define DC_FAST_TEMPLATE_GRADW_GATHERED_H

#include "fast/template/gradw_operands.h"

static void cut_gathered(gradw_job *j)
{
    const dc_fast_geometry *const q = j->q;
    int64_t positions = POSITIONS_MAX;

    j->form = GATHERED;
    for (int a = 0; a < 3; a++)
        j->taps[a] = j->tap_blocks[a] = 1;
    j->cols = dc_fast_min(q->cog * q->taps, COLS_MAX);
    j->col_blocks = dc_fast_ceil(q->cog * q->taps, j->cols);
    j->lanes = dc_fast_round_up(j->cols, MAX_LANES) + MAX_LANES;
    cut_positions(j, positions);
    while (positions * j->lanes > BUFFER_MAX)
        cut_positions(j, positions /= 2);
    cut_inputs(j, BUFFER_MAX / j->lanes);
    j->c_size = padded(j->inputs * j->lanes);
    j->x_size = padded(j->inputs * block_positions(j));
    j->gy_size = padded(block_positions(j) * j->lanes);
}

/* The strip from column `col` of the task on. */
static strip strip_at(const gradw_job *j, const gradw_workspace *ws,
                      int64_t col)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t s = q->s[2];
    const int64_t tap = (ws->col + col) % q->taps;
    const int64_t t = tap % q->k[2];
    const int64_t line = ws->extent[3];
    strip r = {
        .co = (ws->col + col) / q->taps,
        .t = {tap / (q->k[1] * q->k[2]), tap / q->k[2] % q->k[1]},
        .col = col,
        .n = dc_fast_min(q->k[2] - t, ws->cols - col),
        .first = ws->first[3] * s + t * q->d[2] - q->pb[2],
        .lo = line,
        .hi = line,
    };

    if (q->d[2] == 1) {
        r.lo = dc_fast_min(r.first < 0 ? dc_fast_ceil(-r.first, s) : 0, line);
        r.hi = dc_fast_floor(q->o[2] - r.n - r.first, s) + 1;
        r.hi = dc_fast_max(dc_fast_min(r.hi, line), r.lo);
    }
    return r;
}

/* to[p * lanes + i] = gy of column i of the strip at position p of a line;
 * zeros if line is NULL. */
static void gather_strip(const gradw_job *j, REAL *to, const REAL *line,
                         const strip *r, int64_t positions)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t s = q->s[2];
    int64_t lo = r->lo;
    int64_t hi = r->hi;

    /* whole vectors must not reach beyond the tensor */
    if (!line ||
        q->y_count - (line - j->gy) - MAX_LANES < r->first + hi * s + r->n)
        lo = hi = positions;
    if (lo < hi)
        j->kernels->copy_strided(to + lo * j->lanes, j->lanes,
                                 line + (r->first + lo * s), s, hi - lo, r->n);
    for (int64_t p = 0; p < positions; p++) {
        if (p == lo)
            p = hi;
        for (int64_t i = 0; p < positions && i < r->n; i++) {
            const int64_t at = r->first + p * s + i * q->d[2];

            to[p * j->lanes + i] =
                line && at >= 0 && at < q->o[2] ? line[at] : 0;
        }
    }
}

/* The line of gy that a strip reads at line l of a block; NULL if outside. */
static const REAL *strip_line(const gradw_job *j, const gradw_workspace *ws,
                              dc_fast_index l, const strip *r)
{
    const dc_fast_geometry *const q = j->q;
    int64_t line = (ws->first[0] + l.at[0]) * q->co + ws->g * q->cog + r->co;

    for (int a = 0; a < 2; a++) {
        const int64_t o = (ws->first[a + 1] + l.at[a + 1]) * q->s[a] +
                          r->t[a] * q->d[a] - q->pb[a];

        if (o < 0 || o >= q->o[a])
            return NULL;
        line = line * q->o[a] + o;
    }
    return j->gy + line * q->o[2];
}

/* Gathers gy of all columns of the task, line by line of the block. */
static void gather_gy(const gradw_job *j, const gradw_workspace *ws)
{
    const int64_t count[4] = {ws->extent[0], ws->extent[1], ws->extent[2], 1};
    dc_fast_index l = {{0}};
    REAL *to = ws->gy;
    int64_t strips = 0;

    for (int64_t col = 0; col < ws->cols; col += ws->strips[strips++].n)
        ws->strips[strips] = strip_at(j, ws, col);
    do {
        for (const strip *r = ws->strips; r < ws->strips + strips; r++)
            gather_strip(j, to + r->col, strip_line(j, ws, l, r), r,
                         ws->extent[3]);
        to += ws->extent[3] * j->lanes;
    } while (dc_fast_next(&l, count));
}

/* C += x * gy of a block. */
static void add_gathered(const gradw_job *j, gradw_workspace *ws)
{
    const gemm_desc g = {
        .rows = ws->inputs,
        .tile_rows = tile_rows(ws->inputs, j->kernels->rows),
        .k = ws->positions,
        .vecs = dc_fast_ceil(ws->cols, j->kernels->lanes),
        .a = ws->x,
        .b = ws->gy,
        .b_offset = ws->b_offset,
        .c = ws->c,
        .c_pitch = j->lanes,
    };

    load_x(j, ws, g.tile_rows, 0);
    gather_gy(j, ws);
    for (int64_t k = 0; k < ws->positions; k++)
        ws->b_offset[k] = (int32_t)(k * j->lanes);
    j->kernels->gemm(&g);
}

/* Stores C in gw, or in a partial sum of the same shape. */
static void store_gathered(const gradw_job *j, const gradw_workspace *ws,
                           REAL *gw)
{
    for (int64_t r = 0; r < ws->inputs; r++)
        memcpy(gw_row(j, ws, r, gw) + ws->col, ws->c + r * j->lanes,
               (size_t)ws->cols * sizeof *gw);
}

#endif
