/* SPDX-License-Identifier: MIT
 *
 * Does each rule equal the formula of its original, on random elements and one
 * value on either side of each threshold?
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
#include <sys/wait.h>
#include <unistd.h>

#include "cases/random.h"
#include "oracle/checkers/published.h"
#include "oracle/checkers/rule.h"

enum { PAIRS = 12000, MOST = 200 };

/* What the rule says about `count` results that are all got; with S = 1. */
static bool says(const char *name, int dtype, double got, double want,
                 int count)
{
    static const dc_problem nine = {
        .rank = 1, .ci = 1, .co = 1, .g = 1, .k = {9}};
    const dc_rule *const rule = dc_rule_find(name);
    dc_problem p = nine;
    double all_got[MOST], all_want[MOST], ones[MOST];

    assert_non_null(rule);
    assert_true(count <= MOST);
    p.dtype = dtype;
    for (int e = 0; e < count; e++) {
        all_got[e] = got;
        all_want[e] = want;
        ones[e] = 1;
    }
    return rule->accepts(rule, &(dc_compared){&p, DC_FORWARD, count, all_got,
                                              all_want, all_want, ones, -1});
}

/* Is the first accepted, and the second, one value further away, not? */
static void expect_edge(const char *name, int dtype, double inside,
                        double outside, double want)
{
    if (!says(name, dtype, inside, want, 1))
        fail_msg("%s refuses %a for %a", name, inside, want);
    if (says(name, dtype, outside, want, 1))
        fail_msg("%s accepts %a for %a", name, outside, want);
}

/* ==== Thresholds by hand ================================================= */

/* want = 1: the tolerance counted in steps of 2^-23 (f32), 2^-52 (f64), 2^-10
 * (f16), 2^-7 (bf16). */
static void test_edges_of_tolerances(void **state)
{
    static const struct {
        const char *name;
        int dtype;
        double step;
        int64_t steps; /* accepted */
    } rows[] = {
        /* 1.001e-5 / 2^-23 = 83.97 */
        {"numpy allclose", DC_F32, 0x1p-23, 83},
        {"torch allclose", DC_F32, 0x1p-23, 83},
        /* 1.13e-5 / 2^-23 = 94.79 */
        {"torch assert_close", DC_F32, 0x1p-23, 94},
        /* 2e-7 / 2^-52 = 900719925.47 */
        {"torch assert_close", DC_F64, 0x1p-52, 900719925},
        /* 1.01e-3 / 2^-10 = 1.034 */
        {"torch assert_close", DC_F16, 0x1p-10, 1},
        /* 1.601e-2 / 2^-7 = 2.049 */
        {"torch assert_close", DC_BF16, 0x1p-7, 2},
        /* 1.013e-4 / 2^-23 = 849.77 */
        {"PyTorch OpInfo", DC_F32, 0x1p-23, 849},
        /* 1.0001e-3 / 2^-23 = 8389.4 */
        {"ONNX backend test", DC_F32, 0x1p-23, 8389},
        /* of got: d <= 1e-4 (2 + d): 2.0002e-4 / 2^-23 = 1677.9 */
        {"KernelBench", DC_F32, 0x1p-23, 1677},
        /* d <= 1e-2 (2 + d): 2.0202e-2 / 2^-23 = 169466.7 */
        {"KernelBench v0", DC_F32, 0x1p-23, 169466},
        /* 2.0202e-2 / 2^-7 = 2.59 */
        {"BackendBench", DC_BF16, 0x1p-7, 2},
        /* 2e-2 / 2^-23 = 167772.16 */
        {"SOL-ExecBench", DC_F32, 0x1p-23, 167772},
        /* 2 * 9 places */
        {"WPT", DC_F32, 0x1p-23, 18},
        {"WPT", DC_F16, 0x1p-10, 18},
        /* 2 * 9 units of 2^-24 */
        {"TOSA elements", DC_F32, 0x1p-23, 9},
        /* ceil(9 / 2^6.5) = 1: 2 units of 2^-11; bf16: 2 of 2^-8 */
        {"TOSA elements", DC_F16, 0x1p-10, 1},
        {"TOSA elements", DC_BF16, 0x1p-7, 1},
        /* squares: 2^2 <= 1.6 * 9 = 14.4 < 4^2 */
        {"TOSA", DC_F32, 0x1p-23, 1},
        {"benchdnn", DC_F32, 0x1p-23, 0},
        {"CUTLASS", DC_F32, 0x1p-23, 0},
        {"equal on 0 and 1", DC_F32, 0x1p-23, 0},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const double inside = 1 + (double)rows[k].steps * rows[k].step;
        const double outside = inside + rows[k].step;

        expect_edge(rows[k].name, rows[k].dtype, inside, outside, 1);
        if (!(dc_rule_find(rows[k].name)->flags & DC_RULE_OF_GOT))
            expect_edge(rows[k].name, rows[k].dtype, -inside, -outside, -1);
    }
}

/* KernelBench gives torch.allclose the reference first, so that rtol is of the
 * result. */
static void test_tolerance_of_the_result(void **state)
{
    (void)state;
    /* d <= 1e-2 (2 - d): 0.02 / 1.01 / 2^-24 = 332222.1; of want it would be
     * 335544 */
    expect_edge("KernelBench v0", DC_F32, 1 - 332222 * 0x1p-24,
                1 - 332223 * 0x1p-24, 1);
    /* SOL-ExecBench gives it second */
    expect_edge("SOL-ExecBench", DC_F32, 1 - 335544 * 0x1p-24,
                1 - 335545 * 0x1p-24, 1);
}

static void test_zero_results(void **state)
{
    (void)state;
    /* atol alone: f32 of 1e-8 and of 1e-5 */
    expect_edge("numpy allclose", DC_F32, 1e-8f, nextafterf(1e-8f, 1), 0);
    expect_edge("torch assert_close", DC_F32, 1e-5f, nextafterf(1e-5f, 1), 0);
    expect_edge("numpy allclose", DC_F64, 1e-8, nextafter(1e-8, 1), 0);
    /* 18 places above zero are subnormal; a sign costs no place */
    expect_edge("WPT", DC_F32, 18 * 0x1p-149, 19 * 0x1p-149, 0);
    expect_edge("WPT", DC_F32, -17 * 0x1p-149, -18 * 0x1p-149, 0x1p-149);
    /* differences below 2^-23 count as none near zero */
    expect_edge("benchdnn", DC_F32, nextafterf(0x1p-23f, 0), 0x1p-23, 0);
    assert_false(says("benchdnn", DC_F32, 2e-5f, nextafterf(2e-5f, 0), 1));
    assert_true(says("WPT", DC_F32, -0.0, 0, 1));
    assert_true(says("CUTLASS", DC_F32, -0.0, 0, 1));
}

static void test_share(void **state)
{
    double got[MOST];
    double want[MOST];
    const dc_rule *const rule = dc_rule_find("SOL-ExecBench");
    const dc_problem p = {.rank = 1, .dtype = DC_F32};
    dc_compared c = {&p, DC_FORWARD, MOST, got, want, want, want, -1};

    (void)state;
    for (int e = 0; e < MOST; e++)
        got[e] = want[e] = 1;
    got[0] = 100;
    got[MOST - 1] = (double)NAN;
    assert_true(rule->accepts(rule, &c)); /* 198 of 200 */
    got[1] = INFINITY;
    assert_false(rule->accepts(rule, &c));
}

static void test_statistics_of_tosa(void **state)
{
    double got[100];
    double want[100];
    double ones[100];
    const dc_rule *const rule = dc_rule_find("TOSA");
    const dc_problem p = {
        .rank = 1, .dtype = DC_F32, .ci = 1, .co = 1, .g = 1, .k = {9}};
    dc_compared c = {&p, DC_FORWARD, 100, got, want, want, ones, 1};

    (void)state;
    for (int e = 0; e < 100; e++) {
        want[e] = ones[e] = 1;
        got[e] = 1 + 0x1p-23; /* 2 units each: sum 200, squares 400 */
    }
    assert_true(rule->accepts(rule, &c)); /* squares <= 1440 */
    c.data_set = 3;                       /* sum <= sqrt(14400) = 120 */
    assert_false(rule->accepts(rule, &c));
    for (int e = 0; e < 20; e++)
        got[e] = 1 - 0x1p-23; /* sum 160 - 40 = 120 */
    assert_true(rule->accepts(rule, &c));
    got[0] = 1; /* 122 */
    assert_false(rule->accepts(rule, &c));
    c.data_set = 2;
    assert_true(rule->accepts(rule, &c));
    ones[5] = 0; /* all products are zero, and the result is not */
    assert_false(rule->accepts(rule, &c));
}

static void test_special_values(void **state)
{
    (void)state;
    assert_false(says("numpy allclose", DC_F32, (double)NAN, (double)NAN, 1));
    assert_true(says("BackendBench", DC_BF16, (double)NAN, (double)NAN, 1));
    assert_true(says("numpy allclose", DC_F32, INFINITY, INFINITY, 1));
    assert_false(says("numpy allclose", DC_F32, INFINITY, -INFINITY, 1));
    assert_false(says("numpy allclose", DC_F32, 1, INFINITY, 1));
    assert_false(says("KernelBench", DC_F32, (double)NAN, 1, 1));
    assert_false(says("WPT", DC_F32, (double)NAN, 1, 1));
    assert_false(says("TOSA", DC_F32, 1, (double)NAN, 1));
    assert_true(says("TOSA", DC_F32, (double)NAN, (double)NAN, 1));
    assert_false(says("TOSA", DC_F32, (double)NAN, 1, 1));
    assert_false(says("benchdnn", DC_F32, (double)NAN, 1, 1));
    assert_true(says("benchdnn", DC_F32, (double)NAN, (double)NAN, 1));
    assert_false(says("ggml NMSE", DC_F32, (double)NAN, 1, 1));
    assert_false(says("CUTLASS", DC_F32, (double)NAN, (double)NAN, 1));
}

/* (1-w)^2 / 1 against 1e-7 in 1d, against 5e-4 in 2d. */
static void test_nmse(void **state)
{
    const dc_rule *const rule = dc_rule_find("ggml NMSE");
    const double got = 1;
    double want = 1 - 0.022360;
    dc_problem p = {.rank = 2, .dtype = DC_F32};
    const dc_compared c = {&p, DC_FORWARD, 1, &got, &want, &want, &want, -1};

    (void)state;
    assert_true(rule->accepts(rule, &c)); /* 0.02236^2 = 4.99970e-4 */
    want = 1 - 0.022361;                  /* 5.00014e-4 */
    assert_false(rule->accepts(rule, &c));
    p.rank = 1;
    want = 1 - 3.1622e-4; /* 9.99951e-8 */
    assert_true(rule->accepts(rule, &c));
    want = 1 - 3.1623e-4; /* 1.000014e-7 */
    assert_false(rule->accepts(rule, &c));
}

/* ==== Random elements ==================================================== */

/* A pair of f32 values from equal to far apart, many of them near the edge of
 * some tolerance. */
static void draw(dc_random *r, double pair[2])
{
    const int exponent = (int)dc_random_range(r, -30, 12);
    const float want = (float)ldexp((double)dc_random_next(r), exponent - 64);
    const double off =
        ldexp((double)dc_random_next(r), (int)dc_random_range(r, -26, 0) - 64);
    const double sign = dc_random_chance(r, 2) ? 1 : -1;
    const double near[] = {
        1e-8 + 1e-5 * (double)want,   1e-5 + 1.3e-6 * (double)want,
        1e-7 + 1e-7 * (double)want,   1e-5 + 1e-3 * (double)want,
        1e-5 + 1.6e-2 * (double)want, off * (double)want};
    const double d = near[dc_random_below(r, 6)];

    pair[0] = (double)(float)((double)want + sign * d);
    pair[1] = (double)want;
    if (dc_random_chance(r, 2)) {
        pair[0] = -pair[0];
        pair[1] = -pair[1];
    }
}

/* The formulas of f32 once more, in float. */
static bool plainly(const char *name, float got, float want)
{
    const float d = fabsf(got - want);
    const struct {
        const char *name;
        float atol, rtol, of;
    } rows[] = {
        {"numpy allclose", 1e-8f, 1e-5f, want},
        {"torch allclose", 1e-8f, 1e-5f, want},
        {"torch assert_close", 1e-5f, 1.3e-6f, want},
        {"PyTorch OpInfo", 1e-4f, 1.3e-6f, want},
        {"ONNX backend test", 1e-7f, 1e-3f, want},
        {"KernelBench", 1e-4f, 1e-4f, got},
        {"KernelBench v0", 1e-2f, 1e-2f, got},
        {"SOL-ExecBench", 1e-2f, 1e-2f, want},
    };

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        if (strcmp(rows[k].name, name) == 0)
            return d <= rows[k].atol + rows[k].rtol * fabsf(rows[k].of);
    if (strcmp(name, "TOSA elements") == 0)
        return fabs((double)got - (double)want) <= 18 * 0x1p-24;
    if (strcmp(name, "TOSA") == 0)
        return fabs((double)got - (double)want) <= sqrt(14.4) * 0x1p-24;
    if (strcmp(name, "ggml NMSE") == 0)
        return pow((double)got - (double)want, 2) <=
               1e-7 * (double)got * (double)got;
    if (strcmp(name, "benchdnn") == 0)
        return got == want || (fabsf(want) <= 1e-5f && d < 0x1p-23f);
    if (strcmp(name, "WPT") == 0) {
        int32_t a, b;

        memcpy(&a, &got, sizeof a);
        memcpy(&b, &want, sizeof b);
        a = a < 0 ? INT32_MIN - a : a;
        b = b < 0 ? INT32_MIN - b : b;
        return llabs((int64_t)a - b) <= 18;
    }
    return got == want;
}

static void test_random_elements(void **state)
{
    dc_random r = dc_random_open(17, 1);
    int accepted = 0;

    (void)state;
    for (int e = 0; e < PAIRS; e++) {
        double pair[2];

        draw(&r, pair);
        for (int k = 0; k < dc_rules_count; k++) {
            const char *const name = dc_rules[k].name;
            const bool said = says(name, DC_F32, pair[0], pair[1], 1);

            if (!dc_rule_compares(&dc_rules[k], DC_FORWARD, DC_F32))
                continue;
            accepted += said;
            if (said != plainly(name, (float)pair[0], (float)pair[1]))
                fail_msg("%s says %d of %a for %a", name, said, pair[0],
                         pair[1]);
        }
    }
    assert_in_range(accepted, PAIRS, 14 * PAIRS);
}

/* ==== The originals ====================================================== */

/* A line of is_close.py: the rule in that type must say the same. */
static void compare_line(char *line, double pairs[][2])
{
    const char *const name = strtok(line, ":");
    const char *const type = strtok(NULL, ":");
    const char *const answers = strtok(NULL, ":\n");
    int dtype;

    assert_non_null(answers);
    dtype = dc_format_find(type, strlen(type));
    assert_int_equal(strlen(answers), PAIRS);
    for (int e = 0; e < PAIRS; e++) {
        const double got = dc_format_round(dtype, pairs[e][0]);
        const double want = dc_format_round(dtype, pairs[e][1]);

        if (says(name, dtype, got, want, 1) != (answers[e] == '1'))
            fail_msg("%s in %s says %c of %a for %a", name, type, answers[e],
                     got, want);
    }
}

static void test_originals(void **state)
{
    static double pairs[PAIRS][2];
    char path[] = "/tmp/deconform-pairs-XXXXXX";
    char command[200];
    char *line = NULL;
    size_t room = 0;
    int lines = 0;
    dc_random r = dc_random_open(17, 2);
    FILE *file = fdopen(mkstemp(path), "w");

    (void)state;
    assert_non_null(file);
    for (int e = 0; e < PAIRS; e++)
        draw(&r, pairs[e]);
    assert_int_equal(fwrite(pairs, sizeof *pairs, PAIRS, file), PAIRS);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command,
             "PATH=/usr/bin:/bin:$PATH; python3 -c 'import numpy, torch' "
             "2>/dev/null || exit 0; "
             "python3 tests/oracle/checkers/is_close.py %s",
             path);
    file = popen(command, "r");
    assert_non_null(file);
    while (getline(&line, &room, file) > 0) {
        compare_line(line, pairs);
        lines++;
    }
    free(line);
    assert_int_equal(pclose(file), 0);
    unlink(path);
    if (lines == 0)
        skip(); /* no numpy, or no torch */
    assert_int_equal(lines, 8);
}

/* ==== The table ========================================================== */

static void test_rows(void **state)
{
    (void)state;
    for (int k = 0; k < dc_rules_count; k++) {
        const dc_rule *const r = &dc_rules[k];
        bool has_shapes = false;

        assert_ptr_equal(dc_rule_find(r->name), r);
        assert_true(strlen(r->source) > 20 && strlen(r->what) > 5);
        assert_true(r->types && r->ops && r->accepts);
        assert_non_null(dc_published_about(r->suite));
        for (int s = 0; s < dc_publisheds_count; s++)
            has_shapes |= strcmp(dc_publisheds[s].suite, r->suite) == 0;
        assert_true(has_shapes);
    }
    assert_null(dc_rule_find("no such rule"));
    assert_null(dc_published_about("no such suite"));
    assert_false(dc_rule_compares(dc_rule_find("WPT"), DC_GRAD_BIAS, DC_F32));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_of_tolerances),
        cmocka_unit_test(test_tolerance_of_the_result),
        cmocka_unit_test(test_zero_results),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_statistics_of_tosa),
        cmocka_unit_test(test_special_values),
        cmocka_unit_test(test_nmse),
        cmocka_unit_test(test_random_elements),
        cmocka_unit_test(test_originals),
        cmocka_unit_test(test_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
