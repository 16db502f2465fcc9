/* SPDX-License-Identifier: MIT
 *
 * Are sums exact, and is an exact value stored as the nearest one of its
 * type, even where a double could not tell the sides of a tie apart?
 *
 * GMP rationals judge the sums; the stored patterns are judged by MPFR's own
 * subnormal rounding and by the neighbours that a value lies between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <gmp.h>
#include <mpfr.h>

#include "ref/exact.h"
#include "tests/support/draw.h"

static uint64_t stored(int dtype, mpfr_srcptr t)
{
    char cell[8] = {0};

    dc_exact_store(dtype, cell, 0, t);
    return dc_format_bits(dtype, cell, 0);
}

/* The value of a pattern; that of infinity is the power of two which the
 * next binade would begin with. */
static void decode(mpfr_t t, int dtype, uint64_t bits)
{
    const int fraction = dc_formats[dtype].precision - 1;
    const uint64_t hidden = UINT64_C(1) << fraction;
    const uint64_t exponent = bits >> fraction;

    mpfr_set_ui_2exp(t, (bits & (hidden - 1)) + (exponent ? hidden : 0),
                     (mpfr_exp_t)(exponent ? exponent - 1 : 0) +
                         dc_formats[dtype].emin - fraction,
                     MPFR_RNDN);
}

static void expect_stored(int dtype, mpfr_t t, uint64_t want, const char *what)
{
    const uint64_t sign = UINT64_C(1) << (dc_formats[dtype].size * 8 - 1);

    for (int negative = 0; negative <= 1; negative++) {
        const uint64_t got = stored(dtype, t);
        const uint64_t right = want | (negative ? sign : 0);

        if (got != right) {
            mpfr_fprintf(stderr, "%.40Ra\n", t);
            fail_msg("%s, %s: %#llx, not %#llx", dc_formats[dtype].name, what,
                     (unsigned long long)got, (unsigned long long)right);
        }
        mpfr_neg(t, t, MPFR_RNDN);
    }
}

/* Between pattern b and the next one. */
static void check_between(int dtype, uint64_t b, mpfr_t low, mpfr_t high,
                          mpfr_t t, mpfr_t tiny)
{
    decode(low, dtype, b);
    decode(high, dtype, b + 1);
    expect_stored(dtype, low, b, "a value of the type");
    mpfr_add(t, low, tiny, MPFR_RNDN);
    expect_stored(dtype, t, b, "a trace above a value");
    mpfr_sub(t, high, tiny, MPFR_RNDN);
    expect_stored(dtype, t, b + 1, "a trace below the next");
    mpfr_add(t, low, high, MPFR_RNDN);
    mpfr_div_2ui(t, t, 1, MPFR_RNDN);
    expect_stored(dtype, t, b + (b & 1), "a tie");
    mpfr_add(low, t, tiny, MPFR_RNDN);
    expect_stored(dtype, low, b + 1, "a trace above a tie");
    mpfr_sub(low, t, tiny, MPFR_RNDN);
    expect_stored(dtype, low, b, "a trace below a tie");
}

static void stored_between_neighbours(void **unused)
{
    uint64_t state = 31337;
    mpfr_t low, high, t, tiny;

    (void)unused;
    /* 2^1024 down to 2^-3000 in one significand */
    mpfr_inits2(4200, low, high, t, tiny, (mpfr_ptr)0);
    mpfr_set_ui_2exp(tiny, 1, -3000, MPFR_RNDN);
    for (int f = 0; f < DC_FORMATS; f++) {
        const int fraction = dc_formats[f].precision - 1;
        const uint64_t infinity = (uint64_t)(2 * dc_formats[f].emax + 1)
                                  << fraction;
        const uint64_t normal = UINT64_C(1) << fraction;
        const uint64_t edges[] = {0,           1,      2,          normal - 2,
                                  normal - 1,  normal, normal + 1, infinity - 2,
                                  infinity - 1};

        for (size_t k = 0; k < sizeof edges / sizeof *edges; k++)
            check_between(f, edges[k], low, high, t, tiny);
        for (int round = 0; round < 3000; round++) {
            const uint64_t most = round % 4 ? infinity : 2 * normal;

            check_between(f, draw_bits(&state) % most, low, high, t, tiny);
        }
    }
    mpfr_clears(low, high, t, tiny, (mpfr_ptr)0);
}

/* The recipe of the MPFR manual: set the exponent range of the type, round,
 * and let mpfr_subnormalize undo what double rounding would spoil. */
static void stored_as_mpfr_emulates(void **unused)
{
    static const mpfr_prec_t bits[] = {1, 2, 7, 8, 9, 24, 25, 53, 54, 300};
    const mpfr_exp_t emin = mpfr_get_emin();
    const mpfr_exp_t emax = mpfr_get_emax();
    uint64_t state = 271828;

    (void)unused;
    for (int f = 0; f < DC_FORMATS; f++)
        for (int round = 0; round < 4000; round++) {
            const dc_format *q = &dc_formats[f];
            const mpfr_prec_t p = bits[draw_in(&state, 0, 9)];
            mpfr_t t, r;
            char cell[8] = {0};
            int inexact;

            mpfr_init2(t, p);
            mpfr_init2(r, q->precision);
            mpfr_set_ui(t, 0, MPFR_RNDN);
            for (mpfr_prec_t at = 0; at < p; at += 64) {
                mpfr_mul_2ui(t, t, 64, MPFR_RNDN);
                mpfr_add_ui(t, t, draw_bits(&state), MPFR_RNDN);
            }
            mpfr_set_exp(t, draw_in(&state, q->emin - q->precision - 3,
                                    round % 4 ? q->emax + 4 : q->emin + 2));
            if (draw_one_in(&state, 2))
                mpfr_neg(t, t, MPFR_RNDN);
            inexact = mpfr_set(r, t, MPFR_RNDN);
            mpfr_set_emin(q->emin - q->precision + 2);
            mpfr_set_emax(q->emax + 1);
            inexact = mpfr_check_range(r, inexact, MPFR_RNDN);
            mpfr_subnormalize(r, inexact, MPFR_RNDN);
            mpfr_set_emin(emin);
            mpfr_set_emax(emax);
            dc_exact_store(f, cell, 0, t);
            if (dc_format_get(f, cell, 0) != mpfr_get_d(r, MPFR_RNDN)) {
                mpfr_fprintf(stderr, "%Ra, MPFR says %Ra\n", t, r);
                fail_msg("%s: stored as %a", q->name,
                         dc_format_get(f, cell, 0));
            }
            mpfr_clears(t, r, (mpfr_ptr)0);
        }
}

static void special_values_are_stored(void **unused)
{
    mpfr_t t;

    (void)unused;
    mpfr_init2(t, 10);
    for (int f = 0; f < DC_FORMATS; f++) {
        const int fraction = dc_formats[f].precision - 1;
        const uint64_t infinity = (uint64_t)(2 * dc_formats[f].emax + 1)
                                  << fraction;

        mpfr_set_zero(t, 1);
        expect_stored(f, t, 0, "zero");
        mpfr_set_inf(t, 1);
        expect_stored(f, t, infinity, "infinity");
        mpfr_set_nan(t);
        assert_true(stored(f, t) == (infinity | UINT64_C(1) << (fraction - 1)));
        mpfr_set_ui_2exp(t, 1, 1000000, MPFR_RNDN);
        expect_stored(f, t, infinity, "a huge value");
        mpfr_set_ui_2exp(t, 1, -1000000, MPFR_RNDN);
        expect_stored(f, t, 0, "a trace");
    }
    mpfr_clear(t);
}

/* ==== Sums ============================================================== */

enum { TERMS = 40 };

static double wide_double(uint64_t *state, int range)
{
    const double m = (double)(draw_bits(state) >> 11);

    return ldexp(draw_one_in(state, 2) ? -m : m,
                 (int)draw_in(state, -range, range));
}

static void sums_are_exact(void **unused)
{
    static const int ranges[] = {0, 20, 900};
    uint64_t state = 1618;
    mpfr_t term[TERMS], sum, dot;
    mpfr_ptr list[TERMS];
    mpq_t want, want_dot, factor, product;

    (void)unused;
    mpq_inits(want, want_dot, factor, product, (mpq_ptr)0);
    mpfr_init2(sum, 2);
    mpfr_init2(dot, 2);
    for (int m = 0; m < TERMS; m++) {
        mpfr_init2(term[m], 53);
        list[m] = term[m];
    }
    for (int round = 0; round < 1500; round++) {
        const int range = ranges[round % 3];
        const int count = (int)draw_in(&state, 0, TERMS);
        double a[TERMS], b[TERMS];

        mpq_set_ui(want, 0, 1);
        mpq_set_ui(want_dot, 0, 1);
        for (int m = 0; m < count; m++) {
            a[m] = wide_double(&state, range);
            b[m] = wide_double(&state, range ? 20 : 0);
            if (m > 1 && draw_one_in(&state, 3)) /* exact cancellation */
                a[m] = -a[m - 1];
            if (draw_one_in(&state, 9))
                a[m] = 0;
            mpfr_set_d(term[m], a[m], MPFR_RNDN);
            mpq_set_d(factor, a[m]);
            mpq_set_d(product, b[m]);
            mpq_mul(product, product, factor);
            mpq_add(want, want, factor);
            mpq_add(want_dot, want_dot, product);
        }
        dc_exact_sum(sum, list, count);
        assert_int_equal(mpfr_cmp_q(sum, want), 0);
        dc_exact_dot(dot, a, b, count);
        assert_int_equal(mpfr_cmp_q(dot, want_dot), 0);
        dc_exact_dot(dot, a, NULL, count);
        assert_int_equal(mpfr_cmp_q(dot, want), 0);
        if (round % 100 == 0) /* as the sweep's first call finds it */
            mpfr_set_prec(sum, 2);
    }
    for (int m = 0; m < TERMS; m++)
        mpfr_clear(term[m]);
    mpfr_clears(sum, dot, (mpfr_ptr)0);
    mpq_clears(want, want_dot, factor, product, (mpq_ptr)0);
}

/* 1, and 2^-40000 that only the second or a later try can keep. */
static void precision_is_raised_as_needed(void **unused)
{
    mpfr_t a, b, sum;
    mpfr_ptr both[2];

    (void)unused;
    mpfr_inits2(24, a, b, sum, (mpfr_ptr)0);
    both[0] = a;
    both[1] = b;
    mpfr_set_ui(a, 1, MPFR_RNDN);
    mpfr_set_ui_2exp(b, 1, -40000, MPFR_RNDN);
    dc_exact_sum(sum, both, 2);
    assert_int_equal(mpfr_sub(sum, sum, a, MPFR_RNDN), 0);
    assert_int_equal(mpfr_cmp(sum, b), 0);
    mpfr_clears(a, b, sum, (mpfr_ptr)0);
}

static void special_terms(void **unused)
{
    const double inf = (double)INFINITY;
    const struct {
        double a[2], b[2], want;
    } rows[] = {
        {{inf, 1}, {2, 1}, inf},
        {{inf, 1}, {0, 1}, (double)NAN},
        {{inf, -inf}, {1, 1}, (double)NAN},
        {{-inf, 1e300}, {1, 1e300}, -inf},
        {{(double)NAN, 0}, {0, 0}, (double)NAN},
        {{0, -0.0}, {1, 1}, 0},
    };
    mpfr_t dot;

    (void)unused;
    mpfr_init2(dot, 53);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_exact_dot(dot, rows[r].a, rows[r].b, 2);
        if (isnan(rows[r].want))
            assert_true(mpfr_nan_p(dot));
        else
            assert_true(mpfr_cmp_d(dot, rows[r].want) == 0 && !mpfr_nan_p(dot));
    }
    mpfr_clear(dot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_between_neighbours),
        cmocka_unit_test(stored_as_mpfr_emulates),
        cmocka_unit_test(special_values_are_stored),
        cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(precision_is_raised_as_needed),
        cmocka_unit_test(special_terms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
