/* SPDX-License-Identifier: MIT
 *
 * grad_weight and grad_bias.  With rows = input channels and k = positions,
 *     gw[ci][(co, t)] = sum over k of  x[ci][k] * gy[co][k*s - pb + t*d]
 * is a product whose long side is the sum.  x is transposed once per box of
 * positions.  gy is brought into rows of lanes in one of two ways: where a
 * group has many output channels they are the lanes, and one transposed window
 * serves all taps by an offset; where it has few, each row gathers all (co, t)
 * of its position.  A template over REAL and OPERATIONS.
 *
 * Sums run over the boxes in order, in slices that the problem alone fixes.
 */

enum {
    BOX = 256,      /* positions of a box, at most */
    ROOM = 1 << 16, /* elements of C, of a window, of the transposed x */
    CHANNELS = 256, /* input channels of a task, at most */
    MANY = 12,      /* output channels that are worth a vector of lanes */
    COLUMNS = 512,  /* of a task, where rows are gathered */
    SLICES = 8
};

typedef struct {
    const dc_fast_geometry *q;
    const engine *does;
    const REAL *x;
    const REAL *gy;
    REAL *gw;
    REAL *slice;     /* sums of all slices but the first */
    int many;        /* output channels are lanes */
    int64_t grid[4]; /* batch, d, h, w */
    int64_t box[4];
    int64_t boxes[4];
    int64_t taps[3]; /* of a task */
    int64_t pieces[3];
    int64_t rows;  /* input channels of a task */
    int64_t cols;  /* output channels, or columns (co, t), of a task */
    int64_t lanes; /* cols rounded up to vectors */
    int64_t row_blocks, col_blocks;
    int64_t slices;
    int64_t per_slice; /* boxes */
    int64_t c_size, x_size, b_size, t_size;
} weighing;

/* One box: positions from m on, extents e. */
typedef struct {
    int64_t m[4];
    int64_t e[4];
    int64_t positions;
} weight_box;

/* A task's workspace and what it covers. */
typedef struct {
    REAL *c;      /* [tap][row][lane] */
    REAL *x;      /* [panel][position][row] */
    REAL *b;      /* [place][lane] */
    REAL *turned; /* one row of gw */
    int32_t *off; /* place of each position, in elements */
    int64_t g;
    int64_t row, rows;
    int64_t col, cols;
    int64_t tap[3], taps[3];
} bench;

static weight_box box_at(const weighing *j, int64_t index)
{
    weight_box b = {.positions = 1};

    for (int a = 4; a-- > 0; index /= j->boxes[a]) {
        b.m[a] = index % j->boxes[a] * j->box[a];
        b.e[a] = dc_fast_min(j->box[a], j->grid[a] - b.m[a]);
        b.positions *= b.e[a];
    }
    return b;
}

/* x of the box, transposed into panels of up to `high` channels. */
static void turn_x(const weighing *j, const bench *d, const weight_box *b,
                   int64_t high)
{
    const dc_fast_geometry *const q = j->q;
    REAL *to = d->x;

    for (int64_t r = 0; r < d->rows; r += high) {
        const int64_t some = dc_fast_min(high, d->rows - r);
        const int64_t count[4] = {b->e[0], b->e[1], b->e[2], 1};
        dc_fast_index l = {{0}};

        do {
            int64_t at =
                (b->m[0] + l.at[0]) * q->ci + d->g * q->cig + d->row + r;

            for (int a = 0; a < 3; a++)
                at = at * q->i[a] + b->m[a + 1] + (a < 2 ? l.at[a + 1] : 0);
            j->does->transpose(to, some, j->x + at, q->inputs, some, b->e[3]);
            to += b->e[3] * some;
        } while (dc_fast_next(&l, count));
    }
}

static void zero(REAL *to, int64_t count)
{
    memset(to, 0, (size_t)count * sizeof *to);
}

/* Extent on axis a of the window of gy. */
static int64_t reach(const dc_fast_geometry *q, int a, int64_t positions,
                     int64_t taps)
{
    return (positions - 1) * q->s[a] + (taps - 1) * q->d[a] + 1;
}

/* gy around the box with its output channels as lanes, zeros outside; off[]
 * says where the first tap of each position stands. */
static void turn_gy(const weighing *j, const bench *d, const weight_box *b)
{
    const dc_fast_geometry *const q = j->q;
    int64_t lo[3];
    int64_t size[4] = {b->e[0], 0, 0, 1};
    dc_fast_index l = {{0}};
    REAL *to = d->b;
    int64_t width;

    for (int a = 0; a < 3; a++) {
        lo[a] = b->m[a + 1] * q->s[a] + d->tap[a] * q->d[a] - q->pb[a];
        size[a + 1] = reach(q, a, b->e[a + 1], d->taps[a]);
    }
    width = size[3];
    size[3] = 1;

    const int64_t before = dc_fast_min(dc_fast_max(-lo[2], 0), width);
    const int64_t end =
        dc_fast_max(dc_fast_min(q->o[2] - lo[2], width), before);

    do {
        const int64_t od = lo[0] + l.at[1];
        const int64_t oh = lo[1] + l.at[2];

        if (od < 0 || od >= q->o[0] || oh < 0 || oh >= q->o[1]) {
            zero(to, width * j->lanes);
        } else {
            const REAL *const from =
                j->gy +
                ((((b->m[0] + l.at[0]) * q->co + d->g * q->cog + d->col) *
                      q->o[0] +
                  od) *
                     q->o[1] +
                 oh) *
                    q->o[2] +
                lo[2] + before;

            zero(to, before * j->lanes);
            j->does->transpose(to + before * j->lanes, j->lanes, from,
                               q->outputs, d->cols, end - before);
            zero(to + end * j->lanes, (width - end) * j->lanes);
        }
        to += width * j->lanes;
    } while (dc_fast_next(&l, size));

    int64_t k = 0;
    dc_fast_index p = {{0}};

    do {
        int64_t at = p.at[0];

        at = at * size[1] + p.at[1] * q->s[0];
        at = at * size[2] + p.at[2] * q->s[1];
        at = at * width + p.at[3] * q->s[2];
        d->off[k++] = (int32_t)(at * j->lanes);
    } while (dc_fast_next(&p, b->e));
}

/* C += x times the window, tap by tap. */
static void weigh_many(const weighing *j, const bench *d, const weight_box *b,
                       int64_t high)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t height = reach(q, 1, b->e[2], d->taps[1]);
    const int64_t width = reach(q, 2, b->e[3], d->taps[2]);
    const int64_t count[4] = {1, d->taps[0], d->taps[1], d->taps[2]};
    dc_fast_index t = {{0}};
    REAL *c = d->c;

    turn_gy(j, d, b);
    do {
        const int64_t at =
            (t.at[1] * q->d[0] * height + t.at[2] * q->d[1]) * width +
            t.at[3] * q->d[2];

        j->does->product(d->rows, high, b->positions, d->x,
                         d->b + at * j->lanes, d->off,
                         j->lanes / j->does->lanes, c, j->lanes);
        c += j->rows * j->lanes;
    } while (dc_fast_next(&t, count));
}

/* to[position of the line][0..n-1] = gy of one run of taps along w: the
 * columns that follow each other without leaving a line of the kernel. */
static void gather_run(const weighing *j, REAL *to, const REAL *line,
                       int64_t first, int64_t positions, int64_t n)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t s = q->s[2];
    int64_t lo = positions; /* lo..hi-1 can be copied by whole vectors */
    int64_t hi = positions;

    if (line && q->d[2] == 1) {
        const int64_t room =
            dc_fast_min(q->o[2] - n,
                        q->n * q->co * q->outputs - (line - j->gy) - n - SPARE);

        lo = dc_fast_min(first < 0 ? dc_fast_ceil(-first, s) : 0, positions);
        hi = room < first
                 ? lo
                 : dc_fast_max(dc_fast_min((room - first) / s + 1, positions),
                               lo);
        j->does->slide(to + lo * j->lanes, j->lanes, line + first + lo * s, s,
                       hi - lo, n);
    }
    for (int64_t p = 0; p < positions; p++)
        for (int64_t e = 0; (p < lo || p >= hi) && e < n; e++) {
            const int64_t at = first + p * s + e * q->d[2];

            to[p * j->lanes + e] =
                line && at >= 0 && at < q->o[2] ? line[at] : 0;
        }
}

/* C += x times the gathered rows. */
static void weigh_few(const weighing *j, const bench *d, const weight_box *b,
                      int64_t high)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t count[4] = {b->e[0], b->e[1], b->e[2], 1};
    dc_fast_index l = {{0}};
    REAL *to = d->b;

    do {
        for (int64_t n = 0, some; n < d->cols; n += some) {
            const int64_t tap = (d->col + n) % q->taps;
            const int64_t co = (d->col + n) / q->taps + d->g * q->cog;
            const int64_t t[3] = {tap / (q->k[1] * q->k[2]),
                                  tap / q->k[2] % q->k[1], tap % q->k[2]};
            const REAL *line =
                j->gy + ((b->m[0] + l.at[0]) * q->co + co) * q->outputs;

            some = dc_fast_min(q->k[2] - t[2], d->cols - n);
            for (int a = 0; a < 2; a++) {
                const int64_t o = (b->m[a + 1] + l.at[a + 1]) * q->s[a] +
                                  t[a] * q->d[a] - q->pb[a];

                if (o < 0 || o >= q->o[a])
                    line = NULL;
                if (line)
                    line += o * (a ? q->o[2] : q->o[1] * q->o[2]);
            }
            gather_run(j, to + n, line,
                       b->m[3] * q->s[2] + t[2] * q->d[2] - q->pb[2], b->e[3],
                       some);
        }
        to += b->e[3] * j->lanes;
    } while (dc_fast_next(&l, count));
    for (int64_t p = 0; p < b->positions; p++)
        d->off[p] = (int32_t)(p * j->lanes);
    j->does->product(d->rows, high, b->positions, d->x, d->b, d->off,
                     dc_fast_ceil(d->cols, j->does->lanes), d->c, j->lanes);
}

/* C to its place in gw, or in a slice of the same shape. */
static void put_weights(const weighing *j, const bench *d, REAL *gw)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t taps = d->taps[0] * d->taps[1] * d->taps[2];

    for (int64_t r = 0; r < d->rows; r++) {
        const REAL *const c = d->c + r * j->lanes;
        REAL *const to = gw + (d->g * q->cig + d->row + r) * q->cog * q->taps;

        if (!j->many) {
            memcpy(to + d->col, c, (size_t)d->cols * sizeof *c);
            continue;
        }
        j->does->transpose(d->turned, taps, c, j->rows * j->lanes, taps,
                           d->cols);
        if (taps == q->taps) {
            memcpy(to + d->col * taps, d->turned,
                   (size_t)(d->cols * taps) * sizeof *c);
            continue;
        }
        for (int64_t e = 0; e < d->cols * taps; e++) {
            int64_t rest = e;
            int64_t t[3];

            for (int a = 3; a-- > 0; rest /= d->taps[a])
                t[a] = d->tap[a] + rest % d->taps[a];
            to[(((d->col + rest) * q->k[0] + t[0]) * q->k[1] + t[1]) * q->k[2] +
               t[2]] = d->turned[e];
        }
    }
}

/* Task: a slice, a group, and a block of gw. */
static void weigh_task(const void *argument, int64_t index, void *room)
{
    const weighing *const j = argument;
    const dc_fast_geometry *const q = j->q;
    const int64_t all = j->many ? q->cog : q->cog * q->taps;
    bench d = {.c = room};

    d.x = d.c + j->c_size;
    d.b = d.x + j->x_size;
    d.turned = d.b + j->b_size;
    d.off = (void *)(d.turned + j->t_size);
    d.row = index % j->row_blocks * j->rows;
    d.rows = dc_fast_min(j->rows, q->cig - d.row);
    index /= j->row_blocks;
    d.col = index % j->col_blocks * j->cols;
    d.cols = dc_fast_min(j->cols, all - d.col);
    index /= j->col_blocks;
    for (int a = 0; a < 3; a++) {
        d.tap[a] = index % j->pieces[a] * j->taps[a];
        d.taps[a] = dc_fast_min(j->taps[a], q->k[a] - d.tap[a]);
        index /= j->pieces[a];
    }
    d.g = index % q->g;

    const int64_t slice = index / q->g;
    const int64_t boxes = j->boxes[0] * j->boxes[1] * j->boxes[2] * j->boxes[3];
    const int64_t high = tile_rows(j->does, d.rows);

    zero(d.c, j->c_size);
    zero(d.b, j->b_size); /* lanes without a channel, too */
    for (int64_t n = slice * j->per_slice;
         n < dc_fast_min((slice + 1) * j->per_slice, boxes); n++) {
        const weight_box b = box_at(j, n);

        turn_x(j, &d, &b, high);
        (j->many ? weigh_many : weigh_few)(j, &d, &b, high);
    }
    put_weights(j, &d,
                slice ? j->slice + (slice - 1) * q->ci * q->cog * q->taps
                      : j->gw);
}

/* Task: some elements of gw, slice after slice. */
static void sum_slices(const void *argument, int64_t index, void *room)
{
    const weighing *const j = argument;
    const int64_t all = j->q->ci * j->q->cog * j->q->taps;
    const int64_t end = dc_fast_min((index + 1) * ROOM, all);

    (void)room;
    for (int64_t s = 0; s + 1 < j->slices; s++)
        for (int64_t e = index * ROOM; e < end; e++)
            j->gw[e] += j->slice[s * all + e];
}

/* Boxes of at most so many positions, whole lines where they fit. */
static void weigh_boxes(weighing *j, int64_t positions)
{
    for (int a = 4; a-- > 0;) {
        const int64_t most = dc_fast_max(dc_fast_min(positions, j->grid[a]), 1);

        j->boxes[a] = dc_fast_ceil(j->grid[a], most);
        j->box[a] = dc_fast_ceil(j->grid[a], j->boxes[a]);
        j->boxes[a] = dc_fast_ceil(j->grid[a], j->box[a]);
        positions /= j->box[a];
    }
}

/* Elements that gy takes, all lanes, for a whole box and piece of taps. */
static double weigh_window(const weighing *j)
{
    double window = (double)j->lanes * (double)j->box[0];

    for (int a = 0; a < 3; a++)
        window *= (double)reach(j->q, a, j->box[a + 1], j->taps[a]);
    return window;
}

static void cut_weights(weighing *j)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t all = j->many ? q->cog : q->cog * q->taps;
    int64_t taps = 1;
    int64_t boxes = 1;

    for (int a = 0; a < 3; a++)
        j->taps[a] = j->many ? q->k[a] : 1;
    j->cols = dc_fast_min(all, !j->many ? COLUMNS : q->taps <= 8 ? 64 : 32);
    j->lanes = dc_fast_up(j->cols, SPARE) + (j->many ? 0 : SPARE);
    weigh_boxes(j, BOX);
    for (int64_t most = BOX; !j->many && most * j->lanes > ROOM;)
        weigh_boxes(j, most /= 2);
    for (int64_t most = BOX; j->many && weigh_window(j) > ROOM;) {
        int widest = 0;

        /* fewer positions first, then fewer taps */
        if (most > 64 ||
            (most > 1 && j->taps[0] * j->taps[1] * j->taps[2] == 1)) {
            weigh_boxes(j, most /= 2);
            continue;
        }
        for (int a = 1; a < 3; a++)
            if ((j->taps[a] - 1) * q->d[a] >
                (j->taps[widest] - 1) * q->d[widest])
                widest = a;
        j->taps[widest] = dc_fast_ceil(j->taps[widest], 2);
    }
    while (j->many &&
           j->taps[0] * j->taps[1] * j->taps[2] * j->lanes * 8 > ROOM) {
        int longest = 0;

        for (int a = 1; a < 3; a++)
            if (j->taps[a] > j->taps[longest])
                longest = a;
        j->taps[longest] = dc_fast_ceil(j->taps[longest], 2);
    }
    j->pieces[0] = j->pieces[1] = j->pieces[2] = 1;
    for (int a = 0; a < 3 && j->many; a++) {
        j->pieces[a] = dc_fast_ceil(q->k[a], j->taps[a]);
        taps *= j->taps[a];
    }
    for (int a = 0; a < 4; a++)
        boxes *= j->boxes[a];
    j->rows = dc_fast_min(ROOM / (taps * j->lanes), CHANNELS);
    j->rows =
        dc_fast_ceil(q->cig, dc_fast_ceil(q->cig, dc_fast_max(j->rows, 1)));
    j->row_blocks = dc_fast_ceil(q->cig, j->rows);
    j->col_blocks = dc_fast_ceil(all, j->cols);
    j->c_size = lines(taps * j->rows * j->lanes);
    j->x_size = lines(j->rows * BOX);
    j->b_size = lines(j->many ? (int64_t)weigh_window(j) : BOX * j->lanes);
    j->t_size = lines(taps * j->cols);
    j->slices = 1;
    if (q->ci * q->cog * q->taps <= ROOM)
        j->slices =
            dc_fast_max(SLICES / (q->g * j->pieces[0] * j->pieces[1] *
                                  j->pieces[2] * j->row_blocks * j->col_blocks),
                        1);
    j->per_slice = dc_fast_ceil(boxes, j->slices);
    j->slices = dc_fast_ceil(boxes, j->per_slice);
}

static dc_status grad_weight(const dc_fast_geometry *q, const void *gy,
                             const void *x, void *gw)
{
    const int64_t all = q->ci * q->cog * q->taps;
    weighing j = {
        .q = q,
        .does = engine_now(),
        .x = x,
        .gy = gy,
        .gw = gw,
        .many = q->cog >= MANY,
        .grid = {q->n, q->i[0], q->i[1], q->i[2]},
    };
    const double work = dc_fast_geometry_work(q);
    dc_status status;

    if (!all)
        return DC_OK;
    if (!q->n || !q->inputs || !q->outputs) {
        clear(gw, all);
        return DC_OK;
    }
    cut_weights(&j);
    if (j.slices > 1) {
        j.slice = aligned_alloc(64, (size_t)lines((j.slices - 1) * all) *
                                        sizeof(REAL));
        if (!j.slice)
            return DC_NOMEM;
    }
    status = dc_fast_threads_run(
        j.slices * q->g * j.pieces[0] * j.pieces[1] * j.pieces[2] *
            j.row_blocks * j.col_blocks,
        work,
        (size_t)(j.c_size + j.x_size + j.b_size + j.t_size) * sizeof(REAL) +
            BOX * sizeof(int32_t),
        weigh_task, &j);
    if (status == DC_OK && j.slices > 1)
        status =
            dc_fast_threads_run(dc_fast_ceil(all, ROOM),
                                (double)(j.slices * all), 0, sum_slices, &j);
    free(j.slice);
    return status;
}

/* ==== grad_bias ========================================================== */

typedef struct {
    const dc_fast_geometry *q;
    const REAL *gy;
    REAL *gb;
} bias_sum;

/* Task: one output channel.  Sixteen interleaved partial sums, then a tree. */
static void grad_bias_task(const void *argument, int64_t index, void *room)
{
    enum { SUMS = 16 };
    const bias_sum *const j = argument;
    const dc_fast_geometry *const q = j->q;
    REAL sums[SUMS] = {0};

    (void)room;
    for (int64_t n = 0; n < q->n; n++) {
        const REAL *const gy = j->gy + (n * q->co + index) * q->outputs;
        const int64_t whole = q->outputs / SUMS * SUMS;

        for (int64_t o = 0; o < whole; o += SUMS)
            for (int64_t l = 0; l < SUMS; l++)
                sums[l] += gy[o + l];
        for (int64_t l = 0; l < q->outputs - whole; l++)
            sums[l] += gy[whole + l];
    }
    for (int64_t half = SUMS / 2; half; half /= 2)
        for (int64_t l = 0; l < half; l++)
            sums[l] += sums[l + half];
    j->gb[index] = sums[0];
}

static dc_status grad_bias(const dc_fast_geometry *q, const void *gy, void *gb)
{
    const bias_sum j = {q, gy, gb};

    if (!q->n || !q->outputs) {
        clear(gb, q->co);
        return DC_OK;
    }
    return dc_fast_threads_run(
        q->co, (double)q->n * (double)q->co * (double)q->outputs, 0,
        grad_bias_task, &j);
}

const dc_fast_operations OPERATIONS = {forward, grad_input, grad_weight,
                                       grad_bias};
