/* SPDX-License-Identifier: MIT
 *
 * The second variant of `int`: is the accumulator as wide as the type?  Each
 * result has at most one product of about 2^(p-1) among many small odd ones, so
 * that nearly every partial sum needs all p bits, in any order.
 *
 * With x = +-1, one large factor of at most B = 2^(p-1) + 2^(p-3), small odd
 * factors of at most a, and directions of at most 1, no partial sum exceeds 2^p
 * if
 *
 *     large in w:   y   B + (a+1) terms + 2 ab <= 2^p    gx  B + a terms
 *     large in gy:  gw  B + a terms <= 2^p  (gb alike)   gx  B + a terms
 *
 * where terms is the number of non-zero products, because w has at most one
 * large factor per input channel and per output channel, and gy one per batch
 * item and group, each in another channel.  The largest odd a for which dense
 * data keep this is taken; if even a = 1 is too large, data are thinned.
 */
#include "cases/data/data_internal.h"

#include <math.h>

#include "ref/format.h"

/* The largest amplitudes of small factors and of b. */
static const struct {
    int64_t a, ab;
} largest[DC_FORMATS] = {
    [DC_F64] = {999, 1000000},
    [DC_F32] = {15, 4000},
    [DC_F16] = {1, 16},
    [DC_BF16] = {1, 3},
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

/* The budget of amplitude a, without a plan. */
static dc_data_budget budget_of(int dtype, int64_t a)
{
    const int p = dc_formats[dtype].precision;
    const int64_t rest = ((int64_t)1 << (p - 1)) - ((int64_t)1 << (p - 3));

    return (dc_data_budget){
        .terms = {[DC_FORWARD] = (rest - 2 * largest[dtype].ab) / (a + 1),
                  [DC_GRAD_INPUT] = rest / a,
                  [DC_GRAD_WEIGHT] = rest / a,
                  [DC_GRAD_BIAS] = rest / a}};
}

dc_status dc_data_needle(dc_data_filler *f)
{
    const int dtype = f->c->p.dtype;
    const bool in_gy = f->c->seed / 10 % 2 != 0;
    int64_t a = largest[dtype].a;
    int64_t terms[DC_OPS];
    dc_data_budget b;
    dc_status status;

    dc_data_terms(&f->c->p, terms);
    while (b = budget_of(dtype, a), a > 1 && !dc_data_fits(&b, terms))
        a -= 2;
    b.plan = dc_data_turn(&f->c->p, &b, f->c->seed / 20 % 2 != 0);
    f->put = put_odd;
    f->a = f->t == DC_B                     ? largest[dtype].ab - 1
           : f->t == (in_gy ? DC_GY : DC_W) ? a
                                            : 1;
    f->move = f->t == DC_W || f->t == DC_B;
    status = dc_data_spread(f, &b);
    if (status == DC_OK && f->t == DC_W && !in_gy)
        large_in_weight(f);
    if (status == DC_OK && f->t == DC_GY && in_gy)
        large_in_gradient(f);
    return status;
}
