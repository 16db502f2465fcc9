/* SPDX-License-Identifier: MIT
 *
 * The command line as a user meets it: every verb, every option, good and
 * bad, the exit code, and one sentence for each mistake.
 */
#include "tests/support/cli.h"

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

static void test_verbs(void **state)
{
    static const row rows[] = {
        {"", 0, "usage: "},
        {"help", 0, "self-check"},
        {"help verify", 0, "--max-failures N"},
        {"help nothing", 2, "help: unknown verb nothing"},
        {"--help", 0, "usage: "},
        {"verify --help", 0, "--max-failures N"},
        {"verify --tier smoke -h", 0, "--max-failures N"},
        {"verify --match -h --case i3_k2", 2, "no case is left"},
        {"cases --match --help", 2, "no case is left"},
        {"verify -- --help", 2, "verify: unexpected argument --help"},
        {"cases -h", 0, "--certificate"},
        {"-h", 0, "usage: "},
        {"version", 0, "deconform 0"},
        {"--version", 0, ", ABI 1\n"},
        {"nothing", 2, "unknown verb nothing; try `"},
        {"''", 2, "unknown verb ;"},
        {"Verify", 2, "unknown verb Verify"},
        {"--tier ci", 2, "unknown verb --tier"},
        {"vectors", 2, "vectors"},
        {"judge", 2, "judge"},
        {"merge", 2, "unknown verb merge"},
        {"self-check now", 2, "deconform: self-check: "},
        {"self-check --checkers /no/such/file M016", 2,
         "cannot write /no/such/file: No such file or directory"},
        {"self-check --checkers /dev/null M999", 2, "no mutant has the name"},
        {"host", 2, "host: for internal use"},
        {"show", 2, "show: a case string is missing"},
        {"show " CASE, 0, "o = (i-1)*s - pb - pe + d*(k-1) + op + 1"},
        {"show " CASE " i3x3_k2", 0, "i3x3"},
        {"show i3", 2, "k is required"},
        {"cases --tier smoke", 0, "_f32_int_r"},
        {"cases --tier smoke --match K1S2", 0, "n1_ci1_co1_g1_i1x2_k1x1_s2x2"},
        {"cases --case i3_k2 --case i4_k2", 0, "i3_k2"},
        {"cases --dtype f16 --tier smoke --seed 3", 0, "_f16_"},
        {"cases --impl fast", 2, "cases: unknown option --impl"},
        {"cases --jobs=2", 2, "cases: unknown option --jobs"},
        {"cases --match nothing", 2, "no case is left after the filters"},
        {"cases i3_k2", 2, "cases: unexpected argument i3_k2"},
    };

    (void)state;
    CHECK(rows);
}

static void test_good_options(void **state)
{
    static const row rows[] = {
        {"verify " ALONE, 0, "deconform: 2 cases, 2 pass, 0 fail, 0 uns"},
        {"verify --impl fast " ALONE, 0, "2 pass"},
        {"verify --impl=fast " ALONE, 0, "2 pass"},
        {"verify " ALONE "--dtype f32", 0, "1 cases, 1 pass"},
        {"verify " ALONE "--dtype f64,f32", 0, "2 cases, 2 pass"},
        {"verify " ALONE "--op forward", 0, "2 pass"},
        {"verify " ALONE "--op grad_bias,grad_input", 0, "2 pass"},
        {"verify " ALONE "--seed 0", 0, "seed 0, "},
        {"verify " ALONE "--seed 9223372036854775807", 0,
         "seed 9223372036854775807, "},
        {"verify " ALONE "--shard 1/1", 0, "2 pass"},
        {"verify " ALONE "--shard 2/2", 0, "1 pass"},
        {"verify " ALONE "--jobs 1", 0, "2 pass"},
        {"verify " ALONE "--jobs 256", 0, "2 pass"},
        {"verify " ALONE "--timeout 30", 0, "2 pass"},
        {"verify " ALONE "--timeout 86400", 0, "2 pass"},
        {"verify " ALONE "--max-failures 0", 0, "2 pass"},
        {"verify " ALONE "--max-failures 1", 0, "2 pass"},
        {"verify " ALONE "--dtype f32 --accumulate f64", 0, "1 pass"},
        {"verify " ALONE "--accumulate f64", 0, "judged in f64 f32"},
        {"verify --case " CASE, 0, "judged as the cases say\n"},
        {"verify --case " CASE " --case n0_i3_k2", 0, "2 cases, 2 pass"},
        {"verify --case " CASE " --dtype f32", 0, "1 cases, 1 pass"},
        {"verify --case alternate:pad --dtype f32", 0, "1 cases, 1 pass"},
        {"verify --case " CASE " --match 'n1_*_f32_*'", 0, "1 pass"},
        {"verify --tier smoke --match 'n1_ci1_co1_g1_i1x2_*'", 0, "2 pass"},
        {"verify " ALONE "--dtype f16", 77, "1 unsupported"},
        {"verify --impl \"$P/judge_modes.so\" " ALONE, 0, "modes 1, judged"},
        {"verify --impl mutant:clean " ALONE, 0, "4 cases, 4 pass"},
    };

    (void)state;
    mode("right");
    CHECK(rows);
    no_child("good options");
}

static void test_bad_options(void **state)
{
    static const row rows[] = {
        {"verify --nothing", 2, "verify: unknown option --nothing"},
        {"verify -x", 2, "verify: unknown option -x"},
        {"verify -xyz", 2, "verify: unknown option -x"},
        {"verify extra", 2, "verify: unexpected argument extra"},
        {"verify " ALONE " -- extra", 2, "unexpected argument extra"},
        {"verify --tier", 2, "verify: --tier needs a value"},
        {"verify --strict=1", 2, "verify: --strict takes no value"},
        {"verify --tier now", 2, "--tier now: smoke, ci"},
        {"verify --tier ''", 2, "--tier : smoke"},
        {"verify --m 3", 2, "unknown option"},
        {"verify --case i3", 2, "k is required"},
        {"verify --case ''", 2, "an empty token"},
        {"verify --case i3_k2_q7", 2, "an unknown key in 'q7'"},
        {"verify --case i3_k2_i4", 2, "a repeated key in 'i4'"},
        {"verify --case i99999999999999999999_k2", 2, "does not fit 64 bits"},
        {"verify --case i9223372036854775807_k2_s2", 2, "deconform: "},
        {"verify --case i3_k2_s0", 2, "verify: s on axis w"},
        {"verify --case i3_k2_op1", 2, "verify: op"},
        {"verify --case i3x3_k2x2x2", 2, "k has 3 numbers where i has 2"},
        {"verify --case i300000000_k1", 2, "more than 2^28 elements"},
        {"verify --case " CASE " --dtype f64", 2, "no case is left after the"},
        {"verify --tier smoke --match nothing", 2, "no case is left after the"},
        {"verify --match ''", 2, "no case is left after the filters"},
        {"verify --dtype f8", 2, "--dtype f8: a list of f64, f32, f16, bf16"},
        {"verify --dtype f32,", 2, "--dtype f32,: a list of"},
        {"verify --dtype f32,f32", 2, "a type is named twice"},
        {"verify --dtype ''", 2, "a list of f64"},
        {"verify --op backward", 2, "--op backward: a list of forward"},
        {"verify --op forward,,grad_bias", 2, "a list of forward"},
        {"verify --op ''", 2, "a list of forward"},
        {"verify --seed -1", 2, "--seed -1: a whole number"},
        {"verify --seed 9223372036854775808", 2, "a whole number below 2^63"},
        {"verify --seed 1x", 2, "a whole number"},
        {"verify --seed ''", 2, "a whole number"},
        {"verify --shard 0/2", 2, "--shard 0/2: K/N with 1 <= K <= N"},
        {"verify --shard 3/2", 2, "K/N with"},
        {"verify --shard 1", 2, "K/N with"},
        {"verify --shard 1/", 2, "K/N with"},
        {"verify --shard /2", 2, "K/N with"},
        {"verify --shard 1/2/3", 2, "K/N with"},
        {"verify " ALONE "--shard 9/9", 2, "shard 9/9 holds no case"},
        {"verify --jobs 0", 2, "--jobs 0: a number of 1..256"},
        {"verify --jobs 257", 2, "a number of 1..256"},
        {"verify --jobs two", 2, "a number of 1..256"},
        {"verify --timeout 0", 2, "--timeout 0: seconds between"},
        {"verify --timeout -3", 2, "seconds between"},
        {"verify --timeout nan", 2, "seconds between"},
        {"verify --timeout inf", 2, "seconds between"},
        {"verify --timeout 3s", 2, "seconds between"},
        {"verify --max-failures -1", 2, "--max-failures -1: a whole number"},
        {"verify --accumulate f8", 2, "--accumulate f8: f64, f32, f16"},
        {"verify --accumulate f16 --dtype bf16", 2, "cannot hold the values"},
        {"verify --accumulate f32 --dtype f64", 2,
         "--accumulate f32 cannot hold the values of f64"},
        {"verify --accumulate f32", 2, "cannot hold the values of f64"},
        {"verify --accumulate f32 --case i3_k2_f64", 2, "values of f64"},
        {"verify " ALONE "--json /no/such/file", 2,
         "cannot write /no/such/file: No such file or directory"},
        {"verify " ALONE "--junit /no/such/file", 2,
         "cannot write /no/such/file"},
        {"verify " ALONE "--json /dev/null --junit /no/such", 2,
         "cannot write /no/such"},
        {"verify " ALONE "--json $T/x --junit $T/x", 2,
         "--json and --junit name the same file"},
        {"verify " ALONE "--json /dev/full", 2, "cannot write /dev/full"},
        {"verify " ALONE "--junit /dev/full", 2, "cannot write /dev/full"},
        {"verify " ALONE ">/dev/full", 2, "cannot write standard output"},
        {"cases --tier smoke >/dev/full", 2, "cannot write standard output"},
        {"show i3_k2 >/dev/full", 2, "cannot write standard output"},
        {"verify --tap", 2, "verify: unknown option --tap"},
        {"verify --declare nonsense " ALONE, 2, "deconform: "},
    };

    (void)state;
    CHECK(rows);
    no_child("bad options");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verbs),
        cmocka_unit_test(test_good_options),
        cmocka_unit_test(test_bad_options),
    };

    reap_orphans();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
