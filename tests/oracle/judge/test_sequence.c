/* SPDX-License-Identifier: MIT
 *
 * Sequences: does each of them find the state that it is meant for, is a wrong
 * formula told from it, and is nobody accused who is right?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cases/catalog/sequences.h"
#include "oracle/base/declare.h"
#include "oracle/judge/judge.h"
#include "tests/support/subject.h"

static const double PATIENCE = 60;

/* A scenario is judged with these settings. */
typedef struct {
    const char *impl; /* a plug-in of the tests if it has no colon */
    const char *mode;
    const char *token;
    unsigned declared;
    unsigned dtypes;
} question;

static dc_result judged(const question *q)
{
    char text[4096];
    const char *what = strchr(q->impl, ':') ? q->impl : plugin(text, q->impl);
    const dc_subject subject = {what, path("BIN", "./deconform"), PATIENCE};
    const dc_judge judge = {
        .ops = {true, true, true, true},
        .dtypes = q->dtypes,
        .arithmetic = {.accumulate = -1, .declared = q->declared},
        .subject = &subject};
    dc_endpoint *end = NULL;
    dc_result r;
    dc_error e = {.text = ""};

    mode(q->mode);
    memset(&r, 0, sizeof r);
    if (dc_item_parse(q->token, &r.item, &e) != DC_OK ||
        dc_endpoint_open(&end, &subject, &e) != DC_OK)
        fail_msg("%s: %s", q->token, e.text);
    r.item.c.p.dtype = DC_F64; /* as in a run of all types */
    if (dc_judge_item(&judge, end, &r, &e) != DC_OK)
        fail_msg("%s: %s", q->token, e.text);
    dc_endpoint_close(end);
    mode("");
    return r;
}

static void the_state_is_found(void **state)
{
    static const struct {
        question q;
        dc_check check;    /* of the first finding */
        const char *words; /* in it */
    } rows[] = {
        {{"mutant:M401", "", "sequence:fields-3d", 0, 0},
         DC_CHECK_SEQUENCE,
         "y is right in a fresh process and wrong as call "},
        {{"mutant:M402", "", "sequence:fields-1d", 0, 0},
         DC_CHECK_SEQUENCE,
         "of the sequence, which followed n2_"},
        {{"mutant:M404", "", "sequence:types-1d", 0, 0},
         DC_CHECK_SEQUENCE,
         "f64_int_r0)"},
        {{"mutant:M405", "", "sequence:types-2d", 0, 0},
         DC_CHECK_SEQUENCE,
         "gx is right in a fresh process"},
        {{"mutant:M406", "", "sequence:fields-2d", 0, 0},
         DC_CHECK_SEQUENCE,
         "y, right as call "},
        {{"mutant:M407", "", "sequence:fields-3d", 0, 0},
         DC_CHECK_SEQUENCE,
         "gw"},
        {{"mutant:M408", "", "sequence:fields-1d", 0, 0},
         DC_CHECK_SEQUENCE,
         "gx"},
        {{"mutant:M420", "", "sequence:sizes-1d", 0, 0},
         DC_CHECK_SEQUENCE,
         "y, right as call "},
        {{"mutant:M416", "", "sequence:many", 0, 0},
         DC_CHECK_SEQUENCE,
         "y, right as call 1, has other bits as call 18"},
        {{"mutant:M421", "", "sequence:often", 0, 0},
         DC_CHECK_SEQUENCE,
         "y, right as call "},
        {{"mutant:M426", "", "sequence:contents-2d", 0, 0},
         DC_CHECK_SEQUENCE,
         "gx is right"},
        {{"mutant:M428", "", "sequence:contents-3d", 0, 0},
         DC_CHECK_SEQUENCE,
         "gb is right"},
        {{"mutant:M430", "", "sequence:sizes-3d", 0, 0},
         DC_CHECK_SEQUENCE,
         "y, right as call "},
        {{"mutant:M432", "", "sequence:sizes-1d", 0, 0},
         DC_CHECK_SEQUENCE,
         "gw is right"},
        {{"scenario_modes", "stale", "sequence:sizes-2d", 0, 0},
         DC_CHECK_SEQUENCE,
         "y is right in a fresh process"},
        {{"scenario_modes", "stale", "sequence:ranks", 0, 0},
         DC_CHECK_SEQUENCE,
         "y is right in a fresh process"},
        {{"scenario_modes", "stale", "sequence:look-alikes", 0, 0},
         DC_CHECK_SEQUENCE,
         "y is right in a fresh process"},
        /* every other bit pattern may be right then, but not every value */
        {{"scenario_modes", "stale", "sequence:sizes-2d", DC_NONDETERMINISTIC,
          0},
         DC_CHECK_SEQUENCE,
         "y is right in a fresh process"},
        {{"mutant:M421", "", "sequence:often", DC_NONDETERMINISTIC, 0},
         DC_CHECK_SEQUENCE,
         "; it was "},
        {{"scenario_modes", "moody", "sequence:fields-1d", 0, 0},
         DC_CHECK_SEQUENCE,
         "answered as call 1 and refused (UNSUPPORTED) as call "},
        /* a pipe cannot start afresh, and refuses that problem at first */
        {{"pipe:exec tests/pipes/remembers.py", "", "sequence:fields-1d", 0, 0},
         DC_CHECK_VALUE,
         "of y are wrong as call 9 of the sequence, which followed n3_"},
        /* no state: the formula is wrong, the order of sums, the process */
        {{"mutant:M016", "", "sequence:fields-1d", 0, 0},
         DC_CHECK_VALUE,
         "elements of y are wrong"},
        {{"unusual", "random", "sequence:often", 0, 0},
         DC_CHECK_REPEAT,
         "the same call again gave other bits in y"},
        {{"scenario_modes", "die", "sequence:ranks", 0, 0},
         DC_CHECK_CRASHED,
         "SIGABRT"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_result r = judged(&rows[k].q);

        if (r.verdict < DC_FAIL || r.findings[0].check != rows[k].check ||
            !strstr(r.findings[0].text, rows[k].words))
            fail_msg("%s, %s %s: %s, %s: %s", rows[k].q.token, rows[k].q.impl,
                     rows[k].q.mode, dc_verdict_names[r.verdict],
                     r.n_findings ? dc_check_names[r.findings[0].check] : "-",
                     r.n_findings ? r.findings[0].text : "-");
    }
}

/* A value, and other bits within the bound, are told with all that a reader
 * needs: where, which bits, how far off, what was asked. */
static void the_value_is_told(void **state)
{
    static const struct {
        question q;
        bool wrong;
        const char *words;
    } rows[] = {
        {{"mutant:M421", "", "sequence:often", 0, 0}, true, ", contents "},
        {{"mutant:M426", "", "sequence:contents-2d", 0, 0},
         true,
         ", contents 1 (two exchanged)"},
        {{"scenario_modes", "rounder", "sequence:often", 0, 0},
         false,
         ", contents 4 (all moved); it was "},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_result r = judged(&rows[k].q);
        const dc_finding *const f = &r.findings[0];

        if (r.n_findings == 0 || f->check != DC_CHECK_SEQUENCE ||
            !strstr(f->text, rows[k].words))
            fail_msg("%s: %s", rows[k].q.impl, r.n_findings ? f->text : "-");
        assert_true(f->has_value && f->axes > 0 && f->n > 0 && f->s > 0);
        assert_true(f->bound > 0 && f->total > f->index);
        assert_true(f->got_bits != f->want_bits);
        assert_int_equal(f->wrong > 0, rows[k].wrong);
        assert_int_equal(f->ratio > 1, rows[k].wrong);
    }
}

/* One finding for each operation, however often it goes wrong. */
static void one_finding_is_enough(void **state)
{
    const question q = {"mutant:M405", "", "sequence:types-1d", 0, 0};
    const dc_result r = judged(&q);

    (void)state;
    assert_int_equal(r.n_findings, 2);
    assert_int_equal(r.findings[0].op, DC_GRAD_INPUT);
    assert_int_equal(r.findings[1].op, DC_GRAD_WEIGHT);
    assert_true(r.findings[0].axes > 0);
    assert_int_equal(r.by_op[DC_FORWARD], DC_PASS);
    assert_int_equal(r.by_op[DC_GRAD_INPUT], DC_FAIL);
}

static void the_right_ones_pass(void **state)
{
    static const struct {
        question q;
        dc_verdict verdict;
    } rows[] = {
        {{"mutant:clean", "", "sequence:types-1d", 0, 0}, DC_PASS},
        {{"unusual", "zero-stuffing", "sequence:look-alikes", 0, 0}, DC_PASS},
        {{"unusual", "pairwise", "sequence:types-2d", 0, 0}, DC_PASS},
        {{"unusual", "kahan", "sequence:sizes-2d", 0, 0}, DC_PASS},
        {{"unusual", "blocked", "sequence:contents-3d", 0, 0}, DC_PASS},
        {{"unusual", "random", "sequence:contents-2d", DC_NONDETERMINISTIC, 0},
         DC_PASS},
        /* an implementation with few types, or with none */
        {{"scenario_modes", "", "sequence:types-1d", 0, 0}, DC_PASS},
        {{"scenario_modes", "modest-all", "sequence:many", 0, 0}, DC_UNJUDGED},
        {{"pipe:exec python3 oracle/adapters/sample.py", "",
          "sequence:contents-2d", 0, 0},
         DC_PASS},
        /* the types that the run has are asked, and no others */
        {{"mutant:M404", "", "sequence:types-1d", 0, 1u << DC_F32}, DC_PASS},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_result r = judged(&rows[k].q);

        if (r.verdict != rows[k].verdict || r.n_findings)
            fail_msg("%s, %s %s: %s: %s", rows[k].q.token, rows[k].q.impl,
                     rows[k].q.mode, dc_verdict_names[r.verdict],
                     r.n_findings ? r.findings[0].text : r.reason);
    }
}

/* Whoever is fast passes all of them. */
static void fast_passes(void **state)
{
    (void)state;
    for (int row = 0; row < dc_sequences_count; row++) {
        const dc_subject subject = {"fast", path("BIN", "./deconform"),
                                    PATIENCE};
        const dc_judge judge = {.ops = {true, true, true, true},
                                .arithmetic = {.accumulate = -1}};
        dc_endpoint *end = NULL;
        char token[DC_CASE_MAX];
        dc_result r = {0};
        dc_error e = {.text = ""};

        snprintf(token, sizeof token, "sequence:%s", dc_sequences[row].name);
        assert_int_equal(dc_item_parse(token, &r.item, &e), DC_OK);
        assert_int_equal(dc_endpoint_open(&end, &subject, &e), DC_OK);
        assert_int_equal(dc_judge_item(&judge, end, &r, &e), DC_OK);
        if (r.verdict != DC_PASS || r.n_findings)
            fail_msg("%s: %s", token,
                     r.n_findings ? r.findings[0].text : r.reason);
        dc_endpoint_close(end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_state_is_found),
        cmocka_unit_test(the_value_is_told),
        cmocka_unit_test(one_finding_is_enough),
        cmocka_unit_test(the_right_ones_pass),
        cmocka_unit_test(fast_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
