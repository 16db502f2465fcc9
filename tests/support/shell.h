/* SPDX-License-Identifier: MIT
 *
 * For tests of shell commands: runs them in a temporary directory of their own.
 */
#ifndef TESTS_SHELL_H
#define TESTS_SHELL_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    char home[64];    /* $H: the directory of the test */
    char said[65536]; /* stdout and stderr of the last command */
} shell;

/* Makes the directory; commands see it as $H, the binary as $BIN. */
static inline int shell_open(shell *s)
{
    const char *bin = getenv("BIN");
    char whole[PATH_MAX];

    snprintf(s->home, sizeof s->home, "/tmp/dc-test-XXXXXX");
    return mkdtemp(s->home) && realpath(bin ? bin : "./deconform", whole) &&
                   setenv("BIN", whole, 1) == 0 && setenv("H", s->home, 1) == 0
               ? 0
               : -1;
}

/* Runs a command of sh; returns its exit status, 128 + N for a signal. */
static inline int shell_run(shell *s, const char *command)
{
    char whole[4096];
    size_t size;
    FILE *from;
    int status;

    snprintf(whole, sizeof whole, "{ %s\n} 2>&1", command);
    from = popen(whole, "r");
    if (!from)
        return -1;
    size = fread(s->said, 1, sizeof s->said - 1, from);
    s->said[size] = 0;
    while (fread(whole, 1, sizeof whole, from) > 0)
        ;
    status = pclose(from);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline void shell_close(shell *s)
{
    shell_run(s, "rm -rf \"$H\"");
}

#endif
