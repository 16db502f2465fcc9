/* SPDX-License-Identifier: MIT
 *
 * Is every case of the widths legal and within its budget, and do the layers
 * that networks have occur?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cases/data/data.h"
#include "cases/space/widths.h"
#include "ref/counts.h"
#include "ref/integer.h"

/* Products of forward that a case of this block may have in ci and in full. */
static int64_t most_products(const char *block, dc_tier tier)
{
    static const struct {
        const char *block;
        int64_t ci, full;
    } rows[] = {{"wide", 35000, 280000},
                {"wide-depthwise", 25000, 400000},
                {"wide-grouped", 33000, 270000},
                {"degenerate-axis", 40000, 40000},
                {"plane", 410000, 410000}};

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        if (strcmp(rows[r].block, block) == 0)
            return tier == DC_CI ? rows[r].ci : rows[r].full;
    fail_msg("%s has no bound", block);
    return 0;
}

static void cases_are_legal(void **state)
{
    static const dc_tier tiers[] = {DC_CI, DC_FULL};

    (void)state;
    for (size_t t = 0; t < sizeof tiers / sizeof *tiers; t++)
        for (int64_t k = 0; k < dc_widths_count(tiers[t]); k++) {
            char text[DC_CASE_MAX];
            dc_item item;
            dc_counts n;
            dc_problem p;
            dc_error e;

            dc_widths_case(tiers[t], k, &item);
            p = item.c.p;
            dc_case_print(&item.c, text);
            if (dc_problem_check(&p, &e) != DC_OK)
                fail_msg("%s: %s", text, e.text);
            for (int a = 0; a < p.rank; a++)
                if (p.o[a] == 0)
                    fail_msg("%s has no output", text);
            assert_non_null(item.name);
            if (dc_counts_of(&p, &n, &e) != DC_OK ||
                n.mul[DC_FORWARD] > most_products(item.name, tiers[t]))
                fail_msg("%s is too large", text);
            assert_non_null(item.hunts);
            assert_false(dc_data_second_int(&item.c));
        }
    assert_int_equal(dc_widths_count(DC_SMOKE), 0);
    assert_int_equal(dc_widths_count(DC_LARGE), 0);
}

/* ==== What occurs ======================================================= */

static bool all_axes(const int64_t *v, int rank, int64_t least)
{
    for (int a = 0; a < rank; a++)
        if (v[a] < least)
            return false;
    return true;
}

static bool both_wide(const dc_problem *p, int64_t least)
{
    return dc_min(p->ci, p->co) / p->g >= least;
}

static bool is_wide_with_kernel(const dc_problem *p)
{
    return both_wide(p, 64) && dc_volume(p->k, p->rank) > 1 && p->s[0] > 1;
}

static bool is_middling(const dc_problem *p)
{
    return both_wide(p, 34) && !both_wide(p, 64);
}

static bool is_plane_of_16(const dc_problem *p)
{
    return p->rank == 2 && both_wide(p, 16) && all_axes(p->i, 2, 14);
}

static bool is_doubling_plane(const dc_problem *p)
{
    return p->rank == 2 && all_axes(p->i, 2, 16) && p->k[0] == 4 &&
           p->s[0] == 2 && p->pb[0] == 1;
}

static bool is_volume(const dc_problem *p)
{
    return p->rank == 3 && all_axes(p->i, 3, 8) && all_axes(p->k, 3, 2);
}

static bool is_long_line(const dc_problem *p)
{
    return p->rank == 1 && p->i[0] >= 128 && p->k[0] >= 8;
}

static bool is_very_long_line(const dc_problem *p)
{
    return p->i[0] > 512 && p->k[0] == 3;
}

static bool is_wide_depthwise(const dc_problem *p)
{
    return p->g >= 256 && p->ci == p->g && p->co == p->g;
}

static bool is_long_kernel(const dc_problem *p)
{
    return p->k[p->rank - 1] >= 16 && p->s[p->rank - 1] >= 8;
}

/* An axis of 1 beside a strided one, with whole vectors of channels. */
static bool is_degenerate_depthwise(const dc_problem *p)
{
    const int last = p->rank - 1;

    return p->rank > 1 && p->ci == p->g && p->g % 8 == 0 &&
           ((p->i[0] == 1 && p->s[last] == 2) ||
            (p->k[last] == 1 && p->s[0] == 2));
}

static void networks_have_their_layers(void **state)
{
    static bool (*const kinds[])(const dc_problem *) = {
        is_wide_with_kernel,    is_middling,       is_plane_of_16,
        is_doubling_plane,      is_volume,         is_long_line,
        is_very_long_line,      is_wide_depthwise, is_long_kernel,
        is_degenerate_depthwise};
    static const dc_tier tiers[] = {DC_CI, DC_FULL};

    (void)state;
    for (size_t t = 0; t < 2; t++)
        for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
            int met = 0;

            for (int64_t k = 0; k < dc_widths_count(tiers[t]); k++) {
                dc_item item;

                dc_widths_case(tiers[t], k, &item);
                met += kinds[kind](&item.c.p);
            }
            if (!met)
                fail_msg("tier %d has no layer of kind %d", (int)t, (int)kind);
        }
}

/* Every count of channels comes on both sides. */
static void every_width_comes(void **state)
{
    static const int64_t widths[] = {48,  63,  64,  65,  96,  100, 127, 128,
                                     129, 192, 256, 257, 320, 384, 512};

    (void)state;
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        int as_ci = 0;
        int as_co = 0;

        for (int64_t k = 0; k < dc_widths_count(DC_CI); k++) {
            dc_item item;

            dc_widths_case(DC_CI, k, &item);
            if (item.c.p.g > 1)
                continue;
            as_ci += item.c.p.ci == widths[w] && item.c.p.co >= 34;
            as_co += item.c.p.co == widths[w] && item.c.p.ci >= 34;
        }
        assert_true(as_ci > 0 && as_co > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_are_legal),
        cmocka_unit_test(networks_have_their_layers),
        cmocka_unit_test(every_width_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
