/* SPDX-License-Identifier: MIT
 *
 * Does `deconform host` serve requests and nothing else, and does it end when
 * the judge is gone?  And what does the reader of replies make of extremes?
 */
#include "tests/support/subject.h"

#include "oracle/subject/process.h"
#include "oracle/subject/reply.h"
#include "oracle/subject/wire.h"

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
    assert_int_equal(dc_process_flush(p, dc_clock_now() + PATIENT, PATIENT),
                     DC_GOT);
}

/* The line that requests op of c. */
static char *request_line(int64_t id, const dc_case *c, dc_op op)
{
    const dc_request request = {id, DC_REQUEST_CALL, op, "", c->p, false};
    char *line;

    assert_int_equal(dc_wire_write(&line, &request), DC_OK);
    return line;
}

/* A judge that is killed only closes its pipes: the host must end itself and
 * what it started, even during a call that never returns. */
static void test_judge_is_gone(void **state)
{
    char file[4096];
    material m = make(SMALL);
    const size_t bytes = 4 * (6 + 12 + 2);
    dc_process *p;
    char *line = request_line(1, &m.c, DC_FORWARD);
    siginfo_t info = {0};

    (void)state;
    mode("hang");
    p = start_host(plugin(file, BAD));
    say(p, line);
    {
        const dc_chunk chunk = {m.tensors[DC_GY], (int64_t)bytes};

        dc_process_send(p, &chunk, 1);
        dc_process_flush(p, dc_clock_now() + PATIENT, PATIENT);
    }
    usleep(200000); /* it hangs now, or soon */
    for (int i = 0; i < 3; i++) {
        close(p->fd[i]);
        p->fd[i] = -1;
    }
    for (int i = 0; i < 100 * PATIENT && !info.si_pid; i++) {
        usleep(10000);
        waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    }
    assert_int_equal(info.si_pid, p->pid);
    dc_process_end(p, 0);
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
        ("{\"id\":1,\"op\":\"forward\",\"problem\":{\"rank\":1,\"unbatched\":0,"
         "\"has_bias\":0,\"n\":1,\"ci\":1,\"co\":1,\"g\":1,\"i\":[\"q\"]}}\n")};

    (void)state;
    mode("good");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dc_process *p = start_host("fast");
        char words[200];
        dc_exit how;

        say(p, texts[i]);
        how = dc_process_end(p, PATIENT);
        assert_false(how.killed);
        assert_int_equal(how.signal, 0);
        assert_int_equal(how.code, 2);
        dc_printed_line(&p->printed, words, sizeof words);
        assert_non_null(strstr(words, "deconform host: no request"));
        free(p);
    }
}

/* The input ends in the middle of the tensors: the host exits. */
static void test_host_cut_off(void **state)
{
    material m = make(SMALL);
    dc_process *p = start_host("fast");
    char *line = request_line(1, &m.c, DC_FORWARD);
    dc_exit how;

    (void)state;
    say(p, line);
    how = dc_process_end(p, PATIENT);
    assert_true(!how.killed && !how.signal && how.code == 2);
    free(line);
    free(p);
    drop(&m);
}

/* Without memory for the tensors the host still reads their bytes, and its
 * reply says that the fault is its own. */
static void test_host_no_memory(void **state)
{
    dc_case huge;
    dc_process *p;
    dc_error e;
    dc_request request = {.id = 9, .kind = DC_REQUEST_CALL, .op = DC_GRAD_BIAS};
    dc_reply reply;
    const char *line;
    char *text;
    size_t length;

    (void)state;
    setenv("ASAN_OPTIONS", "allocator_may_return_null=1", 1);
    p = start_host("fast");
    unsetenv("ASAN_OPTIONS");
    assert_int_equal(
        dc_case_parse("ci1_co1048576_i1048576x1048576_k1", &huge, &e), DC_OK);
    request.p = huge.p;
    text = request_line(9, &huge, DC_GRAD_BIAS);
    say(p, text);
    say(p, "some of the tensor");
    close(p->fd[0]);
    p->fd[0] = -1;
    assert_int_equal(
        dc_process_read_line(p, dc_clock_now() + PATIENT, &line, &length),
        DC_GOT);
    assert_int_equal(dc_reply_read(line, length, &request, true, &reply, &e),
                     DC_OK);
    assert_string_equal(reply.fault, "the host ran out of memory");
    dc_process_end(p, PATIENT);
    free(text);
    free(p);
}

/* 16 times the expected bytes may exceed what an int64_t counts. */
static void test_no_cap(void **state)
{
    static const char text[] = "{\"id\":1,\"status\":\"ok\",\"tensors\":[{"
                               "\"name\":\"gx\",\"shape\":[3]}]}";
    dc_case huge;
    dc_request request = {
        .id = 1, .kind = DC_REQUEST_CALL, .op = DC_GRAD_INPUT};
    dc_reply reply;
    dc_error e;

    (void)state;
    assert_int_equal(
        dc_case_parse("ci1048576_co1_i1048576x1048576_k1", &huge, &e), DC_OK);
    request.p = huge.p;
    assert_int_equal(
        dc_reply_read(text, sizeof text - 1, &request, false, &reply, &e),
        DC_OK);
    assert_int_equal(reply.answer.shape_axes, 1);
    assert_int_equal(reply.bytes[0], 12);
}

/* The last words of a host that dies, as a sentence and as fields. */
static void test_access(void **state)
{
    static const struct {
        const char *fields, *reason;
        dc_tensor tensor;
        dc_side side;
    } rows[] = {
        {"\"tensor\":\"w\",\"side\":\"past\",\"bytes\":0",
         "access just past the end of w", DC_W, DC_SIDE_PAST},
        {"\"tensor\":\"gx\",\"side\":\"past\",\"bytes\":1",
         "access 1 byte past the end of gx", DC_GX, DC_SIDE_PAST},
        {"\"tensor\":\"x\",\"side\":\"before\",\"bytes\":12",
         "access 12 bytes before x", DC_X, DC_SIDE_BEFORE},
        {"\"reason\":\"access close to NULL\"", "access close to NULL",
         DC_TENSORS, DC_SIDE_NONE},
        {"\"tensor\":\"q\",\"side\":\"past\",\"bytes\":0", "", DC_TENSORS,
         DC_SIDE_NONE},
    };
    dc_case c;
    dc_error e;

    (void)state;
    assert_int_equal(dc_case_parse(SMALL, &c, &e), DC_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const dc_request request = {1,    DC_REQUEST_CALL, DC_FORWARD, "", c.p,
                                    false};
        dc_reply reply;
        char text[160];

        snprintf(text, sizeof text, "{\"id\":1,\"status\":\"died\",%s}",
                 rows[i].fields);
        assert_int_equal(
            dc_reply_read(text, strlen(text), &request, true, &reply, &e),
            DC_OK);
        assert_true(reply.died);
        assert_string_equal(reply.answer.reason, rows[i].reason);
        assert_int_equal(reply.answer.tensor, rows[i].tensor);
        assert_int_equal(reply.answer.side, rows[i].side);
        assert_int_equal(
            dc_reply_read(text, strlen(text), &request, false, &reply, &e),
            DC_FAILED);
    }
}

static void test_exit_in_words(void **state)
{
    char text[DC_PROCESS_TEXT];

    (void)state;
    dc_process_describe_exit((dc_exit){.signal = SIGKILL}, text);
    assert_string_equal(text, "died by SIGKILL");
    dc_process_describe_exit((dc_exit){.signal = SIGRTMIN}, text);
    assert_non_null(strstr(text, "died by signal "));
    dc_process_describe_exit((dc_exit){.code = 3}, text);
    assert_string_equal(text, "exited with status 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge_is_gone),
        cmocka_unit_test(test_host_refuses),
        cmocka_unit_test(test_host_cut_off),
        cmocka_unit_test(test_host_no_memory),
        cmocka_unit_test(test_no_cap),
        cmocka_unit_test(test_access),
        cmocka_unit_test(test_exit_in_words),
    };

    reap_orphans();
    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
