/* SPDX-License-Identifier: MIT
 *
 * Has a problem as much of each quantity as was counted by hand?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ref/size.h"
#include "tests/support/parse.h"

/* Each quantity of a problem in which no two are equal, per operation. */
static void quantities(void **unused)
{
    static const int64_t want[DC_SIZES][DC_OPS] = {
        [DC_OF_N] = {3, 3, 3, 3},
        [DC_OF_CI] = {8, 8, 8, 8},
        [DC_OF_CO] = {10, 10, 10, 10},
        [DC_OF_G] = {2, 2, 2, 2},
        [DC_OF_CIG] = {4, 4, 4, 4},
        [DC_OF_COG] = {5, 5, 5, 5},
        [DC_OF_BOTH] = {4, 4, 4, 4},
        [DC_OF_I] = {7, 7, 7, 7},
        [DC_OF_O] = {40, 40, 40, 40},
        [DC_OF_K] = {6, 6, 6, 6},
        [DC_OF_S] = {4, 4, 4, 4},
        [DC_OF_D] = {3, 3, 3, 3},
        [DC_OF_SPAN] = {15, 15, 15, 15},
        [DC_OF_EVERY_I] = {6, 6, 6, 6},
        [DC_OF_TAPS] = {12, 12, 12, 12},
        [DC_OF_POSITIONS] = {920, 920, 920, 920},
        [DC_OF_N_POSITIONS] = {2760, 2760, 2760, 2760},
        [DC_OF_X] = {1008, 1008, 1008, 1008},
        [DC_OF_W] = {480, 480, 480, 480},
        [DC_OF_Y] = {27600, 27600, 27600, 27600},
        /* y: 4 channels; on h one tap, on w the taps t and t + 4 */
        [DC_OF_SUM] = {4 * 1 * 2, 5 * 2 * 6, 3 * 6 * 7, 3 * 23 * 40},
        [DC_OF_GROUPED] = {2, 2, 2, 2},
    };
    const dc_problem p = parse_problem("n3_ci8_co10_g2_i6x7_k2x6_s4_d2x3");

    (void)unused;
    for (int q = 0; q < DC_SIZES; q++)
        for (int op = 0; op < DC_OPS; op++)
            assert_int_equal(dc_size_of((dc_size)q, &p, (dc_op)op),
                             want[q][op]);
}

/* What that problem has not: output padding, pads, other kinds of groups. */
static void groups_and_pads(void **unused)
{
    static const dc_size sizes[] = {DC_OF_OP,         DC_OF_PB,
                                    DC_OF_PE,         DC_OF_DEPTHWISE,
                                    DC_OF_MULTIPLIER, DC_OF_GROUPED};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    static const struct {
        const char *spec;
        int64_t want[SIZES];
    } rows[] = {
        {"i3x9_k7x2_s3x5_op2x4", {4}},
        {"i3x9_k7x2_pb3x1_pe0x1", {0, 3, 1}},
        {"i3x9_k7x2_pb-3x-1_pe-1x2", {0, 0, 2}},
        {"ci4_co4_g4_i3_k2", {0, 0, 0, 4}},
        {"ci4_co8_g4_i3_k2", {0, 0, 0, 0, 4}},
        {"ci8_co4_g4_i3_k2", {0, 0, 0, 0, 0, 4}},
        {"ci8_co12_g4_i3_k2", {0, 0, 0, 0, 0, 4}},
        {"ci1_co1_i3_k2", {0}},
        {"ci1_co2_i3_k2", {0}},
        {"ci2_co2_i3_k2", {0}},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int q = 0; q < SIZES; q++) {
            const dc_problem p = parse_problem(rows[r].spec);
            const int64_t value = dc_size_of(sizes[q], &p, DC_FORWARD);

            if (value != rows[r].want[q])
                fail_msg("%s: %s is %lld", rows[r].spec,
                         dc_size_names[sizes[q]], (long long)value);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities),
        cmocka_unit_test(groups_and_pads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
