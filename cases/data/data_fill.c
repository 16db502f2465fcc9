/* SPDX-License-Identifier: MIT
 *
 * How a tensor is filled: every element, or few enough of them that no result
 * has more non-zero products than a budget allows.
 */
#include "cases/data/data_internal.h"

#include <stdlib.h>

#include "ref/format.h"
#include "ref/integer.h"

/* 63 random bits and a sign, which the conversion rounds to 53 bits; the last
 * bit is set, so that the value is not zero. */
double dc_data_full(dc_random *r)
{
    return (double)(int64_t)(dc_random_next(r) | 1) * 0x1p-63;
}

void dc_data_store(dc_data_filler *f, int64_t at, double v)
{
    dc_format_set(f->c->p.dtype, f->values, at, v);
}

/* ==== Thinning ========================================================== */

/* Visits each of 0..count-1 once in a scattered order: the k-th is
 * start + k * step mod count, with a step coprime to count. */
typedef struct {
    uint64_t count, step, at;
} scatter;

static scatter scatter_open(dc_random *r, int64_t count)
{
    scatter s = {(uint64_t)count, 1, 0};

    if (count > 2) {
        s.at = dc_random_below(r, s.count);
        do
            s.step = 1 + dc_random_below(r, s.count - 1);
        while (dc_gcd((int64_t)s.step, count) != 1);
    }
    return s;
}

static int64_t scatter_next(scatter *s)
{
    const uint64_t at = s->at;

    /* at + step < 2 count, which fits, because count fits an int64_t */
    s->at = (s->at + s->step) % s->count;
    return (int64_t)at;
}

/* w [ci, co/g, k..]: at most `row` per input and per output channel. */
static dc_status thin_weight(dc_data_filler *f, int64_t row)
{
    const dc_problem *p = &f->c->p;
    const int64_t count = dc_problem_count(p, DC_W);
    const int64_t co_g = p->co / p->g;
    const int64_t taps = count / (p->ci * co_g);
    int64_t *used = calloc((size_t)(p->ci + p->co), sizeof *used);
    scatter s;

    if (!used)
        return DC_NOMEM;
    s = scatter_open(&f->r, count);
    for (int64_t k = 0; k < count; k++) {
        const int64_t at = scatter_next(&s);
        const int64_t ci = at / taps / co_g;
        const int64_t co = ci / (p->ci / p->g) * co_g + at / taps % co_g;

        if (used[ci] < row && used[p->ci + co] < row) {
            used[ci]++;
            used[p->ci + co]++;
            f->put(f, at);
        }
    }
    free(used);
    return DC_OK;
}

/* gy [n, co, o..]: at most `plane` per output channel. */
static void thin_gradient(dc_data_filler *f, int64_t plane)
{
    const dc_problem *p = &f->c->p;
    const int64_t volume = dc_problem_count(p, DC_GY) / p->n / p->co;

    for (int64_t co = 0; co < p->co; co++) {
        scatter s = scatter_open(&f->r, p->n * volume);
        for (int64_t k = 0; k < p->n * volume && k < plane; k++) {
            const int64_t at = scatter_next(&s);
            f->put(f, (at / volume * p->co + co) * volume + at % volume);
        }
    }
}

dc_status dc_data_spread(dc_data_filler *f, int64_t row, int64_t plane)
{
    const int64_t count = dc_problem_count(&f->c->p, f->t);

    if (f->t == DC_W)
        return thin_weight(f, row);
    if (f->t == DC_GY)
        thin_gradient(f, plane);
    else
        for (int64_t at = 0; at < count; at++)
            f->put(f, at);
    return DC_OK;
}
