/* SPDX-License-Identifier: MIT
 *
 * Are cases classified as the names of the levels say, and are the rules that
 * exclude combinations true of every problem in a grid?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cases/space/factors.h"

/* A case, a factor, and the name of the level that it must have. */
static void cases_have_their_levels(void **state)
{
    static const struct {
        const char *spec;
        int factor;
        const char *level; /* NULL: none */
    } rows[] = {
        {"i3_k2", DC_F_RANK, "1"},
        {"i3x3x3_k2", DC_F_RANK, "3"},
        {"i3_k2", DC_F_PADS, "equal"},
        {"i5_k2_pb1", DC_F_PADS, "unequal on the last axis"},
        {"i5x5_k3_pb1x0_pe0x0", DC_F_PADS, "unequal on the first axis only"},
        {"i5x5_k3_pb1x1_pe0x0", DC_F_PADS, "unequal on the last axis"},
        {"i5x5x5_k3_pb0x1x0", DC_F_PADS, NULL},
        {"i3_k2", DC_F_GROUP, "1"},
        {"ci4_co2_g2_i3_k2", DC_F_GROUP, "2"},
        {"ci8_co4_g4_i3_k2", DC_F_GROUP, "3+"},
        {"ci2_co2_g2_i3_k2", DC_F_GROUP, "depthwise"},
        {"ci2_co4_g2_i3_k2", DC_F_GROUP, "multiplier"},
        {"ci1_i3_k2", DC_F_CI, "1"},
        {"ci6_i3_k2", DC_F_CI, "5,7"},
        {"ci7_i3_k2", DC_F_CI, "5,7"},
        {"ci8_i3_k2", DC_F_CI, "8"},
        {"ci15_i3_k2", DC_F_CI, "9,15"},
        {"ci31_i3_k2", DC_F_CI, "17..31"},
        {"ci99_co66_g3_i3_k2", DC_F_CI, "33"},
        {"ci99_co51_g3_i3_k2", DC_F_CO, "17..31"},
        {"i3_k2", DC_F_BATCH, "1"},
        {"n3_i3_k2", DC_F_BATCH, "2+"},
        {"n0_i3_k2", DC_F_BATCH, "0"},
        {"u1_i3_k2", DC_F_BATCH, "unbatched"},
        {"i3_k2_b1", DC_F_BIAS, "yes"},
        {"i3_k2_bf16", DC_F_DTYPE, "bf16"},
        {"i3_k2_wide", DC_F_FAMILY, "wide"},
        {"i3_k4", DC_F_LAST + DC_A_K, "even"},
        {"i3_k5", DC_F_LAST + DC_A_K, "odd"},
        {"i3_k1", DC_F_LAST + DC_A_K, "1"},
        {"i3x4_k1x2", DC_F_FIRST + DC_A_K, "1"},
        {"i3x4_k1x2", DC_F_LAST + DC_A_K, "even"},
        {"i3_k2", DC_F_FIRST + DC_A_K, NULL},
        {"i3_k2_s2", DC_F_LAST + DC_A_S, "2"},
        {"i3_k2_s7", DC_F_LAST + DC_A_S, "3+"},
        {"i3_k2_d4", DC_F_LAST + DC_A_D, "3+"},
        {"i9_k3_d2_p4", DC_F_LAST + DC_A_PB, "1..d(k-1)"},
        {"i9_k3_d2_p5", DC_F_LAST + DC_A_PE, "> d(k-1)"},
        {"i9_k1_p1", DC_F_LAST + DC_A_PE, "> d(k-1)"},
        {"i9_k1_p-1", DC_F_LAST + DC_A_PE, "< 0"},
        {"i9_k3_s3_op2", DC_F_LAST + DC_A_OP, "1..s-1"},
        {"i9_k3_s3_d5_op3", DC_F_LAST + DC_A_OP, ">= s"},
        {"i9_k3_s5", DC_F_LAST + DC_A_REACH, ">"},
        {"i9_k3_s5_d2", DC_F_LAST + DC_A_REACH, "="},
        {"i9_k3_s4_d2", DC_F_LAST + DC_A_REACH, "<"},
        {"i7_k3", DC_F_LAST + DC_A_I, "7,15,31"},
        {"i16_k3", DC_F_LAST + DC_A_I, "8,16,32"},
        {"i33_k3", DC_F_LAST + DC_A_I, "9,17,33"},
        {"i2_k3", DC_F_LAST + DC_A_I, "2"},
        {"i34_k3", DC_F_LAST + DC_A_I, "other"},
        {"i0_k3", DC_F_LAST + DC_A_I, "0"},
        {"i33x2_k3", DC_F_FIRST + DC_A_I, "3+"},
        {"i0x2_k3", DC_F_FIRST + DC_A_I, "0"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const int f = rows[k].factor;
        dc_levels l;
        dc_case c;
        dc_error e;

        if (dc_case_parse(rows[k].spec, &c, &e) != DC_OK)
            fail_msg("%s: %s", rows[k].spec, e.text);
        if (!dc_factors_of(&c, &l))
            fail_msg("%s covers nothing", rows[k].spec);
        if (rows[k].level ? l.at[f] < 0 || strcmp(dc_factors[f].level[l.at[f]],
                                                  rows[k].level) != 0
                          : l.at[f] >= 0)
            fail_msg("%s: %s is level %d", rows[k].spec, dc_factors[f].name,
                     l.at[f]);
    }
}

static void empty_cases_cover_nothing(void **state)
{
    static const char *const specs[] = {"ci0_i3_k2", "co0_i3_k2",
                                        "i1_k1_p1_op0_s2_op1", "i3x0x3_k2_s1",
                                        "i3x3x3_k2_pb0x-1x0"};

    (void)state;
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
        dc_levels l;
        dc_case c;

        if (dc_case_parse(specs[k], &c, NULL) == DC_OK)
            assert_int_equal(dc_factors_of(&c, &l), 0);
    }
}

static void degenerate_levels_are_found(void **state)
{
    static const struct {
        const char *spec;
        int count;
    } rows[] = {{"i3_k2", 0},           {"n0_i3_k2", 1},
                {"u1_i3_k2", 1},        {"i3_k2_p-1", 1},
                {"i3x3_k2_pb-1x-1", 2}, {"n0_i0x3_k2_pe0x-1", 3}};

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_levels l;
        dc_case c;

        assert_int_equal(dc_case_parse(rows[k].spec, &c, NULL), DC_OK);
        assert_int_equal(dc_factors_of(&c, &l), 1);
        assert_int_equal(__builtin_popcount(dc_factors_degenerate(&l)),
                         rows[k].count);
    }
}

/* Every axis of a grid, as the only one and as the first of two: no pair and
 * no triple of levels of a problem that exists is refuted.  A combination is
 * looked at where the problem has nothing odd beside it. */
static void check_grid(const dc_problem *p, int64_t *combinations)
{
    const dc_case c = {.p = *p};
    unsigned all;
    dc_levels l;

    if (!dc_factors_of(&c, &l))
        return;
    all = dc_factors_degenerate(&l);
    for (int a = 0; a < DC_FACTORS; a++)
        for (int b = a + 1; b < DC_FACTORS; b++)
            for (int d = b + 1; d < DC_FACTORS; d++) {
                dc_levels some;

                if (l.at[a] < 0 || l.at[b] < 0 || l.at[d] < 0)
                    continue;
                memset(&some, -1, sizeof some);
                some.at[a] = l.at[a];
                some.at[b] = l.at[b];
                some.at[d] = l.at[d];
                if (dc_factors_degenerate(&some) != all)
                    continue;
                ++*combinations;
                if (dc_factors_refuted(&some)) {
                    char text[DC_CASE_MAX];

                    dc_case_print(&c, text);
                    fail_msg("%s exists, yet %s, %s, %s is refuted", text,
                             dc_factors[a].name, dc_factors[b].name,
                             dc_factors[d].name);
                }
            }
}

static void rules_are_true(void **state)
{
    static const int64_t extents[] = {0, 1, 2, 3, 7, 8};
    int64_t combinations = 0;

    (void)state;
    for (int64_t k = 1; k <= 4; k++)
        for (int64_t s = 1; s <= 9; s += 1 + (s > 3))
            for (int64_t d = 1; d <= 5; d++)
                for (int64_t pb = -1; pb <= d * (k - 1) + 1; pb += 1 + (pb > 2))
                    for (int64_t pe = -1; pe <= d * (k - 1) + 1;
                         pe += 1 + (pe > 1))
                        for (int64_t op = 0; op < s || op < d; op++) {
                            dc_problem p = {.rank = 1 + (int)((k + s + op) % 2),
                                            .dtype = (int)(s % 4),
                                            .n = 1,
                                            .ci = 2,
                                            .co = 2,
                                            .g = 1 + d % 2};

                            for (int a = 0; a < p.rank; a++) {
                                p.k[a] = k;
                                p.s[a] = s;
                                p.d[a] = d;
                                p.pb[a] = a ? pe : pb;
                                p.pe[a] = pe;
                                p.op[a] = op;
                                p.i[a] =
                                    extents[(k + s + d + pb + pe + op + 2) % 6];
                            }
                            if (dc_problem_complete(&p, NULL) == DC_OK)
                                check_grid(&p, &combinations);
                        }
    assert_true(combinations > 1000000);
}

static void contradictions_have_reasons(void **state)
{
    static const struct {
        int factor[3], level[3];
        const char *rule; /* NULL: possible */
    } rows[] = {
        {{DC_F_RANK, DC_F_FIRST, -1}, {0, 0}, "rank 1"},
        {{DC_F_RANK, DC_F_PADS, -1}, {0, 2}, "rank 1"},
        {{DC_F_GROUP, DC_F_CI, -1}, {3, 1}, "depthwise"},
        {{DC_F_GROUP, DC_F_CO, -1}, {4, 0}, "multiplier"},
        {{DC_F_GROUP, DC_F_CI, -1}, {1, 0}, "g > 1"},
        {{DC_F_LAST + DC_A_K, DC_F_LAST + DC_A_PB, -1}, {0, 1}, "needs k"},
        {{DC_F_LAST + DC_A_S, DC_F_LAST + DC_A_OP, -1}, {0, 1}, "needs s"},
        {{DC_F_LAST + DC_A_D, DC_F_LAST + DC_A_OP, -1}, {0, 2}, "needs d"},
        {{DC_F_PADS, DC_F_LAST + DC_A_PB, DC_F_LAST + DC_A_PE},
         {0, 0, 1},
         "one class"},
        {{DC_F_PADS, DC_F_LAST + DC_A_PB, DC_F_LAST + DC_A_PE},
         {1, 0, 0},
         "do not differ"},
        {{DC_F_LAST + DC_A_K, DC_F_LAST + DC_A_OP, DC_F_LAST + DC_A_REACH},
         {2, 2, 2},
         "s >"},
        {{DC_F_LAST + DC_A_PB, DC_F_LAST + DC_A_OP, DC_F_LAST + DC_A_I},
         {2, 0, 0},
         "o >= 1"},
        {{DC_F_LAST + DC_A_PB, DC_F_LAST + DC_A_OP, DC_F_LAST + DC_A_I},
         {2, 1, 0},
         NULL},
        {{DC_F_LAST + DC_A_PB, DC_F_LAST + DC_A_PE, -1}, {2, 2}, NULL},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        unsigned rules;
        int named = 0;
        dc_levels l;

        memset(&l, -1, sizeof l);
        for (int q = 0; q < 3 && rows[k].factor[q] >= 0; q++)
            l.at[rows[k].factor[q]] = (int8_t)rows[k].level[q];
        rules = dc_factors_refuted(&l);
        for (int r = 0; r < DC_RULES && rows[k].rule; r++)
            named |= (rules >> r & 1) &&
                     strstr(dc_factor_rules[r], rows[k].rule) != NULL;
        if (rows[k].rule ? !named : rules != 0)
            fail_msg("row %zu: rules %#x", k, rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_have_their_levels),
        cmocka_unit_test(empty_cases_cover_nothing),
        cmocka_unit_test(degenerate_levels_are_found),
        cmocka_unit_test(rules_are_true),
        cmocka_unit_test(contradictions_have_reasons),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
