/* SPDX-License-Identifier: MIT
 *
 * For tests that run implementations: opens and calls them, and checks that no
 * process and no descriptor is left behind.
 */
#ifndef TESTS_SUBJECT_H
#define TESTS_SUBJECT_H

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "oracle/subject/endpoint.h"
#include "tests/support/parse.h"

/* The plug-in that misbehaves as DC_TEST_MODE says. */
#define BAD "misbehave"

#define PIPE "pipe:exec tests/pipes/answer.py"

enum { PATIENT = 20 }; /* seconds: this machine may be busy */

/* An environment variable, or its default. */
static inline const char *path(const char *variable, const char *otherwise)
{
    const char *set = getenv(variable);

    return set && *set ? set : otherwise;
}

/* The path of a plug-in that the tests built. */
static inline const char *plugin(char text[4096], const char *name)
{
    const char *dir = path("PLUGINS", ".build/plugins");

    snprintf(text, 4096, "%s%s/%s.so", strchr(dir, '/') ? "" : "./", dir, name);
    return text;
}

/* Sets how the plug-in BAD misbehaves. */
static inline void mode(const char *name)
{
    assert_int_equal(setenv("DC_TEST_MODE", name, 1), 0);
}

/* ==== Calls ============================================================= */

/* A case with inputs of zeros and two buffers for the result. */

typedef struct {
    dc_case c;
    void *tensors[DC_TENSORS];
    void *result[2];
} material;

static inline material make(const char *spec)
{
    material m = {.tensors = {NULL}};

    m.c = parse(spec);
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

static inline void drop(material *m)
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(m->tensors[t]);
    free(m->result[1]);
}

/* x [1,2,3], w [2,2,3], y [1,2,5] */
#define SMALL "ci2_co2_i3_k3_b1"
/* x 16 MiB, y 16 MiB: more than any pipe buffers */
#define BIG "ci64_co64_i65536_k1_b1"

/* An implementation, hosted by the binary under test. */
static inline dc_subject subject_of(const char *what, double timeout)
{
    return (dc_subject){what, path("BIN", "./deconform"), timeout};
}

static inline dc_status open_as(dc_endpoint **end, const char *what,
                                double timeout, dc_error *e)
{
    const dc_subject subject = subject_of(what, timeout);

    return dc_endpoint_open(end, &subject, e);
}

static inline dc_endpoint *must_open(const char *what, double timeout)
{
    dc_endpoint *end = NULL;
    dc_error e = {.text = ""};

    if (open_as(&end, what, timeout, &e) != DC_OK)
        fail_msg("%s: %s", what, e.text);
    return end;
}

static inline dc_answer ask_op(dc_endpoint *end, material *m, dc_op op)
{
    dc_answer answer;
    dc_error e = {.text = ""};

    if (dc_endpoint_call(end, &m->c, op, (const void *const *)m->tensors,
                         m->result, &answer, &e) != DC_OK)
        fail_msg("harness: %s", e.text);
    return answer;
}

static inline dc_answer ask(dc_endpoint *end, material *m)
{
    return ask_op(end, m, DC_FORWARD);
}

/* ==== Nothing is left behind ============================================= */

static inline int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

/* Fails if a child is left that does not end.  Needs reap_orphans(), by which
 * children of children count as well. */
static inline void no_child(const char *after)
{
    for (int i = 0; i < 2000; i++) { /* 20 seconds, for slow machines */
        const pid_t pid = waitpid(-1, NULL, WNOHANG);

        if (pid < 0 && errno == ECHILD)
            return;
        if (pid == 0)
            usleep(10000);
    }
    fail_msg("%s left a process behind", after);
}

/* Makes this process the parent of orphaned descendants. */
static inline void reap_orphans(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

#endif
