/* SPDX-License-Identifier: MIT
 *
 * Kernels that offer a part of the contract, or trust their arguments, as a
 * run meets them.
 */
#include "tests/support/cli.h"

/* What is offered anywhere is found out and judged; a row of the table says how
 * often. */
static void test_offered(void **state)
{
    static const struct {
        const char *mode;
        int code;
        const char *says[3];
    } rows[] = {
        {"2d", 0, {"judged in f64 f32; not offered: f16 bf16", "  f32  2d "}},
        {"2d-f64", 1, {"judged in f64 f32;", "FAIL n1_", "  f64  2d "}},
        {"2d-f16", 1, {"judged in f16; not offered: f64 f32 bf16"}},
        {"wide", 77, {"judged in f64 f32;", " 0/", " 0 pass, 0 fail"}},
        {"refuses", 77, {"not offered: f64 f32 f16 bf16", " 0/", " 0 fail"}},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const bool illegal = strcmp(rows[k].mode, "wide") != 0;
        char words[256];
        outcome o;

        mode(rows[k].mode);
        snprintf(words, sizeof words,
                 "verify --impl \"$P/offers.so\" --tier smoke --op forward "
                 "--no-shrink%s",
                 illegal ? "" : " --match 'K1S*'");
        o = run(words);
        for (int t = 0; t < 3 && rows[k].says[t]; t++)
            if (o.code != rows[k].code || !strstr(o.out, rows[k].says[t]))
                fail_msg("%s: exit %d, no \"%s\"\n%s\n%s", rows[k].mode, o.code,
                         rows[k].says[t], o.out, o.err);
        drop_outcome(&o);
        no_child(rows[k].mode);
    }
    mode("");
}

/* Who offers nothing is told so in a sentence, whichever way it is said. */
static void test_nothing(void **state)
{
    static const struct {
        const char *mode, *words;
    } rows[] = {
        {"load-none", "--impl \"$P/misbehave.so\" --tier smoke"},
        {"load-none", "--impl \"$P/misbehave.so\" --case " CASE},
        {"refuses", "--impl \"$P/offers.so\" --tier smoke"},
        {"", "--impl pipe:oracle/adapters/sample.py --op grad_input "
             "--tier smoke --match 'K1S*'"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char words[256];
        outcome o;

        mode(rows[k].mode);
        snprintf(words, sizeof words, "verify %s", rows[k].words);
        o = run(words);
        if (o.code != 77 || strstr(o.out, "judged in") ||
            !strstr(o.out, "nothing could be judged: each of the ") ||
            !strstr(o.out, " 0 fail, "))
            fail_msg("%s: exit %d\n%s\n%s", words, o.code, o.out, o.err);
        drop_outcome(&o);
    }
    mode("");
}

/* Scenarios have the type that is offered most generally. */
static void test_first_type(void **state)
{
    outcome o;

    (void)state;
    mode("f64-wide");
    o = run("verify --impl \"$P/offers.so\" --op forward "
            "--match alternate:pad");
    if (o.code != 0 || !strstr(o.out, "judged in f64 f32;") ||
        !strstr(o.out, "1 cases, 1 pass"))
        fail_msg("exit %d\n%s\n%s", o.code, o.out, o.err);
    drop_outcome(&o);
    mode("");
}

/* An implementation that trusts its arguments has one finding, and none if it
 * says so. */
static void test_trusting(void **state)
{
#define OFFERS "verify --impl \"$P/offers.so\" --tier smoke --op forward "
    const char *first;
    outcome o;

    (void)state;
    mode("trusting");
    o = run(OFFERS);
    first = strstr(o.out, "FAIL refuse:");
    if (o.code != 1 || !first || strstr(first + 1, "FAIL refuse:") ||
        !strstr(o.out, " illegal problems were not refused (") ||
        !strstr(o.out, " answered, 1 crashed, 0 hung): RANK0, RANK4, ") ||
        !strstr(o.out, "run with --trusting"))
        fail_msg("exit %d\n%s\n%s", o.code, o.out, o.err);
    drop_outcome(&o);
    o = run(OFFERS "--trusting");
    if (o.code != 0 || strstr(o.out, "illegal"))
        fail_msg("exit %d\n%s\n%s", o.code, o.out, o.err);
    drop_outcome(&o);
    o = run(OFFERS "--trusting --case refuse:G0");
    assert_int_equal(o.code, 2);
    assert_non_null(strstr(o.err, "--case refuse:G0 is an illegal problem"));
    drop_outcome(&o);
    no_child("illegal problems");
    mode("");
}

/* Who refuses illegal problems, and is spoilt by them, has other findings. */
static void test_spoilt(void **state)
{
    outcome o = run("verify --impl mutant:M634 --match 'refuse:*G1*'");

    (void)state;
    if (o.code != 1 || strstr(o.out, "were not refused") ||
        !strstr(o.out, "grad_weight: alternation: another answer after an "
                       "illegal problem (s >= 1"))
        fail_msg("exit %d\n%s\n%s", o.code, o.out, o.err);
    drop_outcome(&o);
    no_child("spoilt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offered),    cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_first_type), cmocka_unit_test(test_trusting),
        cmocka_unit_test(test_spoilt),
    };

    reap_orphans();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
