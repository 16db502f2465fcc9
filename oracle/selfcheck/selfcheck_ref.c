/* SPDX-License-Identifier: MIT
 *
 * The steps that check the reference and the bound: the scatter form in
 * rationals, exact finite differences, and the verdict at the edges of its
 * intervals.
 */
#include "oracle/selfcheck/selfcheck.h"

#include <gmp.h>
#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <stdlib.h>

#include "cases/random.h"
#include "cases/space/sweep.h"
#include "ref/counts.h"
#include "ref/exact.h"
#include "oracle/truth/scatter.h"
#include "oracle/truth/truth.h"

/* ==== Cases ============================================================= */

/* The cases of a step: those of the smoke tier, small enough that thousands of
 * them take seconds. */
typedef struct {
    uint64_t seed;
    bool named;       /* with the named cases, which do not depend on seed */
    dc_family below;  /* data families before this one */
    int64_t cost_max; /* products of forward */
} selection;

static bool selected(const selection *x, const dc_item *item)
{
    dc_counts n;

    return (x->named || !item->name) && item->c.family < x->below &&
           dc_counts_of(&item->c.p, &n, NULL) == DC_OK &&
           n.mul[DC_FORWARD] <= x->cost_max;
}

/* A step under way. */
typedef struct {
    dc_step *s;
    char name[DC_CASE_MAX]; /* the current case */
    int64_t cases;
    int64_t elements; /* gradient elements checked one by one */
} walk;

/* Calls check for each case. */
static dc_status for_each(const selection *x, walk *w,
                          dc_status (*check)(walk *w, dc_truth *t))
{
    const dc_sweep sweep = {
        DC_SMOKE, x->seed, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL};
    const int64_t count = dc_sweep_count(&sweep);
    dc_status status = DC_OK;

    for (int64_t i = 0; i < count && status == DC_OK; i++) {
        dc_item item;
        dc_truth t;

        dc_sweep_case(&sweep, i, &item);
        if (!selected(x, &item))
            continue;
        dc_case_print(&item.c, w->name);
        status = dc_truth_open(&t, &item.c, NULL);
        if (status != DC_OK)
            break;
        status = check(w, &t);
        dc_truth_close(&t);
        w->cases++;
    }
    return status;
}

/* ==== The second reference ============================================== */

static dc_status compare_second(walk *w, dc_truth *t, dc_op op)
{
    const int64_t count = t->count[op];
    mpq_t *second = calloc((size_t)count + 1, sizeof *second);
    dc_status status;

    if (!second)
        return DC_NOMEM;
    for (int64_t i = 0; i < count; i++)
        mpq_init(second[i]);
    status = dc_scatter_run(&t->c.p, op, t->tensors, second);
    for (int64_t i = 0; i < count && status == DC_OK; i++) {
        dc_ref_element(t->ref, op, i, 0, &t->element);
        dc_selfcheck_expect(w->s, mpfr_cmp_q(t->element.t, second[i]) == 0,
                            "%s: element %" PRId64 " of %s differs", w->name, i,
                            dc_tensor_names[dc_ops[op].out]);
    }
    for (int64_t i = 0; i < count; i++)
        mpq_clear(second[i]);
    free(second);
    return status;
}

static dc_status check_second(walk *w, dc_truth *t)
{
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        status = compare_second(w, t, (dc_op)op);
    return status;
}

dc_status dc_selfcheck_second(dc_step *s)
{
    enum { SEEDS = 6 };
    walk w = {.s = s};
    dc_status status = DC_OK;

    for (uint64_t seed = 1; seed <= SEEDS && status == DC_OK; seed++) {
        /* rationals have neither NaN nor infinity */
        const selection x = {seed, seed == 1, DC_SPECIAL, 2000};

        status = for_each(&x, &w, check_second);
    }
    snprintf(s->summary, sizeof s->summary,
             "%" PRId64 " cases, %" PRId64
             " elements equal to the scatter form in rationals",
             w.cases, s->checks);
    return status;
}

/* ==== Finite differences ================================================ */

/* sum += a * b, exactly. */
static void add_product(mpfr_t sum, mpfr_srcptr a, mpfr_srcptr b)
{
    mpfr_t term;
    mpfr_t old;
    mpfr_ptr both[2] = {old, term};

    mpfr_init2(term, mpfr_get_prec(a) + mpfr_get_prec(b));
    mpfr_init2(old, mpfr_get_prec(sum));
    mpfr_mul(term, a, b, MPFR_RNDN);
    mpfr_swap(old, sum);
    dc_exact_sum(sum, both, 2);
    mpfr_clears(term, old, (mpfr_ptr)0);
}

/* sum = <gy, y> with the unrounded y. */
static void loss(dc_truth *t, mpfr_t sum)
{
    mpfr_set_zero(sum, 1);
    for (int64_t i = 0; i < t->count[DC_FORWARD]; i++) {
        dc_ref_element(t->ref, DC_FORWARD, i, 0, &t->element);
        add_product(sum, t->element.t, dc_ref_input(t->ref, DC_GY, i));
    }
}

/* Element i of the direction v: 1 at element `only`, or if that is negative, a
 * small random integer at every element. */
static double direction(uint64_t seed, int64_t only, int64_t i)
{
    if (only >= 0)
        return i == only;
    return (double)(int64_t)(dc_random_hash(seed, (uint64_t)i) % 7) - 3;
}

/* in += step * v, exactly: 256 bits hold the sums for ordinary exponents. */
static void move(dc_truth *t, dc_tensor in, int step, int64_t only)
{
    const int64_t count = dc_problem_count(&t->c.p, in);

    for (int64_t i = 0; i < count; i++) {
        mpfr_ptr input = dc_ref_input(t->ref, in, i);

        mpfr_prec_round(input, 256, MPFR_RNDN);
        mpfr_add_d(input, input, step * direction(t->c.seed, only, i),
                   MPFR_RNDN);
    }
}

/* Is loss(in + v) - loss(in - v) = 2 <gradient, v>, to the last bit? */
static bool difference_holds(dc_truth *t, dc_op op, dc_tensor in, int64_t only)
{
    const int64_t count = dc_problem_count(&t->c.p, in);
    mpfr_t plus, minus, want, v;
    bool holds;

    mpfr_inits2(192, plus, minus, want, (mpfr_ptr)0);
    mpfr_init2(v, 53);
    mpfr_set_zero(want, 1);
    for (int64_t i = 0; i < count; i++) {
        mpfr_set_d(v, 2 * direction(t->c.seed, only, i), MPFR_RNDN);
        if (mpfr_zero_p(v))
            continue;
        dc_ref_element(t->ref, op, i, 0, &t->element);
        add_product(want, t->element.t, v);
    }
    move(t, in, 1, only);
    loss(t, plus);
    move(t, in, -2, only);
    loss(t, minus);
    move(t, in, 1, only);
    mpfr_prec_round(plus, mpfr_get_prec(plus) + mpfr_get_prec(minus) + 2,
                    MPFR_RNDN);
    mpfr_sub(plus, plus, minus, MPFR_RNDN);
    holds = mpfr_equal_p(plus, want);
    mpfr_clears(plus, minus, want, v, (mpfr_ptr)0);
    return holds;
}

static dc_status check_differences(walk *w, dc_truth *t)
{
    static const struct {
        dc_op op;
        dc_tensor in;
    } rows[] = {
        {DC_GRAD_INPUT, DC_X}, {DC_GRAD_WEIGHT, DC_W}, {DC_GRAD_BIAS, DC_B}};
    const dc_problem *const p = &t->c.p;
    dc_counts n;

    dc_counts_of(p, &n, NULL);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const int64_t size = dc_problem_count(p, rows[r].in);
        /* every element, if that is cheap */
        const bool each = size * (n.mul[DC_FORWARD] + 10) < 6000;

        if (rows[r].in == DC_B && !p->has_bias)
            continue;
        dc_selfcheck_expect(w->s,
                            difference_holds(t, rows[r].op, rows[r].in, -1),
                            "%s: %s is not the difference of forward", w->name,
                            dc_ops[rows[r].op].name);
        for (int64_t k = 0; each && k < size; k++)
            w->elements += dc_selfcheck_expect(
                w->s, difference_holds(t, rows[r].op, rows[r].in, k),
                "%s: element %" PRId64 " of %s is not the difference", w->name,
                k, dc_tensor_names[dc_ops[rows[r].op].out]);
    }
    return DC_OK;
}

dc_status dc_selfcheck_differences(dc_step *s)
{
    /* steps of one are exact at 256 bits for the exponents before DC_WIDE */
    const selection x = {1, true, DC_WIDE, 1500};
    walk w = {.s = s};
    const dc_status status = for_each(&x, &w, check_differences);

    snprintf(s->summary, sizeof s->summary,
             "%" PRId64 " cases: %" PRId64 " gradient elements one by one and "
             "%" PRId64 " random directions, equal to the last bit",
             w.cases, w.elements, s->checks - w.elements);
    return status;
}

/* ==== Edges of the verdict ============================================== */

/* The neighbour of v in the storage type, in the direction of `to`. */
static double next_stored(int dtype, double v, double to)
{
    const double spacing = dc_formats[dtype].spacing;
    double step = nextafter(v, to) - v;
    double next = dc_format_round(dtype, v + (to > v ? spacing : -spacing));

    while (next == v) {
        step *= 2;
        next = dc_format_round(dtype, v + step);
    }
    return next;
}

/* Does the interval accept the outermost stored values inside it, and reject
 * their neighbours outside? */
static bool edges_hold(const dc_interval *v, int dtype)
{
    double hi = dc_format_round(dtype, v->hi);
    double lo = dc_format_round(dtype, v->lo);

    if (hi > v->hi)
        hi = next_stored(dtype, hi, -INFINITY);
    if (lo < v->lo)
        lo = next_stored(dtype, lo, INFINITY);
    return dc_bound_accepts(v, v->want) && dc_bound_accepts(v, hi) &&
           dc_bound_accepts(v, lo) &&
           !dc_bound_accepts(v, next_stored(dtype, hi, INFINITY)) &&
           !dc_bound_accepts(v, next_stored(dtype, lo, -INFINITY)) &&
           !dc_bound_accepts(v, (double)NAN);
}

static dc_status check_edges(walk *w, dc_truth *t)
{
    static const dc_arithmetic arithmetic = {.accumulate = -1};

    for (int op = 0; op < DC_OPS; op++) {
        const dc_status status = dc_truth_make(t, (dc_op)op, &arithmetic, NULL);

        if (status != DC_OK)
            return status;
        for (int64_t k = 0; k < t->count[op]; k++)
            dc_selfcheck_expect(
                w->s, edges_hold(&t->accepted[op][k], t->c.p.dtype),
                "%s: %s[%" PRId64 "] is judged wrongly at its edge", w->name,
                dc_tensor_names[dc_ops[op].out], k);
    }
    return DC_OK;
}

dc_status dc_selfcheck_edges(dc_step *s)
{
    const selection x = {2, false, DC_SPECIAL, 600};
    walk w = {.s = s};
    const dc_status status = for_each(&x, &w, check_edges);

    snprintf(s->summary, sizeof s->summary,
             "%" PRId64 " intervals: the last value inside is accepted, the "
             "next one is not",
             s->checks);
    return status;
}
