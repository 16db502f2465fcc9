/* SPDX-License-Identifier: MIT
 *
 * What the reports have in common: the command that reproduces a finding,
 * words that are too long, words that are not printable.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "oracle/report/report.h"
#include "ref/text.h"

static const dc_run run = {
    .program = "./deconform", .impl = "fast", .options = " --timeout 3"};

static dc_result result_of(const char *spec)
{
    dc_result r;

    memset(&r, 0, sizeof r);
    assert_int_equal(dc_case_parse(spec, &r.item.c, NULL), DC_OK);
    return r;
}

static void test_command(void **state)
{
    static const struct {
        const char *impl;
        const char *quoted;
    } rows[] = {
        {"fast", "fast"},
        {"./lib-1.so", "./lib-1.so"},
        {"", "''"},
        {"a b", "'a b'"},
        {"pipe:x;y $(z)", "'pipe:x;y $(z)'"},
        {"it's", "'it'\\''s'"},
        {"\xc3\xa9", "'\xc3\xa9'"},
    };
    const dc_result r = result_of("i3_k2_f32_int");

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_run one = run;
        char text[2048];
        char want[2048];

        one.impl = rows[k].impl;
        one.options = "";
        dc_result_command(&r, DC_GRAD_WEIGHT, &one, text, sizeof text);
        snprintf(want, sizeof want,
                 "./deconform verify --impl %s --op grad_weight --case "
                 "n1_ci1_co1_g1_i3_k2_s1_d1_pb0_pe0_op0_b0_f32_int_r0",
                 rows[k].quoted);
        assert_string_equal(text, want);
    }
}

/* An identity and a sequence need all operations again; a value only its
 * own. */
static void test_command_of_identity(void **state)
{
    static const struct {
        dc_check check;
        dc_item_kind kind;
        bool all;
    } rows[] = {{DC_CHECK_VALUE, DC_ITEM_CASE, false},
                {DC_CHECK_ADJOINT, DC_ITEM_CASE, true},
                {DC_CHECK_DIFFERENCE, DC_ITEM_CASE, true},
                {DC_CHECK_REPEAT, DC_ITEM_CASE, false},
                {DC_CHECK_VALUE, DC_ITEM_SEQUENCE, true}};

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_result r = result_of("i3_k2_f32_int");
        char text[2048];

        r.item.kind = rows[k].kind;
        dc_result_find(&r, DC_FORWARD, DC_FAIL, DC_CHECK_INPUTS, "x");
        dc_result_find(&r, DC_GRAD_INPUT, DC_FAIL, rows[k].check, "y");
        dc_result_command(&r, DC_GRAD_INPUT, &run, text, sizeof text);
        assert_int_equal(strstr(text, "--op grad_input") == NULL, rows[k].all);
        assert_non_null(strstr(text, "--timeout 3"));
        assert_non_null(strstr(text, rows[k].kind == DC_ITEM_CASE
                                         ? " --case n1_ci1_"
                                         : " --case sequence:"));
    }
}

/* A word that is too long is cut, never overrun. */
static void test_long_words(void **state)
{
    char impl[4096];
    char text[1408];
    char small[8];
    dc_run one = run;
    const dc_result r = result_of("i3_k2_f32_int");
    const dc_finding f = {
        .op = DC_FORWARD, .axes = 5, .at = {1000, 2000, 3000, 4000, 5000}};

    (void)state;
    memset(impl, '\'', sizeof impl - 1);
    impl[sizeof impl - 1] = 0;
    one.impl = impl;
    dc_result_command(&r, DC_FORWARD, &one, text, sizeof text);
    assert_true(strlen(text) < sizeof text);
    dc_finding_position(&f, small, sizeof small);
    assert_string_equal(small, "y[1000,");
    dc_text_clean("1234567890", small, sizeof small);
    assert_string_equal(small, "1234567");
    dc_text_clean("a\nb\r\t", small, sizeof small);
    assert_string_equal(small, "a\nb??");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command),
        cmocka_unit_test(test_command_of_identity),
        cmocka_unit_test(test_long_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
