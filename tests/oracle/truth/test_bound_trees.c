/* SPDX-License-Identifier: MIT
 *
 * Does every legal order of operations stay within the hard bound, and which
 * results may be infinite?
 */
#include "tests/support/bound.h"

/* ==== Overflow ========================================================== */

static void test_overflow(void **state)
{
    static const double WIDE = 0x1.8p127; /* in f32, but not twice */
    static const double NO = (double)NAN;
    const struct {
        const char *what;
        int dtype;
        int accumulate;
        double p, q; /* products; 0: none */
        double c;    /* bias; 0: none */
        double got;
        int legal;
    } rows[] = {
        {"a sum beyond A: NaN", DC_F32, USUAL, WIDE, -WIDE, 0, NO, 1},
        {"... infinity", DC_F32, USUAL, WIDE, -WIDE, 0, -INFINITY, 1},
        {"... the exact value", DC_F32, USUAL, WIDE, -WIDE, 0, 0, 1},
        {"... nothing wild", DC_F32, USUAL, WIDE, -WIDE, 0, 0x1p120, 0},
        {"a wider A holds it", DC_F32, DC_F64, WIDE, -WIDE, 0, NO, 0},
        {"half the range", DC_F32, USUAL, 0x1p126, 0, 0, INFINITY, 0},
        {"the largest value", DC_F16, USUAL, 65504, 0, 0, 65504, 1},
        {"... rounded up", DC_F16, USUAL, 65504, 0, 0, INFINITY, 1},
        {"... wrong sign", DC_F16, USUAL, 65504, 0, 0, -INFINITY, 0},
        {"... no NaN", DC_F16, USUAL, 65504, 0, 0, NO, 0},
        {"... mirrored", DC_F16, USUAL, -65504, 0, 0, -INFINITY, 1},
        {"... mirrored", DC_F16, USUAL, -65504, 0, 0, INFINITY, 0},
        {"beyond D: infinity", DC_F16, USUAL, 70000, 0, 0, INFINITY, 1},
        {"... nothing finite", DC_F16, USUAL, 70000, 0, 0, 65504, 0},
        {"... mirrored", DC_F16, USUAL, -70000, 0, 0, -INFINITY, 1},
        {"... mirrored", DC_F16, USUAL, -70000, 0, 0, -65504, 0},
        {"stored sum overflows", DC_F16, USUAL, 6e4, 6e4, -6e4, INFINITY, 1},
        {"... or kept wide", DC_F16, USUAL, 6e4, 6e4, -6e4, 6e4, 1},
        {"a large bias", DC_F16, USUAL, 100, 0, 6e4, INFINITY, 0},
        {"beyond f64", DC_F64, USUAL, DBL_MAX, DBL_MAX, 0, INFINITY, 1},
        {"... not finite", DC_F64, USUAL, DBL_MAX, DBL_MAX, 0, DBL_MAX, 0},
        {"... mirrored", DC_F64, USUAL, -DBL_MAX, -DBL_MAX, 0, -DBL_MAX, 0},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const double p[2] = {rows[r].p, rows[r].q};
        dc_element e;

        dc_element_init(&e);
        element_set(&e, p, 2, rows[r].c != 0, rows[r].c);
        const dc_interval v = interval(rows[r].dtype, rows[r].accumulate, &e);
        if (dc_bound_accepts(&v, rows[r].got) != rows[r].legal)
            fail_msg("row %zu: %s: %g in [%g, %g] nonfinite %d", r,
                     rows[r].what, rows[r].got, v.lo, v.hi, v.nonfinite);
        dc_element_clear(&e);
    }
}

/* An infinite factor: NaN and both infinities are legal. */
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

/* ==== Legal arithmetic stays inside ===================================== */

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

/* Products, some of them fused into the sum: `fused` starts chains of FMAs.
 * Computing products and sums of f32 and narrower types in double does no harm
 * (53 >= 2*24 + 2). */
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
        v[n++] = c; /* the bias is a leaf like any other */
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

/* Kahan's sum of v[0..m-1], with zeros in between and after. */
static double kahan(uint64_t *random, int acc, const double *v, int64_t m)
{
    double sum = 0;
    double lost = 0;

    for (int64_t k = 0; k < m;) {
        const double next = draw_in(random, 0, 1) ? v[k++] : 0;

        for (int again = 0; again < 1 + (k == m); again++) {
            const double y = dc_format_round(acc, (again ? 0 : next) - lost);
            const double t = dc_format_round(acc, sum + y);

            lost = dc_format_round(acc, dc_format_round(acc, t - sum) - y);
            sum = t;
        }
    }
    return sum;
}

/* Two or three products without cancellation, in narrow types, for which random
 * data reach the worst case: Kahan's error exceeds that of any tree with so few
 * leaves. */
static void test_kahan(void **state)
{
    uint64_t random = 11;
    int beyond = 0;

    (void)state;
    for (int round = 0; round < 60000; round++) {
        const int dtype = round % 2 ? DC_F16 : DC_BF16;
        const int bits = dc_formats[dtype].precision;
        const int64_t m = 2 + round / 2 % 2;
        const int64_t top = (int64_t)1 << bits;
        double p[3], v[3];
        dc_element e;

        for (int64_t i = 0; i < m; i++) {
            p[i] = (double)draw_in(&random, top / 2, top - 1) *
                   (double)draw_in(&random, top / 2, top - 1) /
                   (double)(top * top);
            v[i] = dc_format_round(dtype, p[i]);
        }
        dc_element_init(&e);
        element_set(&e, p, m, 0, 0);
        const dc_interval in = interval(dtype, dtype, &e);
        const double got = kahan(&random, dtype, v, m);
        const double s = mpfr_get_d(e.s, MPFR_RNDN);

        assert_true(dc_bound_accepts(&in, got));
        beyond +=
            fabs(got - s) > (pow(1 + dc_formats[dtype].u, (double)m) - 1) * s;
        dc_element_clear(&e);
    }
    assert_true(beyond > 0);
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

/* Which accumulators may be declared for each storage type? */
static void test_declared(void **state)
{
    /* [accumulate][dtype], in the order of the formats */
    static const int legal[DC_FORMATS][DC_FORMATS] = {
        {1, 1, 1, 1}, {0, 1, 1, 1}, {0, 0, 1, 0}, {0, 0, 0, 1}};

    (void)state;
    for (int d = 0; d < DC_FORMATS; d++) {
        const dc_arithmetic usual = {.accumulate = USUAL};

        assert_int_equal(dc_bound_check(&usual, d, NULL), DC_OK);
        assert_int_equal(dc_bound_accumulator(&usual, d),
                         d == DC_F64 ? DC_F64 : DC_F32);
        for (int k = 0; k < DC_FORMATS; k++) {
            const dc_arithmetic a = {.accumulate = k};
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
        cmocka_unit_test(test_overflow), cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_trees),    cmocka_unit_test(test_exact),
        cmocka_unit_test(test_ratio),    cmocka_unit_test(test_declared),
        cmocka_unit_test(test_kahan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
