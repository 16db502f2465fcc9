/* SPDX-License-Identifier: MIT
 *
 * The host: one loop over requests, a signal handler that reports where a fatal
 * access was, and a thread that ends the process when the judge is gone.
 */
#include "oracle/subject/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "oracle/subject/guard.h"
#include "oracle/subject/plugin.h"
#include "oracle/subject/reply.h"
#include "oracle/subject/surroundings.h"
#include "oracle/subject/wire.h"

typedef struct {
    FILE *in;
    FILE *out;
    int fd; /* of in */
    const dc_impl *impl;
    dc_guard *guard;
    void *tensors[3]; /* inputs of the current call, reused by the next */
    void *result[2];
    dc_surroundings around; /* before the first call */
    bool called;            /* a request has been served */
} server;

/* Sends what the plug-in has printed so far, unless it is printing. */
static void flush_printed(void)
{
    if (ftrylockfile(stdout))
        return;
    fflush(stdout);
    funlockfile(stdout);
}

/* ==== The reply of a process that dies in a call ========================= */

/* A signal handler takes no context, so these three are file-scope. */
static const dc_guard *volatile last_guard; /* NULL: between two calls */
static volatile int64_t last_id;
static volatile int last_fd;

/* LCOV_EXCL_START: a process that dies here writes no counters. */

static char *put(char *to, const char *text)
{
    while (*text)
        *to++ = *text++;
    return to;
}

static char *put_number(char *to, int64_t number)
{
    int64_t digit = 1;

    while (digit <= number / 10)
        digit *= 10;
    for (; digit; digit /= 10)
        *to++ = (char)('0' + number / digit % 10);
    return to;
}

/* Appends where the fatal access was.  False if that is not known. */
static bool describe(int signal, const siginfo_t *info, char **at)
{
    dc_stray place;
    const char *reason;

    if (!last_guard || (signal != SIGSEGV && signal != SIGBUS))
        return false;
    place = dc_guard_where(last_guard, info->si_addr);
    if (place.side) {
        *at = put(*at, ",\"tensor\":\"");
        *at = put(*at, dc_reply_tensor(place.tensor));
        *at = put(*at, "\",\"side\":\"");
        *at = put(*at, dc_reply_sides[place.side]);
        *at = put(*at, "\",\"bytes\":");
        *at = put_number(*at, place.bytes);
        return true;
    }
    if (info->si_code == SI_KERNEL)
        reason = "misaligned, or at no possible address";
    else if (info->si_code > 0 && (uintptr_t)info->si_addr < 65536)
        reason = "close to NULL";
    else
        return false;
    *at = put(*at, ",\"reason\":\"access ");
    *at = put(*at, reason);
    *at = put(*at, "\"");
    return true;
}

/* Appends that it was not the only thread, or only the second one.  False if
 * the first thread was alone. */
static bool describe_overlap(char **at)
{
    const dc_overlap overlap = dc_guard_overlap(last_guard);

    if (!overlap.kind)
        return false;
    *at = put(*at, ",\"overlap\":{\"kind\":\"");
    *at = put(*at, dc_reply_overlaps[overlap.kind]);
    *at = put(*at, "\",\"related\":");
    *at = put_number(*at, overlap.related);
    *at = put(*at, "}");
    return true;
}

/* Replies with what is known of the access, then dies by the same signal. */
static void on_fatal(int signal, siginfo_t *info, void *context)
{
    char line[256];
    char *at = put(line, "{\"id\":");
    bool known;

    (void)context;
    at = put_number(at, last_id);
    at = put(at, ",\"status\":\"died\"");
    known = describe(signal, info, &at);
    if (describe_overlap(&at) || known) {
        at = put(at, "}\n");
        (void)!write(last_fd, line, (size_t)(at - line));
    }
    flush_printed(); /* may fail in a handler; but the reply is sent */
    raise(signal);   /* SA_RESETHAND restored its default */
}

/* LCOV_EXCL_STOP */

/* The handler has a stack of its own, because the call may have used up the
 * normal one. */
static bool catch_fatal(void)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    static char stack[65536];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = on_fatal,
                               .sa_flags =
                                   SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND};

    if (sigaltstack(&alternate, NULL))
        return false;
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (sigaction(fatal[i], &action, NULL))
            return false;
    return true;
}

/* ==== The watch ========================================================== */

/* Ends the process with its group. */
_Noreturn static void leave(void)
{
    /* LCOV_EXCL_START: a process that is killed writes no counters. */
    if (getpgrp() == getpid())
        kill(0, SIGKILL);
    _exit(2);
    /* LCOV_EXCL_STOP */
}

static volatile pid_t parent; /* the process that started us */

static void on_continue(int signal)
{
    (void)signal;
    if (getppid() != parent)
        leave();
}

/* The death of the judge, or of its thread that started us, sends SIGCONT.
 * SIGKILL would spare the rest of our group, and anything else would not reach
 * a process that a call has stopped. */
static void follow_parent(void)
{
    const struct sigaction action = {.sa_handler = on_continue,
                                     .sa_flags = SA_RESTART};

    parent = getppid();
    sigaction(SIGCONT, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGCONT);
}

enum { WATCH = 100 /* ms */ };

/* Ends the process and its group a second after the judge has closed its end
 * of the pipe, in case a call never returns.  What such a call has printed is
 * sent meanwhile. */
static void *watch(void *fd)
{
    struct pollfd gone = {(int)(intptr_t)fd, 0, 0};

    while (poll(&gone, 1, WATCH) <= 0)
        flush_printed();
    sleep(1);
    leave();
}

static bool start_watch(int fd)
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
    return !failed;
}

/* ==== Serving ============================================================ */

/* Sends and frees a line, then sends the results.  made: of the line. */
static bool reply(server *s, dc_status made, char *line, size_t bytes, int runs)
{
    bool sent = made == DC_OK && fputs(line, s->out) >= 0;

    for (int r = 0; sent && r < runs; r++)
        sent = fwrite(s->result[r], 1, bytes, s->out) == bytes;
    free(line);
    return sent && !fflush(s->out);
}

/* Replaces a buffer by one of `bytes` bytes; NULL if there is no memory. */
static void *allocate(void **buffer, size_t bytes)
{
    free(*buffer);
    return *buffer = malloc(bytes + 1);
}

/* Reads the tensors of a call, discarding those that there is no memory for
 * (DC_NOMEM).  DC_FAILED if the input ends early. */
static dc_status read_tensors(server *s, const dc_request *request,
                              const void *tensors[DC_TENSORS])
{
    const dc_op_info *info = &dc_ops[request->op];
    dc_status status = DC_OK;

    for (int a = 0; a < info->takes; a++) {
        const dc_tensor t = info->in[a];
        const size_t bytes = dc_problem_bytes(&request->p, t);

        if (!dc_op_takes(&request->p, request->op, t))
            continue;
        tensors[t] = allocate(&s->tensors[a], bytes);
        if (!tensors[t]) {
            status = DC_NOMEM;
            for (size_t n = 0; n < bytes && getc_unlocked(s->in) != EOF; n++)
                ;
        } else if (fread(s->tensors[a], 1, bytes, s->in) != bytes) {
            return DC_FAILED;
        }
    }
    return status;
}

static dc_status serve_kind(server *s, dc_request_kind kind,
                            const dc_guard_request *call, dc_answer *answer,
                            dc_error *e)
{
    switch (kind) {
    case DC_REQUEST_CALL:
        return dc_guard_call(s->guard, call, s->result, answer, e);
    case DC_REQUEST_REFUSE:
        return dc_guard_refuse(s->guard, call, answer, e);
    case DC_REQUEST_LARGE:
        return dc_guard_large(s->guard, call, s->result[0], answer, e);
    default:
        dc_guard_settle(s->guard, answer);
        return DC_OK;
    }
}

/* Serves a request other than hello.  False if the connection is lost. */
static bool serve_call(server *s, const dc_request *request)
{
    const void *tensors[DC_TENSORS] = {NULL};
    const dc_guard_request call = {s->impl, &request->p, request->op,
                                   tensors, &s->around,  request->reentrant};
    const size_t bytes =
        request->kind == DC_REQUEST_CALL || request->kind == DC_REQUEST_LARGE
            ? dc_problem_bytes(&request->p, dc_ops[request->op].out)
            : 0;
    dc_answer answer = dc_endpoint_blank();
    dc_error e = {.text = "the host ran out of memory"};
    dc_status status = DC_OK;
    bool spoilt;
    char *line;

    if (request->kind == DC_REQUEST_CALL)
        status = read_tensors(s, request, tensors);
    if (status == DC_FAILED)
        return false;
    if (!allocate(&s->result[0], bytes) ||
        (request->kind == DC_REQUEST_CALL && !allocate(&s->result[1], bytes)))
        status = DC_NOMEM;
    if (status == DC_OK) {
        last_id = request->id;
        last_guard = s->guard;
        status = serve_kind(s, request->kind, &call, &answer, &e);
        last_guard = NULL;
    }
    flush_printed();
    /* a host that was called before, or is starved, is not as we made it */
    answer.left |= dc_surroundings_restore(&s->around);
    spoilt = s->called || answer.left & 1U << DC_LEFT_LIMITS;
    s->called = true;
    status = dc_reply_write(&line, request, &answer,
                            status == DC_OK ? NULL : &e, spoilt);
    return reply(s, status, line, bytes, answer.runs);
}

/* Serves requests until the input ends.  unloaded: why there is no
 * implementation, or NULL.  False after a failure. */
static bool serve(server *s, const dc_error *unloaded)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    bool ok = true;

    while (ok && (length = getline(&text, &size, s->in)) > 0) {
        dc_request request;
        dc_error e;
        char *line;

        if (dc_wire_read(text, (size_t)length, &request, &e) != DC_OK) {
            fprintf(stderr, "deconform host: %s\n", e.text);
            ok = false;
        } else if (request.kind == DC_REQUEST_HELLO) {
            const dc_status made =
                dc_reply_write_hello(&line, request.id, s->impl, unloaded);

            ok = reply(s, made, line, 0, 0);
        } else {
            ok = !unloaded && serve_call(s, &request);
        }
    }
    free(text);
    return ok;
}

/* A signal handler that the plug-in has installed, for a timer or a child, may
 * interrupt us between two calls. */
static ssize_t read_on(void *fd, char *to, size_t size)
{
    ssize_t n;

    do
        n = read((int)(intptr_t)fd, to, size);
    while (n < 0 && errno == EINTR);
    return n;
}

static ssize_t write_on(void *fd, const char *from, size_t size)
{
    size_t done = 0;

    /* fopencookie takes a short write for an error */
    while (done < size) {
        const ssize_t n = write((int)(intptr_t)fd, from + done, size - done);

        if (n < 0 && errno != EINTR)
            return 0;
        done += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)done;
}

static FILE *open_stream(int fd, const char *mode)
{
    const cookie_io_functions_t functions = {.read = read_on,
                                             .write = write_on};

    return fopencookie((void *)(intptr_t)fd, mode, functions);
}

/* Moves the protocol's streams away from stdin and stdout, so that a plug-in
 * that prints cannot break the protocol: its output goes to stderr. */
static bool open_streams(server *s)
{
    const int in = fcntl(0, F_DUPFD_CLOEXEC, 3);
    const int out = fcntl(1, F_DUPFD_CLOEXEC, 3);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (in < 0 || out < 0 || null < 0 || dup2(null, 0) < 0 || dup2(2, 1) < 0)
        return false;
    close(null);
    s->in = open_stream(in, "rb");
    s->out = open_stream(out, "wb");
    s->fd = in;
    last_fd = out;
    return s->in && s->out;
}

int dc_host_main(const char *what)
{
    const struct rlimit no_core = {0, 0};
    server s = {0};
    dc_error e = {.text = ""};
    dc_status status;
    bool ok;

    setrlimit(RLIMIT_CORE, &no_core);
    follow_parent();
    /* threads that spin while they wait would starve the other workers */
    setenv("OMP_WAIT_POLICY", "passive", 0);
    if (!open_streams(&s) || !catch_fatal()) {
        fprintf(stderr, "deconform host: no streams\n");
        return 2;
    }
    if (!dc_surroundings_take(&s.around)) {
        fprintf(stderr, "deconform host: no working directory\n");
        return 2;
    }
    if (!start_watch(s.fd) || dc_guard_open(&s.guard, &e) != DC_OK) {
        fprintf(stderr, "deconform host: no thread or no memory\n");
        return 2;
    }
    status = dc_plugin_load(what, &s.impl, &e);
    if (!dc_surroundings_retake(&s.around) && status == DC_OK)
        status = dc_failed(&e, "it has no working directory once loaded");
    ok = serve(&s, status == DC_OK ? NULL : &e);
    dc_guard_close(s.guard);
    for (int i = 0; i < 3; i++)
        free(s.tensors[i]);
    for (int i = 0; i < 2; i++)
        free(s.result[i]);
    fclose(s.out);
    fclose(s.in);
    return ok ? 0 : 2;
}
