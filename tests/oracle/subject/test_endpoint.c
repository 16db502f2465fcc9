/* SPDX-License-Identifier: MIT
 *
 * Does an endpoint reach every kind of implementation, describe every kind of
 * failure, and leave no process and no descriptor behind?
 */
#include "tests/support/subject.h"

/* ==== Outcomes of a call ================================================= */

typedef struct {
    const char *subject; /* NULL: the pipe; else a plug-in */
    const char *mode;
    double timeout;
    const char *reason; /* a part of the answer's */
    dc_outcome outcome;
    dc_status status;
    int runs;
    int64_t unwritten, repeat;
    int shape_axes;
    int signal;
    bool exited;
    dc_tensor tensor;
    dc_side side;
} expectation;

#define ANSWERS(s, m, runs, unwritten, repeat, tensor)                         \
    {                                                                          \
        s, m, PATIENT, "", DC_ANSWERED, DC_OK, runs, unwritten, repeat, -1, 0, \
            false, tensor, DC_SIDE_NONE                                        \
    }
#define REFUSES(s, m, status, r)                                               \
    {                                                                          \
        s, m, PATIENT, r, DC_ANSWERED, status, 0, -1, -1, -1, 0, false,        \
            DC_TENSORS, DC_SIDE_NONE                                           \
    }
#define CRASHES(s, m, r, signal, exited, ...)                                  \
    {                                                                          \
        s, m, PATIENT, r, DC_CRASHED, DC_OK, 0, -1, -1, -1, signal, exited,    \
            __VA_ARGS__                                                        \
    }
#define HANGS(s, m, r)                                                         \
    {                                                                          \
        s, m, 0.7, r, DC_HUNG, DC_OK, 0, -1, -1, -1, 0, false, DC_TENSORS,     \
            DC_SIDE_NONE                                                       \
    }
#define NOTHING     DC_TENSORS, DC_SIDE_NONE
#define EXITS(m, r) CRASHES(NULL, m, r, 0, true, NOTHING)
#define GARBAGE(m, r)                                                          \
    CRASHES(NULL, m, "answered garbage: " r, 0, false, NOTHING)

static const expectation expectations[] = {
    ANSWERS(BAD, "good", 2, -1, -1, DC_TENSORS),
    ANSWERS(BAD, "hole", 2, 3, -1, DC_TENSORS),
    ANSWERS(BAD, "moody", 2, -1, 2, DC_TENSORS),
    ANSWERS(BAD, "change", 2, -1, -1, DC_W),
    ANSWERS(BAD, "chat", 2, -1, -1, DC_TENSORS),
    ANSWERS(BAD, "orphan", 2, -1, -1, DC_TENSORS),
    REFUSES(BAD, "unsupported", DC_UNSUPPORTED, ""),
    REFUSES(BAD, "supports-none", DC_UNSUPPORTED, "supports()"),
    REFUSES(BAD, "supports-strange", DC_FAILED, "supports()"),
    REFUSES(BAD, "invalid", DC_INVALID, ""),
    REFUSES(BAD, "nomem", DC_NOMEM, "out of memory"),
    REFUSES(BAD, "strange", DC_FAILED, "answered status 77"),
    REFUSES(BAD, "fickle", DC_FAILED,
            "answered OK to call 1 and UNSUPPORTED to call 2"),
    CRASHES(BAD, "null", "forward died by SIGSEGV: access close to NULL",
            SIGSEGV, false, NOTHING),
    CRASHES(BAD, "nowhere", "forward died by SIGSEGV", SIGSEGV, false, NOTHING),
    CRASHES(BAD, "past-end",
            "forward died by SIGSEGV: access just past the end of y", SIGSEGV,
            false, DC_Y, DC_SIDE_PAST),
    CRASHES(BAD, "before", "forward died by SIGSEGV: access 4 bytes before y",
            SIGSEGV, false, DC_Y, DC_SIDE_BEFORE),
    CRASHES(BAD, "read-past-end",
            "forward died by SIGSEGV: access 4 bytes past the end of w",
            SIGSEGV, false, DC_W, DC_SIDE_PAST),
    CRASHES(BAD, "read-before",
            "forward died by SIGSEGV: access 12 bytes before x", SIGSEGV, false,
            DC_X, DC_SIDE_BEFORE),
    CRASHES(BAD, "recurse", "forward died by SIGSEGV", SIGSEGV, false, NOTHING),
    CRASHES(BAD, "abort",
            "forward died by SIGABRT: assertion   failed: it was wrong",
            SIGABRT, false, NOTHING),
    CRASHES(BAD, "exit", "forward exited with status 3", 0, true, NOTHING),
    HANGS(BAD, "hang", "forward gave no answer within 0.7 s"),
    ANSWERS(NULL, "good", 2, -1, -1, DC_TENSORS),
    ANSWERS(NULL, "moody", 2, -1, 2, DC_TENSORS),
    ANSWERS(NULL, "early", 2, -1, -1, DC_TENSORS),
    ANSWERS(NULL, "flood", 2, -1, -1, DC_TENSORS),
    ANSWERS(NULL, "child", 2, -1, -1, DC_TENSORS),
    ANSWERS(NULL, "stays", 2, -1, -1, DC_TENSORS),
    {.mode = "shape",
     .timeout = PATIENT,
     .reason = "",
     .unwritten = -1,
     .repeat = -1,
     .shape_axes = 4,
     .tensor = DC_TENSORS},
    REFUSES(NULL, "unsupported", DC_UNSUPPORTED, "no groups ??"),
    REFUSES(NULL, "invalid", DC_INVALID, ""),
    REFUSES(NULL, "error", DC_FAILED, "bad luck"),
    REFUSES(NULL, "fickle", DC_FAILED,
            "answered OK, and FAILED when asked the same again"),
    HANGS(NULL, "silent", "forward gave no answer within 0.7 s"),
    HANGS(NULL, "stalls-midway", "sent 5 of 40 bytes of y within 0.7 s"),
    EXITS("dies", "forward exited with status 1: out of luck"),
    EXITS("dies-midway",
          "forward sent 5 of 40 bytes of y, then exited with status 4"),
    EXITS("shape-short", "forward sent 0 of 80 bytes of y, then exited"),
    EXITS("late-death", "forward exited with status 5"),
    EXITS("one-call", "forward exited with status 6"),
    CRASHES(NULL, "closes", "forward closed its stdout without an answer", 0,
            false, NOTHING),
    GARBAGE("garbage", "no JSON object: \" ?what?\""),
    GARBAGE("list", "no JSON object"),
    GARBAGE("long", "a header of more than 64 KiB"),
    GARBAGE("no-id", "no integer id"),
    GARBAGE("wrong-id", "id 2 to request 1"),
    GARBAGE("no-status", "no status"),
    GARBAGE("fault", "no known status: \"fault\""),
    GARBAGE("nomem", "no known status: \"nomem\""),
    GARBAGE("no-tensor", "no tensor: y is wanted"),
    GARBAGE("too-many", "too many tensors: 2, not 1"),
    GARBAGE("refuses-with-tensor", "too many tensors: 1, not 0"),
    GARBAGE("no-name", "a tensor without a name"),
    GARBAGE("other", "a tensor that was not asked for: \"gx\""),
    GARBAGE("no-shape", "a tensor without a shape"),
    GARBAGE("negative", "an absurd shape: [-1]"),
    GARBAGE("absurd", "an absurd shape: [1099511627776,1099511627776]"),
};

/* After each outcome the same endpoint must answer again if the process
 * behaves. */
static void test_outcomes(void **state)
{
    material m = make(SMALL);
    const int before = open_descriptors();
    char file[4096];

    (void)state;
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++) {
        const expectation *o = &expectations[i];
        dc_endpoint *end;
        dc_answer a;

        mode(o->mode);
        end = must_open(o->subject ? plugin(file, o->subject) : PIPE, PATIENT);
        dc_endpoint_set_timeout(end, o->timeout);
        a = ask(end, &m);
        if (a.outcome != o->outcome || a.status != o->status ||
            a.runs != o->runs || a.unwritten != o->unwritten ||
            a.repeat != o->repeat || a.shape_axes != o->shape_axes ||
            a.signal != o->signal || a.exited != o->exited ||
            a.tensor != o->tensor || a.side != o->side ||
            !strstr(a.reason, o->reason) || (!*o->reason && *a.reason))
            fail_msg("%s %s: outcome %d status %d runs %d unwritten %lld "
                     "repeat %lld shape_axes %d signal %d exited %d tensor %d "
                     "side %d: %s",
                     o->subject ? o->subject : "pipe", o->mode, a.outcome,
                     a.status, a.runs, (long long)a.unwritten,
                     (long long)a.repeat, a.shape_axes, a.signal, a.exited,
                     a.tensor, a.side, a.reason);
        if (a.outcome != DC_ANSWERED) {
            mode("good");
            dc_endpoint_set_timeout(end, PATIENT);
            a = ask(end, &m);
            if (a.outcome != DC_ANSWERED || a.runs != 2)
                fail_msg("after %s: %s", o->mode, a.reason);
        }
        dc_endpoint_close(end);
        no_child(o->mode);
        assert_int_equal(open_descriptors(), before);
    }
    drop(&m);
}

static void test_wrong_shape(void **state)
{
    const int64_t want[5] = {1, 2, 5, 2, 0};
    material m = make(SMALL);
    dc_endpoint *end;
    dc_answer a;

    (void)state;
    mode("shape");
    end = must_open(PIPE, PATIENT);
    for (int i = 0; i < 2; i++) { /* the bytes were consumed */
        a = ask(end, &m);
        assert_int_equal(a.shape_axes, 4);
        assert_memory_equal(a.shape, want, sizeof want);
    }
    dc_endpoint_close(end);
    drop(&m);
    no_child("wrong shape");
}

/* ==== Amounts, repetition, restarts ====================================== */

static void test_hello(void **state)
{
    dc_endpoint *end;

    (void)state;
    mode("good");
    end = must_open(PIPE, PATIENT);
    assert_string_equal(dc_endpoint_hello(end)->name, "answer");
    assert_string_equal(dc_endpoint_hello(end)->version, "2");
    assert_string_equal(dc_endpoint_hello(end)->declares, "transform,flush");
    dc_endpoint_close(end);
    end = must_open("fast", PATIENT);
    assert_true(*dc_endpoint_hello(end)->name);
    assert_string_equal(dc_endpoint_hello(end)->declares, "");
    dc_endpoint_close(end);
}

/* 16 MiB in and 16 MiB out, whichever side starts. */
static void test_big(void **state)
{
    static const char *const modes[] = {"good", "early", "flood", "deaf"};
    material m = make(BIG);
    char file[4096];
    dc_endpoint *end;
    dc_answer a;

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        mode(modes[i]);
        end = must_open(PIPE, PATIENT);
        for (int again = 0; again < 2; again++) {
            memset(m.result[0], 1, 64);
            a = ask(end, &m);
            assert_int_equal(a.outcome, DC_ANSWERED);
            assert_int_equal(a.status, DC_OK);
            assert_int_equal(a.runs, 1); /* too large to be called twice */
            assert_int_equal(*(char *)m.result[0], 0);
        }
        dc_endpoint_close(end);
        no_child(modes[i]);
    }
    mode("good");
    end = must_open(plugin(file, BAD), PATIENT);
    a = ask(end, &m);
    assert_int_equal(a.runs, 2);
    assert_memory_equal(m.result[0], m.result[1], 4 * 64 * 65536);
    dc_endpoint_close(end);
    drop(&m);
    no_child("big");
}

/* A pipe that does not read its input is no finding, but a new process must
 * replace it, because the old one would take the rest for the next request. */
static void test_deaf_is_replaced(void **state)
{
    material m = make("ci64_co1_i65536_k1");
    dc_endpoint *end;
    dc_answer a;

    (void)state;
    mode("deaf");
    end = must_open(PIPE, PATIENT);
    for (int i = 0; i < 2; i++) {
        a = ask(end, &m);
        assert_int_equal(a.outcome, DC_ANSWERED);
        assert_int_equal(a.status, DC_OK);
    }
    dc_endpoint_close(end);
    drop(&m);
    no_child("deaf");
}

/* The process answers and exits without reading the request: the answer counts,
 * and the exit is the next call's crash. */
static void test_leaves(void **state)
{
    material m = make(BIG);
    dc_endpoint *end;
    dc_answer a;

    (void)state;
    mode("leaves");
    end = must_open(PIPE, PATIENT);
    a = ask(end, &m);
    assert_int_equal(a.outcome, DC_ANSWERED);
    a = ask(end, &m);
    assert_int_equal(a.outcome, DC_CRASHED);
    assert_string_equal(a.reason, "forward exited with status 7");
    dc_endpoint_close(end);
    drop(&m);
    no_child("leaves");
}

/* A judge without stdin: the pipes must not get descriptors 0 to 2. */
static void test_closed_stdin(void **state)
{
    const int saved = dup(0);
    material m = make(SMALL);
    dc_endpoint *end;

    (void)state;
    mode("good");
    close(0);
    end = must_open(PIPE, PATIENT);
    assert_int_equal(ask(end, &m).outcome, DC_ANSWERED);
    dc_endpoint_close(end);
    if (saved >= 0) {
        dup2(saved, 0);
        close(saved);
    }
    drop(&m);
}

static void test_all_operations(void **state)
{
    static const char *const specs[] = {
        "n2_ci4_co6_g2_i3x4_k2x3_s3x2_pb1x2_op2x1_b1", "u1_i4_k2_f64",
        "n0_ci2_co2_i3_k3_b1", "ci2_co2_i2x2x2_k2"};
    dc_endpoint *end = must_open("fast", PATIENT);

    (void)state;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        material m = make(specs[i]);

        for (int op = 0; op < DC_OPS; op++) {
            dc_answer a;

            free(m.result[1]);
            m.result[0] = m.tensors[dc_ops[op].out];
            m.result[1] =
                calloc((size_t)dc_problem_count(&m.c.p, dc_ops[op].out) + 1, 8);
            a = ask_op(end, &m, (dc_op)op);
            assert_int_equal(a.outcome, DC_ANSWERED);
            assert_int_equal(a.unwritten, -1);
            if (dc_problem_count(&m.c.p, DC_X)) {
                assert_int_equal(a.status, DC_OK);
                assert_int_equal(a.runs, 2);
            }
        }
        drop(&m);
    }
    dc_endpoint_close(end);
    no_child("fast");
}

static void test_not_offered(void **state)
{
    material m = make(SMALL);
    char file[4096];
    dc_endpoint *end;
    dc_answer a;

    (void)state;
    mode("good");
    end = must_open(plugin(file, BAD), PATIENT);
    a = ask_op(end, &m, DC_GRAD_BIAS);
    assert_int_equal(a.status, DC_UNSUPPORTED);
    assert_string_equal(a.reason, "offers no grad_bias");
    dc_endpoint_close(end);
    drop(&m);
}

/* A restart that fails is a crash, and the next may succeed. */
static void test_restart(void **state)
{
    material m = make(SMALL);
    char file[4096];
    dc_endpoint *end;
    dc_answer a;

    (void)state;
    mode("abort");
    end = must_open(plugin(file, BAD), PATIENT);
    a = ask(end, &m);
    assert_int_equal(a.outcome, DC_CRASHED);
    mode("load-crash");
    a = ask(end, &m);
    assert_int_equal(a.outcome, DC_CRASHED);
    assert_non_null(strstr(a.reason, "it does not start again: "));
    mode("good");
    a = ask(end, &m);
    assert_int_equal(a.outcome, DC_ANSWERED);
    dc_endpoint_close(end);
    drop(&m);
    no_child("restart");
}

/* A fault of the judge is no verdict. */
static void test_harness_faults(void **state)
{
    material m = make(SMALL);
    dc_endpoint *end;
    dc_answer a;
    dc_error e;
    dc_case illegal = m.c;
    const void *none[DC_TENSORS] = {NULL};
    const dc_subject played = {"fast", "tests/pipes/answer.py", PATIENT};

    (void)state;
    mode("good");
    /* a script plays a host that has no memory itself */
    mode("fault");
    assert_int_equal(dc_endpoint_open(&end, &played, &e), DC_OK);
    assert_int_equal(dc_endpoint_call(end, &m.c, DC_FORWARD,
                                      (const void *const *)m.tensors, m.result,
                                      &a, &e),
                     DC_FAILED);
    assert_string_equal(e.text, "fast: no memory");
    dc_endpoint_close(end);
    end = must_open("fast", PATIENT);
    illegal.p.o[0] = 77;
    assert_int_equal(dc_endpoint_call(end, &illegal, DC_FORWARD,
                                      (const void *const *)m.tensors, m.result,
                                      &a, &e),
                     DC_FAILED);
    assert_int_equal(
        dc_endpoint_call(end, &m.c, DC_FORWARD, none, m.result, &a, &e),
        DC_FAILED);
    assert_string_equal(e.text, "forward needs x");
    assert_int_equal(ask(end, &m).outcome, DC_ANSWERED);
    dc_endpoint_close(end);
    drop(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_wrong_shape),
        cmocka_unit_test(test_hello),
        cmocka_unit_test(test_big),
        cmocka_unit_test(test_deaf_is_replaced),
        cmocka_unit_test(test_leaves),
        cmocka_unit_test(test_closed_stdin),
        cmocka_unit_test(test_all_operations),
        cmocka_unit_test(test_not_offered),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_harness_faults),
    };

    reap_orphans();
    return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
