/* SPDX-License-Identifier: MIT
 *
 * Two threads at once, from the command line: who does not bear them is
 * accused with the right word, and nobody else.
 */
#include "tests/support/cli.h"

/* Parts of the smoke tier in the forward of reentrant_modes.c. */
#define PLUGIN                                                                 \
    "verify --tier smoke --no-shrink --timeout 120 --op forward "              \
    "--impl \"$P/reentrant_modes.so\" "
#define PART PLUGIN "--match 'n2_*_f32_*' "

static void check(const char *way, const char *words, int code,
                  const char *says)
{
    outcome o;

    mode(way);
    o = run(words);
    mode("");
    if (o.code != code || !strstr(code == 2 ? o.err : o.out, says))
        fail_msg("%s: %s\nexit %d, not %d, or no text: %s\n%.3000s\n%.500s",
                 way, words, o.code, code, says, o.out, o.err);
    drop_outcome(&o);
}

static void test_right(void **state)
{
    static const char *const ways[] = {"good", "locked", "own-plan"};

    (void)state;
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++)
        check(ways[k], PART "--reentrant", 0, " 0 fail");
    check("",
          "verify --tier smoke --impl fast --reentrant "
          "--match 'n2_*'",
          0, " 0 fail");
}

/* It is not demanded of anybody who was not asked. */
static void test_not_asked(void **state)
{
    static const char *const ways[] = {"static", "bound", "hangs"};

    (void)state;
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++)
        check(ways[k], PART, 0, " 0 fail");
}

static void test_wrong(void **state)
{
    static const struct {
        const char *way;
        const char *says;
    } rows[] = {
        {"static",
         "reentrant: an element of y has other bits with two threads inside at "
         "once, the second asked with i halved and s + 1, than alone"},
        {"bound", "reentrant: answered FAILED in a second thread"},
        {"aborts",
         "reentrant: forward died by SIGABRT with two threads inside at once"},
        {"stray", "outside: the call wrote just past the end of y with two "
                  "threads inside at once: 0x"},
        {"other-order", "reentrant: an element of y has other bits with two "
                        "threads inside at once than alone"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        check(rows[k].way, PART "--reentrant --max-failures 2", 1,
              rows[k].says);
    check("hangs",
          "verify --no-shrink --timeout 0.5 --op forward --reentrant "
          "--impl \"$P/reentrant_modes.so\" --case i9_k3",
          1,
          "hung: forward gave no answer within 2 s, alone and with two threads "
          "inside");
}

/* Declared nondeterministic, bits do not count, but values do. */
static void test_nondeterministic(void **state)
{
    (void)state;
    check("other-order",
          PLUGIN "--reentrant --declare nondeterministic "
                 "--case ci8_co2_i6_k3_f32_real_r1",
          0, " 0 fail");
    check("static",
          PART "--reentrant --declare nondeterministic --max-failures 2", 1,
          "(only at other addresses of the tensors, or in two threads)");
}

/* A finding is reproduced by its command, on a smallest case. */
static void test_reproduced(void **state)
{
    (void)state;
    check("bound",
          "verify --reentrant --op forward --timeout 120 "
          "--impl \"$P/reentrant_modes.so\" --case n2_ci2_co2_i5x4_k3_f32_int",
          1,
          "reentrant_modes.so --reentrant --timeout 120 --op forward --case "
          "n1_ci1_co1_g1_i1_k1_s1_d1_pb0_pe0_op0_b0_f32_");
}

static void test_pipe(void **state)
{
    (void)state;
    check("",
          "verify --impl \"pipe:python3 tests/pipes/answer.py\" --reentrant", 2,
          "--reentrant is asked of plug-ins, and pipe:python3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_not_asked),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_nondeterministic),
        cmocka_unit_test(test_reproduced),
        cmocka_unit_test(test_pipe),
    };

    return cmocka_run_group_tests_name("reentrant", tests, set_up, tear_down);
}
