/* SPDX-License-Identifier: MIT
 *
 * How a tensor is filled: every element, if no result then has more non-zero
 * products than a budget allows, else those that data_thin.c chooses.
 */
#include "cases/data/data_internal.h"

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

/* ==== Order ============================================================= */

dc_data_scatter dc_data_scatter_open(dc_random *r, int64_t count)
{
    dc_data_scatter s = {(uint64_t)count, 1, 0};

    if (count > 2) {
        s.at = dc_random_below(r, s.count);
        do
            s.step = 1 + dc_random_below(r, s.count - 1);
        while (dc_gcd((int64_t)s.step, count) != 1);
    }
    return s;
}

int64_t dc_data_scatter_next(dc_data_scatter *s)
{
    const uint64_t at = s->at;

    /* at + step < 2 count, which fits, because count fits an int64_t */
    s->at = (s->at + s->step) % s->count;
    return (int64_t)at;
}

/* ==== Everything, or less =============================================== */

/* Per axis, an output position meets the taps t with t*d = o + pb mod s, every
 * s / gcd(s,d)-th, each with its own input position. */
void dc_data_terms(const dc_problem *p, int64_t terms[DC_OPS])
{
    terms[DC_FORWARD] = p->ci / p->g;
    terms[DC_GRAD_INPUT] = p->co / p->g;
    terms[DC_GRAD_WEIGHT] = p->n;
    terms[DC_GRAD_BIAS] = p->n;
    for (int a = 0; a < p->rank; a++) {
        const int64_t s = p->s[a] / dc_gcd(p->s[a], p->d[a]);

        terms[DC_FORWARD] *= dc_min(p->i[a], dc_ceil_div(p->k[a], s));
        terms[DC_GRAD_INPUT] *= dc_min(p->o[a], p->k[a]);
        terms[DC_GRAD_WEIGHT] *= dc_min(p->i[a], p->o[a]);
        terms[DC_GRAD_BIAS] *= p->o[a];
    }
}

bool dc_data_fits(const dc_data_budget *b, const int64_t terms[DC_OPS])
{
    for (int op = 0; op < DC_OPS; op++)
        if (terms[op] > b->terms[op])
            return false;
    return true;
}

/* A dense w, or gy, consumes random numbers in the order of a w, or of a gy by
 * channel, that is thinned: scattered over w, and over each channel of gy.  So
 * a budget that is just met changes nothing else there.  What is thinned by
 * position or spread evenly, and x, have other orders if dense. */
void dc_data_dense(dc_data_filler *f)
{
    const dc_problem *p = &f->c->p;
    const int64_t count = dc_problem_count(p, f->t);
    const int64_t channels = f->t == DC_GY ? p->co : 1;
    const int64_t part = f->t == DC_GY ? count / p->n / p->co : count;

    if (f->t != DC_W && f->t != DC_GY) {
        for (int64_t at = 0; at < count; at++)
            f->put(f, at);
        return;
    }
    for (int64_t c = 0; c < channels; c++) {
        dc_data_scatter s = dc_data_scatter_open(&f->r, count / channels);

        for (int64_t k = 0; k < count / channels; k++) {
            const int64_t at = dc_data_scatter_next(&s);

            f->put(f, (at / part * channels + c) * part + at % part);
        }
    }
}

dc_status dc_data_spread(dc_data_filler *f, const dc_data_budget *b)
{
    int64_t terms[DC_OPS];

    dc_data_terms(&f->c->p, terms);
    if (dc_data_thins(b->plan, f->t) && !dc_data_fits(b, terms))
        return dc_data_thin(f, b);
    dc_data_dense(f);
    return DC_OK;
}
