/* SPDX-License-Identifier: MIT
 *
 * Scopes: what can be read, what is inside, and whether problems can be changed
 * so that they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cases/space/scope.h"
#include "tests/support/parse.h"

static dc_scope scope_of(const char *text)
{
    dc_scope s;
    dc_error e;

    dc_scope_open(&s);
    if (dc_scope_read(&s, text, &e) != DC_OK)
        fail_msg("%s: %s", text, e.text);
    return s;
}

static void each_field_can_be_inside_and_outside(void **state)
{
    static const struct {
        const char *scope;
        const char *inside, *outside;
    } rows[] = {
        {"rank=2", "i3x4_k1", "i3_k1"},
        {"n=2..", "n2_i3_k1", "n1_i3_k1"},
        {"n=..2", "n2_i3_k1", "n3_i3_k1"},
        {"ci=4..8", "ci8_i3_k1", "ci9_i3_k1"},
        {"co=4..8", "co4_i3_k1", "co3_i3_k1"},
        {"g=1", "ci2_co2_i3_k1", "ci2_co2_g2_i3_k1"},
        {"i=3", "i3x3_k1", "i3x4_k1"},
        {"k=2..5", "i3x3_k2x5", "i3x3_k6x2"},
        {"s=1", "i3_k1", "i3_k1_s2"},
        {"d=1", "i3x3_k2", "i3x3_k2_d1x2"},
        {"pb=0..", "i3_k2_pe-1", "i3_k2_pb-1"},
        {"pe=-1", "i3_k2_pe-1", "i3_k2_pb-1"},
        {"p=0,pe=0", "i3_k2", "i3_k2_pe1"},
        {"op=0", "i3_k2_s2", "i3_k2_s2_op1"},
        {"o=4", "i3_k2", "i3_k3"},
        {"b=1", "i3_k2_b1", "i3_k2"},
        {"u=0", "i3_k2", "i3_k2_u1"},
        {"pe=pb", "i3x3_k3_p1x2", "i3x3_k3_pb1x2_pe1x1"},
        {"k=s", "i3x3_k3x2_s3x2", "i3x3_k3x2_s3"},
        {"g=ci,co=ci", "ci3_co3_g3_i3_k1", "ci3_co6_g3_i3_k1"},
        {"dtype=f16", "i3_k2_f16", "i3_k2_f32"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_scope s = scope_of(rows[k].scope);
        const dc_problem inside = parse_problem(rows[k].inside);
        const dc_problem outside = parse_problem(rows[k].outside);

        if (!dc_scope_has(&s, &inside))
            fail_msg("%s: %s is inside", rows[k].scope, rows[k].inside);
        if (dc_scope_has(&s, &outside) ||
            !strstr(rows[k].scope, dc_scope_outside(&s, &outside)))
            fail_msg("%s: %s is outside", rows[k].scope, rows[k].outside);
    }
}

static void no_scope_has_everything(void **state)
{
    const dc_scope none = {0};
    const dc_problem p = parse_problem("n0_i3_k2_pb-3_f16");

    (void)state;
    assert_true(dc_scope_has(&none, &p));
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        const char *scope, *text;
    } rows[] = {
        {"", "an = is missing"},
        {"rank", "an = is missing"},
        {"q=1", "no field has this name"},
        {"=1", "no field has this name"},
        {"rank=", "no number and no range"},
        {"k=x", "no number and no range"},
        {"k=3x", "no number and no range"},
        {"k=1..x", "no number and no range"},
        {"k=-", "no number and no range"},
        {"k=99999999999999999999", "no number and no range"},
        {"rank=2,", "an = is missing"},
        {"k=5..2", "ends before it begins"},
        {"rank=4", "empty: rank cannot be 1.. and 4"},
        {"g=0", "empty: g cannot be 1.. and 0"},
        {"k=2..3,k=4..5", "empty: k cannot be 2..3 and 4..5"},
        {"k=..3,k=4", "empty: k cannot be ..3 and 4"},
        {"k=g", "cannot be compared"},
        {"k=k", "cannot be compared"},
        {"dtype=f8", "no storage type has this name"},
        {"dtype=f16,dtype=f32", "two storage types"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_scope s;
        dc_error e = {0};

        dc_scope_open(&s);
        if (dc_scope_read(&s, rows[k].scope, &e) != DC_INVALID ||
            !strstr(e.text, rows[k].text))
            fail_msg("'%s': \"%s\"", rows[k].scope, e.text);
    }
}

/* A further condition: the context is the number of input channels. */
static bool has_channels(const void *context, const dc_problem *p)
{
    return p->ci == *(const int64_t *)context;
}

static void a_problem_inside_is_found(void **state)
{
    static const char *const scopes[] = {
        "rank=2,g=1,d=1",
        "rank=2,g=1,d=1,s=1,k=3,ci=64",
        "rank=3,k=2,s=2",
        "g=5..7,ci=35",
        "ci=64,g=2..9",
        "g=ci,co=ci,k=3",
        "ci=co,g=4",
        "o=17",
        "o=0,n=1",
        "i=1,k=1,s=1,d=1,op=0,p=-2..",
        "i=1,k=1,s=1,d=1,op=0,p=..-1",
        "o=100,i=1..3,k=2,s=1,d=1",
        "o=2,i=7,k=2,s=2,d=1",
        "pe=-9..-7",
        "k=s,op=0",
        "op=2..",
        "op=3,s=1..2",
        "n=0",
        "u=1,n=1",
        "u=1",
        "u=0..1,n=2",
        "ci=0,co=0",
        "dtype=bf16",
        "k=1048576..",
        "i=2000000000",
    };

    (void)state;
    for (size_t k = 0; k < sizeof scopes / sizeof *scopes; k++) {
        const dc_scope s = scope_of(scopes[k]);
        dc_problem p;
        dc_error e;

        if (dc_scope_find(&s, &p, &e) != DC_OK)
            fail_msg("%s: %s", scopes[k], e.text);
        assert_int_equal(dc_problem_check(&p, &e), DC_OK);
        assert_true(dc_scope_has(&s, &p));
    }
}

static void contradictions_are_named(void **state)
{
    static const struct {
        const char *scope, *text;
    } rows[] = {
        {"op=3,s=1,d=2", "empty: op = 3 on axis"},
        {"ci=7,g=2", "empty: no legal problem with such ci"},
        {"u=1,n=2", "empty: no legal problem with such n"},
        {"i=4,k=1,s=1,p=0,op=0,o=9", "such o was found"},
        {"ci=co,ci=3,co=5", "empty: no legal problem with such"},
        {"i=1099511627776,s=1099511627776", "empty: "},
    };
    static const int64_t seven = 7;
    dc_scope s = scope_of("g=1,ci=..6");
    dc_problem p;
    dc_error e;

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_scope empty = scope_of(rows[k].scope);

        if (dc_scope_find(&empty, &p, &e) != DC_INVALID ||
            !strstr(e.text, rows[k].text))
            fail_msg("%s: \"%s\"", rows[k].scope, e.text);
    }
    s.holds = has_channels;
    s.context = &seven;
    assert_int_equal(dc_scope_find(&s, &p, &e), DC_INVALID);
    assert_non_null(strstr(e.text, "such combination"));
    s = scope_of("ci=7");
    s.holds = has_channels;
    s.context = &seven;
    assert_int_equal(dc_scope_find(&s, &p, &e), DC_OK);
}

/* What is inside is kept. */
static void fitting_changes_what_is_outside_only(void **state)
{
    static const struct {
        const char *scope, *from, *to;
    } rows[] = {
        {"rank=2", "ci48_co65_i9_k3_s2_p1", "ci48_co65_i1x9_k1x3_s1x2_p0x1"},
        {"rank=1", "ci48_i2x3x9_k2x2x3_s1x1x2", "ci48_i9_k3_s2"},
        {"g=1", "ci48_co96_g48_i9_k3", "ci48_co96_i9_k3"},
        {"g=4", "ci48_co96_g48_i9_k3", "ci48_co96_g4_i9_k3"},
        {"op=0,d=1,k=3", "i4x5_k2x4_s2_d1x2_op1", "i4x5_k3_s2"},
        {"k=1", "i300_k4_s3_op2", "i300_k1_s3_op2"},
        {"pe=pb", "i9_k3_pb1_pe2", "i9_k3_p1"},
        {"s=1", "i9_k3_s2_op1", "i9_k3"},
        {"u=0..1", "i9_k3_u1", "i9_k3_u1"},
        {"n=2", "i9_k3_u1", "n2_i9_k3"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_scope s = scope_of(rows[k].scope);
        const dc_problem want = parse_problem(rows[k].to);
        dc_problem p = parse_problem(rows[k].from);
        dc_random r = dc_random_open(1, k);

        assert_int_equal(dc_scope_fit(&s, &r, &p, NULL), DC_OK);
        if (!dc_problem_equal(&p, &want)) {
            dc_case c = {.p = p};
            char text[DC_CASE_MAX];

            dc_case_print(&c, text);
            fail_msg("%s: %s became %s", rows[k].scope, rows[k].from, text);
        }
    }
}

/* A range without a lower end has small numbers, negative ones too. */
static void pads_are_small(void **state)
{
    static const struct {
        const char *scope, *from;
        int64_t least;
    } rows[] = {{"pb=..-1", "i9_k3", -3}, {"pb=..1", "i9_k3_pb2", 0}};

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_scope s = scope_of(rows[k].scope);
        dc_problem p = parse_problem(rows[k].from);
        dc_random r = dc_random_open(1, 1);

        assert_int_equal(dc_scope_fit(&s, &r, &p, NULL), DC_OK);
        assert_true(dc_scope_has(&s, &p) && p.pb[0] >= rows[k].least);
    }
}

/* The field that breaks a rule may be outside, and what equals it. */
static void an_illegal_problem_is_inside_but_for_its_field(void **state)
{
    static const struct {
        const char *scope, *from, *broken;
        dc_scope_field field;
        int64_t value;
        bool inside;
    } rows[] = {
        {"s=2,g=1", "i9_k3_s2", "s", DC_SCOPE_S, 0, true},
        {"s=2,g=1", "ci2_co2_g2_i9_k3_s2", "s", DC_SCOPE_S, 0, false},
        {"s=2,k=3", "i9_k3_s2", "k", DC_SCOPE_S, 0, false},
        {"pe=pb", "i9_k3_p1", "pb", DC_SCOPE_PB, -1, true},
        {"pe=pb", "i9_k3_p1", "op", DC_SCOPE_PB, 4, false},
        {"o=11", "i9_k3", "n", DC_SCOPE_O, -3, true},
        {"b=0", "i9_k3", "has_bias", DC_SCOPE_B, 2, true},
        {"u=0", "i9_k3", "unbatched", DC_SCOPE_U, 2, true},
        {"u=0", "i9_k3", "x", DC_SCOPE_U, 2, false},
        {"rank=1", "i9_k3", "rank", DC_SCOPE_RANK, 4, true},
    };
    const dc_scope none = {.given = false};

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_scope s = scope_of(rows[k].scope);
        dc_problem p = parse_problem(rows[k].from);

        dc_scope_set(&p, rows[k].field, 0, rows[k].value);
        assert_true(dc_scope_has_illegal(&none, &p, rows[k].broken));
        if (dc_scope_has_illegal(&s, &p, rows[k].broken) != rows[k].inside)
            fail_msg("%s, %s: %s", rows[k].scope, rows[k].from, rows[k].broken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_can_be_inside_and_outside),
        cmocka_unit_test(no_scope_has_everything),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(a_problem_inside_is_found),
        cmocka_unit_test(contradictions_are_named),
        cmocka_unit_test(fitting_changes_what_is_outside_only),
        cmocka_unit_test(pads_are_small),
        cmocka_unit_test(an_illegal_problem_is_inside_but_for_its_field),
    };

    return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
