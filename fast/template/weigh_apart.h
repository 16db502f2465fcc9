/* SPDX-License-Identifier: MIT
 *
 * grad_weight of few output channels and many input channels: the latter are
 * the lanes, and each row of C is one (co, t), which reads its factors
 *     gy[co][k*s - pb + t*d]
 * where they lie, in a window with zeros around it that all taps share.
 * A template over REAL.
 */

enum {
    SHALLOW = 16, /* positions: smaller boxes are not worth it */
    VECTORS = 4   /* of input channels, of a task */
};

/* Cuts the work, where this form is one for it. */
static int cut_apart(weighing *j)
{
    const dc_fast_geometry *const q = j->q;
    const int64_t most = COLUMNS / dc_fast_min(q->taps, COLUMNS + 1);
    int64_t positions = BOX;
    int64_t channels;

    if (q->cog >= MANY || q->cig < MANY || !most)
        return 0;
    channels = dc_fast_ceil(q->cog, dc_fast_ceil(q->cog, most));
    for (int a = 0; a < 3; a++) {
        j->taps[a] = q->k[a];
        j->pieces[a] = 1;
    }
    weigh_boxes(j, positions);
    while (weigh_window(j, channels) > ROOM) {
        if (positions <= SHALLOW)
            return 0;
        weigh_boxes(j, positions /= 2);
    }
    j->form = INPUT_LANES;
    j->cols = channels * q->taps;
    j->col_blocks = dc_fast_ceil(q->cog, channels);
    j->row_blocks = dc_fast_ceil(q->cig, VECTORS * SPARE);
    j->rows = dc_fast_ceil(q->cig, j->row_blocks);
    j->lanes = dc_fast_up(j->rows, SPARE);
    j->c_size = lines(j->cols * j->lanes);
    j->x_size = lines(weigh_positions(j) * j->lanes);
    j->b_size = lines((int64_t)weigh_window(j, channels));
    j->t_size = lines(j->rows * j->cols);
    return 1;
}

/* gy around the box, zeros outside: [co][batch][d][h][w]. */
static void copy_gy(const weighing *j, const bench *d, const weight_box *b,
                    const int64_t size[3])
{
    const dc_fast_geometry *const q = j->q;
    const int64_t count[4] = {d->cols / q->taps, b->e[0], size[0], size[1]};
    int64_t lo[3];
    dc_fast_index l = {{0}};
    REAL *to = d->b;

    for (int a = 0; a < 3; a++)
        lo[a] = b->m[a + 1] * q->s[a] - q->pb[a];

    const int64_t before = dc_fast_min(dc_fast_max(-lo[2], 0), size[2]);
    const int64_t end =
        dc_fast_max(dc_fast_min(q->o[2] - lo[2], size[2]), before);

    do {
        const int64_t od = lo[0] + l.at[2];
        const int64_t oh = lo[1] + l.at[3];

        zero(to, size[2]);
        if (od >= 0 && od < q->o[0] && oh >= 0 && oh < q->o[1] &&
            end > before) {
            const int64_t plane = (b->m[0] + l.at[1]) * q->co + d->g * q->cog +
                                  d->col / q->taps + l.at[0];

            memcpy(to + before,
                   j->gy + ((plane * q->o[0] + od) * q->o[1] + oh) * q->o[2] +
                       lo[2] + before,
                   (size_t)(end - before) * sizeof *to);
        }
        to += size[2];
    } while (dc_fast_next(&l, count));
}

/* Where the positions and the rows of a box stand in windows of that size. */
static void find_apart(const weighing *j, const bench *d, const weight_box *b,
                       const int64_t size[3])
{
    const dc_fast_geometry *const q = j->q;
    const int64_t count[4] = {d->cols / q->taps, q->k[0], q->k[1], q->k[2]};
    dc_fast_index t = {{0}};
    int64_t n = 0;

    find_places(j, b, size, 1, d->steps);
    for (int64_t p = 0; p < b->positions; p++)
        d->off[p] = (int32_t)(p * j->lanes);
    do {
        int64_t at = t.at[0] * b->e[0];

        for (int a = 0; a < 3; a++)
            at = at * size[a] + t.at[a + 1] * q->d[a];
        d->factor[n++] = d->b + at;
    } while (dc_fast_next(&t, count));
}

/* C += the window, as its rows lie, times x. */
static void weigh_apart(const weighing *j, bench *d, const weight_box *b)
{
    const dc_fast_geometry *const q = j->q;
    int64_t size[3];

    for (int a = 0; a < 3; a++)
        size[a] = reach(q, a, b->e[a + 1], q->k[a]);
    if (memcmp(d->found, b->e, sizeof b->e)) {
        memcpy(d->found, b->e, sizeof b->e);
        find_apart(j, d, b, size);
    }
    copy_gy(j, d, b, size);
    turn_x(j, d, b, d->rows, j->lanes);
    j->does->product_apart(d->cols, b->positions, d->factor, d->steps, d->x,
                           d->off, j->lanes / j->does->lanes, d->c, j->lanes);
}

/* C to its place in gw, or in a slice of the same shape. */
static void put_apart(const weighing *j, const bench *d, REAL *gw)
{
    const dc_fast_geometry *const q = j->q;

    j->does->transpose(d->turned, d->cols, d->c, j->lanes, d->cols, d->rows,
                       d->x);
    for (int64_t r = 0; r < d->rows; r++)
        memcpy(gw + (d->g * q->cig + d->row + r) * q->cog * q->taps + d->col,
               d->turned + r * d->cols, (size_t)d->cols * sizeof *gw);
}
