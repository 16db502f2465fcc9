/* SPDX-License-Identifier: MIT
 *
 * Correct in structure, wrong in arithmetic: DC_TEST_MODE names the precision
 * that is silently lost.  The judge must find each of them.
 */
#include "tests/plugins/split.h"

static const double FLUSHED = 0x1p-126; /* in f32 */

/* Adds serially, in 16 interleaved lanes, or pairwise. */
typedef enum { SERIAL, LANES, PAIRWISE } order;

/* v rounded to an accumulator of `bits` bits. */
static double keep(const products *p, int bits, double v)
{
    return round_bits(in_acc(p->dtype, v), bits);
}

static double tree(const products *p, int bits, int64_t from, int64_t count)
{
    if (count <= 1)
        return count ? keep(p, bits, p->a[from] * p->b[from]) : 0;
    return keep(p, bits,
                tree(p, bits, from, count / 2) +
                    tree(p, bits, from + count / 2, count - count / 2));
}

static double sum_of(const products *p, int bits, order how)
{
    double lane[16] = {0};
    const int lanes = how == LANES ? 16 : 1;
    double sum = how == PAIRWISE ? tree(p, bits, 0, p->count) : 0;

    for (int64_t k = 0; how != PAIRWISE && k < p->count; k++)
        lane[k % lanes] =
            keep(p, bits, lane[k % lanes] + keep(p, bits, p->a[k] * p->b[k]));
    for (int k = 0; how != PAIRWISE && k < lanes; k++)
        sum = keep(p, bits, sum + lane[k]);
    return p->biased ? in_acc(p->dtype, sum + p->bias) : sum;
}

static double plain(const products *p)
{
    return sum_of(p, 53, SERIAL);
}

static double shorter_factors(const products *p, int bits)
{
    for (int64_t k = 0; k < p->count; k++) {
        p->a[k] = round_bits(p->a[k], bits);
        p->b[k] = round_bits(p->b[k], bits);
    }
    return plain(p);
}

static double tf32(const products *p)
{
    return shorter_factors(p, 11);
}

/* Where the bound, which grows with the sum, no longer sees it. */
static double tf32_long(const products *p)
{
    return p->count > 1000 ? tf32(p) : plain(p);
}

static double bf16(const products *p)
{
    return shorter_factors(p, 8);
}

static double f16_sum(const products *p)
{
    double sum = 0;

    for (int64_t k = 0; k < p->count; k++)
        sum = to_f16(sum + to_f16(p->a[k] * p->b[k]));
    return p->biased ? to_f16(sum + p->bias) : sum;
}

static double seven_bits(const products *p)
{
    return sum_of(p, 7, SERIAL);
}

/* 20 bits in sums of more than 64 products. */
static double short_serial(const products *p)
{
    return sum_of(p, p->count > 64 ? 20 : 53, SERIAL);
}

static double short_lanes(const products *p)
{
    return sum_of(p, p->count > 64 ? 20 : 53, LANES);
}

static double short_pairwise(const products *p)
{
    return sum_of(p, p->count > 64 ? 20 : 53, PAIRWISE);
}

static double flushes(const products *p)
{
    const double least = p->dtype == DC_F64   ? 0x1p-1022
                         : p->dtype == DC_F16 ? 0x1p-14
                                              : FLUSHED;
    const double v = plain(p);

    return fabs(v) < least ? copysign(0, v) : v;
}

static double drops(const products *p)
{
    products fewer = *p;

    fewer.count -= p->count > 64;
    return plain(&fewer);
}

/* Two TF32 products for one: the second part of a factor is never taken. */
static double tf32x2(const products *p)
{
    products cut = *p;

    for (int64_t k = 0; k < p->count; k++)
        cut.a[k] = round_bits(p->a[k], 11);
    return split_sum(&cut, 11, 2, 2);
}

/* A compensated sum that begins with what the result before it left. */
static double leaking(const products *p)
{
    static double lost;
    double sum = 0;

    lost = isnan(lost) ? lost : 0;
    for (int64_t k = 0; k < p->count + p->biased; k++) {
        const double v = k < p->count ? p->a[k] * p->b[k] : p->bias;
        const double y = in_acc(p->dtype, in_acc(p->dtype, v) - lost);
        const double t = in_acc(p->dtype, sum + y);

        lost = in_acc(p->dtype, in_acc(p->dtype, t - sum) - y);
        sum = t;
    }
    return sum;
}

static const way ways[] = {
    {"tf32", NONE, tf32},
    {"tf32-long", NONE, tf32_long},
    {"bf16", NONE, bf16},
    {"f16-sum", NONE, f16_sum},
    {"7-bits", NONE, seven_bits},
    {"20-serial", NONE, short_serial},
    {"20-lanes", NONE, short_lanes},
    {"20-pairwise", NONE, short_pairwise},
    {"flush", NONE, flushes},
    {"drop", NONE, drops},
    {"tf32x2", NONE, tf32x2},
    {"leaking", NONE, leaking},
    {"more-taps", BORDER | ZERO_TAPS | MORE_TAPS, plain},
};

static const way *way_now(void)
{
    return find_way(ways, sizeof ways / sizeof *ways);
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = SUMS_IMPL("imprecise");

    return &impl;
}
