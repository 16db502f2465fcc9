/* SPDX-License-Identifier: MIT
 *
 * The table of sequences: legal problems that are what their order promises,
 * and visits that meet every problem as they should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/sequences.h"

enum { VISITS = 2000, ALL = (1 << DC_OPS) - 1 };

static void the_case(const dc_sequence *s, int index, dc_case *c)
{
    dc_error e = {.text = ""};

    if (dc_sequence_case(s, index, c, &e) != DC_OK)
        fail_msg("%s %d: %s", s->name, index, e.text);
    assert_int_equal(dc_problem_check(&c->p, &e), DC_OK);
}

/* All problems of a sequence differ; none is empty, none has a negative pad or
 * op >= s; together they have types only if they say so. */
static void problems_are_different(void **state)
{
    (void)state;
    for (int row = 0; row < dc_sequences_count; row++) {
        const dc_sequence *const s = &dc_sequences[row];
        const int n = dc_sequence_problems(s);
        dc_case *const all = calloc((size_t)n, sizeof *all);

        assert_non_null(all);
        for (int k = 0; k < n; k++) {
            const dc_problem *const p = &all[k].p;

            the_case(s, k, &all[k]);
            assert_true(s->types || p->dtype == DC_F32);
            for (int t = DC_X; t <= DC_GY; t++)
                assert_true(t == DC_B || dc_problem_count(p, (dc_tensor)t));
            for (int a = 0; a < p->rank; a++) {
                assert_true(p->pb[a] >= 0 && p->pe[a] >= 0);
                assert_true(p->op[a] < p->s[a]);
            }
            for (int q = 0; q < k; q++)
                if (dc_problem_equal(p, &all[q].p))
                    fail_msg("%s: %d is %d", s->name, k, q);
        }
        free(all);
    }
}

static const dc_sequence *named(const char *name)
{
    for (int row = 0; row < dc_sequences_count; row++)
        if (strcmp(dc_sequences[row].name, name) == 0)
            return &dc_sequences[row];
    fail_msg("no sequence %s", name);
    return NULL;
}

/* Keys replace those of the first problem, and nothing else does. */
static void keys_replace(void **state)
{
    char text[DC_CASE_MAX];
    dc_case c;

    (void)state;
    the_case(named("fields-1d"), 3, &c);
    dc_case_print(&c, text);
    assert_string_equal(
        text, "u1_n1_ci4_co6_g2_i5_k3_s2_d1_pb1_pe1_op1_b1_f32_int_r0");
    the_case(named("fields-1d"), 13, &c);
    dc_case_print(&c, text);
    assert_string_equal(text,
                        "n2_ci4_co6_g2_i5_k3_s2_d1_pb0_pe0_op1_b1_f32_int_r0");
    the_case(named("types-1d"), 3, &c);
    assert_int_equal(c.p.dtype, DC_BF16);
}

/* Does the sequence ask b right after a? */
static bool follows(const dc_sequence *s, int a, int b)
{
    for (int k = 1; k < dc_sequence_visits(s); k++)
        if (dc_sequence_visit(s, k - 1).problem == a &&
            dc_sequence_visit(s, k).problem == b)
            return true;
    return false;
}

static void visits_keep_their_promise(void **state)
{
    (void)state;
    for (int row = 0; row < dc_sequences_count; row++) {
        const dc_sequence *const s = &dc_sequences[row];
        const int n = dc_sequence_problems(s);
        const int visits = dc_sequence_visits(s);
        const bool pairs = s->order == DC_SEQUENCE_PAIRS;
        int *const seen = calloc((size_t)n, sizeof *seen);
        int backwards = 0;

        assert_non_null(seen);
        assert_in_range(visits, 2, VISITS);
        for (int k = 0; k < visits; k++) {
            const dc_visit v = dc_sequence_visit(s, k);

            assert_in_range(v.problem, 0, n - 1);
            assert_in_range(v.contents, 0, DC_SEQUENCE_CONTENTS - 1);
            assert_true(v.contents == 0 || s->order == DC_SEQUENCE_OFTEN);
            assert_in_range(v.ops, 1, ALL);
            seen[v.problem]++;
            backwards += v.backwards;
        }
        for (int k = 0; k < n; k++) {
            assert_true(seen[k] >= (s->order == DC_SEQUENCE_MANY ? 1 : 2));
            for (int q = 0; pairs && q < n; q++)
                assert_true(k == q || follows(s, k, q));
            if (s->order == DC_SEQUENCE_FIELDS && k > 0)
                assert_true(follows(s, 0, k) && follows(s, k, 0) &&
                            follows(s, k, k - 1));
        }
        assert_int_equal(backwards, s->order == DC_SEQUENCE_FIELDS ? n : 0);
        free(seen);
    }
}

/* The early ones come back after more than 1,024 others, the rest in part; each
 * gradient has more than 256 problems. */
static void many_come_back(void **state)
{
    const dc_sequence *const s = named("many");
    const int n = dc_sequence_problems(s);
    int asked[DC_OPS] = {0};
    int back = 0;

    (void)state;
    assert_true(n > 1024);
    for (int k = 0; k < n; k++) {
        assert_int_equal(dc_sequence_visit(s, k).problem, k);
        for (int op = 0; op < DC_OPS; op++)
            asked[op] += (int)(dc_sequence_visit(s, k).ops >> op & 1);
    }
    assert_int_equal(asked[DC_FORWARD], n);
    for (int op = DC_GRAD_INPUT; op < DC_OPS; op++)
        assert_true(asked[op] > 256);
    assert_int_equal(dc_sequence_visit(s, n).problem, 0);
    for (int k = n; k < dc_sequence_visits(s); k++)
        back += dc_sequence_visit(s, k).problem > n / 2;
    assert_true(back > 20);
}

/* Every kind of contents in turn; forward more than 1,000 times in a host, the
 * gradients more than 256 times. */
static void often_is_often(void **state)
{
    const dc_sequence *const s = named("often");
    int asked[DC_OPS] = {0};

    (void)state;
    for (int k = 0; k < dc_sequence_visits(s); k++) {
        const dc_visit v = dc_sequence_visit(s, k);

        assert_int_equal(v.contents, k % DC_SEQUENCE_CONTENTS);
        for (int op = 0; op < DC_OPS; op++)
            asked[op] += (int)(v.ops >> op & 1);
    }
    assert_true(3 * asked[DC_FORWARD] > 1100);
    for (int op = DC_GRAD_INPUT; op < DC_OPS; op++)
        assert_true(3 * asked[op] > 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_are_different),
        cmocka_unit_test(keys_replace),
        cmocka_unit_test(visits_keep_their_promise),
        cmocka_unit_test(many_come_back),
        cmocka_unit_test(often_is_often),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
