/* SPDX-License-Identifier: MIT
 *
 * Does the ladder give the verdict of MPFR for every element, near misses
 * included, and do its guards notice a quick implementation that is wrong?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/space/sweep.h"
#include "fast/fast.h"
#include "oracle/truth/ladder.h"

static const dc_arithmetic usual = {.accumulate = -1};

/* The value of dtype next to v in the direction of `to`. */
static double neighbour(int dtype, double v, double to)
{
    const dc_format *d = &dc_formats[dtype];
    const double nearby = nextafter(v, to);
    const int exponent =
        nearby == 0 || ilogb(nearby) < d->emin ? d->emin : ilogb(nearby);
    const double step = ldexp(1, exponent - d->precision + 1);

    return v + (to > v ? step : -step);
}

/* The largest and the smallest value of dtype in the interval. */
static double highest(int dtype, const dc_interval *v)
{
    const double high = dc_format_round(dtype, v->hi);

    return high > v->hi ? neighbour(dtype, high, -INFINITY) : high;
}

static double lowest(int dtype, const dc_interval *v)
{
    const double low = dc_format_round(dtype, v->lo);

    return low < v->lo ? neighbour(dtype, low, INFINITY) : low;
}

/* Values around an element's accepted interval: at its ends, one unit inside
 * and one outside. */
static double planted(int dtype, const dc_interval *v, int which)
{
    switch (which) {
    case 0:
        return v->want;
    case 1:
        return lowest(dtype, v);
    case 2:
        return highest(dtype, v);
    case 3:
        return neighbour(dtype, highest(dtype, v), INFINITY);
    case 4:
        return neighbour(dtype, lowest(dtype, v), -INFINITY);
    case 5:
        return neighbour(dtype, highest(dtype, v), -INFINITY);
    case 6:
        return neighbour(dtype, lowest(dtype, v), INFINITY);
    case 7:
        return (double)NAN;
    default:
        return (double)INFINITY;
    }
}
enum { OUTSIDE = 3, PLANTED = 9 };

/* The number of elements with numbers above and below their interval. */
static int64_t count_bounded(const dc_truth *t, dc_op op)
{
    const double most = dc_formats[t->c.p.dtype].max;
    int64_t count = 0;

    for (int64_t i = 0; i < t->count[op]; i++) {
        const dc_interval *v = &t->accepted[op][i];
        count += !v->nonfinite && v->lo > -most && v->hi < most;
    }
    return count;
}

static void compare_one(dc_truth *t, dc_op op, const dc_impl *quick,
                        dc_rungs *rungs)
{
    void *got = calloc((size_t)t->count[op] + 1, sizeof(double));
    dc_ladder *ladder;
    dc_error e = {DC_OK, NULL, -1, ""};

    assert_non_null(got);
    if (dc_ladder_open(&ladder, t, op, &usual, quick, &e) != DC_OK)
        fail_msg("%s", e.text);
    assert_int_equal(dc_truth_make(t, op, &usual, &e), DC_OK);
    for (int which = 0; which < PLANTED; which++) {
        dc_comparison a;
        dc_comparison b;

        for (int64_t i = 0; i < t->count[op]; i++)
            dc_format_set(t->c.p.dtype, got, i,
                          planted(t->c.p.dtype, &t->accepted[op][i], which));
        a = dc_ladder_compare(ladder, got, rungs);
        b = dc_truth_compare(t, op, got);
        assert_int_equal(a.wrong, b.wrong);
        assert_int_equal(a.first, b.first);
        if (which < OUTSIDE)
            assert_int_equal(b.wrong, 0);
        else if (which <= OUTSIDE + 1)
            assert_true(b.wrong >= count_bounded(t, op));
    }
    dc_ladder_close(ladder);
    free(got);
}

/* Every operation of every random case of smoke, by both first rungs. */
static void test_same_verdict(void **state)
{
    const dc_sweep sweep = {
        DC_SMOKE, 5, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL};
    const dc_impl *const rung[2] = {dc_fast_impl(), NULL};
    dc_rungs rungs = {0, 0, 0};

    (void)state;
    for (int64_t i = 0; i < dc_sweep_count(&sweep); i++) {
        dc_item item;
        dc_truth t;

        dc_sweep_case(&sweep, i, &item);
        if (item.name || item.c.family == DC_SPECIAL)
            continue;
        assert_int_equal(dc_truth_open(&t, &item.c, NULL), DC_OK);
        for (int op = 0; op < DC_OPS; op++)
            for (int k = 0; k < 2; k++)
                compare_one(&t, (dc_op)op, rung[k], &rungs);
        dc_truth_close(&t);
    }
    /* all three rungs were needed, MPFR rarely */
    assert_true(rungs.binary64 > 0 && rungs.dot2 > 0 && rungs.mpfr > 0);
    assert_true(rungs.mpfr < (rungs.binary64 + rungs.dot2) / 2);
}

/* Channels, positions and batch items beyond 2^16, each with its own bias or
 * number of products: an index that is cut takes another one's. */
static void test_same_verdict_at_size(void **state)
{
    static const struct {
        const char *spec;
        dc_op op;
    } rows[] = {
        {"co65600_i1_k1_b1_f16_real", DC_FORWARD},
        {"i65600x2_k1x2_pb0x1_f32_real", DC_FORWARD},
        {"i2x1_k2x65600_pb1x0_f32_real", DC_GRAD_WEIGHT},
    };
    dc_rungs rungs = {0, 0, 0};

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_case c;
        dc_truth t;

        assert_int_equal(dc_case_parse(rows[r].spec, &c, NULL), DC_OK);
        assert_int_equal(dc_truth_open(&t, &c, NULL), DC_OK);
        compare_one(&t, rows[r].op, dc_fast_impl(), &rungs);
        dc_truth_close(&t);
    }
}

/* ==== Guards ============================================================ */

/* `fast` with one wrong element: in its first result, the values, by a
 * ten-thousandth, or in its second, the magnitudes, by a half. */
static int64_t off_at;
static int off_call; /* the result with the wrong element */
static int off_calls;

static void change(const dc_problem *p, dc_tensor out, void *v)
{
    const int64_t count = dc_problem_count(p, out);
    const int64_t at = count > 0 ? off_at % count : 0;

    const double by = off_call ? 0.5 : 1e-4;

    if (off_calls++ == off_call && count > 0)
        dc_format_set(p->dtype, v, at,
                      dc_format_get(p->dtype, v, at) * (1 + by) + by);
}

static dc_status off_forward(const dc_problem *p, const void *x, const void *w,
                             const void *b, void *y)
{
    const dc_status status = dc_fast_impl()->forward(p, x, w, b, y);
    change(p, DC_Y, y);
    return status;
}

static dc_status off_input(const dc_problem *p, const void *gy, const void *w,
                           void *gx)
{
    const dc_status status = dc_fast_impl()->grad_input(p, gy, w, gx);
    change(p, DC_GX, gx);
    return status;
}

static dc_status off_weight(const dc_problem *p, const void *gy, const void *x,
                            void *gw)
{
    const dc_status status = dc_fast_impl()->grad_weight(p, gy, x, gw);
    change(p, DC_GW, gw);
    return status;
}

static dc_status off_bias(const dc_problem *p, const void *gy, void *gb)
{
    const dc_status status = dc_fast_impl()->grad_bias(p, gy, gb);
    change(p, DC_GB, gb);
    return status;
}

/* The sample or the checksum finds the wrong element, wherever it is. */
static void test_guards(void **state)
{
    static const dc_impl off = {DC_ABI,      "off",     "1",        NULL,
                                off_forward, off_input, off_weight, off_bias};
    static const struct {
        const char *spec;
        int64_t step;
    } rows[] = {
        {"n2_ci6_co4_g2_i5x7_k3x2_s2x3_d2x1_p1_b1_f32_real_r3", 97},
        {"ci40_co3_i90_k5_s2_p2_b0_f32_real_r4", 97},
        {"n2_ci3_co5_i3x4x5_k2x3x2_s2_p1_b1_bf16_real_r5", 97},
        {"ci20000_co260_i1_k1_f32_real_r1", 997}, /* long sums, many channels */
    };

    (void)state;
    for (size_t s = 0; s < sizeof rows / sizeof *rows; s++)
        for (int op = 0; op < DC_GRAD_BIAS; op++)
            for (off_at = 0; off_at < 2000; off_at += rows[s].step) {
                dc_case c;
                dc_truth t;
                dc_ladder *ladder;
                dc_error e = {DC_OK, NULL, -1, ""};

                off_call = (int)(off_at % 2);
                off_calls = 0;
                assert_int_equal(dc_case_parse(rows[s].spec, &c, &e), DC_OK);
                assert_int_equal(dc_truth_open(&t, &c, &e), DC_OK);
                assert_int_equal(
                    dc_ladder_open(&ladder, &t, (dc_op)op, &usual, &off, &e),
                    DC_FAILED);
                assert_non_null(strstr(e.text, "the quick rung"));
                assert_null(ladder);
                dc_truth_close(&t);
            }
}

/* Double-double replaces a quick implementation that does not offer the
 * problem. */
static void test_refused(void **state)
{
    static const dc_impl none = {DC_ABI, "none", "1",  NULL,
                                 NULL,   NULL,   NULL, NULL};
    dc_case c;
    dc_truth t;
    dc_rungs rungs = {0, 0, 0};

    (void)state;
    assert_int_equal(dc_case_parse("ci2_i5_k3_f32_real", &c, NULL), DC_OK);
    assert_int_equal(dc_truth_open(&t, &c, NULL), DC_OK);
    for (int op = 0; op < DC_OPS; op++)
        compare_one(&t, (dc_op)op, &none, &rungs);
    assert_int_equal(rungs.binary64, 0);
    assert_true(rungs.dot2 > 0);
    dc_truth_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_verdict),
        cmocka_unit_test(test_same_verdict_at_size),
        cmocka_unit_test(test_guards),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
