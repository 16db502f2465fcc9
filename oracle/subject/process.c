/* SPDX-License-Identifier: MIT
 *
 * Every wait is the same poll loop, which sends the queue, drains stderr and
 * receives, so that neither side can block the other.
 */
#include "oracle/subject/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle/subject/child.h"

/* ==== Start ============================================================== */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A pipe above the standard descriptors, so that the child's dup2 of one end
 * cannot overwrite another; both ends close on exec.  False: see errno. */
static bool open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC))
        return false;
    for (int i = 0; i < 2; i++) {
        const int old = ends[i];

        if (old > 2)
            continue;
        ends[i] = fcntl(old, F_DUPFD_CLOEXEC, 3);
        close(old);
        if (ends[i] < 0) {
            close_fd(&ends[1 - i]);
            return false;
        }
    }
    return true;
}

dc_status dc_process_start(dc_process *p, char *const argv[], dc_error *e)
{
    int ends[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    int theirs[3];
    int failed = 0;

    p->pid = 0;
    p->queued = p->first = 0;
    p->head = p->fill = 0;
    dc_printed_forget(&p->printed);
    for (int i = 0; i < 3 && !failed; i++)
        if (!open_pipe(ends[i]))
            failed = errno;
    for (int i = 0; i < 3; i++) {
        theirs[i] = ends[i][i ? 1 : 0];
        p->fd[i] = ends[i][i ? 0 : 1];
        if (p->fd[i] >= 0)
            fcntl(p->fd[i], F_SETFL, O_NONBLOCK);
    }
    if (!failed)
        failed = dc_child_start(&p->pid, argv, theirs);
    for (int i = 0; i < 3; i++) {
        close_fd(&theirs[i]);
        if (failed)
            close_fd(&p->fd[i]);
    }
    if (failed) {
        p->pid = 0;
        return dc_failed(e, "cannot start %.160s: %s", argv[0],
                         strerror(failed));
    }
    return DC_OK;
}

/* ==== The poll loop ====================================================== */

enum { PIPE_HOLDS = 65536 }; /* bytes, if nobody has asked for more */

/* Reads stderr.  False if there is nothing to read. */
static bool drain(dc_process *p)
{
    char text[PIPE_HOLDS];
    const ssize_t n = read(p->fd[2], text, sizeof text);

    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            close_fd(&p->fd[2]);
        return false;
    }
    dc_printed_take(&p->printed, text, n);
    return true;
}

/* Writes as much of the queue as the pipe accepts.  A process that has closed
 * its stdin may still answer, so the queue is dropped without an error. */
static void push(dc_process *p)
{
    dc_chunk *c = &p->queue[p->first];
    const ssize_t n = write(p->fd[0], c->data, (size_t)c->size);

    if (n < 0) {
        if (errno == EAGAIN || errno == EINTR)
            return;
        close_fd(&p->fd[0]);
        p->queued = p->first = 0;
        return;
    }
    c->data = (const char *)c->data + n;
    c->size -= n;
    while (p->first < p->queued && !p->queue[p->first].size)
        p->first++;
}

static bool pending(const dc_process *p)
{
    return p->fd[0] >= 0 && p->first < p->queued;
}

enum { TURN = 50 /* ms */ };

/* Waits until one of the pipes can move, `most` ms at most, sends from the
 * queue and drains stderr.  Returns poll's events of stdout if `listen`, else
 * those of stdin; -1 after the deadline. */
static int turn(dc_process *p, double deadline, bool listen, int most)
{
    struct pollfd f[3] = {{pending(p) ? p->fd[0] : -1, POLLOUT, 0},
                          {listen ? p->fd[1] : -1, POLLIN, 0},
                          {p->fd[2], POLLIN, 0}};
    const double left = deadline - dc_clock_now();

    if (left <= 0)
        return -1;
    if (poll(f, 3, left * 1e3 > most ? most : (int)(left * 1e3) + 1) <= 0)
        return 0;
    if (f[2].revents)
        drain(p);
    if (f[0].revents)
        push(p);
    return f[listen ? 1 : 0].revents;
}

/* Receives between 1 and `capacity` bytes into `to`.  Of a process that has
 * ended, whatever its status, only what is in the pipe already counts: what it
 * has left behind may hold its stdout open, but is killed at any moment. */
static dc_got receive(dc_process *p, double deadline, char *to,
                      int64_t capacity, int64_t *got)
{
    for (;;) {
        const bool ended = dc_child_ended(p->pid);
        const int events = turn(p, deadline, true, ended ? 0 : TURN);
        ssize_t n;

        if (events < 0)
            return DC_GOT_LATE;
        if (!events) {
            if (ended)
                return DC_GOT_END;
            continue;
        }
        n = read(p->fd[1], to, (size_t)capacity);
        if (n > 0) {
            *got = n;
            return DC_GOT;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return DC_GOT_END;
    }
}

void dc_process_send(dc_process *p, const dc_chunk *chunks, int count)
{
    p->first = p->queued = 0;
    for (int i = 0; i < count; i++)
        if (chunks[i].size)
            p->queue[p->queued++] = chunks[i];
}

dc_got dc_process_read_line(dc_process *p, double deadline, const char **line,
                            size_t *length)
{
    int64_t seen = 0;

    memmove(p->in, p->in + p->head, (size_t)(p->fill - p->head));
    p->fill -= p->head;
    p->head = 0;
    for (;;) {
        const char *end = memchr(p->in + seen, '\n', (size_t)(p->fill - seen));
        int64_t got = 0;
        dc_got what;

        if (end) {
            *line = p->in;
            *length = (size_t)(end - p->in);
            p->head = (int64_t)*length + 1;
            return DC_GOT;
        }
        if (p->fill == DC_PROCESS_LINE)
            return DC_GOT_LONG;
        seen = p->fill;
        what = receive(p, deadline, p->in + p->fill, DC_PROCESS_LINE - p->fill,
                       &got);
        if (what != DC_GOT)
            return what;
        p->fill += got;
    }
}

dc_got dc_process_read(dc_process *p, double deadline, void *to, int64_t bytes)
{
    char *at = to;

    while (bytes) {
        int64_t got = p->fill - p->head;

        if (got) {
            got = got < bytes ? got : bytes;
            if (at)
                memcpy(at, p->in + p->head, (size_t)got);
            p->head += got;
        } else {
            /* the empty line buffer takes the bytes to discard */
            const int64_t capacity =
                at || bytes < DC_PROCESS_LINE ? bytes : DC_PROCESS_LINE;
            dc_got what;

            p->head = p->fill = 0;
            what = receive(p, deadline, at ? at : p->in, capacity, &got);
            p->unread = bytes;
            if (what != DC_GOT)
                return what;
        }
        at = at ? at + got : NULL;
        bytes -= got;
    }
    return DC_GOT;
}

dc_got dc_process_flush(dc_process *p, double deadline, double pause)
{
    double until = dc_clock_now() + pause;

    while (pending(p)) {
        const int events =
            turn(p, until < deadline ? until : deadline, false, TURN);

        if (events < 0) {
            p->queued = p->first = 0;
            return DC_GOT_LATE;
        }
        if (events)
            until = dc_clock_now() + pause;
    }
    return p->fd[0] >= 0 ? DC_GOT : DC_GOT_END;
}

void dc_process_listen(dc_process *p)
{
    for (int i = 0; i < 4 && p->fd[2] >= 0 && drain(p); i++)
        ;
}

/* ==== Memory ============================================================= */

int64_t dc_process_memory(const dc_process *p)
{
    char line[128];
    int64_t sum = -1;
    long long kib;
    FILE *file;

    snprintf(line, sizeof line, "/proc/%d/smaps_rollup", (int)p->pid);
    file = p->pid ? fopen(line, "re") : NULL;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Anonymous: %lld kB", &kib) == 1 ||
            sscanf(line, "Swap: %lld kB", &kib) == 1)
            sum = (sum < 0 ? 0 : sum) + 1024 * kib;
    if (file)
        fclose(file);
    return sum;
}

/* ==== End ================================================================ */

dc_exit dc_process_end(dc_process *p, double grace)
{
    const double until = dc_clock_now() + grace;
    dc_exit how = {.killed = true};
    int status = 0;

    if (!p->pid)
        return how;
    p->queued = p->first = 0;
    close_fd(&p->fd[0]);
    /* stderr usually closes when the process ends; a grandchild may hold it
     * open, so each wait is at most 2 ms */
    while ((how.killed = !dc_child_ended(p->pid)) && dc_clock_now() < until) {
        struct pollfd f[2] = {{p->fd[1], POLLIN, 0}, {p->fd[2], POLLIN, 0}};

        if (poll(f, 2, 2) > 0) {
            if (f[0].revents && read(p->fd[1], p->in, sizeof p->in) == 0)
                close_fd(&p->fd[1]);
            if (f[1].revents)
                drain(p);
        }
    }
    how.killed |= !dc_child_end(p->pid, &status);
    /* a process that left the group may go on writing */
    dc_process_listen(p);
    for (int i = 0; i < 3; i++)
        close_fd(&p->fd[i]);
    p->pid = 0;
    if (!how.killed && WIFSIGNALED(status))
        how.signal = WTERMSIG(status);
    else if (!how.killed)
        how.code = WEXITSTATUS(status);
    return how;
}

void dc_process_describe_exit(dc_exit how, char text[DC_PROCESS_TEXT])
{
    static const struct {
        int signal;
        const char *name;
    } names[] = {
        {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
        {SIGILL, "SIGILL"},   {SIGABRT, "SIGABRT"}, {SIGKILL, "SIGKILL"},
        {SIGTERM, "SIGTERM"}, {SIGPIPE, "SIGPIPE"}, {SIGINT, "SIGINT"},
        {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"},   {SIGXCPU, "SIGXCPU"}};

    if (how.killed)
        snprintf(text, DC_PROCESS_TEXT, "closed its stdout without an answer");
    else if (how.signal)
        snprintf(text, DC_PROCESS_TEXT, "died by signal %d", how.signal);
    else
        snprintf(text, DC_PROCESS_TEXT, "exited with status %d", how.code);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].signal == how.signal)
            snprintf(text, DC_PROCESS_TEXT, "died by %s", names[i].name);
}
