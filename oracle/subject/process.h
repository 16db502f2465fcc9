/* SPDX-License-Identifier: MIT
 *
 * A child process on three pipes: sends and receives any amount without a
 * deadlock, never waits beyond a deadline, reports how the process ended, and
 * leaves nothing of it behind.
 */
#ifndef DC_PROCESS_H
#define DC_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "ref/problem.h"
#include "oracle/base/clock.h" /* deadlines are moments of dc_clock_now() */
#include "oracle/subject/printed.h"

enum { DC_PROCESS_LINE = 65536 /* longest header, its newline included */ };

/* Bytes to send; borrowed until they are sent or dropped. */
typedef struct {
    const void *data;
    int64_t size;
} dc_chunk;

enum { DC_PROCESS_CHUNKS = 4 };

typedef struct {
    pid_t pid; /* also its session; 0: no process */
    int fd[3]; /* its stdin, stdout, stderr; -1: closed */
    dc_chunk queue[DC_PROCESS_CHUNKS];
    int queued;               /* chunks in the queue */
    int first;                /* the chunk that is being sent */
    char in[DC_PROCESS_LINE]; /* received bytes: in[head..fill) are unread */
    int64_t head, fill;
    dc_printed printed; /* on its stderr */
    int64_t unread;     /* by the last dc_process_read */
} dc_process;

/* Result of a wait. */
typedef enum {
    DC_GOT,      /* everything arrived */
    DC_GOT_END,  /* the process closed its end first */
    DC_GOT_LATE, /* the deadline passed */
    DC_GOT_LONG  /* no newline within DC_PROCESS_LINE bytes */
} dc_got;

/* How a process ended. */
typedef struct {
    bool killed; /* by us, because it did not end in time */
    int signal;  /* that ended it, or 0 */
    int code;    /* of its exit(), if it was neither killed nor signalled */
} dc_exit;

/* Starts argv (argv[0] is a path) as dc_child_start does: it inherits nothing
 * but its three pipes, and the calling thread must outlive it.  Its own exit
 * ends it, even if a child of its own would go on with its pipes.  Every
 * descriptor on our side closes on exec, and SIGPIPE is ignored from now on if
 * its disposition was the default.  DC_FAILED if it cannot start. */
dc_status dc_process_start(dc_process *p, char *const argv[], dc_error *e);

/* Replaces the queue by at most DC_PROCESS_CHUNKS chunks, which are sent
 * during the waits that follow. */
void dc_process_send(dc_process *p, const dc_chunk *chunks, int count);

/* Receives one line; *line (length bytes, without the newline) is valid until
 * the next receive. */
dc_got dc_process_read_line(dc_process *p, double deadline, const char **line,
                            size_t *length);

/* Receives exactly `bytes` bytes; `to` NULL discards them.  Without DC_GOT,
 * p->unread is how many did not come. */
dc_got dc_process_read(dc_process *p, double deadline, void *to, int64_t bytes);

/* Waits until the queue is sent.  Gives up with DC_GOT_LATE if the process
 * reads nothing for `pause` seconds, and with DC_GOT_END if it has closed its
 * stdin; the rest of the queue is dropped. */
dc_got dc_process_flush(dc_process *p, double deadline, double pause);

/* Takes what is on its stderr now; as it may go on writing, at most a few times
 * what a pipe holds. */
void dc_process_listen(dc_process *p);

/* Its memory that no file backs and no other process shares, in bytes; -1 if
 * the system does not say. */
int64_t dc_process_memory(const dc_process *p);

/* Closes its stdin, waits at most `grace` seconds for the process to end by
 * itself, kills it and what it has started, and reaps it (dc_child_end). */
dc_exit dc_process_end(dc_process *p, double grace);

enum { DC_PROCESS_TEXT = 48 };

/* "died by SIGSEGV", "exited with status 3", or, if it was killed by us,
 * "closed its stdout without an answer". */
void dc_process_describe_exit(dc_exit how, char text[DC_PROCESS_TEXT]);

#endif
