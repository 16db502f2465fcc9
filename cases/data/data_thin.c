/* SPDX-License-Identifier: MIT
 *
 * Which elements of w, x and gy are kept if dense data would give some result
 * more non-zero products than its budget?
 *
 * A product counts only if both of its factors are kept, so each sum is kept
 * short by one of the two tensors, in one of three ways:
 *
 *  - by class: an output position meets, per axis, the taps t with
 *    t*d = o + pb mod s, which are one class t mod s / gcd(s,d); w has at most
 *    y's budget per output channel and class (and, for gx, at most gx's per
 *    input channel)
 *  - by position: x for y, gy for gx; see `planes`
 *  - by channel: x per input channel, or gy per output channel, has at most
 *    gw's budget; and gy at most gb's
 *
 * No plan serves all results.  If co is far above ci, a w that is thinned
 * leaves most output channels without a weight; if ci is, most input channels;
 * if the kernel is large, most positions of y.  If planes are large, an x or a
 * gy that is thinned by channel leaves most of them zero.  So the families go
 * through the plans by seed.
 */
#include "cases/data/data_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ref/integer.h"

static const struct {
    bool w_is_dense, x_by_channel;
} plans[DC_DATA_PLANS] = {
    [DC_DATA_BY_W] = {false, false},
    [DC_DATA_BY_XY] = {true, false},
    [DC_DATA_BY_WX] = {false, true},
    [DC_DATA_BY_YX] = {true, true},
};

bool dc_data_thins(dc_data_plan plan, dc_tensor t)
{
    return t == DC_GY ||
           (t == DC_X &&
            (plans[plan].w_is_dense || plans[plan].x_by_channel)) ||
           (t == DC_W && !plans[plan].w_is_dense);
}

/* ==== w [ci, co/g, k..] ================================================= */

/* The classes of taps, per axis and together. */
typedef struct {
    int64_t axis[3], all;
} classes;

static classes classes_of(const dc_problem *p)
{
    classes c = {.all = 1};

    for (int a = 0; a < p->rank; a++) {
        c.axis[a] = dc_min(p->k[a], p->s[a] / dc_gcd(p->s[a], p->d[a]));
        c.all *= c.axis[a];
    }
    return c;
}

/* The class of a tap. */
static int64_t class_of(const dc_problem *p, const classes *c, int64_t tap)
{
    int64_t class = 0;
    int64_t weight = 1;

    for (int a = p->rank - 1; a >= 0; a--) {
        class += tap % p->k[a] % c->axis[a] * weight;
        weight *= c->axis[a];
        tap /= p->k[a];
    }
    return class;
}

static dc_status thin_weight(dc_data_filler *f, const dc_data_budget *b)
{
    const dc_problem *p = &f->c->p;
    const int64_t count = dc_problem_count(p, DC_W);
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const int64_t taps = dc_volume(p->k, p->rank);
    const classes c = classes_of(p);
    /* at most as many as w has elements, and the input channels */
    int64_t *used = calloc((size_t)(p->ci + p->co * c.all), sizeof *used);
    dc_data_scatter s;

    if (!used)
        return DC_NOMEM;
    s = dc_data_scatter_open(&f->r, count);
    for (int64_t k = 0; k < count; k++) {
        const int64_t at = dc_data_scatter_next(&s);
        const int64_t ci = at / taps / co_g;
        const int64_t co = ci / ci_g * co_g + at / taps % co_g;
        int64_t *const row = &used[ci];
        int64_t *const column =
            &used[p->ci + co * c.all + class_of(p, &c, at % taps)];

        if (*row < b->terms[DC_GRAD_INPUT] && *column < b->terms[DC_FORWARD]) {
            ++*row;
            ++*column;
            f->put(f, at);
        }
    }
    free(used);
    return DC_OK;
}

/* ==== x [n, ci, i..] and gy [n, co, o..] ================================ */

/* A tensor of planes, and what may be kept of it.
 *
 * An element of the result of `budget` products sums over the channels of a
 * group and, per axis, over positions `spacing` apart, at most `window` of
 * them: gx[j] over o = j*s - pb + t*d, so d apart, k of them; y[o] over j with
 * j*s = o + pb - t*d, so d / gcd(s,d) apart, k / (s / gcd(s,d)) of them rounded
 * up.  If all windows together are within the budget, budget / windows
 * channels are kept at each position.  Else only positions with
 * at / spacing = first mod window are, which the element meets at most once,
 * because its at / spacing are consecutive; there, `budget` channels. */
typedef struct {
    const int64_t *extent;
    int64_t n, channels, per_group, volume;
    int64_t per_channel; /* kept over all batch items and positions */
    bool by_position;
    int64_t spacing[3], window[3], first[3];
    bool everywhere; /* at every position */
    int64_t width;   /* channels of a group that are kept at a position */
    char *useful;    /* by position: does a product meet it? */
    bool some_useless;
} planes;

static planes planes_of(const dc_problem *p, dc_tensor t,
                        const dc_data_budget *b)
{
    const bool is_x = t == DC_X;
    const bool by_x = plans[b->plan].x_by_channel;
    const int64_t gw = b->terms[DC_GRAD_WEIGHT];
    const int64_t gb = b->terms[DC_GRAD_BIAS];
    planes f = {.extent = is_x ? p->i : p->o,
                .n = p->n,
                .channels = is_x ? p->ci : p->co,
                .by_position = plans[b->plan].w_is_dense,
                .width = b->terms[is_x ? DC_FORWARD : DC_GRAD_INPUT]};
    int64_t windows = 1;

    if (is_x)
        f.per_channel = by_x ? gw : DC_DATA_UNLIMITED;
    else
        f.per_channel = by_x ? gb : dc_min(gw, gb);
    f.per_group = f.channels / p->g;
    f.volume = dc_volume(f.extent, p->rank);
    for (int a = 0; a < p->rank; a++) {
        const int64_t common = dc_gcd(p->s[a], p->d[a]);

        f.spacing[a] = is_x ? p->d[a] / common : p->d[a];
        f.window[a] = is_x ? dc_ceil_div(p->k[a], p->s[a] / common) : p->k[a];
        windows *= dc_min(f.window[a], f.extent[a]);
    }
    f.everywhere = windows <= f.width;
    if (f.everywhere)
        f.width /= windows;
    return f;
}

/* Is this position of a plane one that is kept? */
static bool is_kept(const dc_problem *p, const planes *f, int64_t position)
{
    for (int a = p->rank - 1; a >= 0 && !f->everywhere; a--) {
        const int64_t at = position % f->extent[a];

        if (at / f->spacing[a] % f->window[a] != f->first[a])
            return false;
        position /= f->extent[a];
    }
    return true;
}

/* Does any input position j reach o by a tap on axis a, o = j*s - pb + t*d? */
static bool is_reached(const dc_problem *p, int a, int64_t o)
{
    const bool by_tap = p->k[a] < p->i[a];
    const int64_t step = by_tap ? p->d[a] : p->s[a];
    const int64_t other = by_tap ? p->s[a] : p->d[a];

    for (int64_t v = 0; v < dc_min(p->k[a], p->i[a]); v++) {
        const int64_t rest = o + p->pb[a] - v * step;

        if (rest >= 0 && rest % other == 0 &&
            rest / other < dc_max(p->k[a], p->i[a]))
            return true;
    }
    return false;
}

/* Sets useful[position] for those positions of gy that some product meets: if
 * the stride or the dilation is large, they are few, and a budget for gb would
 * miss them.  All positions of x are. */
static void find_useful(const dc_problem *p, dc_tensor t, planes *q)
{
    int64_t block = q->volume;

    memset(q->useful, 1, (size_t)q->volume);
    q->some_useless = false;
    for (int a = 0; a < p->rank && t == DC_GY; a++) {
        block /= q->extent[a];
        for (int64_t o = 0; o < q->extent[a]; o++) {
            if (is_reached(p, a, o))
                continue;
            q->some_useless = true;
            for (int64_t at = o * block; at < q->volume;
                 at += q->extent[a] * block)
                memset(q->useful + at, 0, (size_t)block);
        }
    }
}

/* Of what a channel keeps, a quarter is for positions that no product meets, if
 * there are any: gb must not leave them out.  They come in the second pass. */
static int64_t limit_of(const planes *q, int pass)
{
    return pass == 0 && q->some_useless ? q->per_channel - q->per_channel / 4
                                        : q->per_channel;
}

/* Keeps position `at`, of all batch items, of a channel if its limit allows. */
static void put_at(dc_data_filler *f, const planes *q, int64_t *used, int pass,
                   int64_t at, int64_t channel)
{
    if (used[channel] >= limit_of(q, pass))
        return;
    used[channel]++;
    f->put(f, (at / q->volume * q->channels + channel) * q->volume +
                  at % q->volume);
}

/* By position: `width` channels at each, the next ones at the next position,
 * and after each round from another channel on, so that no channel always
 * meets the same phase of a stride. */
static void thin_positions(dc_data_filler *f, planes *q, int64_t *used)
{
    const dc_problem *p = &f->c->p;
    const int64_t width = dc_min(q->width, q->per_group);
    const dc_data_scatter start = dc_data_scatter_open(&f->r, q->n * q->volume);
    int64_t from = 0;
    int64_t left = 0; /* channels of the round */

    for (int a = 0; a < p->rank; a++)
        q->first[a] = dc_random_range(
            &f->r, 0,
            dc_min(q->window[a], dc_ceil_div(q->extent[a], q->spacing[a])) - 1);
    for (int pass = 0; pass < 2; pass++) {
        dc_data_scatter s = start;

        for (int64_t k = 0; k < q->n * q->volume; k++) {
            const int64_t at = dc_data_scatter_next(&s);

            if (q->useful[at % q->volume] == pass ||
                !is_kept(p, q, at % q->volume))
                continue;
            if (left <= 0) {
                left = q->per_group;
                from = (int64_t)dc_random_below(&f->r, (uint64_t)left);
            }
            for (int64_t c = 0; c < width * p->g; c++)
                put_at(f, q, used, pass, at,
                       c / width * q->per_group +
                           (from + c % width) % q->per_group);
            from += width;
            left -= width;
        }
    }
}

/* A scatter whose first visits are evenly spread: its step is near the golden
 * section of count. */
static dc_data_scatter even(dc_random *r, int64_t count)
{
    dc_data_scatter s = {(uint64_t)count, 1, 0};

    if (count > 2) {
        s.at = dc_random_below(r, s.count);
        s.step = (uint64_t)((double)count * 0.6180339887498949);
        while (dc_gcd((int64_t)s.step, count) != 1)
            s.step++;
    }
    return s;
}

/* By channel. */
static void thin_channels(dc_data_filler *f, const planes *q, int64_t *used)
{
    const int64_t all = q->n * q->volume;

    for (int64_t c = 0; c < q->channels; c++) {
        const dc_data_scatter start = q->per_channel < all
                                          ? even(&f->r, all)
                                          : dc_data_scatter_open(&f->r, all);

        for (int pass = 0; pass < 2; pass++) {
            dc_data_scatter s = start;

            for (int64_t k = 0; k < all && used[c] < limit_of(q, pass); k++) {
                const int64_t at = dc_data_scatter_next(&s);

                if (q->useful[at % q->volume] != pass)
                    put_at(f, q, used, pass, at, c);
            }
        }
    }
}

static dc_status thin_planes(dc_data_filler *f, const dc_data_budget *b)
{
    planes q = planes_of(&f->c->p, f->t, b);
    int64_t *const used = calloc((size_t)q.channels, sizeof *used);

    q.useful = malloc((size_t)q.volume);
    if (used && q.useful) {
        find_useful(&f->c->p, f->t, &q);
        if (q.by_position)
            thin_positions(f, &q, used);
        else
            thin_channels(f, &q, used);
    }
    const dc_status status = used && q.useful ? DC_OK : DC_NOMEM;
    free(q.useful);
    free(used);
    return status;
}

dc_status dc_data_thin(dc_data_filler *f, const dc_data_budget *b)
{
    return f->t == DC_W ? thin_weight(f, b) : thin_planes(f, b);
}

dc_data_plan dc_data_turn(const dc_problem *p, const dc_data_budget *b,
                          bool odd)
{
    enum { SEVERAL = 4 }; /* products of an element, so that few have none */
    const double ci = (double)(p->ci / p->g);
    const double co = (double)(p->co / p->g);
    const double taps = (double)dc_volume(p->k, p->rank);
    const double class = (double)classes_of(p).all;
    const double y = (double)b->terms[DC_FORWARD];
    const double gx = (double)b->terms[DC_GRAD_INPUT];
    /* weights that output channels, input channels, positions of y need, and
     * those that the budgets of input channels, output channels, y have */
    const bool fits =
        fmin(SEVERAL, ci * taps / class) * co * class <= ci * gx &&
        fmin(SEVERAL, co * taps) * ci <= co * class * y &&
        (ci * taps / class <= y ||
         SEVERAL * (double)dc_volume(p->o, p->rank) / class <=
             y * (double)dc_volume(p->i, p->rank));

    return odd && !fits ? DC_DATA_BY_XY : DC_DATA_BY_W;
}
