/* SPDX-License-Identifier: MIT
 *
 * The ladder.  Notation of VERDICT.md: t the exact value, S the sum of
 * magnitudes, m the number of terms, u = 2^-53.
 *
 * First rung.  Inputs of f32, f16, bf16 are exact in binary64, so quick gives
 * v with |v - t| <= g S, g = (1+u)^c - 1 <= 1.01 c u for at most c <= 2^40
 * terms, plus underflow, and from |x| and |w|, in binary32 where c < 2^16, s
 * with |s - S| <= h S, h = 1.01 c 2^-24 (binary64: g) < 1/200, plus underflow
 * z.  Hence S lies in s (1 -+ 2 h) -+ z and t in v -+ r with
 * r = 2 g (s + z) + 4 c 2^-1074.  The hard bound B grows with S, |t| and
 * |t-c|, so it lies between B(S low, |t| low) and B(S high, |t| high), and
 *
 *     |got - v| + r <= B low     accepted
 *     |got - v| - r >  B high    not accepted
 *
 * First of all B's largest part alone is tried, E S low with
 * E = (1+u_A)^m - 1: nearly every element is accepted by it.
 *
 * whatever is in between, or not finite, goes to MPFR.  Every expression is
 * widened by 2^-40, which is more than its few roundings.
 */
#include "oracle/truth/ladder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "ref/dot2.h"
#include "oracle/truth/quick.h"
#include "oracle/truth/products.h"

static const double WIDEN = 0x1p-40;

struct dc_ladder {
    dc_truth *t;
    dc_op op;
    dc_arithmetic arithmetic;
    int exact;         /* bitwise: integers below 2^53 */
    dc_quick_values q; /* v NULL: no quick implementation */
    dc_dot2 *plain;
    dc_products products;
    double u;        /* of the accumulator */
    int biased;      /* forward with a bias: one more term */
    double *grown;   /* (1 + u_A)^m - 1 by position; NULL: not by position */
    double moderate; /* far below what overflows */
    double last_m;   /* neighbours often share m: */
    double last_e;   /* (1 + u_A)^m - 1 for it */
};

/* ==== The bound in binary64 ============================================= */

/* (1 + u_A)^leaves - 1 */
static double growth(dc_ladder *l, double u, double m)
{
    if (m != l->last_m) {
        l->last_m = m;
        l->last_e = expm1((double)dc_bound_leaves((int64_t)m) * log1p(u));
    }
    return l->last_e;
}

/* The hard bound for these values of S, |t|, |t-c|, m: up to 2^-40. */
static double bound(dc_ladder *l, double s, double t, double rest, double m)
{
    const int dtype = l->t->c.p.dtype;
    const dc_format *d = &dc_formats[dtype];
    const dc_format *acc =
        &dc_formats[dc_bound_accumulator(&l->arithmetic, dtype)];
    const double grown = growth(l, l->u, m);
    const double es = grown * s;
    double b = es;

    if (s == 0)
        return 0;
    if (acc->precision > d->precision) {
        b += d->u * (t + es);
        if (l->biased)
            b += d->u * (rest + es);
    }
    return b + m * (1 + grown) * acc->spacing + d->spacing;
}

/* What a rung knows of one element. */
typedef struct {
    double v;      /* value */
    double radius; /* |v - t| at most */
    double s;      /* S up to s slack + tiny */
    double slack;
    double tiny;
    double c; /* bias */
    double m;
} known;

enum { WRONG, RIGHT, UNDECIDED };

static int decide(dc_ladder *l, const known *k, double got)
{
    const dc_format *d = &dc_formats[l->t->c.p.dtype];
    const double error = fabs(got - k->v);
    const double t = fabs(k->v);
    const double rest = fabs(k->v - k->c);
    const double high_s = k->s * (1 + k->slack) + k->tiny;
    const double low_s = fmax(0, k->s * (1 - k->slack) - k->tiny);

    if (l->exact)
        return got == k->v ? RIGHT : WRONG;
    /* the largest part of the bound; false where anything is not finite */
    if ((error + k->radius) * (1 + WIDEN) <=
            growth(l, l->u, k->m) * low_s * (1 - WIDEN) &&
        high_s < d->max / 4)
        return RIGHT;
    /* far from every overflow rule, and nothing that is not finite */
    if (!isfinite(got) || !(high_s < d->max / 4) || !isfinite(k->radius))
        return UNDECIDED;
    const double low = bound(l, low_s, fmax(0, t - k->radius),
                             fmax(0, rest - k->radius), k->m);
    const double high = bound(l, high_s, t + k->radius, rest + k->radius, k->m);
    if ((error + k->radius) * (1 + WIDEN) <= low * (1 - WIDEN))
        return RIGHT;
    if ((error - k->radius) * (1 - WIDEN) > high * (1 + WIDEN))
        return WRONG;
    return UNDECIDED;
}

/* ==== The rungs ========================================================= */

/* An element with its channel's bias and its position within a block. */
typedef struct {
    int64_t index;
    int64_t at;
    double bias;
} place;

static known by_quick(const dc_ladder *l, const place *i)
{
    const dc_quick_values *q = &l->q;
    const double m =
        q->m ? q->m[i->index] : (double)(l->products.at[i->at] + l->biased);

    if (m == 0) /* nothing was added up: zero, exactly */
        return (known){0};
    return (known){.v = q->v[i->index],
                   .radius = dc_quick_radius(q, i->index),
                   .s = q->s[i->index],
                   .slack = 2 * q->s_g,
                   .tiny = q->s_tiny,
                   .c = i->bias,
                   .m = m};
}

static known by_plain(const dc_ladder *l, const place *i)
{
    dc_dot2_value e;

    dc_dot2_element(l->plain, l->op, i->index, &e);
    /* hi + lo as one double costs a rounding, which the radius takes in */
    return (known){.v = e.hi + e.lo,
                   .radius = e.error + fabs(e.hi + e.lo) * 0x1p-53,
                   .s = e.s,
                   .slack = (double)(2 * e.m + 2) * 0x1p-53,
                   .c = i->bias,
                   .m = (double)e.m};
}

dc_interval dc_ladder_element(dc_ladder *l, int64_t index)
{
    dc_interval want;

    /* exact data that are not exact: nothing is accepted, which is told */
    if (dc_truth_interval(l->t, l->op, index, &l->arithmetic, &want, NULL) !=
        DC_OK)
        want = (dc_interval){.lo = INFINITY, .hi = -INFINITY};
    return want;
}

/* The first test of decide() alone, for nearly all elements: E S low. */
static int plainly_right(const dc_ladder *l, const place *i, double got)
{
    const dc_quick_values *q = &l->q;
    const double s = q->s[i->index];
    const double low = l->grown[i->at] * (s * (1 - 2 * q->s_g) - q->s_tiny);

    return (fabs(got - q->v[i->index]) + dc_quick_radius(q, i->index)) *
                   (1 + WIDEN) <=
               low * (1 - WIDEN) &&
           s < l->moderate;
}

/* One element: quick or plain values first, MPFR where they cannot tell. */
static int judge(dc_ladder *l, const place *i, double got, dc_rungs *rungs)
{
    const known k = l->q.v ? by_quick(l, i) : by_plain(l, i);
    const int verdict = decide(l, &k, got);

    if (verdict == UNDECIDED) {
        const dc_interval want = dc_ladder_element(l, i->index);
        rungs->mpfr++;
        return dc_bound_accepts(&want, got) ? RIGHT : WRONG;
    }
    ++*(l->q.v ? &rungs->binary64 : &rungs->plain);
    return verdict;
}

dc_comparison dc_ladder_compare(dc_ladder *l, const void *result,
                                dc_rungs *rungs)
{
    const dc_problem *p = &l->t->c.p;
    const int64_t volume = l->products.volume;
    const int64_t size = dc_formats[p->dtype].size;
    double *got = malloc(((size_t)volume + 1) * sizeof *got);
    dc_comparison all = {0, -1};

    for (place i = {0, 0, 0}; i.index < l->t->count[l->op]; i.index++) {
        if (i.at == 0) {
            const int64_t block = i.index / volume;
            const char *from = (const char *)result + i.index * size;
            if (got)
                dc_format_decode(p->dtype, from, volume, got);
            if (l->biased)
                i.bias =
                    dc_format_get(p->dtype, l->t->tensors[DC_B], block % p->co);
        }
        const double v =
            got ? got[i.at] : dc_format_get(p->dtype, result, i.index);
        if (l->grown && plainly_right(l, &i, v))
            rungs->binary64++;
        else if (judge(l, &i, v, rungs) == WRONG && all.wrong++ == 0)
            all.first = i.index;
        i.at = i.at + 1 == volume ? 0 : i.at + 1;
    }
    free(got);
    return all;
}

/* ==== Opening =========================================================== */

/* On exact families the sums of integers below 2^53 are exact in any order:
 * the quick values are the truth.  1 when that holds for every element. */
static int is_exact(const dc_ladder *l)
{
    const int64_t count = l->t->count[l->op];

    if (!dc_data_exact(l->t->c.family, l->op))
        return 0;
    for (int64_t i = 0; l->q.v && i < count; i++)
        if (!(l->q.s[i] * (1 + 2 * l->q.s_g) < 0x1p53))
            return 0;
    return 1;
}

dc_status dc_ladder_open(dc_ladder **ladder, dc_truth *t, dc_op op,
                         const dc_arithmetic *a, const dc_impl *quick,
                         dc_error *e)
{
    dc_ladder *l = calloc(1, sizeof *l);
    dc_status status = DC_OK;

    *ladder = NULL;
    if (!l)
        return dc_nomem(e);
    l->t = t;
    l->op = op;
    l->last_m = -1;
    l->arithmetic = *a;
    l->u = dc_formats[dc_bound_accumulator(a, t->c.p.dtype)].u;
    if (quick && t->c.p.dtype != DC_F64)
        status = dc_quick_compute(&l->q, t, op, quick, e);
    l->biased = op == DC_FORWARD && t->c.p.has_bias;
    if (status == DC_OK)
        status = dc_products_open(&l->products, &t->c.p, op);
    if (status == DC_OK && !l->q.v)
        status = dc_dot2_open(&l->plain, &t->c.p, t->tensors);
    if (status != DC_OK && e && e->status == DC_OK)
        dc_error_set(e, status, NULL, -1, "out of memory");
    if (status != DC_OK) {
        dc_ladder_close(l);
        return status;
    }
    l->exact = is_exact(l);
    l->moderate = dc_formats[t->c.p.dtype].max / 8;
    if (l->q.v && !l->q.m && !l->exact) {
        l->grown = malloc(((size_t)l->products.volume + 1) * sizeof(double));
        for (int64_t at = 0; l->grown && at < l->products.volume; at++)
            l->grown[at] =
                growth(l, l->u, (double)(l->products.at[at] + l->biased));
    }
    *ladder = l;
    return DC_OK;
}

void dc_ladder_close(dc_ladder *l)
{
    if (!l)
        return;
    dc_quick_free(&l->q);
    dc_dot2_close(l->plain);
    dc_products_close(&l->products);
    free(l->grown);
    free(l);
}
