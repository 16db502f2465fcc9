/* SPDX-License-Identifier: MIT
 *
 * How precise, and why wrong?  Grades of results whose arithmetic is known,
 * guesses at planted arithmetic, and what a run adds up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../oracle/suspect.h"
#include "../oracle/tally.h"
#include "plugins/sums.h"

static const dc_arithmetic usual = {.accumulate = -1};

/* ==== Results of a known arithmetic ===================================== */

static int bits_of_factors = 53;
static int bits_of_sums = 53;
static int left_out;

static double planted(const products *p)
{
    double sum = 0;

    for (int64_t k = 0; k < p->count - left_out; k++) {
        const double a = round_bits(p->a[k], bits_of_factors);
        const double b = round_bits(p->b[k], bits_of_factors);
        sum = in_acc(p->dtype, sum + in_acc(p->dtype, a * b));
        sum = round_bits(sum, bits_of_sums);
    }
    return p->biased ? in_acc(p->dtype, sum + p->bias) : sum;
}

static double exactly(const products *p)
{
    long double sum = p->biased ? (long double)p->bias : 0;

    for (int64_t k = 0; k < p->count; k++)
        sum += (long double)p->a[k] * (long double)p->b[k];
    return (double)sum;
}

static double flushed(const products *p)
{
    const double v = planted(p);

    return fabs(v) < 0x1p-126 ? 0 : v;
}

static way now;

static const way *way_now(void)
{
    return &now;
}

typedef struct {
    dc_truth t;
    void *got[DC_OPS];
} scene;

static void set_scene(scene *s, const char *spec,
                      double (*sum)(const products *p))
{
    const dc_impl impl = SUMS_IMPL("sums");
    dc_error e = {.text = ""};
    dc_case c;

    now.sum = sum;
    if (dc_case_parse(spec, &c, &e) != DC_OK ||
        dc_truth_open(&s->t, &c, &e) != DC_OK)
        fail_msg("%s: %s", spec, e.text);
    for (int op = 0; op < DC_OPS; op++) {
        s->got[op] = calloc((size_t)s->t.count[op] + 1, 8);
        assert_non_null(s->got[op]);
        assert_int_equal(dc_truth_make(&s->t, (dc_op)op, &usual, &e), DC_OK);
    }
    const void *const *t = s->t.tensors;
    assert_int_equal(
        impl.forward(&c.p, t[DC_X], t[DC_W], t[DC_B], s->got[DC_FORWARD]),
        DC_OK);
    assert_int_equal(
        impl.grad_input(&c.p, t[DC_GY], t[DC_W], s->got[DC_GRAD_INPUT]), DC_OK);
    assert_int_equal(
        impl.grad_weight(&c.p, t[DC_GY], t[DC_X], s->got[DC_GRAD_WEIGHT]),
        DC_OK);
    assert_int_equal(impl.grad_bias(&c.p, t[DC_GY], s->got[DC_GRAD_BIAS]),
                     DC_OK);
}

static void strike(scene *s)
{
    for (int op = 0; op < DC_OPS; op++)
        free(s->got[op]);
    dc_truth_close(&s->t);
}

static dc_grade grade(scene *s, dc_op op)
{
    dc_error e;
    dc_grade g;

    assert_int_equal(dc_grade_take(&s->t, op, &usual, s->got[op], &g, &e),
                     DC_OK);
    return g;
}

/* ==== Grades ============================================================ */

#define SHAPE "n3_ci12_co10_g2_i5x6_k3x2_s2x1_p1_b1_"

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
    assert_true(dc_grade_ratio(&poor) > DC_GRADE_MOST);
    assert_true(dc_grade_bits(&poor) < 18 && dc_grade_bits(&poor) > 12);
    ((float *)s.got[DC_FORWARD])[5] = NAN;
    assert_int_equal(grade(&s, DC_FORWARD).elements, 0);
    strike(&s);
    dc_grade_pool(&poor, &fine);
    assert_int_equal(poor.elements, 2 * fine.elements);
    assert_true(dc_grade_ratio(&poor) > 2);
    const dc_grade none = {.elements = 64, .value = 1, .serial = 1};
    assert_true(dc_grade_ratio(&none) == 0 && isinf(dc_grade_bits(&none)));
}

/* A serial sum that happens to be exact does not make all others bad. */
static void test_floor(void **state)
{
    scene s;

    (void)state;
    set_scene(&s, "n80_i1_k1_f32_int_r1", planted);
    ((float *)s.got[DC_FORWARD])[0] *= 1 + 0x1p-23f;
    const dc_grade g = grade(&s, DC_FORWARD);
    assert_true(g.serial > 0 && dc_grade_ratio(&g) < DC_GRADE_MOST);
    strike(&s);
}

/* ==== Guesses =========================================================== */

static void guess(const char *spec, dc_op op, double (*sum)(const products *),
                  const char *says)
{
    scene s;
    char text[160] = "?";

    set_scene(&s, spec, sum);
    dc_suspect_name(&s.t, op, &usual, s.got[op], text, sizeof text);
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
    guess(SHAPE "f32_short_r1", DC_FORWARD, planted, "tf32");
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
    left_out = 0;
    guess(SHAPE "f32_wide_r1", DC_FORWARD, flushed, "flushed");
    guess("ci3_co3_i4_k3_f32_special_r3", DC_GRAD_BIAS, flushed, "");
}

/* Values beyond any explanation, and ones that are not finite. */
static void test_no_guess(void **state)
{
    scene s;
    char text[160];

    (void)state;
    set_scene(&s, "ci2_co2_i3_k2_f32_real_r1", planted);
    ((float *)s.got[DC_FORWARD])[1] = 1000;
    dc_suspect_name(&s.t, DC_FORWARD, &usual, s.got[DC_FORWARD], text,
                    sizeof text);
    assert_string_equal(text, "");
    ((float *)s.got[DC_FORWARD])[1] = INFINITY;
    dc_suspect_name(&s.t, DC_FORWARD, &usual, s.got[DC_FORWARD], text,
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
        assert_int_equal(dc_result_bin(dc_tally_edge(b)), b);
    assert_true(dc_tally_edge(0) == 0 && isinf(dc_tally_edge(DC_BINS - 1)));
}

static void test_tally(void **state)
{
    static const char *const lines[] = {
        "precision f32: forward 2.00 (7.6 bits), grad_bias 0.00 (exact) times",
        "infinity: forward never, grad_input always, grad_weight sometimes",
        "structure proven: 3 geometries",
        "6 warnings: less precise than usual",
    };
    dc_tally t;
    dc_result r;
    char text[2048] = "";
    FILE *to = fmemopen(text, sizeof text, "w");

    (void)state;
    memset(&t, 0, sizeof t);
    memset(&r, 0, sizeof r);
    dc_tally_print(&t, to);
    fflush(to);
    assert_string_equal(text, "");
    r.item.c.p.dtype = DC_F32;
    r.item.c.family = DC_REAL;
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
        dc_tally_add(&t, &r);
    assert_int_equal(t.ratios[DC_FORWARD][DC_REAL][4], 15);
    assert_string_equal(dc_tally_policy(&t, DC_FORWARD, DC_ZERO_INPUT),
                        "not seen");
    dc_tally_print(&t, to);
    fclose(to);
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
        if (!strstr(text, lines[k]))
            fail_msg("no line \"%s\" in\n%s", lines[k], text);
}

/* ==== Declarations ====================================================== */

static void test_words(void **state)
{
    int flags = 0;
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
        int declared;
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
    dc_bound_interval(&b, &usual, DC_F32, &x, &plain);
    dc_bound_interval(&b, &a, DC_F32, &x, &chopped);
    assert_true(chopped.bound > 1.99 * plain.bound &&
                chopped.bound < 2.01 * plain.bound);
    for (int sign = -1; sign < 2; sign += 2) {
        const double max = sign * dc_formats[DC_F32].max;

        mpfr_set_d(x.t, 0x1.8p128 * sign, MPFR_RNDN);
        mpfr_set_d(x.s, 0x1.8p128, MPFR_RNDN);
        dc_bound_interval(&b, &usual, DC_F32, &x, &plain);
        dc_bound_interval(&b, &a, DC_F32, &x, &chopped);
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
        cmocka_unit_test(test_serial_is_one),
        cmocka_unit_test(test_better_and_worse),
        cmocka_unit_test(test_floor),
        cmocka_unit_test(test_guesses),
        cmocka_unit_test(test_no_guess),
        cmocka_unit_test(test_bins),
        cmocka_unit_test(test_tally),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_declared),
        cmocka_unit_test(test_declared_flush),
        cmocka_unit_test(test_declared_truncating),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
