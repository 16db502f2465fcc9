/* SPDX-License-Identifier: MIT
 *
 * The second variant of `int`: is the accumulator as wide as the type?  Each
 * result has at most one product of about 2^(p-1) among many small odd ones, so
 * that nearly every partial sum needs all p bits, in any order.
 *
 * With x = +-1, one large factor B in 2^(p-1)..2^(p-1) + 2^(p-3), small odd
 * factors of at most a, and directions of at most 1,
 *
 *     large in w:   y   B + (a+1) row + 2 ab <= 2^p      gx  B + a row
 *     large in gy:  gw  B + a plane <= 2^p  (gb alike)   gx  B + a row
 *
 * because w has at most one large factor per input channel and per output
 * channel, and gy one per batch item and group, each in another channel.
 */
#include "cases/data/data_internal.h"

#include <math.h>

#include "ref/format.h"

static const struct {
    int64_t a, ab, row, plane;
} small[DC_FORMATS] = {
    [DC_F64] = {999, 1000000, (int64_t)1 << 30, (int64_t)1 << 32},
    [DC_F32] = {15, 4000, 380000, 400000},
    [DC_F16] = {1, 16, 360, 700},
    [DC_BF16] = {1, 3, 44, 90},
};

/* An odd integer of magnitude 1..a, plus the direction. */
static void put_odd(dc_data_filler *f, int64_t at)
{
    int64_t v = 2 * dc_random_range(&f->r, 0, (f->a - 1) / 2) + 1;
    int64_t move = 0;

    if (dc_random_chance(&f->r, 2))
        v = -v;
    if (f->move)
        move = dc_random_chance(&f->r, 2) ? f->move : -f->move;
    dc_data_store(f, at, (double)(v + f->sign * move));
}

static void put_large(dc_data_filler *f, int64_t at)
{
    const int p = dc_formats[f->c->p.dtype].precision;
    const double v = ldexp(1, p - 1) + (double)dc_random_below(
                                           &f->r, ((uint64_t)1 << (p - 3)) + 1);

    dc_data_store(f, at, dc_random_chance(&f->r, 2) ? v : -v);
}

/* w [ci, co/g, k..]: each input channel is paired with an output channel, and
 * one tap of each pair is large. */
static void large_in_weight(dc_data_filler *f)
{
    const dc_problem *p = &f->c->p;
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const int64_t taps = dc_problem_count(p, DC_W) / (p->ci * co_g);

    for (int64_t g = 0; g < p->g; g++) {
        const int64_t a = (int64_t)dc_random_below(&f->r, (uint64_t)ci_g);
        const int64_t b = (int64_t)dc_random_below(&f->r, (uint64_t)co_g);

        for (int64_t c = 0; c < ci_g && c < co_g; c++) {
            const int64_t ci = g * ci_g + (a + c) % ci_g;
            const int64_t t = (int64_t)dc_random_below(&f->r, (uint64_t)taps);

            put_large(f, (ci * co_g + (b + c) % co_g) * taps + t);
        }
    }
}

/* gy [n, co, o..]: one per batch item and group, each in another channel. */
static void large_in_gradient(dc_data_filler *f)
{
    const dc_problem *p = &f->c->p;
    const int64_t co_g = p->co / p->g;
    const int64_t plane = dc_problem_count(p, DC_GY) / p->n / p->co;

    for (int64_t g = 0; g < p->g; g++) {
        const int64_t a = (int64_t)dc_random_below(&f->r, (uint64_t)co_g);

        for (int64_t n = 0; n < p->n && n < co_g; n++) {
            const int64_t co = g * co_g + (a + n) % co_g;

            put_large(f, (n * p->co + co) * plane +
                             (int64_t)dc_random_below(&f->r, (uint64_t)plane));
        }
    }
}

dc_status dc_data_needle(dc_data_filler *f)
{
    const int dtype = f->c->p.dtype;
    const bool in_gy = f->c->seed / 10 % 2 != 0;
    dc_status status;

    f->put = put_odd;
    f->a = f->t == DC_B                     ? small[dtype].ab - 1
           : f->t == (in_gy ? DC_GY : DC_W) ? small[dtype].a
                                            : 1;
    f->move = f->t == DC_W || f->t == DC_B;
    status = dc_data_spread(f, small[dtype].row, small[dtype].plane);
    if (status == DC_OK && f->t == DC_W && !in_gy)
        large_in_weight(f);
    if (status == DC_OK && f->t == DC_GY && in_gy)
        large_in_gradient(f);
    return status;
}
