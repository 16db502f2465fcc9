/* SPDX-License-Identifier: MIT
 *
 * The table of data families, and the families that need an amplitude and a
 * budget only.
 *
 * For `int`, with |x| <= a, |w| <= a, |gy| <= a, |b| <= ab and p bits of
 * significand, every partial sum of every result, in any order, is an integer
 * of magnitude at most 2^p, hence exact, if
 *
 *     y  moved both ways:  (2a)(2a) terms + 2 ab <= 2^p
 *     gx, gw:  a a terms <= 2^p      gb:  a terms <= 2^p
 *
 * where terms is the number of non-zero products.  The largest a for which
 * dense data keep this is taken; if even a = 1 is too large, data are thinned
 * (data_thin.c).
 */
#include "cases/data/data_internal.h"

#include <string.h>

#include "ref/format.h"

/* The largest amplitudes of `int`. */
static const struct {
    int64_t a, ab;
} largest[DC_FORMATS] = {
    [DC_F64] = {1000, 1000000},
    [DC_F32] = {15, 4000},
    [DC_F16] = {3, 60},
    [DC_BF16] = {2, 16},
};

bool dc_data_exact(dc_family family, dc_op op)
{
    return family == DC_INT || (family == DC_PROBE && op != DC_GRAD_BIAS);
}

/* ==== One value ========================================================= */

/* An integer in -a..-1 or 1..a: not zero, so that no product vanishes. */
static double small_integer(dc_random *r, int64_t a)
{
    const int64_t v = dc_random_range(r, 1, a);

    return (double)(dc_random_chance(r, 2) ? -v : v);
}

/* The position code of element `at` of `count`: distinct numbers if the type
 * holds that many integers, else a hash. */
static double code(const dc_case *c, int64_t at, int64_t count)
{
    const int64_t most = ((int64_t)1 << dc_formats[c->p.dtype].precision) - 1;

    if (count <= most)
        return (double)(at + 1);
    return (double)(1 + (int64_t)(dc_random_hash(c->seed, (uint64_t)at) %
                                  (uint64_t)most));
}

static void put_full(dc_data_filler *f, int64_t at)
{
    dc_data_store(f, at, dc_data_full(&f->r));
}

static void put_integer(dc_data_filler *f, int64_t at)
{
    const double v = small_integer(&f->r, f->a);
    const double move = small_integer(&f->r, f->a);

    /* moved or not, the same random numbers are consumed */
    dc_data_store(f, at, v + f->sign * move);
}

/* ==== Families ========================================================== */

/* seed mod 3 selects which of w, x, gy holds the position codes; the others
 * have a single 1 at a random place; b is zero. */
static dc_status fill_probe(dc_data_filler *f)
{
    static const dc_tensor coded[] = {DC_W, DC_X, DC_GY};
    const int64_t count = dc_problem_count(&f->c->p, f->t);

    if (f->t == coded[f->c->seed % 3])
        for (int64_t at = 0; at < count; at++)
            dc_data_store(f, at, code(f->c, at, count));
    else if (f->t != DC_B && count > 0)
        dc_data_store(f, (int64_t)dc_random_below(&f->r, (uint64_t)count), 1);
    return DC_OK;
}

/* All plans take turns.  If gw is kept short by x, gb, which has no products,
 * is a sum of all that gx leaves of gy. */
static dc_status fill_short(dc_data_filler *f)
{
    const uint64_t seed = f->c->seed;
    const int64_t few = 1 + (int64_t)(seed % 4);
    dc_data_budget b = {{few, few, few, few},
                        (dc_data_plan)(seed / 4 % DC_DATA_PLANS)};

    if (b.plan == DC_DATA_BY_WX || b.plan == DC_DATA_BY_YX)
        b.terms[DC_GRAD_BIAS] = DC_DATA_UNLIMITED;
    f->put = put_full;
    return dc_data_spread(f, &b);
}

static dc_status fill_real(dc_data_filler *f)
{
    f->put = put_full;
    dc_data_dense(f);
    return DC_OK;
}

/* The budget of amplitude a, without a plan. */
static dc_data_budget budget_of(int dtype, int64_t a)
{
    const int64_t most = (int64_t)1 << dc_formats[dtype].precision;

    return (dc_data_budget){
        .terms = {[DC_FORWARD] = (most - 2 * largest[dtype].ab) / (4 * a * a),
                  [DC_GRAD_INPUT] = most / (a * a),
                  [DC_GRAD_WEIGHT] = most / (a * a),
                  [DC_GRAD_BIAS] = most / a}};
}

static dc_status fill_int(dc_data_filler *f)
{
    const int dtype = f->c->p.dtype;
    int64_t terms[DC_OPS];
    dc_data_budget b;

    if (dc_data_second_int(f->c))
        return dc_data_needle(f);
    dc_data_terms(&f->c->p, terms);
    f->a = largest[dtype].a;
    while (b = budget_of(dtype, f->a), f->a > 1 && !dc_data_fits(&b, terms))
        f->a--;
    b.plan = dc_data_turn(&f->c->p, &b, f->c->seed % 2 != 0);
    if (f->t == DC_B)
        f->a = largest[dtype].ab;
    f->put = put_integer;
    return dc_data_spread(f, &b);
}

static dc_status run(const dc_case *c, dc_tensor t, int sign, void *values)
{
    static dc_status (*const fill[DC_FAMILIES])(dc_data_filler *) = {
        [DC_INT] = fill_int,           [DC_PROBE] = fill_probe,
        [DC_SHORT] = fill_short,       [DC_REAL] = fill_real,
        [DC_CANCEL] = dc_data_cancel,  [DC_WIDE] = dc_data_wide,
        [DC_SPECIAL] = dc_data_special};
    dc_data_filler f = {.c = c, .t = t, .values = values, .sign = sign};

    if (c->family >= DC_FAMILIES)
        return DC_UNSUPPORTED;
    f.r = dc_random_open(c->seed, (uint64_t)t);
    /* all bits zero is +0 in every type */
    memset(values, 0, dc_problem_bytes(&c->p, t));
    return dc_problem_count(&c->p, t) ? fill[c->family](&f) : DC_OK;
}

bool dc_data_second_int(const dc_case *c)
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
