/* SPDX-License-Identifier: MIT
 *
 * Does a guarded call place the tensors as documented, and find unwritten
 * elements, changed inputs, results that differ and bytes written outside?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "oracle/subject/guard.h"
#include "ref/format.h"

enum { CALLS = 4 };

/* What the implementation under test saw, and what it shall do. */
static struct {
    int calls;
    const char *at[CALLS][4]; /* addresses per call: inputs, then the result */
    int poison[CALLS];        /* first byte of the result before the call */
    int skip;                 /* element that is not written; -1 none */
    int moody;                /* element that counts the calls; -1 none */
    int spoil;                /* input whose last byte is changed; -1 none */
    int far; /* call that writes far from the first one's values */
    dc_status answers[CALLS];
    dc_status supports;
    uint32_t size;
    struct {
        int call;    /* that writes a byte which it may not; from 1 */
        int slot;    /* 0..2 an input, 3 the result, 4 the problem */
        int64_t at;  /* of the slot's begin */
        bool behind; /* ... or of its end */
    } stray;
    bool supports_writes; /* to the problem */
} seen;

static void reset(void)
{
    memset(&seen, 0, sizeof seen);
    seen.skip = seen.moody = seen.spoil = -1;
}

static void write_stray(const dc_problem *p, dc_op op, const void *in[3],
                        void *out)
{
    const int k = seen.stray.slot;
    const size_t bytes =
        k == 4
            ? sizeof *p
            : dc_problem_bytes(p, k == 3 ? dc_ops[op].out : dc_ops[op].in[k]);
    unsigned char *const to = k == 4   ? (void *)(uintptr_t)p
                              : k == 3 ? out
                                       : (void *)(uintptr_t)in[k];

    to[seen.stray.at + (seen.stray.behind ? (int64_t)bytes : 0)] ^= 0x21;
}

/* Fills each element with one byte value, whatever its type. */
static dc_status act(const dc_problem *p, dc_op op, const void *a,
                     const void *b, const void *c, void *out)
{
    const void *in[3] = {a, b, c};
    const int call = seen.calls++;
    const int64_t count = dc_problem_count(p, dc_ops[op].out);
    const size_t size = (size_t)dc_formats[p->dtype].size;

    for (int i = 0; i < 3; i++)
        seen.at[call][i] = in[i];
    seen.at[call][3] = out;
    seen.size = p->size;
    seen.poison[call] = count ? *(unsigned char *)out : -1;
    for (int64_t i = 0; i < count; i++)
        if (i != seen.skip)
            memset((char *)out + (size_t)i * size,
                   (i == seen.moody ? call : (int)i % 50) +
                       (seen.far == call + 1 ? 8 : 0),
                   size);
    if (seen.spoil >= 0)
        ((unsigned char *)(uintptr_t)in[seen.spoil])[0] ^= 1;
    if (seen.stray.call == call + 1)
        write_stray(p, op, in, out);
    return seen.answers[call];
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    return act(p, DC_FORWARD, x, w, b, y);
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    return act(p, DC_GRAD_INPUT, gy, w, NULL, gx);
}

static dc_status grad_weight(const dc_problem *p, const void *gy, const void *x,
                             void *gw)
{
    return act(p, DC_GRAD_WEIGHT, gy, x, NULL, gw);
}

static dc_status grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    return act(p, DC_GRAD_BIAS, gy, NULL, NULL, gb);
}

static dc_status supports(const dc_problem *p)
{
    if (seen.supports_writes)
        ((dc_problem *)(uintptr_t)p)->has_bias ^= 1;
    return seen.supports;
}

static const dc_impl all = {.abi = DC_ABI,
                            .name = "all",
                            .supports = supports,
                            .forward = forward,
                            .grad_input = grad_input,
                            .grad_weight = grad_weight,
                            .grad_bias = grad_bias};

typedef struct {
    dc_case c;
    void *tensors[DC_TENSORS];
    void *result[2];
    size_t bytes[DC_TENSORS];
} material;

static material make(const char *spec, dc_op op)
{
    material m = {.tensors = {NULL}};
    dc_error e = {.text = ""};
    const dc_tensor out = dc_ops[op].out;

    if (dc_case_parse(spec, &m.c, &e) != DC_OK)
        fail_msg("%s: %s", spec, e.text);
    for (int t = 0; t < DC_TENSORS; t++) {
        m.bytes[t] = (size_t)dc_problem_count(&m.c.p, (dc_tensor)t) *
                     (size_t)dc_formats[m.c.p.dtype].size;
        m.tensors[t] = malloc(m.bytes[t] + 1);
        assert_non_null(m.tensors[t]);
        memset(m.tensors[t], 7 + t, m.bytes[t]);
    }
    m.result[0] = m.tensors[out];
    m.result[1] = malloc(m.bytes[out] + 1);
    assert_non_null(m.result[1]);
    return m;
}

static void drop(material *m)
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(m->tensors[t]);
    free(m->result[1]);
}

static dc_guard *guard(void)
{
    dc_guard *made = NULL;

    assert_int_equal(dc_guard_open(&made, NULL), DC_OK);
    return made;
}

static dc_answer call(dc_guard *g, const dc_impl *impl, material *m, dc_op op)
{
    dc_answer a;
    dc_error e = {.text = ""};
    const dc_guard_request r = {impl, &m->c.p, op,
                                (const void *const *)m->tensors, NULL};

    if (dc_guard_call(g, &r, m->result, &a, &e) != DC_OK)
        fail_msg("%s", e.text);
    assert_int_equal(a.outcome, DC_ANSWERED);
    assert_int_equal(a.shape_axes, -1);
    return a;
}

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
                                          (const void *const *)m.tensors, NULL},
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
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_stray),
        cmocka_unit_test(test_farther),
    };

    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
