/* SPDX-License-Identifier: MIT
 *
 * Are golden values those of MPFR whichever rung settled them, are packs the
 * same bytes every time, and are they complete or not there?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <mpfr.h>

#include "../cases/data.h"
#include "../oracle/crew.h"
#include "../oracle/golden.h"
#include "../oracle/vectors_plan.h"
#include "../ref/exact.h"
#include "../ref/format.h"
#include "shell.h"

static shell sh;

/* ==== Values ============================================================ */

static void intervals_settle(void **state)
{
    static const struct {
        int dtype;
        double hi, lo, radius;
        int settles;
        double value;
    } rows[] = {
        {DC_F64, 1, 0x1p-60, 0x1p-70, 1, 1},
        {DC_F64, 1, 0x1p-53, 0x1p-90, 0, 0}, /* a tie, and both its sides */
        {DC_F64, 1, 0x1p-53 + 0x1p-70, 0x1p-90, 1, 1 + 0x1p-52},
        {DC_F64, 1, -0x1p-54, 0x1p-90, 0, 0}, /* closer below a power of 2 */
        {DC_F64, 0, 0, 0x1p-1070, 0, 0},      /* +0 or -0? */
        {DC_F64, 0x1p-53, 1, 0x1p-90, 0, 0},  /* lo may be the larger */
        {DC_F32, 1, 0x1p-40, 0x1p-50, 1, 1},
        {DC_F32, 1 + 0x1p-24, 0, 0x1p-90, 0, 0},
        {DC_F32, 1 + 0x1p-24, 0x1p-70, 0x1p-90, 0, 0}, /* too coarse: MPFR */
        {DC_F32, 1 + 0x1p-24 + 0x1p-40, 0, 0x1p-60, 1, 1 + 0x1p-23},
        {DC_F16, 65519, 0, 0x1p-20, 1, 65504},
        {DC_F16, 65520, 0, 0x1p-20, 0, 0},
        {DC_F16, 70000, 0, 0x1p-20, 0, 0}, /* infinite: MPFR */
        {DC_BF16, 3, 0, 0.5, 0, 0},
        {DC_F32, INFINITY, 0, 1, 0, 0},
        {DC_F32, 1, NAN, 1, 0, 0},
        {DC_F32, 1, 0, INFINITY, 0, 0},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        double value = 0;
        const int settles = dc_golden_settles(
            rows[k].dtype, rows[k].hi, rows[k].lo, rows[k].radius, &value);

        if (settles != rows[k].settles || (settles && value != rows[k].value))
            fail_msg("row %zu: %d %a", k, settles, value);
    }
}

/* Every element of this case against MPFR alone. */
static void check_case(const char *name, int64_t settled[DC_GOLDEN_RUNGS])
{
    dc_truth t;
    dc_error e;
    dc_case c;

    if (dc_case_parse(name, &c, &e) != DC_OK ||
        dc_truth_open(&t, &c, &e) != DC_OK)
        fail_msg("%s: %s", name, e.text);
    for (int op = 0; op < DC_OPS; op++) {
        void *got = malloc((size_t)t.count[op] * sizeof(double) + 1);
        double want;

        assert_non_null(got);
        if (dc_golden_make(&t, (dc_op)op, got, settled, &e) != DC_OK)
            fail_msg("%s: %s", name, e.text);
        for (int64_t i = 0; i < t.count[op]; i++) {
            dc_ref_element(t.ref, (dc_op)op, i, 0, &t.element);
            dc_exact_store(c.p.dtype, &want, 0, t.element.t);
            if (mpfr_zero_p(t.element.t))
                dc_format_set(c.p.dtype, &want, 0, 0);
            if (dc_format_bits(c.p.dtype, &want, 0) !=
                dc_format_bits(c.p.dtype, got, i))
                fail_msg("%s: %s at %lld", name, dc_ops[op].name, (long long)i);
        }
        free(got);
    }
    dc_truth_close(&t);
}

static void values_are_mpfrs(void **state)
{
    static const char geometry[] =
        "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1";
    int64_t settled[DC_GOLDEN_RUNGS] = {0};
    char name[DC_CASE_MAX];

    (void)state;
    for (int d = 0; d < DC_FORMATS; d++)
        for (int f = 0; f < DC_SPECIAL; f++)
            for (int r = 0; r < 3 && dc_data_offered((dc_family)f); r++) {
                snprintf(name, sizeof name, "%s_%s_%s_r%d", geometry,
                         dc_formats[d].name, dc_family_names[f], r);
                check_case(name, settled);
            }
    check_case("n0_i3_k2_b1_f32", settled);
    check_case("ci0_i3_k2_b1_f16_real", settled);
    assert_true(settled[DC_GOLDEN_INTEGER] > 0);
    assert_true(settled[DC_GOLDEN_PLAIN] > 0);
    assert_int_equal(settled[DC_GOLDEN_BINARY64], 0);
    /* large enough for the quick implementation */
    check_case("ci24_co24_i20x20_k3_s2_p1_op1_b1_f32_real_r1", settled);
    check_case("ci24_co24_i20x20_k3_s2_p1_op1_b1_f32_int_r1", settled);
    assert_true(settled[DC_GOLDEN_BINARY64] > 1000);
}

/* ==== Packs ============================================================= */

static void expect(int status, const char *says, const char *command)
{
    const int got = shell_run(&sh, command);

    if (got != status || (says && !strstr(sh.said, says)))
        fail_msg("%s: exit %d: %s", command, got, sh.said);
}

static void same_bytes(void **state)
{
    static const char *const formats[] = {"npz", "onnx", "safetensors", "json",
                                          "c"};
    char command[512];

    (void)state;
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        snprintf(command, sizeof command,
                 "$BIN vectors $H/one --format %s --tier smoke --match "
                 "'*i[1-4]_k*' --jobs 1 && LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo "
                 "$BIN vectors $H/two/ --format %s --tier smoke --match "
                 "'*i[1-4]_k*' --jobs 2 && diff -r $H/one $H/two && "
                 "cd $H/one && sha256sum --quiet -c SHA256SUMS && "
                 "rm -r $H/one $H/two",
                 formats[k], formats[k]);
        expect(0, "values", command);
    }
}

static void golden_pack_is_reproduced(void **state)
{
    (void)state;
    expect(0, NULL,
           "$BIN vectors $H/golden --format json "
           "$(sed 's/^/--case /' cases/golden.txt) && "
           "diff -r $H/golden cases/golden");
    expect(0, "0 wrong vectors", "$BIN vectors --audit $H/golden");
    expect(0, NULL,
           "[ $(du -s --apparent-size cases/golden | cut -f1) -lt "
           "1024 ]");
}

static void packs_are_whole_or_not_there(void **state)
{
    (void)state;
    expect(2, "not an empty directory",
           "mkdir $H/full && touch $H/full/x && $BIN vectors $H/full --format "
           "npz --case i3_k2");
    expect(2, "cannot make",
           "$BIN vectors $H/no/such --format npz --case "
           "i3_k2");
    expect(0, NULL,
           "mkdir $H/empty && $BIN vectors $H/empty --format npz "
           "--case i3_k2 && [ -f $H/empty/pack.json ]");
    /* as a full disk: no file larger than a block */
    expect(2, "cannot write",
           "trap '' XFSZ; ulimit -f 1; $BIN vectors $H/disk --format json "
           "--case i200_k5_f32_real");
    expect(0, NULL, "[ -z \"$(ls -d $H/disk* 2>/dev/null)\" ]");
    expect(130, NULL,
           "$BIN vectors $H/int --format json --tier full --jobs 1 & "
           "sleep 0.3; kill -INT $!; wait $!");
    expect(0, NULL, "[ -z \"$(ls -d $H/int* 2>/dev/null)\" ]");
}

static void options_are_checked(void **state)
{
    static const struct {
        const char *command;
        const char *says;
    } rows[] = {
        {"$BIN vectors", "DIR and --format are due"},
        {"$BIN vectors $H/x", "DIR and --format are due"},
        {"$BIN vectors --format npz", "DIR and --format are due"},
        {"$BIN vectors $H/x --format hdf5", "npz, onnx"},
        {"$BIN vectors $H/x $H/y --format npz", "unexpected argument"},
        {"$BIN vectors $H/x --frobnicate", "unknown option"},
        {"$BIN vectors $H/x --format", "needs a value"},
        {"$BIN vectors $H/x --format npz --tier huge", "smoke, ci, full or"},
        {"$BIN vectors $H/x --format npz --dtype f8", "a list of f64"},
        {"$BIN vectors $H/x --format npz --dtype f32,f32", "named twice"},
        {"$BIN vectors $H/x --format npz --seed -1", "a whole number"},
        {"$BIN vectors $H/x --format npz --jobs 0", "1..256"},
        {"$BIN vectors $H/x --format npz --match nothing", "no case is left"},
        {"$BIN vectors $H/x --format npz --tier layers --match nothing",
         "no case is left"},
        {"$BIN vectors $H/x --format npz --case i3", "k"},
        {"$BIN vectors $H/x --format onnx --case u1_i3_k2", "can say none"},
        {"$BIN vectors $H/x --audit $H", "writes no pack"},
        {"$BIN vectors --audit $H/nowhere", "nowhere"},
        {"$BIN vectors --audit /dev/null", "neither a pack nor"},
        {"$BIN vectors '' --format npz --case i3_k2", "a directory is due"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        expect(2, rows[k].says, rows[k].command);
}

/* Labels of equal cases are kept together, and layers keep their size. */
static void plans(void **state)
{
    char *argv[] = {
        (char[]){"vectors"}, (char[]){"x"},      (char[]){"--format"},
        (char[]){"npz"},     (char[]){"--tier"}, (char[]){"layers"},
        (char[]){"--dtype"}, (char[]){"f32"},    NULL};
    dc_vectors_plan plan;
    dc_vectors v;
    dc_error e;

    (void)state;
    assert_int_equal(dc_vectors_read(&v, 8, argv, &e), DC_OK);
    assert_int_equal(dc_vectors_collect(&v, &plan, &e), DC_OK);
    assert_int_equal(plan.count, 38);
    assert_string_equal(plan.cases[0].labels[0].name, "dcgan_2");
    assert_int_equal(plan.cases[0].c.p.ci, 512);
    dc_vectors_release(&plan);
    dc_vectors_free(&v);
    expect(0, "2 cases, 0 left out",
           "$BIN vectors $H/twice --format npz --case i3_k2 --case "
           "i3_k2_f32_r0 --case i3_k2_r1");
}

/* ==== Other readers ===================================================== */

static void example_links(void **state)
{
    (void)state;
    expect(0, " 0 wrong",
           "$BIN vectors $H/c --format c --dtype f32 --tier smoke --match "
           "'*i[1-4]x*_int_*' && cc -std=c11 -Wall -Werror -I$H/c "
           "tests/golden_example.c -o $H/example && $H/example");
}

static void numpy_and_schema(void **state)
{
    (void)state;
    if (shell_run(&sh, "/usr/bin/python3 -c 'import numpy, jsonschema'") != 0)
        skip();
    expect(0, "values confirmed",
           "$BIN vectors $H/npz --format npz --tier smoke --match "
           "'*i[1-4]_k*' && /usr/bin/python3 tests/read_npz.py $H/npz");
    expect(0, NULL,
           "/usr/bin/python3 tests/check_schema.py cases/pack.schema.json "
           "cases/golden");
}

static int start(void **state)
{
    (void)state;
    return shell_open(&sh);
}

static int stop(void **state)
{
    (void)state;
    shell_close(&sh);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_settle),
        cmocka_unit_test(values_are_mpfrs),
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(golden_pack_is_reproduced),
        cmocka_unit_test(packs_are_whole_or_not_there),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(plans),
        cmocka_unit_test(example_links),
        cmocka_unit_test(numpy_and_schema),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
