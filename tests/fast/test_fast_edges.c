/* SPDX-License-Identifier: MIT
 *
 * What does fast/ answer if it cannot compute: illegal problems, types that it
 * does not offer, missing or empty tensors, no memory?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"
#include "ref/case.h"
#include "tests/support/draw.h"
#include "tests/support/parse.h"

/* ==== allocation that fails on demand ==================================== */

static bool allocation_fails;

/* Replaces libc's in this program; it fails only during calls of fast/. */
void *aligned_alloc(size_t alignment, size_t size)
{
    void *got = NULL;

    return allocation_fails || posix_memalign(&got, alignment, size) ? NULL
                                                                     : got;
}

/* ==== refusals =========================================================== */

/* o by the formula, in unsigned arithmetic because illegal fields overflow. */
static void set_o(dc_problem *p)
{
    for (int a = 0; a < p->rank && a < 3; a++)
        p->o[a] = (int64_t)(((uint64_t)p->i[a] - 1) * (uint64_t)p->s[a] -
                            (uint64_t)p->pb[a] - (uint64_t)p->pe[a] +
                            (uint64_t)p->d[a] * ((uint64_t)p->k[a] - 1) +
                            (uint64_t)p->op[a] + 1);
}

/* One or two changed fields of a legal problem; o follows the formula (and
 * wraps) unless it is changed itself. */
typedef struct {
    const char *what;
    size_t field[2]; /* offset into dc_problem, of an int64_t */
    int64_t value[2];
} change;

#define AT(f) offsetof(dc_problem, f)

static const change illegal[] = {
    {"n < 0", {AT(n)}, {-1}},
    {"ci < 0", {AT(ci)}, {-2}},
    {"co < 0", {AT(co)}, {-2}},
    {"g = 0", {AT(g)}, {0}},
    {"g < 0", {AT(g)}, {-2}},
    {"ci % g", {AT(ci)}, {5}},
    {"co % g", {AT(co)}, {7}},
    {"i < 0", {AT(i[1])}, {-1}},
    {"k = 0", {AT(k[0])}, {0}},
    {"s = 0", {AT(s[1])}, {0}},
    {"s < 0", {AT(s[1])}, {-1}},
    {"d = 0", {AT(d[0])}, {0}},
    {"d < 0", {AT(d[0])}, {-1}},
    {"op < 0", {AT(op[1])}, {-1}},
    {"op = max(s,d)", {AT(op[0])}, {3}},
    {"o < 0", {AT(pb[0])}, {99}},
    {"another o", {AT(o[0])}, {8}},
    {"another o", {AT(o[1])}, {0}},
    {"op hides d", {AT(op[0]), AT(d[0])}, {-1250000000000, 1250000000000}},
    {"huge s, op < 0", {AT(s[0]), AT(op[0])}, {INT64_C(1) << 31, -5}},
    {"(i-1)s", {AT(i[0]), AT(s[0])}, {INT64_MAX, INT64_MAX}},
    {"(i-1)s of fields", {AT(i[0]), AT(s[0])}, {INT64_C(1) << 40, 1 << 30}},
    {"d(k-1)", {AT(k[0]), AT(d[0])}, {INT64_C(1) << 40, 1 << 30}},
    {"pads", {AT(pb[0]), AT(pe[0])}, {INT64_MIN, INT64_MAX}},
    {"pads", {AT(pb[0]), AT(pe[0])}, {INT64_MIN, INT64_MIN}},
    {"bytes of x", {AT(n), AT(ci)}, {INT64_C(1) << 40, INT64_C(1) << 40}},
    {"bytes of w", {AT(ci), AT(co)}, {INT64_C(1) << 39, INT64_C(1) << 39}},
    {"bytes of y", {AT(n), AT(pb[0])}, {INT64_C(1) << 39, -(INT64_C(1) << 39)}},
    {"all", {AT(n), AT(g)}, {INT64_MAX, INT64_MAX}},
    {"all", {AT(g), AT(ci)}, {-1, INT64_MIN}},
};

/* Claim: every function answers `expect` and does not touch its result. */
static void check_refused(const dc_problem *p, const char *what,
                          dc_status expect)
{
    const dc_impl *const impl = dc_fast_impl();
    const double t[8] = {0};
    double result[8] = {0};
    const dc_status got[] = {
        impl->supports(p),
        impl->forward(p, t, t, t, result),
        impl->grad_input(p, t, t, result),
        impl->grad_weight(p, t, t, result),
        impl->grad_bias(p, t, result),
    };

    for (size_t f = 0; f < sizeof got / sizeof *got; f++)
        if (got[f] != expect)
            fail_msg("%s: function %d answers %d, not %d", what, (int)f,
                     (int)got[f], (int)expect);
    assert_memory_equal(result, t, sizeof result);
}

static dc_problem legal(void)
{
    return parse_problem(
        "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1");
}

static void test_illegal(void **state)
{
    dc_problem p = legal();

    (void)state;
    assert_int_equal(dc_fast_impl()->supports(&p), DC_OK);
    for (size_t r = 0; r < sizeof illegal / sizeof *illegal; r++) {
        const change *const c = &illegal[r];

        p = legal();
        for (int f = 0; f < 2 && c->field[f]; f++)
            memcpy((char *)&p + c->field[f], &c->value[f], sizeof *c->value);
        if (c->field[0] < AT(o))
            set_o(&p);
        check_refused(&p, c->what, DC_INVALID);
    }
    for (int r = -1; r <= 4; r += r ? 1 : 4) { /* ranks -1, 0, 4 */
        p = legal();
        p.rank = r;
        check_refused(&p, "rank", DC_INVALID);
    }
    p = legal();
    p.unbatched = 1;
    check_refused(&p, "unbatched with n = 2", DC_INVALID);
    p = legal();
    p.size--;
    check_refused(&p, "size", DC_INVALID);
}

static void test_refusals(void **state)
{
    const dc_impl *const impl = dc_fast_impl();
    dc_problem p = legal();
    double t[8] = {0};

    (void)state;
    check_refused(NULL, "no problem", DC_INVALID);
    for (int dtype = -1; dtype <= 4; dtype++) {
        p.dtype = dtype;
        if (dtype == DC_F16 || dtype == DC_BF16)
            check_refused(&p, "half", DC_UNSUPPORTED);
        else if (dtype < 0 || dtype > DC_BF16)
            check_refused(&p, "dtype", DC_INVALID);
    }
    p = legal();
    p.has_bias = 2;
    check_refused(&p, "has_bias", DC_INVALID);
    p = legal();
    assert_int_equal(impl->forward(&p, t, t, NULL, t), DC_INVALID);
    assert_int_equal(impl->forward(&p, NULL, t, t, t), DC_INVALID);
    assert_int_equal(impl->grad_input(&p, t, NULL, t), DC_INVALID);
    assert_int_equal(impl->grad_weight(&p, NULL, t, t), DC_INVALID);
    assert_int_equal(impl->grad_bias(&p, t, NULL), DC_INVALID);
}

/* Claim: tensors without elements may be NULL, and an extent of 2^40 costs no
 * time if all tensors that have it are empty. */
static void test_empty(void **state)
{
    const dc_impl *const impl = dc_fast_impl();
    dc_problem p = parse_problem("n0_ci0_co0_i3_k2_s2");
    float one = 1;

    (void)state;
    assert_int_equal(impl->forward(&p, NULL, NULL, NULL, NULL), DC_OK);
    assert_int_equal(impl->grad_input(&p, NULL, NULL, NULL), DC_OK);
    assert_int_equal(impl->grad_weight(&p, NULL, NULL, NULL), DC_OK);
    assert_int_equal(impl->grad_bias(&p, NULL, NULL), DC_OK);
    p = parse_problem("n1099511627776_i0_k1");
    assert_int_equal(impl->grad_weight(&p, NULL, NULL, &one), DC_OK);
    assert_true(one == 0);
    one = 1;
    assert_int_equal(impl->grad_bias(&p, NULL, &one), DC_OK);
    assert_true(one == 0);
}

/* Claim: every operation answers DC_NOMEM if allocation fails. */
static void test_no_memory(void **state)
{
    const dc_impl *const impl = dc_fast_impl();
    const dc_problem p = parse_problem("i1_k1_b1");
    dc_status got[DC_OPS];
    float x = 1, w = 1, b = 1, gy = 1, result;

    (void)state;
    allocation_fails = true;
    got[DC_FORWARD] = impl->forward(&p, &x, &w, &b, &result);
    got[DC_GRAD_INPUT] = impl->grad_input(&p, &gy, &w, &result);
    got[DC_GRAD_WEIGHT] = impl->grad_weight(&p, &gy, &x, &result);
    got[DC_GRAD_BIAS] = impl->grad_bias(&p, &gy, &result);
    allocation_fails = false;
    for (int op = 0; op < DC_OPS; op++)
        assert_int_equal(got[op], DC_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_illegal),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests_name("fast_edges", tests, NULL, NULL);
}
