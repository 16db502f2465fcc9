/* SPDX-License-Identifier: MIT
 *
 * A child process that is talked to through three pipes at once: how does one
 * send and receive any amount without a deadlock, never wait longer than a
 * deadline, learn how it died, and leave nothing of it behind?
 */
#ifndef DC_PROCESS_H
#define DC_PROCESS_H

#include <sys/types.h>

#include "ref/problem.h"
#include "oracle/base/clock.h" /* deadlines are moments of dc_clock_now() */

enum {
    DC_PROCESS_LINE = 65536, /* longest header, its newline included */
    DC_PROCESS_TAIL = 4096   /* last bytes of stderr that are kept */
};

/* Bytes to be sent; borrowed until they are sent or dropped. */
typedef struct {
    const void *data;
    int64_t size;
} dc_chunk;

enum { DC_PROCESS_CHUNKS = 4 };

typedef struct {
    pid_t pid; /* also its process group; 0: no process */
    int fd[3]; /* its stdin, stdout, stderr; -1: closed */
    dc_chunk queue[DC_PROCESS_CHUNKS];
    int queued;               /* chunks of the queue */
    int first;                /* the chunk under way */
    char in[DC_PROCESS_LINE]; /* received and not yet handed out */
    int64_t head, fill;
    char tail[DC_PROCESS_TAIL];
    int64_t tail_fill;
} dc_process;

/* What came of waiting. */
typedef enum {
    DC_GOT,     /* what was asked for */
    DC_GOT_END, /* the process closed its stdout before */
    DC_GOT_LATE,
    DC_GOT_LONG /* no newline within DC_PROCESS_LINE bytes */
} dc_got;

/* Starts argv (argv[0] is a path) in a process group of its own.  Every
 * descriptor on our side closes on exec.  DC_FAILED when it cannot start. */
dc_status dc_process_start(dc_process *p, char *const argv[], dc_error *e);

/* Queues at most DC_PROCESS_CHUNKS chunks: sent while answers are awaited. */
void dc_process_send(dc_process *p, const dc_chunk *chunks, int count);

/* Receives one line; *line (length bytes, newline left out) is valid until
 * the next receive. */
dc_got dc_process_line(dc_process *p, double deadline, const char **line,
                       size_t *length);

/* Receives exactly `bytes` bytes; `to` NULL discards them. */
dc_got dc_process_bytes(dc_process *p, double deadline, void *to,
                        int64_t bytes);

/* Waits until everything queued is sent, as long as no two pieces are more
 * than `pause` seconds apart.  DC_GOT_LATE when it is not read, DC_GOT_END
 * when the process no longer listens; the rest of the queue is dropped. */
dc_got dc_process_flush(dc_process *p, double deadline, double pause);

/* Closes its stdin, waits up to `patience` seconds for it to end by itself,
 * kills what is left of its group, and reaps it.  *status (may be NULL) is
 * waitpid's; *own (may be NULL) is 1 when it ended by itself. */
void dc_process_end(dc_process *p, double patience, int *status, int *own);

enum { DC_PROCESS_TEXT = 48 };

/* "died by SIGSEGV", "exited with status 3": waitpid's status in words. */
void dc_process_describe_exit(int status, char text[DC_PROCESS_TEXT]);

/* The last line of its stderr that is not blank, as plain ASCII; "" when it
 * said nothing. */
void dc_process_stderr_tail(const dc_process *p, char *text, size_t size);

/* Copies a text of any origin as one line of printable ASCII. */
void dc_process_plain(char *to, size_t size, const char *from, size_t length);

#endif
