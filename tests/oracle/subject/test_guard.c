/* SPDX-License-Identifier: MIT
 *
 * Does a guarded call place the tensors as documented, and find unwritten
 * elements, changed inputs and results that differ?
 */
#include "tests/support/guarded.h"

static const char *const specs[] = {
    "n2_ci4_co6_g2_i3x4_k2x3_s3x2_b1_f64",
    "ci1_co1_i5_k3_f32",
    "ci3_co5_i7_k3_b1_bf16",
    "ci3_co1_i1x2x3_k2_f16",
    "ci16_co16_i64x64_k3_b1_f32",
    "n0_ci2_co2_i3_k3_b1",
    "ci0_co2_i3_k3_b1",
};

/* Is it called three times only? */
static bool is_costly(const char *spec)
{
    return strstr(spec, "i64x64") != NULL;
}

/* Is the address `bytes` bytes from t, on that side? */
static void is_at(const dc_guard *g, const char *address, dc_tensor t,
                  dc_side side, int64_t bytes)
{
    const dc_stray place = dc_guard_where(g, address);

    assert_int_equal(place.tensor, t);
    assert_int_equal(place.side, side);
    assert_int_equal(place.bytes, bytes);
}

/* The places of one tensor in the four calls of a request. */
static void check_places(const dc_guard *g, const material *m, dc_tensor t,
                         int slot, bool result)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const size_t size = (size_t)dc_formats[m->c.p.dtype].size;
    const size_t bytes = m->bytes[t];
    const char *const first = seen.at[0][slot];
    const char *const second = seen.at[1][slot];
    const char *const third = seen.at[2][slot];
    const char *const last = seen.at[seen.calls - 1][slot];

    assert_int_equal((uintptr_t)(first + bytes) % page, 0);
    assert_int_equal((uintptr_t)second % page, 0);
    assert_int_equal((uintptr_t)third % page, 0);
    /* of a small tensor an input is at its second address */
    assert_int_equal(second != third, !result && bytes < (4 << 20));
    if (bytes && seen.calls == 4 && !(result && (uintptr_t)last % 64 == 0))
        assert_int_equal((uintptr_t)last % 64, size);
    /* the tensors are still where the last call had them */
    if (bytes) {
        is_at(g, last - 1, t, DC_SIDE_BEFORE, 1);
        is_at(g, last, t, DC_SIDE_INSIDE, 0);
    }
    is_at(g, last + bytes + 12, t, DC_SIDE_PAST, 12);
}

/* In call 1 each tensor ends at its guard, in calls 2 and 3 it begins there,
 * in call 4 it is aligned to its element, and dc_guard_where knows the bytes
 * next to it. */
static void test_placement(void **state)
{
    dc_guard *g = guard();
    bool lines[2] = {false};
    int place = 0;

    (void)state;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        for (int op = 0; op < DC_OPS; op++) {
            const dc_op_info *info = &dc_ops[op];
            material m = make(specs[i], (dc_op)op);
            dc_answer a;

            reset();
            a = call(g, &all, &m, (dc_op)op);
            assert_int_equal(a.status, DC_OK);
            assert_int_equal(a.runs, 2);
            assert_int_equal(a.unwritten, -1);
            assert_int_equal(a.repeat, -1);
            assert_int_equal(a.tensor, DC_TENSORS);
            assert_int_equal(a.stray.side, DC_SIDE_NONE);
            assert_int_equal(seen.calls, is_costly(specs[i]) ? 3 : 4);
            assert_int_equal(seen.size, sizeof(dc_problem));
            assert_memory_equal(m.result[0], m.result[1], m.bytes[info->out]);
            for (int k = 0; k <= info->takes; k++) {
                const dc_tensor t = k < info->takes ? info->in[k] : info->out;
                const int slot = k < info->takes ? k : 3;

                if (t == DC_B && !m.c.p.has_bias)
                    assert_null(seen.at[0][slot]);
                else
                    check_places(g, &m, t, slot, slot == 3);
            }
            if (m.bytes[info->out]) {
                assert_true(seen.poison[0] != seen.poison[1]);
                assert_int_equal(seen.poison[0], seen.poison[2]);
                lines[(uintptr_t)seen.at[3][3] % 64 == 0] |= seen.calls == 4;
            }
            drop(&m);
        }
    assert_true(lines[0] && lines[1]);
    is_at(g, (const char *)&place, DC_TENSORS, DC_SIDE_NONE, 0);
    is_at(NULL, (const char *)&place, DC_TENSORS, DC_SIDE_NONE, 0);
    dc_guard_close(g);
    dc_guard_close(NULL);
}

static void test_findings(void **state)
{
    static const struct {
        const char *spec;
        int skip, moody, spoil;
        int64_t unwritten, repeat;
        dc_tensor changed;
    } rows[] = {
        {"ci2_co2_i3_k3_b1", 0, -1, -1, 0, -1, DC_TENSORS},
        {"ci2_co2_i3_k3_b1", 9, -1, -1, 9, -1, DC_TENSORS},
        {"ci2_co2_i3_k3_b1", 3, 7, -1, 3, 7, DC_TENSORS},
        {"ci2_co2_i3_k3_f64", -1, 4, -1, -1, 4, DC_TENSORS},
        {"ci2_co2_i3_k3_f16", -1, -1, 0, -1, -1, DC_X},
        {"ci2_co2_i3_k3_b1_bf16", -1, -1, 1, -1, -1, DC_W},
        {"ci2_co2_i3_k3_b1", 5, -1, 2, 5, -1, DC_B},
    };
    dc_guard *g = guard();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        material m = make(rows[i].spec, DC_FORWARD);
        dc_answer a;

        for (int given = 0; given < 2; given++) {
            void *const second = m.result[1];

            reset();
            seen.skip = rows[i].skip;
            seen.moody = rows[i].moody;
            seen.spoil = rows[i].spoil;
            if (!given) /* the second result is compared all the same */
                m.result[1] = NULL;
            a = call(g, &all, &m, DC_FORWARD);
            m.result[1] = second;
            assert_int_equal(a.status, DC_OK);
            assert_int_equal(a.unwritten, rows[i].unwritten);
            assert_int_equal(a.repeat, rows[i].repeat);
            assert_int_equal(a.tensor, rows[i].changed);
        }
        drop(&m);
    }
    dc_guard_close(g);
}

static void test_statuses(void **state)
{
    static const struct {
        dc_status supports, answers[CALLS], status;
        int calls;
        const char *reason;
    } rows[] = {
        {DC_OK, {DC_OK}, DC_OK, 4, ""},
        {DC_UNSUPPORTED, {DC_OK}, DC_UNSUPPORTED, 0, "supports() answered"},
        {DC_INVALID, {DC_OK}, DC_INVALID, 0, "supports() answered INVALID"},
        {(dc_status)99, {DC_OK}, DC_FAILED, 0, "supports() answered"},
        {DC_OK, {DC_UNSUPPORTED}, DC_UNSUPPORTED, 1, ""},
        {DC_OK, {DC_INVALID}, DC_INVALID, 1, ""},
        {DC_OK, {DC_NOMEM}, DC_NOMEM, 1, ""},
        {DC_OK, {DC_FAILED}, DC_FAILED, 1, ""},
        {DC_OK, {(dc_status)99}, DC_FAILED, 1, "answered status 99"},
        {DC_OK, {DC_OK, DC_INVALID}, DC_FAILED, 2, "INVALID to call 2"},
        {DC_OK, {DC_OK, DC_OK, DC_NOMEM}, DC_FAILED, 3, "NOMEM to call 3"},
        {DC_OK,
         {DC_OK, DC_OK, DC_OK, DC_UNSUPPORTED},
         DC_FAILED,
         4,
         "UNSUPPORTED to call 4"},
    };
    dc_guard *g = guard();
    material m = make("ci2_co2_i3_k3_b1", DC_FORWARD);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dc_answer a;

        reset();
        seen.supports = rows[i].supports;
        memcpy(seen.answers, rows[i].answers, sizeof seen.answers);
        a = call(g, &all, &m, DC_FORWARD);
        assert_int_equal(a.status, rows[i].status);
        assert_int_equal(seen.calls, rows[i].calls);
        assert_int_equal(a.runs, a.status == DC_OK ? 2 : 0);
        assert_non_null(strstr(a.reason, rows[i].reason));
    }
    drop(&m);
    dc_guard_close(g);
}

static void test_not_offered(void **state)
{
    static const dc_impl none = {.abi = DC_ABI, .name = "none"};
    dc_guard *g = guard();

    (void)state;
    for (int op = 0; op < DC_OPS; op++) {
        material m = make("ci2_co2_i3_k3_b1", (dc_op)op);
        dc_answer a = call(g, &none, &m, (dc_op)op);

        assert_int_equal(a.status, DC_UNSUPPORTED);
        assert_non_null(strstr(a.reason, dc_ops[op].name));
        drop(&m);
    }
    dc_guard_close(g);
}

/* More than any machine has: a status, and the guard goes on working. */
static void test_no_memory(void **state)
{
    dc_guard *g = guard();
    material m = make("ci2_co2_i3_k3", DC_FORWARD);
    dc_case huge;
    dc_answer a;
    dc_error e = {.text = ""};

    (void)state;
    assert_int_equal(
        dc_case_parse("ci1048576_co1_i1048576x1048576_k1", &huge, &e), DC_OK);
    assert_int_equal(
        dc_guard_call(g,
                      &(dc_guard_request){&all, &huge.p, DC_FORWARD,
                                          (const void *const *)m.tensors, NULL,
                                          false},
                      m.result, &a, &e),
        DC_NOMEM);
    assert_non_null(strstr(e.text, "out of memory"));
    reset();
    assert_int_equal(call(g, &all, &m, DC_FORWARD).status, DC_OK);
    drop(&m);
    dc_guard_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_placement), cmocka_unit_test(test_findings),
        cmocka_unit_test(test_statuses),  cmocka_unit_test(test_not_offered),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
