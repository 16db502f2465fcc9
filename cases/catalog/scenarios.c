/* SPDX-License-Identifier: MIT
 *
 * The tables of scenarios.
 */
#include "cases/catalog/scenarios.h"

#include "ref/integer.h"

/* ==== Alternation ======================================================= */

/* clang-format off */
#define N  "n2"
#define CI "_ci4"
#define CO "_co6"
#define G  "_g2"
#define I  "_i4x5"
#define K  "_k3x2"
#define S  "_s2x3"
#define D  "_d1x2"
#define PB "_pb1x0"
#define PE "_pe0x1"
#define OP "_op1x1"
#define B  "_b1"
#define BASE N CI CO G I K S D PB PE OP B

const dc_alternation dc_alternations[] = {
    {"n", BASE, "n3" CI CO G I K S D PB PE OP B},
    {"ci", BASE, N "_ci6" CO G I K S D PB PE OP B},
    {"co", BASE, N CI "_co8" G I K S D PB PE OP B},
    {"g", BASE, N CI CO "_g1" I K S D PB PE OP B},
    {"i", BASE, N CI CO G "_i4x3" K S D PB PE OP B},
    {"k", BASE, N CI CO G I "_k2x2" S D PB PE OP B},
    {"s", BASE, N CI CO G I K "_s2x2" D PB PE OP B},
    {"d", BASE, N CI CO G I K S "_d2x2" PB PE OP B},
    {"pb", BASE, N CI CO G I K S D "_pb0x0" PE OP B},
    {"pe", BASE, N CI CO G I K S D PB "_pe0x0" OP B},
    /* the output is cropped by as much, at the other end */
    {"pads", BASE, N CI CO G I K S D "_pb0x1_pe1x0" OP B},
    {"op", BASE, N CI CO G I K S D PB PE "_op1x0" B},
    /* pe and op both grow: the output has the same extent */
    {"op-pe", BASE, N CI CO G I K S D PB "_pe0x2_op1x2" B},
    {"bias", BASE, N CI CO G I K S D PB PE OP "_b0"},
    {"axes", BASE, N CI CO G "_i5x4_k2x3_s3x2_d2x1_pb0x1_pe1x0" OP B},
    {"rank", "n2_ci4_co6_g2_i5_k2_s3_d2_pe1_op1_b1",
     "n2_ci4_co6_g2_i1x5_k1x2_s1x3_d1x2_pe0x1_op0x1_b1"},
    /* symmetric pads, for implementations that have no others */
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
    {"batch-gy",
     "n65600_ci2_co2_i1_k2_d16383",
     {[DC_GRAD_INPUT] = 1, [DC_GRAD_WEIGHT] = 1, [DC_GRAD_BIAS] = 1},
     "the offset of the last batch item in 32 bits"},
    {"groups-gy",
     "ci65600_co65600_g65600_i1_k2_d32767",
     {[DC_GRAD_INPUT] = 1, [DC_GRAD_WEIGHT] = 1, [DC_GRAD_BIAS] = 1},
     "the offset of the last group in 32 bits"},
    {"x-unsigned",
     "ci32_i134217730_k3_pb134217722",
     {[DC_FORWARD] = 1},
     "an offset into x in 32 bits without a sign"},
    {"gy-unsigned",
     "co32_i2_k2_s134217729",
     {[DC_GRAD_INPUT] = 1, [DC_GRAD_WEIGHT] = 1, [DC_GRAD_BIAS] = 1},
     "an offset into gy in 32 bits without a sign"},
};
const int dc_larges_count = (int)(sizeof dc_larges / sizeof *dc_larges);

enum { MARGIN = 16, DENSE_MAX = 1 << 20 };

int dc_large_ranges(int64_t count, int64_t ranges[DC_LARGE_RANGES][2])
{
    static const int64_t edges[] = {(int64_t)1 << 31, (int64_t)1 << 32};
    int n = 0;

    ranges[n][0] = 0;
    ranges[n++][1] = count <= DENSE_MAX ? count : MARGIN;
    if (count <= DENSE_MAX)
        return n;
    for (int k = 0; k < 2 && edges[k] - MARGIN < count - MARGIN; k++) {
        ranges[n][0] = edges[k] - MARGIN;
        ranges[n++][1] = dc_min(edges[k] + MARGIN, count);
    }
    if (ranges[n - 1][1] >= count - MARGIN) {
        ranges[n - 1][1] = count;
        return n;
    }
    ranges[n][0] = count - MARGIN;
    ranges[n++][1] = count;
    return n;
}

double dc_large_value(const dc_problem *p, dc_tensor t, int64_t index)
{
    const int64_t hash = (index * 7 + (int64_t)t * 5) % 10;
    int64_t ranges[DC_LARGE_RANGES][2];
    const int n = dc_large_ranges(dc_problem_count(p, t), ranges);

    for (int r = 0; r < n; r++)
        if (index >= ranges[r][0] && index < ranges[r][1])
            return (double)(hash < 5 ? hash - 5 : hash - 4);
    return 0;
}
