/* SPDX-License-Identifier: MIT
 *
 * Do the hard families keep their promises: sums that vanish, exponents at the
 * ends of each type without an infinite sum, values that are not finite, one
 * large product among small odd ones?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ref/ref.h"
#include "tests/support/data.h"

/* What one element of a result is made of. */
typedef struct {
    double t, s;
    int64_t m;
} sum;

typedef void visitor(const dc_case *c, dc_op op, const sum *e, void *to);

/* Every element of every result, exactly. */
static void visit(const dc_case *c, visitor *see, void *to)
{
    void *tensors[DC_TENSORS];
    dc_element e;
    dc_ref *ref;

    fill_all(c, tensors);
    dc_element_init(&e);
    assert_int_equal(dc_ref_open(&ref, &c->p, (const void *const *)tensors),
                     DC_OK);
    for (int op = 0; op < DC_OPS; op++)
        for (int64_t i = 0; i < dc_problem_count(&c->p, dc_ops[op].out); i++) {
            dc_ref_element(ref, (dc_op)op, i, 1, &e);
            const sum one = {mpfr_get_d(e.t, MPFR_RNDN),
                             mpfr_get_d(e.s, MPFR_RNDU), e.nonzero + e.has_c};
            see(c, (dc_op)op, &one, to);
        }
    dc_ref_close(ref);
    dc_element_clear(&e);
    draw_free(tensors);
}

/* ==== cancel ============================================================ */

typedef struct {
    int64_t several[DC_OPS], vanish[DC_OPS], deep[DC_OPS];
} vanishing;

static void see_cancel(const dc_case *c, dc_op op, const sum *e, void *to)
{
    vanishing *const v = to;

    (void)c;
    if (e->m < 2)
        return;
    v->several[op]++;
    v->vanish[op] += fabs(e->t) < e->s / 4;
    v->deep[op] += fabs(e->t) < e->s / 256;
}

static void cancel_cancels(void **state)
{
    vanishing v = {{0}, {0}, {0}};
    uint64_t random = 31;

    (void)state;
    for (int round = 0; round < 300; round++) {
        const dc_case c = draw_case(&random, DC_CANCEL, 500);

        visit(&c, see_cancel, &v);
    }
    for (int op = 0; op < DC_OPS; op++) {
        assert_true(v.several[op] > 300);
        assert_true(v.vanish[op] > v.several[op] / 4);
        assert_true(v.deep[op] > v.several[op] / 100);
    }
}

/* ==== wide ============================================================== */

typedef struct {
    int64_t all[4], tiny[4], huge[4];
} extremes;

static void see_wide(const dc_case *c, dc_op op, const sum *e, void *to)
{
    const dc_format *const d = &dc_formats[c->p.dtype];
    extremes *const x = to;
    const int kind = (int)(c->seed % 4);

    if (!(e->s <= d->max)) /* and so every partial sum is finite */
        fail_at(c, "S =", e->s);
    if (op == DC_GRAD_BIAS || e->m == 0)
        return;
    x->all[kind]++;
    x->tiny[kind] += fabs(e->t) < d->min;
    x->huge[kind] += e->s > d->max / 256;
}

static void wide_is_wide(void **state)
{
    extremes x = {{0}, {0}, {0}};
    uint64_t random = 37;

    (void)state;
    for (int round = 0; round < 800; round++) {
        const dc_case c = draw_case(&random, DC_WIDE, 500);

        visit(&c, see_wide, &x);
    }
    for (int k = 0; k < 4; k++)
        assert_true(x.all[k] > 1000);
    assert_true(x.tiny[1] > x.all[1] * 9 / 10);
    assert_true(x.huge[2] > x.all[2] / 4);
    assert_true(x.tiny[0] > 100 && x.tiny[0] < x.all[0]);
}

static void one_tensor_is_subnormal(void **state)
{
    static const dc_tensor turns[] = {DC_X, DC_W, DC_GY};

    (void)state;
    for (int dtype = 0; dtype < DC_FORMATS; dtype++)
        for (uint64_t turn = 0; turn < 3; turn++) {
            dc_case c = parse("ci3_co3_i4_k3_b1_wide");

            c.p.dtype = dtype;
            c.seed = 4 * turn + 3;
            for (int t = 0; t < 3; t++) {
                void *const v = fill(&c, turns[t], 0);

                for (int64_t e = 0; e < dc_problem_count(&c.p, turns[t]); e++) {
                    const double at = fabs(dc_format_get(dtype, v, e));

                    assert_true(at > 0);
                    if ((at <= dc_formats[dtype].min) != ((uint64_t)t == turn))
                        fail_at(&c, "a value of", at);
                }
                free(v);
            }
        }
}

/* ==== special =========================================================== */

static int64_t nonfinite_values(const dc_case *c, dc_tensor t, int64_t *zeros)
{
    void *const v = fill(c, t, 0);
    int64_t nonfinite = 0;

    for (int64_t e = 0; e < dc_problem_count(&c->p, t); e++) {
        const double at = dc_format_get(c->p.dtype, v, e);

        nonfinite += !isfinite(at);
        *zeros += at == 0;
    }
    free(v);
    return nonfinite;
}

static void see_special(const dc_case *c, dc_op op, const sum *e, void *to)
{
    const dc_format *const d = &dc_formats[c->p.dtype];
    int64_t *const over = to;

    if (c->seed % 6 == 5)
        assert_true(e->m <= 1 + (op == DC_FORWARD));
    if (op == DC_FORWARD) {
        over[0] += e->s > d->max;
        over[1] += e->s <= d->max;
    }
}

static void special_is_special(void **state)
{
    int64_t over[2] = {0, 0};
    int64_t zeros = 0;

    (void)state;
    for (int dtype = 0; dtype < DC_FORMATS; dtype++)
        for (uint64_t seed = 0; seed < 144; seed++) {
            dc_case c = parse("ci4_co4_i6_k3_s2_b1_special");
            int64_t nonfinite = 0;

            c.p.dtype = dtype;
            c.seed = seed;
            for (int t = DC_X; t <= DC_GY; t++)
                nonfinite += nonfinite_values(&c, (dc_tensor)t, &zeros);
            if ((nonfinite > 0) != (seed % 6 < 4))
                fail_at(&c, "values that are not finite:", (double)nonfinite);
            if (nonfinite > 12) /* enough is left that must be finite */
                fail_at(&c, "too many of them:", (double)nonfinite);
            if (seed % 6 >= 4)
                visit(&c, see_special, over);
        }
    assert_true(over[0] > 200 && over[1] > 200);
    assert_true(zeros > 1000);
}

/* ==== int, second variant =============================================== */

typedef struct {
    int64_t all[DC_OPS], large[DC_OPS];
} needles;

static void see_needle(const dc_case *c, dc_op op, const sum *e, void *to)
{
    const int p = dc_formats[c->p.dtype].precision;
    needles *const n = to;

    if (e->s > ldexp(1, p))
        fail_at(c, "S =", e->s);
    n->all[op] += e->m > 0;
    n->large[op] += e->s >= ldexp(1, p - 1);
}

static void needles_are_met(void **state)
{
    static const char *const specs[] = {"ci70_co3_i3_k1_int", "ci2_co80_i2_k1",
                                        "n2_i200_k2_co2", "n90_ci2_i2_k1",
                                        "ci9_co9_g3_i4x4_k3x2_s2_b1"};

    (void)state;
    for (int dtype = 0; dtype < DC_FORMATS; dtype++)
        for (int in_gy = 0; in_gy < 2; in_gy++) {
            needles n = {{0}, {0}};

            for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
                dc_case c = parse(specs[k]);

                c.p.dtype = dtype;
                c.seed = 9 + 10 * (uint64_t)in_gy;
                assert_true(dc_data_second_int(&c));
                visit(&c, see_needle, &n);
            }
            const dc_op seen[2][2] = {{DC_FORWARD, DC_GRAD_INPUT},
                                      {DC_GRAD_WEIGHT, DC_GRAD_BIAS}};
            for (int k = 0; k < 2; k++)
                assert_true(n.large[seen[in_gy][k]] >=
                            n.all[seen[in_gy][k]] / 20 + 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancel_cancels),
        cmocka_unit_test(wide_is_wide),
        cmocka_unit_test(one_tensor_is_subnormal),
        cmocka_unit_test(special_is_special),
        cmocka_unit_test(needles_are_met),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
