/* SPDX-License-Identifier: MIT
 *
 * Nobody who is right is accused: unusual plug-ins pass, on every family, from
 * the command line.
 */
#include "tests/support/cli.h"

/* Parts of the smoke tier, so that the whole stays a matter of seconds. */
static void check_passes(const char *way, int seed, const char *further)
{
    char words[512];
    outcome o;

    mode(way);
    snprintf(words, sizeof words,
             "verify --tier smoke --no-shrink --timeout 120 --impl "
             "\"$P/unusual.so\" "
             "--seed %d --shard %d/4 %s",
             seed, 1 + seed % 4, further);
    o = run(words);
    mode("");
    if (o.code != 0 || strstr(o.out, "WARN"))
        fail_msg("%s: exit %d\n%.3000s\n%.500s", way, o.code, o.out, o.err);
    drop_outcome(&o);
}

static void test_unusual(void **state)
{
    static const struct {
        const char *way, *further;
    } rows[] = {
        {"serial", ""},
        {"bias-first", ""},
        {"reversed", ""},
        {"pairwise", "--accumulate f64 --dtype f64"},
        {"pairwise", ""},
        {"blocked", ""},
        {"kahan", ""},
        {"double", "--accumulate f64 --dtype f32,f16,bf16"},
        {"double", ""},
        {"fma", ""},
        {"bias-on-stored", ""},
        {"random", "--declare nondeterministic"},
        {"zero-insertion", ""},
        {"zero-stuffing", ""},
        {"phases", ""},
        {"phases", "--declare transform,flush,truncating"},
        {"compensated", "--declare compensated"},
        {"tf32x3", "--declare split --dtype f32"},
        {"bf16x9", "--declare split --dtype f32"},
        {"zero-taps", "--declare zero-taps"},
    };

    (void)state;
    for (int k = 0; k < (int)(sizeof rows / sizeof *rows); k++)
        check_passes(rows[k].way, k + 1, rows[k].further);
}

/* The treatment of zeros that meet NaN is reported, class by class. */
static void test_policies(void **state)
{
    static const struct {
        const char *way;
        const char *says[3];
    } rows[] = {
        {"serial",
         {"input zero times NaN or infinity: forward never",
          "border zero times NaN or infinity: forward never, grad_input never",
          "value zero times NaN or infinity: forward always"}},
        {"zero-stuffing",
         {"input zero times NaN or infinity: forward always",
          "kernel zero times NaN or infinity: forward always",
          "border zero times NaN or infinity: forward always"}},
        {"phases",
         {"input zero times NaN or infinity: forward never",
          "kernel zero times NaN or infinity: forward never", "border zero"}},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        outcome o;

        mode(rows[r].way);
        o = run("verify --tier ci --no-shrink --dtype f32 --shard 1/3 "
                "--timeout 120 "
                "--match '*_special_*' --impl \"$P/unusual.so\"");
        mode("");
        for (int k = 0; k < 3; k++)
            if (o.code != 0 || !strstr(o.out, rows[r].says[k]))
                fail_msg("%s: exit %d, or not: %s\n%.3000s", rows[r].way,
                         o.code, rows[r].says[k], o.out);
        drop_outcome(&o);
    }
}

/* Not declared, random order is found out by its repeat. */
static void test_random_undeclared(void **state)
{
    outcome o;

    (void)state;
    mode("random");
    o = run("verify --tier smoke --no-shrink --max-failures 3 --dtype f32 "
            "--match '*_real_*' --impl \"$P/unusual.so\"");
    mode("");
    assert_int_equal(o.code, 1);
    assert_non_null(strstr(o.out, "repeat: the same call again gave other"));
    drop_outcome(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unusual),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_random_undeclared),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
