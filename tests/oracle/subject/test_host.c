/* SPDX-License-Identifier: MIT
 *
 * Does `deconform host` serve requests and nothing else, and does it end when
 * the judge is gone?  Beside it, corners of the protocol's reader.
 */
#include "tests/support/reach.h"

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
        dc_process_flush(p, dc_clock_now() + PATIENT, PATIENT);
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
        ("{\"id\":1,\"op\":\"forward\",\"problem\":{\"rank\":1,\"unbatched\":0,"
         "\"has_bias\":0,\"n\":1,\"ci\":1,\"co\":1,\"g\":1,\"i\":[\"q\"]}}\n")};

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
        dc_process_stderr_tail(p, words, sizeof words);
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

/* No memory for the tensors: their bytes are consumed all the same, and the
 * answer says whose fault it is. */
static void test_host_no_memory(void **state)
{
    dc_case huge;
    dc_process *p;
    dc_error e;
    dc_answer a = dc_endpoint_blank();
    dc_expected awaited = {
        .id = 9, .p = &huge.p, .op = DC_GRAD_BIAS, .hosted = 1};
    const char *line;
    char *text;
    size_t length;

    (void)state;
    setenv("ASAN_OPTIONS", "allocator_may_return_null=1", 1);
    p = start_host("fast");
    unsetenv("ASAN_OPTIONS");
    assert_int_equal(
        dc_case_parse("ci1_co1048576_i1048576x1048576_k1", &huge, &e), DC_OK);
    assert_int_equal(dc_wire_request(&text, 9, &huge, DC_GRAD_BIAS), DC_OK);
    say(p, text);
    say(p, "some of the tensor");
    close(p->fd[0]);
    p->fd[0] = -1;
    assert_int_equal(
        dc_process_line(p, dc_clock_now() + PATIENT, &line, &length), DC_GOT);
    assert_int_equal(dc_reply_read(line, length, &awaited, &a, &e), DC_OK);
    assert_string_equal(awaited.fault, "the host ran out of memory");
    dc_process_end(p, PATIENT, NULL, NULL);
    free(text);
    free(p);
}

/* 16 times the expected bytes may exceed what an int64_t counts. */
static void test_no_cap(void **state)
{
    static const char text[] = "{\"id\":1,\"status\":\"ok\",\"tensors\":[{"
                               "\"name\":\"gx\",\"shape\":[3]}]}";
    dc_case huge;
    dc_expected awaited = {.id = 1, .p = &huge.p, .op = DC_GRAD_INPUT};
    dc_answer a = dc_endpoint_blank();
    dc_error e;

    (void)state;
    assert_int_equal(
        dc_case_parse("ci1048576_co1_i1048576x1048576_k1", &huge, &e), DC_OK);
    assert_int_equal(dc_reply_read(text, sizeof text - 1, &awaited, &a, &e),
                     DC_OK);
    assert_int_equal(a.shape_axes, 1);
    assert_int_equal(awaited.bytes[0], 12);
}

static void test_death_in_words(void **state)
{
    char text[DC_PROCESS_TEXT];

    (void)state;
    dc_process_describe_exit(SIGKILL, text);
    assert_string_equal(text, "died by SIGKILL");
    dc_process_describe_exit(SIGRTMIN, text);
    assert_non_null(strstr(text, "died by signal "));
    dc_process_describe_exit(3 << 8, text);
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
        cmocka_unit_test(test_death_in_words),
    };

    reap_orphans();
    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
