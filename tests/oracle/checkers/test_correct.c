/* SPDX-License-Identifier: MIT
 *
 * Are the correct implementations correct: inside the proven bound, and equal
 * on exact data?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/checkers/correct.h"
#include "oracle/truth/truth.h"

static const char *const shapes[] = {
    "n2_ci6_co4_g2_i5x4_k3x2_s2_p1_op1_b1",
    "ci40_co3_i7_k4_s1_b1",
    "n3_ci5_co7_i2x3x2_k2_s1_d2_b0",
};

static const char *const data[] = {"f64_int",  "f32_int",   "f32_real",
                                   "f16_int",  "f16_real",  "bf16_real",
                                   "f64_real", "f32_cancel"};

/* All elements of op's result in every way. */
static void check(dc_truth *t, dc_op op, const char *name)
{
    const dc_arithmetic usual = {.accumulate = -1};
    dc_correct_results r;
    dc_error e = {.text = ""};

    assert_int_equal(dc_truth_make(t, op, &usual, &e), DC_OK);
    assert_int_equal(dc_correct_run(&t->c.p, op, t->tensors, &r), DC_OK);
    assert_int_equal(r.count, t->count[op]);
    for (int64_t i = 0; i < r.count; i++) {
        const dc_interval *const in = &t->accepted[op][i];

        assert_true(fabs(r.exact[i] - in->t) <= r.scale[i] * 0x1p-40);
        assert_true(fabs(in->t) <= r.scale[i] * (1 + 0x1p-40));
        for (int k = 0; k < dc_corrects_count; k++)
            if (!dc_corrects[k].declared && !dc_bound_accepts(in, r.got[k][i]))
                fail_msg("%s, %s: %a, not %a", name, dc_corrects[k].name,
                         r.got[k][i], in->want);
    }
    dc_correct_free(&r);
}

static void test_they_are(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (size_t d = 0; d < sizeof data / sizeof *data; d++) {
            char text[200];
            dc_case c;
            dc_truth t;
            dc_error e = {.text = ""};

            snprintf(text, sizeof text, "%s_%s_r5", shapes[s], data[d]);
            assert_int_equal(dc_case_parse(text, &c, &e), DC_OK);
            assert_int_equal(dc_truth_open(&t, &c, &e), DC_OK);
            for (int op = 0; op < DC_OPS; op++)
                check(&t, (dc_op)op, text);
            dc_truth_close(&t);
        }
}

/* Ten ways and one that must be declared; no two of the same name, and on
 * `real` data they do not all give the same bits. */
static void test_they_differ(void **state)
{
    dc_case c;
    dc_truth t;
    dc_correct_results r;
    dc_error e = {.text = ""};
    int differ = 0;
    int declared = 0;

    (void)state;
    assert_int_equal(dc_case_parse("ci200_i3_k3_f32_real_b1", &c, &e), DC_OK);
    assert_int_equal(dc_truth_open(&t, &c, &e), DC_OK);
    assert_int_equal(dc_correct_run(&c.p, DC_FORWARD, t.tensors, &r), DC_OK);
    for (int k = 0; k < dc_corrects_count; k++) {
        declared += dc_corrects[k].declared;
        differ += memcmp(r.got[k], r.got[0], 5 * sizeof(double)) != 0;
        for (int j = 0; j < k; j++)
            assert_string_not_equal(dc_corrects[k].name, dc_corrects[j].name);
    }
    assert_int_equal(dc_corrects_count - declared, 10);
    assert_int_equal(declared, 1);
    assert_true(differ >= 6);
    dc_correct_free(&r);
    dc_truth_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_are),
        cmocka_unit_test(test_they_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
