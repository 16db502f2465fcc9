/* SPDX-License-Identifier: MIT
 *
 * Does a run end with every case judged, its reports whole, and no process
 * left, whatever the implementation does to the judge, and whatever the shell
 * gives the judge as files?
 */
#include "ref/sanitized.h"
#include "tests/support/cli.h"

#define HOSTILE "--impl \"$P/hostile.so\" --tier smoke --match K1S2 "

/* Do the reports parse?  $T/j and $T/x are those of the run before. */
#define WHOLE                                                                  \
    "python3 -c 'import json, sys, xml.dom.minidom as x\n"                     \
    "[json.loads(line) for line in open(sys.argv[1])]\n"                       \
    "x.parse(sys.argv[2])' $T/j $T/x"

static void test_attacks(void **state)
{
    static const struct {
        const char *mode;
        const char *options;
        int code;
        const char *says;
    } rows[] = {
        {"stop", "--timeout 0.3 --op forward", 1, " 0 pass, 0 fail, 0 unsupp"},
        {"abort-with-child", "--op forward", 1, " 0 pass, 0 fail, 0 unsupp"},
        {"descriptors", "", 0, " 0 fail, 0 unsupported, 0 crashed, 0 hung"},
        {"orphans", "", 0, " 0 fail, 0 unsupported, 0 crashed, 0 hung"},
#if !DC_SANITIZED /* such a process needs memory to reply */
        {"limits", "", 0, "another resource limits behind"},
#endif
        {"timer", "", 0, " 0 fail, 0 unsupported, 0 crashed, 0 hung"},
        {"rounding", "", 0, "another rounding mode behind"},
        {"signals", "", 0, "another signal mask behind"},
        {"directory", "", 0, "another working directory behind"},
        {"locale", "", 0, "another locale behind"},
        {"locale", "--strict", 1, "call left another locale behind"},
#ifdef __SSE2__
        {"flush", "", 0, "another flushing of subnormals behind"},
#endif
        {"good", "--strict", 0, " 0 fail, 0 unsupported, 0 crashed, 0 hung"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[512];
        outcome o;

        mode(rows[i].mode);
        snprintf(line, sizeof line,
                 "verify " HOSTILE "--json $T/j --junit $T/x %s",
                 rows[i].options);
        o = run(line);
        if (o.code != rows[i].code || !strstr(o.out, rows[i].says) ||
            strstr(o.out, "not judged"))
            fail_msg("%s: exit %d\n%s%s", rows[i].mode, o.code, o.out, o.err);
        drop_outcome(&o);
        o = shell(WHOLE);
        if (o.code != 0)
            fail_msg("%s spoils a report: %s", rows[i].mode, o.err);
        drop_outcome(&o);
        no_child(rows[i].mode);
    }
    mode("");
}

/* The first process starts, and no other: each case crashes, and each is
 * judged. */
static void test_starts_once(void **state)
{
    outcome o = run("verify --no-shrink --tier smoke --match 'K1S*' --impl "
                    "\"pipe:mkdir $T/once && exec '$D' host fast\"");

    (void)state;
    if (o.code != 1 || !strstr(o.out, "it does not start again") ||
        !strstr(o.out, " 0 pass, 0 fail, 0 unsupported") ||
        strstr(o.out, "not judged"))
        fail_msg("exit %d\n%s%s", o.code, o.out, o.err);
    drop_outcome(&o);
}

/* Right implementations with symbols that the judge, its libraries or the C
 * library have too.  A sanitizer's allocator leaves no choice of symbols. */
static void test_symbols(void **state)
{
#if !DC_SANITIZED && !defined __clang__
    static const char *const names[] = {"symbols", "allocator"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char line[256];
        outcome o;

        snprintf(line, sizeof line,
                 "verify --impl \"$P/%s.so\" --tier smoke --match K1S2",
                 names[i]);
        o = run(line);
        if (o.code != 0)
            fail_msg("%s: exit %d\n%s%s", names[i], o.code, o.out, o.err);
        drop_outcome(&o);
    }
#endif
    (void)state;
}

/* The exit of its first process ends an implementation, whether a child of that
 * one is about to answer, and with one worker as with two, each of which ends
 * what the other's has left. */
static void test_passed_on(void **state)
{
    (void)state;
    for (int jobs = 1; jobs <= 2; jobs++) {
        char line[256];
        outcome o;

        mode("good");
        snprintf(line, sizeof line,
                 "A=tests/pipes/answer.py; \"$D\" verify " ALONE
                 "--jobs %d --no-shrink --impl \"pipe:"
                 "mkdir $T/first%d && exec $A; exec 3<&0; $A <&3 & exit 0\"",
                 jobs, jobs);
        o = shell(line);
        if (o.code != 1 || !strstr(o.out, "at hello it exited with status 0") ||
            !strstr(o.out, " 0 pass, 0 fail, 0 unsupported") ||
            strstr(o.out, "not judged"))
            fail_msg("%d: exit %d\n%s%s", jobs, o.code, o.out, o.err);
        drop_outcome(&o);
        no_child("work that was passed on");
    }
    mode("");
}

#define HANGS "--timeout 600 --case " CASE " "

/* A judge that is killed takes a stopped plug-in and a hung pipe with it; one
 * whose terminal is closed ends like one that is interrupted. */
static void test_judge_ends(void **state)
{
    static const struct {
        const char *mode;
        const char *options;
        int signal;
        int code; /* exit code, or -1: the signal ends it */
        const char *says;
    } rows[] = {
        {"stop", HANGS LOGGED("\"'$D'\" host '$P'/hostile.so"), SIGKILL, -1,
         ""},
        {"silent", HANGS LOGGED("python3 tests/pipes/answer.py"), SIGKILL, -1,
         ""},
        {"slow", "--tier ci " LOGGED("\"'$D'\" host '$P'/judge_modes.so"),
         SIGHUP, 130, "cases were not judged"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char words[512];
        pid_t pid;
        int status;
        char *text;

        mode(rows[i].mode);
        snprintf(words, sizeof words, "verify --jobs 1 %s", rows[i].options);
        pid = start(words);
        wait_for_log(2); /* the probe and the worker */
        usleep(500000);
        kill(pid, rows[i].signal);
        status = status_of(pid);
        text = slurp("out");
        if ((WIFEXITED(status) ? WEXITSTATUS(status) : -1) != rows[i].code ||
            !strstr(text, rows[i].says))
            fail_msg("%s: status %d\n%s", rows[i].mode, status, text);
        free(text);
        no_child(rows[i].mode);
    }
    mode("");
}

/* Two reports in one file, closed descriptors, a full device. */
static void test_files(void **state)
{
    static const struct {
        const char *line;
        int code;
        const char *says; /* on stderr, or in the file $T/j if it is exit 0 */
    } rows[] = {
        {"\"$D\" verify --case " CASE " --json $T/j --junit $T/./j", 2,
         "are the same file"},
        {"ln -sf $T/j $T/link; \"$D\" verify --case " CASE
         " --json $T/link --reproducer $T/j",
         2, "are the same file"},
        {"\"$D\" verify --case " CASE " --json $T/j >$T/j", 2,
         "are the same file"},
        {"rm $T/j; \"$D\" verify --case " CASE
         " --json $T/j --junit $T/x >&- 2>&- <&- && " WHOLE,
         0, "\"summary\""},
        {"\"$D\" help >/dev/full", 2, "cannot write standard output"},
        {"\"$D\" version >/dev/full", 2, "cannot write standard output"},
        {"\"$D\" vectors --audit cases/pack/golden >/dev/full", 2,
         "cannot write standard output"},
        {"\"$D\" verify --case " CASE " >/dev/full", 2,
         "cannot write standard output"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        outcome o = shell(rows[i].line);
        char *text = rows[i].code ? strdup(o.err) : slurp("j");

        if (o.code != rows[i].code || !strstr(text, rows[i].says))
            fail_msg("%s\nexit %d\n%s%s", rows[i].line, o.code, o.out, o.err);
        free(text);
        drop_outcome(&o);
    }
}

/* No byte that a terminal obeys, whoever said it; and the command that is
 * printed reproduces the finding, however long and odd it is. */
static void test_terminal(void **state)
{
    static const struct {
        const char *line;
        int code;
    } rows[] = {
        {"\"$D\" \"x$E\"", 2},
        {"\"$D\" show \"i3_k3$E\"", 2},
        {"\"$D\" judge \"/no$E\" --answers /no", 2},
        {"\"$D\" verify --impl \"/no$E\"", 2},
        {"\"$D\" verify --impl \"pipe:: '$E'; printf '$E'\"", 2},
        {"\"$D\" verify --case " CASE " --impl \"$LONG\" --no-shrink", 1},
        {"\"$D\" verify --case " CASE " --impl \"$LONG\" --no-shrink | "
         "sed -n 's/^  reproduce: //p' | head -1 >$T/again; . $T/again",
         1},
    };
    static const char set[] =
        "E=$(printf '\\033[31m'); LONG=\"pipe:: 'it'; : $(printf '%0900d' 0) "
        "'$E'; exec '$D' host mutant:M001\"; ";

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[1024];
        outcome o;

        snprintf(line, sizeof line, "%s%s", set, rows[i].line);
        o = shell(line);
        if (o.code != rows[i].code || strchr(o.out, '\033') ||
            strchr(o.err, '\033'))
            fail_msg("%s\nexit %d\n%s%s", rows[i].line, o.code, o.out, o.err);
        drop_outcome(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attacks),   cmocka_unit_test(test_starts_once),
        cmocka_unit_test(test_symbols),   cmocka_unit_test(test_judge_ends),
        cmocka_unit_test(test_passed_on), cmocka_unit_test(test_files),
        cmocka_unit_test(test_terminal),
    };

    reap_orphans();
    return cmocka_run_group_tests_name("cli_hostile", tests, set_up, tear_down);
}
