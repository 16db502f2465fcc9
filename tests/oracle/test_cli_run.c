/* SPDX-License-Identifier: MIT
 *
 * Runs as a CI system meets them: subjects that do not start or do not
 * answer, runs that repeat, and nothing left behind when one is stopped.
 */
#include "tests/support/cli.h"

/* The closing line, without its seconds. */
static void last_line(const char *text, char line[256])
{
    const char *at = strstr(text, "\ndeconform: ");

    line[0] = 0;
    if (!strncmp(text, "deconform: ", 11))
        snprintf(line, 256, "%s", text);
    else if (at)
        snprintf(line, 256, "%s", at + 1);
    if (strrchr(line, ','))
        *strrchr(line, ',') = 0;
}

/* ==== What cannot be reached: exit 2, one sentence that names it ========= */

static void test_bad_subjects(void **state)
{
    static const struct {
        const char *mode;
        row row;
    } rows[] = {
        {"", {"--impl nobody", 2, "unknown implementation nobody; known: "}},
        {"", {"--impl ''", 2, "unknown implementation"}},
        {"", {"--impl ./missing.so", 2, "./missing.so: no such file"}},
        {"", {"--impl missing.so", 2, "missing.so: no such file"}},
        {"", {"--impl tests/run.sh", 2, "tests/run.sh: "}},
        {"", {"--impl /", 2, "/: "}},
        {"", {"--impl \"$P/nosymbol.so\"", 2, "no symbol deconform_plugin"}},
        {"", {"--impl mutant:M999", 2, "M999"}},
        {"load-abi", {"--impl \"$P/misbehave.so\"", 2, "ABI number is 7"}},
        {"load-null", {"--impl \"$P/misbehave.so\"", 2, "returned no table"}},
        {"load-crash", {"--impl \"$P/misbehave.so\"", 2, "SIGABRT"}},
        {"load-hang",
         {"--timeout 0.2 --impl \"$P/misbehave.so\"", 2, "misbehave.so: "}},
        {"", {"--impl pipe:no-such-command", 2, "pipe:no-such-command: "}},
        {"", {"--impl pipe:true", 2, "pipe:true: "}},
        {"", {"--impl pipe:", 2, "pipe:: "}},
        {"", {"--impl 'pipe:echo ready; sleep 9'", 2, "\"ready\""}},
        {"hello-silent", {"--timeout 0.2 --impl '" PIPE "'", 2, "hello"}},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char words[512];
        row one = rows[k].row;

        mode(rows[k].mode);
        snprintf(words, sizeof words, "verify --case " CASE " %s", one.words);
        one.words = words;
        check_rows(&one, 1);
    }
    mode("");
    no_child("bad subjects");
}

/* ==== What fails under judgement: exit 1, the rest still judged ========== */

static void test_bad_answers(void **state)
{
    static const struct {
        const char *mode;
        const char *impl;
        const char *says;
        const char *counts;
    } rows[] = {
        {"garbage", PIPE, "CRASHED n1_", "0 fail, 0 unsupported, 2 crashed"},
        {"wrong-id", PIPE, "id 2 to request 1", "2 crashed"},
        {"dies", PIPE, "exited with status 1: out of luck", "2 crashed"},
        {"dies-midway", PIPE, "exited with status 4", "2 crashed"},
        {"shape", PIPE, "y has the shape [1,2,4,2] instead of [1,2,4]",
         "2 fail"},
        {"silent", PIPE, "HUNG n1_", "2 hung"},
        {"flood", PIPE, "forward: value: ", "1 pass, 1 fail"},
        {"good", PIPE, "forward: value: ", "1 pass, 1 fail"},
        {"abort", "$P/misbehave.so", "died by SIGABRT", "2 crashed"},
        {"past-end", "$P/misbehave.so", "just past the end of y", "2 crashed"},
        {"hang", "$P/misbehave.so", "gave no answer within", "2 hung"},
        {"invalid", "$P/judge_modes.so", "answered INVALID",
         "1 fail, 1 unsupported"},
        {"ulp", "$P/judge_modes.so", "exact data: every bit counts", "2 fail"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const int waits =
            strstr(rows[k].says, "HUNG") || strstr(rows[k].says, "within");
        char words[1024];
        outcome o;

        mode(rows[k].mode);
        /* y of the second case is zero everywhere, and may be refused */
        snprintf(words, sizeof words,
                 "verify --jobs 1 --op forward --timeout %s --impl \"%s\" "
                 "--case " CASE " --case ci0_co2_i3_k2_f32_int",
                 waits ? "2 --no-shrink" : "20", rows[k].impl);
        o = run(words);
        if (o.code != 1 || !strstr(o.out, rows[k].says) ||
            !strstr(o.out, rows[k].counts) || *o.err)
            fail_msg("%s: exit %d\n%s\n%s", rows[k].mode, o.code, o.out, o.err);
        drop_outcome(&o);
    }
    mode("");
    no_child("bad answers");
}

/* Failures are looked into with calls cut short, but as much time to start as
 * --timeout leaves. */
static void test_slow_start(void **state)
{
    outcome o;

    (void)state;
    mode("hello-slow");
    o = run("verify --jobs 1 --no-shrink --op forward --timeout 20 "
            "--impl \"" PIPE "\" --case " CASE);
    if (o.code != 1 || !strstr(o.out, "1 fail") || *o.err)
        fail_msg("exit %d\n%s\n%s", o.code, o.out, o.err);
    drop_outcome(&o);
    mode("");
}

/* Nothing judged is 77, some unsupported is not. */
static void test_unsupported(void **state)
{
    outcome o;

    (void)state;
    mode("none");
    o = run("verify --impl \"$P/judge_modes.so\" " ALONE);
    assert_int_equal(o.code, 77);
    assert_non_null(strstr(o.out, "0 pass, 0 fail, 1 unsupported"));
    assert_non_null(strstr(o.out, "not offered: f64 f32 f16 bf16"));
    drop_outcome(&o);
    mode("gradients-only");
    o = run("verify --impl \"$P/judge_modes.so\" " ALONE);
    assert_int_equal(o.code, 0);
    assert_non_null(strstr(o.out, "judged in f64 f32; not offered: f16 bf16"));
    drop_outcome(&o);
    o = run("verify --impl \"$P/judge_modes.so\" --op forward " ALONE);
    assert_int_equal(o.code, 77);
    drop_outcome(&o);
    mode("");
}

/* A path without a slash is a file of this folder. */
static void test_relative_path(void **state)
{
    outcome o;

    (void)state;
    mode("right");
    o = shell("cd \"$P\" && \"$D\" verify --impl judge_modes.so " ALONE);
    assert_int_equal(o.code, 0);
    drop_outcome(&o);
    o = shell("cd \"$P\" && \"$D\" verify --impl ./judge_modes.so " ALONE);
    assert_int_equal(o.code, 0);
    drop_outcome(&o);
    mode("");
}

/* ==== Runs that repeat ================================================== */

/* The shards hold every case once; another seed asks other cases. */
static void test_selection(void **state)
{
    outcome o = shell(
        "\"$D\" cases --tier smoke | sort >$T/all\n"
        "for k in 1 2 3; do \"$D\" cases --tier smoke --shard $k/3; done | "
        "sort >$T/parts\n"
        "cmp $T/all $T/parts && test -s $T/all || exit 9\n"
        "\"$D\" cases --tier smoke --seed 2 | sort >$T/other\n"
        "! cmp -s $T/all $T/other || exit 8\n"
        "\"$D\" cases --tier smoke --seed 1 | sort | cmp - $T/all || exit 7\n"
        /* every printed case is read again as itself */
        "\"$D\" cases --tier smoke >$T/once\n"
        "set --; while read c; do set -- \"$@\" --case $c; done <$T/once\n"
        "\"$D\" cases \"$@\" | cmp - $T/once || exit 6");

    (void)state;
    if (o.code)
        fail_msg("step %d: %s %s", o.code, o.out, o.err);
    drop_outcome(&o);
}

/* The same command says the same, with any number of workers. */
static void test_repeatable(void **state)
{
    static const char *const words[] = {
        "verify --tier smoke --impl mutant:M016 --jobs 1 --match '*_f32_int_*'",
        "verify --tier smoke --impl mutant:M016 --jobs 1 --match '*_f32_int_*'",
        "verify --tier smoke --impl mutant:M016 --jobs 3 --match '*_f32_int_*'",
    };
    char *first = NULL;

    (void)state;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        outcome o = run(words[k]);

        assert_int_equal(o.code, 1);
        assert_string_equal(o.err, "");
        assert_non_null(strstr(o.out, "FAIL n"));
        *strrchr(o.out, ',') = 0; /* the seconds */
        if (!first)
            first = strdup(o.out);
        else
            assert_string_equal(o.out, first);
        drop_outcome(&o);
    }
    free(first);
    no_child("repeatable");
}

/* The printed command shows the finding again, identities included. */
static void test_reproduce(void **state)
{
    static const struct {
        const char *mode;
        const char *impl;
        const char *finding;
    } rows[] = {
        {"", "mutant:M016", "forward: value: "},
        {"", "mutant:M087", "grad_weight: value: "},
        {"moved", "$P/judge_modes.so", "grad_input: finite difference: "},
        {"ulp grad_bias", "$P/judge_modes.so", "grad_bias: value: "},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char words[1024];
        char command[2048];
        const char *at;
        outcome o;

        mode(rows[k].mode);
        snprintf(words, sizeof words,
                 "verify --timeout 19 --impl \"%s\" --max-failures 1 --case "
                 "n2_ci2_co3_i4x3_k2x3_s2_p1_b1_f32_int_r1",
                 rows[k].impl);
        o = run(words);
        assert_int_equal(o.code, 1);
        at = strstr(o.out, "reproduce: ");
        assert_non_null(at);
        snprintf(command, sizeof command, "%.*s", (int)strcspn(at + 11, "\n"),
                 at + 11);
        assert_non_null(strstr(command, " --timeout 19 "));
        drop_outcome(&o);
        o = shell(command);
        if (o.code != 1 || !strstr(o.out, rows[k].finding))
            fail_msg("%s: exit %d\n%s%s", command, o.code, o.out, o.err);
        drop_outcome(&o);
    }
    mode("");
}

static void test_max_failures(void **state)
{
    char line[256];
    outcome o = run("verify --tier smoke --impl mutant:M016 --jobs 1 "
                    "--max-failures 3");

    (void)state;
    assert_int_equal(o.code, 1);
    last_line(o.out, line);
    assert_non_null(strstr(line, " 3 fail, "));
    assert_non_null(strstr(o.out, "stopped early: "));
    drop_outcome(&o);
}

/* Both files hold the whole run, in addition to the text. */
static void test_reports(void **state)
{
    outcome o = shell(
        "\"$D\" verify --tier smoke --impl mutant:M025 --jobs 2 --match "
        "'*f32_int*' --json $T/run.json --junit $T/run.xml >$T/text\n"
        "test $? = 1 || exit 9\n"
        "n=$(tail -n 1 $T/text | sed 's/deconform: \\([0-9]*\\) .*/\\1/')\n"
        "test $n -gt 50 || exit 8\n"
        "test $(grep -c '^{.case.:' $T/run.json) = $n || exit 7\n"
        "test $(grep -c '<testcase ' $T/run.xml) = $n || exit 6\n"
        "tail -n 1 $T/text | grep -Eq '^deconform: [0-9]+ cases, [0-9]+ pass, "
        "[0-9]+ fail, [0-9]+ unsupported, [0-9]+ crashed, [0-9]+ hung, seed "
        "1, [0-9]+\\.[0-9] s$' || exit 5");

    (void)state;
    if (o.code)
        fail_msg("step %d: %s %s", o.code, o.out, o.err);
    drop_outcome(&o);
}

/* ==== Stopped =========================================================== */

static void test_interrupt(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM};

    (void)state;
    for (int k = 0; k < 2; k++) {
        char line[256];
        char *text;
        pid_t pid;
        int status;

        mode("slow");
        pid = start("verify --jobs 2 --tier ci " LOGGED(
            "\"'$D'\" host '$P'/judge_modes.so"));
        wait_for_log(3); /* the probe and both workers */
        usleep(200000);
        kill(pid, signals[k]);
        status = status_of(pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 130);
        text = slurp("out");
        assert_non_null(strstr(text, "cases were not judged"));
        last_line(text, line);
        assert_non_null(strstr(line, " hung, seed 1"));
        free(text);
        no_child("interrupt");
    }
    mode("");
}

/* A second signal ends it at once, and nothing is left either. */
static void test_second_interrupt(void **state)
{
    pid_t pid;
    int status;

    (void)state;
    mode("hang");
    pid = start("verify --jobs 1 --timeout 60 --case " CASE
                " " LOGGED("\"'$D'\" host '$P'/judge_modes.so"));
    wait_for_log(2);
    usleep(200000);
    kill(pid, SIGINT);
    usleep(200000);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    /* two that come before the first is seen are one */
    for (int k = 0; k < 100; k++) {
        siginfo_t end = {0};

        kill(pid, SIGINT);
        usleep(200000);
        waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG | WNOWAIT);
        if (end.si_pid == pid)
            break;
    }
    status = status_of(pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    mode("");
    no_child("second interrupt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_subjects),
        cmocka_unit_test(test_bad_answers),
        cmocka_unit_test(test_slow_start),
        cmocka_unit_test(test_unsupported),
        cmocka_unit_test(test_relative_path),
        cmocka_unit_test(test_selection),
        cmocka_unit_test(test_repeatable),
        cmocka_unit_test(test_reproduce),
        cmocka_unit_test(test_max_failures),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_second_interrupt),
    };

    reap_orphans();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
