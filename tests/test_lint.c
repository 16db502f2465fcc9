/* SPDX-License-Identifier: MIT
 *
 * Does lint notice an include against the direction of the rooms?  Plants one
 * in a copy of the tree, in each folder, and expects to be told of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/shell.h"

static shell sh;

/* Runs a command in the copy of the tree. */
static int in_copy(const char *command)
{
    char line[1024];

    snprintf(line, sizeof line, "cd $H/tree && { %s\n}", command);
    return shell_run(&sh, line);
}

/* Writes `from`, which includes `to`; is it named as against the direction? */
static void plant(const char *from, const char *to, int against)
{
    char command[512];
    char told[256];

    snprintf(command, sizeof command,
             "test -f %s && mkdir -p $(dirname %s) && printf '#include "
             "\"%s\"\\n' >%s && "
             "sh tests/lint.sh rooms; code=$?; rm %s; exit $code",
             to, from, to, from, from);
    snprintf(told, sizeof told, "%.120s->%.120s", from, to);
    if (in_copy(command) != against || !strstr(sh.said, told) != !against)
        fail_msg("%s: %s", told, sh.said);
}

static void the_tree_keeps_its_direction(void **unused)
{
    (void)unused;
    assert_int_equal(in_copy("sh tests/lint.sh rooms"), 0);
}

static void each_folder_is_watched(void **unused)
{
    char folders[8192];
    int count = 0;

    (void)unused;
    assert_int_equal(in_copy("find ref cases fast oracle -name '*.[ch]' | "
                             "sed 's|/[^/]*$||' | sort -u"),
                     0);
    snprintf(folders, sizeof folders, "%.8000s", sh.said);
    for (char *at = strtok(folders, "\n"); at; at = strtok(NULL, "\n")) {
        char from[256];

        snprintf(from, sizeof from, "%.200s/planted.h", at);
        plant(from, "tests/support/shell.h", 1);
        count++;
    }
    assert_true(count >= 20);
}

static void a_floor_sees_lower_ones_alone(void **unused)
{
    static const struct {
        const char *from;
        const char *to;
        int against;
    } rows[] = {
        {"ref/planted.c", "cases/random.h", 1},
        {"ref/deep/down/planted.c", "cases/random.h", 1},
        {"cases/random.c", "cases/data/data.h", 1},
        {"cases/data/planted.c", "cases/catalog/catalog.h", 1},
        {"cases/data/planted.c", "cases/random.h", 0},
        {"cases/space/planted.c", "cases/pack/pack.h", 1},
        {"cases/pack/planted.c", "cases/data/data.h", 0},
        {"cases/planted.c", "oracle/base/pool.h", 1},
        {"fast/planted.c", "ref/deconform.h", 0},
        {"fast/planted.c", "ref/problem.h", 1},
        {"fast/template/planted.h", "fast/fast.c", 1},
        {"oracle/base/planted.c", "oracle/truth/bound.h", 1},
        {"oracle/base/planted.c", "fast/fast.h", 1},
        {"oracle/mutants/planted.c", "cases/data/data.h", 1},
        {"oracle/truth/planted.c", "oracle/subject/endpoint.h", 1},
        {"oracle/subject/planted.c", "oracle/truth/bound.h", 1},
        {"oracle/truth/planted.c", "fast/fast.h", 0},
        {"oracle/truth/planted.c", "fast/plan.h", 1},
        {"oracle/judge/planted.c", "oracle/explain/diagnosis.h", 1},
        {"oracle/judge/planted.c", "fast/fast.h", 1},
        {"oracle/explain/planted.c", "oracle/report/report.h", 1},
        {"oracle/explain/deep/planted.c", "oracle/report/report.h", 1},
        {"oracle/report/planted.c", "oracle/selfcheck/matrix.h", 1},
        {"oracle/report/planted.c", "oracle/explain/diagnosis.h", 0},
        {"oracle/selfcheck/planted.c", "oracle/bench/bench.h", 1},
        {"oracle/bench/planted.c", "oracle/fingerprint/tree.h", 1},
        {"oracle/fingerprint/planted.c", "oracle/verbs/verbs.h", 1},
        {"oracle/verbs/planted.c", "oracle/adapters/onednn_internal.h", 1},
        {"oracle/adapters/planted.c", "oracle/truth/bound.h", 1},
        {"oracle/adapters/planted.c", "oracle/bench/bench_plugin.h", 0},
        {"elsewhere/planted.c", "ref/ref.h", 0}, /* no room of ours */
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        plant(rows[r].from, rows[r].to, rows[r].against);
}

static void relative_paths_are_resolved(void **unused)
{
    (void)unused;
    assert_int_equal(
        in_copy("printf '#include \"../verbs/verbs.h\"\\n' "
                ">oracle/judge/planted.c && sh tests/lint.sh rooms; code=$?; "
                "rm oracle/judge/planted.c; exit $code"),
        1);
    assert_non_null(
        strstr(sh.said, "oracle/judge/planted.c->oracle/verbs/verbs.h"));
}

static int open_copy(void **unused)
{
    (void)unused;
    return shell_open(&sh) != 0 ||
           shell_run(&sh, "mkdir $H/tree && tar cf - ref cases fast oracle "
                          "tests/lint.sh tests/support | "
                          "tar xf - -C $H/tree") != 0;
}

static int close_copy(void **unused)
{
    (void)unused;
    shell_close(&sh);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_keeps_its_direction),
        cmocka_unit_test(each_folder_is_watched),
        cmocka_unit_test(a_floor_sees_lower_ones_alone),
        cmocka_unit_test(relative_paths_are_resolved),
    };

    return cmocka_run_group_tests(tests, open_copy, close_copy);
}
