/* SPDX-License-Identifier: MIT
 *
 * Do the two references agree?  Scatter in GMP rationals against gather in
 * MPFR, exactly, over random problems of every rank.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "oracle/truth/scatter.h"
#include "ref/case.h"
#include "ref/ref.h"
#include "tests/support/draw.h"

static mpq_t *open_result(int64_t count)
{
    mpq_t *const result = calloc((size_t)count + 1, sizeof *result);

    assert_non_null(result);
    for (int64_t e = 0; e < count; e++)
        mpq_init(result[e]);
    return result;
}

static void close_result(mpq_t *result, int64_t count)
{
    for (int64_t e = 0; e < count; e++)
        mpq_clear(result[e]);
    free(result);
}

/* Compares every element of every operation. */
static void compare(const dc_problem *p, void *const tensors[DC_TENSORS])
{
    const void *in[DC_TENSORS];
    dc_ref *ref;
    dc_element e;

    memcpy(in, tensors, sizeof in);
    assert_int_equal(dc_ref_open(&ref, p, in), DC_OK);
    dc_element_init(&e);
    for (int op = 0; op < DC_OPS; op++) {
        const int64_t count = dc_problem_count(p, dc_ops[op].out);
        mpq_t *const result = open_result(count);

        assert_int_equal(dc_scatter_run(p, (dc_op)op, in, result), DC_OK);
        for (int64_t i = 0; i < count; i++) {
            dc_ref_element(ref, (dc_op)op, i, false, &e);
            if (mpfr_cmp_q(e.t, result[i]) != 0) {
                const dc_case c = {*p, DC_INT, 0};
                char text[DC_CASE_MAX];

                dc_case_print(&c, text);
                fail_msg("%s %s element %lld", text, dc_ops[op].name,
                         (long long)i);
            }
        }
        close_result(result, count);
    }
    dc_element_clear(&e);
    dc_ref_close(ref);
}

static void random_problems_agree(void **unused)
{
    static const int ranges[] = {0, 1, 12, 200};
    uint64_t state = 20240611;
    int ranks[4] = {0};

    (void)unused;
    for (int round = 0; round < 4000; round++) {
        const dc_problem p = draw_problem(&state, round % 10 ? 400 : 3000);
        const int range = ranges[draw_in(&state, 0, p.dtype == DC_F64 ? 3 : 2)];
        void *tensors[DC_TENSORS];

        draw_inputs(&state, &p, range, tensors);
        compare(&p, tensors);
        draw_free(tensors);
        ranks[p.rank]++;
    }
    assert_true(ranks[1] > 500 && ranks[2] > 500 && ranks[3] > 200);
}

/* Values computed by hand: x = 1 2 3, w = 4 5, b = 6, gy = 1 2 3 .. */
static void known_values(void **unused)
{
    static const struct {
        const char *spec;
        dc_op op;
        int count;
        int want[8];
    } rows[] = {
        {"i3_k2_s2_b1", DC_FORWARD, 6, {10, 11, 14, 16, 18, 21}},
        {"i3_k2_s1_p1_b1", DC_FORWARD, 2, {19, 28}},
        {"i3_k2_s1_d3_pb2_pe1_op1", DC_FORWARD, 4, {12, 5, 10, 15}},
        {"i3_k2_s2", DC_GRAD_INPUT, 3, {14, 32, 50}},
        {"i3_k2_s2", DC_GRAD_WEIGHT, 2, {22, 28}},
        {"i3_k2_s2", DC_GRAD_BIAS, 1, {21}},
        {"n0_i3_k2_s2", DC_GRAD_WEIGHT, 2, {0, 0}},
        {"ci0_i1_k2_b1", DC_FORWARD, 2, {6, 6}},
        {"n2_co2_ci0_i1_k1_b0", DC_GRAD_BIAS, 2, {4, 6}},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const double x[] = {1, 2, 3};
        const double w[] = {4, 5};
        const double b[] = {6, 7};
        const double gy[] = {1, 2, 3, 4, 5, 6};
        const void *const in[DC_TENSORS] = {x, w, b, gy};
        mpq_t *const result = open_result(rows[r].count);
        dc_case c;
        dc_error e;

        assert_int_equal(dc_case_parse(rows[r].spec, &c, &e), DC_OK);
        c.p.dtype = DC_F64;
        assert_int_equal(dc_problem_count(&c.p, dc_ops[rows[r].op].out),
                         rows[r].count);
        assert_int_equal(dc_scatter_run(&c.p, rows[r].op, in, result), DC_OK);
        for (int i = 0; i < rows[r].count; i++)
            assert_int_equal(mpq_cmp_si(result[i], rows[r].want[i], 1), 0);
        close_result(result, rows[r].count);
    }
}

/* Infinities and NaN are not rationals, wherever they are. */
static void nonfinite_values_are_refused(void **unused)
{
    (void)unused;
    for (int t = 0; t <= DC_GY; t++)
        for (int op = 0; op < DC_OPS; op++) {
            uint64_t state = 7;
            void *tensors[DC_TENSORS];
            const void *in[DC_TENSORS];
            dc_case c;
            dc_error e;

            assert_int_equal(dc_case_parse("i3x2_k2_b1_ci2_co3", &c, &e),
                             DC_OK);
            const int64_t count = dc_problem_count(&c.p, dc_ops[op].out);
            mpq_t *const result = open_result(count);

            draw_inputs(&state, &c.p, 0, tensors);
            dc_format_set(c.p.dtype, tensors[t], 1, op % 2 ? NAN : -INFINITY);
            memcpy(in, tensors, sizeof in);
            assert_int_equal(dc_scatter_run(&c.p, (dc_op)op, in, result),
                             dc_op_takes(&c.p, (dc_op)op, (dc_tensor)t)
                                 ? DC_UNSUPPORTED
                                 : DC_OK);
            close_result(result, count);
            draw_free(tensors);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_problems_agree),
        cmocka_unit_test(known_values),
        cmocka_unit_test(nonfinite_values_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
