/* SPDX-License-Identifier: MIT
 *
 * For tests of the command line: runs it in a shell and checks exit codes and
 * messages.
 */
#ifndef TESTS_CLI_H
#define TESTS_CLI_H

#include <limits.h>

#include "tests/support/subject.h"

/* The result of a command. */
typedef struct {
    int code; /* exit code, or -1 if a signal ended it */
    char *out;
    char *err;
} outcome;

static char folder[] = "/tmp/deconform-cli-XXXXXX";
static char binary[PATH_MAX];
static char plugins[PATH_MAX];

/* The content of a file in the folder; freed by the caller. */
static inline char *slurp(const char *name)
{
    char path_of[PATH_MAX];
    char *text;
    FILE *f;
    size_t n;

    snprintf(path_of, sizeof path_of, "%.100s/%.100s", folder, name);
    f = fopen(path_of, "r");
    assert_non_null(f);
    text = calloc(1, 4 << 20);
    assert_non_null(text);
    n = fread(text, 1, (4 << 20) - 1, f);
    assert_true(n < (4 << 20) - 1);
    fclose(f);
    return text;
}

/* Runs a shell command; $D is the binary, $P the folder of plug-ins, $T a
 * folder for files. */
static inline outcome shell(const char *line)
{
    char full[8192];
    outcome o;
    int status;

    snprintf(full, sizeof full, "{ %s\n} >%s/out 2>%s/err </dev/null", line,
             folder, folder);
    status = system(full);
    o.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    o.out = slurp("out");
    o.err = slurp("err");
    return o;
}

/* Runs deconform with these arguments. */
static inline outcome run(const char *words)
{
    char line[4096];

    snprintf(line, sizeof line, "\"$D\" %s", words);
    return shell(line);
}

static inline void drop_outcome(outcome *o)
{
    free(o->out);
    free(o->err);
}

static inline int lines_of(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* ==== In the background ================================================== */

/* A pipe whose command leaves a line in $T/log at every start. */
#define LOGGED(command) "--impl 'pipe:echo >>'$T'/log; exec " command "'"

/* Starts deconform with these arguments, stdout in $T/out; $T/log is empty. */
static inline pid_t start(const char *words)
{
    outcome o = shell(": >$T/log");
    char line[4096];
    pid_t pid;

    drop_outcome(&o);
    snprintf(line, sizeof line, "exec \"$D\" %s >$T/out 2>$T/err </dev/null",
             words);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGHUP, SIG_DFL); /* nohup may have changed it */
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(99);
    }
    return pid;
}

/* Waits until $T/log has n lines: so many processes were started. */
static inline void wait_for_log(int n)
{
    for (int k = 0; k < 1000; k++) {
        char *text = slurp("log");
        const int seen = lines_of(text);

        free(text);
        if (seen >= n)
            return;
        usleep(20000);
    }
    fail_msg("the run does not begin");
}

static inline int status_of(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* ==== Tables of commands ================================================= */

typedef struct {
    const char *words;
    int code;
    const char *says; /* part of stderr for exit 2, else of stdout */
} row;

#define CASE  "ci2_co2_i3_k2_f32_int"
#define ALONE "--tier smoke --match K1S2 "

/* Checks each row: its exit code, its text, and that stderr is empty except
 * for one line with exit 2. */
static inline void check_rows(const row *rows, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        outcome o = run(rows[k].words);
        const char *text = rows[k].code == 2 ? o.err : o.out;

        if (o.code != rows[k].code || !strstr(text, rows[k].says))
            fail_msg("deconform %s\nexit %d, not %d, or no text: %s\n"
                     "stdout: %.2000s\nstderr: %.2000s",
                     rows[k].words, o.code, rows[k].code, rows[k].says, o.out,
                     o.err);
        if (rows[k].code != 2)
            assert_string_equal(o.err, "");
        else if (lines_of(o.err) != 1 || strncmp(o.err, "deconform: ", 11))
            fail_msg("deconform %s: not one line: %s", rows[k].words, o.err);
        drop_outcome(&o);
    }
}

static inline int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || !realpath(path("BIN", "./deconform"), binary) ||
        !realpath(path("PLUGINS", ".build/plugins"), plugins))
        return -1;
    return setenv("D", binary, 1) | setenv("P", plugins, 1) |
           setenv("T", folder, 1);
}

static inline int tear_down(void **state)
{
    char line[256];

    (void)state;
    snprintf(line, sizeof line, "rm -r %s", folder);
    return system(line);
}

#endif
