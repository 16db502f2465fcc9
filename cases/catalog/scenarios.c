/* SPDX-License-Identifier: MIT
 *
 * The tables of questions that are no case.
 */
#include "cases/catalog/scenarios.h"

/* ==== Alternation ======================================================= */

/* clang-format off */
#define PLAN(n, ci, co, g, i, k, s, d, pb, pe, op, b) \
    "n" n "_ci" ci "_co" co "_g" g "_i" i "_k" k "_s" s "_d" d "_pb" pb \
    "_pe" pe "_op" op "_b" b
#define BASE PLAN("2", "4", "6", "2", "4x5", "3x2", "2x3", "1x2", "1x0", \
                  "0x1", "1x1", "1")

const dc_alternation dc_alternations[] = {
    {"n", BASE, PLAN("3", "4", "6", "2", "4x5", "3x2", "2x3", "1x2", "1x0",
                     "0x1", "1x1", "1")},
    {"ci", BASE, PLAN("2", "6", "6", "2", "4x5", "3x2", "2x3", "1x2", "1x0",
                      "0x1", "1x1", "1")},
    {"co", BASE, PLAN("2", "4", "8", "2", "4x5", "3x2", "2x3", "1x2", "1x0",
                      "0x1", "1x1", "1")},
    {"g", BASE, PLAN("2", "4", "6", "1", "4x5", "3x2", "2x3", "1x2", "1x0",
                     "0x1", "1x1", "1")},
    {"i", BASE, PLAN("2", "4", "6", "2", "4x3", "3x2", "2x3", "1x2", "1x0",
                     "0x1", "1x1", "1")},
    {"k", BASE, PLAN("2", "4", "6", "2", "4x5", "2x2", "2x3", "1x2", "1x0",
                     "0x1", "1x1", "1")},
    {"s", BASE, PLAN("2", "4", "6", "2", "4x5", "3x2", "2x2", "1x2", "1x0",
                     "0x1", "1x1", "1")},
    {"d", BASE, PLAN("2", "4", "6", "2", "4x5", "3x2", "2x3", "2x2", "1x0",
                     "0x1", "1x1", "1")},
    {"pb", BASE, PLAN("2", "4", "6", "2", "4x5", "3x2", "2x3", "1x2", "0x0",
                      "0x1", "1x1", "1")},
    {"pe", BASE, PLAN("2", "4", "6", "2", "4x5", "3x2", "2x3", "1x2", "1x0",
                      "0x0", "1x1", "1")},
    /* the same extents on both sides: only the place of the crop moves */
    {"pads", BASE, PLAN("2", "4", "6", "2", "4x5", "3x2", "2x3", "1x2", "0x1",
                        "1x0", "1x1", "1")},
    {"op", BASE, PLAN("2", "4", "6", "2", "4x5", "3x2", "2x3", "1x2", "1x0",
                      "0x1", "1x0", "1")},
    /* op instead of pe: the same output extent */
    {"op-pe", BASE, PLAN("2", "4", "6", "2", "4x5", "3x2", "2x3", "1x2", "1x0",
                         "0x2", "1x2", "1")},
    {"bias", BASE, PLAN("2", "4", "6", "2", "4x5", "3x2", "2x3", "1x2", "1x0",
                        "0x1", "1x1", "0")},
    {"axes", BASE, PLAN("2", "4", "6", "2", "5x4", "2x3", "3x2", "2x1", "0x1",
                        "1x0", "1x1", "1")},
    {"rank", "n2_ci4_co6_g2_i5_k2_s3_d2_pe1_op1_b1",
     "n2_ci4_co6_g2_i1x5_k1x2_s1x3_d1x2_pe0x1_op0x1_b1"},
    /* symmetric pads, for those who take no others */
    {"pad", "n2_ci4_co6_i4x5_k3_s2_p1_b1", "n2_ci4_co6_i4x5_k3_s2_p0_b1"},
    {"size", "n2_ci4_co6_i3x4_k3_s2_p1_b1", "n2_ci9_co7_i9x8_k4_s2_p1_b1"},
};
/* clang-format on */

const int dc_alternations_count =
    (int)(sizeof dc_alternations / sizeof *dc_alternations);

/* ==== Threads =========================================================== */

const dc_thread_count dc_thread_counts[] = {
    {"1", 1}, {"2", 2}, {"3", 3}, {"7", 7}};
const int dc_thread_counts_count =
    (int)(sizeof dc_thread_counts / sizeof *dc_thread_counts);

/* Kernels that overlap, so that neighbours write into the same outputs, and
 * extents that do not divide by the number of threads. */
const char *const dc_thread_cases[] = {
    "n3_ci5_co7_i9x8_k4x3_s2x1_p1_b1_int_r3",
    "n1_ci6_co4_g2_i11x5_k3_s2_op1_b1_int_r4",
    "n1_ci1_co1_i40_k5_s1_p2_int_r5",
    "n2_ci3_co2_i4x3x5_k2x3x2_s1_p0x1x0_b1_int_r6",
    "n3_ci5_co7_i9x8_k4x3_s2x1_p1_b1_real_r7",
    "n1_ci24_co17_i5x4_k3_s2_p1_op1_b1_real_r8",
    NULL};

/* ==== Beyond 2^31 elements ============================================== */

const dc_large dc_larges[] = {
    {"x",
     "i2147483680_k3_pb2147483660",
     {[DC_FORWARD] = 1},
     "an offset into x in 32 bits"},
    {"x-stride",
     "i2147483680_k4_s2_pb4294967340_op1",
     {[DC_FORWARD] = 1},
     "j*s in 32 bits"},
    {"gy",
     "i2_k2_s2147483653",
     {[DC_GRAD_INPUT] = 1, [DC_GRAD_WEIGHT] = 1, [DC_GRAD_BIAS] = 1},
     "an offset into gy in 32 bits"},
    {"w",
     "i2_k2147483656_pb2147483648",
     {[DC_FORWARD] = 1, [DC_GRAD_INPUT] = 1},
     "an offset into w in 32 bits"},
    {"groups",
     "ci65600_co65600_g65600_i32768_k1_pb32766",
     {[DC_FORWARD] = 1},
     "the offset of the last group in 32 bits"},
    {"batch",
     "n65600_ci2_co2_i16384_k1_pb16383",
     {[DC_FORWARD] = 1},
     "the offset of the last batch item in 32 bits"},
};
const int dc_larges_count = (int)(sizeof dc_larges / sizeof *dc_larges);

enum { MARGIN = 16, DENSE_MAX = 1 << 20 };
static const int64_t EDGE = (int64_t)1 << 31;

int dc_large_ranges(int64_t count, int64_t ranges[3][2])
{
    const int64_t middle = EDGE - MARGIN;
    int n = 0;

    ranges[n][0] = 0;
    ranges[n++][1] = count <= DENSE_MAX ? count : MARGIN;
    if (count <= DENSE_MAX)
        return n;
    ranges[n][0] = middle;
    ranges[n++][1] = EDGE + MARGIN < count ? EDGE + MARGIN : count;
    if (count - MARGIN > EDGE + MARGIN) {
        ranges[n][0] = count - MARGIN;
        ranges[n++][1] = count;
    } else {
        ranges[n - 1][1] = count;
    }
    return n;
}

double dc_large_value(const dc_problem *p, dc_tensor t, int64_t index)
{
    const int64_t hash = (index * 7 + (int64_t)t * 5) % 10;
    int64_t ranges[3][2];
    const int n = dc_large_ranges(dc_problem_count(p, t), ranges);

    for (int r = 0; r < n; r++)
        if (index >= ranges[r][0] && index < ranges[r][1])
            return (double)(hash < 5 ? hash - 5 : hash - 4);
    return 0;
}
