/* SPDX-License-Identifier: MIT
 *
 * The ladder.  Notation of VERDICT.md: t the exact value, S the sum of
 * magnitudes, m the number of terms, u = 2^-53.
 *
 * First rung.  Inputs of f32, f16, bf16 are exact in binary64, so quick gives
 * v with |v - t| <= g S, g = (1+u)^c - 1 <= 1.01 c u for at most c <= 2^40
 * terms, plus underflow; and from |x| and |w| (in binary32 if c < 2^16) it
 * gives s with |s - S| <= h S, h = 1.01 c 2^-24 (in binary64: g) < 1/200, plus
 * underflow z.  Hence S lies in s (1 -+ 2 h) -+ z, and t in v -+ r with
 * r = 2 g (s + z) + 4 c 2^-1074.  The hard bound B grows with S, |t| and
 * |t-c|, so it lies between B(S low, |t| low) and B(S high, |t| high), and
 *
 *     |got - v| + r <= B low     accepted
 *     |got - v| - r >  B high    not accepted
 *
 * Before that, the largest part of B low alone is tried, E S low with
 * E = (1+u_A)^m - 1, which accepts nearly every element.
 *
 * Elements in between, and values that are not finite, are left to MPFR.  Every
 * expression is widened by 2^-40, which is more than its few roundings.
 */
#include "oracle/truth/ladder.h"

#include <math.h>
#include <stdlib.h>

#include "cases/data/data.h"
#include "ref/dot2.h"
#include "ref/gather.h"
#include "oracle/truth/quick.h"

static const double WIDEN = 0x1p-40;

struct dc_ladder {
    dc_truth *t;
    dc_op op;
    dc_arithmetic arithmetic;
    double u;          /* of the accumulator */
    bool biased;       /* forward with a bias: one more term */
    bool exact;        /* integers below 2^53: judged bit for bit */
    dc_quick_values q; /* v NULL: double-double takes their place */
    dc_dot2 *dot2;
    int64_t volume;    /* positions of a block (see count_products) */
    int64_t *products; /* of the formula, by position in a block */
    double *growth;    /* E by position in a block; NULL: by element */
    double moderate;   /* an S below this is far from every overflow */
    double last_m;     /* neighbours often share m ... */
    double last_e;     /* ... and so (1 + u_A)^m - 1 */
};

/* ==== Counts ============================================================ */

/* Pairs of other positions on axis a that contribute to position `at`. */
static int64_t count_pairs(const dc_problem *p, dc_op op, int a, int64_t at)
{
    const int64_t most = op == DC_GRAD_WEIGHT ? p->i[a] : p->k[a];
    int64_t n = 0;

    if (op == DC_GRAD_BIAS)
        return p->o[a];
    for (int64_t v = 0; v < most; v++)
        n += (op == DC_FORWARD      ? dc_gather_source(p, a, at, v)
              : op == DC_GRAD_INPUT ? dc_gather_target(p, a, at, v)
                                    : dc_gather_target(p, a, v, at)) >= 0;
    return n;
}

/* Sets volume and products: n(o) is a product of counts per axis and the same
 * in every block of positions (a channel of y or gx, a channel pair of gw, one
 * gb). */
static dc_status count_products(dc_ladder *l)
{
    static const int64_t one[3] = {1, 1, 1};
    const dc_problem p = dc_problem_lift(&l->t->c.p);
    const struct {
        const int64_t *extent;
        int64_t factor; /* pairs of channels, or of batch items */
    } by_op[DC_OPS] = {[DC_FORWARD] = {p.o, p.ci / p.g},
                       [DC_GRAD_INPUT] = {p.i, p.co / p.g},
                       [DC_GRAD_WEIGHT] = {p.k, p.n},
                       [DC_GRAD_BIAS] = {one, p.n}};
    const int64_t *e = by_op[l->op].extent;
    const int64_t volume = dc_volume(e, 3);
    int64_t block = volume; /* positions with the same index on this axis */

    l->volume = volume;
    l->products = malloc(((size_t)volume + 1) * sizeof *l->products);
    if (!l->products)
        return DC_NOMEM;
    for (int64_t i = 0; i < volume; i++)
        l->products[i] = by_op[l->op].factor;
    for (int a = 0; a < 3 && volume > 0; a++) {
        block /= e[a];
        for (int64_t at = 0; at < e[a]; at++) {
            const int64_t n = count_pairs(&p, l->op, a, at);

            for (int64_t i = 0; i < volume / e[a]; i++)
                l->products[(i / block * e[a] + at) * block + i % block] *= n;
        }
    }
    return DC_OK;
}

/* ==== The bound in binary64 ============================================= */

/* E = (1 + u_A)^m - 1, with the effective number of terms. */
static double growth_of(dc_ladder *l, double m)
{
    if (m != l->last_m) {
        l->last_m = m;
        l->last_e = expm1((double)dc_bound_terms_eff((int64_t)m) * log1p(l->u));
    }
    return l->last_e;
}

/* The hard bound for these values of S, |t|, |t-c|, m, correct to 2^-40. */
static double bound(dc_ladder *l, double s, double t, double rest, double m)
{
    const int dtype = l->t->c.p.dtype;
    const dc_format *d = &dc_formats[dtype];
    const dc_format *acc =
        &dc_formats[dc_bound_accumulator(&l->arithmetic, dtype)];
    const double growth = growth_of(l, m);
    const double es = growth * s;
    double b = es;

    if (s == 0)
        return 0;
    if (acc->precision > d->precision) {
        b += d->u * (t + es);
        if (l->biased)
            b += d->u * (rest + es);
    }
    return b + m * (1 + growth) * acc->spacing + d->spacing;
}

/* One element as a rung knows it. */
typedef struct {
    double v; /* |v - t| <= radius */
    double radius;
    double s; /* |s - S| <= s_rel s + s_abs */
    double s_rel;
    double s_abs;
    double c; /* bias */
    double m; /* terms */
} estimate;

typedef enum { WRONG, RIGHT, UNDECIDED } decision;

static decision decide(dc_ladder *l, const estimate *k, double got)
{
    const dc_format *d = &dc_formats[l->t->c.p.dtype];
    const double error = fabs(got - k->v);
    const double t = fabs(k->v);
    const double rest = fabs(k->v - k->c);
    const double high_s = k->s * (1 + k->s_rel) + k->s_abs;
    const double low_s = fmax(0, k->s * (1 - k->s_rel) - k->s_abs);

    if (l->exact)
        return got == k->v ? RIGHT : WRONG;
    /* the largest part of the bound; false if anything is not finite */
    if ((error + k->radius) * (1 + WIDEN) <=
            growth_of(l, k->m) * low_s * (1 - WIDEN) &&
        high_s < d->max / 4)
        return RIGHT;
    /* the rest holds for finite values far from overflow only */
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

/* An element, its position in a block, and its channel's bias. */
typedef struct {
    int64_t index;
    int64_t at;
    double bias;
} place;

static estimate by_quick(const dc_ladder *l, const place *i)
{
    const dc_quick_values *q = &l->q;
    const double m =
        q->m ? q->m[i->index] : (double)(l->products[i->at] + l->biased);

    if (m == 0) /* an empty sum is exactly zero */
        return (estimate){0};
    return (estimate){.v = q->v[i->index],
                      .radius = dc_quick_radius(q, i->index),
                      .s = q->s[i->index],
                      .s_rel = 2 * q->s_rel,
                      .s_abs = q->s_abs,
                      .c = i->bias,
                      .m = m};
}

static estimate by_dot2(const dc_ladder *l, const place *i)
{
    dc_dot2_value e;

    dc_dot2_element(l->dot2, l->op, i->index, &e);
    /* hi + lo as one double is rounded, which the radius includes */
    return (estimate){.v = e.hi + e.lo,
                      .radius = e.error + fabs(e.hi + e.lo) * 0x1p-53,
                      .s = e.s,
                      .s_rel = (double)(2 * e.m + 2) * 0x1p-53,
                      .c = i->bias,
                      .m = (double)e.m};
}

dc_interval dc_ladder_element(dc_ladder *l, int64_t index)
{
    dc_interval want;

    /* no value is accepted if exact data turn out not to be exact, so that the
     * fault is seen */
    if (dc_truth_interval(l->t, l->op, index, &l->arithmetic, &want, NULL) !=
        DC_OK)
        want = (dc_interval){.lo = INFINITY, .hi = -INFINITY};
    return want;
}

/* The first test of decide(), |got - v| + r <= E S low, which is enough for
 * nearly all elements. */
static bool plainly_right(const dc_ladder *l, const place *i, double got)
{
    const dc_quick_values *q = &l->q;
    const double s = q->s[i->index];
    const double low = l->growth[i->at] * (s * (1 - 2 * q->s_rel) - q->s_abs);
    const double error = fabs(got - q->v[i->index]);

    return (error + dc_quick_radius(q, i->index)) * (1 + WIDEN) <=
               low * (1 - WIDEN) &&
           s < l->moderate;
}

/* Judges one element, and counts the rung that decided. */
static bool is_right(dc_ladder *l, const place *i, double got, dc_rungs *rungs)
{
    const estimate k = l->q.v ? by_quick(l, i) : by_dot2(l, i);
    const decision first = decide(l, &k, got);

    if (first == UNDECIDED) {
        const dc_interval want = dc_ladder_element(l, i->index);

        rungs->mpfr++;
        return dc_bound_accepts(&want, got);
    }
    ++*(l->q.v ? &rungs->binary64 : &rungs->dot2);
    return first == RIGHT;
}

dc_comparison dc_ladder_compare(dc_ladder *l, const void *result,
                                dc_rungs *rungs)
{
    const dc_problem *p = &l->t->c.p;
    const int64_t volume = l->volume;
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

        if (l->growth && plainly_right(l, &i, v))
            rungs->binary64++;
        else if (!is_right(l, &i, v, rungs) && all.wrong++ == 0)
            all.first = i.index;
        i.at = i.at + 1 == volume ? 0 : i.at + 1;
    }
    free(got);
    return all;
}

/* ==== Opening =========================================================== */

/* Are the quick values the exact ones?  Sums of integers below 2^53 are exact
 * in any order. */
static bool is_exact(const dc_ladder *l)
{
    const int64_t count = l->t->count[l->op];

    if (!dc_data_exact(l->t->c.family, l->op))
        return false;
    for (int64_t i = 0; l->q.v && i < count; i++)
        if (!(l->q.s[i] * (1 + 2 * l->q.s_rel) < 0x1p53))
            return false;
    return true;
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
    l->biased = op == DC_FORWARD && t->c.p.has_bias;
    l->moderate = dc_formats[t->c.p.dtype].max / 8;
    if (quick && t->c.p.dtype != DC_F64)
        status = dc_quick_compute(&l->q, t, op, quick, e);
    if (status == DC_OK)
        status = count_products(l);
    if (status == DC_OK && !l->q.v)
        status = dc_dot2_open(&l->dot2, &t->c.p, t->tensors);
    if (status == DC_NOMEM)
        dc_nomem(e);
    if (status != DC_OK) {
        dc_ladder_close(l);
        return status;
    }
    l->exact = is_exact(l);
    if (l->q.v && !l->q.m && !l->exact) {
        l->growth = malloc(((size_t)l->volume + 1) * sizeof *l->growth);
        for (int64_t at = 0; l->growth && at < l->volume; at++)
            l->growth[at] = growth_of(l, (double)(l->products[at] + l->biased));
    }
    *ladder = l;
    return DC_OK;
}

void dc_ladder_close(dc_ladder *l)
{
    if (!l)
        return;
    dc_quick_free(&l->q);
    dc_dot2_close(l->dot2);
    free(l->products);
    free(l->growth);
    free(l);
}
