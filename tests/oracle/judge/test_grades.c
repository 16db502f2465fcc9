/* SPDX-License-Identifier: MIT
 *
 * Do grades add up by length, and when do their sums speak?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "oracle/judge/grades.h"
#include "tests/support/parse.h"

static dc_grades all;

static void clear(void)
{
    memset(&all, 0, sizeof all);
}

/* Adds a result of grad_weight with so many elements, whose rms error is
 * `ratio` times that of the serial sum; spoken: it has a finding of its own. */
static void add(const char *spec, int64_t elements, double ratio, bool spoken)
{
    dc_result r;

    memset(&r, 0, sizeof r);
    r.item.c = parse(spec);
    r.measures.grade[DC_GRAD_WEIGHT] = (dc_grade){
        elements, (double)elements * ratio * ratio, (double)elements, 1e9};
    if (spoken)
        dc_result_find(&r, DC_GRAD_WEIGHT, DC_PASS, DC_CHECK_GRADE, "poor");
    dc_grades_add(&all, &r);
}

/* How many sums speak; *last is the result of the last one. */
static int count_of(bool strict, dc_result *last)
{
    int n = 0;

    for (int at = 0; at < DC_GRADE_SUMS; at++) {
        dc_result r;

        if (dc_grades_find(&all, at, strict, &r)) {
            *last = r;
            n++;
        } else {
            assert_int_equal(r.n_findings, 0);
        }
    }
    return n;
}

static void test_length(void **state)
{
    static const struct {
        const char *spec;
        dc_op op;
        int length;
    } rows[] = {
        {"i1_k1", DC_FORWARD, 0},
        {"ci4_i1_k1", DC_FORWARD, 0},
        {"ci5_i1_k1", DC_FORWARD, 1},
        {"ci16_i3_k1", DC_FORWARD, 1},
        {"ci17_i3_k1", DC_FORWARD, 2},
        {"ci64_co64_g64_i9_k1", DC_FORWARD, 0},
        {"co1024_i1_k1", DC_GRAD_INPUT, 4},
        {"co1025_i1_k1", DC_GRAD_INPUT, 5},
        {"n4_i8x8_k1", DC_GRAD_WEIGHT, 3},
        {"n4096_i4_k1", DC_GRAD_BIAS, 6},
        {"n4096_i5_k1", DC_GRAD_BIAS, 7},
        {"n65537_i1_k1", DC_GRAD_BIAS, 8},
        {"n65537_i9_k1", DC_GRAD_BIAS, 8},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_case c = parse(rows[k].spec);

        if (dc_grades_length(&c.p, rows[k].op) != rows[k].length)
            fail_msg("%s %s: %d", rows[k].spec, dc_ops[rows[k].op].name,
                     dc_grades_length(&c.p, rows[k].op));
    }
}

static void test_together(void **state)
{
    dc_result r;

    (void)state;
    clear();
    assert_int_equal(count_of(false, &r), 0);
    /* too few elements, then enough */
    add("n8_i8_k1_f32_real_r1", 40, 20, false);
    assert_int_equal(count_of(false, &r), 0);
    add("n8_i8_k1_f32_real_r2", 24, 30, false);
    assert_int_equal(count_of(false, &r), 1);
    assert_int_equal(r.verdict, DC_PASS);
    assert_int_equal(r.measures.warnings, 1);
    assert_int_equal(r.item.c.seed, 2); /* the worst */
    assert_int_equal(r.findings[0].op, DC_GRAD_WEIGHT);
    assert_int_equal(r.findings[0].check, DC_CHECK_GRADES);
    assert_non_null(
        strstr(r.findings[0].text, "in sums of 17 to 64 products: 24.2 times"));
    assert_non_null(strstr(r.findings[0].text, "64 elements of 2 results"));
    assert_int_equal(count_of(true, &r), 1);
    assert_int_equal(r.verdict, DC_FAIL);
    assert_int_equal(r.measures.warnings, 0);
    assert_true(dc_grade_ratio(dc_grades_worst(&all, DC_F32, DC_GRAD_WEIGHT)) >
                24);
    /* good ones of another length or type hide nothing, of the same they do */
    add("n1_i2_k1_f32_real_r1", 100000, 1, false);
    add("n8_i8_k1_f64_real_r1", 100000, 1, false);
    assert_int_equal(count_of(false, &r), 1);
    add("n8_i8_k1_f32_real_r3", 6400, 1, false);
    assert_int_equal(count_of(false, &r), 0);
}

/* No length has elements enough: all lengths together have. */
static void test_all_lengths(void **state)
{
    dc_result r;

    (void)state;
    clear();
    add("n8_i8_k1_f32_real_r1", 40, 20, false);
    add("n80_i80_k1_f32_real_r1", 40, 20, false);
    assert_int_equal(count_of(false, &r), 1);
    assert_non_null(strstr(r.findings[0].text, "in sums of all lengths"));
    add("n80_i80_k1_f32_real_r2", 40, 1, false);
    assert_int_equal(count_of(false, &r), 1);
    assert_non_null(strstr(r.findings[0].text, "sums of 4097 to 16384 prod"));
    clear();
    add("n65537_i1_k1_f32_real_r1", 64, 9, false);
    assert_int_equal(count_of(false, &r), 1);
    assert_non_null(
        strstr(r.findings[0].text, "in sums of more than 65536 products"));
}

/* A result that has said so itself is enough. */
static void test_spoken(void **state)
{
    dc_result r;

    (void)state;
    clear();
    add("n8_i8_k1_f32_real_r1", 80, 20, true);
    assert_int_equal(count_of(false, &r), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_all_lengths),
        cmocka_unit_test(test_spoken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
