/* SPDX-License-Identifier: MIT
 *
 * grad_weight: how it is cut into tasks, and their results.  Sums run over
 * the boxes of positions in order, in slices that the problem alone fixes and
 * that are added in order.  A template over REAL.
 */
#include "fast/template/weigh.h"
#include "fast/template/weigh_apart.h"

/* C to its place in gw, or in a slice of the same shape. */
static void put_weights(const weighing *j, const bench *d, REAL *gw)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t taps = d->taps[0] * d->taps[1] * d->taps[2];
    const int whole = taps == q->taps;

    for (int64_t r = 0; r < d->rows; r++) {
        const REAL *const c = d->c + r * j->lanes;
        REAL *const to = gw + (d->g * q->cig + d->row + r) * q->cog * q->taps;

        if (j->form == GATHERED) {
            memcpy(to + d->col, c, (size_t)d->cols * sizeof *c);
            continue;
        }
        /* straight to its place where no vector reaches beyond it */
        REAL *const turned =
            whole && taps >= j->does->lanes ? to + d->col * taps : d->turned;

        j->does->transpose(turned, taps, c, j->rows * j->lanes, taps, d->cols,
                           d->x);
        if (whole && turned == d->turned)
            memcpy(to + d->col * taps, turned,
                   (size_t)(d->cols * taps) * sizeof *c);
        for (int64_t e = 0; !whole && e < d->cols * taps; e++) {
            int64_t rest = e;
            int64_t t[3];

            for (int a = 3; a-- > 0; rest /= d->taps[a])
                t[a] = d->tap[a] + rest % d->taps[a];
            to[(((d->col + rest) * q->k[0] + t[0]) * q->k[1] + t[1]) * q->k[2] +
               t[2]] = turned[e];
        }
    }
}

/* Task: a slice, a group, and a block of gw. */
static void weigh_task(const void *argument, int64_t index, void *room)
{
    const weighing *const j = argument;
    const dc_fast_geometry *const q = j->q;
    const int64_t all = j->form == OUTPUT_LANES ? q->cog : q->cog * q->taps;
    static void (*const weigh[])(const weighing *, bench *,
                                 const weight_box *) = {
        [OUTPUT_LANES] = weigh_many,
        [INPUT_LANES] = weigh_apart,
        [GATHERED] = weigh_few};
    bench d = {.c = room};

    d.x = d.c + j->c_size;
    d.b = d.x + j->x_size;
    d.turned = d.b + j->b_size;
    d.off = (void *)(d.turned + j->t_size);
    d.steps = d.off + BOX;
    d.strips = (void *)(d.steps + BOX);
    d.factor = (void *)(d.strips + COLUMNS);
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

    zero(d.c, j->c_size);
    /* lanes without a channel, too */
    if (j->form == INPUT_LANES && d.rows < j->lanes)
        zero(d.x, j->x_size);
    if (j->form == GATHERED || (j->form == OUTPUT_LANES && d.cols < j->lanes))
        zero(d.b, j->b_size);
    for (int64_t n = slice * j->per_slice;
         n < dc_fast_min((slice + 1) * j->per_slice, boxes); n++) {
        const weight_box b = box_at(j, n);

        weigh[j->form](j, &d, &b);
    }
    (j->form == INPUT_LANES ? put_apart : put_weights)(
        j, &d,
        slice ? j->slice + (slice - 1) * q->ci * q->cog * q->taps : j->gw);
}

/* Task: some elements of gw, slice after slice. */
static void sum_slices(const void *argument, int64_t index, void *room)
{
    const weighing *const j = argument;
    const int64_t all = j->q->ci * j->q->cog * j->q->taps;
    const int64_t end = dc_fast_min((index + 1) * ROOM, all);

    (void)room;
    for (int64_t s = 0; s + 1 < j->slices; s++)
        j->does->add(j->gw + index * ROOM, j->slice + s * all + index * ROOM,
                     end - index * ROOM);
}

static void cut_weights(weighing *j)
{
    const dc_fast_geometry *const q = j->q;
    const int many = q->cog >= MANY;
    const int64_t all = many ? q->cog : q->cog * q->taps;
    int64_t taps = 1;

    j->form = many ? OUTPUT_LANES : GATHERED;
    for (int a = 0; a < 3; a++)
        j->taps[a] = many ? q->k[a] : 1;
    j->cols = dc_fast_min(all, !many ? COLUMNS : q->taps <= 8 ? 64 : 32);
    j->lanes = dc_fast_up(j->cols, SPARE) + (many ? 0 : SPARE);
    weigh_boxes(j, BOX);
    for (int64_t most = BOX; !many && most * j->lanes > ROOM;)
        weigh_boxes(j, most /= 2);
    for (int64_t most = BOX; many && weigh_window(j, j->lanes) > ROOM;) {
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
    while (many && j->taps[0] * j->taps[1] * j->taps[2] * j->lanes * 8 > ROOM) {
        int longest = 0;

        for (int a = 1; a < 3; a++)
            if (j->taps[a] > j->taps[longest])
                longest = a;
        j->taps[longest] = dc_fast_ceil(j->taps[longest], 2);
    }
    j->pieces[0] = j->pieces[1] = j->pieces[2] = 1;
    for (int a = 0; a < 3 && many; a++) {
        j->pieces[a] = dc_fast_ceil(q->k[a], j->taps[a]);
        taps *= j->taps[a];
    }
    j->rows = dc_fast_min(ROOM / (taps * j->lanes), CHANNELS);
    j->rows =
        dc_fast_ceil(q->cig, dc_fast_ceil(q->cig, dc_fast_max(j->rows, 1)));
    j->row_blocks = dc_fast_ceil(q->cig, j->rows);
    j->col_blocks = dc_fast_ceil(all, j->cols);
    j->c_size = lines(taps * j->rows * j->lanes);
    j->x_size = lines(j->rows * weigh_positions(j));
    j->b_size = lines(many ? (int64_t)weigh_window(j, j->lanes)
                           : weigh_positions(j) * j->lanes);
    j->t_size = lines(taps * j->cols);
}

/* Slices of the sum, where tasks would be few; a slice is of the size of gw. */
static void cut_slices(weighing *j)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t boxes = j->boxes[0] * j->boxes[1] * j->boxes[2] * j->boxes[3];

    j->slices = 1;
    if (q->ci * q->cog * q->taps <= ROOM)
        j->slices =
            dc_fast_max(SLICES / (q->g * j->pieces[0] * j->pieces[1] *
                                  j->pieces[2] * j->row_blocks * j->col_blocks),
                        1);
    j->per_slice = dc_fast_ceil(boxes, j->slices);
    j->slices = dc_fast_ceil(boxes, j->per_slice);
}

static weighing weighing_of(const dc_fast_geometry *q)
{
    weighing j = {
        .q = q,
        .does = engine_at(dc_fast_level_now()),
        .grid = {q->n, q->i[0], q->i[1], q->i[2]},
    };

    if (!cut_apart(&j))
        cut_weights(&j);
    cut_slices(&j);
    j.need.thread = dc_fast_threads_bytes(
        (j.c_size + j.x_size + j.b_size + j.t_size) * (int64_t)sizeof(REAL) +
        2 * BOX * (int64_t)sizeof(int32_t) +
        COLUMNS * (int64_t)(sizeof(strip) + sizeof(REAL *)));
    if (j.slices > 1)
        j.need.shared = dc_fast_threads_bytes(
            lines((j.slices - 1) * q->ci * q->cog * q->taps) *
            (int64_t)sizeof(REAL));
    return j;
}

static dc_fast_need grad_weight_need(const dc_fast_geometry *q)
{
    return is_empty(q) ? (dc_fast_need){0, 0} : weighing_of(q).need;
}

static dc_status grad_weight(const dc_fast_geometry *q, const void *gy,
                             const void *x, void *gw)
{
    const int64_t all = q->ci * q->cog * q->taps;
    dc_status status;
    weighing j;

    if (is_empty(q)) {
        clear(gw, all);
        return DC_OK;
    }
    j = weighing_of(q);
    j.x = x;
    j.gy = gy;
    j.gw = gw;
    if (j.slices > 1) {
        j.slice = dc_fast_threads_room(j.need.shared);
        if (!j.slice)
            return DC_NOMEM;
    }
    status = dc_fast_threads_run(j.slices * q->g * j.pieces[0] * j.pieces[1] *
                                     j.pieces[2] * j.row_blocks * j.col_blocks,
                                 dc_fast_geometry_work(q), j.need.thread,
                                 weigh_task, &j);
    if (status == DC_OK && j.slices > 1)
        status =
            dc_fast_threads_run(dc_fast_ceil(all, ROOM),
                                (double)(j.slices * all), 0, sum_slices, &j);
    free(j.slice);
    return status;
}
