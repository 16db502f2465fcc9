/* SPDX-License-Identifier: MIT
 *
 * Has each tensor the shape of the contract, in every rank, and has each
 * operation, axis, status and error its name?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/problem.h"

static void shapes_are_those_of_the_contract(void **state)
{
    /* rank 2, batched: i 3x4, k 2x3; o 8x13 by hand */
    static const struct {
        dc_tensor t;
        int axes;
        int64_t shape[5];
    } rows[] = {
        {DC_X, 4, {2, 6, 3, 4}},  {DC_GX, 4, {2, 6, 3, 4}},
        {DC_W, 4, {6, 2, 2, 3}},  {DC_GW, 4, {6, 2, 2, 3}},
        {DC_B, 1, {4}},           {DC_GB, 1, {4}},
        {DC_Y, 4, {2, 4, 8, 13}}, {DC_GY, 4, {2, 4, 8, 13}},
    };

    (void)state;
    for (int unbatched = 0; unbatched <= 1; unbatched++) {
        dc_problem p = sample(2);

        p.unbatched = unbatched;
        if (unbatched)
            p.n = 1;
        assert_int_equal(dc_problem_complete(&p, NULL), DC_OK);
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            const int drop = unbatched && rows[r].shape[0] == 2;
            int64_t shape[5];
            int64_t count = 1;

            assert_int_equal(dc_problem_shape(&p, rows[r].t, shape),
                             rows[r].axes - drop);
            assert_memory_equal(shape, rows[r].shape + drop,
                                sizeof *shape * (size_t)(rows[r].axes - drop));
            for (int a = drop; a < rows[r].axes; a++)
                count *= rows[r].shape[a];
            assert_int_equal(dc_problem_count(&p, rows[r].t), count);
        }
    }
}

/* Is q the same problem as p, with unit axes in front? */
static void expect_unit_axes(const dc_problem *p, const dc_problem *q)
{
    const int shift = q->rank - p->rank;
    const int64_t at[] = {p->i[0],  p->k[0],  p->s[0],  p->d[0],
                          p->pb[0], p->pe[0], p->op[0], p->o[0]};
    const int64_t raised[] = {q->i[shift],  q->k[shift],  q->s[shift],
                              q->d[shift],  q->pb[shift], q->pe[shift],
                              q->op[shift], q->o[shift]};

    assert_memory_equal(at, raised, sizeof at);
    for (int a = 0; a < shift; a++) {
        assert_true(q->i[a] == 1 && q->k[a] == 1 && q->s[a] == 1);
        assert_true(q->d[a] == 1 && q->pb[a] == 0 && q->pe[a] == 0);
        assert_true(q->op[a] == 0 && q->o[a] == 1);
    }
    assert_int_equal(dc_problem_check(q, NULL), DC_OK);
    for (int t = 0; t < DC_TENSORS; t++)
        assert_int_equal(dc_problem_count(p, (dc_tensor)t),
                         dc_problem_count(q, (dc_tensor)t));
}

static void another_rank_has_unit_axes_in_front(void **state)
{
    (void)state;
    for (int rank = 1; rank <= 3; rank++) {
        const dc_problem p = sample(rank);
        const dc_problem lifted = dc_problem_lift(&p);

        for (int to = rank; to <= 3; to++) {
            const dc_problem q = dc_problem_raise(&p, to);

            assert_int_equal(q.rank, to);
            expect_unit_axes(&p, &q);
        }
        assert_int_equal(lifted.rank, 3);
        expect_unit_axes(&p, &lifted);
    }
}

static void a_plane_is_an_element(void **state)
{
    (void)state;
    for (int rank = 1; rank <= 3; rank++) {
        const dc_problem p = sample(rank);
        const dc_problem planes = dc_problem_planes(&p);

        assert_int_equal(dc_problem_check(&planes, NULL), DC_OK);
        assert_int_equal(dc_problem_count(&planes, DC_X), p.n * p.ci);
        assert_int_equal(dc_problem_count(&planes, DC_W), p.ci * p.co / p.g);
        assert_int_equal(dc_problem_count(&planes, DC_Y), p.n * p.co);
    }
}

static void names_and_takes(void **state)
{
    static const char *const takes[DC_OPS] = {"x w b", "gy w", "gy x", "gy"};
    static const char *const gives[DC_OPS] = {"y", "gx", "gw", "gb"};
    dc_problem p = sample(1);

    (void)state;
    for (int bias = 0; bias <= 1; bias++)
        for (int op = 0; op < DC_OPS; op++) {
            p.has_bias = bias;
            assert_string_equal(dc_tensor_names[dc_ops[op].out], gives[op]);
            for (int t = 0; t < DC_TENSORS; t++) {
                char word[8], list[16];

                snprintf(word, sizeof word, " %s ", dc_tensor_names[t]);
                snprintf(list, sizeof list, " %s ", takes[op]);
                assert_int_equal(dc_op_takes(&p, (dc_op)op, (dc_tensor)t),
                                 strstr(list, word) && (t != DC_B || bias));
            }
        }
    assert_string_equal(dc_ops[DC_GRAD_WEIGHT].name, "grad_weight");
    assert_string_equal(dc_axis_name(3, 0), "d");
    assert_string_equal(dc_axis_name(2, 0), "h");
    assert_string_equal(dc_axis_name(1, 0), "w");
    assert_string_equal(dc_axis_name(2, 2), "?");
    assert_string_equal(dc_axis_name(2, -1), "?");
    assert_string_equal(dc_axis_name(9, 0), "?");
    assert_string_equal(dc_status_name(DC_OK), "OK");
    assert_string_equal(dc_status_name(DC_FAILED), "FAILED");
    assert_string_equal(dc_status_name((dc_status)5), "an unknown status");
    assert_string_equal(dc_status_name((dc_status)-1), "an unknown status");
}

static void long_sentences_are_cut(void **state)
{
    char long_text[2000];
    dc_error e;

    (void)state;
    memset(long_text, 'y', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    assert_int_equal(dc_error_set(&e, DC_FAILED, "k", 2, "%s", long_text),
                     DC_FAILED);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    assert_int_equal(e.status, DC_FAILED);
    assert_int_equal(e.axis, 2);
    assert_int_equal(dc_error_set(NULL, DC_NOMEM, NULL, -1, "x"), DC_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_those_of_the_contract),
        cmocka_unit_test(another_rank_has_unit_axes_in_front),
        cmocka_unit_test(a_plane_is_an_element),
        cmocka_unit_test(names_and_takes),
        cmocka_unit_test(long_sentences_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
