/* SPDX-License-Identifier: MIT
 *
 * Is the small scope whole, and do its data prove what
 * cases/space/small_scope.h says that they prove?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "cases/space/small_scope.h"
#include "ref/format.h"

static dc_small_scope *must_open(void)
{
    dc_small_scope *scope;

    assert_int_equal(dc_small_scope_open(&scope), DC_OK);
    return scope;
}

/* Counts the legal 1d geometries by asking the validation for each. */
static int64_t legal_lines(void)
{
    int64_t n = 0;

    for (int64_t v = 0; v < 4 * 4 * 4 * 3 * 6 * 6 * 4; v++) {
        dc_problem p = {
            .rank = 1, .dtype = DC_F64, .n = 1, .ci = 1, .co = 1, .g = 1};
        int64_t rest = v;

        p.op[0] = rest % 4;
        rest /= 4;
        p.pe[0] = rest % 6 - 1;
        rest /= 6;
        p.pb[0] = rest % 6 - 1;
        rest /= 6;
        p.d[0] = rest % 3 + 1;
        rest /= 3;
        p.s[0] = rest % 4 + 1;
        rest /= 4;
        p.k[0] = rest % 4 + 1;
        p.i[0] = rest / 4 + 1;
        n += dc_problem_complete(&p, NULL) == DC_OK;
    }
    return n;
}

static void the_scope_is_whole(void **state)
{
    dc_small_scope *scope = must_open();
    const int64_t lines = dc_small_scope_lines(scope);
    const int64_t pairs = dc_small_scope_count(scope) - 2 * lines;
    int64_t kinds = 0; /* of axes; each is paired with each */
    dc_problem last = {0};

    (void)state;
    assert_int_equal(lines, legal_lines());
    while (kinds * kinds < pairs)
        kinds++;
    assert_int_equal(kinds * kinds, pairs);
    assert_true(pairs > 10000);
    for (int64_t k = 0; k < dc_small_scope_count(scope); k++) {
        dc_case c;
        dc_error e;

        dc_small_scope_case(scope, k, DC_F32, &c);
        if (dc_problem_check(&c.p, &e) != DC_OK)
            fail_msg("case %lld: %s", (long long)k, e.text);
        assert_int_equal(c.family, DC_INT);
        assert_int_equal(dc_data_second_int(&c), 0);
        /* in order, so that neighbours differ: each geometry comes once */
        if (k < 2 * lines && k % 2 == 0) {
            assert_true(memcmp(last.i, c.p.i, sizeof c.p.i * 8) != 0);
            last = c.p;
        }
    }
    dc_small_scope_close(scope);
    dc_small_scope_close(NULL);
}

/* ==== Ranks ============================================================= */

static const int64_t PRIME = 2147483647;

static int64_t power(int64_t a, int64_t n)
{
    int64_t r = 1;

    for (; n; n /= 2, a = a * a % PRIME)
        if (n & 1)
            r = r * a % PRIME;
    return r;
}

/* Rank of m [rows][columns] modulo a prime: never more than the true one. */
static int64_t rank_of(int64_t *m, int64_t rows, int64_t columns)
{
    int64_t rank = 0;

    for (int64_t k = 0; k < rows * columns; k++)
        m[k] = (m[k] % PRIME + PRIME) % PRIME;
    for (int64_t c = 0; c < columns && rank < rows; c++) {
        int64_t at = rank;
        int64_t inverse;

        while (at < rows && m[at * columns + c] == 0)
            at++;
        if (at == rows)
            continue;
        for (int64_t k = 0; k < columns; k++) {
            const int64_t swap = m[at * columns + k];
            m[at * columns + k] = m[rank * columns + k];
            m[rank * columns + k] = swap;
        }
        inverse = power(m[rank * columns + c], PRIME - 2);
        for (int64_t r = rank + 1; r < rows; r++) {
            const int64_t f = m[r * columns + c] * inverse % PRIME;

            for (int64_t k = c; k < columns && f; k++)
                m[r * columns + k] =
                    (m[r * columns + k] + (PRIME - f) * m[rank * columns + k]) %
                    PRIME;
        }
        rank++;
    }
    return rank;
}

/* The tensors of a case as integers. */
typedef struct {
    int64_t *x, *w, *gy;
    dc_problem p;
} numbers;

static int64_t *integers(const dc_case *c, dc_tensor t)
{
    const int64_t count = dc_problem_count(&c->p, t);
    void *raw = malloc((size_t)count * 8 + 8);
    int64_t *v = malloc((size_t)count * 8 + 8);

    assert_true(raw && v);
    assert_int_equal(dc_data_fill(c, t, raw), DC_OK);
    for (int64_t k = 0; k < count; k++)
        v[k] = (int64_t)dc_format_get(c->p.dtype, raw, k);
    free(raw);
    return v;
}

static numbers read_numbers(const dc_case *c)
{
    return (numbers){integers(c, DC_X), integers(c, DC_W), integers(c, DC_GY),
                     c->p};
}

static void drop(numbers *v)
{
    free(v->x);
    free(v->w);
    free(v->gy);
}

static void full_rank(const char *what, const dc_case *c, int64_t *m,
                      int64_t rows, int64_t columns)
{
    char text[DC_CASE_MAX];

    if (rank_of(m, rows, columns) < columns) {
        dc_case_print(c, text);
        fail_msg("%s: %s do not determine the map", text, what);
    }
    free(m);
}

/* ci = g = 1: x [n,i], w [co,k], gy [n,co,o]. */
static void check_batch(const dc_case *c)
{
    numbers v = read_numbers(c);
    const dc_problem *p = &v.p;
    const int64_t o = p->o[0], k = p->k[0];
    int64_t *const m = calloc((size_t)(p->n * o * k + 1), sizeof *m);

    assert_non_null(m);
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t cc = 0; cc < p->co; cc++)
            for (int64_t ot = 0; ot < o * k; ot++)
                m[n * o * k + ot] +=
                    v.gy[(n * p->co + cc) * o + ot / k] * v.w[cc * k + ot % k];
    full_rank("gy and w", c, m, p->n, o * k);
    full_rank("x", c, v.x, p->n, p->i[0]);
    full_rank("w", c, v.w, p->co, k);
    v.x = v.w = NULL;
    drop(&v);
}

static void check_channels(const dc_case *c)
{
    numbers v = read_numbers(c);
    const dc_problem *p = &v.p;
    const int64_t o = p->o[0], i = p->i[0];
    int64_t *const m = calloc((size_t)(p->co * o * i + 1), sizeof *m);
    int64_t *const g = calloc((size_t)(p->co * o * p->n + 1), sizeof *g);

    assert_true(m && g);
    for (int64_t cc = 0; cc < p->co; cc++)
        for (int64_t n = 0; n < p->n; n++)
            for (int64_t at = 0; at < o; at++) {
                const int64_t gy = v.gy[(n * p->co + cc) * o + at];

                g[(cc * p->n + n) * o + at] = gy;
                for (int64_t j = 0; j < i; j++)
                    m[(cc * i + j) * o + at] += v.x[n * i + j] * gy;
            }
    full_rank("x and gy", c, m, p->co, i * o);
    full_rank("gy", c, g, p->co, p->n * o);
    drop(&v);
}

/* Every 61st geometry in f64, every 97th in f32. */
static void data_determine_the_map(void **state)
{
    static const struct {
        int dtype;
        int64_t step;
    } rows[] = {{DC_F64, 61}, {DC_F32, 97}};
    dc_small_scope *scope = must_open();

    (void)state;
    for (size_t r = 0; r < 2; r++)
        for (int64_t k = 0; k < dc_small_scope_lines(scope);
             k += rows[r].step) {
            dc_case c;

            dc_small_scope_case(scope, 2 * k, rows[r].dtype, &c);
            check_batch(&c);
            dc_small_scope_case(scope, 2 * k + 1, rows[r].dtype, &c);
            check_channels(&c);
        }
    dc_small_scope_close(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scope_is_whole),
        cmocka_unit_test(data_determine_the_map),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
