/* SPDX-License-Identifier: MIT
 *
 * Are golden values those of MPFR, whichever rung settled them, and those of
 * the formula if something is not finite?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases/data/data.h"
#include "oracle/truth/golden.h"
#include "ref/exact.h"
#include "ref/format.h"

static void intervals_settle(void **state)
{
    static const struct {
        int dtype;
        double hi, lo, radius;
        int settles;
        double value;
    } rows[] = {
        {DC_F64, 1, 0x1p-60, 0x1p-70, 1, 1},
        {DC_F64, 1, 0x1p-53, 0x1p-90, 0, 0}, /* a tie, and both sides of it */
        {DC_F64, 1, 0x1p-53 + 0x1p-70, 0x1p-90, 1, 1 + 0x1p-52},
        {DC_F64, 1, -0x1p-54, 0x1p-90, 0, 0}, /* closer below a power of 2 */
        {DC_F64, 0, 0, 0x1p-1070, 0, 0},      /* +0 or -0? */
        {DC_F64, 0x1p-53, 1, 0x1p-90, 0, 0},  /* lo may be the larger */
        {DC_F32, 1, 0x1p-40, 0x1p-50, 1, 1},
        {DC_F32, 1 + 0x1p-24, 0, 0x1p-90, 0, 0},
        {DC_F32, 1 + 0x1p-24, 0x1p-70, 0x1p-90, 0, 0}, /* too coarse: MPFR */
        {DC_F32, 1 + 0x1p-24 + 0x1p-40, 0, 0x1p-60, 1, 1 + 0x1p-23},
        {DC_F16, 65519, 0, 0x1p-20, 1, 65504},
        {DC_F16, 65520, 0, 0x1p-20, 0, 0},
        {DC_F16, 70000, 0, 0x1p-20, 0, 0}, /* infinite: MPFR */
        {DC_BF16, 3, 0, 0.5, 0, 0},
        {DC_F32, INFINITY, 0, 1, 0, 0},
        {DC_F32, 1, NAN, 1, 0, 0},
        {DC_F32, 1, 0, INFINITY, 0, 0},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        double value = 0;
        const int settles = dc_golden_settles(
            rows[k].dtype, rows[k].hi, rows[k].lo, rows[k].radius, &value);

        if (settles != rows[k].settles || (settles && value != rows[k].value))
            fail_msg("row %zu: %d %a", k, settles, value);
    }
}

/* Compares every element of this case with MPFR. */
static void check_case(const char *name, int64_t settled[DC_GOLDEN_RUNGS])
{
    dc_truth t;
    dc_error e;
    dc_case c;

    if (dc_case_parse(name, &c, &e) != DC_OK ||
        dc_truth_open(&t, &c, &e) != DC_OK)
        fail_msg("%s: %s", name, e.text);
    for (int op = 0; op < DC_OPS; op++) {
        void *got = malloc((size_t)t.count[op] * sizeof(double) + 1);
        double want;

        assert_non_null(got);
        if (dc_golden_make(&t, (dc_op)op, got, settled, &e) != DC_OK)
            fail_msg("%s: %s", name, e.text);
        for (int64_t i = 0; i < t.count[op]; i++) {
            dc_ref_element(t.ref, (dc_op)op, i, 0, &t.element);
            dc_exact_store(c.p.dtype, &want, 0, t.element.t);
            if (mpfr_zero_p(t.element.t))
                dc_format_set(c.p.dtype, &want, 0, 0);
            if (dc_format_bits(c.p.dtype, &want, 0) !=
                dc_format_bits(c.p.dtype, got, i))
                fail_msg("%s: %s at %lld", name, dc_ops[op].name, (long long)i);
        }
        free(got);
    }
    dc_truth_close(&t);
}

static void values_are_mpfrs(void **state)
{
    static const char geometry[] =
        "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1";
    int64_t settled[DC_GOLDEN_RUNGS] = {0};
    char name[DC_CASE_MAX];

    (void)state;
    for (int d = 0; d < DC_FORMATS; d++)
        for (int f = 0; f < DC_SPECIAL; f++)
            for (int r = 0; r < 3; r++) {
                snprintf(name, sizeof name, "%s_%s_%s_r%d", geometry,
                         dc_formats[d].name, dc_family_names[f], r);
                check_case(name, settled);
            }
    check_case("n0_i3_k2_b1_f32", settled);
    check_case("ci0_i3_k2_b1_f16_real", settled);
    assert_true(settled[DC_GOLDEN_INTEGER] > 0);
    assert_true(settled[DC_GOLDEN_DOT2] > 0);
    assert_int_equal(settled[DC_GOLDEN_BINARY64], 0);
    /* large enough for the quick implementation */
    check_case("ci24_co24_i20x20_k3_s2_p1_op1_b1_f32_real_r1", settled);
    check_case("ci24_co24_i20x20_k3_s2_p1_op1_b1_f32_int_r1", settled);
    assert_true(settled[DC_GOLDEN_BINARY64] > 1000);
}

/* If something is not finite, an implementation that multiplies no more zeros
 * than the formula gives the same kind of value, unless another kind is listed
 * as legal. */
static void special_values(void **state)
{
    int64_t seen[4] = {0}; /* finite, infinite, NaN; open */

    (void)state;
    for (int row = 0; row < 2 * 2 * 18; row++) {
        int64_t settled[DC_GOLDEN_RUNGS] = {0};
        char name[DC_CASE_MAX];
        dc_truth t;
        dc_error e;
        dc_case c;

        snprintf(name, sizeof name,
                 "n2_ci4_co6_g2_i3x4_k2x3_%s_b1_%s_special_r%d",
                 row & 1 ? "s1_d1" : "s3x2_d1x2_pb1x2_pe0x1_op2x1",
                 row & 2 ? "f32" : "f64", row / 4);
        if (dc_case_parse(name, &c, &e) != DC_OK ||
            dc_truth_open(&t, &c, &e) != DC_OK)
            fail_msg("%s: %s", name, e.text);
        for (int op = 0; op < DC_OPS; op++) {
            const size_t bytes = (size_t)t.count[op] * sizeof(double);
            double *golden = malloc(bytes + 1);
            double *got = malloc(bytes + 1);
            int64_t *open = malloc(bytes + 1);
            int64_t n = 0;

            assert_true(golden && got && open);
            if (dc_golden_special(&t, (dc_op)op, golden, settled, open, &n,
                                  &e) != DC_OK)
                fail_msg("%s: %s", name, e.text);
            assert_int_equal(dc_ref_run(&c.p, (dc_op)op, t.tensors, got),
                             DC_OK);
            seen[3] += n;
            for (int64_t i = 0, k = 0; i < t.count[op]; i++) {
                const double a = dc_format_get(c.p.dtype, golden, i);
                const double b = dc_format_get(c.p.dtype, got, i);

                seen[isnan(a) ? 2 : isinf(a) ? 1 : 0]++;
                if (k < n && open[k] == i)
                    k++;
                else if (isnan(a) != isnan(b) || isinf(a) != isinf(b) ||
                         (isinf(a) && a != b))
                    fail_msg("%s: %s at %lld: %g, not %g", name,
                             dc_ops[op].name, (long long)i, a, b);
            }
            free(golden);
            free(got);
            free(open);
        }
        dc_truth_close(&t);
    }
    for (int k = 0; k < 4; k++)
        assert_true(seen[k] > 100);
}

/* In f64 a value may be so small that binary64 cannot distinguish it from
 * zero. */
static void rounding_to_zero_keeps_the_sign(void **state)
{
    int64_t tiny = 0;

    (void)state;
    for (int seed = 283; seed < 283 + 6 * 40; seed += 6) {
        int64_t settled[DC_GOLDEN_RUNGS] = {0};
        int64_t open[8];
        int64_t n;
        double golden[8];
        char name[DC_CASE_MAX];
        dc_truth t;
        dc_error e;
        dc_case c;

        snprintf(name, sizeof name, "i3_k2_f64_special_r%d", seed);
        assert_int_equal(dc_case_parse(name, &c, &e), DC_OK);
        assert_int_equal(dc_truth_open(&t, &c, &e), DC_OK);
        assert_int_equal(
            dc_golden_special(&t, DC_FORWARD, golden, settled, open, &n, &e),
            DC_OK);
        for (int64_t i = 0; i < t.count[DC_FORWARD]; i++) {
            dc_ref_element(t.cache.finite ? t.cache.finite : t.ref, DC_FORWARD,
                           i, 0, &t.element);
            if (golden[i] != 0)
                continue;
            if (!signbit(golden[i]) != (mpfr_sgn(t.element.t) >= 0))
                fail_msg("%s: y[%d] is %g", name, (int)i, golden[i]);
            tiny += mpfr_sgn(t.element.t) < 0;
        }
        dc_truth_close(&t);
    }
    assert_true(tiny > 0); /* y[0] of the first is -2.66e-616 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_settle),
        cmocka_unit_test(values_are_mpfrs),
        cmocka_unit_test(special_values),
        cmocka_unit_test(rounding_to_zero_keeps_the_sign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
