/* SPDX-License-Identifier: MIT
 *
 * Does the covering array cover every combination, as measured by the
 * certificate and not by the construction, and has the case of every row the
 * levels of the row?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/space/axes.h"
#include "cases/space/certificate.h"
#include "cases/space/cover.h"
#include "tests/support/nomem.h"

/* ==== Memory that runs out ============================================== */

/* Opens a sweep with the n-th allocation failing, for every n. */
static void opening_survives_without_memory(void **state)
{
    static const dc_tier tiers[] = {DC_CI, DC_FULL};

    (void)state;
    if (DC_SANITIZED)
        skip();
    for (size_t t = 0; t < 2; t++) {
        int64_t n = 1;
        dc_status status = DC_NOMEM;

        for (; status != DC_OK && n < 100; n++) {
            dc_sweep sweep = {
                .tier = tiers[t], .seed = 1, .dtypes = {DC_F32}, .n_dtypes = 1};

            left = n;
            status = dc_sweep_open(&sweep);
            left = 0;
            dc_sweep_close(&sweep);
            assert_true(status == DC_OK || status == DC_NOMEM);
        }
        assert_in_range(n, 11, 99);
    }
}

static void measuring_survives_without_memory(void **state)
{
    const dc_sweep sweep = {
        .tier = DC_SMOKE, .seed = 1, .dtypes = {DC_F32}, .n_dtypes = 1};
    dc_coverage found[2];

    (void)state;
    if (DC_SANITIZED)
        skip();
    for (int64_t n = 1; n < 3; n++) {
        left = n;
        assert_int_equal(dc_certificate(&sweep, NULL, found), DC_NOMEM);
        left = 0;
    }
}

/* ==== Rows ============================================================== */

static void rows_have_their_cases(void **state)
{
    static const dc_cover_plan plans[] = {
        {2, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, 20000},
        {2, 7, {DC_F32}, 1, 20000},
        {3, 3, {DC_F32, DC_F64}, 2, 40000},
    };

    (void)state;
    for (size_t k = 0; k < sizeof plans / sizeof *plans; k++) {
        dc_cover *cover;
        dc_cover *again;

        assert_int_equal(dc_cover_open(&cover, &plans[k]), DC_OK);
        assert_int_equal(dc_cover_open(&again, &plans[k]), DC_OK);
        assert_int_equal(dc_cover_count(cover), dc_cover_count(again));
        for (int64_t i = 0; i < dc_cover_count(cover); i++) {
            const dc_levels row = dc_cover_row(cover, i);
            const dc_levels other = dc_cover_row(again, i);
            char text[DC_CASE_MAX];
            dc_levels l;
            dc_case c;
            dc_error e;

            assert_memory_equal(&row, &other, sizeof row);
            assert_int_equal(dc_cover_case(cover, i, &c), DC_OK);
            dc_case_print(&c, text);
            if (dc_problem_check(&c.p, &e) != DC_OK)
                fail_msg("%s: %s", text, e.text);
            if (!dc_factors_of(&c, &l))
                fail_msg("%s covers nothing", text);
            for (int f = 0; f < DC_FACTORS; f++)
                if (l.at[f] != row.at[f])
                    fail_msg("%s: %s is level %d, not %d", text,
                             dc_factors[f].name, l.at[f], row.at[f]);
            assert_int_equal(dc_factors_refuted(&row), 0);
        }
        dc_cover_close(cover);
        dc_cover_close(again);
    }
    dc_cover_close(NULL);
}

/* The certificate of a whole tier. */
static void measure(dc_tier tier, int n_dtypes, uint64_t seed, FILE *out,
                    dc_coverage found[2])
{
    static const int order[] = {DC_F32, DC_F64, DC_BF16, DC_F16};
    dc_sweep sweep = {.tier = tier, .seed = seed, .n_dtypes = n_dtypes};

    memcpy(sweep.dtypes, order, sizeof order);
    assert_int_equal(dc_sweep_open(&sweep), DC_OK);
    assert_int_equal(dc_certificate(&sweep, out, found), DC_OK);
    dc_sweep_close(&sweep);
    for (int s = 0; s < 2; s++) {
        assert_int_equal(found[s].wrong, 0);
        assert_true(found[s].covered <= found[s].valid);
        assert_true(found[s].invalid > 0);
    }
}

static void ci_holds_every_pair(void **state)
{
    static const struct {
        int n_dtypes;
        uint64_t seed;
    } rows[] = {{1, 1}, {2, 1}, {4, 1}, {2, 2}};
    dc_coverage found[2];

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        measure(DC_CI, rows[k].n_dtypes, rows[k].seed, NULL, found);
        assert_int_equal(found[0].covered, found[0].valid);
    }
}

static void full_holds_every_triple(void **state)
{
    dc_coverage found[2];

    (void)state;
    measure(DC_FULL, 2, 1, NULL, found);
    assert_int_equal(found[0].covered, found[0].valid);
    assert_int_equal(found[1].covered, found[1].valid);
}

/* Smoke has no covering array: the report names holes, and says why the
 * others cannot be. */
static void the_report_names_holes(void **state)
{
    char text[1 << 18];
    FILE *out = tmpfile();
    dc_coverage found[2];
    size_t n;

    (void)state;
    assert_non_null(out);
    measure(DC_SMOKE, 1, 1, out, found);
    assert_true(found[1].covered < found[1].valid);
    rewind(out);
    n = fread(text, 1, sizeof text - 1, out);
    text[n] = 0;
    fclose(out);
    assert_non_null(strstr(text, "smoke, seed 1, f32: "));
    assert_non_null(strstr(text, "  hole "));
    assert_non_null(strstr(text, " more holes\n"));
    assert_non_null(strstr(text, "  invalid k last = 1, pb last = 1..d(k-1): "
                                 "a pad of 1..d(k-1) needs k > 1\n"));
    assert_non_null(strstr(text, "\npairs: "));
    assert_non_null(strstr(text, "\ntriples: "));
    assert_non_null(strstr(text, "  hole n above 2^16 in rank 1: left to the "
                                 "full tier\n"));
    assert_non_null(strstr(text, "  threshold n, 2^5 to 2^20: "));
    assert_non_null(strstr(text, "\nthresholds: "));
}

/* The short lists of axes meet every vector of levels that a wider grid has,
 * one and two levels apart from the pads' own. */
static void count_one(void *state, const dc_axis *axis, const int8_t *at)
{
    int64_t *const n = state;

    assert_int_equal(axis->pb, axis->pe);
    assert_int_equal(at[DC_A_K] == 0, axis->k == 1);
    ++*n;
}

static void axes_can_be_drawn(void **state)
{
    int64_t n = 0;
    dc_axes_walk walk = {.last = true,
                         .pads = DC_PADS_EQUAL,
                         .want = {2, 2, 2, 2, 2, 2, 0, 6},
                         .visit = count_one,
                         .state = &n};
    dc_random r = dc_random_open(1, 1);
    dc_axis axis;
    dc_levels l;
    dc_case c;

    (void)state;
    dc_axes_visit(&walk);
    assert_int_equal(n, 0); /* no input and pads beyond the kernel */
    assert_int_equal(dc_axes_draw(&r, &walk, &axis), 0);
    walk.want[DC_A_I] = -1;
    dc_axes_visit(&walk);
    assert_true(n > 0);
    assert_int_equal(dc_axes_draw(&r, &walk, &axis), 1);
    /* levels that contradict each other have no case */
    memset(&l, 0, sizeof l);
    memset(&l.at[DC_F_FIRST], -1, DC_A_FACTORS);
    l.at[DC_F_LAST + DC_A_PB] = 1;
    assert_int_equal(dc_axes_case(&r, &l, 1000, &c), DC_FAILED);
    l.at[DC_F_LAST + DC_A_PB] = 0;
    l.at[DC_F_LAST + DC_A_REACH] = 1;
    assert_int_equal(dc_axes_case(&r, &l, 1000, &c), DC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_their_cases),
        cmocka_unit_test(axes_can_be_drawn),
        cmocka_unit_test(ci_holds_every_pair),
        cmocka_unit_test(full_holds_every_triple),
        cmocka_unit_test(the_report_names_holes),
        cmocka_unit_test(opening_survives_without_memory),
        cmocka_unit_test(measuring_survives_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
