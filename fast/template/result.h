/* SPDX-License-Identifier: MIT
 *
 * The results of forward and grad_input: sums on their way from C, rows =
 * (channel, phase) and columns = positions, to the tensor, phases interleaved.
 * A template over REAL.
 */
/* ==== results ============================================================ */

static REAL bias_of(const correlation *j, int64_t channel)
{
    return j->b ? j->b[channel] : 0;
}

/* C = the bias of its channels. */
static void start(const correlation *j, const desk *d, int64_t channel,
                  int64_t channels)
{
    const dc_fast_plan *const p = j->plan;
    int64_t sets[DC_FAST_AXES];
    dc_fast_index set = {{0}};
    REAL *c = d->c;

    for (int a = 0; a < DC_FAST_AXES; a++)
        sets[a] = p->axis[a].sets;
    do {
        int64_t phases = 1;

        for (int a = 0; a < DC_FAST_AXES; a++)
            phases *= p->axis[a].set[set.at[a]].phases;
        for (int64_t n = 0; n < channels; n++, c += phases * p->cols)
            j->does->spread(c, bias_of(j, channel + n), phases * p->cols);
    } while (dc_fast_next(&set, sets));
}

/* What the rows of a product that is the first to meet them start from. */
static const REAL *start_rows(const correlation *j, const desk *d,
                              int64_t phases, int64_t channel, int64_t channels)
{
    for (int64_t n = 0; n < channels * phases; n++)
        d->init[n] = bias_of(j, channel + n / phases);
    return d->init;
}

/* Column of C where line l of the box, at `line` in the window, begins. */
static int32_t column(const correlation *j, int32_t line, int64_t l)
{
    const int64_t width = j->plan->axis[DC_FAST_AXES - 1].box;

    switch (j->plan->layout) {
    case DC_FAST_FLAT:
        return line;
    case DC_FAST_LINES:
        return (int32_t)(l * dc_fast_up(width, SPARE));
    default:
        return (int32_t)(l * width);
    }
}

/* Lines of C to lines of the tensor: whole steps, and some outputs of the
 * next. */
static void put_lines(const correlation *j, const desk *d, const weft *f,
                      REAL *out, int64_t some)
{
    const dc_fast_axis *const w = &j->plan->axis[DC_FAST_AXES - 1];
    const int all = w->phases == w->out_step;

    if (all)
        j->does->interleave(out, d->rows, w->phases, f);
    for (int64_t l = 0; l < f->lines && (!all || some); l++)
        for (int64_t n = 0; n < w->phases; n++) {
            const int64_t r = w->phase[n].r;

            for (int64_t e = all ? f->n : 0; e < f->n + (r < some); e++)
                out[f->place[l] + e * w->out_step + r] =
                    d->rows[n][f->column[l] + e];
        }
}

/* Is line l of the box at m, moved by a phase, inside the tensor? */
static int inside(const correlation *j, dc_fast_index m, int64_t l,
                  const int64_t r[DC_FAST_AXES])
{
    for (int a = DC_FAST_AXES - 1; a-- > 0;) {
        const dc_fast_axis *const x = &j->plan->axis[a];

        if ((m.at[a] + l % x->box) * x->out_step + r[a] >= x->out)
            return 0;
        l /= x->box;
    }
    return 1;
}

/* Rows of C of one channel and one phase of the axes but w: all whole steps,
 * and some outputs of the next. */
static void put_rows(const correlation *j, const desk *d, dc_fast_index m,
                     dc_fast_index set, dc_fast_index phase, int64_t channel,
                     int64_t channels, const weft *all, int64_t some, REAL *out)
{
    enum { W = DC_FAST_AXES - 1 };
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const w = &p->axis[W];
    const dc_fast_set *sets[DC_FAST_AXES];
    int64_t r[DC_FAST_AXES] = {0};
    int64_t row = channel;
    int whole = 1; /* nothing of the box is cropped */

    for (int a = 0; a < W; a++) {
        const dc_fast_axis *const x = &p->axis[a];

        sets[a] = &x->set[set.at[a]];
        row = row * sets[a]->phases + phase.at[a];
        r[a] = x->phase[sets[a]->phase + phase.at[a]].r;
        out += r[a] * x->out_pitch;
        whole &= (m.at[a] + x->box - 1) * x->out_step + r[a] < x->out;
    }
    for (int64_t s = 0, f = 0; s < w->sets; s++) {
        sets[W] = &w->set[s];

        const REAL *const c =
            d->c +
            (first_row(p, sets) * channels + row * sets[W]->phases) * p->cols;

        for (int64_t n = 0; n < sets[W]->phases; n++)
            d->rows[f++] = c + n * p->cols;
    }

    weft f = *all;

    if (whole)
        put_lines(j, d, &f, out, some);
    for (f.lines = 1; !whole && f.place < j->at.place + j->lines;
         f.place++, f.column++)
        if (inside(j, m, f.place - j->at.place, r))
            put_lines(j, d, &f, out, some);
}

/* Do the rows of C stand in the tensor just as they are? */
static int is_straight(const correlation *j, dc_fast_index m)
{
    const dc_fast_plan *const p = j->plan;
    int straight = p->layout == DC_FAST_PACKED &&
                   j->at.place[j->lines - 1] ==
                       (j->lines - 1) * p->axis[DC_FAST_AXES - 1].box;

    for (int a = 0; a < DC_FAST_AXES; a++)
        straight &= p->axis[a].out_step == 1 &&
                    m.at[a] + p->axis[a].box <= p->axis[a].out;
    return straight;
}

/* Can a product write them there, if it is the only one, so that no C is
 * needed? */
static int is_direct(const correlation *j, dc_fast_index m)
{
    const dc_fast_plan *const p = j->plan;

    return p->chunk == p->in_channels && is_straight(j, m) &&
           j->lines * p->axis[DC_FAST_AXES - 1].box % j->does->lanes == 0;
}

/* Where the box at m begins in the tensor. */
static REAL *box_result(const correlation *j, dc_fast_index m, REAL *out)
{
    for (int a = 0; a < DC_FAST_AXES; a++)
        out += m.at[a] * j->plan->axis[a].out_step * j->plan->axis[a].out_pitch;
    return out;
}

/* C to the tensor; `out` is the block's first channel. */
static void put(const correlation *j, const desk *d, dc_fast_index m,
                int64_t channels, REAL *out)
{
    enum { W = DC_FAST_AXES - 1 };
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const w = &p->axis[W];
    const int64_t count =
        dc_fast_min(w->box * w->out_step, w->out - m.at[W] * w->out_step);
    const weft all = {j->lines, count / w->out_step, p->out_pitch, j->at.place,
                      j->at.column};
    int64_t sets[DC_FAST_AXES];
    dc_fast_index set = {{0}};

    for (int a = 0; a < DC_FAST_AXES; a++)
        sets[a] = a == W ? 1 : p->axis[a].sets;
    out = box_result(j, m, out);
    if (is_straight(j, m)) {
        const weft f = {1, j->lines * w->box, p->out_pitch, j->at.place,
                        j->at.column};

        for (int64_t c = 0; c < channels; c++) {
            d->rows[0] = d->c + c * p->cols;
            j->does->interleave(out + c * p->out_pitch, d->rows, 1, &f);
        }
        return;
    }
    do {
        int64_t phases[DC_FAST_AXES];

        for (int a = 0; a < DC_FAST_AXES; a++)
            phases[a] = a == W ? 1 : p->axis[a].set[set.at[a]].phases;
        for (int64_t c = 0; c < channels; c++) {
            dc_fast_index phase = {{0}};

            do
                put_rows(j, d, m, set, phase, c, channels, &all,
                         count - all.n * w->out_step, out + c * p->out_pitch);
            while (dc_fast_next(&phase, phases));
        }
    } while (dc_fast_next(&set, sets));
}

/* The bias alone wherever the box at m lands. */
static void put_bias(const correlation *j, dc_fast_index m, int64_t channel,
                     int64_t channels, REAL *out)
{
    enum { W = DC_FAST_AXES - 1 };
    const dc_fast_plan *const p = j->plan;
    int64_t count[DC_FAST_AXES];
    int64_t from[DC_FAST_AXES];

    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &p->axis[a];

        from[a] = m.at[a] * x->out_step;
        count[a] = dc_fast_min(x->box * x->out_step, x->out - from[a]);
    }

    const int64_t width = count[W];

    count[W] = 1;
    for (int64_t c = 0; c < channels; c++) {
        dc_fast_index o = {{0}};

        do {
            REAL *to = out + c * p->out_pitch + from[W];

            for (int a = 0; a < W; a++)
                to += (from[a] + o.at[a]) * p->axis[a].out_pitch;
            for (int64_t e = 0; e < width; e++)
                to[e] = bias_of(j, channel + c);
        } while (dc_fast_next(&o, count));
    }
}
