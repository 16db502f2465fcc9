/* SPDX-License-Identifier: MIT
 *
 * The families `cancel`, `wide` and `special`: sums that nearly vanish,
 * exponents at both ends of the type, and values that are not finite.
 */
#include "cases/data/data_internal.h"

#include <math.h>

#include "ref/format.h"
#include "ref/integer.h"

/* The tensors that take turns, by seed, in having the hard values. */
static const dc_tensor turns[] = {DC_X, DC_W, DC_GY};

/* ==== cancel ============================================================ */

/* The indices of an element: n, or ci for w; the channel; the position, or the
 * tap for w. */
typedef struct {
    int64_t outer, channel, at[3];
} place;

static place locate(const dc_problem *p, dc_tensor t, int64_t index)
{
    const dc_problem q = dc_problem_lift(p);
    const int64_t *const extent = t == DC_X ? q.i : t == DC_W ? q.k : q.o;
    const int64_t channels = t == DC_X ? q.ci : t == DC_W ? q.co / q.g : q.co;
    place at;

    for (int a = 2; a >= 0; a--) {
        at.at[a] = index % extent[a];
        index /= extent[a];
    }
    at.channel = index % channels;
    at.outer = index / channels;
    return at;
}

/* A key of the channel's pair.  Pairs do not span groups. */
static uint64_t pair_of(int64_t channel, int64_t per_group)
{
    return (uint64_t)(channel / per_group) << 32 |
           (uint64_t)(channel % per_group / 2);
}

/* The channels 2c and 2c+1 have factors of almost the same magnitude, and the
 * sign of w alternates over its input and its output channels, so that the
 * products of y and gx cancel in pairs.  All positions of a channel have almost
 * the same magnitude, and signs alternate along the axes of gy (odd seeds), so
 * that gw and gb cancel, or of the taps of w (even seeds), so that y of a
 * single channel cancels.  "Almost" is a full-mantissa factor 1 + r 2^-k, with
 * k drawn from 1..p for every element, so that sums cancel to every depth. */
static void put_cancel(dc_data_filler *f, int64_t index)
{
    const dc_problem *p = &f->c->p;
    const dc_problem q = dc_problem_lift(p);
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const place at = locate(p, f->t, index);
    const bool by_taps = f->c->seed % 2 == 0;
    const bool is_w = f->t == DC_W;
    const uint64_t pair = is_w
                              ? pair_of(at.outer, ci_g)
                              : pair_of(at.channel, f->t == DC_X ? ci_g : co_g);
    const uint64_t key =
        dc_random_hash(dc_random_hash((uint64_t)f->t, pair),
                       (uint64_t)(is_w ? at.channel : at.outer) / 2);
    int64_t sign = 0;

    if (f->t == DC_GY) {
        for (int a = 0; a < 3; a++)
            sign += by_taps ? 0 : at.at[a] / q.s[a];
        sign += at.outer; /* so that batch items cancel in gw */
    } else if (is_w) {
        /* taps that reach the same output are s / gcd(s,d) apart */
        for (int a = 0; a < 3; a++)
            sign += by_taps ? at.at[a] / (q.s[a] / dc_gcd(q.s[a], q.d[a])) : 0;
        sign += at.outer % ci_g + at.channel;
    }
    dc_random base = dc_random_open(f->c->seed, key);
    const int depth =
        (int)dc_random_range(&f->r, 1, dc_formats[p->dtype].precision);
    const double v = (0.5 + 0.5 * fabs(dc_data_full(&base))) *
                     (1 + ldexp(dc_data_full(&f->r), -depth));

    dc_data_store(f, index, sign % 2 ? -v : v);
}

static void put_small(dc_data_filler *f, int64_t index)
{
    dc_data_store(f, index, 0.125 * dc_data_full(&f->r));
}

dc_status dc_data_cancel(dc_data_filler *f)
{
    f->put = f->t == DC_B ? put_small : put_cancel;
    dc_data_dense(f);
    return DC_OK;
}

/* ==== wide ============================================================== */

/* A full mantissa in [1,2) times 2^low .. 2^high. */
static void put_exponent(dc_data_filler *f, int64_t index)
{
    const int exponent = (int)dc_random_range(&f->r, f->low, f->high);
    const double v = ldexp(1 + fabs(dc_data_full(&f->r)), exponent);

    dc_data_store(f, index,
                  dc_random_chance(&f->r, f->mostly_positive ? 16 : 2) ? -v
                                                                       : v);
}

/* Upper bound of the number of products of any element of any result. */
static int64_t terms_max(const dc_problem *p)
{
    const int64_t k = dc_volume(p->k, p->rank);

    return dc_max(
        dc_max(p->ci / p->g * k, p->co / p->g * k),
        p->n * dc_max(dc_volume(p->i, p->rank), dc_volume(p->o, p->rank)));
}

/* h = ceil(log2(terms + 1)), where terms is at least 1: a sum of that many
 * terms below 2^q is below 2^(q+h). */
static int headroom(const dc_problem *p)
{
    int h = 1;

    while (h < 62 && terms_max(p) >> h)
        h++;
    return h;
}

/* The exponents keep |c| + the sum of magnitudes below 2^(emax+1): two factors
 * below 2^(top+1) give a product below 2^(2 top + 2), and the sum takes h more
 * bits. */
dc_status dc_data_wide(dc_data_filler *f)
{
    const dc_format *d = &dc_formats[f->c->p.dtype];
    const int h = headroom(&f->c->p);
    const int top = (int)dc_floor_div(d->emax - h - 2, 2);
    const int least = d->emin - d->precision + 1;
    const int tiny = (int)dc_floor_div(d->emin - h - 1, 2);
    const bool is_b = f->t == DC_B;

    f->put = put_exponent;
    switch (f->c->seed % 4) {
    case 0: /* every exponent of the type */
        f->low = least;
        f->high = top;
        break;
    case 1: /* products and sums below the smallest normal */
        f->low = is_b ? least + 2 : tiny - 2;
        f->high = is_b ? d->emin - 2 : tiny + 1;
        break;
    case 2: /* sums that nearly overflow */
        f->mostly_positive = true;
        f->low = is_b ? d->emax - 3 : top;
        f->high = f->low;
        break;
    default: /* one tensor subnormal, the others not small */
        f->low = top < 16 ? top - 3 : 8;
        f->high = top < 16 ? top : 16;
        if (is_b || f->t == turns[f->c->seed / 4 % 3]) {
            f->low = least;
            f->high = d->emin - 1;
        }
    }
    dc_data_dense(f);
    return DC_OK;
}

/* ==== special =========================================================== */

enum { NANS, INFINITIES, OPPOSITE, ZEROS, SUM_OVERFLOWS, ROUNDING_OVERFLOWS };

/* Ordinary numbers, zeros of either sign and subnormals. */
static void put_mixed(dc_data_filler *f, int64_t index)
{
    const dc_format *d = &dc_formats[f->c->p.dtype];
    double v = dc_data_full(&f->r);

    if (dc_random_chance(&f->r, f->c->seed % 6 == ZEROS ? 4 : 16))
        v = copysign(0, v);
    else if (dc_random_chance(&f->r, 16))
        v *= d->min;
    dc_data_store(f, index, v);
}

/* One or two values that are not finite, at random places. */
static void put_nonfinite(dc_data_filler *f, int64_t count, int kind)
{
    const int64_t places = dc_random_range(&f->r, 1, 2);

    for (int64_t k = 0; k < places; k++) {
        const int64_t at = (int64_t)dc_random_below(&f->r, (uint64_t)count);
        const double v = dc_random_chance(&f->r, 2) ? INFINITY : -INFINITY;

        dc_data_store(f, at, kind == NANS ? (double)NAN : v);
        if (kind == OPPOSITE) /* so that inf - inf occurs */
            dc_data_store(f, (at + 1) % count, -v);
    }
}

dc_status dc_data_special(dc_data_filler *f)
{
    const dc_format *d = &dc_formats[f->c->p.dtype];
    const dc_data_budget one = {{1, 1, 1, 1}, DC_DATA_BY_W};
    const int kind = (int)(f->c->seed % 6);
    const int64_t count = dc_problem_count(&f->c->p, f->t);
    const bool hit = f->t == turns[f->c->seed / 6 % 3] ||
                     (f->t == DC_B && f->c->seed / 18 % 4 == 0);

    if (kind < SUM_OVERFLOWS) {
        f->put = put_mixed;
        dc_data_dense(f);
        if (hit)
            put_nonfinite(f, count, kind == ZEROS ? INFINITIES : kind);
        return DC_OK;
    }
    /* Products of about 2^(emax-1) .. 2^(emax+3), some of which overflow: in
     * the sum if a result has several, in the final rounding if it has one. */
    f->put = put_exponent;
    f->mostly_positive = f->c->seed / 6 % 2 == 0;
    f->low = f->t == DC_X ? d->emax / 2 : d->emax - d->emax / 2 - 1;
    f->high = f->low + (kind == SUM_OVERFLOWS);
    if (f->t == DC_B)
        f->low = f->high = d->emax - 4;
    if (kind == ROUNDING_OVERFLOWS)
        return dc_data_spread(f, &one);
    dc_data_dense(f);
    return DC_OK;
}
