/* SPDX-License-Identifier: MIT
 *
 * Does the judge reach every kind of implementation, tell how each kind of
 * failure looks, and leave no process and no descriptor behind?
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../oracle/endpoint.h"
#include "../oracle/plugin.h"
#include "../oracle/process.h"
#include "../oracle/wire.h"

static const char *const PIPE = "pipe:exec tests/pipes/answer.py";

enum { PATIENT = 20 }; /* seconds: this machine may be busy */

static const char *path(const char *variable, const char *otherwise)
{
    const char *set = getenv(variable);

    return set && *set ? set : otherwise;
}

static const char *plugin(char text[4096], const char *name)
{
    const char *dir = path("PLUGINS", ".build/plugins");

    snprintf(text, 4096, "%s%s/%s.so", strchr(dir, '/') ? "" : "./", dir, name);
    return text;
}

static void mode(const char *name)
{
    assert_int_equal(setenv("DC_TEST_MODE", name, 1), 0);
}

/* ==== One small case, and one that fills every pipe ====================== */

typedef struct {
    dc_case c;
    void *tensors[DC_TENSORS];
    void *result[2];
} material;

static material make(const char *spec)
{
    material m = {.tensors = {NULL}};
    dc_error e = {.text = ""};

    if (dc_case_parse(spec, &m.c, &e) != DC_OK)
        fail_msg("%s: %s", spec, e.text);
    for (int t = 0; t < DC_TENSORS; t++) {
        m.tensors[t] =
            calloc((size_t)dc_problem_count(&m.c.p, (dc_tensor)t) + 1, 8);
        assert_non_null(m.tensors[t]);
    }
    m.result[0] = m.tensors[DC_Y];
    m.result[1] = calloc((size_t)dc_problem_count(&m.c.p, DC_Y) + 1, 8);
    assert_non_null(m.result[1]);
    return m;
}

static void drop(material *m)
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(m->tensors[t]);
    free(m->result[1]);
}

/* x [1,2,3], w [2,2,3], y [1,2,5] */
static const char *const SMALL = "ci2_co2_i3_k3_b1";
/* x 16 MiB, y 16 MiB */
static const char *const BIG = "ci64_co64_i65536_k1_b1";

static dc_status open_as(dc_endpoint **end, const char *what, double timeout,
                         dc_error *e)
{
    const dc_subject subject = {what, path("BIN", "./deconform"), timeout};

    return dc_endpoint_open(end, &subject, e);
}

static dc_endpoint *must_open(const char *what, double timeout)
{
    dc_endpoint *end = NULL;
    dc_error e = {.text = ""};

    if (open_as(&end, what, timeout, &e) != DC_OK)
        fail_msg("%s: %s", what, e.text);
    return end;
}

static dc_answer ask_op(dc_endpoint *end, material *m, dc_op op)
{
    dc_answer answer;
    dc_error e = {.text = ""};

    if (dc_endpoint_call(end, &m->c, op, (const void *const *)m->tensors,
                         m->result, &answer, &e) != DC_OK)
        fail_msg("harness: %s", e.text);
    return answer;
}

static dc_answer ask(dc_endpoint *end, material *m)
{
    return ask_op(end, m, DC_FORWARD);
}

/* ==== Nothing is left behind ============================================= */

static int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

/* The test is the reaper of orphans: whatever an endpoint left shows up as a
 * child of ours that does not end. */
static void no_child(const char *after)
{
    for (int i = 0; i < 200; i++) {
        const pid_t pid = waitpid(-1, NULL, WNOHANG);

        if (pid < 0 && errno == ECHILD)
            return;
        if (pid == 0)
            usleep(10000);
    }
    fail_msg("%s left a process behind", after);
}

/* ==== What a call may come to ============================================ */

typedef struct {
    const char *subject; /* NULL: the pipe; else a plug-in */
    const char *mode;
    double timeout;
    dc_fate fate;
    dc_status status;
    const char *reason; /* is found in the answer's */
    int runs;
    int64_t unwritten, repeat;
    int changed;
    int shape_axes;
} outcome;

#define FATE(s, m, t, f, r)                                                    \
    {                                                                          \
        s, m, t, f, DC_OK, r, 0, -1, -1, -1, -1                                \
    }
#define SAYS(s, m, st, r)                                                      \
    {                                                                          \
        s, m, PATIENT, DC_ANSWERED, st, r, 0, -1, -1, -1, -1                   \
    }
#define BAD           "misbehave"
#define GARBAGE(m, r) FATE(NULL, m, PATIENT, DC_CRASHED, "answered garbage: " r)

static const outcome outcomes[] = {
    {BAD, "good", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, -1, -1, -1},
    {BAD, "hole", PATIENT, DC_ANSWERED, DC_OK, "", 2, 3, -1, -1, -1},
    {BAD, "moody", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, 2, -1, -1},
    {BAD, "change", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, -1, DC_W, -1},
    {BAD, "chat", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, -1, -1, -1},
    {BAD, "orphan", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, -1, -1, -1},
    SAYS(BAD, "unsupported", DC_UNSUPPORTED, ""),
    SAYS(BAD, "supports-none", DC_UNSUPPORTED, "supports()"),
    SAYS(BAD, "supports-strange", DC_FAILED, "supports()"),
    SAYS(BAD, "invalid", DC_INVALID, ""),
    SAYS(BAD, "nomem", DC_FAILED, "out of memory"),
    SAYS(BAD, "strange", DC_FAILED, "answered status 77"),
    SAYS(BAD, "fickle", DC_FAILED,
         "answered OK to call 1 and UNSUPPORTED to call 2"),
    FATE(BAD, "null", PATIENT, DC_CRASHED,
         "forward died by SIGSEGV: access close to NULL"),
    FATE(BAD, "nowhere", PATIENT, DC_CRASHED, "forward died by SIGSEGV"),
    FATE(BAD, "past-end", PATIENT, DC_CRASHED,
         "forward died by SIGSEGV: access just past the end of y"),
    FATE(BAD, "before", PATIENT, DC_CRASHED,
         "forward died by SIGSEGV: access 4 bytes before y"),
    FATE(BAD, "read-past-end", PATIENT, DC_CRASHED,
         "forward died by SIGSEGV: access 4 bytes past the end of w"),
    FATE(BAD, "read-before", PATIENT, DC_CRASHED,
         "forward died by SIGSEGV: access 12 bytes before x"),
    FATE(BAD, "recurse", PATIENT, DC_CRASHED, "forward died by SIGSEGV"),
    FATE(BAD, "abort", PATIENT, DC_CRASHED,
         "forward died by SIGABRT: assertion   failed: it was wrong"),
    FATE(BAD, "exit", PATIENT, DC_CRASHED, "forward exited with status 3"),
    FATE(BAD, "hang", 0.7, DC_HUNG, "forward gave no answer within 0.7 s"),
    {NULL, "good", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, -1, -1, -1},
    {NULL, "moody", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, 2, -1, -1},
    {NULL, "early", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, -1, -1, -1},
    {NULL, "flood", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, -1, -1, -1},
    {NULL, "child", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, -1, -1, -1},
    {NULL, "stays", PATIENT, DC_ANSWERED, DC_OK, "", 2, -1, -1, -1, -1},
    {NULL, "shape", PATIENT, DC_ANSWERED, DC_OK, "", 0, -1, -1, -1, 4},
    SAYS(NULL, "unsupported", DC_UNSUPPORTED, "no groups ??"),
    SAYS(NULL, "invalid", DC_INVALID, ""),
    SAYS(NULL, "error", DC_FAILED, "bad luck"),
    SAYS(NULL, "fickle", DC_FAILED,
         "answered OK, and FAILED when asked the same again"),
    FATE(NULL, "silent", 0.7, DC_HUNG, "forward gave no answer within 0.7 s"),
    FATE(NULL, "stalls-midway", 0.7, DC_HUNG, "no answer within 0.7 s"),
    FATE(NULL, "dies", PATIENT, DC_CRASHED,
         "forward exited with status 1: out of luck"),
    FATE(NULL, "dies-midway", PATIENT, DC_CRASHED,
         "forward exited with status 4"),
    FATE(NULL, "shape-short", PATIENT, DC_CRASHED,
         "forward exited with status 0"),
    FATE(NULL, "late-death", PATIENT, DC_CRASHED,
         "forward exited with status 5"),
    FATE(NULL, "one-call", PATIENT, DC_CRASHED, "forward exited with status 6"),
    FATE(NULL, "closes", PATIENT, DC_CRASHED,
         "forward closed its stdout without an answer"),
    GARBAGE("garbage", "no JSON object: \" ?what?\""),
    GARBAGE("list", "no JSON object"),
    GARBAGE("long", "a header of more than 64 KiB"),
    GARBAGE("no-id", "no integer id"),
    GARBAGE("wrong-id", "id 2 to request 1"),
    GARBAGE("no-status", "no known status"),
    GARBAGE("fault", "no known status"),
    GARBAGE("no-tensor", "no tensor"),
    GARBAGE("too-many", "too many tensors"),
    GARBAGE("refuses-with-tensor", "too many tensors"),
    GARBAGE("no-name", "a tensor without a name"),
    GARBAGE("other", "a tensor that was not asked for"),
    GARBAGE("no-shape", "a tensor without a shape"),
    GARBAGE("negative", "an absurd shape"),
    GARBAGE("absurd", "an absurd shape"),
};

/* Each outcome as it must be; then, in a mode that behaves, the same endpoint
 * must answer again. */
static void test_outcomes(void **state)
{
    material m = make(SMALL);
    const int before = open_descriptors();
    char file[4096];

    (void)state;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        const outcome *o = &outcomes[i];
        dc_endpoint *end;
        dc_answer a;

        mode(o->mode);
        end =
            must_open(o->subject ? plugin(file, o->subject) : PIPE, o->timeout);
        a = ask(end, &m);
        if (a.fate != o->fate || a.status != o->status || a.runs != o->runs ||
            a.unwritten != o->unwritten || a.repeat != o->repeat ||
            a.changed != o->changed || a.shape_axes != o->shape_axes ||
            !strstr(a.reason, o->reason) || (!*o->reason && *a.reason))
            fail_msg("%s %s: fate %d status %d runs %d unwritten %lld repeat "
                     "%lld changed %d shape_axes %d: %s",
                     o->subject ? o->subject : "pipe", o->mode, a.fate,
                     a.status, a.runs, (long long)a.unwritten,
                     (long long)a.repeat, a.changed, a.shape_axes, a.reason);
        if (a.fate != DC_ANSWERED) {
            mode("good");
            a = ask(end, &m);
            assert_int_equal(a.fate, DC_ANSWERED);
            assert_int_equal(a.runs, 2);
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

/* ==== What cannot be opened ============================================== */

static void test_refused(void **state)
{
    static const struct {
        const char *subject; /* plug-in NAME, pipe:COMMAND, or WHAT */
        const char *mode;
        double timeout;
        dc_status status;
        const char *text;
    } rows[] = {
        {BAD, "load-abi", PATIENT, DC_FAILED, "its ABI number is 7"},
        {BAD, "load-null", PATIENT, DC_FAILED, "returned no table"},
        {BAD, "load-none", PATIENT, DC_FAILED, "offers no operation"},
        {BAD, "load-anonymous", PATIENT, DC_FAILED, "has no name"},
        {BAD, "load-crash", PATIENT, DC_FAILED, "at hello it died by SIGABRT"},
        {BAD, "load-hang", 0.2, DC_FAILED, "did not answer hello within 0.6"},
        {"nosymbol", "", PATIENT, DC_FAILED, "no symbol deconform_plugin"},
        {"./no/such.so", "", PATIENT, DC_FAILED, "no such file"},
        {"./tests/pipes/answer.py", "", PATIENT, DC_FAILED, "answer.py: "},
        {"missing.so", "", PATIENT, DC_FAILED, "missing.so: no such file"},
        {"pipe:no-such-command-here", "", PATIENT, DC_FAILED,
         "exited with status 127: "},
        {"pipe:true", "", PATIENT, DC_FAILED, "exited with status 0"},
        {"pipe:cat", "", PATIENT, DC_FAILED, "garbage: hello is not ok"},
        {NULL, "hello-exit", PATIENT, DC_FAILED, "status 1: no licence found"},
        {NULL, "hello-silent", 0.2, DC_FAILED, "did not answer hello"},
        {NULL, "hello-garbage", PATIENT, DC_FAILED, "\"ready.\""},
        {NULL, "hello-long", PATIENT, DC_FAILED, "more than 64 KiB"},
        {NULL, "hello-refused", PATIENT, DC_FAILED, "no GPU"},
        {NULL, "hello-bare", PATIENT, DC_FAILED, "hello is not ok"},
        {NULL, "hello-anonymous", PATIENT, DC_FAILED, "says no name"},
        {NULL, "hello-closed", PATIENT, DC_FAILED, "closed its stdout"},
        {"onednn", "", PATIENT, DC_UNSUPPORTED,
         "adapter onednn is not built: run `make adapters`"},
        {"nobody", "", PATIENT, DC_INVALID,
         "unknown implementation nobody; known: fast, onednn"},
        {"", "", PATIENT, DC_INVALID, "unknown implementation"},
    };
    const int before = open_descriptors();
    char file[4096];

    (void)state;
    assert_int_equal(setenv("DECONFORM_PLUGINS", "/nowhere", 1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *what = rows[i].subject;
        dc_endpoint *end = NULL;
        dc_error e = {.text = ""};

        if (!what)
            what = PIPE;
        else if (!strcmp(what, BAD) || !strcmp(what, "nosymbol"))
            what = plugin(file, what);
        mode(rows[i].mode);
        assert_int_equal(open_as(&end, what, rows[i].timeout, &e),
                         rows[i].status);
        assert_null(end);
        if (!strstr(e.text, rows[i].text))
            fail_msg("%s: %s", what, e.text);
        no_child(what);
        assert_int_equal(open_descriptors(), before);
    }
    unsetenv("DECONFORM_PLUGINS");
}

/* Our own binary is missing: a sentence, not a crash. */
static void test_no_binary(void **state)
{
    const dc_subject subject = {"fast", "/no/such/deconform", 1};
    dc_endpoint *end;
    dc_error e;

    (void)state;
    assert_int_equal(dc_endpoint_open(&end, &subject, &e), DC_FAILED);
    assert_non_null(strstr(e.text, "cannot start /no/such/deconform"));
    dc_endpoint_close(NULL);
}

/* ==== Adapters by their names ============================================ */

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(name, 0755), 0);
}

static void test_routes(void **state)
{
    static const char *const files[] = {
        ".build/plugins/onednn.so", "plugins/extra.so",
        "oracle/adapters/torch.py", "oracle/adapters/mine"};
    static const struct {
        const char *what;
        int hosted;
        int word; /* which word of argv ends with `ends` */
        const char *ends;
    } rows[] = {
        {"fast", 1, 2, "fast"},
        {"onednn", 1, 2, "/.build/plugins/onednn.so"},
        {"extra", 1, 2, "/plugins/extra.so"},
        {"torch", 0, 0, "/oracle/adapters/torch.py"},
        {"torch-native", 0, 1, "--native"},
        {"mine", 0, 0, "/oracle/adapters/mine"},
        {"x.so", 1, 2, "x.so"},
        {"a/b", 1, 2, "a/b"},
        {"pipe:a b", 0, 2, "a b"},
    };
    char root[] = "/tmp/deconform-routes-XXXXXX";
    char name[4096];
    char self[4096];
    dc_route route;
    dc_error e;

    (void)state;
    assert_non_null(mkdtemp(root));
    snprintf(self, sizeof self, "%s/deconform", root);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(name, sizeof name, "mkdir -p $(dirname %s/%s)", root,
                 files[i]);
        assert_int_equal(system(name), 0);
        snprintf(name, sizeof name, "%s/%s", root, files[i]);
        write_file(name, "#!/bin/sh\n");
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const dc_subject subject = {rows[i].what, self, 1};
        const char *word;

        assert_int_equal(dc_plugin_find(&subject, &route, &e), DC_OK);
        assert_int_equal(route.hosted, rows[i].hosted);
        word = route.argv[rows[i].word];
        assert_non_null(word);
        assert_true(strlen(word) >= strlen(rows[i].ends));
        assert_string_equal(word + strlen(word) - strlen(rows[i].ends),
                            rows[i].ends);
        dc_plugin_forget(&route);
    }
    /* Without a path to our binary, the running one is taken. */
    assert_int_equal(
        dc_plugin_find(&(dc_subject){"torch-none", NULL, 1}, &route, &e),
        DC_INVALID);
    snprintf(name, sizeof name, "rm -r %s", root);
    assert_int_equal(system(name), 0);
}

/* ==== Amounts, repetition, restarts ====================================== */

static void test_hello(void **state)
{
    dc_endpoint *end;

    (void)state;
    mode("good");
    end = must_open(PIPE, PATIENT);
    assert_string_equal(dc_endpoint_name(end), "answer");
    assert_string_equal(dc_endpoint_version(end), "2");
    assert_string_equal(dc_endpoint_declares(end), "transform,flush");
    dc_endpoint_close(end);
    end = must_open("fast", PATIENT);
    assert_true(*dc_endpoint_name(end));
    assert_string_equal(dc_endpoint_declares(end), "");
    dc_endpoint_close(end);
}

/* 16 MiB in and 16 MiB out, whichever side moves first. */
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
            assert_int_equal(a.fate, DC_ANSWERED);
            assert_int_equal(a.status, DC_OK);
            assert_int_equal(a.runs, 1); /* too large to be asked again */
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

/* An answerer that does not read its input is no finding, but a new process
 * must take its place: the old one is out of step. */
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
        assert_int_equal(a.fate, DC_ANSWERED);
        assert_int_equal(a.status, DC_OK);
    }
    dc_endpoint_close(end);
    drop(&m);
    no_child("deaf");
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
            assert_int_equal(a.fate, DC_ANSWERED);
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

/* A restart that fails is the judged one's fate, and the next may succeed. */
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
    assert_int_equal(a.fate, DC_CRASHED);
    mode("load-crash");
    a = ask(end, &m);
    assert_int_equal(a.fate, DC_CRASHED);
    assert_non_null(strstr(a.reason, "it does not start again: "));
    mode("good");
    a = ask(end, &m);
    assert_int_equal(a.fate, DC_ANSWERED);
    dc_endpoint_close(end);
    drop(&m);
    no_child("restart");
}

/* What is wrong with the judge is no verdict. */
static void test_harness_faults(void **state)
{
    material m = make(SMALL);
    dc_endpoint *end;
    dc_answer a;
    dc_error e;
    dc_case illegal = m.c;
    const void *none[DC_TENSORS] = {NULL};

    (void)state;
    mode("good");
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
    assert_int_equal(ask(end, &m).fate, DC_ANSWERED);
    dc_endpoint_close(end);
    drop(&m);
}

/* ==== Several at once ==================================================== */

static void *one_of_many(void *failed)
{
    material m = make(SMALL);

    for (int i = 0; i < 6; i++) {
        const dc_subject subject = {i % 2 ? PIPE : "fast",
                                    path("BIN", "./deconform"), PATIENT};
        dc_endpoint *end;
        dc_answer a = {.fate = DC_CRASHED};

        if (dc_endpoint_open(&end, &subject, NULL) != DC_OK) {
            *(int *)failed = 1;
            continue;
        }
        if (dc_endpoint_call(end, &m.c, DC_FORWARD,
                             (const void *const *)m.tensors, m.result, &a,
                             NULL) != DC_OK ||
            a.fate != DC_ANSWERED || a.status != DC_OK)
            *(int *)failed = 1;
        dc_endpoint_close(end);
    }
    drop(&m);
    return NULL;
}

static void test_parallel(void **state)
{
    pthread_t threads[4];
    int failed[4] = {0};

    (void)state;
    mode("good");
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, one_of_many, &failed[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failed[i], 0);
    }
    no_child("threads");
}

/* ==== The host by itself ================================================= */

static dc_process *start_host(const char *what)
{
    dc_process *p = calloc(1, sizeof *p);
    char *const argv[] = {(char *)(uintptr_t)path("BIN", "./deconform"),
                          (char *)(uintptr_t) "host", (char *)(uintptr_t)what,
                          NULL};
    dc_error e;

    assert_non_null(p);
    assert_int_equal(dc_process_start(p, argv, &e), DC_OK);
    return p;
}

static void say(dc_process *p, const char *text)
{
    const dc_chunk chunk = {text, (int64_t)strlen(text)};

    dc_process_send(p, &chunk, 1);
    assert_int_equal(dc_process_flush(p, dc_process_now() + PATIENT, PATIENT),
                     DC_GOT);
}

/* A judge that is killed closes its pipes and no more: the host must end, and
 * end what it started, even out of a call that never returns. */
static void test_judge_is_gone(void **state)
{
    char file[4096];
    material m = make(SMALL);
    const size_t bytes = 4 * (6 + 12 + 2);
    dc_process *p;
    char *line;
    siginfo_t info = {0};

    (void)state;
    mode("hang");
    p = start_host(plugin(file, BAD));
    assert_int_equal(dc_wire_request(&line, 1, &m.c, DC_FORWARD), DC_OK);
    say(p, line);
    {
        const dc_chunk chunk = {m.tensors[DC_GY], (int64_t)bytes};

        dc_process_send(p, &chunk, 1);
        dc_process_flush(p, dc_process_now() + PATIENT, PATIENT);
    }
    usleep(200000); /* it hangs now, or will */
    for (int i = 0; i < 3; i++) {
        close(p->fd[i]);
        p->fd[i] = -1;
    }
    for (int i = 0; i < 100 * PATIENT && !info.si_pid; i++) {
        usleep(10000);
        waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    }
    assert_int_equal(info.si_pid, p->pid);
    dc_process_end(p, 0, NULL, NULL);
    free(line);
    free(p);
    drop(&m);
}

static void test_host_refuses(void **state)
{
    static const char *const texts[] = {
        "hello?\n",
        "{\"id\":1}\n",
        "{\"op\":\"hello\"}\n",
        "{\"id\":1,\"op\":\"forward\"}\n",
        "{\"id\":1,\"op\":\"forward\",\"problem\":{\"rank\":2}}\n",
        "{\"id\":1,\"op\":\"forward\",\"problem\":{\"rank\":1,\"unbatched\":0,"
        "\"has_bias\":0,\"n\":1,\"ci\":1,\"co\":1,\"g\":1,\"i\":[\"q\"]}}\n"};

    (void)state;
    mode("good");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dc_process *p = start_host("fast");
        char words[200];
        int status = 0;
        int own = 0;

        say(p, texts[i]);
        dc_process_end(p, PATIENT, &status, &own);
        assert_int_equal(own, 1);
        assert_int_equal(WEXITSTATUS(status), 2);
        dc_process_last_words(p, words, sizeof words);
        assert_non_null(strstr(words, "deconform host: no request"));
        free(p);
    }
}

/* Tensors that end before their time: the host leaves. */
static void test_host_cut_off(void **state)
{
    material m = make(SMALL);
    dc_process *p = start_host("fast");
    char *line;
    int status = 0;

    (void)state;
    assert_int_equal(dc_wire_request(&line, 1, &m.c, DC_FORWARD), DC_OK);
    say(p, line);
    dc_process_end(p, PATIENT, &status, NULL);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
    free(line);
    free(p);
    drop(&m);
}

static void test_death_in_words(void **state)
{
    char text[DC_PROCESS_TEXT];

    (void)state;
    dc_process_death(SIGKILL, text);
    assert_string_equal(text, "died by SIGKILL");
    dc_process_death(SIGRTMIN, text);
    assert_non_null(strstr(text, "died by signal "));
    dc_process_death(3 << 8, text);
    assert_string_equal(text, "exited with status 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_wrong_shape),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_binary),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_big),
        cmocka_unit_test(test_deaf_is_replaced),
        cmocka_unit_test(test_all_operations),
        cmocka_unit_test(test_not_offered),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_harness_faults),
        cmocka_unit_test(test_parallel),
        cmocka_unit_test(test_judge_is_gone),
        cmocka_unit_test(test_host_refuses),
        cmocka_unit_test(test_host_cut_off),
        cmocka_unit_test(test_death_in_words),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
