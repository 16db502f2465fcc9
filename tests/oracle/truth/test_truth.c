/* SPDX-License-Identifier: MIT
 *
 * Does each family get the right verdict, and does the comparison count the
 * errors that were planted?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "oracle/truth/truth.h"
#include "tests/support/parse.h"

static const dc_arithmetic usual = {.accumulate = -1};

static void open_case(dc_truth *t, const char *spec)
{
    const dc_case c = parse(spec);
    dc_error e = {.text = ""};

    if (dc_truth_open(t, &c, &e) != DC_OK)
        fail_msg("%s: %s", spec, e.text);
}

/* The reference's own result; the caller plants errors in it. */
static void *right(const dc_truth *t, dc_op op)
{
    void *result = malloc((size_t)t->count[op] * 8 + 1);

    assert_non_null(result);
    assert_int_equal(dc_ref_run(&t->c.p, op, t->tensors, result), DC_OK);
    return result;
}

static const char *const shapes[] = {
    "n2_ci2_co4_g2_i3x4_k2x3_s2x1_pb1x0_b1",
    "u1_ci3_co2_i6_k3_s2_d2_p1_op1",
    "i2x2x2_k2_s2_b1",
    "n0_ci2_co2_i3_k3_b1",
    "ci0_co2_i3_k3_b1",
    "co0_i3_k3",
};

/* Every family in every type: exact families have intervals of one value, the
 * right result is accepted, and wrong elements are counted. */
static void test_families(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int k = 0; k < DC_FORMATS * (DC_REAL + 1); k++) {
            dc_case c = parse(shapes[s]);
            dc_truth t;
            dc_error e;

            c.p.dtype = k % DC_FORMATS;
            c.family = (dc_family)(k / DC_FORMATS);
            c.seed = (uint64_t)k + s;
            assert_int_equal(dc_truth_open(&t, &c, &e), DC_OK);
            assert_int_equal(t.tensors[DC_B] != NULL, c.p.has_bias);
            for (int op = 0; op < DC_OPS; op++) {
                const int64_t n = t.count[op];
                void *result = right(&t, (dc_op)op);
                const dc_interval *made;

                assert_int_equal(dc_truth_make(&t, (dc_op)op, &usual, &e),
                                 DC_OK);
                made = t.accepted[op];
                assert_int_equal(dc_truth_make(&t, (dc_op)op, &usual, &e),
                                 DC_OK);
                assert_ptr_equal(made, t.accepted[op]);
                for (int64_t i = 0; i < n; i++)
                    if (dc_data_exact(c.family, (dc_op)op))
                        assert_true(made[i].bound == 0);
                dc_comparison v = dc_truth_compare(&t, (dc_op)op, result);
                assert_int_equal(v.wrong, 0);
                assert_int_equal(v.first, -1);
                for (int64_t i = n / 2; i < n; i++)
                    dc_format_set(c.p.dtype, result, i, 30000);
                v = dc_truth_compare(&t, (dc_op)op, result);
                assert_int_equal(v.wrong, n - n / 2);
                assert_int_equal(v.first, n ? n / 2 : -1);
                free(result);
            }
            dc_truth_close(&t);
        }
}

/* Opening a case twice gives the same intervals. */
static void test_repeatable(void **state)
{
    dc_truth a;
    dc_truth b;

    (void)state;
    open_case(&a, "n2_ci2_co2_i5_k3_b1_f32_real_r3");
    open_case(&b, "n2_ci2_co2_i5_k3_b1_f32_real_r3");
    for (int op = 0; op < DC_OPS; op++) {
        assert_int_equal(dc_truth_make(&a, (dc_op)op, &usual, NULL), DC_OK);
        assert_int_equal(dc_truth_make(&b, (dc_op)op, &usual, NULL), DC_OK);
        for (int64_t i = 0; i < a.count[op]; i++)
            assert_true(a.accepted[op][i].want == b.accepted[op][i].want &&
                        a.accepted[op][i].lo == b.accepted[op][i].lo);
    }
    dc_truth_close(&a);
    dc_truth_close(&b);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *spec;
        dc_status status;
        const char *says;
    } rows[] = {
        {"i300000000_k1", DC_NOMEM, "tensor x has more than 2^28 elements"},
        {"i3_k300000000", DC_NOMEM, "tensor w has more than 2^28 elements"},
        {"i3_k1_s200000000", DC_NOMEM, "tensor gy has more than 2^28"},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_case c = parse(rows[r].spec);
        dc_error e = {.text = ""};
        dc_truth t;

        assert_int_equal(dc_truth_open(&t, &c, &e), rows[r].status);
        if (!strstr(e.text, rows[r].says))
            fail_msg("%s: %s", rows[r].spec, e.text);
    }
}

/* Data of an exact family that are not exact are a harness fault. */
static void test_broken_data(void **state)
{
    dc_truth t;
    dc_error e = {.text = ""};

    (void)state;
    open_case(&t, "i3_k1_f32_int_r1");
    mpfr_prec_round(dc_ref_input(t.ref, DC_X, 1), 60, MPFR_RNDN);
    mpfr_add_d(dc_ref_input(t.ref, DC_X, 1), dc_ref_input(t.ref, DC_X, 1),
               0x1p-30, MPFR_RNDN);
    assert_int_equal(dc_truth_make(&t, DC_FORWARD, &usual, &e), DC_FAILED);
    assert_string_equal(e.text,
                        "int data are not exact in f32 at element 1 of y");
    dc_truth_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_repeatable),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_broken_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
