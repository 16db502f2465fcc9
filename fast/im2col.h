/* SPDX-License-Identifier: MIT
 *
 * The four operations as matrix products.  With rows r = (co', t) and columns
 * p = (input position), cols[r][p] is what meets x[ci][p] under w[ci][r]:
 *     forward      cols = w^T x, scattered into y   (col2im)
 *     grad_input   gx = w cols                      (im2col of gy)
 *     grad_weight  gw = x cols^T                    (im2col of gy)
 * A template over REAL and OPERATIONS, included by f32.c and f64.c.
 *
 * Tiles depend on the problem alone and no two tasks write the same element,
 * so the number of threads never changes a bit.
 */
#include "gemm.h"
#include "operations.h"
#include "threads.h"

/* A tile of cols is at most ROWS x NC. */
enum { ROWS = 192 };

/* One call: the tensors that it has, and how it is cut. */
typedef struct {
    const dc_fast_geometry *q;
    const REAL *x;
    const REAL *w;
    const REAL *b;
    const REAL *gy;
    REAL *result;
    int64_t rows_all; /* rows of one group: cog * taps */
    int64_t rows;     /* rows of a tile */
    int64_t cols;     /* columns of a tile */
    int64_t pitch;    /* elements from row to row of a tile */
    int64_t channels; /* forward: output channels of a task */
    int64_t a_size;   /* elements of the packed blocks */
    int64_t b_size;
} job;

typedef struct {
    REAL *cols;
    packs packs;
} workspace;

/* Lines of 64 bytes for each part, whatever REAL is. */
static int64_t lines(int64_t elements)
{
    return dc_fast_up(elements, 64 / (int64_t)sizeof(REAL));
}

static job cut(const dc_fast_geometry *q)
{
    const int64_t rows_all = q->cog * q->taps;

    return (job){
        .q = q,
        .rows_all = rows_all,
        .rows = dc_fast_min(rows_all, ROWS),
        .cols = dc_fast_min(q->inputs, NC),
        /* no power of two, which would put a column into one cache set */
        .pitch = lines(dc_fast_min(q->inputs, NC)) + lines(1),
        .channels = dc_fast_max(dc_fast_min(q->cog, ROWS / q->taps), 1),
    };
}

/* Runs the tasks; their largest product is m x n x k. */
static dc_status run(job *j, dc_fast_task *task, int64_t count, int64_t m,
                     int64_t n, int64_t k)
{
    j->a_size = lines(pack_a_size(m, k));
    j->b_size = lines(pack_b_size(n, k));

    const int64_t room = j->rows * j->pitch + j->a_size + j->b_size;

    return dc_fast_threads_run(count, dc_fast_geometry_work(j->q),
                               (size_t)room * sizeof(REAL), task, j);
}

static workspace lay_out(const job *j, void *room)
{
    REAL *const cols = room;
    REAL *const a = cols + j->rows * j->pitch;

    return (workspace){cols, {a, a + j->a_size}};
}

/* y[channel][o] += cols[row][p]; row 0 of the tile is row r0 of the channels
 * that y begins with, column 0 is position p0.  Rows first, first + taps, ...
 * are successive channels under one tap and share its runs. */
static void col2im(const job *j, const REAL *restrict cols, int64_t r0,
                   int64_t rows, int64_t p0, int64_t n, REAL *restrict y)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t s = q->s[2];
    dc_fast_run runs[NC];

    for (int64_t first = 0; first < dc_fast_min(rows, q->taps); first++) {
        const int64_t count =
            dc_fast_geometry_runs(q, (r0 + first) % q->taps, p0, p0 + n, runs);

        for (int64_t r = first; r < rows; r += q->taps)
            for (int64_t u = 0; u < count; u++) {
                const REAL *const from = cols + r * j->pitch + runs[u].at;
                REAL *const to =
                    y + (r0 + r) / q->taps * q->outputs + runs[u].out;

                if (s == 1)
                    for (int64_t e = 0; e < runs[u].count; e++)
                        to[e] += from[e];
                else
                    for (int64_t e = 0; e < runs[u].count; e++)
                        to[e * s] += from[e];
            }
    }
}

/* cols[row][p] = gy[channel][o], zero where the tap leaves 0..o-1; arguments
 * as in col2im. */
static void im2col(const job *j, REAL *restrict cols, int64_t r0, int64_t rows,
                   int64_t p0, int64_t n, const REAL *restrict gy)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t s = q->s[2];
    dc_fast_run runs[NC];

    for (int64_t first = 0; first < dc_fast_min(rows, q->taps); first++) {
        const int64_t count =
            dc_fast_geometry_runs(q, (r0 + first) % q->taps, p0, p0 + n, runs);

        for (int64_t r = first; r < rows; r += q->taps) {
            memset(cols + r * j->pitch, 0, (size_t)n * sizeof *cols);
            for (int64_t u = 0; u < count; u++) {
                const REAL *const from =
                    gy + (r0 + r) / q->taps * q->outputs + runs[u].out;
                REAL *const to = cols + r * j->pitch + runs[u].at;

                for (int64_t e = 0; e < runs[u].count; e++)
                    to[e] = from[e * s];
            }
        }
    }
}

/* ==== forward =========================================================== */

/* Task: one image, one group, a block of output channels. */
static void forward_task(const void *argument, int64_t index, void *room)
{
    const job *const j = argument;
    const dc_fast_geometry *const q = j->q;
    const workspace space = lay_out(j, room);
    const int64_t blocks = dc_fast_ceil(q->cog, j->channels);
    const int64_t n = index / blocks / q->g;
    const int64_t g = index / blocks % q->g;
    const int64_t c0 = index % blocks * j->channels;
    const int64_t channels = dc_fast_min(j->channels, q->cog - c0);
    REAL *const y = j->result + (n * q->co + g * q->cog + c0) * q->outputs;

    for (int64_t c = 0; c < channels; c++)
        for (int64_t o = 0; o < q->outputs; o++)
            y[c * q->outputs + o] = j->b ? j->b[g * q->cog + c0 + c] : 0;
    if (!q->cig)
        return;
    for (int64_t p = 0; p < q->inputs; p += NC)
        for (int64_t r = 0; r < channels * q->taps; r += ROWS) {
            const REAL *const x =
                j->x + (n * q->ci + g * q->cig) * q->inputs + p;
            const REAL *const w =
                j->w + g * q->cig * j->rows_all + c0 * q->taps + r;
            const int64_t cols = dc_fast_min(NC, q->inputs - p);
            const int64_t rows = dc_fast_min(ROWS, channels * q->taps - r);

            gemm(rows, cols, q->cig, (matrix){w, 1, j->rows_all},
                 (matrix){x, q->inputs, 1}, space.cols, j->pitch, 0,
                 space.packs);
            col2im(j, space.cols, r, rows, p, cols, y);
        }
}

static dc_status forward(const dc_fast_geometry *q, const void *x,
                         const void *w, const void *b, void *y)
{
    job j = cut(q);

    if (!q->n || !q->co || !q->outputs)
        return DC_OK;
    j.x = x;
    j.w = w;
    j.b = b;
    j.result = y;
    return run(&j, forward_task, q->n * q->g * dc_fast_ceil(q->cog, j.channels),
               j.rows, j.cols, q->cig);
}

/* ==== grad_input ======================================================== */

/* Task: one image, one group, a block of input channels, a tile of input
 * positions. */
static void grad_input_task(const void *argument, int64_t index, void *room)
{
    const job *const j = argument;
    const dc_fast_geometry *const q = j->q;
    const workspace space = lay_out(j, room);
    const int64_t tiles = dc_fast_ceil(q->inputs, NC);
    const int64_t blocks = dc_fast_ceil(q->cig, MC);
    const int64_t n = index / tiles / blocks / q->g;
    const int64_t g = index / tiles / blocks % q->g;
    const int64_t c = index / tiles % blocks * MC;
    const int64_t p = index % tiles * NC;
    const int64_t channels = dc_fast_min(MC, q->cig - c);
    const int64_t cols = dc_fast_min(NC, q->inputs - p);
    const REAL *const gy = j->gy + (n * q->co + g * q->cog) * q->outputs;
    const REAL *const w = j->w + (g * q->cig + c) * j->rows_all;
    REAL *const gx = j->result + (n * q->ci + g * q->cig + c) * q->inputs + p;

    for (int64_t r = 0; r < j->rows_all; r += ROWS) {
        const int64_t rows = dc_fast_min(ROWS, j->rows_all - r);

        im2col(j, space.cols, r, rows, p, cols, gy);
        gemm(channels, cols, rows, (matrix){w + r, j->rows_all, 1},
             (matrix){space.cols, j->pitch, 1}, gx, q->inputs, r > 0,
             space.packs);
    }
}

static dc_status grad_input(const dc_fast_geometry *q, const void *gy,
                            const void *w, void *gx)
{
    job j = cut(q);

    if (!q->n || !q->ci || !q->inputs)
        return DC_OK;
    if (!q->co || !q->outputs) {
        memset(gx, 0, (size_t)(q->n * q->ci * q->inputs) * sizeof(REAL));
        return DC_OK;
    }
    j.gy = gy;
    j.w = w;
    j.result = gx;
    return run(&j, grad_input_task,
               q->n * q->g * dc_fast_ceil(q->cig, MC) *
                   dc_fast_ceil(q->inputs, NC),
               q->cig, j.cols, j.rows);
}

/* ==== grad_weight ======================================================= */

/* Task: one group, a block of input channels, a tile of rows; the batch and
 * the input positions are summed in order. */
static void grad_weight_task(const void *argument, int64_t index, void *room)
{
    const job *const j = argument;
    const dc_fast_geometry *const q = j->q;
    const workspace space = lay_out(j, room);
    const int64_t tiles = dc_fast_ceil(j->rows_all, ROWS);
    const int64_t blocks = dc_fast_ceil(q->cig, MC);
    const int64_t g = index / tiles / blocks;
    const int64_t c = index / tiles % blocks * MC;
    const int64_t r = index % tiles * ROWS;
    const int64_t channels = dc_fast_min(MC, q->cig - c);
    const int64_t rows = dc_fast_min(ROWS, j->rows_all - r);
    REAL *const gw = j->result + (g * q->cig + c) * j->rows_all + r;

    for (int64_t n = 0; n < q->n; n++)
        for (int64_t p = 0; p < q->inputs; p += NC) {
            const int64_t cols = dc_fast_min(NC, q->inputs - p);
            const REAL *const x =
                j->x + (n * q->ci + g * q->cig + c) * q->inputs + p;

            im2col(j, space.cols, r, rows, p, cols,
                   j->gy + (n * q->co + g * q->cog) * q->outputs);
            gemm(channels, rows, cols, (matrix){x, q->inputs, 1},
                 (matrix){space.cols, 1, j->pitch}, gw, j->rows_all, n || p,
                 space.packs);
        }
}

static dc_status grad_weight(const dc_fast_geometry *q, const void *gy,
                             const void *x, void *gw)
{
    job j = cut(q);

    if (!q->ci || !q->co)
        return DC_OK;
    if (!q->n || !q->inputs || !q->outputs) {
        memset(gw, 0, (size_t)(q->ci * j.rows_all) * sizeof(REAL));
        return DC_OK;
    }
    j.gy = gy;
    j.x = x;
    j.result = gw;
    return run(&j, grad_weight_task,
               q->g * dc_fast_ceil(q->cig, MC) * dc_fast_ceil(j.rows_all, ROWS),
               q->cig, j.rows, j.cols);
}

/* ==== grad_bias ========================================================= */

/* Task: one output channel.  Sixteen interleaved partial sums, then a tree. */
static void grad_bias_task(const void *argument, int64_t index, void *room)
{
    enum { LANES = 16 };
    const job *const j = argument;
    const dc_fast_geometry *const q = j->q;
    REAL sums[LANES] = {0};

    (void)room;
    for (int64_t n = 0; n < q->n; n++) {
        const REAL *const gy = j->gy + (n * q->co + index) * q->outputs;
        const int64_t whole = q->outputs / LANES * LANES;

        for (int64_t o = 0; o < whole; o += LANES)
            for (int64_t l = 0; l < LANES; l++)
                sums[l] += gy[o + l];
        for (int64_t l = 0; l < q->outputs - whole; l++)
            sums[l] += gy[whole + l];
    }
    for (int64_t half = LANES / 2; half; half /= 2)
        for (int64_t l = 0; l < half; l++)
            sums[l] += sums[l + half];
    j->result[index] = sums[0];
}

static dc_status grad_bias(const dc_fast_geometry *q, const void *gy, void *gb)
{
    const job j = {.q = q, .gy = gy, .result = gb};

    if (!q->n || !q->outputs) {
        if (q->co)
            memset(gb, 0, (size_t)q->co * sizeof(REAL));
        return DC_OK;
    }
    return dc_fast_threads_run(
        q->co, (double)q->n * (double)q->co * (double)q->outputs, 0,
        grad_bias_task, &j);
}

const dc_fast_operations OPERATIONS = {forward, grad_input, grad_weight,
                                       grad_bias};
