/* SPDX-License-Identifier: MIT
 *
 * What does a declaration admit?  The arithmetic that it is named after and
 * nothing else, and only words that are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/base/declare.h"
#include "tests/support/arithmetic.h"

static void test_words(void **state)
{
    dc_declared flags = 0;
    char text[96];
    dc_error e;

    (void)state;
    assert_int_equal(dc_declare_read("", "x", &flags, &e), DC_OK);
    assert_int_equal(flags, 0);
    dc_declare_print(0, text, sizeof text);
    assert_string_equal(text, "");
    assert_int_equal(dc_declare_read("flush,tf32", "x", &flags, &e), DC_OK);
    assert_int_equal(dc_declare_read("transform", "x", &flags, &e), DC_OK);
    assert_int_equal(flags, DC_FLUSH | DC_TF32 | DC_TRANSFORM);
    dc_declare_print(flags, text, sizeof text);
    assert_string_equal(text, "transform,flush,tf32");
    assert_int_equal(dc_declare_read("flush,quick", "--declare", &flags, &e),
                     DC_INVALID);
    assert_non_null(strstr(e.text, "--declare quick: "));
    assert_int_equal(dc_declare_read("tf3", "x", &flags, &e), DC_INVALID);
}

/* Each declaration admits what it is for, and only then. */
static void test_declared(void **state)
{
    static const struct {
        const char *spec;
        dc_declared declared;
        int factors, sums;
    } rows[] = {
        {SHAPE "f32_short_r1", DC_TF32, 11, 53},
        {SHAPE "f32_real_r1", DC_TF32, 11, 53},
        {"ci3_co3_i30x30_k30x10_f32_probe_r0", DC_TF32, 11, 53},
        {"ci20_i3_k1_f32_int_r9", DC_TF32, 11, 53},
        {SHAPE "f32_short_r1", DC_TRANSFORM, 22, 53},
        {"ci20_i3_k1_f32_int_r9", DC_TRANSFORM, 53, 22},
    };
    dc_error e;

    (void)state;
    left_out = 0;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        scene s;
        scene declared;
        const dc_arithmetic a = {-1, rows[r].declared};

        bits_of_factors = rows[r].factors;
        bits_of_sums = rows[r].sums;
        set_scene(&s, rows[r].spec, planted);
        assert_int_equal(dc_truth_open(&declared.t, &s.t.c, &e), DC_OK);
        int64_t wrong = 0;
        for (int op = 0; op < DC_OPS; op++) {
            assert_int_equal(dc_truth_make(&declared.t, (dc_op)op, &a, &e),
                             DC_OK);
            wrong += dc_truth_compare(&s.t, (dc_op)op, s.got[op]).wrong;
            /* sums over gy are no products */
            if (op != DC_GRAD_BIAS)
                assert_int_equal(
                    dc_truth_compare(&declared.t, (dc_op)op, s.got[op]).wrong,
                    0);
        }
        if (wrong == 0)
            fail_msg("%s: nothing to admit", rows[r].spec);
        dc_truth_close(&declared.t);
        strike(&s);
    }
    bits_of_factors = bits_of_sums = 53;
}

static void test_declared_flush(void **state)
{
    const dc_arithmetic a = {-1, DC_FLUSH};
    dc_error e;

    (void)state;
    for (uint64_t seed = 1; seed < 40; seed += 2) { /* results, and factors */
        char spec[128];
        scene s;
        dc_truth t;
        float *zeros;

        snprintf(spec, sizeof spec, SHAPE "f32_wide_r%d", (int)seed);
        set_scene(&s, spec, seed % 4 == 1 ? flushed : planted);
        assert_int_equal(dc_truth_open(&t, &s.t.c, &e), DC_OK);
        for (int op = 0; op < DC_GRAD_BIAS; op++) {
            assert_int_equal(dc_truth_make(&t, (dc_op)op, &a, &e), DC_OK);
            assert_int_equal(dc_truth_compare(&t, (dc_op)op, s.got[op]).wrong,
                             0);
        }
        /* all of x, w or gy subnormal: a result without it is all zero */
        zeros = calloc((size_t)t.count[DC_FORWARD] + 1, sizeof *zeros);
        if (seed % 4 == 3 && seed / 4 % 3 < 2) {
            for (int64_t i = 0; i < t.count[DC_FORWARD]; i++)
                zeros[i] =
                    ((const float *)
                         t.tensors[DC_B])[i / (t.count[DC_FORWARD] / 30) % 10];
            assert_int_equal(dc_truth_compare(&t, DC_FORWARD, zeros).wrong, 0);
            assert_true(dc_truth_compare(&s.t, DC_FORWARD, zeros).wrong > 0);
        }
        free(zeros);
        dc_truth_close(&t);
        strike(&s);
    }
}

/* Chopping: the bound doubles, and an overflow may stay finite. */
static void test_declared_truncating(void **state)
{
    const dc_arithmetic a = {-1, DC_TRUNCATING};
    dc_bound b;
    dc_element x;
    dc_interval plain;
    dc_interval chopped;

    (void)state;
    dc_bound_init(&b);
    dc_element_init(&x);
    mpfr_set_d(x.t, 1, MPFR_RNDN);
    mpfr_set_d(x.s, 1, MPFR_RNDN);
    x.nonzero = x.n = 10;
    dc_bound_interval(&b, &usual, DC_F32, &x, 0, &plain);
    dc_bound_interval(&b, &a, DC_F32, &x, 0, &chopped);
    assert_true(chopped.bound > 1.99 * plain.bound &&
                chopped.bound < 2.01 * plain.bound);
    for (int sign = -1; sign < 2; sign += 2) {
        const double max = sign * dc_formats[DC_F32].max;

        mpfr_set_d(x.t, 0x1.8p128 * sign, MPFR_RNDN);
        mpfr_set_d(x.s, 0x1.8p128, MPFR_RNDN);
        dc_bound_interval(&b, &usual, DC_F32, &x, 0, &plain);
        dc_bound_interval(&b, &a, DC_F32, &x, 0, &chopped);
        assert_false(dc_bound_accepts(&plain, max));
        assert_true(dc_bound_accepts(&chopped, max));
        assert_true(dc_bound_accepts(&chopped, sign * (double)INFINITY));
        assert_false(dc_bound_accepts(&chopped, max / 2));
    }
    dc_element_clear(&x);
    dc_bound_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_declared),
        cmocka_unit_test(test_declared_flush),
        cmocka_unit_test(test_declared_truncating),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
