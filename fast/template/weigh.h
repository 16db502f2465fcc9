/* SPDX-License-Identifier: MIT
 *
 * The operands of grad_weight.  With rows = input channels and k = positions,
 *     gw[ci][(co, t)] = sum over k of  x[ci][k] * gy[co][k*s - pb + t*d]
 * is a product whose long side is the sum.  x is transposed once per box of
 * positions.  gy takes part in one of three forms: where a group has many
 * output channels they are the lanes, and one transposed window serves all
 * taps by an offset; where it has few, but many input channels, these are the
 * lanes (weigh_apart.h); where it has few of both, each row gathers all
 * (co, t) of its position.  A template over REAL.
 */

enum {
    BOX = 512,      /* positions of a box, at most */
    ROOM = 1 << 16, /* elements of C and of a window */
    CHANNELS = 256, /* input channels of a task, at most */
    MANY = 12,      /* output channels that are worth a vector of lanes */
    COLUMNS = 512,  /* (co, t) of a task, where there are few */
    SLICES = 8
};

typedef enum {
    OUTPUT_LANES, /* many output channels */
    INPUT_LANES,  /* few, of many input channels */
    GATHERED      /* few of both */
} form;

typedef struct {
    const dc_fast_geometry *q;
    const engine *does;
    form form;
    const REAL *x;
    const REAL *gy;
    REAL *gw;
    REAL *slice;     /* sums of all slices but the first */
    int64_t grid[4]; /* batch, d, h, w */
    int64_t box[4];
    int64_t boxes[4];
    int64_t taps[3]; /* of a task */
    int64_t pieces[3];
    int64_t rows;  /* input channels of a task */
    int64_t cols;  /* output channels, or columns (co, t), of a task */
    int64_t lanes; /* cols (INPUT_LANES: rows) rounded up to vectors */
    int64_t row_blocks, col_blocks;
    int64_t slices;
    int64_t per_slice; /* boxes */
    int64_t c_size, x_size, b_size, t_size;
    dc_fast_need need;
} weighing;

/* One box: positions from m on, extents e. */
typedef struct {
    int64_t m[4];
    int64_t e[4];
    int64_t positions;
} weight_box;

/* Taps along w that columns from `col` on hold side by side, n of them without
 * leaving a line of the kernel.  The first one of position 0 meets `first`;
 * positions lo..hi-1 lie inside the line. */
typedef struct {
    int64_t co;
    int64_t t[2];
    int64_t col, n;
    int64_t first;
    int64_t lo, hi;
} strip;

/* A task's workspace and what it covers. */
typedef struct {
    REAL *c;             /* [tap][row][lane]; INPUT_LANES: [col][lane] */
    REAL *x;             /* [panel][position][row], of all lanes */
    REAL *b;             /* [place][lane]; INPUT_LANES: a window of gy */
    REAL *turned;        /* results on their way to gw */
    int32_t *off;        /* place of each position, in elements */
    strip *strips;       /* of columns that are gathered */
    int32_t *steps;      /* of positions in gy, with INPUT_LANES */
    const REAL **factor; /* of each column in gy, then */
    int64_t found[4];    /* the extents that both are for */
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

/* x of the box, transposed into panels of up to `high` channels, and of
 * `pitch` elements a position, 0 for just as many as there are channels. */
static void turn_x(const weighing *j, const bench *d, const weight_box *b,
                   int64_t high, int64_t pitch)
{
    const dc_fast_geometry *const q = j->q;
    const REAL *const end = j->x + q->n * q->ci * q->inputs;
    int64_t count[4] = {b->e[0], b->e[1], b->e[2], 1};
    int64_t run = b->e[3];
    REAL *to = d->x;

    /* whole lines, and whole planes, follow each other without a gap */
    for (int a = 3; a > 1 && b->e[a] == j->grid[a]; a--) {
        run *= count[a - 1];
        count[a - 1] = 1;
    }
    for (int64_t r = 0; r < d->rows; r += high) {
        const int64_t some = dc_fast_min(high, d->rows - r);
        const int64_t each = pitch ? pitch : some;
        dc_fast_index l = {{0}};

        do {
            int64_t at =
                (b->m[0] + l.at[0]) * q->ci + d->g * q->cig + d->row + r;

            for (int a = 0; a < 3; a++)
                at = at * q->i[a] + b->m[a + 1] + (a < 2 ? l.at[a + 1] : 0);
            j->does->transpose(to, each, j->x + at, q->inputs, some, run, end);
            to += run * each;
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

/* Positions of a whole box. */
static int64_t weigh_positions(const weighing *j)
{
    return j->box[0] * j->box[1] * j->box[2] * j->box[3];
}

/* Elements that gy takes, so many channels, for a whole box and piece of
 * taps. */
static double weigh_window(const weighing *j, int64_t channels)
{
    double window = (double)channels * (double)j->box[0];

    for (int a = 0; a < 3; a++)
        window *= (double)reach(j->q, a, j->box[a + 1], j->taps[a]);
    return window;
}

/* Where the first tap of each position stands in a window of so many lines
 * and columns, `lanes` elements each. */
static void find_places(const weighing *j, const weight_box *b,
                        const int64_t size[3], int64_t lanes, int32_t *off)
{
    const dc_fast_geometry *const q = j->q;
    dc_fast_index p = {{0}};
    int64_t k = 0;

    do {
        int64_t at = p.at[0];

        for (int a = 0; a < 3; a++)
            at = at * size[a] + p.at[a + 1] * q->s[a];
        off[k++] = (int32_t)(at * lanes);
    } while (dc_fast_next(&p, b->e));
}

/* gy around the box with its output channels as lanes, zeros outside. */
static void turn_gy(const weighing *j, const bench *d, const weight_box *b)
{
    const dc_fast_geometry *const q = j->q;
    const REAL *const last = j->gy + q->n * q->co * q->outputs;
    int64_t lo[3];
    int64_t size[3];
    dc_fast_index l = {{0}};
    REAL *to = d->b;

    for (int a = 0; a < 3; a++) {
        lo[a] = b->m[a + 1] * q->s[a] + d->tap[a] * q->d[a] - q->pb[a];
        size[a] = reach(q, a, b->e[a + 1], d->taps[a]);
    }
    find_places(j, b, size, j->lanes, d->off);

    const int64_t before = dc_fast_min(dc_fast_max(-lo[2], 0), size[2]);
    const int64_t after = dc_fast_min(dc_fast_max(lo[2] + size[2] - q->o[2], 0),
                                      size[2] - before);
    int64_t count[4] = {b->e[0], size[0], size[1], 1};
    int64_t run = size[2];

    /* whole lines follow each other without a gap */
    if (run == q->o[2] && !lo[2] && lo[1] >= 0 && lo[1] + size[1] <= q->o[1]) {
        run *= size[1];
        count[2] = 1;
    }
    do {
        const int64_t od = lo[0] + l.at[1];
        const int64_t oh = lo[1] + l.at[2];

        if (od < 0 || od >= q->o[0] || oh < 0 || oh >= q->o[1]) {
            zero(to, run * j->lanes);
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
                               q->outputs, d->cols, run - before - after, last);
            zero(to + (run - after) * j->lanes, after * j->lanes);
        }
        to += run * j->lanes;
    } while (dc_fast_next(&l, count));
}

/* C += x times the window, tap by tap. */
static void weigh_many(const weighing *j, bench *d, const weight_box *b)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t high = tile_rows(j->does, d->rows);
    const int64_t height = reach(q, 1, b->e[2], d->taps[1]);
    const int64_t width = reach(q, 2, b->e[3], d->taps[2]);
    const int64_t count[4] = {1, d->taps[0], d->taps[1], d->taps[2]};
    dc_fast_index t = {{0}};
    REAL *c = d->c;

    turn_x(j, d, b, high, 0);
    turn_gy(j, d, b);
    do {
        const int64_t at =
            (t.at[1] * q->d[0] * height + t.at[2] * q->d[1]) * width +
            t.at[3] * q->d[2];

        j->does->product(d->rows, high, b->positions, d->x,
                         d->b + at * j->lanes, d->off, NULL,
                         j->lanes / j->does->lanes, c, j->lanes);
        c += j->rows * j->lanes;
    } while (dc_fast_next(&t, count));
}

/* The strips of a task's columns, for a box. */
static int64_t find_strips(const weighing *j, const bench *d,
                           const weight_box *b)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t s = q->s[2];
    int64_t count = 0;

    for (int64_t n = 0; n < d->cols; count++) {
        const int64_t tap = (d->col + n) % q->taps;
        strip *const r = &d->strips[count];

        *r = (strip){.co = (d->col + n) / q->taps,
                     .t = {tap / (q->k[1] * q->k[2]), tap / q->k[2] % q->k[1]},
                     .col = n,
                     .lo = b->e[3],
                     .hi = b->e[3]};
        r->n = dc_fast_min(q->k[2] - tap % q->k[2], d->cols - n);
        r->first = b->m[3] * s + tap % q->k[2] * q->d[2] - q->pb[2];
        n += r->n;
        if (q->d[2] > 1)
            continue;
        r->lo =
            dc_fast_min(r->first < 0 ? dc_fast_ceil(-r->first, s) : 0, b->e[3]);
        r->hi = dc_fast_floor(q->o[2] - r->n - r->first, s) + 1;
        r->hi = dc_fast_max(dc_fast_min(r->hi, b->e[3]), r->lo);
    }
    return count;
}

/* to[position of the line][0..n-1] = gy of one strip; no line: zeros. */
static void gather_strip(const weighing *j, REAL *to, const REAL *line,
                         const strip *r, int64_t positions)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t s = q->s[2];
    int64_t lo = r->lo;
    int64_t hi = r->hi;

    /* nor do whole vectors reach beyond the tensor */
    if (!line || q->n * q->co * q->outputs - (line - j->gy) - SPARE <
                     r->first + hi * s + r->n)
        lo = hi = positions;
    if (lo < hi)
        j->does->slide(to + lo * j->lanes, j->lanes, line + r->first + lo * s,
                       s, hi - lo, r->n);
    for (int64_t p = 0; p < positions; p++) {
        if (p == lo)
            p = hi;
        for (int64_t e = 0; p < positions && e < r->n; e++) {
            const int64_t at = r->first + p * s + e * q->d[2];

            to[p * j->lanes + e] =
                line && at >= 0 && at < q->o[2] ? line[at] : 0;
        }
    }
}

/* gy of all columns of a task, line by line of the box. */
static void gather(const weighing *j, const bench *d, const weight_box *b)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t count[4] = {b->e[0], b->e[1], b->e[2], 1};
    const int64_t strips = find_strips(j, d, b);
    dc_fast_index l = {{0}};
    REAL *to = d->b;

    do {
        for (const strip *r = d->strips; r < d->strips + strips; r++) {
            const REAL *line =
                j->gy + ((b->m[0] + l.at[0]) * q->co + d->g * q->cog + r->co) *
                            q->outputs;

            for (int a = 0; a < 2; a++) {
                const int64_t o = (b->m[a + 1] + l.at[a + 1]) * q->s[a] +
                                  r->t[a] * q->d[a] - q->pb[a];

                if (o < 0 || o >= q->o[a])
                    line = NULL;
                if (line)
                    line += o * (a ? q->o[2] : q->o[1] * q->o[2]);
            }
            gather_strip(j, to + r->col, line, r, b->e[3]);
        }
        to += b->e[3] * j->lanes;
    } while (dc_fast_next(&l, count));
}

/* C += x times the gathered rows. */
static void weigh_few(const weighing *j, bench *d, const weight_box *b)
{
    const int64_t high = tile_rows(j->does, d->rows);

    turn_x(j, d, b, high, 0);
    gather(j, d, b);
    for (int64_t p = 0; p < b->positions; p++)
        d->off[p] = (int32_t)(p * j->lanes);
    j->does->product(d->rows, high, b->positions, d->x, d->b, d->off, NULL,
                     dc_fast_ceil(d->cols, j->does->lanes), d->c, j->lanes);
}
