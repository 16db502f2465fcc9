/* SPDX-License-Identifier: MIT
 *
 * Nobody who loses precision gets away: imprecise plug-ins fail with the right
 * word, from the command line.
 */
#include "tests/support/cli.h"

/* imprecise.so, judged in this way, ends with this code and says this. */
static void check_says(const char *way, const char *further, int code,
                       const char *says)
{
    char words[512];
    outcome o;

    mode(way);
    snprintf(words, sizeof words,
             "verify --no-shrink --timeout 120 --impl \"$P/imprecise.so\" %s",
             further);
    o = run(words);
    mode("");
    if (o.code != code || !strstr(o.out, says))
        fail_msg("%s, %s: exit %d, or not: %s\n%.3000s", way, further, o.code,
                 says, o.out);
    drop_outcome(&o);
}

static void test_imprecise(void **state)
{
    static const struct {
        const char *way;
        const char *match;
        const char *says;
    } rows[] = {
        {"tf32", "*", "(tf32, f16) (--declare tf32 allows that)"},
        {"bf16", "*", "rounded to 8 bits (bf16)"},
        {"f16-sum", "*", "as if the accumulator had about 11 bits (f16)"},
        {"20-serial", "*_int_*9", "as if the accumulator had about 20 bits"},
        {"20-lanes", "*_int_*9", "as if the accumulator had about 20 bits"},
        {"20-pairwise", "*_int_*9", "as if the accumulator had about 20 bits"},
        {"flush", "*_wide_*", "flushed to zero (--declare flush allows that)"},
        {"drop", "*", "as if one product were left out of each"},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        char words[128];

        snprintf(words, sizeof words,
                 "--tier ci --max-failures 12 --dtype f32 --match '%s' "
                 "--seed %d",
                 rows[r].match, (int)r + 1);
        check_says(rows[r].way, words, 1, rows[r].says);
    }
}

/* An accumulator of the storage type has its declaration named with it; one
 * that is much shorter has none. */
static void test_remedy(void **state)
{
    static const struct {
        const char *way;
        bool named;
    } rows[] = {{"f16-sum", true}, {"7-bits", false}};

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        outcome o;

        mode(rows[r].way);
        o = run("verify --no-shrink --timeout 120 --tier ci --max-failures 8 "
                "--dtype f16 --match '*_real_*' --impl \"$P/imprecise.so\"");
        mode("");
        if (o.code != 1 || !strstr(o.out, "as if the accumulator had about") ||
            !strstr(o.out, "(--accumulate f16 allows that)") == rows[r].named)
            fail_msg("%s: exit %d\n%.3000s", rows[r].way, o.code, o.out);
        drop_outcome(&o);
    }
}

/* Each declaration allows what it says and nothing more: a second part that is
 * never taken, a compensation that outlives its sum, and taps of zero beyond
 * those that fill the phases are wrong with it, too. */
static void test_beyond_declarations(void **state)
{
    static const struct {
        const char *way, *further, *says;
    } rows[] = {
        {"tf32x2", "--declare split", "allows that"},
        {"leaking", "--match '*_special_*' --declare compensated", "nan"},
        {"more-taps", "--match '*_special_*' --declare zero-taps", "nan"},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        char words[128];

        snprintf(words, sizeof words,
                 "--tier smoke --max-failures 2 --dtype f32 %s",
                 rows[r].further);
        check_says(rows[r].way, words, 1, rows[r].says);
    }
}

/* The grade is statistical: a warning, and a failure only if --strict. */
static void test_strict(void **state)
{
    static const char *const specs =
        "verify --no-shrink --impl \"$P/imprecise.so\" "
        "--case ci1500_i80_k1_f32_real_r1";
    char words[512];
    outcome o;

    (void)state;
    mode("20-serial");
    o = run(specs);
    if (o.code != 0 || !strstr(o.out, "WARN n1_ci1500") ||
        !strstr(o.out, "2 warnings: less precise than usual"))
        fail_msg("exit %d\n%.2000s", o.code, o.out);
    drop_outcome(&o);
    snprintf(words, sizeof words, "%s --op forward --strict", specs);
    o = run(words);
    if (o.code != 1 || !strstr(o.out, "grade: less precise than usual: "))
        fail_msg("exit %d\n%.2000s", o.code, o.out);
    drop_outcome(&o);
    mode("");
}

/* What the bound hides in long sums, and no result alone has elements enough to
 * show: all of them together do, and a large result by a part of it. */
static void test_grades(void **state)
{
    static const struct {
        const char *way, *words;
        int code;
        const char *says;
    } rows[] = {
        {"tf32-long",
         "--tier ci --dtype f32 --op grad_weight --match '*_real_*' --strict",
         1, "grades: less precise than usual in sums of 1025 to 4096 produc"},
        {"tf32-long", "--case n64_ci8_co8_i8x8_k3_f32_real --strict", 1,
         "grad_weight: grade: less precise than usual"},
        {"tf32-long",
         "--case n64_ci8_co8_i8x8_k3_f32_real --declare tf32 --strict", 0,
         "1 pass"},
        {"tf32", "--tier ci --dtype f32 --shard 1/24 --declare tf32 --strict",
         0, " 0 fail"},
        {"bf16",
         "--tier ci --dtype f32 --shard 1/24 --declare tf32 --max-failures 1",
         1, "FAIL "},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        check_says(rows[r].way, rows[r].words, rows[r].code, rows[r].says);
}

static void test_options(void **state)
{
    static const row rows[] = {
        {"verify --declare quick " ALONE, 2, "--declare quick: a list of"},
        {"verify --declare flush,, " ALONE, 2, "--declare : a list of"},
        {"verify --declare flush,tf32 --strict " ALONE, 0, " pass"},
        {"verify --accumulate f16 --case i3_k2_bf16", 2,
         "--accumulate f16 cannot hold the values of bf16"},
        {"verify --accumulate f16 --dtype f32 " ALONE, 2, "cannot hold"},
        {"verify --accumulate f80 " ALONE, 2, "f64, f32, f16 or bf16"},
        {"show i3_k2 --prove", 0, "structure forward: proven"},
        {"show --prove --impl mutant:M016 i3_k2_s2", 1, "REFUTED"},
        {"show --prove --impl nowhere i3_k2", 2, "nowhere"},
        {"show --quick i3_k2", 2, "unknown option --quick"},
        {"show --prove", 2, "a case string is missing"},
        {"verify --impl \"pipe:read l; echo '{\\\"id\\\":0,\\\"status\\\":"
         "\\\"ok\\\",\\\"name\\\":\\\"a\\\",\\\"version\\\":\\\"1\\\","
         "\\\"declares\\\":[\\\"magic\\\"]}'; cat >/dev/null\" " ALONE,
         2, "magic"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

/* The distribution, the precision and the policies, for machines. */
static void test_json(void **state)
{
    static const char *const keys[] = {"\"ratio_edges\":[0.0,0.001953125,",
                                       "\"ratios\":{\"forward\":{\"int\":",
                                       "\"precision\":{\"f",
                                       "\"zeros\":{\"input zero\":",
                                       "\"proven\":12",
                                       "\"warnings\":0"};
    outcome o = run("verify --tier smoke --json $T/j");
    char *text = slurp("j");

    (void)state;
    assert_int_equal(o.code, 0);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        if (!strstr(text, keys[k]))
            fail_msg("no %s in the summary", keys[k]);
    free(text);
    drop_outcome(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_imprecise),
        cmocka_unit_test(test_remedy),
        cmocka_unit_test(test_beyond_declarations),
        cmocka_unit_test(test_strict),
        cmocka_unit_test(test_grades),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_json),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
