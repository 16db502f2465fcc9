/* SPDX-License-Identifier: MIT
 *
 * Are the published shapes legal, and the data what the checks say?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/checkers/published.h"
#include "oracle/checkers/rule.h"

static dc_problem problem(const char *text)
{
    dc_case c;
    dc_error e = {.text = ""};

    if (dc_case_parse(text, &c, &e) != DC_OK)
        fail_msg("%s: %s", text, e.text);
    return c.p;
}

/* The values of a tensor; freed by the caller. */
static double *values_of(const dc_problem *p, dc_tensor t, dc_fill fill)
{
    const int64_t n = dc_problem_count(p, t);
    void *const raw = malloc(dc_problem_bytes(p, t) + 1);
    double *const v = calloc((size_t)n + 1, sizeof *v);

    assert_non_null(raw);
    assert_non_null(v);
    dc_published_fill(p, t, fill, raw);
    dc_format_decode(p->dtype, raw, n, v);
    free(raw);
    return v;
}

static void test_shapes(void **state)
{
    int64_t outputs;

    (void)state;
    for (int k = 0; k < dc_publisheds_count; k++) {
        const dc_published *const s = &dc_publisheds[k];
        const dc_problem p = problem(s->text);
        bool used = false;

        assert_true(s->from <= s->to && s->to < DC_FILLS);
        for (int r = 0; r < dc_rules_count; r++)
            used |= strcmp(dc_rules[r].suite, s->suite) == 0;
        assert_true(used);
        outputs = dc_problem_count(&p, DC_Y);
        assert_true(outputs > 0);
        if (strcmp(s->suite, "TOSA") == 0)
            assert_true(outputs >= 1000 && p.rank == 2 && p.g == 1);
    }
}

static void test_ranges(void **state)
{
    static const struct {
        dc_fill fill;
        dc_tensor t;
        const char *type;
        double lo, hi;      /* the values reach from below lo to above hi ... */
        double least, most; /* ... and stay within these */
        bool whole;
    } rows[] = {
        {DC_FILL_NORMAL, DC_X, "f32", -2, 2, -7, 7, false},
        /* 1 / sqrt(8 taps * 2 output channels) = 0.25 */
        {DC_FILL_NORMAL, DC_W, "f32", -0.2, 0.2, -0.25, 0.25, false},
        {DC_FILL_RAND, DC_X, "f32", 0.05, 0.95, 0, 1, false},
        {DC_FILL_RAND, DC_W, "f64", -0.2, 0.2, -0.25, 0.25, false},
        {DC_FILL_NINE, DC_GY, "bf16", -8, 8, -9, 9, false},
        {DC_FILL_COUNT, DC_X, "f32", 0, 63, 0, 63, true},
        {DC_FILL_COUNT, DC_W, "f32", 1, 1, 1, 1, true},
        {DC_FILL_DIGITS, DC_W, "f32", 1, 9, 1, 9, true},
        {DC_FILL_HUNDRED, DC_X, "f16", -80, 80, -100, 100, false},
        {DC_FILL_UNIT, DC_X, "f32", -0.9, 0.9, -1, 1, false},
        {DC_FILL_BENCHDNN, DC_GY, "f32", -30, 30, -32, 32, true},
        {DC_FILL_BENCHDNN, DC_GY, "f16", -4, 4, -4, 4, true},
        {DC_FILL_BENCHDNN, DC_W, "f16", -2, 2, -2, 2, true},
        {DC_FILL_SMALL, DC_GY, "f32", -8, 8, -8, 8, true},
        {DC_FILL_SMALL, DC_GY, "bf16", -5, 5, -5, 5, true},
        {DC_FILL_BITS, DC_X, "f32", 0, 1, 0, 1, true},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char text[100];
        dc_problem p;
        double *v;
        double lo = INFINITY, hi = -INFINITY;

        snprintf(text, sizeof text, "ci4_co2_i4x4_k2x4_s2_%s", rows[k].type);
        p = problem(text);
        v = values_of(&p, rows[k].t, rows[k].fill);
        for (int64_t e = 0; e < dc_problem_count(&p, rows[k].t); e++) {
            lo = fmin(lo, v[e]);
            hi = fmax(hi, v[e]);
            assert_true(!rows[k].whole || v[e] == rint(v[e]));
        }
        if (!(lo >= rows[k].least && lo <= rows[k].lo && hi >= rows[k].hi &&
              hi <= rows[k].most))
            fail_msg("row %zu: %g to %g", k, lo, hi);
        free(v);
    }
}

/* TOSA's generator by hand: m = (8 S + 1) * 0x705A5E75, r = m + 1 first. */
static void test_tosa(void **state)
{
    const dc_problem p = problem("ci2_co3_i2x2_k2x2_b1_f32");
    const float top = (float)0x7FFFFFFF;
    const float bound = 18446742974197923840.f;
    const uint32_t m = (8 * 15 + 1) * 0x705A5E75u; /* set 5, x */
    uint32_t r = m + 1;
    double *v = values_of(&p, DC_X, DC_FILL_TOSA_5);
    /* NHWC order: element 0 is (h0,w0,c0), the next (h0,w0,c1) */
    const int at[] = {0, 4, 1, 5};

    (void)state;
    for (int k = 0; k < 4; k++) {
        const float part = (float)(r & 0x7FFFFFFF) / top;
        const float value = bound / sqrtf(9) * (r >> 31 ? -part : part);

        assert_true(v[at[k]] == (double)value);
        r = r * m + 1;
    }
    free(v);
    v = values_of(&p, DC_X, DC_FILL_TOSA_0 + 3);
    assert_true(fabs(v[0]) == 16); /* product 0 */
    assert_true(fabs(v[4]) < 8);
    free(v);
    v = values_of(&p, DC_W, DC_FILL_TOSA_0 + 2);
    for (int co = 0; co < 3; co++)
        assert_true(v[4 * co] == 1 && fabs(v[4 * co + 1]) < 0.36);
    free(v);
    v = values_of(&p, DC_X, DC_FILL_TOSA_0 + 4);
    assert_true(fabs(v[2]) == 0.5); /* product 4 of 8: h1 w0 c0 */
    free(v);
    v = values_of(&p, DC_B, DC_FILL_TOSA_0 + 1);
    assert_true(fabs(v[0]) >= 0.5 * bound / 9 * bound);
    free(v);
    v = values_of(&p, DC_B, DC_FILL_TOSA_5);
    assert_true(v[0] == 0 && v[2] == 0);
    free(v);
}

/* Half of x is 0 in set 0, and w is 0 where its own number says so. */
static void test_tosa_zeros(void **state)
{
    const dc_problem p = problem("ci6_co5_i5x5_k3x3_f32");
    const dc_tensor both[] = {DC_X, DC_W};

    (void)state;
    for (int k = 0; k < 2; k++) {
        double *const v = values_of(&p, both[k], DC_FILL_TOSA_0);
        const int64_t n = dc_problem_count(&p, both[k]);
        int64_t zeros = 0;

        for (int64_t e = 0; e < n; e++)
            zeros += v[e] == 0;
        assert_in_range(zeros, n / 3, 2 * n / 3);
        free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_tosa),
        cmocka_unit_test(test_tosa_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
