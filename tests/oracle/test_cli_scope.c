/* SPDX-License-Identifier: MIT
 *
 * Scopes on the command line: what is asked inside, and what is said about a
 * scope that is wrong or small.
 */
#include "tests/support/cli.h"

static void test_wrong(void **state)
{
    static const row rows[] = {
        {"verify --scope rank=2,q=1", 2, "no field has this name"},
        {"verify --scope g=1,g=2", 2, "the scope is empty: g cannot be 1"},
        {"verify --scope op=3,s=2,d=1", 2, "the scope is empty: op = 3"},
        {"verify --scope k=3 --case i4_k2", 2,
         "outside --scope k=3: see its k"},
        {"verify --scope rank=1 --case alternate:n", 2, "see its problems"},
        {"verify --scope dtype=f16 --dtype f32", 2,
         "the scope is empty: its storage type is not one of --dtype"},
        {"cases --scope k=3 --certificate", 2, "leave out --scope"},
        {"cases --scope rank=0", 2, "the scope is empty: rank cannot be"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

static void test_asked(void **state)
{
    static const row rows[] = {
        {"verify --scope rank=2,g=1,d=1 --tier smoke --match '*_int_*'", 0,
         "f64 f32; not offered: f16 bf16, scope rank=2,g=1,d=1\n"},
        {"verify --scope k=3 --case i4_k3", 0, "scope k=3\n"},
        {"verify --scope dtype=f32,rank=3 --tier smoke --match '*_int_*'", 0,
         "judged in f32, scope dtype=f32,rank=3\n"},
        {"verify --tier smoke --op forward --match '*f32_int_*' --scope "
         "rank=1,g=1,ci=1,co=1,n=1,u=0,i=1,k=1,s=1,d=1,p=0",
         0, "(it holds "},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

/* `cases` prints as many inside as the tier has, or says how many there are. */
static void test_cases(void **state)
{
    outcome o = run("cases --tier smoke --scope rank=2,g=1 --match '*_*'");
    const int whole = lines_of(o.out);

    (void)state;
    assert_string_equal(o.err, "");
    drop_outcome(&o);
    o = run("cases --tier smoke --match '*_*'");
    assert_in_range(lines_of(o.out), whole, whole + 8);
    drop_outcome(&o);
    o = run("cases --tier smoke --scope "
            "rank=1,g=1,ci=1,co=1,n=1,i=1,k=1,s=1,d=1,p=0");
    if (o.code != 0 || !strstr(o.err, "the scope holds ") ||
        !strstr(o.err, " fewer than the tier asks\n"))
        fail_msg("exit %d\n%s", o.code, o.err);
    drop_outcome(&o);
}

/* A kernel of rank 2 alone: the summary says why the rest is unsupported, and
 * which scope to ask; --at-least decides how much must be computed. */
static void test_part(void **state)
{
    static const row rows[] = {
        {"", 0, "unsupported: rank 1: 109, rank 3: 54\n  --scope 'rank=2'"},
        {"--scope rank=2 --at-least 100%", 0, ", 0 unsupported, "},
        {"--at-least 200", 0, "unsupported: rank 1: 109"},
        {"--at-least 80%", 1,
         "FAIL only 241 of 404 legal cases were computed, and --at-least 80% "
         "demands 324\n"},
        {"--at-least 242", 1, "--at-least 242 demands 242\n"},
        {"--at-least 101%", 2, "a number of cases, or a share as 80%"},
        {"--at-least 0", 2, "a number of cases, or a share as 80%"},
        {"--at-least 5%x", 2, "a number of cases, or a share as 80%"},
    };

    (void)state;
    mode("2d");
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char words[256];
        row whole = rows[k];

        snprintf(words, sizeof words,
                 "verify --impl \"$P/offers.so\" --tier smoke --op forward %s",
                 rows[k].words);
        whole.words = words;
        check_rows(&whole, 1);
    }
    mode("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_part),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
