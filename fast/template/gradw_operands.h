/* SPDX-License-Identifier: MIT
 *
 * grad_weight as a matrix product whose long side is the sum: with rows = input
 * channels and k = positions (n, j),
 *
 *     gw[ci][(co, t)] = sum over k of x[ci][k] * gy[co][j*s - pb + t*d]
 *
 * The sum runs block by block.  This file has what its three forms share: the
 * job, a task's workspace, the transposed x, and the window of gy.  A template
 * over REAL, see kernels.h.
 */
#ifndef DC_FAST_TEMPLATE_GRADW_OPERANDS_H
#define DC_FAST_TEMPLATE_GRADW_OPERANDS_H

#include "fast/fast.h"
#include "fast/plan.h"
#include "fast/template/kernels.h"

enum {
    POSITIONS_MAX = 512,  /* of a block */
    BUFFER_MAX = 1 << 16, /* elements of C, and of gy, of a task */
    INPUTS_MAX = 256,     /* input channels of a task */
    COLS_MAX = 512,       /* (co, t) of a task, in the forms that count those */
    LANES_MIN = 12        /* channels that make a vector of lanes worth it */
};

/* Which operand is the vector lanes? */
typedef enum {
    OUTPUT_LANES, /* output channels, if a group has many */
    INPUT_LANES,  /* input channels, if it has few output channels but many of
                   * these */
    GATHERED      /* (co, t), if it has few of both */
} gradw_form;

/* One call.  The axes of blocks are batch, d, h, w. */
typedef struct {
    const dc_fast_geometry *q;
    const kernel_table *kernels;
    gradw_form form;
    const REAL *x;
    const REAL *gy;
    REAL *gw;
    REAL *partial;    /* sums of all slices but the first, each like gw */
    int64_t grid[4];  /* positions: n, i[0], i[1], i[2] */
    int64_t block[4]; /* positions of a block */
    int64_t blocks[4];
    int64_t taps[3]; /* of a task; GATHERED: 1, its columns include the tap */
    int64_t tap_blocks[3];
    int64_t inputs; /* input channels of a task */
    int64_t input_blocks;
    int64_t cols; /* columns of a task: co (OUTPUT_LANES) or (co, t) */
    int64_t col_blocks;
    int64_t lanes;            /* elements from row to row of C, x or gy */
    int64_t slices;           /* parts of the sum that are tasks of their own */
    int64_t blocks_per_slice; /* of positions */
    int64_t c_size, x_size, gy_size, transposed_size; /* elements */
    dc_fast_need need;
} gradw_job;

/* The columns col..col+n-1 of a task: neighbouring taps along w of one output
 * channel, so that gy is read contiguously unless d > 1. */
typedef struct {
    int64_t co;
    int64_t t[2]; /* taps along d and h */
    int64_t col, n;
    int64_t first;  /* index in gy that position 0 of a line reads first */
    int64_t lo, hi; /* positions lo..hi-1 read inside the line only */
} strip;

/* What a task computes, where it is, and its buffers. */
typedef struct {
    int64_t g;
    int64_t input, inputs;
    int64_t col, cols;
    int64_t tap[3], taps[3];
    int64_t first[4];  /* position of the current block, */
    int64_t extent[4]; /* its extents, */
    int64_t positions; /* and their product */
    /* the window of gy that the block meets: position p along axis a has index
     * gy_lo + p, which is inside gy for p in gy_first..gy_end-1 */
    int64_t gy_lo[3], gy_size[3], gy_first[3], gy_end[3];
    REAL *c;            /* [tap][input][lane]; INPUT_LANES: [col][lane] */
    REAL *x;            /* [panel][position][input] */
    REAL *gy;           /* [position][lane]; INPUT_LANES: the window as it is */
    REAL *transposed;   /* results on their way to gw; not GATHERED */
    int32_t *b_offset;  /* of each position in the operand with lanes */
    strip *strips;      /* GATHERED */
    int32_t *gy_offset; /* INPUT_LANES: of each position in the window, */
    const REAL **gy_row; /* and of each column; */
    int64_t known[4];    /* the extents of the block that both are for */
} gradw_workspace;

/* ==== sizes ============================================================== */

/* Blocks of at most `positions` positions, whole lines if they fit. */
static void cut_positions(gradw_job *j, int64_t positions)
{
    for (int a = 4; a-- > 0;) {
        const int64_t most = dc_fast_max(dc_fast_min(positions, j->grid[a]), 1);

        j->blocks[a] = dc_fast_ceil(j->grid[a], most);
        j->block[a] = dc_fast_ceil(j->grid[a], j->blocks[a]);
        j->blocks[a] = dc_fast_ceil(j->grid[a], j->block[a]);
        positions /= j->block[a];
    }
}

static int64_t block_positions(const gradw_job *j)
{
    return j->block[0] * j->block[1] * j->block[2] * j->block[3];
}

/* Input channels of a task, at most `limit`, about equal for all. */
static void cut_inputs(gradw_job *j, int64_t limit)
{
    const int64_t most = dc_fast_max(dc_fast_min(limit, INPUTS_MAX), 1);

    j->inputs = tile_rows(j->q->cig, most);
    j->input_blocks = dc_fast_ceil(j->q->cig, j->inputs);
}

/* Extent along axis a of the window of gy. */
static int64_t gy_extent(const dc_fast_geometry *q, int a, int64_t positions,
                         int64_t taps)
{
    return (positions - 1) * q->s[a] + (taps - 1) * q->d[a] + 1;
}

/* Elements of the window of a whole block, for this many channels. */
static double gy_elements(const gradw_job *j, int64_t channels)
{
    double elements = (double)channels * (double)j->block[0];

    for (int a = 0; a < 3; a++)
        elements *= (double)gy_extent(j->q, a, j->block[a + 1], j->taps[a]);
    return elements;
}

/* ==== operands =========================================================== */

/* Moves the task to block `index`. */
static void set_block(const gradw_job *j, gradw_workspace *ws, int64_t index)
{
    const dc_fast_geometry *const q = j->q;

    ws->positions = 1;
    for (int a = 4; a-- > 0; index /= j->blocks[a]) {
        ws->first[a] = index % j->blocks[a] * j->block[a];
        ws->extent[a] = dc_fast_min(j->block[a], j->grid[a] - ws->first[a]);
        ws->positions *= ws->extent[a];
    }
    for (int a = 0; a < 3; a++) {
        const int64_t lo =
            ws->first[a + 1] * q->s[a] + ws->tap[a] * q->d[a] - q->pb[a];
        const int64_t size = gy_extent(q, a, ws->extent[a + 1], ws->taps[a]);

        ws->gy_lo[a] = lo;
        ws->gy_size[a] = size;
        ws->gy_first[a] = dc_fast_min(dc_fast_max(-lo, 0), size);
        ws->gy_end[a] =
            dc_fast_max(dc_fast_min(q->o[a] - lo, size), ws->gy_first[a]);
    }
}

/* Loads x of a block, transposed into panels of up to `high` input channels,
 * with `pitch` elements from position to position; 0 stands for the panel's
 * channels without a gap. */
static void load_x(const gradw_job *j, const gradw_workspace *ws, int64_t high,
                   int64_t pitch)
{
    const dc_fast_geometry *const q = j->q;
    const REAL *const end = j->x + q->x_count;
    int64_t count[4] = {ws->extent[0], ws->extent[1], ws->extent[2], 1};
    int64_t run = ws->extent[3];
    REAL *to = ws->x;

    /* whole lines, and whole planes, follow each other without a gap */
    for (int a = 3; a > 1 && ws->extent[a] == j->grid[a]; a--) {
        run *= count[a - 1];
        count[a - 1] = 1;
    }
    for (int64_t r = 0; r < ws->inputs; r += high) {
        const int64_t rows = dc_fast_min(high, ws->inputs - r);
        const int64_t each = pitch ? pitch : rows;
        dc_fast_index l = {{0}};

        do {
            int64_t at = (ws->first[0] + l.at[0]) * q->ci + ws->g * q->cig +
                         ws->input + r;

            for (int a = 0; a < 3; a++)
                at =
                    at * q->i[a] + ws->first[a + 1] + (a < 2 ? l.at[a + 1] : 0);
            j->kernels->transpose(to, each, j->x + at, q->inputs, rows, run,
                                  end);
            to += run * each;
        } while (dc_fast_next(&l, count));
    }
}

/* The first element inside gy of the line of the window at positions d and h,
 * of one sample and channel of the group; NULL if there is none. */
static const REAL *gy_line(const gradw_job *j, const gradw_workspace *ws,
                           int64_t n, int64_t channel, const int64_t at[2])
{
    const dc_fast_geometry *const q = j->q;
    int64_t line = n * q->co + ws->g * q->cog + channel;

    for (int a = 0; a < 2; a++) {
        if (at[a] < ws->gy_first[a] || at[a] >= ws->gy_end[a])
            return NULL;
        line = line * q->o[a] + ws->gy_lo[a] + at[a];
    }
    if (ws->gy_first[2] >= ws->gy_end[2])
        return NULL;
    return j->gy + (line * q->o[2] + ws->gy_lo[2] + ws->gy_first[2]);
}

/* The offset of each position's first tap in the window, at `lanes` elements
 * per place. */
static void find_positions(const gradw_job *j, const gradw_workspace *ws,
                           int64_t lanes, int32_t *offset)
{
    const dc_fast_geometry *const q = j->q;
    dc_fast_index p = {{0}};
    int64_t k = 0;

    do {
        int64_t at = p.at[0];

        for (int a = 0; a < 3; a++)
            at = at * ws->gy_size[a] + p.at[a + 1] * q->s[a];
        offset[k++] = (int32_t)(at * lanes);
    } while (dc_fast_next(&p, ws->extent));
}

/* The row of input channel r of the task in gw (or in a partial sum). */
static REAL *gw_row(const gradw_job *j, const gradw_workspace *ws, int64_t r,
                    REAL *gw)
{
    const dc_fast_geometry *const q = j->q;

    return gw + (ws->g * q->cig + ws->input + r) * q->cog * q->taps;
}

#endif
