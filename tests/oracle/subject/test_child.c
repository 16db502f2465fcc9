/* SPDX-License-Identifier: MIT
 *
 * Is a child cut off from the judge's descriptors and terminal, does it end
 * however it resists, and does nothing of it outlive it or the judge?
 */
#include "tests/support/subject.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>

#include "oracle/base/clock.h"
#include "oracle/subject/child.h"

/* /dev/null at a number that no child has. */
static int open_null(void)
{
    const int low = open("/dev/null", O_RDWR);
    const int high = fcntl(low, F_DUPFD_CLOEXEC, 10);

    close(low);
    return high;
}

/* Starts a shell command whose stdout can be read from *from. */
static pid_t start(const char *command, int *from)
{
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    const int null = open_null();
    int ends[2];
    int out;
    pid_t pid = 0;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    out = fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
    assert_int_equal(
        dc_child_start(&pid, (char **)(uintptr_t)argv, (int[]){null, out, out}),
        0);
    close(null);
    close(ends[1]);
    close(out);
    *from = ends[0];
    return pid;
}

/* Reads until all writers are gone. */
static void read_all(int from, char text[4096])
{
    size_t n = 0;
    ssize_t got;

    while ((got = read(from, text + n, 4095 - n)) > 0)
        n += (size_t)got;
    text[n] = 0;
    close(from);
}

static bool lives(pid_t pid)
{
    return !kill(pid, 0);
}

/* What the judge has open, even without close-on-exec, stays its own; so does
 * its terminal. */
static void test_inherits_nothing(void **state)
{
    const int open_one = open("/dev/null", O_RDWR);
    char text[4096];
    int from;
    int status;
    pid_t pid;

    (void)state;
    assert_true(open_one > 2);
    pid = start("ls -1 /proc/$$/fd; (: </dev/tty) 2>/dev/null && echo tty; "
                "kill -PIPE $$; echo ignores SIGPIPE",
                &from);
    read_all(from, text);
    assert_string_equal(text, "0\n1\n2\n");
    dc_child_end(pid, &status);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
    close(open_one);
}

/* Stopped, deaf to signals, in another group: it ends at once. */
static void test_resists(void **state)
{
    static const char *const commands[] = {
        "kill -STOP $$",
        "trap '' TERM INT HUP QUIT; while :; do sleep 1; done",
        "exec python3 -c 'import os, time\n"
        "try: os.setpgid(0, os.getpgid(os.getppid()))\n"
        "except OSError: pass\n"
        "time.sleep(1e6)'",
    };

    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const double begin = dc_clock_now();
        int from;
        int status;
        const pid_t pid = start(commands[i], &from);

        usleep(200000);
        assert_false(dc_child_ended(pid));
        assert_true(dc_child_end(pid, &status));
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_true(dc_clock_now() - begin < 4);
        close(from);
    }
}

/* Descendants in sessions of their own, whether the child still lives or not:
 * all are gone with it, and another child is not touched. */
static void test_orphans(void **state)
{
    static const char *const commands[] = {
        "setsid sh -c 'setsid sleep 6006 & setsid sleep 6006 & wait' "
        "</dev/null & sleep 0.2; echo $!; wait",
        "setsid sleep 6006 & echo $!",
    };

    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        int other_from;
        const pid_t other = start("exec sleep 6006", &other_from);
        char line[16] = "";
        int from;
        int status;
        pid_t orphan;
        const pid_t pid = start(commands[i], &from);

        assert_true(read(from, line, sizeof line - 1) > 0);
        orphan = (pid_t)atoi(line);
        assert_true(orphan > 1 && lives(orphan));
        dc_child_end(pid, &status);
        assert_false(lives(orphan));
        assert_true(lives(other));
        dc_child_end(other, &status);
        no_child(commands[i]);
        close(from);
        close(other_from);
    }
}

/* Refused: a path of nothing, a descriptor that is closed. */
static void test_refused(void **state)
{
    char name[] = "/nowhere/at all";
    char *argv[] = {name, NULL};
    const int null = open_null();
    pid_t pid;

    (void)state;
    assert_int_equal(dc_child_start(&pid, argv, (int[]){null, null, null}),
                     ENOENT);
    assert_int_equal(dc_child_start(&pid, argv, (int[]){null, 99999, null}),
                     EBADF);
    close(null);
    no_child("a start that failed");
}

/* More children than the table holds are refused, until one of them is gone. */
static void test_most(void **state)
{
    char name[] = "/bin/true";
    char *argv[] = {name, NULL};
    const int null = open_null();
    const int fd[3] = {null, null, null};
    static pid_t pids[DC_CHILD_MOST];
    pid_t one;
    int status;

    (void)state;
    assert_int_equal(dc_child_start(&pids[0], argv, fd), 0);
    dc_child_adopt(); /* in vain, so that each end is quick */
    for (int i = 1; i < DC_CHILD_MOST; i++)
        assert_int_equal(dc_child_start(&pids[i], argv, fd), 0);
    assert_int_equal(dc_child_start(&one, argv, fd), EAGAIN);
    assert_true(dc_child_end(pids[7], &status));
    assert_int_equal(dc_child_start(&pids[7], argv, fd), 0);
    for (int i = 0; i < DC_CHILD_MOST; i++)
        assert_true(dc_child_end(pids[i], &status));
    no_child("the largest number of children");
    dc_child_adopt();
    close(null);
}

/* The part of process 1 of a container: a process that somebody else started
 * there, and whose parent is gone, must outlive the end of a child.  Returns an
 * exit status. */
static int be_first(void)
{
    int from;
    int status;
    pid_t other = fork();

    if (other == 0) {
        other = fork();
        if (other == 0)
            pause();
        _exit(other);
    }
    waitpid(other, &status, 0);
    other = WEXITSTATUS(status); /* numbers are small in there */
    dc_child_end(start("exit 0", &from), &status);
    usleep(20000);
    return waitpid(other, NULL, WNOHANG) != 0;
}

static void test_container(void **state)
{
    enum { IMPOSSIBLE = 77 };
    int status = 0;
    const pid_t outside = fork();

    (void)state;
    if (outside == 0) {
        pid_t first;

        if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS))
            _exit(IMPOSSIBLE);
        first = fork();
        if (first == 0) {
            if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
                mount("proc", "/proc", "proc", 0, NULL))
                _exit(IMPOSSIBLE);
            dc_child_adopt();
            _exit(be_first());
        }
        waitpid(first, &status, 0);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    waitpid(outside, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == IMPOSSIBLE)
        skip();
    assert_int_equal(status, 0);
}

/* A hosted implementation that stops itself, or leaves children that hold its
 * pipes, is judged as what it is, in time. */
static void test_hosted(void **state)
{
    static const struct {
        const char *mode;
        dc_outcome outcome;
    } rows[] = {{"stop", DC_HUNG},
                {"abort-with-child", DC_CRASHED},
                {"orphans", DC_ANSWERED}};
    material m = make(SMALL);
    char file[4096];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double begin = dc_clock_now();
        dc_endpoint *end;
        dc_answer a;

        mode(rows[i].mode);
        end = must_open(plugin(file, "hostile"), i ? PATIENT : 0.5);
        a = ask(end, &m);
        assert_int_equal(a.outcome, rows[i].outcome);
        if (a.outcome == DC_CRASHED)
            assert_int_equal(a.signal, SIGABRT);
        dc_endpoint_close(end);
        assert_true(dc_clock_now() - begin < PATIENT / 2);
        no_child(rows[i].mode);
    }
    drop(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inherits_nothing),
        cmocka_unit_test(test_resists),
        cmocka_unit_test(test_orphans),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_most),
        cmocka_unit_test(test_container),
        cmocka_unit_test(test_hosted),
    };

    dc_child_adopt();
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
