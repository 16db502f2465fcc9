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

/* ==== After the return =================================================== */

/* How the byte is changed, and how the guard is asked afterwards. */
typedef enum {
    BEFORE_CALL,   /* before the next call */
    IN_SUPPORTS,   /* while the next call asks supports() */
    BEFORE_SETTLE, /* before the guard is asked to settle */
    BEFORE_REFUSAL /* before an illegal problem */
} moment;

/* Changes a byte and asks the guard. */
static dc_answer change(dc_guard *g, material *m, char *at, moment when)
{
    const dc_guard_request r = {&all,       &m->c.p,
                                DC_FORWARD, (const void *const *)m->tensors,
                                NULL,       false};
    dc_answer a;

    reset();
    if (when == IN_SUPPORTS)
        seen.late = at;
    else
        *at ^= 0x21;
    if (when == BEFORE_SETTLE)
        dc_guard_settle(g, &a);
    else if (when == BEFORE_REFUSAL)
        assert_int_equal(dc_guard_refuse(g, &r, &a, NULL), DC_OK);
    else
        a = call(g, &all, m, DC_FORWARD);
    return a;
}

/* Whatever belonged to the last call is looked at when the next request comes,
 * and not again. */
static void test_late(void **state)
{
    static const struct {
        moment when;
        int slot; /* 0..2 an input, 3 the result, -1 the problem */
        int64_t at;
        dc_stray want;
        uint64_t was, now; /* of the element */
    } rows[] = {
        {BEFORE_CALL, 3, 0, {DC_SIDE_INSIDE, DC_Y, 0, 0, 0}, 0, 0x21},
        {BEFORE_CALL, 3, 19, {DC_SIDE_INSIDE, DC_Y, 18, 0, 0}, 0x909, 0x2809},
        {IN_SUPPORTS, 3, 2, {DC_SIDE_INSIDE, DC_Y, 2, 0, 0}, 0x101, 0x120},
        {BEFORE_SETTLE, 3, 0, {DC_SIDE_INSIDE, DC_Y, 0, 0, 0}, 0, 0x21},
        {BEFORE_REFUSAL, 3, 0, {DC_SIDE_INSIDE, DC_Y, 0, 0, 0}, 0, 0x21},
        {BEFORE_CALL, 0, 0, {DC_SIDE_INSIDE, DC_X, 0, 0, 0}, 0x707, 0x726},
        {IN_SUPPORTS, 1, 1, {DC_SIDE_INSIDE, DC_W, 0, 0, 0}, 0x808, 0x2908},
        {BEFORE_CALL, 2, 2, {DC_SIDE_INSIDE, DC_B, 2, 0, 0}, 0x909, 0x928},
        {BEFORE_CALL, 3, 20, {DC_SIDE_PAST, DC_Y, 0, 0, 0}, 0, 0},
        {IN_SUPPORTS, 0, -3, {DC_SIDE_BEFORE, DC_X, 3, 0, 0}, 0, 0},
        {BEFORE_CALL, -1, 8, {DC_SIDE_INSIDE, DC_TENSORS, 8, 0, 0}, 0, 0},
        {BEFORE_CALL, -1, -1, {DC_SIDE_BEFORE, DC_TENSORS, 1, 0, 0}, 0, 0},
    };
    dc_guard *g = guard();
    material m = make("ci2_co2_i3_k3_b1_f16", DC_FORWARD);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const dc_stray *const want = &rows[i].want;
        dc_answer a;
        char *at;

        reset();
        a = call(g, &all, &m, DC_FORWARD);
        assert_int_equal(a.late.at.side, DC_SIDE_NONE);
        assert_int_equal(a.calls, 4);
        at = (char *)(uintptr_t)(rows[i].slot < 0 ? (const char *)seen.problem
                                                  : seen.at[3][rows[i].slot]);
        a = change(g, &m, at + rows[i].at, rows[i].when);
        if (a.late.at.side != want->side || a.late.at.tensor != want->tensor ||
            a.late.at.bytes != want->bytes)
            fail_msg("row %zu: side %d of %d, byte %lld", i, a.late.at.side,
                     a.late.at.tensor, (long long)a.late.at.bytes);
        assert_int_equal(a.late.was, rows[i].was);
        assert_int_equal(a.late.now, rows[i].now);
        if (want->side != DC_SIDE_INSIDE || want->tensor == DC_TENSORS)
            assert_int_equal(a.late.at.old ^ a.late.at.now, 0x21);
        assert_int_equal(a.stray.side, DC_SIDE_NONE);
    }
    drop(&m);
    dc_guard_close(g);
}

/* Of a large tensor only the ends are kept; a call that was refused, or that
 * did something else wrong, leaves nothing to look at. */
static void test_late_limits(void **state)
{
    dc_guard *g = guard();
    material m = make("ci1_co1_i40000_k1_f32", DC_FORWARD);
    char *y;
    dc_answer a;

    (void)state;
    for (int k = 0; k < 3; k++) {
        const int64_t at[] = {0, 80000, 159999};
        const int64_t want[] = {0, -1, 159996};

        reset();
        call(g, &all, &m, DC_FORWARD);
        y = (char *)(uintptr_t)seen.at[3][3];
        a = change(g, &m, y + at[k], BEFORE_CALL);
        assert_int_equal(a.late.at.side,
                         want[k] < 0 ? DC_SIDE_NONE : DC_SIDE_INSIDE);
        assert_int_equal(a.late.at.bytes, want[k] < 0 ? 0 : want[k]);
    }
    reset();
    seen.answers[0] = DC_UNSUPPORTED;
    call(g, &all, &m, DC_FORWARD);
    y = (char *)(uintptr_t)seen.at[0][3];
    assert_int_equal(change(g, &m, y, BEFORE_CALL).late.at.side, DC_SIDE_NONE);
    reset();
    seen.stray.call = 2;
    seen.stray.slot = 3;
    seen.stray.behind = true;
    call(g, &all, &m, DC_FORWARD);
    y = (char *)(uintptr_t)seen.at[2][3];
    assert_int_equal(change(g, &m, y, BEFORE_CALL).late.at.side, DC_SIDE_NONE);
    drop(&m);
    dc_guard_close(g);
}

/* A call that is refused by supports() tells it all the same. */
static void test_late_before_refusal(void **state)
{
    dc_guard *g = guard();
    material m = make("ci2_co2_i3_k3_b1_f16", DC_FORWARD);
    dc_answer a;

    (void)state;
    reset();
    call(g, &all, &m, DC_FORWARD);
    *(char *)(uintptr_t)seen.at[3][3] ^= 1;
    reset();
    seen.supports = DC_UNSUPPORTED;
    a = call(g, &all, &m, DC_FORWARD);
    assert_int_equal(a.status, DC_UNSUPPORTED);
    assert_int_equal(a.late.at.side, DC_SIDE_INSIDE);
    drop(&m);
    dc_guard_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stray),
        cmocka_unit_test(test_farther),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_late_limits),
        cmocka_unit_test(test_late_before_refusal),
    };

    return cmocka_run_group_tests_name("guard memory", tests, NULL, NULL);
}
