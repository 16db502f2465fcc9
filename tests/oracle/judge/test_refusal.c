/* SPDX-License-Identifier: MIT
 *
 * An illegal problem between two calls of the legal one: whoever lets it spoil
 * the next call, or refuses the legal one, too, is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "oracle/judge/judge.h"
#include "tests/support/subject.h"

static dc_result judge_as(const char *what, const char *token,
                          unsigned declared)
{
    const dc_subject subject = {what, path("BIN", "./deconform"), 20};
    const dc_judge judge = {
        .ops = {true, true, true, true},
        .arithmetic = {.accumulate = -1, .declared = declared},
        .subject = &subject};
    dc_endpoint *end = NULL;
    dc_result r;
    dc_error e = {.text = ""};

    memset(&r, 0, sizeof r);
    if (dc_item_parse(token, &r.item, &e) != DC_OK ||
        dc_endpoint_open(&end, &subject, &e) != DC_OK ||
        dc_judge_item(&judge, end, &r, &e) != DC_OK)
        fail_msg("%s: %s", token, e.text);
    dc_endpoint_close(end);
    return r;
}

static void what_is_left_of_it_is_found(void **state)
{
    static const struct {
        const char *what, *token;
        unsigned declared;
        dc_verdict verdict;
        dc_check check; /* DC_CHECKS: no finding */
    } rows[] = {
        {"mutant:clean", "refuse:S0_H", 0, DC_PASS, DC_CHECKS},
        {"mutant:clean", "refuse:S0_H@i4x5_k3_f64_special_r7", 0, DC_PASS,
         DC_CHECKS},
        {"mutant:M633", "refuse:S0_H", 0, DC_FAIL, DC_CHECK_ALTERNATION},
        {"mutant:M633", "refuse:RANK4", 0, DC_FAIL, DC_CHECK_ALTERNATION},
        {"mutant:M633", "refuse:S0_H", DC_NONDETERMINISTIC, DC_PASS, DC_CHECKS},
        {"mutant:M634", "refuse:D0_G1_1D", 0, DC_FAIL, DC_CHECK_ALTERNATION},
        {"mutant:M634", "refuse:D0_G1_1D", DC_NONDETERMINISTIC, DC_FAIL,
         DC_CHECK_ALTERNATION},
        /* legal problems that are refused as illegal: any stride but 1, and
         * what a framework documents */
        {"mutant:M621", "refuse:G0_G1", 0, DC_FAIL, DC_CHECK_STATUS},
        {"mutant:M621", "refuse:G0@i3x4_k2_s1", 0, DC_PASS, DC_CHECKS},
        {"mutant:M320", "refuse:G0@i3_k2_d2_op1", 0, DC_PASS, DC_CHECKS},
        /* the illegal one is computed, or fatal */
        {"mutant:M631", "refuse:S0_G1_2D", 0, DC_CRASH, DC_CHECK_CRASHED},
        {"mutant:M632", "refuse:D0_G1_3D", 0, DC_FAIL, DC_CHECK_REFUSAL},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_result r =
            judge_as(rows[k].what, rows[k].token, rows[k].declared);
        bool found = rows[k].check == DC_CHECKS && !r.n_findings;

        for (int f = 0; f < r.n_findings; f++)
            found |= r.findings[f].check == rows[k].check;
        if (r.verdict != rows[k].verdict || !found)
            fail_msg("%s, %s: %s, %d findings, first %s", rows[k].what,
                     rows[k].token, dc_verdict_names[r.verdict], r.n_findings,
                     r.n_findings ? r.findings[0].text : "-");
    }
}

#define ASKED "pipe:PATH=/usr/bin:/bin:$PATH python3 tests/pipes/supports.py "
#define S0    "refuse:S0_H@i3x4_k2_s2_f64"

/* Whoever says "supports" in hello is asked legal and illegal problems alike,
 * so that one answer to all of them is found. */
static void unmarked_problems_are_told_apart(void **state)
{
    static const struct {
        const char *what, *token;
        dc_verdict verdict;
        const char *text; /* of a finding; NULL: there is none */
    } rows[] = {
        {ASKED "honest", S0, DC_PASS, NULL},
        {ASKED "late", S0, DC_PASS, NULL},
        {ASKED "always", S0, DC_FAIL,
         "asked whether a legal problem is supported, it answered INVALID"},
        {ASKED "never", S0, DC_FAIL, "an illegal problem (s >= 1"},
        {ASKED "never", "refuse:RANK4@i3x4_k2_s2_f64", DC_FAIL,
         "an illegal problem (rank is 1, 2 or 3) was answered OK"},
        {ASKED "evasive", S0, DC_FAIL,
         "answered UNSUPPORTED, and it computes that problem"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_result r = judge_as(rows[k].what, rows[k].token, 0);
        bool found = !rows[k].text && !r.n_findings;

        for (int f = 0; f < r.n_findings && rows[k].text; f++)
            found |= strstr(r.findings[f].text, rows[k].text) != NULL;
        if (r.verdict != rows[k].verdict || !found)
            fail_msg("%s, %s: %s, %d findings, first %s", rows[k].what,
                     rows[k].token, dc_verdict_names[r.verdict], r.n_findings,
                     r.n_findings ? r.findings[0].text : r.reason);
    }
}

/* What one operation left may spoil another: all are asked again. */
static void the_command_asks_all_operations(void **state)
{
    const dc_run run = {.program = "deconform",
                        .impl = "mutant:M633",
                        .options = "",
                        .name = "mutant",
                        .version = "1"};
    const dc_result r = judge_as("mutant:M633", "refuse:S0_H", 0);
    char text[DC_COMMAND_MAX];

    (void)state;
    dc_result_command(&r, r.findings[0].op, &run, text, sizeof text);
    assert_string_equal(text, "deconform verify --impl mutant:M633 --dtype f32 "
                              "--case refuse:S0_H");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_of_it_is_found),
        cmocka_unit_test(unmarked_problems_are_told_apart),
        cmocka_unit_test(the_command_asks_all_operations),
    };

    return cmocka_run_group_tests_name("refusal", tests, NULL, NULL);
}
