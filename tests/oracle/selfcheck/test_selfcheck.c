/* SPDX-License-Identifier: MIT
 *
 * Does the self-check say "sound" only if it is true?  All steps run, the
 * published wrong values are refuted by name, and a judge that accuses a right
 * implementation, or that cannot run, gives another exit code.
 */
#include <sys/stat.h>

#include "tests/support/subject.h"

#include "oracle/selfcheck/selfcheck.h"

static char script[] = "/tmp/deconform-self-XXXXXX";

/* A stand-in for our own binary that hosts one plug-in for every mutant. */
static void write_script(void)
{
    char what[4096];
    const int fd = mkstemp(script);
    FILE *f;

    assert_true(fd >= 0);
    f = fdopen(fd, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\nexec '%s' host '%s'\n", path("BIN", "./deconform"),
            plugin(what, "judge_modes"));
    assert_int_equal(fchmod(fd, 0700), 0);
    assert_int_equal(fclose(f), 0);
}

/* An implementation whose every answer is FAILED stands for every mutant:
 * all are caught, and so is the clean one, which makes the judge unsound. */
static void test_accuses_the_innocent(void **state)
{
    static const char *const expected[] = {
        "refuted: lucid 2.2.2, nn.ConvTranspose1d, first example",
        "y printed [1, 2.5, 3.5, 1.5], right [1, 2.5, 4, 1.5]\n",
        "gx printed [1, 0.5, 0], right [1.5, 1.5, 1.5]\n",
        "gw printed [1, 2, 3], right [6, 6]\n",
        "\nok   known answers ",
        "\nok   sizes and counts ",
        "\nok   refusals ",
        "\nok   second reference ",
        "\nok   finite differences ",
        "\nok   edges of the verdict ",
        "\nFAIL mutants ",
        "the algorithm without a mutation is accused (status)\n",
        "\nself-check: the judge is NOT sound, ",
    };
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    dc_error e;

    (void)state;
    assert_non_null(to);
    mode("failed *");
    write_script();
    assert_int_equal(dc_selfcheck_run(to, script, &e), 1);
    fclose(to);
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++)
        if (!strstr(text, expected[k]))
            fail_msg("not there: %s\nin:\n%s", expected[k], text);
    free(text);
    unlink(script);
    mode("good");
    no_child("self-check");
}

/* A binary that does not start is a fault, not a verdict. */
static void test_cannot_run(void **state)
{
    dc_step s = {.to = stdout};

    (void)state;
    s.self = "/no/such/deconform";
    assert_int_not_equal(dc_selfcheck_mutants(&s), DC_OK);
    assert_non_null(strstr(s.fault, "/no/such/deconform"));
    assert_int_equal(s.wrong, 0);
}

/* The first that fails leaves its sentence; all are counted. */
static void test_expect(void **state)
{
    dc_step s = {.to = stdout};

    (void)state;
    assert_true(dc_selfcheck_expect(&s, true, "number %d", 1));
    assert_string_equal(s.fault, "");
    assert_false(dc_selfcheck_expect(&s, false, "number %d", 2));
    assert_false(dc_selfcheck_expect(&s, false, "number %d", 3));
    assert_string_equal(s.fault, "number 2");
    assert_int_equal(s.checks, 3);
    assert_int_equal(s.wrong, 2);
}

/* The power is written for the named mutants, with the thresholds of those that
 * have one. */
static void test_power(void **state)
{
    static const char *const expected[] = {
        "1 of 2 mutants failed at a case of the smoke tier",
        "| M016 | C16 | named |", "1 mutants are wrong from a threshold on",
        "| found exactly | 1 |", "| M525 | g = 33 | g = 33 | 32 | "};
    char file[] = "/tmp/deconform-power-XXXXXX";
    char command[512];

    (void)state;
    assert_true(mkstemp(file) >= 0);
    snprintf(command, sizeof command,
             "%s self-check --power %s M016 M525 >/dev/null",
             path("BIN", "./deconform"), file);
    assert_int_equal(system(command), 0);
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        snprintf(command, sizeof command, "grep -qF '%s' %s", expected[k],
                 file);
        if (system(command) != 0)
            fail_msg("not written: %s", expected[k]);
    }
    assert_int_equal(unlink(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accuses_the_innocent),
        cmocka_unit_test(test_cannot_run),
        cmocka_unit_test(test_expect),
        cmocka_unit_test(test_power),
    };

    reap_orphans();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
