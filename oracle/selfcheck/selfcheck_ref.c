/* SPDX-License-Identifier: MIT
 *
 * The reference against itself and against a second one: the scatter form in
 * rationals, exact finite differences, and the verdict at its edges.
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

/* Cases of a sweep for these steps: the random part of smoke, many seeds. */
static dc_sweep sweep_of(uint64_t seed)
{
    return (dc_sweep){
        DC_SMOKE, seed, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL};
}

/* Small enough that a step over thousands of cases takes seconds. */
static int affordable(const dc_problem *p, int64_t most)
{
    dc_counts n;

    return dc_counts_of(p, &n, NULL) == DC_OK && n.mul[DC_FORWARD] <= most;
}

/* ==== The second reference ============================================== */

static dc_status compare_second(dc_step *s, dc_truth *t, dc_op op)
{
    const int64_t count = t->count[op];
    mpq_t *second = calloc((size_t)count + 1, sizeof *second);
    char name[DC_CASE_MAX];
    dc_status status;

    if (!second)
        return DC_NOMEM;
    dc_case_print(&t->c, name);
    for (int64_t i = 0; i < count; i++)
        mpq_init(second[i]);
    status = dc_scatter_run(&t->c.p, op, t->tensors, second);
    for (int64_t i = 0; i < count && status == DC_OK; i++) {
        dc_ref_element(t->ref, op, i, 0, &t->element);
        dc_selfcheck_expect(s, mpfr_cmp_q(t->element.t, second[i]) == 0,
                            "%s: element %" PRId64 " of %s differs", name, i,
                            dc_tensor_names[dc_ops[op].out]);
    }
    for (int64_t i = 0; i < count; i++)
        mpq_clear(second[i]);
    free(second);
    return status;
}

dc_status dc_selfcheck_second(dc_step *s, FILE *to, const char *self)
{
    enum { SEEDS = 6 };
    int64_t cases = 0;
    dc_status status = DC_OK;

    (void)to;
    (void)self;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const dc_sweep sweep = sweep_of(seed);
        const int64_t count = dc_sweep_count(&sweep);

        for (int64_t i = 0; i < count && status == DC_OK; i++) {
            dc_item item;
            dc_truth t;

            dc_sweep_case(&sweep, i, &item);
            /* rationals know neither NaN nor infinity */
            if ((item.name && seed > 1) || item.c.family == DC_SPECIAL ||
                !affordable(&item.c.p, 2000))
                continue;
            status = dc_truth_open(&t, &item.c, NULL);
            if (status != DC_OK)
                break;
            for (int op = 0; op < DC_OPS && status == DC_OK; op++)
                status = compare_second(s, &t, (dc_op)op);
            dc_truth_close(&t);
            cases++;
        }
    }
    snprintf(s->said, sizeof s->said,
             "%" PRId64 " cases, %" PRId64
             " elements equal to the scatter form in rationals",
             cases, s->done);
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

/* input += step * v, exactly: the precision covers both exponents. */
static void move(mpfr_ptr input, int step, double v)
{
    mpfr_prec_round(input, 256, MPFR_RNDN);
    mpfr_add_d(input, input, step * v, MPFR_RNDN);
}

/* loss = <gy, y> on unrounded sums. */
static void loss(dc_truth *t, mpfr_t sum)
{
    mpfr_set_zero(sum, 1);
    for (int64_t i = 0; i < t->count[DC_FORWARD]; i++) {
        dc_ref_element(t->ref, DC_FORWARD, i, 0, &t->element);
        add_product(sum, t->element.t, dc_ref_input(t->ref, DC_GY, i));
    }
}

/* A direction: one element alone, or random small integers everywhere. */
static double direction(uint64_t seed, int64_t only, int64_t i)
{
    if (only >= 0)
        return i == only;
    return (double)(int64_t)(dc_random_hash(seed, (uint64_t)i) % 7) - 3;
}

/* loss(in + v) - loss(in - v) = 2 <gradient, v>, to the last bit. */
static int difference_holds(dc_truth *t, dc_op op, dc_tensor in, int64_t only)
{
    const int64_t count = dc_problem_count(&t->c.p, in);
    mpfr_t plus;
    mpfr_t minus;
    mpfr_t want;
    mpfr_t v;
    int holds;

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
    for (int64_t i = 0; i < count; i++)
        move(dc_ref_input(t->ref, in, i), 1, direction(t->c.seed, only, i));
    loss(t, plus);
    for (int64_t i = 0; i < count; i++)
        move(dc_ref_input(t->ref, in, i), -2, direction(t->c.seed, only, i));
    loss(t, minus);
    for (int64_t i = 0; i < count; i++)
        move(dc_ref_input(t->ref, in, i), 1, direction(t->c.seed, only, i));
    mpfr_prec_round(plus, mpfr_get_prec(plus) + mpfr_get_prec(minus) + 2,
                    MPFR_RNDN);
    mpfr_sub(plus, plus, minus, MPFR_RNDN);
    holds = mpfr_equal_p(plus, want);
    mpfr_clears(plus, minus, want, v, (mpfr_ptr)0);
    return holds;
}

dc_status dc_selfcheck_differences(dc_step *s, FILE *to, const char *self)
{
    static const struct {
        dc_op op;
        dc_tensor in;
    } rows[] = {
        {DC_GRAD_INPUT, DC_X}, {DC_GRAD_WEIGHT, DC_W}, {DC_GRAD_BIAS, DC_B}};
    const dc_sweep sweep = sweep_of(1);
    const int64_t count = dc_sweep_count(&sweep);
    int64_t elements = 0;
    int64_t cases = 0;
    dc_status status = DC_OK;

    (void)to;
    (void)self;
    for (int64_t i = 0; i < count && status == DC_OK; i++) {
        char name[DC_CASE_MAX];
        dc_item item;
        dc_truth t;
        dc_counts n;

        dc_sweep_case(&sweep, i, &item);
        /* steps of one are exact at 256 bits for ordinary exponents */
        if (item.c.family >= DC_WIDE || !affordable(&item.c.p, 1500))
            continue;
        status = dc_truth_open(&t, &item.c, NULL);
        if (status != DC_OK)
            break;
        dc_case_print(&item.c, name);
        dc_counts_of(&item.c.p, &n, NULL);
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            const int64_t size = dc_problem_count(&item.c.p, rows[r].in);
            /* every element where that is cheap */
            const int each = size * (n.mul[DC_FORWARD] + 10) < 6000;

            if (rows[r].in == DC_B && !item.c.p.has_bias)
                continue;
            dc_selfcheck_expect(
                s, difference_holds(&t, rows[r].op, rows[r].in, -1),
                "%s: %s is not the difference of forward", name,
                dc_ops[rows[r].op].name);
            for (int64_t k = 0; each && k < size; k++)
                elements += dc_selfcheck_expect(
                    s, difference_holds(&t, rows[r].op, rows[r].in, k),
                    "%s: element %" PRId64 " of %s is not the difference", name,
                    k, dc_tensor_names[dc_ops[rows[r].op].out]);
        }
        dc_truth_close(&t);
        cases++;
    }
    snprintf(s->said, sizeof s->said,
             "%" PRId64 " cases: %" PRId64 " gradient elements one by one and "
             "%" PRId64 " random directions, equal to the last bit",
             cases, elements, s->done - elements);
    return status;
}

/* ==== Edges of the verdict ============================================== */

/* The next value of the storage type from v in direction of `to`. */
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

dc_status dc_selfcheck_edges(dc_step *s, FILE *to, const char *self)
{
    static const dc_arithmetic usual = {.accumulate = -1};
    const dc_sweep sweep = sweep_of(2);
    const int64_t count = dc_sweep_count(&sweep);
    dc_status status = DC_OK;

    (void)to;
    (void)self;
    for (int64_t i = 0; i < count && status == DC_OK; i++) {
        dc_item item;
        dc_truth t;
        char name[DC_CASE_MAX];

        dc_sweep_case(&sweep, i, &item);
        if (item.name || item.c.family == DC_SPECIAL ||
            !affordable(&item.c.p, 600))
            continue;
        dc_case_print(&item.c, name);
        status = dc_truth_open(&t, &item.c, NULL);
        if (status != DC_OK)
            break;
        for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
            status = dc_truth_make(&t, (dc_op)op, &usual, NULL);
            for (int64_t k = 0; status == DC_OK && k < t.count[op]; k++) {
                const dc_interval *v = &t.accepted[op][k];
                const int dtype = item.c.p.dtype;
                double hi = dc_format_round(dtype, v->hi);
                double lo = dc_format_round(dtype, v->lo);

                /* the outermost stored values inside, then one unit on */
                if (hi > v->hi)
                    hi = next_stored(dtype, hi, -INFINITY);
                if (lo < v->lo)
                    lo = next_stored(dtype, lo, INFINITY);
                dc_selfcheck_expect(
                    s,
                    dc_bound_accepts(v, v->want) && dc_bound_accepts(v, hi) &&
                        dc_bound_accepts(v, lo) &&
                        !dc_bound_accepts(v,
                                          next_stored(dtype, hi, INFINITY)) &&
                        !dc_bound_accepts(v,
                                          next_stored(dtype, lo, -INFINITY)) &&
                        !dc_bound_accepts(v, (double)NAN),
                    "%s: %s[%" PRId64 "] is judged wrongly at its edge", name,
                    dc_tensor_names[dc_ops[op].out], k);
            }
        }
        dc_truth_close(&t);
    }
    snprintf(s->said, sizeof s->said,
             "%" PRId64 " intervals: the last value inside is accepted, the "
             "next one is not",
             s->done);
    return status;
}
