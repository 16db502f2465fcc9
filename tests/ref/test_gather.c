/* SPDX-License-Identifier: MIT
 *
 * Does each element gather the products of the formula, all of them and no
 * others?  Thousands of random problems against a plain integer loop that
 * takes each (n, ci, co', j, t) once and adds into whatever it touches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ref/case.h"
#include "ref/dot2.h"
#include "ref/ref.h"
#include "tests/support/draw.h"

/* What is known of each element of each result. */
typedef struct {
    int64_t *t[DC_OPS], *s[DC_OPS], *n[DC_OPS], *nonzero[DC_OPS];
} tally;

static int64_t *whole_numbers(const dc_problem *p, dc_tensor t,
                              const void *tensor)
{
    const int64_t count = dc_problem_count(p, t);
    int64_t *const v = calloc((size_t)count + 1, sizeof *v);

    assert_non_null(v);
    for (int64_t e = 0; tensor && e < count; e++)
        v[e] = (int64_t)dc_format_get(p->dtype, tensor, e);
    return v;
}

static void add(tally *all, dc_op op, int64_t at, int64_t v, int product)
{
    all->t[op][at] += v;
    all->s[op][at] += v < 0 ? -v : v;
    all->n[op][at] += product;
    all->nonzero[op][at] += product && v;
}

static int64_t product_of(const int64_t *v, int count)
{
    int64_t m = 1;

    for (int a = 0; a < count; a++)
        m *= v[a];
    return m;
}

static void add_all(const dc_problem *p, int64_t *const in[DC_TENSORS],
                    tally *all)
{
    const int64_t ni = product_of(p->i, p->rank);
    const int64_t nk = product_of(p->k, p->rank);
    const int64_t no = product_of(p->o, p->rank);
    const int64_t co_g = p->co / p->g;

    for (int64_t e = 0; e < p->n * p->co * no; e++) {
        const int64_t co = e / no % p->co;

        if (p->has_bias)
            add(all, DC_FORWARD, e, in[DC_B][co], 0);
        add(all, DC_GRAD_BIAS, co, in[DC_GY][e], 1);
    }
    for (int64_t xe = 0; xe < p->n * p->ci * ni; xe++)
        for (int64_t c = 0; c < co_g; c++)
            for (int64_t t = 0; t < nk; t++) {
                const int64_t ci = xe / ni % p->ci;
                const int64_t group = ci * p->g / p->ci;
                const int64_t we = (ci * co_g + c) * nk + t;
                int64_t j = xe % ni, tap = t, at = 0, step = 1, ye;
                int inside = 1;

                for (int a = p->rank; a-- > 0;) {
                    const int64_t o = j % p->i[a] * p->s[a] - p->pb[a] +
                                      tap % p->k[a] * p->d[a];

                    inside &= o >= 0 && o < p->o[a];
                    at += o * step;
                    step *= p->o[a];
                    j /= p->i[a];
                    tap /= p->k[a];
                }
                if (!inside)
                    continue;
                ye = (xe / ni / p->ci * p->co + group * co_g + c) * no + at;
                add(all, DC_FORWARD, ye, in[DC_X][xe] * in[DC_W][we], 1);
                add(all, DC_GRAD_INPUT, xe, in[DC_GY][ye] * in[DC_W][we], 1);
                add(all, DC_GRAD_WEIGHT, we, in[DC_GY][ye] * in[DC_X][xe], 1);
            }
}

static void expect(int right, const dc_problem *p, dc_op op, int64_t at,
                   const char *what)
{
    const dc_case c = {*p, DC_INT, 0};
    char text[DC_CASE_MAX];

    if (right)
        return;
    dc_case_print(&c, text);
    fail_msg("%s %s element %lld: %s", text, dc_ops[op].name, (long long)at,
             what);
}

/* One operation by both gatherers, against the tally. */
static void check_op(const dc_problem *p, dc_op op,
                     const void *const given[DC_TENSORS], const int64_t *b,
                     const tally *all)
{
    const int64_t count = dc_problem_count(p, dc_ops[op].out);
    const int64_t bytes = count * dc_formats[p->dtype].size;
    const int has_c = op == DC_FORWARD && p->has_bias;
    unsigned char *const result = malloc((size_t)bytes + 1);
    dc_dot2 *plain;
    dc_ref *ref;
    dc_element e;

    assert_non_null(result);
    result[bytes] = 0x5a;
    assert_int_equal(dc_ref_run(p, op, given, result), DC_OK);
    assert_int_equal(result[bytes], 0x5a);
    assert_int_equal(dc_ref_open(&ref, p, given), DC_OK);
    assert_int_equal(dc_dot2_open(&plain, p, given), DC_OK);
    dc_element_init(&e);
    for (int64_t at = count; at-- > 0;) { /* any order will do */
        const int64_t t = all->t[op][at];
        const int64_t c = has_c ? b[at / product_of(p->o, p->rank) % p->co] : 0;
        dc_dot2_value q;

        dc_ref_element(ref, op, at, 1, &e);
        expect(mpfr_cmp_si(e.t, t) == 0, p, op, at, "t");
        expect(mpfr_cmp_si(e.s, all->s[op][at]) == 0, p, op, at, "S");
        expect(mpfr_cmp_si(e.c, c) == 0 && e.has_c == has_c, p, op, at, "c");
        expect(e.n == all->n[op][at], p, op, at, "n");
        expect(e.nonzero == all->nonzero[op][at], p, op, at, "nonzero");
        expect(dc_format_get(p->dtype, result, at) ==
                   dc_format_round(p->dtype, (double)t),
               p, op, at, "the stored value");
        dc_dot2_element(plain, op, at, &q);
        expect(q.hi + q.lo == (double)t && q.s == (double)all->s[op][at] &&
                   q.m == e.nonzero + has_c,
               p, op, at, "the plain gather");
    }
    dc_element_clear(&e);
    dc_dot2_close(plain);
    dc_ref_close(ref);
    free(result);
}

static void check_problem(uint64_t *state, const dc_problem *p)
{
    void *tensors[DC_TENSORS];
    const void *given[DC_TENSORS];
    int64_t *in[DC_TENSORS] = {NULL};
    tally all;

    draw_inputs(state, p, 0, tensors);
    memcpy(given, tensors, sizeof given);
    for (int t = DC_X; t <= DC_GY; t++)
        in[t] = whole_numbers(p, (dc_tensor)t, tensors[t]);
    for (int op = 0; op < DC_OPS; op++) {
        all.t[op] = whole_numbers(p, dc_ops[op].out, NULL);
        all.s[op] = whole_numbers(p, dc_ops[op].out, NULL);
        all.n[op] = whole_numbers(p, dc_ops[op].out, NULL);
        all.nonzero[op] = whole_numbers(p, dc_ops[op].out, NULL);
    }
    add_all(p, in, &all);
    for (int op = 0; op < DC_OPS; op++) {
        check_op(p, (dc_op)op, given, in[DC_B], &all);
        free(all.t[op]);
        free(all.s[op]);
        free(all.n[op]);
        free(all.nonzero[op]);
    }
    for (int t = DC_X; t <= DC_GY; t++)
        free(in[t]);
    draw_free(tensors);
}

static void random_problems_by_a_plain_loop(void **unused)
{
    uint64_t state = 8128;
    int empty[5] = {0}; /* n, ci, co, an input axis, an output axis */
    int ranks[4] = {0};

    (void)unused;
    for (int round = 0; round < 2500; round++) {
        const dc_problem p = draw_problem(&state, round % 20 ? 300 : 4000);

        check_problem(&state, &p);
        ranks[p.rank]++;
        empty[0] += !p.n;
        empty[1] += !p.ci;
        empty[2] += !p.co;
        empty[3] += !product_of(p.i, p.rank);
        empty[4] += !product_of(p.o, p.rank);
    }
    for (int z = 0; z < 5; z++)
        assert_true(empty[z] > 20);
    for (int rank = 1; rank <= 3; rank++)
        assert_true(ranks[rank] > 150);
}

/* Full significands of either sign, f64's subnormals and infinities too:
 * the plain gather stays within the error that it states. */
static void plain_sums_keep_their_error(void **unused)
{
    uint64_t state = 496;
    int unproven = 0;
    mpfr_t off;

    (void)unused;
    mpfr_init2(off, 20000);
    for (int round = 0; round < 600; round++) {
        dc_problem p = draw_problem(&state, 300);
        const int range = (const int[]){0, 30, 300, 1000}[round % 4];
        void *tensors[DC_TENSORS];
        const void *given[DC_TENSORS];
        dc_dot2 *plain;
        dc_ref *ref;
        dc_element e;
        dc_dot2_value q;

        p.dtype = DC_F64;
        draw_inputs(&state, &p, range, tensors);
        for (int t = DC_X; t <= DC_GY; t++)
            for (int64_t at = 0; at < dc_problem_count(&p, (dc_tensor)t); at++)
                if (draw_one_in(&state, 2))
                    ((double *)tensors[t])[at] *= -1;
        memcpy(given, tensors, sizeof given);
        assert_int_equal(dc_ref_open(&ref, &p, given), DC_OK);
        assert_int_equal(dc_dot2_open(&plain, &p, given), DC_OK);
        dc_element_init(&e);
        for (int op = 0; op < DC_OPS; op++)
            for (int64_t at = 0; at < dc_problem_count(&p, dc_ops[op].out);
                 at++) {
                dc_ref_element(ref, (dc_op)op, at, 0, &e);
                dc_dot2_element(plain, (dc_op)op, at, &q);
                unproven += isinf(q.error);
                if (isinf(q.error))
                    continue;
                mpfr_sub_d(off, e.t, q.hi, MPFR_RNDN);
                mpfr_sub_d(off, off, q.lo, MPFR_RNDN);
                mpfr_abs(off, off, MPFR_RNDN);
                expect(mpfr_cmp_d(off, q.error) <= 0, &p, (dc_op)op, at,
                       "the error");
                expect(q.error <= 0x1p-80 * q.s + 0x1p-1000, &p, (dc_op)op, at,
                       "an error without use");
            }
        dc_element_clear(&e);
        dc_dot2_close(plain);
        dc_ref_close(ref);
        draw_free(tensors);
    }
    mpfr_clear(off);
    assert_true(unproven > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_problems_by_a_plain_loop),
        cmocka_unit_test(plain_sums_keep_their_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
