/* SPDX-License-Identifier: MIT
 *
 * Does the reference give the published values that are right, and refute
 * those that are wrong?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/example.h"
#include "ref/counts.h"
#include "ref/ref.h"

static dc_problem parse(const char *name, const char *spec, int dtype)
{
    dc_error e;
    dc_case c;

    memset(&e, 0, sizeof e);
    if (dc_case_parse(spec, &c, &e) != DC_OK)
        fail_msg("%s: %s: %s", name, spec, e.text);
    c.p.dtype = dtype;
    assert_int_equal(dc_problem_complete(&c.p, &e), DC_OK);
    return c.p;
}

static int same(const dc_numbers *a, const double *b, int64_t count)
{
    if (a->count != count)
        return 0;
    for (int64_t i = 0; i < count; i++)
        if (a->values[i] != b[i])
            return 0;
    return 1;
}

static void values_are_right_and_errata_refuted(void **state)
{
    int right = 0;
    int wrong = 0;

    (void)state;
    for (int r = 0; r < dc_examples_count; r++) {
        const dc_example *x = &dc_examples[r];
        dc_problem p = parse(x->name, x->spec, DC_F64);
        const void *tensors[DC_TENSORS] = {NULL};

        assert_true(strlen(x->source) > 10);
        for (int t = 0; t < DC_TENSORS; t++) {
            assert_true(!x->in[t].count == !x->in[t].values);
            if (x->in[t].count)
                assert_int_equal(x->in[t].count,
                                 dc_problem_count(&p, (dc_tensor)t));
            tensors[t] = x->in[t].values;
        }
        for (int op = 0; op < DC_OPS; op++) {
            dc_tensor t = dc_ops[op].out;
            int64_t count = dc_problem_count(&p, t);
            double *got;

            if (!x->right[t].count) {
                assert_int_equal(x->wrong[t].count, 0);
                continue;
            }
            got = malloc((size_t)count * sizeof *got);
            assert_non_null(got);
            assert_int_equal(dc_ref_run(&p, (dc_op)op, tensors, got), DC_OK);
            if (!same(&x->right[t], got, count))
                fail_msg("%s: %s is not the reference's", x->name,
                         dc_tensor_names[t]);
            if (x->wrong[t].count && same(&x->wrong[t], got, count))
                fail_msg("%s: %s is not refuted", x->name, dc_tensor_names[t]);
            right++;
            wrong += x->wrong[t].count > 0;
            free(got);
        }
    }
    assert_int_equal(right, 17);
    assert_int_equal(wrong, 6);
}

static void sizes_are_right(void **state)
{
    int errata = 0;

    (void)state;
    for (int r = 0; r < dc_size_examples_count; r++) {
        const dc_size_example *x = &dc_size_examples[r];
        dc_problem p = parse(x->name, x->spec, DC_F32);

        assert_true(strlen(x->source) > 10);
        assert_memory_equal(p.o, x->right, sizeof p.o);
        errata += memcmp(x->right, x->printed, sizeof x->right) != 0;
    }
    assert_int_equal(errata, 1);
}

static void counts_are_right(void **state)
{
    (void)state;
    for (int r = 0; r < dc_count_examples_count; r++) {
        const dc_count_example *x = &dc_count_examples[r];
        dc_problem p = parse(x->name, x->spec, DC_F32);
        dc_counts c;

        assert_int_equal(dc_counts_of(&p, &c, NULL), DC_OK);
        assert_int_equal(c.taps, x->taps);
        assert_int_equal(c.reached, x->reached);
        assert_int_equal(c.mul[DC_FORWARD], x->direct);
        assert_int_equal(c.mul_col2im, x->col2im);
        assert_int_equal(c.mul_stuffed, x->stuffed);
        assert_int_equal(c.mul[DC_FORWARD] + c.add[DC_FORWARD], x->total);
        assert_int_equal(c.published_total, x->published);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_right_and_errata_refuted),
        cmocka_unit_test(sizes_are_right),
        cmocka_unit_test(counts_are_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
