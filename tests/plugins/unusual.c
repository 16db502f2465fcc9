/* SPDX-License-Identifier: MIT
 *
 * Correct in an unusual way: DC_TEST_MODE names the order of the sums, their
 * arithmetic, or the zeros that are multiplied.  The judge must not accuse any
 * of them.
 */
#include "tests/plugins/split.h"

static double product(const products *p, int64_t k)
{
    return in_acc(p->dtype, p->a[k] * p->b[k]);
}

static double with_bias(const products *p, double sum)
{
    return p->biased ? in_acc(p->dtype, sum + p->bias) : sum;
}

static double serial(const products *p)
{
    double sum = 0;

    for (int64_t k = 0; k < p->count; k++)
        sum = in_acc(p->dtype, sum + product(p, k));
    return with_bias(p, sum);
}

static double bias_first(const products *p)
{
    double sum = p->biased ? p->bias : 0;

    for (int64_t k = 0; k < p->count; k++)
        sum = in_acc(p->dtype, sum + product(p, k));
    return sum;
}

static double reversed(const products *p)
{
    double sum = 0;

    for (int64_t k = p->count - 1; k >= 0; k--)
        sum = in_acc(p->dtype, sum + product(p, k));
    return with_bias(p, sum);
}

static double tree(const products *p, int64_t from, int64_t count)
{
    if (count == 0)
        return 0;
    if (count == 1)
        return product(p, from);
    return in_acc(p->dtype, tree(p, from, count / 2) +
                                tree(p, from + count / 2, count - count / 2));
}

static double pairwise(const products *p)
{
    return with_bias(p, tree(p, 0, p->count));
}

/* Eight interleaved sums, then their sum. */
static double blocked(const products *p)
{
    double lane[8] = {0};
    double sum = 0;

    for (int64_t k = 0; k < p->count; k++)
        lane[k % 8] = in_acc(p->dtype, lane[k % 8] + product(p, k));
    for (int k = 0; k < 8; k++)
        sum = in_acc(p->dtype, sum + lane[k]);
    return with_bias(p, sum);
}

/* What each addition rounds off is added to the next term. */
static double compensate(const products *p, bool finite)
{
    double sum = 0;
    double lost = 0;

    for (int64_t k = 0; k < p->count + p->biased; k++) {
        const double v = k < p->count ? product(p, k) : p->bias;
        const double y = in_acc(p->dtype, v - lost);
        const double t = in_acc(p->dtype, sum + y);

        lost = in_acc(p->dtype, in_acc(p->dtype, t - sum) - y);
        lost = finite && !isfinite(lost) ? 0 : lost;
        sum = t;
    }
    return sum;
}

/* Infinities leave no remainder. */
static double kahan(const products *p)
{
    return compensate(p, true);
}

/* Infinities leave NaN, as in most such code. */
static double compensated(const products *p)
{
    return compensate(p, false);
}

/* Three TF32 products for one. */
static double three_tf32(const products *p)
{
    return p->dtype == DC_F32 ? split_sum(p, 11, 2, 2) : serial(p);
}

/* Nine bf16 products for one. */
static double nine_bf16(const products *p)
{
    return p->dtype == DC_F32 ? split_sum(p, 8, 3, 6) : serial(p);
}

/* Sums in binary64 for every type. */
static double in_double(const products *p)
{
    double sum = 0;

    for (int64_t k = 0; k < p->count; k++)
        sum += p->a[k] * p->b[k];
    sum += p->biased ? p->bias : 0;
    return in_acc(p->dtype, sum);
}

static double fused(const products *p)
{
    double sum = 0;

    for (int64_t k = 0; k < p->count; k++)
        sum = p->dtype == DC_F64
                  ? fma(p->a[k], p->b[k], sum)
                  : (double)fmaf((float)p->a[k], (float)p->b[k], (float)sum);
    return with_bias(p, sum);
}

/* Stores the sum first, then adds the bias to the stored value. */
static double bias_on_stored(const products *p)
{
    products without = *p;
    double stored;

    without.biased = 0;
    write_value(p->dtype, &stored, 0, serial(&without));
    return p->biased
               ? in_acc(p->dtype, read_value(p->dtype, &stored, 0) + p->bias)
               : read_value(p->dtype, &stored, 0);
}

/* Another order at every call. */
static double any_order(const products *p)
{
    static uint64_t state = 88172645463325252u;

    for (int64_t k = p->count - 1; k > 0; k--) {
        const int64_t other = (int64_t)(state % (uint64_t)(k + 1));
        const double a = p->a[k];
        const double b = p->b[k];

        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        p->a[k] = p->a[other];
        p->b[k] = p->b[other];
        p->a[other] = a;
        p->b[other] = b;
    }
    return serial(p);
}

static const way ways[] = {
    {"serial", NONE, serial},
    {"bias-first", NONE, bias_first},
    {"reversed", NONE, reversed},
    {"pairwise", NONE, pairwise},
    {"blocked", NONE, blocked},
    {"kahan", NONE, kahan},
    {"double", NONE, in_double},
    {"fma", NONE, fused},
    {"bias-on-stored", NONE, bias_on_stored},
    {"random", NONE, any_order},
    {"zero-insertion", STUFFED | BORDER, serial},
    {"zero-stuffing", STUFFED | KERNEL_ZEROS | BORDER, pairwise},
    {"phases", BORDER, serial},
    {"compensated", NONE, compensated},
    {"tf32x3", NONE, three_tf32},
    {"bf16x9", NONE, nine_bf16},
    {"zero-taps", BORDER | ZERO_TAPS, serial},
};

static const way *way_now(void)
{
    return find_way(ways, sizeof ways / sizeof *ways);
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = SUMS_IMPL("unusual");

    return &impl;
}
