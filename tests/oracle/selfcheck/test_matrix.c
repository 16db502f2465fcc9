/* SPDX-License-Identifier: MIT
 *
 * Does the kill matrix count what died of what, and is it written so that
 * machines and people can read it?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/selfcheck/matrix.h"

static const char *binary(void)
{
    const char *set = getenv("BIN");

    return set && *set ? set : "./deconform";
}

static const struct {
    const char *id;
    dc_check check; /* that kills it */
    bool only;      /* no other check does */
} rows[] = {
    {"M016", DC_CHECK_VALUE, false},  {"M003", DC_CHECK_EXTENT, true},
    {"M301", DC_CHECK_CRASHED, true}, {"M317", DC_CHECK_INPUTS, true},
    {"M324", DC_CHECK_STATUS, true},  {"M328", DC_CHECK_REPEAT, true},
    {"M037", DC_CHECK_VALUE, false},  {"M316", DC_CHECK_HUNG, true},
};
enum { ROWS = sizeof rows / sizeof *rows };

static int results; /* seen by the callback */

static void count_result(void *context, int row, const dc_result *r)
{
    /* in a thread of its own: no assertion here */
    results += !context && row >= 0 && row < ROWS && r->item.c.p.rank > 0;
}

static dc_matrix run(bool smoke_only)
{
    static int numbers[ROWS];
    dc_matrix_plan plan = {.self = binary(),
                           .mutants = numbers,
                           .n_mutants = ROWS,
                           .every = smoke_only ? 3 : 60,
                           .timeout = 5,
                           .smoke_only = smoke_only,
                           .on_result = count_result};
    dc_matrix x;
    dc_error e = {.text = ""};

    for (int r = 0; r < ROWS; r++)
        numbers[r] = (int)(dc_mutant_find(rows[r].id) - dc_mutants);
    if (dc_matrix_run(&x, &plan, &e) != DC_OK)
        fail_msg("%s", e.text);
    return x;
}

static void it_counts(void **unused)
{
    dc_matrix x = run(true);
    int64_t judged = 0;

    (void)unused;
    assert_int_equal(x.n_rows, ROWS);
    for (int r = 0; r < ROWS; r++) {
        const dc_matrix_row *const row = &x.rows[r];
        int64_t kills = 0;
        int64_t others = 0;

        for (int f = 0; f < DC_FAMILIES; f++)
            for (int c = 0; c < DC_CHECKS; c++)
                *(c == (int)rows[r].check ? &kills : &others) +=
                    row->kills[0][f][c];
        assert_true(kills > 0);
        if (rows[r].only)
            assert_int_equal(others, 0);
        assert_true(row->killed[0] > 0);
        assert_true(row->killed[0] <= row->cases[0]);
        assert_true(row->cases[0] <= x.cases[0]);
        judged += row->cases[0];
    }
    assert_int_equal(judged, results);
    dc_matrix_close(&x);
}

static void it_tells_what_only_one_kills(void **unused)
{
    /* those that never kill alone */
    static const dc_check shared[] = {DC_CHECK_WRITTEN, DC_CHECK_ADJOINT,
                                      DC_CHECK_DIFFERENCE, DC_CHECK_ALTERNATION,
                                      DC_CHECK_STRUCTURE};
    dc_matrix x = run(true);
    int only;
    int all;

    (void)unused;
    assert_int_equal(dc_matrix_only(&x, DC_BY_CHECK, DC_CHECK_INPUTS, &all), 1);
    assert_int_equal(all, 1);
    assert_int_equal(dc_matrix_only(&x, DC_BY_CHECK, DC_CHECK_ADJOINT, &all),
                     0);
    only = dc_matrix_only(&x, DC_BY_FAMILY, DC_INT, &all);
    assert_true(only <= all);
    for (size_t k = 0; k < sizeof shared / sizeof *shared; k++)
        assert_true(strlen(dc_matrix_reason(shared[k])) > 20);
    assert_string_equal(dc_matrix_reason(DC_CHECK_VALUE), "");
    dc_matrix_close(&x);
}

/* A mutant that is killed often is asked fewer cases, and by every lane as
 * many in every run.  One that dies of a single case is asked all. */
static void it_stops_when_it_knows_enough(void **unused)
{
    static const char *const ids[] = {"M016", "M204"};
    const int numbers[] = {(int)(dc_mutant_find(ids[0]) - dc_mutants),
                           (int)(dc_mutant_find(ids[1]) - dc_mutants)};
    const dc_matrix_plan plan = {.self = binary(),
                                 .mutants = numbers,
                                 .n_mutants = 2,
                                 .every = 2,
                                 .enough = 8,
                                 .timeout = 5,
                                 .smoke_only = true};
    int64_t cases[2];

    (void)unused;
    for (int run = 0; run < 2; run++) {
        dc_matrix x;
        dc_error e = {.text = ""};

        if (dc_matrix_run(&x, &plan, &e) != DC_OK)
            fail_msg("%s", e.text);
        assert_in_range(x.rows[0].killed[0], 8, 40);
        assert_true(x.rows[0].cases[0] < x.cases[0] / 2);
        assert_int_equal(x.rows[1].cases[0], x.cases[0]);
        cases[run] = x.rows[0].cases[0];
        dc_matrix_close(&x);
    }
    assert_int_equal(cases[0], cases[1]);
}

/* Commas outside quotes. */
static int commas(const char *line, size_t length)
{
    bool quoted = false;
    int n = 0;

    for (size_t k = 0; k < length; k++) {
        quoted ^= line[k] == '"';
        n += line[k] == ',' && !quoted;
    }
    return n;
}

static void it_writes(void **unused)
{
    dc_matrix x = run(false);
    char *text[2] = {NULL};
    size_t size[2];
    FILE *to[2] = {open_memstream(&text[0], &size[0]),
                   open_memstream(&text[1], &size[1])};
    FILE *full = fopen("/dev/full", "w");
    int lines = 0;

    (void)unused;
    assert_non_null(full);
    assert_int_equal(dc_matrix_csv(&x, to[0]), DC_OK);
    assert_int_equal(dc_matrix_table(&x, to[1]), DC_OK);
    assert_int_equal(dc_matrix_csv(&x, full), DC_FAILED);
    fclose(full);
    fclose(to[0]);
    fclose(to[1]);
    for (const char *at = text[0]; *at; at += strcspn(at, "\n") + 1, lines++)
        assert_int_equal(commas(at, strcspn(at, "\n")),
                         commas(text[0], strcspn(text[0], "\n")));
    assert_int_equal(lines, ROWS + 1);
    assert_non_null(strstr(text[0], "smoke/int/value"));
    assert_non_null(strstr(text[0], "ci/int/crashed"));
    for (int r = 0; r < ROWS; r++)
        assert_non_null(strstr(text[1], rows[r].id));
    assert_non_null(strstr(text[1], "| adjoint | 0 | 0 | on exact data"));
    assert_non_null(strstr(text[1], "nothing else sees these"));
    assert_true(x.rows[0].adjoint_alone);
    free(text[0]);
    free(text[1]);
    dc_matrix_close(&x);
}

/* Each mutant is caught by an item that is no case, and is not judged any
 * further; the algorithm without a mutation is not caught. */
static void it_stops_at_the_first(void **unused)
{
    static const struct {
        const char *id;    /* NULL: without a mutation */
        const char *check; /* NULL: whatever comes first */
        int64_t smoke, ci;
    } asked[] = {
        {NULL, "", 0, 0},          {"M338", "refusal", 1, 0},
        {"M339", "crashed", 1, 0}, {"M340", NULL, 0, 1},
        {"M341", "value", 0, 1},   {"M401", "sequence", 0, 1},
    };
    enum { ASKED = sizeof asked / sizeof *asked };
    int numbers[ASKED];
    const dc_matrix_plan plan = {.self = binary(),
                                 .mutants = numbers,
                                 .n_mutants = ASKED,
                                 .every = 1,
                                 .timeout = 5,
                                 .once = true};
    dc_matrix x;
    dc_error e = {.text = ""};

    (void)unused;
    for (int r = 0; r < ASKED; r++)
        numbers[r] =
            asked[r].id ? (int)(dc_mutant_find(asked[r].id) - dc_mutants) : -1;
    if (dc_matrix_run(&x, &plan, &e) != DC_OK)
        fail_msg("%s", e.text);
    for (int r = 0; r < ASKED; r++) {
        const dc_matrix_row *const row = &x.rows[r];

        if (asked[r].check)
            assert_string_equal(dc_matrix_killer(row), asked[r].check);
        assert_int_equal(row->killed[0] > 0, asked[r].smoke);
        assert_int_equal(row->killed[1] > 0, asked[r].ci);
        /* only lanes that are at work at that moment add a finding */
        assert_true(row->killed[0] + row->killed[1] <= 4);
        assert_int_equal(row->cases[1] > 0, asked[r].ci);
    }
    assert_int_equal(x.rows[0].cases[0], x.cases[0]);
    dc_matrix_close(&x);
}

static void faults(void **unused)
{
    const dc_matrix_plan plan = {.self = "./absent", .every = 1, .timeout = 1};
    dc_matrix x;
    dc_error e = {.text = ""};

    (void)unused;
    assert_true(dc_matrix_run(&x, &plan, &e) != DC_OK);
    assert_true(strlen(e.text) > 0);
    assert_null(x.rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_counts),
        cmocka_unit_test(it_tells_what_only_one_kills),
        cmocka_unit_test(it_stops_when_it_knows_enough),
        cmocka_unit_test(it_writes),
        cmocka_unit_test(it_stops_at_the_first),
        cmocka_unit_test(faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
