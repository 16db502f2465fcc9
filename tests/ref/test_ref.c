/* SPDX-License-Identifier: MIT
 *
 * Does the reference compute the formulas?  Examples worked by hand, and
 * what integers cannot show: special values, one rounding, wide sums, tensors
 * without elements.  (Random problems: test_gather.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ref/case.h"
#include "ref/exact.h"
#include "ref/ref.h"
#include "tests/support/draw.h"
#include "tests/support/parse.h"

static void *encode(const dc_problem *p, dc_tensor t, const double *values)
{
    const int64_t count = dc_problem_count(p, t);
    void *const tensor = malloc((size_t)count * 8 + 1);

    assert_non_null(tensor);
    for (int64_t e = 0; e < count; e++)
        dc_format_set(p->dtype, tensor, e, values[e]);
    return tensor;
}

/* ==== By hand =========================================================== */

/* x, w, b, gy and what must come out of them. */
typedef struct {
    const char *spec;
    double in[4][24];
    double out[DC_OPS][24];
} worked;

static const worked by_hand[] = {
    {"i3_k2_s2_b1",
     {{1, 2, 3}, {1, 10}, {100}, {1, 2, 3, 4, 5, 6}},
     {{101, 110, 102, 120, 103, 130}, {21, 43, 65}, {22, 28}, {21}}},
    {"i3_k3_pb1", /* 1 12 123 230 300 without its first */
     {{1, 2, 3}, {1, 10, 100}, {0}, {1, 2, 3, 4}},
     {{12, 123, 230, 300}, {210, 321, 432}, {8, 14, 20}, {10}}},
    {"i3_k3_pe2", /* and without its last two */
     {{1, 2, 3}, {1, 10, 100}, {0}, {1, 2, 3}},
     {{1, 12, 123}, {321, 32, 3}, {14, 8, 3}, {6}}},
    {"i2_k2_s3_d2_op2", /* positions 3j + 2t; 1, 4, 6, 7 are holes */
     {{1, 2}, {3, 5}, {0}, {1, 2, 3, 4, 5, 6, 7, 8}},
     {{3, 0, 5, 6, 0, 10, 0, 0}, {18, 42}, {9, 15}, {36}}},
    {"ci2_co4_g2_i1x2_k2x1_s1x2",
     {{1, 2, 3, 4},
      {1, 2, 3, 4, 5, 6, 7, 8},
      {0},
      {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
     {{1,  0, 2,  2,  0, 4,  3,  0, 6,  4,  0, 8,
       15, 0, 20, 18, 0, 24, 21, 0, 28, 24, 0, 32},
      {10, 10, 11, 5}, /* the last 8 of gy are 0 */
      {3, 3, 3, 3, 7, 3, 0, 0},
      {6, 6, 4, 0}}},
    {"i1_k1_pb-1_pe-2_b1",
     {{2}, {3}, {1}, {1, 2, 3, 4}},
     {{1, 7, 1, 1}, {6}, {4}, {10}}},
    {"i0_k2_b1", {{0}, {8, 9}, {5}, {7}}, {{5}, {0}, {0, 0}, {7}}},
    {"i1x1x2_k1x2x1",
     {{1, 2}, {1, 10}, {0}, {1, 2, 3, 4}},
     {{1, 2, 10, 20}, {31, 42}, {5, 11}, {10}}},
    {"n2_co2_i1_k1_b1",
     {{1, 2}, {3, 4}, {50, 60}, {5, 7, 9, 1}},
     {{53, 64, 56, 68}, {43, 31}, {23, 9}, {14, 8}}},
    {"u1_ci2_i2_k1",
     {{1, 2, 3, 4}, {5, 7}, {0}, {1, 2}},
     {{26, 38}, {5, 10, 7, 14}, {5, 11}, {3}}},
};

static void examples_by_hand(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof by_hand / sizeof *by_hand; r++)
        for (int dtype = 0; dtype < DC_FORMATS; dtype++) {
            const worked *w = &by_hand[r];
            dc_problem p = parse_problem(w->spec);
            void *in[DC_TENSORS] = {NULL};
            const void *given[DC_TENSORS];

            p.dtype = dtype;
            for (int t = DC_X; t <= DC_GY; t++)
                in[t] = encode(&p, (dc_tensor)t, w->in[t]);
            memcpy(given, in, sizeof in);
            for (int op = 0; op < DC_OPS; op++) {
                const int64_t count = dc_problem_count(&p, dc_ops[op].out);
                char result[24 * 8];

                assert_int_equal(dc_ref_run(&p, (dc_op)op, given, result),
                                 DC_OK);
                for (int64_t e = 0; e < count; e++) {
                    const double got = dc_format_get(dtype, result, e);
                    /* 8 bits do not hold 321: the nearest that they do */
                    const double want = dc_format_round(dtype, w->out[op][e]);
                    if (got != want)
                        fail_msg("%s %s[%d] = %g, not %g", w->spec,
                                 dc_ops[op].name, (int)e, got, want);
                }
            }
            draw_free(in);
        }
}

/* ==== Special values, one rounding ====================================== */

static void special_values_follow_the_real_products(void **state)
{
    const double inf = (double)INFINITY;
    const double nan = (double)NAN;
    const struct {
        const char *spec;
        double x[3], w[2], b[1], y[4];
    } rows[] = {
        {"i2_k1_s2_f32", {inf, 1}, {2}, {0}, {inf, 0, 2}},
        {"i2_k1_s2_f32", {inf, 1}, {0}, {0}, {nan, 0, 0}},
        {"i2_k1_s2_f16", {nan, 1}, {1}, {0}, {nan, 0, 1}},
        {"i2_k2_bf16", {inf, -inf}, {1, 1}, {0}, {inf, nan, -inf}},
        {"i2_k2_f64", {inf, 3}, {1, 1}, {0}, {inf, inf, 3}},
        {"i1_k1_pe-1_b1", {1}, {1}, {nan}, {nan, nan}},
        {"i1_k1_pe-1_b1", {inf}, {1}, {-inf}, {nan, -inf}},
        {"i1_k1_f32", {-0.0}, {1}, {0}, {-0.0}},
        {"i1_k1_b1_f32", {-0.0}, {1}, {0.0}, {0.0}},
        {"i1_k1_b1_f32", {-0.0}, {1}, {-0.0}, {-0.0}},
        {"i2_k2_f32", {1, -1}, {3, 3}, {0}, {3, 0.0, -3}},
        {"i1_k1_f16", {300}, {-300}, {0}, {-inf}}, /* overflow */
        {"i2_k2_f16", {256, 256}, {256, -256}, {0}, {inf, 0, -inf}},
        {"i1_k1_f32", {0x1p-100}, {-0x1p-100}, {0}, {-0.0}},
        {"i1_k1_f32", {0x1p-75}, {0x1.8p-75}, {0}, {0x1p-149}},
        {"i1_k1_f32", {0x1p-75}, {0x1p-75}, {0}, {0}}, /* a tie */
        /* 2048 + 1 is a tie that the bias decides: one rounding, not two */
        {"i2_k2_b1_f16", {2048, 1}, {1, 1}, {0.5}, {2048, 2050, 1.5}},
        {"i2_k2_b1_f16", {2048, 1}, {1, 1}, {-0.5}, {2048, 2048, 0.5}},
        {"i2_k2_b1_f32",
         {0x1p100, 1},
         {1, -0x1p100},
         {0x1p-100},
         {0x1p100, -0x1p200, -0x1p100}},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_problem p = parse_problem(rows[r].spec);
        void *in[DC_TENSORS] = {encode(&p, DC_X, rows[r].x),
                                encode(&p, DC_W, rows[r].w),
                                encode(&p, DC_B, rows[r].b)};
        const void *given[DC_TENSORS];
        char y[4 * 8];

        memcpy(given, in, sizeof in);
        assert_int_equal(dc_ref_run(&p, DC_FORWARD, given, y), DC_OK);
        for (int64_t e = 0; e < dc_problem_count(&p, DC_Y); e++) {
            const double got = dc_format_get(p.dtype, y, e);
            const double want = dc_format_round(p.dtype, rows[r].y[e]);

            if (isnan(want) ? !isnan(got)
                            : got != want || !signbit(got) != !signbit(want))
                fail_msg("row %zu, %s: y[%d] = %a, not %a", r, rows[r].spec,
                         (int)e, got, want);
        }
        draw_free(in);
    }
}

/* S is never below the sum of magnitudes, and t stays exact whatever
 * precision a caller gives an input. */
static void wide_sums(void **state)
{
    const dc_problem p = parse_problem("i2_k2_b1_f64");
    const double x[] = {0x1p300, 1};
    const double w[] = {0x1p-300, -0x1p300};
    const double b[] = {0x1p-400};
    void *in[DC_TENSORS] = {encode(&p, DC_X, x), encode(&p, DC_W, w),
                            encode(&p, DC_B, b)};
    const void *given[DC_TENSORS];
    dc_ref *ref;
    dc_element e;
    mpfr_t want;

    memcpy(given, in, sizeof in);
    assert_int_equal(dc_ref_open(&ref, &p, given), DC_OK);
    dc_element_init(&e);
    mpfr_init2(want, 3000);

    /* y[1] = -2^600 + 2^-300 + 2^-400 */
    dc_ref_element(ref, DC_FORWARD, 1, 1, &e);
    mpfr_set_ui_2exp(want, 1, 600, MPFR_RNDN);
    assert_true(mpfr_cmp(e.s, want) > 0);
    mpfr_nextbelow(e.s);
    assert_int_equal(mpfr_cmp(e.s, want), 0);
    mpfr_neg(want, want, MPFR_RNDN);
    mpfr_add_d(want, want, 0x1p-300, MPFR_RNDN);
    mpfr_add_d(want, want, 0x1p-400, MPFR_RNDN);
    assert_int_equal(mpfr_cmp(e.t, want), 0);
    assert_int_equal(e.nonzero, 2);
    assert_int_equal(mpfr_cmp_d(e.c, 0x1p-400), 0);

    /* y[0] = (1 + 2^-2000) 2^-300 + 2^-400 */
    mpfr_set_prec(dc_ref_input(ref, DC_X, 0), 2100);
    mpfr_set_ui_2exp(want, 1, -2000, MPFR_RNDN);
    mpfr_add_ui(dc_ref_input(ref, DC_X, 0), want, 1, MPFR_RNDN);
    mpfr_add_ui(want, want, 1, MPFR_RNDN);
    mpfr_mul_2si(want, want, -300, MPFR_RNDN);
    mpfr_add_d(want, want, 0x1p-400, MPFR_RNDN);
    dc_ref_element(ref, DC_FORWARD, 0, 0, &e);
    assert_int_equal(mpfr_cmp(e.t, want), 0);

    mpfr_clear(want);
    dc_element_clear(&e);
    dc_ref_close(ref);
    draw_free(in);
    (void)state;
}

/* Tensors without elements cost nothing, however large the other extents:
 * 10^10 products would not fit memory. */
static void empty_tensors_cost_nothing(void **state)
{
    static const char *const specs[] = {
        "ci0_co0_i100000x100000_k1x1",
        "ci1_co0_i1x1_k100000x100000",
        "n0_i100000x100000_k1x1",
        "ci0_co1_i1x1_k100000x100000_p50000x50000",
        "ci0_co1_i100000x100000_k1x1_p50000x49999_op0",
    };
    char nothing[8] = {0};

    (void)state;
    for (size_t r = 0; r < sizeof specs / sizeof *specs; r++) {
        const dc_problem p = parse_problem(specs[r]);
        const void *given[DC_TENSORS] = {nothing, nothing, nothing, nothing};
        dc_ref *ref;

        if (dc_ref_open(&ref, &p, given) != DC_OK)
            fail_msg("%s", specs[r]);
        dc_ref_close(ref);
    }
    dc_ref_close(NULL);
}

/* Only what an operation takes need be given; a b without bias is ignored. */
static void tensors_may_be_left_out(void **state)
{
    const double one[] = {1, 1, 1, 1};

    (void)state;
    for (int bias = 0; bias <= 1; bias++)
        for (int op = 0; op < DC_OPS; op++) {
            dc_problem p = parse_problem("i2_k2");
            void *in[DC_TENSORS] = {NULL};
            const void *given[DC_TENSORS];
            const double want[DC_OPS] = {1 + bias, 2, 2, 3};
            double result[4];

            p.dtype = DC_F64;
            p.has_bias = bias;
            for (int t = 0; t < DC_TENSORS; t++)
                if (dc_op_takes(&p, (dc_op)op, (dc_tensor)t) || t == DC_B)
                    in[t] = encode(&p, (dc_tensor)t, one);
            memcpy(given, in, sizeof in);
            assert_int_equal(dc_ref_run(&p, (dc_op)op, given, result), DC_OK);
            assert_true(result[0] == want[op]);
            draw_free(in);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_by_hand),
        cmocka_unit_test(special_values_follow_the_real_products),
        cmocka_unit_test(wide_sums),
        cmocka_unit_test(empty_tensors_cost_nothing),
        cmocka_unit_test(tensors_may_be_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
