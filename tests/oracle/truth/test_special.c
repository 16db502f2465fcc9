/* SPDX-License-Identifier: MIT
 *
 * Which results may, must and must not be finite?  Compared with sums that
 * really multiply the zeros of the stuffed view, or really leave them out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oracle/truth/special.h"
#include "oracle/truth/truth.h"
#include "tests/support/draw.h"
#include "tests/plugins/sums.h"

/* ==== The footprint ===================================================== */

static double add_up(const products *p)
{
    double sum = p->biased ? p->bias : 0;

    for (int64_t k = 0; k < p->count; k++)
        sum += p->a[k] * p->b[k];
    return sum;
}

static way now = {"", 0, add_up};

static const way *way_now(void)
{
    return &now;
}

/* op's result in f64, multiplying zeros of these kinds. */
static double *sums(const dc_problem *p, dc_op op, void *const t[DC_TENSORS],
                    zero_flags zeros)
{
    double *const r =
        calloc((size_t)dc_problem_count(p, dc_ops[op].out) + 1, sizeof *r);
    const dc_impl impl = SUMS_IMPL("sums");
    dc_status status = DC_OK;

    assert_non_null(r);
    now.zeros = zeros;
    if (op == DC_FORWARD)
        status =
            impl.forward(p, t[DC_X], t[DC_W], p->has_bias ? t[DC_B] : NULL, r);
    else if (op == DC_GRAD_INPUT)
        status = impl.grad_input(p, t[DC_GY], t[DC_W], r);
    else if (op == DC_GRAD_WEIGHT)
        status = impl.grad_weight(p, t[DC_GY], t[DC_X], r);
    else
        status = impl.grad_bias(p, t[DC_GY], r);
    assert_int_equal(status, DC_OK);
    return r;
}

/* Ones (if zeros, every fourth is 0 on average), and two values that are not
 * finite in each tensor of the mask. */
static void strew(uint64_t *state, const dc_problem *p, int mask, bool zeros,
                  void *t[DC_TENSORS])
{
    static const double nonfinite[] = {INFINITY, -INFINITY, NAN};

    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(p, (dc_tensor)k);

        t[k] = calloc((size_t)count + 1, sizeof(double));
        assert_non_null(t[k]);
        for (int64_t e = 0; e < count; e++)
            dc_format_set(DC_F64, t[k], e,
                          zeros && draw_one_in(state, 4) ? 0 : 1);
        for (int at = 0; count && mask >> k & 1 && at < 2; at++)
            dc_format_set(DC_F64, t[k], draw_in(state, 0, count - 1),
                          nonfinite[draw_in(state, 0, 2)]);
    }
}

static void test_footprint(void **state)
{
    uint64_t random = 4711;
    int64_t seen[4] = {0};

    (void)state;
    for (int round = 0; round < 1500; round++) {
        dc_problem p = draw_problem(&random, 300);
        void *t[DC_TENSORS] = {NULL};
        dc_special *s;

        p.dtype = DC_F64;
        strew(&random, &p, (int)draw_in(&random, 1, 15), false, t);
        assert_int_equal(dc_special_open(&s, &p, (const void *const *)t, 0),
                         DC_OK);
        for (int op = 0; op < DC_OPS; op++) {
            double *const real = sums(&p, (dc_op)op, t, 0);
            double *const all =
                sums(&p, (dc_op)op, t, STUFFED | KERNEL_ZEROS | BORDER);
            double *const stuffed = sums(&p, (dc_op)op, t, STUFFED);
            bool any = false;

            for (int64_t i = 0; i < dc_problem_count(&p, dc_ops[op].out); i++) {
                const dc_special_hits e = dc_special_element(s, (dc_op)op, i);
                dc_interval v = {.want = 3, .lo = 3, .hi = 3, .t = 3};

                any |= !isfinite(real[i]);
                /* the formula's own products */
                assert_int_equal(isnan(real[i]), e.nan || (e.plus && e.minus));
                assert_int_equal(isinf(real[i]) != 0,
                                 !isnan(real[i]) && (e.plus || e.minus));
                if (isinf(real[i]))
                    assert_int_equal(real[i] > 0, e.plus);
                /* and those of the stuffed view: legal where they show */
                assert_int_equal(isnan(all[i]) && !isnan(real[i]),
                                 e.zeros && !isnan(real[i]));
                if (isnan(stuffed[i]) && !isnan(real[i]))
                    assert_true(e.zeros & 1 << DC_ZERO_INPUT);
                assert_false(e.zeros & 1 << DC_ZERO_VALUE);
                dc_special_apply(&e, &v);
                if (isfinite(real[i]))
                    assert_true(dc_bound_accepts(&v, 3));
                else
                    assert_true(dc_bound_accepts(&v, real[i]));
                assert_int_equal(dc_bound_accepts(&v, (double)NAN),
                                 isnan(all[i]));
                assert_false(dc_bound_accepts(&v, 7));
                seen[isnan(real[i])   ? 0
                     : isinf(real[i]) ? 1
                     : e.zeros        ? 2
                                      : 3]++;
            }
            if (any)
                assert_true(dc_special_present(s, (dc_op)op));
            free(real);
            free(all);
            free(stuffed);
        }
        dc_special_close(s);
        draw_free(t);
    }
    for (int k = 0; k < 4; k++)
        assert_true(seen[k] > 500);
}

/* A zero of the formula times an infinity: NaN is legal, and so is the rest. */
static void test_value_zeros(void **state)
{
    uint64_t random = 99;
    int64_t seen = 0;

    (void)state;
    for (int round = 0; round < 300; round++) {
        dc_problem p = draw_problem(&random, 200);
        void *t[DC_TENSORS] = {NULL};
        dc_special *s;

        p.dtype = DC_F64;
        strew(&random, &p, 1 << DC_X | 1 << DC_GY, true, t);
        assert_int_equal(dc_special_open(&s, &p, (const void *const *)t, 0),
                         DC_OK);
        for (int op = 0; op < DC_GRAD_BIAS; op++) {
            double *const real = sums(&p, (dc_op)op, t, 0);

            for (int64_t i = 0; i < dc_problem_count(&p, dc_ops[op].out); i++) {
                const dc_special_hits e = dc_special_element(s, (dc_op)op, i);

                if (isnan(real[i]))
                    assert_true(e.nan || (e.plus && e.minus) ||
                                e.zeros & 1 << DC_ZERO_VALUE);
                seen += e.zeros & 1 << DC_ZERO_VALUE && !e.nan;
            }
            free(real);
        }
        dc_special_close(s);
        draw_free(t);
    }
    assert_true(seen > 100);
}

/* ==== The verdict ======================================================= */

static void test_apply(void **state)
{
    static const struct {
        dc_special_hits hits;
        bool nonfinite;             /* finite sums may overflow */
        bool nan, plus, minus, one; /* what is accepted */
    } rows[] = {
        {{0, 0, 0, 0, 0}, 0, 0, 0, 0, 1},  {{0, 0, 0, 0, 0}, 1, 1, 1, 1, 1},
        {{1, 0, 0, 0, 0}, 0, 1, 0, 0, 0},  {{1, 1, 0, 2, 0}, 0, 1, 0, 0, 0},
        {{0, 1, 1, 0, 0}, 0, 1, 0, 0, 0},  {{0, 1, 0, 0, 0}, 0, 0, 1, 0, 0},
        {{0, 0, 1, 0, 0}, 0, 0, 0, 1, 0},  {{0, 1, 0, 4, 0}, 0, 1, 1, 0, 0},
        {{0, 1, 0, 0, 0}, 1, 1, 1, 0, 0},  {{0, 0, 0, 1, 0}, 0, 1, 0, 0, 1},
        {{0, 0, 0, 15, 0}, 0, 1, 0, 0, 1}, {{0, 0, 0, 8, 1}, 0, 1, 1, 1, 1},
        {{0, 1, 0, 8, 1}, 0, 1, 1, 0, 0},  {{1, 0, 0, 8, 1}, 0, 1, 0, 0, 0},
        {{0, 1, 0, 8, 2}, 0, 1, 1, 0, 0},  {{0, 0, 0, 8, 2}, 0, 1, 1, 1, 1},
        {{0, 0, 0, 8, 3}, 0, 1, 1, 1, 1},  {{0, 0, 0, 8, 4}, 0, 1, 0, 0, 1},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_interval v = {.want = 1,
                         .lo = 1,
                         .hi = 1,
                         .t = 1,
                         .nonfinite = rows[r].nonfinite};

        dc_special_apply(&rows[r].hits, &v);
        assert_int_equal(dc_bound_accepts(&v, (double)NAN), rows[r].nan);
        assert_int_equal(dc_bound_accepts(&v, INFINITY), rows[r].plus);
        assert_int_equal(dc_bound_accepts(&v, -INFINITY), rows[r].minus);
        assert_int_equal(dc_bound_accepts(&v, 1), rows[r].one);
        assert_int_equal(dc_bound_accepts(&v, 2), 0);
        assert_true(dc_bound_accepts(&v, v.want));
    }
}

static void test_policy(void **state)
{
    bool multiplied;

    (void)state;
    for (int k = 0; k < DC_ZEROS; k++) {
        const dc_interval one = {.zeros = 1 << k, .nan = 1};

        assert_int_equal(dc_special_policy(&one, 1, &multiplied), k);
        assert_false(multiplied);
        assert_int_equal(dc_special_policy(&one, (double)NAN, &multiplied), k);
        assert_true(multiplied);
    }
    const dc_interval two = {.zeros = 3, .nan = 1};
    const dc_interval wild = {.zeros = 1, .nan = 1, .nonfinite = 1};
    const dc_interval none = {0};
    assert_int_equal(dc_special_policy(&two, 1, &multiplied), -1);
    assert_int_equal(dc_special_policy(&wild, 1, &multiplied), -1);
    assert_int_equal(dc_special_policy(&none, 1, &multiplied), -1);
}

/* `flush` declared: a subnormal times an infinity may be zero times it. */
static void test_flush(void **state)
{
    float x = INFINITY;
    float w = 1e-40f;
    dc_case c;
    const void *t[DC_TENSORS] = {[DC_X] = &x, [DC_W] = &w};

    (void)state;
    assert_int_equal(dc_case_parse("i1_k1", &c, NULL), DC_OK);
    for (int flushes = 0; flushes < 2; flushes++) {
        dc_special *s;
        dc_interval v = {.want = 3, .lo = 3, .hi = 3, .t = 3};
        assert_int_equal(dc_special_open(&s, &c.p, t, flushes ? DC_FLUSH : 0),
                         DC_OK);
        const dc_special_hits e = dc_special_element(s, DC_FORWARD, 0);
        assert_int_equal(e.plus, !flushes);
        assert_int_equal(e.zeros, flushes << DC_ZERO_VALUE);
        assert_int_equal(e.kept, flushes ? DC_KEPT_PLUS : 0);
        dc_special_apply(&e, &v);
        assert_true(v.want > 0 && isinf(v.want)); /* declared or not */
        assert_int_equal(dc_bound_accepts(&v, 3), flushes);
        dc_special_close(s);
    }
    dc_special_close(NULL);
}

/* The family has elements of all three kinds in every type, and transforms may
 * spread NaN and infinities. */
static void test_family(void **state)
{
    static const dc_arithmetic as[] = {
        {.accumulate = -1}, {.accumulate = -1, .declared = DC_TRANSFORM}};
    int64_t count[2][4] = {{0}};

    (void)state;
    for (int k = 0; k < 2; k++)
        for (uint64_t seed = 0; seed < 72; seed++) {
            dc_case c;
            dc_truth t;
            dc_error e;

            assert_int_equal(
                dc_case_parse("n2_ci2_co2_i3x4_k2x3_s2x3_d3x2_p1_b1_special",
                              &c, NULL),
                DC_OK);
            c.seed = seed;
            c.p.dtype = (int)(seed % DC_FORMATS);
            assert_int_equal(dc_truth_open(&t, &c, &e), DC_OK);
            for (int op = 0; op < DC_OPS; op++) {
                assert_int_equal(dc_truth_make(&t, (dc_op)op, &as[k], &e),
                                 DC_OK);
                for (int64_t i = 0; i < t.count[op]; i++) {
                    const dc_interval *v = &t.accepted[op][i];
                    const int nan = dc_bound_accepts(v, (double)NAN);
                    const int finite = v->lo <= v->hi && isfinite(v->lo);

                    count[k][2 * nan + finite]++;
                }
            }
            dc_truth_close(&t);
        }
    for (int k = 1; k < 4; k++)
        assert_true(count[0][k] > 200);
    assert_true(count[1][3] > count[0][3]);
}

/* Factors of f32 alone are split: in other types nothing more is accepted. */
static void test_split_is_of_f32(void **state)
{
    const dc_arithmetic as[] = {{.accumulate = -1},
                                {.accumulate = -1, .declared = DC_SPLIT}};
    int64_t more[DC_FORMATS] = {0};

    (void)state;
    for (int n = 0; n < 12 * DC_FORMATS; n++) {
        dc_truth t[2];
        dc_case c;
        dc_error e;

        assert_int_equal(dc_case_parse("ci3_i5_k3_p1_special", &c, NULL),
                         DC_OK);
        c.seed = (uint64_t)n / DC_FORMATS;
        c.p.dtype = n % DC_FORMATS;
        for (int k = 0; k < 2; k++)
            assert_int_equal(dc_truth_open(&t[k], &c, &e), DC_OK);
        for (int64_t i = 0; i < t[0].count[DC_FORWARD]; i++) {
            dc_interval v[2];

            for (int k = 0; k < 2; k++)
                assert_int_equal(
                    dc_truth_interval(&t[k], DC_FORWARD, i, &as[k], &v[k], &e),
                    DC_OK);
            more[c.p.dtype] += dc_bound_accepts(&v[1], (double)NAN) -
                               dc_bound_accepts(&v[0], (double)NAN);
        }
        dc_truth_close(&t[0]);
        dc_truth_close(&t[1]);
    }
    for (int d = 0; d < DC_FORMATS; d++)
        assert_true(d == DC_F32 ? more[d] > 0 : more[d] == 0);
}

/* A declaration only widens: a result that is right without one is right with
 * it. */
static void test_declared(void **state)
{
    static const dc_declared declared[] = {
        DC_TRANSFORM, DC_FLUSH,
        DC_TF32,      DC_TRUNCATING,
        DC_SPLIT,     DC_COMPENSATED,
        DC_ZERO_TAPS, DC_TRANSFORM | DC_FLUSH | DC_TF32 | DC_TRUNCATING};
    static const char *const specs[] = {
        "n2_ci2_co2_i3x2_k2_s2_d2_p1_op1_b1_special",
        "n2_ci2_co2_i3x4_k2x3_s2x3_d3x2_p1_b1_special",
        "ci3_i5_k3_p1_special",
    };
    const dc_arithmetic usual = {.accumulate = -1};

    (void)state;
    for (size_t k = 0; k < sizeof declared / sizeof *declared; k++)
        for (int n = 0; n < 3 * 48; n++) {
            const dc_arithmetic a = {.accumulate = -1, .declared = declared[k]};
            dc_truth plain;
            dc_truth wide;
            dc_error e;
            dc_case c;

            assert_int_equal(dc_case_parse(specs[n % 3], &c, NULL), DC_OK);
            c.seed = (uint64_t)n / 12;
            c.p.dtype = n / 3 % DC_FORMATS;
            assert_int_equal(dc_truth_open(&plain, &c, &e), DC_OK);
            assert_int_equal(dc_truth_open(&wide, &c, &e), DC_OK);
            for (int op = 0; op < DC_OPS; op++)
                for (int64_t i = 0; i < plain.count[op]; i++) {
                    dc_interval v;
                    dc_interval w;

                    assert_int_equal(
                        dc_truth_interval(&plain, (dc_op)op, i, &usual, &v, &e),
                        DC_OK);
                    assert_int_equal(
                        dc_truth_interval(&wide, (dc_op)op, i, &a, &w, &e),
                        DC_OK);
                    assert_true(dc_bound_accepts(&w, v.want));
                }
            dc_truth_close(&plain);
            dc_truth_close(&wide);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_footprint),
        cmocka_unit_test(test_value_zeros),
        cmocka_unit_test(test_apply),
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_split_is_of_f32),
        cmocka_unit_test(test_flush),
        cmocka_unit_test(test_family),
        cmocka_unit_test(test_declared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
