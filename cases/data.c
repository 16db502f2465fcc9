/* SPDX-License-Identifier: MIT
 *
 * The data families.  Each is an amplitude and a thinning, applied by the one
 * routine that fills a tensor.
 *
 * Thinning keeps the number of non-zero products of every result below a
 * budget without looking at the geometry: w has at most `row` non-zeros for
 * one ci (they meet in gx) and for one output channel (they meet in y), and
 * gy at most `plane` for one co (they meet in gw and gb); x stays dense.
 *
 * For `int`, with |x| <= a, |w| <= a, |gy| <= a, |b| <= ab and p bits of
 * significand, every partial sum of every result is an integer of magnitude
 * at most 2^p, hence exact, in any order, since
 *
 *     y  moved both ways:  (2a)(2a) row + 2 ab <= 2^p
 *     gx:   a a row <= 2^p      gw:  a a plane <= 2^p      gb:  a plane <= 2^p
 */
#include "data.h"

#include <stdlib.h>
#include <string.h>

#include "../ref/format.h"
#include "random.h"

/* Amplitudes of `int` and the budgets that follow from the formulas above. */
static const struct {
    int64_t a, ab, row, plane;
} exact[DC_FORMATS] = {
    [DC_F64] = {1000, 1000000, (int64_t)1 << 30, (int64_t)1 << 32},
    [DC_F32] = {15, 4000, 18000, 70000},
    [DC_F16] = {3, 60, 53, 220},
    [DC_BF16] = {2, 16, 14, 64},
};

static const int64_t UNLIMITED = INT64_MAX;

int dc_data_exact(dc_family family, dc_op op)
{
    return family == DC_INT || (family == DC_PROBE && op != DC_GRAD_BIAS);
}

int dc_data_offered(dc_family family)
{
    return family <= DC_REAL;
}

/* ==== One value ========================================================= */

/* Uniform in [-1,1] with a full significand: a 53-bit fraction and a sign. */
static double full_mantissa(dc_random *r)
{
    const uint64_t bits = dc_random_next(r);
    const double u = ((double)(bits >> 11) + 0.5) * 0x1p-53;

    return bits & 1 ? -u : u;
}

/* An integer of -a..-1 or 1..a: never zero, so that no product vanishes. */
static double small_integer(dc_random *r, int64_t a)
{
    const int64_t v = dc_random_range(r, 1, a);

    return (double)(dc_random_chance(r, 2) ? -v : v);
}

/* The position code of element e: distinct while the type can hold so many
 * integers, hashed beyond. */
static double code(const dc_case *c, int64_t e, int64_t count)
{
    const int64_t most = ((int64_t)1 << dc_formats[c->p.dtype].precision) - 1;

    if (count <= most)
        return (double)(e + 1);
    return (double)(1 + (int64_t)(dc_random_hash(c->seed, (uint64_t)e) %
                                  (uint64_t)most));
}

/* ==== Thinning ========================================================== */

/* Visits 0..count-1 once each in a scattered order: at = start + e * step
 * mod count with a step prime to count. */
typedef struct {
    uint64_t count, step, at;
} scatter;

static uint64_t gcd(uint64_t a, uint64_t b)
{
    return b ? gcd(b, a % b) : a;
}

static scatter scatter_open(dc_random *r, int64_t count)
{
    scatter s = {(uint64_t)count, 1, 0};

    if (count > 2) {
        s.at = dc_random_below(r, s.count);
        do
            s.step = 1 + dc_random_below(r, s.count - 1);
        while (gcd(s.step, s.count) != 1);
    }
    return s;
}

static int64_t scatter_next(scatter *s)
{
    const uint64_t at = s->at;

    /* at + step may pass 2^64 only for tensors that no memory holds */
    s->at = (s->at + s->step) % s->count;
    return (int64_t)at;
}

typedef struct {
    const dc_case *c;
    dc_tensor t;
    void *values;
    dc_random r;
    int64_t a;    /* amplitude of integers; 0: full mantissa */
    int sign;     /* of the direction that is added; 0: none */
    int64_t used; /* of the budget that is being spent */
} filler;

static void put(filler *f, int64_t at)
{
    double v = f->a ? small_integer(&f->r, f->a) : full_mantissa(&f->r);

    if (f->sign) /* the same draw in either direction */
        v += f->sign * small_integer(&f->r, f->a);
    else if (f->a)
        (void)small_integer(&f->r, f->a);
    dc_format_set(f->c->p.dtype, f->values, at, v);
}

/* w [ci, co/g, k..]: at most `row` per ci and per output channel. */
static dc_status thin_weight(filler *f, int64_t row)
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
    for (int64_t e = 0; e < count; e++) {
        const int64_t at = scatter_next(&s);
        const int64_t ci = at / taps / co_g;
        const int64_t co = ci / (p->ci / p->g) * co_g + at / taps % co_g;

        if (used[ci] < row && used[p->ci + co] < row) {
            used[ci]++;
            used[p->ci + co]++;
            put(f, at);
        }
    }
    free(used);
    return DC_OK;
}

/* gy [n, co, o..]: at most `plane` per co. */
static void thin_gradient(filler *f, int64_t plane)
{
    const dc_problem *p = &f->c->p;
    const int64_t volume = dc_problem_count(p, DC_GY) / p->n / p->co;

    for (int64_t co = 0; co < p->co; co++) {
        scatter s = scatter_open(&f->r, p->n * volume);
        for (int64_t e = 0; e < p->n * volume && e < plane; e++) {
            const int64_t at = scatter_next(&s);
            put(f, (at / volume * p->co + co) * volume + at % volume);
        }
    }
}

static dc_status fill(filler *f, int64_t row, int64_t plane)
{
    const int64_t count = dc_problem_count(&f->c->p, f->t);

    if (count == 0)
        return DC_OK;
    if (f->t == DC_W)
        return thin_weight(f, row);
    if (f->t == DC_GY)
        thin_gradient(f, plane);
    else
        for (int64_t e = 0; e < count; e++)
            put(f, e);
    return DC_OK;
}

/* seed mod 3 says which of w, x, gy carries the position codes; the others
 * hold a single one at a random place; b is zero. */
static void fill_probe(filler *f)
{
    static const dc_tensor coded[] = {DC_W, DC_X, DC_GY};
    const int dtype = f->c->p.dtype;
    const int64_t count = dc_problem_count(&f->c->p, f->t);

    if (f->t == coded[f->c->seed % 3])
        for (int64_t e = 0; e < count; e++)
            dc_format_set(dtype, f->values, e, code(f->c, e, count));
    else if (f->t != DC_B && count > 0)
        dc_format_set(dtype, f->values,
                      (int64_t)dc_random_below(&f->r, (uint64_t)count), 1);
}

/* ==== Entry points ====================================================== */

static dc_status run(const dc_case *c, dc_tensor t, int sign, void *values)
{
    const int dtype = c->p.dtype;
    filler f = {.c = c, .t = t, .values = values, .sign = sign};

    if (!dc_data_offered(c->family))
        return DC_UNSUPPORTED;
    f.r = dc_random_open(c->seed, (uint64_t)t);
    /* all bits zero is +0 in every type */
    memset(values, 0,
           (size_t)(dc_problem_count(&c->p, t) * dc_formats[dtype].size));
    switch (c->family) {
    case DC_PROBE:
        fill_probe(&f);
        return DC_OK;
    case DC_SHORT: {
        const int64_t row = 1 + (int64_t)(c->seed % 4);
        return fill(&f, row, row);
    }
    case DC_REAL:
        return fill(&f, UNLIMITED, UNLIMITED);
    default:
        f.a = t == DC_B ? exact[dtype].ab : exact[dtype].a;
        return fill(&f, exact[dtype].row, exact[dtype].plane);
    }
}

dc_status dc_data_fill(const dc_case *c, dc_tensor t, void *values)
{
    return run(c, t, 0, values);
}

dc_status dc_data_moved(const dc_case *c, dc_tensor t, int sign, void *values)
{
    return c->family == DC_INT ? run(c, t, sign, values) : DC_UNSUPPORTED;
}
