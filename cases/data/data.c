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
#include "cases/data/data_internal.h"

#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "ref/integer.h"

/* Amplitudes of `int` and the budgets that follow from the formulas above. */
static const struct {
    int64_t a, ab, row, plane;
} exact[DC_FORMATS] = {
    [DC_F64] = {1000, 1000000, (int64_t)1 << 30, (int64_t)1 << 32},
    [DC_F32] = {15, 4000, 18000, 70000},
    [DC_F16] = {3, 60, 53, 220},
    [DC_BF16] = {2, 16, 14, 64},
};

int dc_data_exact(dc_family family, dc_op op)
{
    return family == DC_INT || (family == DC_PROBE && op != DC_GRAD_BIAS);
}

/* ==== One value ========================================================= */

/* Uniform in [-1,1] with a full significand: 63 bits and a sign, rounded by
 * the conversion to 53; the last bit keeps it from being zero. */
double dc_data_full(dc_random *r)
{
    return (double)(int64_t)(dc_random_next(r) | 1) * 0x1p-63;
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

    /* at + step may pass 2^64 only for tensors that no memory holds */
    s->at = (s->at + s->step) % s->count;
    return (int64_t)at;
}

void dc_data_store(dc_data_filler *f, int64_t at, double v)
{
    dc_format_set(f->c->p.dtype, f->values, at, v);
}

static void put_full(dc_data_filler *f, int64_t at)
{
    dc_data_store(f, at, dc_data_full(&f->r));
}

static void put_integer(dc_data_filler *f, int64_t at)
{
    const double v = small_integer(&f->r, f->a);
    const double move = small_integer(&f->r, f->a);

    dc_data_store(f, at, v + f->sign * move); /* the same draw either way */
}

/* w [ci, co/g, k..]: at most `row` per ci and per output channel. */
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
    for (int64_t e = 0; e < count; e++) {
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

/* gy [n, co, o..]: at most `plane` per co. */
static void thin_gradient(dc_data_filler *f, int64_t plane)
{
    const dc_problem *p = &f->c->p;
    const int64_t volume = dc_problem_count(p, DC_GY) / p->n / p->co;

    for (int64_t co = 0; co < p->co; co++) {
        scatter s = scatter_open(&f->r, p->n * volume);
        for (int64_t e = 0; e < p->n * volume && e < plane; e++) {
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
        for (int64_t e = 0; e < count; e++)
            f->put(f, e);
    return DC_OK;
}

/* seed mod 3 says which of w, x, gy carries the position codes; the others
 * hold a single one at a random place; b is zero. */
static void fill_probe(dc_data_filler *f)
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

int64_t dc_data_terms(const dc_problem *p)
{
    const int64_t of[] = {p->ci / p->g * dc_volume(p->k, p->rank),
                          p->co / p->g * dc_volume(p->k, p->rank),
                          p->n * dc_volume(p->i, p->rank),
                          p->n * dc_volume(p->o, p->rank)};
    int64_t most = 1;

    for (int k = 0; k < 4; k++)
        if (of[k] > most)
            most = of[k];
    return most;
}

static dc_status fill_probe_family(dc_data_filler *f)
{
    fill_probe(f);
    return DC_OK;
}

static dc_status fill_short(dc_data_filler *f)
{
    const int64_t row = 1 + (int64_t)(f->c->seed % 4);

    f->put = put_full;
    return dc_data_spread(f, row, row);
}

static dc_status fill_real(dc_data_filler *f)
{
    f->put = put_full;
    return dc_data_spread(f, DC_DATA_UNLIMITED, DC_DATA_UNLIMITED);
}

static dc_status fill_int(dc_data_filler *f)
{
    const int dtype = f->c->p.dtype;

    if (dc_data_second_int(f->c))
        return dc_data_needle(f);
    f->put = put_integer;
    f->a = f->t == DC_B ? exact[dtype].ab : exact[dtype].a;
    return dc_data_spread(f, exact[dtype].row, exact[dtype].plane);
}

static dc_status run(const dc_case *c, dc_tensor t, int sign, void *values)
{
    static dc_status (*const fill[DC_FAMILIES])(dc_data_filler *) = {
        [DC_INT] = fill_int,           [DC_PROBE] = fill_probe_family,
        [DC_SHORT] = fill_short,       [DC_REAL] = fill_real,
        [DC_CANCEL] = dc_data_cancel,  [DC_WIDE] = dc_data_wide,
        [DC_SPECIAL] = dc_data_special};
    dc_data_filler f = {.c = c, .t = t, .values = values, .sign = sign};
    const int64_t count = dc_problem_count(&c->p, t);

    if (c->family >= DC_FAMILIES)
        return DC_UNSUPPORTED;
    f.r = dc_random_open(c->seed, (uint64_t)t);
    /* all bits zero is +0 in every type */
    memset(values, 0, (size_t)(count * dc_formats[c->p.dtype].size));
    return count ? fill[c->family](&f) : DC_OK;
}

int dc_data_second_int(const dc_case *c)
{
    return c->family == DC_INT && c->seed % 10 == 9;
}

dc_status dc_data_fill(const dc_case *c, dc_tensor t, void *values)
{
    return run(c, t, 0, values);
}

dc_status dc_data_moved(const dc_case *c, dc_tensor t, int sign, void *values)
{
    return c->family == DC_INT ? run(c, t, sign, values) : DC_UNSUPPORTED;
}
