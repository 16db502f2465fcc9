/* SPDX-License-Identifier: MIT
 *
 * The host: one loop over requests, a handler that tells where a fatal access
 * was, and a watch that ends a stray call when the judge is gone.
 */
#include "oracle/subject/host.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ref/format.h"
#include "oracle/subject/guard.h"
#include "oracle/subject/large_call.h"
#include "oracle/subject/plugin.h"
#include "oracle/subject/process.h"
#include "oracle/subject/reply.h"
#include "oracle/subject/wire.h"

/* Everything that serving needs. */
typedef struct {
    FILE *in;
    FILE *out;
    const dc_impl *impl;
    dc_guard *guard;
    void *tensors[3]; /* inputs of the call under way, reused */
    void *result[2];
} server;

/* ==== The last words of a process that dies in a call ==================== */

/* A signal handler has no argument of ours: these are the one place where the
 * project keeps mutable state outside a call. */
static const dc_guard *volatile last_guard; /* NULL: no call is under way */
static volatile int64_t last_id;
static volatile int last_fd;

/* LCOV_EXCL_START: a process that dies here writes no counters. */

static char *put(char *to, const char *text)
{
    while (*text)
        *to++ = *text++;
    return to;
}

/* What kind of access it was, where that can be told. */
static bool describe(int signal, const siginfo_t *info, dc_guard_place *place)
{
    if (!last_guard || (signal != SIGSEGV && signal != SIGBUS))
        return false;
    if (dc_guard_where(last_guard, info->si_addr, place))
        return true;
    if (info->si_code == SI_KERNEL)
        *put(place->text, "misaligned, or at no possible address") = 0;
    else if (info->si_code > 0 && (uintptr_t)info->si_addr < 65536)
        *put(place->text, "close to NULL") = 0;
    else
        return false;
    return true;
}

/* Writes an answer that says where, and dies by the same signal. */
static void on_fatal(int signal, siginfo_t *info, void *context)
{
    dc_guard_place place = {.tensor = DC_TENSORS, .side = DC_SIDE_NONE};
    char line[sizeof place.text + 144];
    char *at = line;
    int64_t digit = 1;

    (void)context;
    if (describe(signal, info, &place)) {
        at = put(at, "{\"id\":");
        while (digit <= last_id / 10)
            digit *= 10;
        for (; digit; digit /= 10)
            *at++ = (char)('0' + last_id / digit % 10);
        at = put(at, ",\"status\":\"died\",\"reason\":\"access ");
        at = put(at, place.text);
        if (place.tensor != DC_TENSORS) {
            at = put(at, "\",\"tensor\":\"");
            at = put(at, dc_tensor_names[place.tensor]);
            at = put(at, "\",\"side\":\"");
            at = put(at, dc_reply_sides[place.side]);
        }
        at = put(at, "\"}\n");
        (void)!write(last_fd, line, (size_t)(at - line));
    }
    raise(signal); /* its disposition is the default again */
}

/* LCOV_EXCL_STOP */

/* Handlers on a stack of their own: a call may have used up the other. */
static int catch_fatal(void)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    static char stack[65536];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = on_fatal,
                               .sa_flags =
                                   SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND};

    if (sigaltstack(&alternate, NULL))
        return -1;
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (sigaction(fatal[i], &action, NULL))
            return -1;
    return 0;
}

/* ==== The watch ========================================================== */

/* Ends the process a second after the judge has closed the requests, in case
 * that a call never returns.  (PR_SET_PDEATHSIG would follow the thread that
 * started us, not the judge.) */
static void *watch(void *fd)
{
    struct pollfd gone = {(int)(intptr_t)fd, 0, 0};

    while (poll(&gone, 1, -1) <= 0)
        ;
    sleep(1);
    /* LCOV_EXCL_START: a process that is killed writes no counters. */
    if (getpgrp() == getpid())
        kill(0, SIGKILL);
    _exit(2);
    /* LCOV_EXCL_STOP */
}

static int start_watch(int fd)
{
    pthread_t thread;
    sigset_t all;
    sigset_t old;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    failed = pthread_create(&thread, NULL, watch, (void *)(intptr_t)fd);
    if (!failed)
        pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return failed ? -1 : 0;
}

/* ==== Serving ============================================================ */

/* Sends a line and then the results. */
static int reply(server *s, dc_status made, char *line, size_t bytes, int runs)
{
    int sent = made == DC_OK && fputs(line, s->out) >= 0;

    for (int r = 0; sent && r < runs; r++)
        sent = fwrite(s->result[r], 1, bytes, s->out) == bytes;
    free(line);
    return sent && !fflush(s->out) ? 0 : -1;
}

/* Room for `bytes`, whatever was there before. */
static void *room(void **at, size_t bytes)
{
    free(*at);
    return *at = malloc(bytes + 1);
}

/* Reads the tensors of a call; consumes them even without memory for them. */
static dc_status take(server *s, const dc_request *asked,
                      const void *tensors[DC_TENSORS])
{
    const dc_op_info *info = &dc_ops[asked->op];
    const int64_t size = dc_formats[asked->p.dtype].size;
    const size_t out = (size_t)(dc_problem_count(&asked->p, info->out) * size);
    dc_status status = DC_OK;

    for (int a = 0; a < info->takes; a++) {
        const dc_tensor t = info->in[a];
        size_t bytes;

        if (!dc_op_takes(&asked->p, asked->op, t))
            continue;
        bytes = (size_t)(dc_problem_count(&asked->p, t) * size);
        tensors[t] = room(&s->tensors[a], bytes);
        if (!tensors[t]) {
            status = DC_NOMEM;
            for (size_t n = 0; n < bytes && getc_unlocked(s->in) != EOF; n++)
                ;
        } else if (fread(s->tensors[a], 1, bytes, s->in) != bytes) {
            return DC_FAILED;
        }
    }
    if (!room(&s->result[0], out) || !room(&s->result[1], out))
        status = DC_NOMEM;
    return status;
}

static int serve_call(server *s, const dc_request *asked)
{
    const void *tensors[DC_TENSORS] = {NULL};
    const size_t bytes =
        (size_t)(dc_problem_count(&asked->p, dc_ops[asked->op].out) *
                 dc_formats[asked->p.dtype].size);
    dc_answer answer = dc_endpoint_blank();
    dc_error e = {.text = "the host ran out of memory"};
    dc_status status = take(s, asked, tensors);
    char *line;

    if (status == DC_FAILED)
        return -1;
    if (status == DC_OK) {
        last_id = asked->id;
        last_guard = s->guard;
        status = dc_guard_call(s->guard, s->impl, &asked->p, asked->op, tensors,
                               s->result, &answer, &e);
        last_guard = NULL;
    }
    status =
        dc_reply_answer(&line, asked, &answer, status == DC_OK ? NULL : &e);
    return reply(s, status, line, bytes, answer.runs);
}

/* A problem to be refused, or tensors that are made here. */
static int serve_raw(server *s, const dc_request *asked)
{
    const size_t bytes =
        asked->refuse
            ? 0
            : (size_t)(dc_problem_count(&asked->p, dc_ops[asked->op].out) *
                       dc_formats[asked->p.dtype].size);
    dc_answer answer = dc_endpoint_blank();
    dc_error e = {.text = "the host ran out of memory"};
    dc_status status = room(&s->result[0], bytes) ? DC_OK : DC_NOMEM;
    char *line;

    last_id = asked->id;
    last_guard = s->guard;
    if (status == DC_OK)
        status = asked->refuse ? dc_guard_refuse(s->guard, s->impl, &asked->p,
                                                 asked->op, &answer, &e)
                               : dc_large_call(s->impl, &asked->p, asked->op,
                                               s->result[0], &answer, &e);
    last_guard = NULL;
    status =
        dc_reply_answer(&line, asked, &answer, status == DC_OK ? NULL : &e);
    return reply(s, status, line, bytes, answer.runs);
}

/* Answers requests until the input ends.  loaded: why there is no
 * implementation, or NULL. */
static int serve(server *s, const dc_error *loaded)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    int failed = 0;

    while (!failed && (length = getline(&text, &size, s->in)) > 0) {
        dc_request asked;
        dc_error e;
        char *line;

        if (dc_wire_asked(text, (size_t)length, &asked, &e) != DC_OK) {
            fprintf(stderr, "deconform host: %s\n", e.text);
            failed = 1;
        } else if (asked.hello) {
            const dc_status made =
                dc_reply_hello(&line, asked.id, s->impl, loaded);

            failed = reply(s, made, line, 0, 0);
        } else {
            failed = loaded                        ? 1
                     : asked.refuse || asked.large ? serve_raw(s, &asked)
                                                   : serve_call(s, &asked);
        }
    }
    free(text);
    return failed ? 2 : 0;
}

/* Takes the streams away from stdin and stdout, so that a plug-in that prints
 * cannot break the protocol: its prints go to stderr. */
static int open_streams(server *s)
{
    const int in = fcntl(0, F_DUPFD_CLOEXEC, 3);
    const int out = fcntl(1, F_DUPFD_CLOEXEC, 3);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (in < 0 || out < 0 || null < 0 || dup2(null, 0) < 0 || dup2(2, 1) < 0)
        return -1;
    close(null);
    s->in = fdopen(in, "rb");
    s->out = fdopen(out, "wb");
    last_fd = out;
    return s->in && s->out ? 0 : -1;
}

int dc_host_main(const char *what)
{
    const struct rlimit no_core = {0, 0};
    server s = {0};
    dc_error e = {.text = ""};
    dc_status status;
    int rc;

    setrlimit(RLIMIT_CORE, &no_core);
    /* threads that wait by spinning would starve the other workers */
    setenv("OMP_WAIT_POLICY", "passive", 0);
    if (open_streams(&s) || catch_fatal()) {
        fprintf(stderr, "deconform host: no streams\n");
        return 2;
    }
    if (start_watch(fileno(s.in)) || dc_guard_open(&s.guard, &e) != DC_OK) {
        fprintf(stderr, "deconform host: no thread or no memory\n");
        return 2;
    }
    status = dc_plugin_load(what, &s.impl, &e);
    rc = serve(&s, status == DC_OK ? NULL : &e);
    dc_guard_close(s.guard);
    for (int i = 0; i < 3; i++)
        free(s.tensors[i]);
    for (int i = 0; i < 2; i++)
        free(s.result[i]);
    fclose(s.out);
    fclose(s.in);
    return rc;
}
