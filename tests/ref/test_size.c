/* SPDX-License-Identifier: MIT
 *
 * Is the reference right beyond 2^8, 2^15, 2^16, 2^24 and 2^32?  Values in
 * closed form on every axis, and index arithmetic alone where tensors would not
 * fit into memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ref/dot2.h"
#include "ref/gather.h"
#include "ref/ref.h"
#include "tests/support/size.h"

static void check_mpfr(const size_task *s)
{
    const void *in[DC_TENSORS];
    dc_ref *ref;
    dc_element e;

    memcpy(in, s->tensors, sizeof in);
    assert_int_equal(dc_ref_open(&ref, &s->p, in), DC_OK);
    dc_element_init(&e);
    for (int64_t at = size_next(s, -1, 20); at < s->count;
         at = size_next(s, at, 20)) {
        dc_ref_element(ref, s->op, at, true, &e);
        if (mpfr_cmp_d(e.t, s->want[at]) != 0)
            size_fail(s, at, mpfr_get_d(e.t, MPFR_RNDN));
    }
    dc_element_clear(&e);
    dc_ref_close(ref);
}

static void reference_at_size(void **unused)
{
    (void)unused;
    size_each(check_mpfr, 2);
}

static void check_dot2(const size_task *s)
{
    const void *in[DC_TENSORS];
    dc_dot2 *dot2;
    dc_dot2_value v;

    memcpy(in, s->tensors, sizeof in);
    assert_int_equal(dc_dot2_open(&dot2, &s->p, in), DC_OK);
    for (int64_t at = size_next(s, -1, 40); at < s->count;
         at = size_next(s, at, 40)) {
        dc_dot2_element(dot2, s->op, at, &v);
        if (v.hi + v.lo != s->want[at])
            size_fail(s, at, v.hi + v.lo);
    }
    dc_dot2_close(dot2);
}

static void double_double_at_size(void **unused)
{
    (void)unused;
    size_each(check_dot2, 4);
}

/* ==== Index arithmetic alone ============================================ */

/* j*s - pb + t*d = o both ways, beyond every integer that is shorter. */
static void positions_beyond_32_bits(void **unused)
{
    static const int64_t values[] = {
        1,          2,          3,           255,         256,
        257,        32768,      65535,       65536,       65537,
        16777217,   2147483647, 2147483648,  2147483649,  4294967295,
        4294967296, 4294967297, 12884901889, 68719476736, 1099511627776};
    enum { VALUES = sizeof values / sizeof *values };
    const int64_t most = INT64_C(1) << 60;
    int64_t met = 0;

    (void)unused;
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < VALUES * VALUES * VALUES; k++) {
            const int64_t j = values[k % VALUES] - 1;
            const int64_t s = values[k / VALUES % VALUES];
            const int64_t d = values[k / VALUES / VALUES];
            const int64_t t = k % 3;
            dc_problem p = {.rank = 3};

            if ((double)j * (double)s > (double)most)
                continue;
            p.s[a] = s;
            p.d[a] = d;
            p.i[a] = j + 1;
            p.pb[a] = k % 2 ? -values[k % 7] : t * d;
            const int64_t o = j * s - p.pb[a] + t * d;

            p.o[a] = o + 1;
            assert_int_equal(dc_gather_source(&p, a, o, t), j);
            assert_int_equal(dc_gather_target(&p, a, j, t), o < 0 ? -1 : o);
            if (s > 1) /* between two input positions */
                assert_int_equal(dc_gather_source(&p, a, o + 1, t), -1);
            p.i[a]--; /* now j is outside, and o is */
            p.o[a]--;
            assert_int_equal(dc_gather_source(&p, a, o, t), -1);
            assert_int_equal(dc_gather_target(&p, a, j, t), -1);
            met++;
        }
    assert_true(met > 10000);
}

/* What an element visits. */
typedef struct {
    uint64_t sum;
    int64_t count;
} visits;

/* Sums over products are equal only if the pairs are. */
static void visit(void *state, int64_t a, int64_t b)
{
    visits *const v = state;
    const uint64_t mixed =
        ((uint64_t)a * UINT64_C(0x9e3779b97f4a7c15)) ^ ((uint64_t)b << 1);

    v->sum += mixed * mixed * mixed;
    v->count++;
}

/* The products of the element of op's result at `to`, from the formula. */
static visits expected(const dc_problem *p, dc_op op, size_place to)
{
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const int64_t channels = op == DC_FORWARD      ? ci_g
                             : op == DC_GRAD_INPUT ? co_g
                                                   : p->n;
    const dc_tensor *const f = dc_gather_factors[op];
    visits v = {0};

    for (int64_t c = 0; c < channels; c++)
        for (int64_t e = 0; e < (op == DC_GRAD_WEIGHT ? p->i : p->k)[0]; e++) {
            size_place at = to;

            if (op == DC_FORWARD)
                at.ci = to.group * ci_g + c;
            else if (op == DC_GRAD_INPUT)
                at.c = c;
            else
                at.n = c;
            (op == DC_GRAD_WEIGHT ? at.j : at.t)[0] = e;
            if (op == DC_FORWARD) {
                at.j[0] = (to.o[0] + p->pb[0] - e * p->d[0]) / p->s[0];
                if (at.j[0] < 0 || at.j[0] >= p->i[0])
                    continue;
            }
            if (size_target(p, &at) && (op != DC_FORWARD || at.o[0] == to.o[0]))
                visit(&v, size_index(p, f[0], &at), size_index(p, f[1], &at));
        }
    return v;
}

/* Tensors of 2^40 and more elements, of which none exists. */
static void elements_beyond_32_bits(void **unused)
{
    static const struct {
        const char *spec;
        dc_op op;
    } rows[] = {
        {"n70000_ci66000_co66000_g33000_i70000_k3_s2_f16", DC_FORWARD},
        {"n70000_ci66000_co66000_g33000_i70000_k3_s2_f16", DC_GRAD_INPUT},
        {"n3_ci4_co140000_g2_i3_k65537_d65537_s65536_f16", DC_FORWARD},
        {"n3_ci140000_co4_g2_i3_k65537_d65537_s65536_f16", DC_GRAD_INPUT},
        {"n2_ci70000_co70000_g7_i2_k70000_d70000_f16", DC_GRAD_WEIGHT},
        {"n65537_ci70000_co70000_g7000_i3_k2_s65537_f16", DC_GRAD_WEIGHT},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int last = 0; last < 2; last++) {
            const dc_problem p = parse(rows[r].spec).p;
            const dc_problem lifted = dc_problem_lift(&p);
            const size_place to = size_end(&p, last);
            const visits want = expected(&p, rows[r].op, to);
            const dc_tensor result[] = {DC_GY, DC_X, DC_W};
            visits got = {0};

            dc_gather_element(&lifted, rows[r].op,
                              size_index(&p, result[rows[r].op], &to), visit,
                              &got);
            assert_true(want.count > 0);
            assert_int_equal(got.count, want.count);
            assert_true(got.sum == want.sum);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_beyond_32_bits),
        cmocka_unit_test(elements_beyond_32_bits),
        cmocka_unit_test(reference_at_size),
        cmocka_unit_test(double_double_at_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
