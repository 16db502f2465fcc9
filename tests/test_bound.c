/* SPDX-License-Identifier: MIT
 *
 * Is the hard bound the formula that VERDICT.md derives, does no honest
 * arithmetic leave it, and is the next value beyond it refused?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <gmp.h>
#include <math.h>
#include <stdio.h>

#include "../oracle/bound.h"
#include "draw.h"

enum { USUAL = -1, TERMS = 8 };

/* An element of the products p[0..m-1] and, where has_c, the bias c. */
static void element_set(dc_element *e, const double *p, int64_t m, int has_c,
                        double c)
{
    mpfr_t v;

    mpfr_init2(v, 53);
    mpfr_set_prec(e->t, 4400); /* every sum of doubles fits */
    mpfr_set_prec(e->s, 4400);
    mpfr_set_d(e->t, has_c ? c : 0, MPFR_RNDN);
    mpfr_abs(e->s, e->t, MPFR_RNDN);
    mpfr_set_d(e->c, has_c ? c : 0, MPFR_RNDN);
    e->has_c = has_c;
    e->n = m;
    e->nonzero = 0;
    for (int64_t i = 0; i < m; i++) {
        e->nonzero += p[i] != 0;
        mpfr_set_d(v, p[i], MPFR_RNDN);
        mpfr_add(e->t, e->t, v, MPFR_RNDN);
        mpfr_abs(v, v, MPFR_RNDN);
        mpfr_add(e->s, e->s, v, MPFR_RNDN);
    }
    mpfr_clear(v);
}

static dc_interval interval(int dtype, int accumulate, const dc_element *e)
{
    const dc_arithmetic a = {accumulate};
    dc_interval out;
    dc_bound b;

    dc_bound_init(&b);
    dc_bound_interval(&b, &a, dtype, e, &out);
    dc_bound_clear(&b);
    return out;
}

/* ==== The formula, in rationals ========================================= */

/* sum += factor * (|x| + e * s) */
static void add_term(mpq_t sum, double factor, const mpq_t x, const mpq_t es)
{
    mpq_t v;
    mpq_t f;

    mpq_inits(v, f, NULL);
    mpq_abs(v, x);
    mpq_add(v, v, es);
    mpq_set_d(f, factor);
    mpq_mul(v, v, f);
    mpq_add(sum, sum, v);
    mpq_clears(v, f, NULL);
}

/* DESIGN's formula by rationals; nothing is rounded. */
static void formula(mpq_t bound, int dtype, int acc, const double *p, int m,
                    int has_c, double c)
{
    const dc_format *d = &dc_formats[dtype];
    const dc_format *a = &dc_formats[acc];
    const dc_format *const both[] = {a, d};
    mpq_t t, s, e, v, rest, one;

    mpq_inits(t, s, e, v, rest, one, NULL);
    mpq_set_ui(e, 1, 1);
    for (int i = 0; i < m; i++) {
        mpq_set_d(v, p[i]);
        mpq_add(rest, rest, v);
        mpq_abs(v, v);
        mpq_add(s, s, v);
    }
    mpq_set_d(v, has_c ? c : 0);
    mpq_add(t, rest, v);
    mpq_abs(v, v);
    mpq_add(s, s, v);
    mpq_set_d(v, a->u);
    mpq_set_ui(one, 1, 1);
    mpq_add(v, v, one);
    for (int i = 0; i < m + has_c; i++)
        mpq_mul(e, e, v);
    /* underflow: m (1+E) spacings of A, one of D */
    mpq_set(bound, e);
    mpq_set_si(v, m + has_c, 1);
    mpq_mul(bound, bound, v);
    for (int k = 0; k < 2; k++) {
        mpq_set_d(v, both[k]->spacing);
        if (k)
            mpq_add(bound, bound, v);
        else
            mpq_mul(bound, bound, v);
    }
    mpq_sub(e, e, one);
    mpq_mul(e, e, s);
    mpq_add(bound, bound, e);
    if (a->precision > d->precision) {
        add_term(bound, d->u, t, e);
        if (has_c)
            add_term(bound, d->u, rest, e);
    }
    if (mpq_sgn(s) == 0)
        mpq_set_ui(bound, 0, 1);
    mpq_clears(t, s, e, v, rest, one, NULL);
}

static const struct {
    int dtype;
    int accumulate;
} arithmetics[] = {
    {DC_F64, USUAL},   {DC_F32, USUAL},  {DC_F32, DC_F64}, {DC_F16, USUAL},
    {DC_F16, DC_F16},  {DC_F16, DC_F64}, {DC_BF16, USUAL}, {DC_BF16, DC_BF16},
    {DC_BF16, DC_F64}, {DC_F64, DC_F64}, {DC_F32, DC_F32}, {DC_F16, DC_F32},
};
enum { ARITHMETICS = sizeof arithmetics / sizeof *arithmetics };

static int accumulator(int k)
{
    const dc_arithmetic a = {arithmetics[k].accumulate};

    return dc_bound_accumulator(&a, arithmetics[k].dtype);
}

static const struct {
    int m;
    double p[TERMS];
    int has_c;
    double c;
} sums[] = {
    {0, {0}, 0, 0},
    {0, {0}, 1, 0},
    {0, {0}, 1, 0.75},
    {1, {1}, 0, 0},
    {1, {-3.5}, 0, 0},
    {1, {0x1p-140}, 0, 0},
    {2, {1.5, -1.5}, 0, 0},
    {2, {1.5, -1.25}, 1, 0.5},
    {3, {100, 200, -299}, 1, -1},
    {8, {1, 2, 3, 4, 5, 6, 7, 8}, 0, 0},
    {8, {-1, 2, -3, 4, -5, 6, -7, 8}, 1, 1000},
    {4, {0x1p-30, 0x1p-31, -0x1p-32, 1}, 1, 0x1p-24},
};

static void test_formula(void **state)
{
    (void)state;
    for (int k = 0; k < ARITHMETICS; k++)
        for (size_t r = 0; r < sizeof sums / sizeof *sums; r++) {
            const int dtype = arithmetics[k].dtype;
            dc_element e;
            mpq_t want;
            mpq_t got;

            dc_element_init(&e);
            mpq_inits(want, got, NULL);
            element_set(&e, sums[r].p, sums[r].m, sums[r].has_c, sums[r].c);
            const dc_interval v =
                interval(dtype, arithmetics[k].accumulate, &e);
            formula(want, dtype, accumulator(k), sums[r].p, sums[r].m,
                    sums[r].has_c, sums[r].c);
            mpq_set_d(got, v.bound);
            /* never narrower, and wider by the rounding of a double at most */
            if (mpq_cmp(got, want) < 0 ||
                mpq_get_d(got) >
                    nextafter(mpq_get_d(want), INFINITY) + 0x1p-1074)
                fail_msg("%s/%s sum %zu: bound %a, formula %a",
                         dc_formats[dtype].name,
                         dc_formats[accumulator(k)].name, r, v.bound,
                         mpq_get_d(want));
            assert_int_equal(v.any, 0);
            mpq_clears(want, got, NULL);
            dc_element_clear(&e);
        }
}

/* The same by head: one product of 1, and a bias of 1 beside it. */
static void test_by_head(void **state)
{
    static const double one[1] = {1};
    static const struct {
        int dtype;
        int accumulate;
        int has_c;
        double bound;
    } rows[] = {
        {DC_F64, USUAL, 0, 0x1p-53},
        {DC_F32, USUAL, 0, 0x1p-24},
        /* E = 2^-24; 2^-11 (1 + E); one spacing 2^-24 */
        {DC_F16, USUAL, 0, 0x1p-24 + 0x1p-11 + 0x1p-35 + 0x1p-24},
        {DC_BF16, USUAL, 0, 0x1p-24 + 0x1p-8 + 0x1p-32},
        /* t = S = 2, E = 2^-23 + 2^-48: E S + u (2 + E S) + u (1 + E S) */
        {DC_BF16, USUAL, 1,
         (0x1p-22 + 0x1p-47) + 0x1p-8 * (3 + 0x1p-21 + 0x1p-46)},
        {DC_F32, USUAL, 1, 0x1p-22 + 0x1p-47},
        {DC_F32, DC_F64, 0, 0x1p-53 + 0x1p-24 + 0x1p-77},
        {DC_BF16, DC_BF16, 0, 0x1p-8},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_element e;

        dc_element_init(&e);
        element_set(&e, one, 1, rows[r].has_c, 1);
        const dc_interval v = interval(rows[r].dtype, rows[r].accumulate, &e);
        /* the spacings left out above are below 2^-100 */
        if (v.bound < rows[r].bound || v.bound > rows[r].bound * (1 + 0x1p-51))
            fail_msg("row %zu: %a, by head %a", r, v.bound, rows[r].bound);
        assert_true(v.want == 1 + rows[r].has_c);
        dc_element_clear(&e);
    }
}

/* ==== The edge ========================================================== */

/* The neighbour of a stored value. */
static double neighbour(int dtype, double v, double to)
{
    const dc_format *f = &dc_formats[dtype];
    double step = f->spacing;

    if (fabs(v) >= f->min) {
        int exponent;
        (void)frexp(v, &exponent);
        step = ldexp(1, exponent - f->precision);
        if (fabs(v) == ldexp(1, exponent - 1) && (to > v) == (v < 0) &&
            fabs(v) > f->min)
            step /= 2; /* towards zero from a power of two */
    }
    return dc_format_round(dtype, to > v ? v + step : v - step);
}

static void edge(int dtype, const dc_interval *v, double bound, double way)
{
    double at = dc_format_round(dtype, bound);

    if (way > 0 ? at > bound : at < bound)
        at = neighbour(dtype, at, -way);
    if (!dc_bound_accepts(v, at) ||
        dc_bound_accepts(v, neighbour(dtype, at, way)))
        fail_msg("%s: %a accepted %d, the next %a %d", dc_formats[dtype].name,
                 at, dc_bound_accepts(v, at), neighbour(dtype, at, way),
                 dc_bound_accepts(v, neighbour(dtype, at, way)));
}

/* One unit inside is accepted, one unit outside is not. */
static void test_edges(void **state)
{
    (void)state;
    for (int k = 0; k < ARITHMETICS; k++)
        for (size_t r = 0; r < sizeof sums / sizeof *sums; r++) {
            const int dtype = arithmetics[k].dtype;
            dc_element e;

            dc_element_init(&e);
            element_set(&e, sums[r].p, sums[r].m, sums[r].has_c, sums[r].c);
            const dc_interval v =
                interval(dtype, arithmetics[k].accumulate, &e);
            assert_true(dc_bound_accepts(&v, v.want));
            edge(dtype, &v, v.hi, INFINITY);
            edge(dtype, &v, v.lo, -INFINITY);
            assert_false(dc_bound_accepts(&v, (double)NAN));
            assert_false(dc_bound_accepts(&v, INFINITY));
            assert_false(dc_bound_accepts(&v, -INFINITY));
            dc_element_clear(&e);
        }
}

/* (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 lies between two floats: both are the
 * answer of some rounding, the ones beyond of none. */
static void test_between_two_floats(void **state)
{
    static const double product[1] = {1 + 0x1p-11 + 0x1p-24};
    dc_element e;

    (void)state;
    dc_element_init(&e);
    element_set(&e, product, 1, 0, 0);
    const dc_interval v = interval(DC_F32, USUAL, &e);
    assert_true(dc_bound_accepts(&v, 1 + 0x1p-11));
    assert_true(dc_bound_accepts(&v, 1 + 0x1p-11 + 0x1p-23));
    assert_false(dc_bound_accepts(&v, 1 + 0x1p-11 - 0x1p-23));
    assert_false(dc_bound_accepts(&v, 1 + 0x1p-11 + 0x1p-22));
    dc_element_clear(&e);
}

/* Nothing but zero where no product is: not even the smallest subnormal. */
static void test_nothing(void **state)
{
    static const double zeros[2] = {0, 0};

    (void)state;
    for (int k = 0; k < ARITHMETICS; k++) {
        const double least = dc_formats[arithmetics[k].dtype].spacing;
        dc_element e;

        dc_element_init(&e);
        element_set(&e, zeros, 2, 0, 0);
        const dc_interval v =
            interval(arithmetics[k].dtype, arithmetics[k].accumulate, &e);
        assert_true(v.bound == 0 && v.lo == 0 && v.hi == 0 && !v.any);
        assert_true(dc_bound_accepts(&v, 0.0) && dc_bound_accepts(&v, -0.0));
        assert_false(dc_bound_accepts(&v, least));
        assert_false(dc_bound_accepts(&v, -least));
        dc_element_clear(&e);
    }
}

/* ==== Overflow ========================================================== */

static void test_overflow(void **state)
{
    static const struct {
        const char *what;
        int dtype;
        int accumulate;
        int m;
        double p[2];
        int has_c;
        double c;
        double got;
        int legal;
    } rows[] = {
        {"a sum beyond A may be anything that is not finite",
         DC_F32,
         USUAL,
         2,
         {0x1.8p127, -0x1.8p127},
         0,
         0,
         (double)NAN,
         1},
        {"...", DC_F32, USUAL, 2, {0x1.8p127, -0x1.8p127}, 0, 0, -INFINITY, 1},
        {"...", DC_F32, USUAL, 2, {0x1.8p127, -0x1.8p127}, 0, 0, 0, 1},
        {"... but a wild finite value is none",
         DC_F32,
         USUAL,
         2,
         {0x1.8p127, -0x1.8p127},
         0,
         0,
         0x1p120,
         0},
        {"the wider accumulator holds it",
         DC_F32,
         DC_F64,
         2,
         {0x1.8p127, -0x1.8p127},
         0,
         0,
         (double)NAN,
         0},
        {"half of the range", DC_F32, USUAL, 1, {0x1p126}, 0, 0, INFINITY, 0},
        {"the largest value, stored",
         DC_F16,
         USUAL,
         1,
         {65504},
         0,
         0,
         65504,
         1},
        {"... or rounded up beyond it",
         DC_F16,
         USUAL,
         1,
         {65504},
         0,
         0,
         INFINITY,
         1},
        {"... with the right sign",
         DC_F16,
         USUAL,
         1,
         {65504},
         0,
         0,
         -INFINITY,
         0},
        {"... and no NaN", DC_F16, USUAL, 1, {65504}, 0, 0, (double)NAN, 0},
        {"... mirrored", DC_F16, USUAL, 1, {-65504}, 0, 0, -INFINITY, 1},
        {"... mirrored", DC_F16, USUAL, 1, {-65504}, 0, 0, INFINITY, 0},
        {"beyond the storage type: infinity",
         DC_F16,
         USUAL,
         1,
         {70000},
         0,
         0,
         INFINITY,
         1},
        {"... nothing finite", DC_F16, USUAL, 1, {70000}, 0, 0, 65504, 0},
        {"... mirrored", DC_F16, USUAL, 1, {-70000}, 0, 0, -INFINITY, 1},
        {"... mirrored", DC_F16, USUAL, 1, {-70000}, 0, 0, -65504, 0},
        {"the sum overflows before the bias brings it back",
         DC_F16,
         USUAL,
         2,
         {60000, 60000},
         1,
         -60000,
         INFINITY,
         1},
        {"... or is kept wide",
         DC_F16,
         USUAL,
         2,
         {60000, 60000},
         1,
         -60000,
         60000,
         1},
        {"a bias that only comes near it",
         DC_F16,
         USUAL,
         1,
         {100},
         1,
         60000,
         INFINITY,
         0},
        {"f64 has nothing above",
         DC_F64,
         USUAL,
         2,
         {DBL_MAX, DBL_MAX},
         0,
         0,
         INFINITY,
         1},
        {"... and no finite answer",
         DC_F64,
         USUAL,
         2,
         {DBL_MAX, DBL_MAX},
         0,
         0,
         DBL_MAX,
         0},
        {"... mirrored",
         DC_F64,
         USUAL,
         2,
         {-DBL_MAX, -DBL_MAX},
         0,
         0,
         -DBL_MAX,
         0},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_element e;

        dc_element_init(&e);
        element_set(&e, rows[r].p, rows[r].m, rows[r].has_c, rows[r].c);
        const dc_interval v = interval(rows[r].dtype, rows[r].accumulate, &e);
        if (dc_bound_accepts(&v, rows[r].got) != rows[r].legal)
            fail_msg("row %zu: %s: %g in [%g, %g] any %d", r, rows[r].what,
                     rows[r].got, v.lo, v.hi, v.any);
        dc_element_clear(&e);
    }
}

/* An infinite factor: whatever is not finite is legal. */
static void test_not_finite(void **state)
{
    dc_element e;

    (void)state;
    dc_element_init(&e);
    element_set(&e, (const double[]){1}, 1, 0, 0);
    mpfr_set_inf(e.t, 1);
    mpfr_set_inf(e.s, 1);
    const dc_interval v = interval(DC_F32, USUAL, &e);
    assert_true(dc_bound_accepts(&v, (double)NAN));
    assert_true(dc_bound_accepts(&v, INFINITY));
    assert_false(dc_bound_accepts(&v, 1));
    dc_element_clear(&e);
}

/* ==== Honest arithmetic stays inside ==================================== */

/* Sums v[0..m-1] by a random binary tree in the accumulator. */
static double tree(uint64_t *random, int acc, double *v, int64_t m)
{
    while (m > 1) {
        const int64_t a = draw_in(random, 0, m - 1);
        double left = v[a];

        v[a] = v[--m];
        const int64_t b = draw_in(random, 0, m - 1);
        v[b] = dc_format_round(acc, left + v[b]);
    }
    return v[0];
}

/* Products, in part fused into the sum: `fused` starts chains of FMAs.
 * A double carries products and sums of f32 and below without a second
 * rounding that matters (53 >= 2*24 + 2). */
static double run_tree(uint64_t *random, int dtype, int acc, const double *x,
                       const double *w, int64_t m, int has_c, double c,
                       int style)
{
    double v[66];
    int64_t n = 0;
    double y;

    for (int64_t i = 0; i < m; i++)
        if (style & 1 && n && acc == DC_F64)
            v[n - 1] = fma(x[i], w[i], v[n - 1]);
        else
            v[n++] = dc_format_round(acc, x[i] * w[i]);
    if (has_c && !(style & 2))
        v[n++] = c; /* the bias as a leaf like any other */
    y = dc_format_round(dtype, n ? tree(random, acc, v, n) : 0);
    if (has_c && style & 2) /* the bias added to the stored sum */
        y = dc_format_round(dtype, dc_format_round(acc, y + c));
    return y;
}

static void test_trees(void **state)
{
    static const int ranges[] = {1, 8, 130}; /* exponents; 130: subnormals */
    uint64_t random = 7;

    (void)state;
    for (int round = 0; round < 24000; round++) {
        const int k = round % ARITHMETICS;
        const int dtype = arithmetics[k].dtype;
        const int64_t m = draw_in(&random, 1, round % 5 ? 6 : 64);
        const int range =
            dtype == DC_F16 ? 4 + round / 7 % 3 * 4 : ranges[round / 7 % 3];
        const int has_c = round / 3 % 2;
        dc_element e;
        double x[64], w[64], p[64], c;

        for (int64_t i = 0; i < m; i++) {
            x[i] = dc_format_round(
                dtype, ldexp((double)draw_in(&random, -4095, 4095),
                             (int)draw_in(&random, -range, range / 4) - 12));
            w[i] = dc_format_round(
                dtype, ldexp((double)draw_in(&random, -4095, 4095),
                             (int)draw_in(&random, -range, range / 4) - 12));
            p[i] = x[i] * w[i]; /* 24 bits: exact */
        }
        c = dc_format_round(dtype,
                            ldexp((double)draw_in(&random, -4095, 4095), -12));
        if (dtype == DC_F64) { /* full mantissas, products split exactly */
            for (int64_t i = 0; i < m; i++)
                w[i] = 1 + 0x1p-52, x[i] = p[i];
        }
        dc_element_init(&e);
        element_set(&e, p, m, has_c, c);
        if (dtype == DC_F64) /* p (1 + 2^-52) = p + p 2^-52 */
            for (int64_t i = 0; i < m; i++) {
                mpfr_add_d(e.t, e.t, p[i] * 0x1p-52, MPFR_RNDN);
                mpfr_add_d(e.s, e.s, fabs(p[i]) * 0x1p-52, MPFR_RNDN);
            }
        const dc_interval v = interval(dtype, arithmetics[k].accumulate, &e);
        const double got = run_tree(&random, dtype, accumulator(k), x, w, m,
                                    has_c, c, (int)draw_in(&random, 0, 3));
        if (!dc_bound_accepts(&v, got))
            fail_msg("round %d, %s in %s, m %lld: %a not in [%a, %a]", round,
                     dc_formats[dtype].name, dc_formats[accumulator(k)].name,
                     (long long)m, got, v.lo, v.hi);
        dc_element_clear(&e);
    }
}

/* ==== The rest ========================================================== */

static void test_exact(void **state)
{
    static const struct {
        int dtype;
        double p[2];
        dc_status status;
    } rows[] = {
        {DC_F32, {16777215, 1}, DC_OK},   {DC_F32, {16777216, 1}, DC_FAILED},
        {DC_F64, {0x1p53, -1}, DC_OK},    {DC_F64, {0x1p54, -1}, DC_FAILED},
        {DC_F16, {2047, 1}, DC_OK},       {DC_F16, {2048, 1}, DC_FAILED},
        {DC_BF16, {255, 1}, DC_OK},       {DC_BF16, {256, 1}, DC_FAILED},
        {DC_F16, {65504, 32}, DC_FAILED}, {DC_F32, {5, -5}, DC_OK},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const double sum = rows[r].p[0] + rows[r].p[1];
        dc_interval v;
        dc_element e;

        dc_element_init(&e);
        element_set(&e, rows[r].p, 2, 0, 0);
        assert_int_equal(dc_bound_exact(rows[r].dtype, &e, &v), rows[r].status);
        if (rows[r].status == DC_OK) {
            assert_true(dc_bound_accepts(&v, sum));
            edge(rows[r].dtype, &v, sum, INFINITY);
            edge(rows[r].dtype, &v, sum, -INFINITY);
            assert_true(v.bound == 0);
            assert_true(dc_bound_ratio(&e, &v, sum) == 0);
            assert_true(isinf(dc_bound_ratio(&e, &v, sum + 1)));
        }
        dc_element_clear(&e);
    }
}

static void test_ratio(void **state)
{
    static const double one[1] = {1};
    dc_element e;

    (void)state;
    dc_element_init(&e);
    element_set(&e, one, 1, 0, 0);
    const dc_interval v = interval(DC_F32, USUAL, &e);
    assert_true(dc_bound_ratio(&e, &v, 1) == 0);
    assert_true(fabs(dc_bound_ratio(&e, &v, 1 + 0x1p-23) - 2) < 1e-6);
    assert_true(fabs(dc_bound_ratio(&e, &v, 1 - 0x1p-24) - 1) < 1e-6);
    assert_true(isinf(dc_bound_ratio(&e, &v, INFINITY)));
    assert_true(isinf(dc_bound_ratio(&e, &v, (double)NAN)));
    element_set(&e, (const double[]){0x1.8p127, 0x1.8p127}, 2, 0, 0);
    const dc_interval big = interval(DC_F32, USUAL, &e);
    assert_true(dc_bound_ratio(&e, &big, INFINITY) == 0);
    dc_element_clear(&e);
}

/* Which accumulators may be declared for which storage type. */
static void test_declared(void **state)
{
    /* [accumulate][dtype], in the order of the formats */
    static const int legal[DC_FORMATS][DC_FORMATS] = {
        {1, 1, 1, 1}, {0, 1, 1, 1}, {0, 0, 1, 0}, {0, 0, 0, 1}};

    (void)state;
    for (int d = 0; d < DC_FORMATS; d++) {
        const dc_arithmetic usual = {USUAL};

        assert_int_equal(dc_bound_check(&usual, d, NULL), DC_OK);
        assert_int_equal(dc_bound_accumulator(&usual, d),
                         d == DC_F64 ? DC_F64 : DC_F32);
        for (int k = 0; k < DC_FORMATS; k++) {
            const dc_arithmetic a = {k};
            dc_error e = {.text = ""};

            assert_int_equal(dc_bound_check(&a, d, &e),
                             legal[k][d] ? DC_OK : DC_INVALID);
            assert_int_equal(dc_bound_accumulator(&a, d), k);
            assert_int_equal(strlen(e.text) > 0, !legal[k][d]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_by_head),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_between_two_floats),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_declared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
