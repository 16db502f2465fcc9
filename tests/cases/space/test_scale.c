/* SPDX-License-Identifier: MIT
 *
 * Is every case of the factor of scale on the side of the threshold that its
 * cell names, thin elsewhere, and does each tier have the cells that it
 * promises?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases/data/data.h"
#include "cases/space/scale.h"

/* ==== Quantities ======================================================== */

static void problems_have_their_quantities(void **state)
{
    static const struct {
        const char *spec;
        dc_quantity q;
        int64_t value;
    } rows[] = {
        {"n7_i3_k2", DC_Q_N, 7},
        {"ci12_co8_g4_i3_k2", DC_Q_CI, 3},
        {"ci12_co8_g4_i3_k2", DC_Q_CO, 2},
        {"ci12_co8_g4_i3_k2", DC_Q_WIDTH, 2},
        {"ci12_co8_g4_i3_k2", DC_Q_GROUPED, 4},
        {"ci12_co8_g4_i3_k2", DC_Q_DEPTHWISE, 0},
        {"ci4_co8_g4_i3_k2", DC_Q_GROUPED, 0},
        {"ci4_co8_g4_i3_k2", DC_Q_MULTIPLIER, 4},
        {"ci4_co4_g4_i3_k2", DC_Q_DEPTHWISE, 4},
        {"ci1_co1_i3_k2", DC_Q_DEPTHWISE, 0},
        {"i3x9x4_k2", DC_Q_I, 9},
        {"i3x9_k7x2", DC_Q_K, 7},
        {"i3x9_k7x2_s2x1", DC_Q_O, 11},
        {"i3x9_k7x2_s2x1", DC_Q_S, 2},
        {"i3x9_k7x2_d1x5", DC_Q_D, 5},
        {"i3x9_k7x2_d1x5", DC_Q_SPAN, 6},
        {"i3x9_k7x2_s3x5_op2x4", DC_Q_OP, 4},
        {"i3x9_k7x2_pb2x1_pe0x1", DC_Q_PB, 2},
        {"i3x9_k7x2_pb2x1_pe0x1", DC_Q_PE, 1},
        {"i3x9_k7x2", DC_Q_AREA, 14},
        {"n2_i3x9_k7x2", DC_Q_PLANE, 90},
        {"n2_i3x9_k7x2", DC_Q_POSITIONS, 180},
        {"n2_ci4_co6_g2_i3x9_k7x2", DC_Q_X, 216},
        {"n2_ci4_co6_g2_i3x9_k7x2", DC_Q_W, 168},
        {"n2_ci4_co6_g2_i3x9_k7x2", DC_Q_Y, 1080},
        {"ci4_co6_g2_i9_k7", DC_Q_SUM_Y, 14},
        {"ci4_co6_g2_i3_k7", DC_Q_SUM_Y, 6},
        {"ci4_co6_g2_i9_k7_s2", DC_Q_SUM_Y, 8},
        {"ci4_co6_g2_i9_k7_s2_d2", DC_Q_SUM_Y, 14},
        {"ci1_i9_k7_s2_d3", DC_Q_SUM_Y, 3},
        {"ci4_co6_g2_i3x9_k7x2", DC_Q_SUM_GX, 42},
        {"n2_ci4_co6_g2_i3x9_k7x2", DC_Q_SUM_GW, 54},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_case c;

        assert_int_equal(dc_case_parse(rows[r].spec, &c, NULL), DC_OK);
        if (dc_quantity_of(rows[r].q, &c.p) != rows[r].value)
            fail_msg("%s: %s is %lld", rows[r].spec,
                     dc_quantities[rows[r].q].name,
                     (long long)dc_quantity_of(rows[r].q, &c.p));
    }
}

static void sides_are_close_to_the_threshold(void **state)
{
    static const struct {
        int64_t value;
        bool on[DC_SCALE_SIDES];
    } rows[] = {{55, {false}},
                {56, {true}},
                {63, {true}},
                {64, {false, true}},
                {65, {false, false, true}},
                {72, {false, false, true}},
                {73, {false}}};

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int s = 0; s < DC_SCALE_SIDES; s++)
            assert_int_equal(dc_scale_is_on(rows[r].value, 6, (dc_scale_side)s),
                             rows[r].on[s]);
}

/* ==== Cases ============================================================= */

static void check_case(const dc_scale_cell *cell)
{
    char text[DC_CASE_MAX];
    dc_case c;
    dc_problem p;
    dc_error e;
    int64_t value;

    dc_scale_case_of(cell, &c);
    dc_case_print(&c, text);
    p = c.p;
    value = dc_quantity_of(cell->quantity, &p);
    if (dc_problem_check(&p, &e) != DC_OK)
        fail_msg("%s: %s", text, e.text);
    if (!dc_scale_is_on(value, cell->bits, cell->side))
        fail_msg("%s: %s is %lld, not %s 2^%d", text,
                 dc_quantities[cell->quantity].name, (long long)value,
                 dc_scale_side_names[cell->side], cell->bits);
    assert_int_equal(p.rank, cell->rank);
    for (int a = 0; a < p.rank; a++)
        if (p.o[a] == 0)
            fail_msg("%s has no output", text);
    assert_false(dc_data_second_int(&c));
    if (cell->side == DC_SCALE_ABOVE)
        assert_int_equal(c.family, DC_INT);
}

static void cases_are_on_their_side(void **state)
{
    (void)state;
    for (int k = 0; k < DC_SCALE_PLACES; k++) {
        const dc_scale_cell cell = dc_scale_cell_at(k);

        if (dc_scale_has(DC_CI, &cell) || dc_scale_has(DC_FULL, &cell))
            check_case(&cell);
    }
}

/* A pad, a stride or a dilation far beyond 2^16 leaves few outputs. */
static void far_thresholds_take_little_memory(void **state)
{
    (void)state;
    for (int k = 0; k < DC_SCALE_PLACES; k++) {
        const dc_scale_cell cell = dc_scale_cell_at(k);
        dc_case c;

        if (cell.bits <= 20 || !dc_scale_has(DC_FULL, &cell))
            continue;
        dc_scale_case_of(&cell, &c);
        for (int t = 0; t < DC_TENSORS; t++)
            assert_true(dc_problem_count(&c.p, (dc_tensor)t) < 5000);
    }
}

/* ==== Tiers ============================================================= */

/* Ranks in which a tier has a quantity on a side of a threshold. */
static int ranks_of(dc_tier tier, dc_quantity q, int bits, dc_scale_side side)
{
    int n = 0;

    for (int rank = 1; rank <= 3; rank++) {
        const dc_scale_cell cell = {q, bits, side, rank};

        n += dc_scale_has(tier, &cell);
    }
    return n;
}

static void tiers_have_their_cells(void **state)
{
    static const struct {
        dc_tier tier;
        dc_quantity q;
        int bits;
        int ranks[DC_SCALE_SIDES];
    } rows[] = {
        {DC_SMOKE, DC_Q_N, 6, {0, 0, 0}},
        {DC_LARGE, DC_Q_N, 6, {0, 0, 0}},
        {DC_CI, DC_Q_N, 4, {0, 0, 0}},
        {DC_CI, DC_Q_N, 5, {0, 1, 1}},
        {DC_CI, DC_Q_N, 12, {0, 1, 1}},
        {DC_CI, DC_Q_N, 13, {0, 0, 0}},
        {DC_CI, DC_Q_N, 16, {0, 0, 1}},
        {DC_CI, DC_Q_CO, 16, {0, 0, 1}},
        {DC_CI, DC_Q_CI, 16, {0, 0, 1}},
        {DC_CI, DC_Q_I, 16, {0, 0, 1}},
        {DC_CI, DC_Q_O, 16, {0, 0, 0}},
        {DC_CI, DC_Q_S, 24, {0, 0, 1}},
        {DC_CI, DC_Q_WIDTH, 6, {0, 1, 1}},
        {DC_CI, DC_Q_DEPTHWISE, 16, {0, 0, 1}},
        {DC_CI, DC_Q_AREA, 8, {0, 1, 1}},
        {DC_FULL, DC_Q_N, 5, {3, 3, 3}},
        {DC_FULL, DC_Q_N, 16, {3, 3, 3}},
        {DC_FULL, DC_Q_N, 20, {0, 0, 1}},
        {DC_FULL, DC_Q_N, 19, {0, 0, 0}},
        {DC_FULL, DC_Q_PLANE, 10, {2, 2, 2}},
        {DC_FULL, DC_Q_S, 31, {0, 0, 0}},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int s = 0; s < DC_SCALE_SIDES; s++)
            if (ranks_of(rows[r].tier, rows[r].q, rows[r].bits,
                         (dc_scale_side)s) != rows[r].ranks[s])
                fail_msg("row %d: %s 2^%d in another number of ranks", (int)r,
                         dc_scale_side_names[s], rows[r].bits);
}

/* The full tier has every cell of ci, and ci meets every threshold that it has
 * at and above, or above alone. */
static void ci_is_within_full(void **state)
{
    (void)state;
    for (int k = 0; k < DC_SCALE_PLACES; k++) {
        const dc_scale_cell cell = dc_scale_cell_at(k);

        if (dc_scale_has(DC_CI, &cell))
            assert_true(dc_scale_has(DC_FULL, &cell));
    }
    for (int q = 0; q < DC_QUANTITIES; q++)
        for (int bits = 0; bits < DC_SCALE_BITS; bits++)
            assert_true(ranks_of(DC_CI, (dc_quantity)q, bits, DC_SCALE_AT) <=
                        ranks_of(DC_CI, (dc_quantity)q, bits, DC_SCALE_ABOVE));
}

static void lists_hold_what_the_tier_has(void **state)
{
    static const dc_tier tiers[] = {DC_SMOKE, DC_CI, DC_FULL};

    (void)state;
    for (size_t t = 0; t < sizeof tiers / sizeof *tiers; t++) {
        dc_scale *scale;
        int64_t cells = 0;
        int64_t above = 0;

        for (int q = 0; q < DC_QUANTITIES; q++)
            for (int bits = 0; bits < DC_SCALE_BITS; bits++)
                for (int s = 0; s < DC_SCALE_SIDES; s++) {
                    const int ranks = ranks_of(tiers[t], (dc_quantity)q, bits,
                                               (dc_scale_side)s);

                    cells += ranks;
                    above += s == DC_SCALE_ABOVE ? ranks : 0;
                }
        assert_int_equal(dc_scale_open(&scale, tiers[t]), DC_OK);
        assert_int_equal(dc_scale_count(scale), cells);
        for (int64_t k = 0; k < cells; k++) {
            dc_item item = {.kind = DC_ITEM_CASE};
            bool wide;

            dc_scale_case(scale, k, &item, &wide);
            above -= wide;
            assert_string_equal(item.name, "scale");
            assert_non_null(item.hunts);
        }
        assert_int_equal(above, 0);
        dc_scale_close(scale);
    }
    dc_scale_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_have_their_quantities),
        cmocka_unit_test(sides_are_close_to_the_threshold),
        cmocka_unit_test(cases_are_on_their_side),
        cmocka_unit_test(far_thresholds_take_little_memory),
        cmocka_unit_test(tiers_have_their_cells),
        cmocka_unit_test(ci_is_within_full),
        cmocka_unit_test(lists_hold_what_the_tier_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
