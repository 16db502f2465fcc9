/* SPDX-License-Identifier: MIT
 *
 * Are the grades of known arithmetic right, are planted kinds of arithmetic
 * recognised, and do the statistics of a run add up?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/judge/judge.h"
#include "oracle/judge/stats.h"
#include "tests/support/arithmetic.h"

static double exactly(const products *p)
{
    long double sum = p->biased ? (long double)p->bias : 0;

    for (int64_t k = 0; k < p->count; k++)
        sum += (long double)p->a[k] * (long double)p->b[k];
    return (double)sum;
}

static dc_grade grade(scene *s, dc_op op)
{
    dc_error e;
    dc_grade g;

    assert_int_equal(dc_grade_measure(&s->t, op, &usual, s->got[op], &g, &e),
                     DC_OK);
    return g;
}

/* ==== Grades ============================================================ */

static void test_serial_is_one(void **state)
{
    static const char *const types[] = {"f64", "f32", "f16", "bf16"};

    (void)state;
    bits_of_factors = bits_of_sums = 53;
    left_out = 0;
    for (int d = 0; d < DC_FORMATS; d++) {
        char spec[128];
        scene s;

        snprintf(spec, sizeof spec, SHAPE "%s_real_r3", types[d]);
        set_scene(&s, spec, planted);
        for (int op = 0; op < DC_OPS; op++) {
            const dc_grade g = grade(&s, (dc_op)op);

            assert_int_equal(g.elements, s.t.count[op]);
            /* the same order: the same bits, ratio 1 */
            assert_true(dc_grade_ratio(&g) > 0.98 && dc_grade_ratio(&g) < 1.02);
            assert_true(dc_grade_bits(&g) > dc_formats[d].precision - 5);
        }
        strike(&s);
    }
}

static void test_better_and_worse(void **state)
{
    scene s;
    dc_grade fine;
    dc_grade poor;

    (void)state;
    set_scene(&s, SHAPE "f32_real_r4", exactly);
    fine = grade(&s, DC_FORWARD);
    assert_true(dc_grade_ratio(&fine) < 1);
    strike(&s);
    bits_of_sums = 16;
    set_scene(&s, SHAPE "f32_real_r4", planted);
    bits_of_sums = 53;
    poor = grade(&s, DC_FORWARD);
    assert_true(dc_grade_ratio(&poor) > DC_GRADE_MAX);
    assert_true(dc_grade_bits(&poor) < 18 && dc_grade_bits(&poor) > 12);
    ((float *)s.got[DC_FORWARD])[5] = NAN;
    assert_int_equal(grade(&s, DC_FORWARD).elements, 0);
    strike(&s);
    dc_grade_add(&poor, &fine);
    assert_int_equal(poor.elements, 2 * fine.elements);
    assert_true(dc_grade_ratio(&poor) > 2);
    const dc_grade none = {.elements = 64, .value = 1, .serial = 1};
    assert_true(dc_grade_ratio(&none) == 0 && isinf(dc_grade_bits(&none)));
}

/* A serial sum that happens to be exact does not give all others a bad
 * grade. */
static void test_floor(void **state)
{
    scene s;

    (void)state;
    set_scene(&s, "n80_i1_k1_f32_int_r1", planted);
    ((float *)s.got[DC_FORWARD])[0] *= 1 + 0x1p-23f;
    const dc_grade g = grade(&s, DC_FORWARD);
    assert_true(g.serial > 0 && dc_grade_ratio(&g) < DC_GRADE_MAX);
    strike(&s);
}

/* ==== Guesses =========================================================== */

static void guess(const char *spec, dc_op op, double (*sum)(const products *),
                  const char *says)
{
    scene s;
    char text[224] = "?";

    set_scene(&s, spec, sum);
    dc_judge_hypothesis(&s.t, op, &usual, s.got[op], text, sizeof text);
    if (*says ? strstr(text, says) == NULL : *text != 0)
        fail_msg("%s %s: \"%s\", not \"%s\"", spec, dc_ops[op].name, text,
                 says);
    strike(&s);
}

static void test_guesses(void **state)
{
    (void)state;
    bits_of_factors = bits_of_sums = 53;
    left_out = 0;
    guess(SHAPE "f32_short_r1", DC_FORWARD, planted, "");
    bits_of_factors = 11;
    guess(SHAPE "f32_short_r1", DC_FORWARD, planted,
          "(--declare tf32 allows that)");
    guess(SHAPE "f64_short_r2", DC_GRAD_INPUT, planted, "tf32");
    bits_of_factors = 8;
    guess(SHAPE "f32_short_r1", DC_GRAD_WEIGHT, planted, "bf16");
    guess(SHAPE "f16_short_r1", DC_GRAD_WEIGHT, planted, "bf16");
    bits_of_factors = 24;
    guess(SHAPE "f64_short_r2", DC_FORWARD, planted, "f32");
    bits_of_factors = 53;
    bits_of_sums = 20;
    guess("ci200_i3_k1_f32_int_r9", DC_FORWARD, planted, "accumulator");
    bits_of_sums = 11;
    guess(SHAPE "f32_short_r3", DC_FORWARD, planted, "accumulator");
    bits_of_sums = 53;
    left_out = 1;
    guess("ci200_i3_k1_f32_int_r1", DC_FORWARD, planted, "left out");
    guess("ci200_i3_k2_f32_real_r1", DC_FORWARD, planted, "left out");
    guess("n4_i40_k1_f32_real_r1", DC_GRAD_WEIGHT, planted, ""); /* too few */
    left_out = 40; /* a batch item of four: no rounding is as large */
    guess("n4_i40_k1_f32_real_r1", DC_GRAD_WEIGHT, planted, "");
    guess("n4_ci3_i40_k3_f32_int_r1", DC_GRAD_WEIGHT, planted, "");
    left_out = 0;
    guess(SHAPE "f32_wide_r1", DC_FORWARD, flushed,
          "flushed to zero (--declare flush allows that)");
    guess("ci3_co3_i4_k3_f32_special_r3", DC_GRAD_BIAS, flushed, "");
}

/* Values that no hypothesis explains, and values that are not finite. */
static void test_no_guess(void **state)
{
    scene s;
    char text[160];

    (void)state;
    set_scene(&s, "ci2_co2_i3_k2_f32_real_r1", planted);
    ((float *)s.got[DC_FORWARD])[1] = 1000;
    dc_judge_hypothesis(&s.t, DC_FORWARD, &usual, s.got[DC_FORWARD], text,
                        sizeof text);
    assert_string_equal(text, "");
    ((float *)s.got[DC_FORWARD])[1] = INFINITY;
    dc_judge_hypothesis(&s.t, DC_FORWARD, &usual, s.got[DC_FORWARD], text,
                        sizeof text);
    assert_string_equal(text, "");
    strike(&s);
}

/* ==== Adding up ========================================================= */

static void test_bins(void **state)
{
    static const struct {
        double ratio;
        int bin;
    } rows[] = {{0, 0},      {1e-30, 1},     {0x1p-9, 1}, {0x1.8p-9, 2},
                {0x1p-8, 2}, {0.5, 9},       {0.6, 10},   {1, 10},
                {1.01, 11},  {INFINITY, 11}, {NAN, 11}};

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        assert_int_equal(dc_result_bin(rows[r].ratio), rows[r].bin);
    for (int b = 1; b < DC_BINS - 1; b++)
        assert_int_equal(dc_result_bin(dc_stats_edge(b)), b);
    assert_true(dc_stats_edge(0) == 0 && isinf(dc_stats_edge(DC_BINS - 1)));
}

static void test_stats(void **state)
{
    static const char *const lines[] = {
        "judged/asked     forward    grad_input   grad_weight     grad_bias\n",
        "  f32  2d            3/3           0/3             -             -\n",
        "precision        forward    grad_input   grad_weight     grad_bias\n"
        "  f32         2.00 (7.6)             -             -  0.00 (exact)\n"
        "  times a serial sum's rms error, at the worst length of sums (cor",
        "infinity: forward never, grad_input always, grad_weight sometimes",
        "structure proven: 3 geometries",
        "6 warnings: less precise than usual",
    };
    dc_stats t;
    dc_result r;
    char text[2048] = "";
    FILE *to = fmemopen(text, sizeof text, "w");

    (void)state;
    memset(&t, 0, sizeof t);
    memset(&r, 0, sizeof r);
    dc_stats_print(&t, to);
    fflush(to);
    assert_string_equal(text, "");
    r.item.c = parse("i3x3_k2_f32_real_r1");
    r.requested[DC_FORWARD] = r.requested[DC_GRAD_INPUT] = true;
    r.by_op[DC_FORWARD] = DC_PASS;
    r.measures.ratios[DC_FORWARD][4] = 5;
    r.measures.grade[DC_FORWARD] = (dc_grade){30, 4, 1, 160000};
    r.measures.grade[DC_GRAD_BIAS] = (dc_grade){30, 0, 1, 10};
    r.measures.policy[DC_FORWARD][DC_ZERO_BORDER][0] = 1;
    r.measures.policy[DC_GRAD_INPUT][DC_ZERO_BORDER][1] = 1;
    r.measures.policy[DC_GRAD_WEIGHT][DC_ZERO_BORDER][0] = 1;
    r.measures.policy[DC_GRAD_WEIGHT][DC_ZERO_BORDER][1] = 1;
    r.measures.proved = 1;
    r.measures.warnings = 2;
    for (int k = 0; k < 3; k++)
        dc_stats_add(&t, &r);
    assert_int_equal(t.ratios[DC_FORWARD][DC_REAL][4], 15);
    assert_string_equal(dc_stats_policy(&t, DC_FORWARD, DC_ZERO_INPUT),
                        "not seen");
    dc_stats_print(&t, to);
    fclose(to);
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
        if (!strstr(text, lines[k]))
            fail_msg("no line \"%s\" in\n%s", lines[k], text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_serial_is_one),
        cmocka_unit_test(test_better_and_worse),
        cmocka_unit_test(test_floor),
        cmocka_unit_test(test_guesses),
        cmocka_unit_test(test_no_guess),
        cmocka_unit_test(test_bins),
        cmocka_unit_test(test_stats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
