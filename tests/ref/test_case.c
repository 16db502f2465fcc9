/* SPDX-License-Identifier: MIT
 *
 * Case strings: does parse(print(c)) return c for every legal case, in any
 * order and shorthand of the keys, and is every malformed string refused with
 * the reason?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ref/case.h"
#include "tests/support/draw.h"

static void expect_case(const char *text, const dc_case *want)
{
    dc_error e;
    dc_case c;

    memset(&e, 0, sizeof e);
    memset(&c, 0xa5, sizeof c);
    if (dc_case_parse(text, &c, &e) != DC_OK)
        fail_msg("%s: %s", text, e.text);
    if (!dc_problem_equal(&c.p, &want->p) || c.family != want->family ||
        c.seed != want->seed)
        fail_msg("%s is read as another case", text);
}

/* Prints c and reads it back. */
static void expect_round_trip(const dc_case *c)
{
    char text[DC_CASE_MAX];
    const int length = dc_case_print(c, text);

    assert_int_equal(length, strlen(text));
    expect_case(text, c);
}

static dc_case draw_case(uint64_t *state)
{
    dc_case c = {draw_problem(state, 1 << 20), DC_INT, draw_bits(state)};

    c.family = (dc_family)draw_in(state, 0, DC_FAMILIES - 1);
    if (draw_one_in(state, 4)) /* numbers of many digits, any sign */
        for (int a = 0; a < c.p.rank; a++) {
            c.p.i[a] = draw_in(state, 0, INT64_C(1) << 14);
            c.p.s[a] = draw_in(state, 1, INT64_C(1) << 25);
            c.p.pb[a] = draw_in(state, -9, 9);
            c.p.op[a] = 0;
            c.p.pe[a] = (c.p.i[a] - 1) * c.p.s[a] + c.p.d[a] * (c.p.k[a] - 1) -
                        c.p.pb[a];
        }
    return c;
}

static void random_cases_round_trip(void **unused)
{
    uint64_t state = 77;
    int legal = 0;

    (void)unused;
    for (int round = 0; round < 6000; round++) {
        dc_case c = draw_case(&state);

        if (dc_problem_complete(&c.p, NULL) != DC_OK)
            continue;
        expect_round_trip(&c);
        legal++;
    }
    assert_true(legal > 4500);
}

static void the_printed_form_is_the_documented_one(void **unused)
{
    static const char *const same[] = {
        "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1_f32_int_r7",
        "u1_n1_ci1_co1_g1_i3_k2_s1_d1_pb0_pe0_op0_b0_bf16_special_r0",
        "n0_ci0_co0_g3_i0_k2_s1_d1_pb-3_pe0_op0_b1_f16_cancel_"
        "r18446744073709551615",
        "n1_ci1_co1_g1_i1x2x3_k4x5x6_s7x8x9_d1x2x3_pb0x-1x-2_pe1x0x-1_"
        "op6x7x8_b0_f64_wide_r12",
    };
    dc_case c;
    char text[DC_CASE_MAX];

    (void)unused;
    for (size_t s = 0; s < sizeof same / sizeof *same; s++) {
        assert_int_equal(dc_case_parse(same[s], &c, NULL), DC_OK);
        dc_case_print(&c, text);
        assert_string_equal(text, same[s]);
    }
    assert_int_equal(dc_case_parse("i3_k2", &c, NULL), DC_OK);
    dc_case_print(&c, text);
    assert_string_equal(text, "n1_ci1_co1_g1_i3_k2_s1_d1_pb0_pe0_op0_b0_f32_"
                              "int_r0");
}

/* The longest text that any numbers print fits, legal or not. */
static void extreme_numbers_fit_the_buffer(void **unused)
{
    dc_case c = {.family = DC_SPECIAL, .seed = UINT64_MAX};
    int64_t *const scalars[] = {&c.p.n, &c.p.ci, &c.p.co, &c.p.g};
    int64_t *const axes[] = {c.p.i,  c.p.k,  c.p.s, c.p.d,
                             c.p.pb, c.p.pe, c.p.op};
    char text[DC_CASE_MAX];

    (void)unused;
    c.p.rank = 3;
    c.p.dtype = DC_BF16;
    c.p.unbatched = c.p.has_bias = INT32_MIN;
    for (size_t f = 0; f < sizeof scalars / sizeof *scalars; f++)
        *scalars[f] = INT64_MIN;
    for (size_t f = 0; f < sizeof axes / sizeof *axes; f++)
        for (int a = 0; a < 3; a++)
            axes[f][a] = INT64_MIN;
    const int length = dc_case_print(&c, text);
    assert_int_equal(length, strlen(text));
    assert_true(length < DC_CASE_MAX - 1);
    assert_non_null(strstr(text, "_bf16_special_r18446744073709551615"));
}

/* Types c with its keys shuffled, defaults left out where possible and not
 * always, one number for equal axes, p for equal pads. */
static void type_freely(uint64_t *state, const dc_case *c, char *text)
{
    const dc_problem *p = &c->p;
    const struct {
        const char *key;
        const int64_t *value;
        int64_t preset;
        int axes;
    } rows[] = {
        {"n", &p->n, 1, 1},        {"ci", &p->ci, 1, 1},
        {"co", &p->co, 1, 1},      {"g", &p->g, 1, 1},
        {"i", p->i, -99, p->rank}, {"k", p->k, -99, p->rank},
        {"s", p->s, 1, p->rank},   {"d", p->d, 1, p->rank},
        {"pb", p->pb, 0, p->rank}, {"pe", p->pe, 0, p->rank},
        {"op", p->op, 0, p->rank},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    const int shared = memcmp(p->pb, p->pe, sizeof p->pb) == 0;
    char token[ROWS + 5][96];
    int count = 0;

    for (int r = 0; r < ROWS; r++) {
        const int pad = rows[r].value == p->pb || rows[r].value == p->pe;
        int preset = 1;
        int equal = rows[r].value != p->i; /* its axes give the rank */
        int at;

        if (shared && rows[r].value == p->pe)
            continue; /* p says both */
        for (int a = 0; a < rows[r].axes; a++) {
            preset &= rows[r].value[a] == rows[r].preset;
            equal &= rows[r].value[a] == rows[r].value[0];
        }
        if (preset && !draw_one_in(state, 4))
            continue;
        at = sprintf(token[count], "%s%" PRId64,
                     shared && pad ? "p" : rows[r].key, rows[r].value[0]);
        for (int a = 1; a < rows[r].axes && !equal; a++)
            at += sprintf(token[count] + at, "x%" PRId64, rows[r].value[a]);
        count++;
    }
    if (p->unbatched || draw_one_in(state, 4))
        sprintf(token[count++], "u%d", p->unbatched);
    if (p->has_bias || draw_one_in(state, 4))
        sprintf(token[count++], "b%d", p->has_bias);
    if (p->dtype != DC_F32 || draw_one_in(state, 4))
        sprintf(token[count++], "%s", dc_formats[p->dtype].name);
    if (c->family != DC_INT || draw_one_in(state, 4))
        sprintf(token[count++], "%s", dc_family_names[c->family]);
    if (c->seed || draw_one_in(state, 4))
        sprintf(token[count++], "r%" PRIu64, c->seed);
    *text = 0;
    for (int left = count; left > 0; left--) {
        const int pick = (int)draw_in(state, 0, left - 1);

        strcat(text, *text ? "_" : "");
        strcat(text, token[pick]);
        memmove(token[pick], token[left - 1], sizeof *token);
    }
}

static void any_order_and_shorthand_is_read(void **unused)
{
    uint64_t state = 4711;
    int shared = 0;

    (void)unused;
    for (int round = 0; round < 4000; round++) {
        dc_case c = draw_case(&state);
        char text[2 * DC_CASE_MAX];

        if (draw_one_in(&state, 3)) {
            memcpy(c.p.pe, c.p.pb, sizeof c.p.pe);
            shared++;
        }
        if (draw_one_in(&state, 3))
            for (int a = 1; a < c.p.rank; a++) {
                c.p.k[a] = c.p.k[0];
                c.p.s[a] = c.p.s[0];
                c.p.op[a] = c.p.op[0] = 0;
            }
        if (draw_one_in(&state, 9))
            c.seed = 0;
        if (dc_problem_complete(&c.p, NULL) != DC_OK)
            continue;
        type_freely(&state, &c, text);
        expect_case(text, &c);
    }
    assert_true(shared > 500);
}

static void malformed_texts_are_refused(void **unused)
{
    static const struct {
        const char *text;
        const char *words;
    } rows[] = {
        {"", "an empty token"},
        {"_", "an empty token"},
        {"__", "an empty token"},
        {"_i3_k2", "an empty token"},
        {"i3__k2", "an empty token"},
        {"i3_k2_", "an empty token"},
        {"i", "a number is missing in 'i'"},
        {"i3", "k is required"},
        {"k2", "i is required"},
        {"f32", "i is required"},
        {"i_k2", "a number is missing"},
        {"i3x_k2", "a number is missing in 'i3x'"},
        {"ix3_k2", "an unknown key"}, /* letters run on: key ix */
        {"i3xx4_k2", "a number is missing"},
        {"i3x4x5x6_k2", "more than three axes"},
        {"i3x4x_k2", "a number is missing"},
        {"i3x4x5x_k2", "a number is missing"},
        {"i3_k2x2", "k has 2 numbers where i has 1"},
        {"i3x4x5_k2x2", "k has 2 numbers where i has 3"},
        {"i3x4_k2_op0x0x0", "op has 3 numbers where i has 2"},
        {"k2x2_i3", "k has 2 numbers where i has 1"},
        {"i3_k2_i3", "a repeated key in 'i3'"},
        {"i3_k2_k2", "a repeated key"},
        {"i3_k2_n1_n1", "a repeated key"},
        {"i3_k2_u0_u0", "a repeated key"},
        {"i3_k2_b1_b0", "a repeated key"},
        {"i3_k2_f32_f32", "a repeated key in 'f32'"},
        {"i3_k2_f32_f64", "a repeated key in 'f64'"},
        {"i3_k2_int_real", "a repeated key in 'real'"},
        {"i3_k2_int_int", "a repeated key"},
        {"i3_k2_r1_r1", "a repeated key"},
        {"i3_k2_p1_p1", "a repeated key"},
        {"i3_k2_p1_pb1", "a repeated key in 'pb1'"},
        {"i3_k2_p1_pe1", "a repeated key in 'pe1'"},
        {"i3_k2_pb1_p1", "a repeated key in 'p1'"},
        {"i3_k2_pe1_p1", "a repeated key in 'p1'"},
        {"i3_k2_q1", "an unknown key in 'q1'"},
        {"i3_k2_c1", "an unknown key"},
        {"i3_k2_cio1", "an unknown key"},
        {"i3_k2_pbe1", "an unknown key"},
        {"i3_k2_f31", "an unknown key"},
        {"i3_k2_f8", "an unknown key"},
        {"i3_k2_bf", "an unknown key"},
        {"i3_k2_float", "an unknown key"},
        {"i3_k2_int8", "an unknown key"},
        {"i3_k2_in", "an unknown key"},
        {"i3_k2_o4", "an unknown key"},
        {"i3_k2_3", "no key in '3'"},
        {"i3_k2_-", "no key"},
        {"I3_k2", "no key in 'I3'"},
        {"i3_K2", "no key"},
        {"i3_k2_F32", "no key"},
        {"i3_kX2", "a number is missing"},
        {"i3X4_k2", "an unexpected character"},
        {" i3_k2", "no key"},
        {"i3_k2 ", "an unexpected character in 'k2 '"},
        {"i3_k2\n", "an unexpected character"},
        {"i3 _k2", "an unexpected character"},
        {"i 3_k2", "a number is missing"},
        {"i3_ k2", "no key"},
        {"i3,k2", "an unexpected character"},
        {"i+3_k2", "a number is missing"},
        {"i--3_k2", "a number is missing"},
        {"i0x10_k2y", "an unexpected character in 'k2y'"},
        {"i3.0_k2", "an unexpected character"},
        {"i3e1_k2", "an unexpected character"},
        {"i9223372036854775808_k2", "does not fit 64 bits"},
        {"i3_k2_pb-9223372036854775809", "does not fit 64 bits"},
        {"i3x99999999999999999999_k2", "does not fit 64 bits"},
        {"i3_k2_r", "a number is missing in 'r'"},
        {"i3_k2_r-1", "a number is missing"},
        {"i3_k2_r+1", "a number is missing"},
        {"i3_k2_r 1", "a number is missing"},
        {"i3_k2_r18446744073709551616", "does not fit 64 bits"},
        {"i3_k2_r1x2", "an unexpected character"},
        {"i3_k2_n1x1", "more than one number"},
        {"i3_k2_b1x1", "more than one number"},
        {"i3x3_k2_g1x1", "more than one number"},
        {"i3_k2_b2", "b must be 0 or 1"},
        {"i3_k2_b-1", "b must be 0 or 1"},
        {"i3_k2_u2", "u must be 0 or 1"},
        {"i3_k2_b4294967297", "b must be 0 or 1"},
        /* well formed, and illegal problems */
        {"i3_k0", "k on axis w must be between 1"},
        {"i-1_k2", "i on axis w must be between 0"},
        {"i9223372036854775807_k2", "2^40"},
        {"i3x4_k2_s2x0", "s on axis w must be between 1"},
        {"i3_k2_op1", "below max(s,d)"},
        {"i3_k2_p9", "must not be negative"},
        {"i3_k2_ci3_g2", "divisible"},
        {"i3_k2_u1_n2", "without a batch axis"},
        {"i1099511627776_k2_s1099511627776", "does not fit 64 bits"},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_error e;
        dc_case c;

        memset(&e, 0, sizeof e);
        if (dc_case_parse(rows[r].text, &c, &e) != DC_INVALID)
            fail_msg("'%s' is accepted", rows[r].text);
        if (e.status != DC_INVALID || !strstr(e.text, rows[r].words))
            fail_msg("'%s': %s", rows[r].text, e.text);
        assert_int_equal(dc_case_parse(rows[r].text, &c, NULL), DC_INVALID);
    }
}

/* Every prefix of a legal text, and every single character exchanged: no
 * answer but OK or INVALID, and what is accepted prints and reads back. */
static void damaged_texts_never_surprise(void **unused)
{
    static const char whole[] =
        "u1_n1_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x-1_op2x1_b1_bf16_"
        "short_r71";
    int accepted = 0;

    (void)unused;
    for (size_t at = 0; at < sizeof whole; at++)
        for (int with = 0; with < 256; with++) {
            char text[sizeof whole];
            dc_case c;

            memcpy(text, whole, sizeof whole);
            text[at] = (char)with; /* 0 cuts it short */
            if (at == sizeof whole - 1)
                text[at] = 0;
            if (dc_case_parse(text, &c, NULL) != DC_OK)
                continue;
            assert_int_equal(dc_problem_check(&c.p, NULL), DC_OK);
            expect_round_trip(&c);
            accepted++;
        }
    assert_true(accepted > 60);
}

/* Tokens and texts of any length. */
static void long_texts_are_refused(void **unused)
{
    static const struct {
        size_t length;
        const char *repeat;
        const char *words;
    } rows[] = {
        {79, "i", "an unknown key"},  {80, "i", "too long"},
        {10240, "i3", "too long"},    {10240, "9", "too long"},
        {1 << 20, "x", "too long"},   {1 << 20, "_", "an empty token"},
        {1 << 20, "i3_", "repeated"}, {1 << 20, "\xff\x01", "too long"},
    };
    char *const text = malloc((1 << 20) + 1);

    (void)unused;
    assert_non_null(text);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const size_t unit = strlen(rows[r].repeat);
        dc_error e;
        dc_case c;

        for (size_t at = 0; at < rows[r].length; at++)
            text[at] = rows[r].repeat[at % unit];
        text[rows[r].length] = 0;
        memset(&e, 0, sizeof e);
        assert_int_equal(dc_case_parse(text, &c, &e), DC_INVALID);
        if (!strstr(e.text, rows[r].words))
            fail_msg("row %zu: %s", r, e.text);
        assert_true(strlen(e.text) < 120);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_cases_round_trip),
        cmocka_unit_test(the_printed_form_is_the_documented_one),
        cmocka_unit_test(extreme_numbers_fit_the_buffer),
        cmocka_unit_test(any_order_and_shorthand_is_read),
        cmocka_unit_test(malformed_texts_are_refused),
        cmocka_unit_test(damaged_texts_never_surprise),
        cmocka_unit_test(long_texts_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
