/* SPDX-License-Identifier: MIT
 *
 * Is the hard bound the formula that VERDICT.md derives, and is the last value
 * inside it accepted and the next one refused?
 */
#include "tests/support/bound.h"

#include <gmp.h>

enum { TERMS = 8 };

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

/* The formula in rationals; nothing is rounded. */
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
    for (int i = 0; i < (m + has_c == 2 || m + has_c == 3 ? 4 : m + has_c); i++)
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
            /* never narrower, and wider by at most the rounding of a double */
            if (mpq_cmp(got, want) < 0 ||
                mpq_get_d(got) >
                    nextafter(mpq_get_d(want), INFINITY) + 0x1p-1074)
                fail_msg("%s/%s sum %zu: bound %a, formula %a",
                         dc_formats[dtype].name,
                         dc_formats[accumulator(k)].name, r, v.bound,
                         mpq_get_d(want));
            assert_int_equal(v.nonfinite, 0);
            mpq_clears(want, got, NULL);
            dc_element_clear(&e);
        }
}

/* If E > 1, the sums magnify the errors of underflowed products, too. */
static void test_many_underflows(void **state)
{
    enum { MANY = 3000 };
    double p[MANY];
    dc_element e;
    mpq_t want;

    (void)state;
    for (int i = 0; i < MANY; i++)
        p[i] = 0x1.8p-26;
    dc_element_init(&e);
    mpq_init(want);
    element_set(&e, p, MANY, 0, 0);
    const dc_interval v = interval(DC_F16, DC_F16, &e);
    formula(want, DC_F16, DC_F16, p, MANY, 0, 0);
    assert_true(mpq_get_d(want) > 2 * MANY * 0x1p-24);
    assert_true(v.bound >= mpq_get_d(want));
    assert_true(v.bound <= mpq_get_d(want) * (1 + 0x1p-50));
    mpq_clear(want);
    dc_element_clear(&e);
}

/* The same by hand: one product of 1, without and with a bias of 1. */
static void test_by_head(void **state)
{
#define TWO_E (2 * (0x1p-22 + 6 * 0x1p-48 + 0x1p-70 + 0x1p-96))
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
        /* t = S = 2, E S + u (2 + E S) + u (1 + E S), two terms count as
         * four: E S = 2 (2^-22 + 6 * 2^-48 + 2^-70 + 2^-96) */
        {DC_BF16, USUAL, 1, TWO_E + 0x1p-8 * (3 + 2 * TWO_E)},
        {DC_F32, USUAL, 1, TWO_E},
        {DC_F32, DC_F64, 0, 0x1p-53 + 0x1p-24 + 0x1p-77},
        {DC_BF16, DC_BF16, 0, 0x1p-8},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_element e;

        dc_element_init(&e);
        element_set(&e, one, 1, rows[r].has_c, 1);
        const dc_interval v = interval(rows[r].dtype, rows[r].accumulate, &e);
        /* the spacings omitted above are below 2^-100 */
        if (v.bound < rows[r].bound || v.bound > rows[r].bound * (1 + 0x1p-51))
            fail_msg("row %zu: %a, by head %a", r, v.bound, rows[r].bound);
        assert_true(v.want == 1 + rows[r].has_c);
        dc_element_clear(&e);
    }
}

/* ==== The edge ========================================================== */

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

/* (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 is between two floats: some rounding gives
 * each of them, none gives the next ones. */
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

/* An empty sum is zero: not even the smallest subnormal is accepted. */
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
        assert_true(v.bound == 0 && v.lo == 0 && v.hi == 0 && !v.nonfinite);
        assert_true(dc_bound_accepts(&v, 0.0) && dc_bound_accepts(&v, -0.0));
        assert_false(dc_bound_accepts(&v, least));
        assert_false(dc_bound_accepts(&v, -least));
        dc_element_clear(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_many_underflows),
        cmocka_unit_test(test_by_head),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_between_two_floats),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
