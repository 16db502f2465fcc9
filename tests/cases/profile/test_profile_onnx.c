/* SPDX-License-Identifier: MIT
 *
 * Does the onnx profile agree with ONNX's text and test data on pads, auto_pad
 * and output_shape, and does it refuse what text and runtimes disagree about?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cases/pack/pack_onnx.h"
#include "cases/profile/profile.h"

static const dc_profile *onnx(void)
{
    for (int k = 0; k < dc_profiles_count; k++)
        if (strcmp(dc_profiles[k].name, "onnx") == 0)
            return &dc_profiles[k];
    fail_msg("no profile onnx");
    return NULL;
}

/* One axis: input i, kernel k, stride s, op; pads or words. */
static void words(void **state)
{
    static const struct {
        int64_t i, k, s, d, op;
        const char *word;
        int64_t pads[2]; /* -1: not given */
        int64_t shape;   /* output_shape; 0: not given */
        int64_t pb, pe, o;
        const char *says; /* refused */
    } rows[] = {
        {5, 3, 2, 1, 0, NULL, {-1, -1}, 0, 0, 0, 11, NULL},
        {5, 3, 2, 1, 1, NULL, {1, 2}, 0, 1, 2, 9, NULL},
        {5, 3, 2, 1, 1, "NOTSET", {1, 2}, 0, 1, 2, 9, NULL},
        {5, 3, 2, 1, 0, "VALID", {-1, -1}, 0, 0, 0, 11, NULL},
        /* examples.md 2.3: L = 5 */
        {5, 3, 2, 1, 0, "SAME_UPPER", {-1, -1}, 0, 0, 1, 10, NULL},
        {5, 3, 2, 1, 0, "SAME_LOWER", {-1, -1}, 0, 1, 0, 10, NULL},
        {5, 4, 1, 1, 0, "SAME_UPPER", {-1, -1}, 0, 1, 2, 5, NULL},
        {5, 4, 1, 1, 0, "SAME_LOWER", {-1, -1}, 0, 2, 1, 5, NULL},
        {5, 4, 2, 1, 0, "SAME_UPPER", {-1, -1}, 0, 1, 1, 10, NULL},
        {5, 3, 2, 2, 0, "SAME_UPPER", {-1, -1}, 0, 1, 2, 10, NULL},
        /* onnx#4527: 16 -> 32, k3 s2: the odd unit at the begin */
        {16, 3, 2, 1, 0, NULL, {-1, -1}, 32, 1, 0, 32, NULL},
        {16, 3, 2, 1, 0, "SAME_UPPER", {-1, -1}, 32, 0, 1, 32, NULL},
        {16, 3, 2, 1, 0, "SAME_LOWER", {-1, -1}, 32, 1, 0, 32, NULL},
        {16, 3, 2, 1, 1, NULL, {-1, -1}, 32, 1, 1, 32, NULL},
        /* test_convtranspose_output_shape: 3 -> 10, k3 s3 */
        {3, 3, 3, 1, 0, NULL, {-1, -1}, 10, 0, -1, 10, NULL},
        {5, 1, 2, 1, 0, "SAME_UPPER", {-1, -1}, 0, 0, 0, 0, "negative pad"},
        {5, 3, 2, 1, 1, "SAME_UPPER", {-1, -1}, 0, 0, 0, 0, "not specified"},
        {5, 3, 2, 1, 0, "SAME", {-1, -1}, 0, 0, 0, 0, "unknown auto_pad"},
        {5, 3, 2, 1, 0, "VALID", {1, 1}, 0, 0, 0, 0, "cannot be used"},
        {5, 3, 2, 1, 0, NULL, {1, -2}, 0, 0, 0, 0, "must not be negative"},
        {5, 3, 2, 1, 0, NULL, {-1, -1}, -3, 0, 0, 0, "an extent of -3"},
        {5, 3, 2, 1, 2, NULL, {-1, -1}, 0, 0, 0, 0, "op"},
        {5, 3, 2, 1, 0, NULL, {5, 6}, 0, 0, 0, 0, "no positions"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_user_layer u = {.rank = 1,
                           .in_channels = 1,
                           .out_channels = 1,
                           .kernel_size = {1, {rows[k].k}},
                           .stride = {1, {rows[k].s}},
                           .dilation = {1, {rows[k].d}},
                           .output_padding = {1, {rows[k].op}},
                           .padding_word = rows[k].word,
                           .input_axes = 3,
                           .input = {1, 1, rows[k].i}};
        dc_problem p;
        dc_error e;
        dc_status status;

        if (rows[k].pads[0] >= 0)
            u.padding = (dc_list){2, {rows[k].pads[0], rows[k].pads[1]}};
        if (rows[k].shape)
            u.output_size = (dc_list){1, {rows[k].shape}};
        memset(&e, 0, sizeof e);
        status = onnx()->resolve(&u, &p, &e);
        if (rows[k].says) {
            if (status == DC_OK || !strstr(e.text, rows[k].says))
                fail_msg("row %zu: %d %s", k, (int)status, e.text);
            assert_int_not_equal(onnx()->resolve(&u, &p, NULL), DC_OK);
            continue;
        }
        if (status != DC_OK || p.pb[0] != rows[k].pb || p.pe[0] != rows[k].pe ||
            p.o[0] != rows[k].o)
            fail_msg("row %zu: %s pb %d pe %d o %d", k, e.text, (int)p.pb[0],
                     (int)p.pe[0], (int)p.o[0]);
    }
}

static void lists_are_checked(void **state)
{
    dc_user_layer u = {.rank = 2,
                       .in_channels = 1,
                       .out_channels = 1,
                       .kernel_size = {1, {3}},
                       .input_axes = 4,
                       .input = {1, 1, 4, 5}};
    dc_problem p;
    dc_error e;

    (void)state;
    u.padding = (dc_list){2, {1, 1}};
    assert_int_equal(onnx()->resolve(&u, &p, &e), DC_INVALID);
    assert_non_null(strstr(e.text, "pads needs 4 numbers, got 2"));
    u.padding = (dc_list){4, {1, 0, 0, 1}};
    assert_int_equal(onnx()->resolve(&u, &p, &e), DC_OK);
    assert_int_equal(p.pb[0], 1);
    assert_int_equal(p.pe[1], 1);
    u.output_size = (dc_list){1, {7}};
    assert_int_equal(onnx()->resolve(&u, &p, &e), DC_INVALID);
    assert_non_null(strstr(e.text, "output_shape needs 2 numbers, got 1"));
    u.output_size.count = 0;
    u.input_axes = 3; /* no batch axis */
    assert_int_equal(onnx()->resolve(&u, &p, &e), DC_INVALID);
}

static void problems_are_expressed(void **state)
{
    static const struct {
        const char *spec;
        const char *says;
    } rows[] = {
        {"n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1",
         "ConvTranspose(group=2, kernel_shape=[2, 3], strides=[3, 2], "
         "dilations=[1, 2], pads=[1, 2, 0, 1], output_padding=[2, 1])  # X=[2, "
         "4, 3, 4], W=[4, 3, 2, 3], B, f32"},
        {"i3_k2_f16", "W=[1, 1, 2], f16"},
        {"u1_i3_k2", "without a batch axis"},
        {"i3_k2_pe-1", "no negative pads"},
        {"i1_k1_pb1", "no positions"},
    };
    char text[DC_PROFILE_TEXT];

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_status status;
        dc_case c;
        dc_error e;

        assert_int_equal(dc_case_parse(rows[k].spec, &c, &e), DC_OK);
        status = onnx()->express(&c.p, text, sizeof text, &e);
        if (!strstr(status == DC_OK ? text : e.text, rows[k].says))
            fail_msg("%s: %s", rows[k].spec, status == DC_OK ? text : e.text);
        if (status != DC_OK)
            continue;
        for (size_t size = 0; size <= strlen(text); size++) {
            char small[DC_PROFILE_TEXT];
            assert_int_equal(onnx()->express(&c.p, small, size, &e), DC_FAILED);
        }
    }
}

/* What a problem becomes in other words. */
static void variants(void **state)
{
    dc_problem q;
    dc_case c;
    dc_error e;

    (void)state;
    assert_int_equal(dc_case_parse("ci2_co2_i4_k4_s2_p1_f16", &c, &e), DC_OK);
    for (int k = 0; k < dc_pack_variants_count; k++) {
        const int valid = strcmp(dc_pack_variants[k], "valid") == 0;

        assert_int_equal(dc_pack_variant(&c.p, dc_pack_variants[k], &q, &e),
                         DC_OK);
        assert_int_equal(memcmp(&q, &c.p, sizeof q) == 0, !valid);
    }
    assert_int_equal(dc_case_parse("u1_i4_k4_s2", &c, &e), DC_OK);
    assert_int_equal(dc_pack_variant(&c.p, "valid", &q, &e), DC_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(lists_are_checked),
        cmocka_unit_test(problems_are_expressed),
        cmocka_unit_test(variants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
