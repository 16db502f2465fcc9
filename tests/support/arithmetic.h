/* SPDX-License-Identifier: MIT
 *
 * For tests of grades and declarations: the results of all operations on one
 * case, computed in an arithmetic that the test chooses.
 */
#ifndef TESTS_ARITHMETIC_H
#define TESTS_ARITHMETIC_H

#include <stdlib.h>

#include "oracle/truth/truth.h"
#include "tests/plugins/sums.h"
#include "tests/support/parse.h"

#define SHAPE "n3_ci12_co10_g2_i5x6_k3x2_s2x1_p1_b1_"

static const dc_arithmetic usual = {.accumulate = -1};

/* ==== Results of a known arithmetic ===================================== */

static int bits_of_factors = 53;
static int bits_of_sums = 53;
static int left_out;

static inline double planted(const products *p)
{
    double sum = 0;

    for (int64_t k = 0; k < p->count - left_out; k++) {
        const double a = round_bits(p->a[k], bits_of_factors);
        const double b = round_bits(p->b[k], bits_of_factors);
        sum = in_acc(p->dtype, sum + in_acc(p->dtype, a * b));
        sum = round_bits(sum, bits_of_sums);
    }
    return p->biased ? in_acc(p->dtype, sum + p->bias) : sum;
}

static inline double flushed(const products *p)
{
    const double v = planted(p);

    return fabs(v) < 0x1p-126 ? 0 : v;
}

static way now;

static inline const way *way_now(void)
{
    return &now;
}

typedef struct {
    dc_truth t;
    void *got[DC_OPS];
} scene;

static inline void set_scene(scene *s, const char *spec,
                             double (*sum)(const products *p))
{
    const dc_impl impl = SUMS_IMPL("sums");
    const dc_case c = parse(spec);
    dc_error e = {.text = ""};

    now.sum = sum;
    if (dc_truth_open(&s->t, &c, &e) != DC_OK)
        fail_msg("%s: %s", spec, e.text);
    for (int op = 0; op < DC_OPS; op++) {
        s->got[op] = calloc((size_t)s->t.count[op] + 1, 8);
        assert_non_null(s->got[op]);
        assert_int_equal(dc_truth_make(&s->t, (dc_op)op, &usual, &e), DC_OK);
    }
    const void *const *t = s->t.tensors;
    assert_int_equal(
        impl.forward(&c.p, t[DC_X], t[DC_W], t[DC_B], s->got[DC_FORWARD]),
        DC_OK);
    assert_int_equal(
        impl.grad_input(&c.p, t[DC_GY], t[DC_W], s->got[DC_GRAD_INPUT]), DC_OK);
    assert_int_equal(
        impl.grad_weight(&c.p, t[DC_GY], t[DC_X], s->got[DC_GRAD_WEIGHT]),
        DC_OK);
    assert_int_equal(impl.grad_bias(&c.p, t[DC_GY], s->got[DC_GRAD_BIAS]),
                     DC_OK);
}

static inline void strike(scene *s)
{
    for (int op = 0; op < DC_OPS; op++)
        free(s->got[op]);
    dc_truth_close(&s->t);
}

#endif
