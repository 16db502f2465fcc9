/* SPDX-License-Identifier: MIT
 *
 * Does a guarded call see what happens to memory that is not the result?
 */
#include "tests/support/guarded.h"

/* A byte written outside of the tensors, in any call, by either side of any
 * tensor that has canaries there. */
static void test_stray(void **state)
{
    static const struct {
        int call, slot;
        int64_t at;
        bool behind;
        dc_stray want;
    } rows[] = {
        {1, 0, -1, false, {DC_SIDE_BEFORE, DC_X, 1, 0, 0}},
        {1, 1, -4, false, {DC_SIDE_BEFORE, DC_W, 4, 0, 0}},
        {1, 3, -2000, false, {DC_SIDE_BEFORE, DC_Y, 2000, 0, 0}},
        {2, 2, 0, true, {DC_SIDE_PAST, DC_B, 0, 0, 0}},
        {2, 3, 31, true, {DC_SIDE_PAST, DC_Y, 31, 0, 0}},
        {3, 3, 2047, true, {DC_SIDE_PAST, DC_Y, 2047, 0, 0}},
        {4, 0, -2, false, {DC_SIDE_BEFORE, DC_X, 2, 0, 0}},
        {4, 1, 2, true, {DC_SIDE_PAST, DC_W, 2, 0, 0}},
        {4, 3, 0, true, {DC_SIDE_PAST, DC_Y, 0, 0, 0}},
        {1, 4, 4, false, {DC_SIDE_INSIDE, DC_TENSORS, 4, 0, 0}},
        {2, 4, -8, false, {DC_SIDE_BEFORE, DC_TENSORS, 8, 0, 0}},
    };
    dc_guard *g = guard();
    material m = make("ci2_co2_i3_k3_b1_f16", DC_FORWARD);
    dc_answer a;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        reset();
        seen.stray.call = rows[i].call;
        seen.stray.slot = rows[i].slot;
        seen.stray.at = rows[i].at;
        seen.stray.behind = rows[i].behind;
        a = call(g, &all, &m, DC_FORWARD);
        assert_int_equal(a.stray.side, rows[i].want.side);
        assert_int_equal(a.stray.tensor, rows[i].want.tensor);
        assert_int_equal(a.stray.bytes, rows[i].want.bytes);
        assert_int_equal(a.stray.old ^ a.stray.now, 0x21);
        assert_int_equal(a.tensor, DC_TENSORS);
        /* call 4 is made if nothing was found before */
        assert_int_equal(seen.calls, rows[i].call < 4 ? 3 : 4);
    }
    reset();
    seen.supports_writes = true;
    a = call(g, &all, &m, DC_FORWARD);
    assert_int_equal(a.stray.side, DC_SIDE_INSIDE);
    assert_int_equal(a.stray.tensor, DC_TENSORS);
    assert_int_equal(a.stray.bytes, offsetof(dc_problem, has_bias));
    assert_int_equal(a.stray.old, 1);
    assert_int_equal(a.stray.now, 0);
    drop(&m);
    dc_guard_close(g);
}

/* Of the results of calls 2 and 4 the one that lies farther from the first is
 * delivered. */
static void test_farther(void **state)
{
    dc_guard *g = guard();
    material m = make("ci2_co2_i3_k3_b1_f64", DC_FORWARD);
    dc_answer a;

    (void)state;
    for (int far = 0; far <= CALLS; far++) {
        reset();
        seen.far = far;
        a = call(g, &all, &m, DC_FORWARD);
        assert_int_equal(a.runs, 2);
        assert_int_equal(a.repeat, far == 2 || far == 3 ? 0 : -1);
        assert_int_equal(((char *)m.result[0])[0], far == 1 ? 8 : 0);
        assert_int_equal(((char *)m.result[1])[0],
                         far == 2 || far == 4 ? 8 : 0);
    }
    drop(&m);
    dc_guard_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stray),
        cmocka_unit_test(test_farther),
    };

    return cmocka_run_group_tests_name("guard memory", tests, NULL, NULL);
}
