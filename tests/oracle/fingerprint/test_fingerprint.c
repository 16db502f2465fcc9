/* SPDX-License-Identifier: MIT
 *
 * Does `fingerprint` name what was planted?  Plug-ins of known arithmetic,
 * and the verb's text, JSON and errors.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/fingerprint/fingerprint.h"
#include "tests/support/subject.h"

/* What must be said of one planted plug-in; NULL: not looked at. */
typedef struct {
    const char *file;
    const char *mode;
    int dtype;
    int bits;
    const char *input, *products, *subnormals, *bias, *order, *repeat;
} planted;

#define NEAREST "to nearest, ties to even"
#define ROUNDED "rounded before the addition"

static const planted rows[] = {
    {"unusual.so", "serial", DC_F32, 24, "none", ROUNDED, "kept", "added last",
     "serial", "same bits again"},
    {"unusual.so", "serial", DC_F64, 53, "none", ROUNDED, "kept", "added last",
     "serial", "same bits again"},
    {"unusual.so", "bias-first", DC_F32, 24, "none", NULL, NULL, "added first",
     "serial", NULL},
    {"unusual.so", "reversed", DC_F32, 24, NULL, NULL, NULL, NULL,
     "serial from the last", NULL},
    {"unusual.so", "pairwise", DC_F32, 24, NULL, NULL, NULL, NULL, "pairwise",
     NULL},
    {"unusual.so", "double", DC_F32, 53, NULL, "exact in a wide accumulator",
     NULL, NULL, "serial", NULL},
    {"unusual.so", "fma", DC_F32, 24, NULL,
     "fused: not rounded before the addition (FMA)", NULL, NULL, "serial",
     NULL},
    {"unusual.so", "serial", DC_F16, 24, "none", NULL, "kept", NULL, "serial",
     NULL},
    {"unusual.so", "serial", DC_BF16, 24, "none", NULL, "kept", NULL, "serial",
     NULL},
    {"imprecise.so", "tf32", DC_F32, 24, "tf32 (11 significand bits)", NULL,
     NULL, NULL, NULL, NULL},
    {"imprecise.so", "bf16", DC_F32, 24, "bf16 (8 significand bits)", NULL,
     NULL, NULL, NULL, NULL},
    {"imprecise.so", "f16-sum", DC_F32, 11, NULL, NULL, NULL, NULL, "serial",
     NULL},
    {"imprecise.so", "flush", DC_F32, 24, "none", NULL,
     "results flushed to zero", NULL, NULL, NULL},
};

static void same(const char *what, const char *mode, const char *got,
                 const char *want)
{
    if (want && strcmp(got, want) != 0)
        fail_msg("%s of %s: \"%s\", not \"%s\"", what, mode, got, want);
}

static void test_planted(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const planted *p = &rows[r];
        char what[512];
        const dc_subject subject = {what, path("BIN", "./deconform"), 60};
        dc_endpoint *end;
        dc_fingerprint f;
        dc_error e = {DC_OK, NULL, -1, ""};

        snprintf(what, sizeof what, "%s/%s", path("PLUGINS", ".build/plugins"),
                 p->file);
        setenv("DC_TEST_MODE", p->mode, 1);
        if (dc_endpoint_open(&end, &subject, &e) != DC_OK ||
            dc_fingerprint_run(end, p->dtype, &f, &e) != DC_OK)
            fail_msg("%s: %s", p->mode, e.text);
        dc_endpoint_close(end);
        if (f.accumulator_bits != p->bits)
            fail_msg("%s: %d bits, not %d", p->mode, f.accumulator_bits,
                     p->bits);
        same("input", p->mode, f.input, p->input);
        same("products", p->mode, f.products, p->products);
        same("subnormals", p->mode, f.subnormals, p->subnormals);
        same("bias", p->mode, f.bias, p->bias);
        same("order", p->mode, f.order, p->order);
        same("repeat", p->mode, f.repeat, p->repeat);
        if (p->dtype == DC_F32 && p->bits == 24)
            same("rounding", p->mode, f.rounding, NEAREST);
    }
    unsetenv("DC_TEST_MODE");
}

/* Kernels for one rank, for groups, for small kernels; they offer nothing but
 * forward. */
static void test_restricted(void **state)
{
    static const struct {
        const char *mode;
        int rank, groups;
        const char *taps;
    } of[] = {{"2d", 2, 1, "serial"},
              {"3d-small", 3, 1, "not offered for 64 taps"},
              {"grouped", 2, 2, "serial"},
              {"wide", 0, 0, "forward in f32 is offered in no rank"},
              {"refuses", 0, 0, "forward in f32 is offered in no rank"}};

    (void)state;
    for (size_t r = 0; r < sizeof of / sizeof *of; r++) {
        char what[512];
        const dc_subject subject = {what, path("BIN", "./deconform"), 60};
        dc_endpoint *end;
        dc_fingerprint f;
        dc_error e = {DC_OK, NULL, -1, ""};
        dc_status status;

        snprintf(what, sizeof what, "%s/offers.so",
                 path("PLUGINS", ".build/plugins"));
        setenv("DC_TEST_MODE", of[r].mode, 1);
        assert_int_equal(dc_endpoint_open(&end, &subject, &e), DC_OK);
        status = dc_fingerprint_run(end, DC_F32, &f, &e);
        dc_endpoint_close(end);
        assert_int_equal(status, of[r].rank ? DC_OK : DC_UNSUPPORTED);
        if (status != DC_OK) {
            assert_non_null(strstr(e.text, of[r].taps));
            continue;
        }
        assert_int_equal(f.rank, of[r].rank);
        assert_int_equal(f.groups, of[r].groups);
        assert_int_equal(f.accumulator_bits, 24);
        same("bias", of[r].mode, f.bias, "added first");
        same("order", of[r].mode, f.order, "serial");
        same("taps", of[r].mode, f.taps, of[r].taps);
    }
    unsetenv("DC_TEST_MODE");
}

/* ==== The verb ========================================================== */

/* The exit code of our binary with these words. */
static int verb(const char *words)
{
    char command[1024];
    int status;

    snprintf(command, sizeof command, "%s fingerprint %s >/dev/null 2>&1",
             path("BIN", "./deconform"), words);
    status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_verb(void **state)
{
    static const char file[] = "/tmp/deconform_fingerprint.json";
    static const char *const bad[] = {
        "--dtype f8",
        "--timeout soon",
        "--timeout 0",
        "--nonsense",
        "more",
        "--impl nobody",
        "--impl fast --dtype bf16",
        "--impl fast --json /nowhere/f",
        "--impl fast > /dev/full #",
    };
    char good[256];
    json_t *o;

    (void)state;
    snprintf(good, sizeof good,
             "--impl mutant:clean --dtype f64 --timeout 30 --json %s", file);
    assert_int_equal(verb(good), 0);
    o = json_load_file(file, 0, NULL);
    assert_non_null(o);
    assert_string_equal(json_string_value(json_object_get(o, "dtype")), "f64");
    assert_string_equal(json_string_value(json_object_get(o, "input")), "none");
    assert_int_equal(json_integer_value(json_object_get(o, "accumulator_bits")),
                     53);
    json_decref(o);
    remove(file);
    for (size_t r = 0; r < sizeof bad / sizeof *bad; r++)
        assert_int_equal(verb(bad[r]), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_restricted),
        cmocka_unit_test(test_verb),
    };

    return cmocka_run_group_tests_name("fingerprint", tests, NULL, NULL);
}
