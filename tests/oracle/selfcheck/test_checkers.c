/* SPDX-License-Identifier: MIT
 *
 * Are other people's checks measured rightly: does a rule that always agrees
 * let everything through, and one that never does accuse everybody?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle/checkers/published.h"
#include "oracle/selfcheck/checkers.h"

#define PAGE    "oracle/checkers/WHY_NOT_ALLCLOSE.md"
#define NUMBERS "coverage/checkers.md"

static bool agree(const dc_rule *r, const dc_compared *c)
{
    return r && c;
}

static bool disagree(const dc_rule *r, const dc_compared *c)
{
    return !r || !c;
}

static const dc_rule extremes[] = {
    {.name = "yes",
     .what = "-",
     .source = "-",
     .accepts = agree,
     .types = 1 << DC_F32,
     .ops = 15,
     .suite = "ONNX"},
    {.name = "no",
     .what = "-",
     .source = "-",
     .accepts = disagree,
     .types = 1 << DC_F32,
     .ops = 15,
     .suite = "ONNX"},
    {.name = "equal",
     .what = "-",
     .source = "-",
     .accepts = dc_rule_equal,
     .types = 1 << DC_F32,
     .ops = 15,
     .suite = "zeros and ones"},
};
enum { EXTREMES = sizeof extremes / sizeof *extremes };

/* Numbers of the mutants with these names; returns how many. */
static int numbers_of(const char *const *ids, int n, int *numbers)
{
    for (int k = 0; k < n; k++)
        numbers[k] = (int)(dc_mutant_find(ids[k]) - dc_mutants);
    return n;
}

static dc_checkers measure(const dc_checkers_plan *plan)
{
    dc_checkers x;
    dc_error e = {.text = ""};

    if (dc_checkers_run(&x, plan, &e) != DC_OK)
        fail_msg("%s", e.text);
    return x;
}

/* Wrong in values everywhere; in values at stride above 1; a mirrored kernel
 * is right where all weights are equal; a crash is no wrong number. */
static const char *const some[] = {"M053", "M029", "M016", "M301"};

static void it_measures_extremes(void **unused)
{
    int numbers[4];
    const dc_checkers_plan plan = {.rules = extremes,
                                   .n_rules = EXTREMES,
                                   .mutants = numbers,
                                   .n_mutants = numbers_of(some, 4, numbers),
                                   .every = 0};
    dc_checkers x = measure(&plan);
    int of;

    (void)unused;
    assert_int_equal(x.n_mutants, 3);
    assert_true(x.rows[0].cases[DC_ON_OWN] > 8);
    assert_int_equal(x.rows[0].cases[DC_ON_OURS], 0);
    /* yes: everything passes, nobody is accused */
    assert_int_equal(dc_checkers_passed(&x, &x.rows[0], DC_ON_OWN, &of), 3);
    assert_int_equal(of, 3);
    assert_int_equal(dc_checkers_accused(&x.rows[0], DC_ON_OWN, false), 0);
    /* no: who refuses what is right, too, has caught nothing */
    assert_int_equal(dc_checkers_passed(&x, &x.rows[1], DC_ON_OWN, &of), 3);
    assert_int_equal(dc_checkers_accused(&x.rows[1], DC_ON_OWN, false), 10);
    assert_int_equal(dc_checkers_accused(&x.rows[1], DC_ON_OWN, true), 1);
    /* equal on exact data: all but the dilation, which its shapes lack */
    assert_int_equal(dc_checkers_passed(&x, &x.rows[2], DC_ON_OWN, &of), 1);
    assert_int_equal(dc_checkers_accused(&x.rows[2], DC_ON_OWN, false), 0);
    dc_checkers_close(&x);
}

/* On our shapes, too.  ONNX has integers, which TF32 does not round. */
static void it_measures_ours(void **unused)
{
    static const char *const ids[] = {"M016", "M212", "M211"};
    static const struct {
        const char *rule;
        bool own[3]; /* let through, by mutant; M211 is about 16 bits */
    } rows[] = {
        {"ONNX backend test", {false, true, false}},
        {"PyTorch OpInfo", {false, false, false}},
    };
    dc_rule rules[2];
    int numbers[3];
    const dc_checkers_plan plan = {.rules = rules,
                                   .n_rules = 2,
                                   .mutants = numbers,
                                   .n_mutants = numbers_of(ids, 3, numbers),
                                   .every = 80};
    dc_checkers x;

    (void)unused;
    for (int k = 0; k < 2; k++)
        rules[k] = *dc_rule_find(rows[k].rule);
    x = measure(&plan);
    for (int k = 0; k < 2; k++)
        for (int m = 0; m < 3; m++) {
            const dc_checkers_row *const row = &x.rows[k];
            const bool passed =
                row->visible[m] && !(row->caught[m] >> DC_ON_OWN & 1);

            if (passed != rows[k].own[m])
                fail_msg("%s on %s: %d", rows[k].rule, ids[m], passed);
        }
    assert_int_equal(x.rows[0].visible[2], 0); /* f32 alone */
    assert_true(x.rows[0].caught[0] >> DC_ON_OURS & 1);
    assert_true(x.rows[0].caught[1] >> DC_ON_OURS & 1);
    assert_true(x.rows[0].cases[DC_ON_REAL] > 0);
    assert_true(x.rows[0].cases[DC_ON_REAL] < x.rows[0].cases[DC_ON_OURS]);
    dc_checkers_close(&x);
}

/* The text of a file; freed by the caller. */
static char *slurp(const char *path)
{
    FILE *const f = fopen(path, "r");
    char *const text = calloc(1, 1 << 20);

    assert_non_null(f);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, f) < (1 << 20) - 1);
    fclose(f);
    return text;
}

static void it_writes(void **unused)
{
    char path[] = "/tmp/deconform-checkers-XXXXXX";
    int numbers[1];
    const char *const id = "M212";
    static const char *const names[] = {"ONNX backend test", "WPT",
                                        "PyTorch OpInfo"};
    dc_rule rules[3];
    dc_checkers_plan plan = {.rules = rules,
                             .n_rules = 3,
                             .mutants = numbers,
                             .n_mutants = numbers_of(&id, 1, numbers)};
    dc_error e = {.text = ""};
    char *text;

    (void)unused;
    for (int k = 0; k < 3; k++)
        rules[k] = *dc_rule_find(names[k]);
    close(mkstemp(path));
    assert_int_equal(dc_checkers_write(path, &plan, &e), DC_OK);
    text = slurp(path);
    unlink(path);
    for (int k = 0; k < 3; k++)
        assert_non_null(strstr(text, rules[k].source));
    for (int k = 0; k < dc_corrects_count; k++)
        assert_non_null(strstr(text, dc_corrects[k].name));
    assert_non_null(
        strstr(text, "| ONNX backend test | 1 / 1 | 0 / 10 | - | - | - | - |"));
    assert_non_null(strstr(text, "| WPT | 0 / 1 | 0 / 10 | - | - | - | - |"));
    assert_non_null(
        strstr(text, "| M212 f32 factors cut to 11 bits (TF32) | o |  |  |\n"));
    free(text);
    assert_int_equal(dc_checkers_write("/no/such/place", &plan, &e), DC_FAILED);
    assert_string_equal(
        e.text, "cannot write /no/such/place: No such file or directory");
    if (access("/dev/full", W_OK) == 0) {
        assert_int_equal(dc_checkers_write("/dev/full", &plan, &e), DC_FAILED);
        assert_non_null(strstr(e.text, "cannot write /dev/full"));
    }
}

/* Is the number at p, of n characters, in the text as a number? */
static bool has_number(const char *text, const char *p, size_t n)
{
    for (const char *at = text; *at; at++)
        if (strncmp(at, p, n) == 0 && !isdigit((unsigned char)at[n]) &&
            (at == text || !isdigit((unsigned char)at[-1])))
            return true;
    return false;
}

/* Each line of the page's table is one of the measurement, and each number of
 * its sentences is there. */
static void the_page_has_its_numbers(void **unused)
{
    char *const page = slurp(PAGE);
    char *const numbers = slurp(NUMBERS);
    int lines = 0;

    (void)unused;
    for (char *line = strtok(page, "\n"); line; line = strtok(NULL, "\n")) {
        lines++;
        if (*line == '|' && !strstr(numbers, line))
            fail_msg("not in " NUMBERS ": %s", line);
        for (const char *p = line; *line != '|' && *p;) {
            const size_t n = strspn(p, "0123456789");

            if (n && !has_number(numbers, p, n))
                fail_msg("%.*s is not in " NUMBERS, (int)n, p);
            p += n ? n : 1;
        }
    }
    assert_in_range(lines, 10, 30);
    free(page);
    free(numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_measures_extremes),
        cmocka_unit_test(it_measures_ours),
        cmocka_unit_test(it_writes),
        cmocka_unit_test(the_page_has_its_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
