/* SPDX-License-Identifier: MIT
 *
 * Calls the implementation under judgement in a process of its own: `deconform
 * host WHAT` for shared objects and built-in ones, the author's command for
 * pipes.  Both speak the pipe protocol, so that crashes and hangs are verdicts
 * and the judge's memory is out of reach.
 */
#ifndef DC_ENDPOINT_H
#define DC_ENDPOINT_H

#include <stdbool.h>
#include <stdio.h>

#include "oracle/base/check.h"
#include "ref/case.h"

/* The implementation that --impl names. */
typedef struct {
    const char *what; /* as typed: fast, onednn, ./lib.so, pipe:COMMAND */
    const char *self; /* path of our own binary, for `host`; NULL: itself */
    double timeout;   /* seconds per call; hello may take three times as long */
} dc_subject;

/* How a call ended. */
typedef enum { DC_ANSWERED, DC_CRASHED, DC_HUNG } dc_outcome;

/* A byte that a call may not touch. */
typedef struct {
    dc_side side;     /* DC_SIDE_NONE: there is none */
    dc_tensor tensor; /* DC_TENSORS: the structure of the problem */
    int64_t bytes;    /* before its first byte, past its end (0 is the first
                         byte past it), or from its begin if inside */
    int old;          /* the byte, 0 to 255, before the call */
    int now;          /* and after it */
} dc_stray;

/* What the calls in a second thread were. */
typedef enum {
    DC_OVERLAP_NONE,
    DC_OVERLAP_SECOND,  /* of the same, after the first thread's */
    DC_OVERLAP_SAME,    /* of the same, both at once */
    DC_OVERLAP_RELATED, /* of a related problem, both at once */
    DC_OVERLAPS
} dc_overlap_kind;

enum { DC_RELATED = 3 };

/* How a related problem differs: "i halved", ... */
extern const char *const dc_overlap_related[DC_RELATED];

/* The first thing that calls from two threads showed: an element with other
 * bits than alone, a status, or else a crash or bytes that were changed. */
typedef struct {
    dc_overlap_kind kind; /* DC_OVERLAP_NONE: nothing */
    int related;          /* below DC_RELATED, if kind is DC_OVERLAP_RELATED */
    bool other;           /* it is about the call of the related problem */
    int64_t element;      /* -1: none */
    dc_status status;     /* other than DC_OK: the call's */
} dc_overlap;

enum { DC_ENDPOINT_OVERLAP = 128 };

/* " with two threads inside at once", ...; "" for DC_OVERLAP_NONE. */
void dc_endpoint_overlap(const dc_overlap *o, char text[DC_ENDPOINT_OVERLAP]);

enum { DC_ENDPOINT_PLACE = 96, DC_ENDPOINT_SAID = 400 };

/* When was a request sent?  Processes have numbers in ascending order, -1:
 * there is none; requests of one are numbered from 1. */
typedef struct {
    int64_t process;
    int64_t call;
} dc_moment;

/* Is a before b, or at the same time? */
bool dc_moment_is_before(dc_moment a, dc_moment b);

/* A change of what belonged to a call, made after the call had returned. */
typedef struct {
    dc_stray at; /* DC_SIDE_NONE: there is none; inside a tensor: the first byte
                     of an element, whose bits are ... */
    uint64_t was; /* ... these at the return */
    uint64_t now; /* ... and these later */
} dc_late_write;

/* A call, and what was changed after it. */
typedef struct {
    dc_late_write write;
    dc_moment moment;
    dc_op op;
    dc_problem p;
    char token[DC_CASE_MAX]; /* its case string */
} dc_late_call;

/* "4 bytes past the end of y", "just past the end of y", "12 bytes before x",
 * "byte 8 of the structure of the problem". */
void dc_endpoint_place(const dc_stray *s, char text[DC_ENDPOINT_PLACE]);

/* Bytes that a plug-in's result is filled with before a call.  A is a NaN in
 * every format, B is finite in every format; no byte of A equals a byte of B.
 */
enum { DC_POISON_A = 0xff, DC_POISON_B = 0x55 };

/* Everything that one call showed, results apart. */
typedef struct {
    dc_outcome outcome;
    char reason[256]; /* of a crash, hang or refusal: one line of ASCII */
    char said[DC_ENDPOINT_SAID]; /* the last lines that the judged printed
                                    during the call (printed.h), or "" */

    bool omitted; /* the call was not made (silence.h); it counts as one
                         that ended like the one before it */

    /* DC_ANSWERED */
    dc_status status;
    int calls;         /* made for it */
    int runs;          /* results delivered: 0, 1 or (call repeated) 2 */
    int64_t repeat;    /* first element that the repeated call changed, or -1 */
    int64_t unwritten; /* first element that kept both poisons, or -1 */
    int64_t added;     /* first element that is a NaN because of what was there
                          before the call, and is written on zeros, or -1 */
    int64_t shape[5];  /* the answered shape, if it was wrong */
    int shape_axes;    /* its number of axes; -1: the shape was right */
    unsigned left;     /* bits 1 << dc_left: state that the call changed */
    double seconds;    /* computing time as a pipe reports it, or 0 */
    dc_stray stray;    /* a byte outside of the tensors that was changed */
    dc_overlap overlap; /* of calls from two threads; of a crash, too */
    dc_late_write late; /* about the call before */

    /* DC_CRASHED */
    int signal;   /* that ended the process, or 0 */
    bool exited;  /* the process ended by exit() */
    dc_side side; /* of `tensor` on which the fatal access was */

    /* The tensor that a fatal access missed or, of an answer, the input that
     * the call changed; DC_TENSORS: none. */
    dc_tensor tensor;
} dc_answer;

/* DC_ANSWERED with DC_OK and nothing to report. */
dc_answer dc_endpoint_blank(void);

/* Did the call deliver a result of the right shape? */
bool dc_endpoint_has_result(const dc_answer *a);

enum { DC_HELLO_TEXT = 128 };

/* A reply to hello. */
typedef struct {
    char name[DC_HELLO_TEXT];
    char version[DC_HELLO_TEXT];
    char declares[DC_HELLO_TEXT]; /* comma-separated, or "" */
    bool supports;                /* it answers dc_endpoint_supports */
} dc_hello;

typedef struct dc_endpoint dc_endpoint;

/* Resolves subject->what, starts the process and says hello.  A failure is a
 * harness fault (exit 2), and e names the culprit: DC_UNSUPPORTED if the
 * adapter is not built, DC_INVALID if the name is unknown, DC_FAILED if the
 * process does not start or does not answer hello, DC_NOMEM.
 * One thread opens an endpoint, uses it and closes it: the process dies with
 * the thread that started it.  Several endpoints may be open.
 * Sets SIGPIPE to be ignored if its disposition is the default. */
dc_status dc_endpoint_open(dc_endpoint **end, const dc_subject *subject,
                           dc_error *e);

/* For an implementation that has been opened before.  The first call starts the
 * process; if it does not start, that is this call's crash.  Calls are not made
 * if many in a row had no answer (oracle/subject/silence.h).  The process gets
 * its number of threads by DECONFORM_THREADS and OMP_NUM_THREADS; threads 0:
 * the environment is passed on unchanged.  Errors but DC_FAILED as above. */
dc_status dc_endpoint_open_again(dc_endpoint **end, const dc_subject *subject,
                                 int threads, dc_error *e);

/* Computes one operation of the complete problem of c.  tensors[] holds op's
 * inputs; result[0] and result[1], which may be NULL, have the size of its
 * result.  A host makes the call several times and delivers two results.  A
 * pipe makes it once, or twice if result[1] is not NULL and the result is
 * small.  A process that ended is started again by the next call; one that ends
 * between two calls is the later call's crash.  A host that cannot go on
 * because of what earlier calls left is replaced, and the call is made again.
 * Returns DC_OK if `answer` is filled, else a harness fault in e. */
dc_status dc_endpoint_call(dc_endpoint *end, const dc_case *c, dc_op op,
                           const void *const tensors[DC_TENSORS],
                           void *const result[2], dc_answer *answer,
                           dc_error *e);

/* Requests op of an illegal problem; token ("refuse:G0") replaces the case
 * string.  No result is read.  If the process answers DC_OK it is ended,
 * because the size of the result that may follow is unknown. */
dc_status dc_endpoint_refuse(dc_endpoint *end, const char *token,
                             const dc_problem *p, dc_op op, dc_answer *answer,
                             dc_error *e);

/* Asks an implementation whose hello says "supports" whether it supports op of
 * a problem, which may be illegal: legal and illegal ones look alike.  With
 * tensors it is an ordinary call, whose results are dropped; the caller makes
 * sure that the problem has shapes.  token: the case string, or "". */
dc_status dc_endpoint_supports(dc_endpoint *end, const char *token,
                               const dc_problem *p, dc_op op,
                               const void *const *tensors, dc_answer *answer,
                               dc_error *e);

/* Computes op of a legal problem whose inputs hold dc_large_value
 * (cases/catalog/scenarios.h); the host makes them itself, calls once, and may
 * take twelve times the timeout.  The answer of a pipe is DC_UNSUPPORTED; it
 * gets no request. */
dc_status dc_endpoint_large(dc_endpoint *end, const char *token,
                            const dc_problem *p, dc_op op, void *result,
                            dc_answer *answer, dc_error *e);

/* Asks a host whether anything that belonged to its last call, which *last
 * receives, has changed since, after waiting a moment for it.  answer shows how
 * the process fares; it is blank, and last's token empty, if there is nothing
 * to ask. */
dc_status dc_endpoint_settle(dc_endpoint *end, dc_late_call *last,
                             dc_answer *answer, dc_error *e);

/* Takes the first late write that the calls since the last taking have shown,
 * if possible one of theirs.  False if there is none. */
bool dc_endpoint_take_late(dc_endpoint *end, dc_late_call *late);

/* When was the last request sent? */
dc_moment dc_endpoint_now(const dc_endpoint *end);

/* Memory of the process that it does not share, in bytes; -1 if it is not
 * known, or there is no process. */
int64_t dc_endpoint_memory(const dc_endpoint *end);

/* Ends a hosted process, so that the next call has a new one; false for a
 * pipe, which goes on. */
bool dc_endpoint_restart(dc_endpoint *end);

/* Sets the seconds that a call may take; hello keeps its limit. */
void dc_endpoint_set_timeout(dc_endpoint *end, double timeout);

/* Shortens that for the calls after the first of a process: a program may be
 * slow to start, each time that it starts. */
void dc_endpoint_set_later_timeout(dc_endpoint *end, double timeout);

/* Shall a host make each call of dc_endpoint_call from a second thread too,
 * after the first one's and at the same time?  It may take four times the
 * timeout then.  False for a pipe, where nothing changes. */
bool dc_endpoint_set_reentrant(dc_endpoint *end, bool reentrant);

/* From now on, shows in `to` what the judged prints while it is called, each
 * line with a mark in front of it.  NULL: no longer. */
void dc_endpoint_show(dc_endpoint *end, FILE *to);

/* What it said about itself; valid while the endpoint is open. */
const dc_hello *dc_endpoint_hello(const dc_endpoint *end);

/* Ends the process and its children, and frees end, which may be NULL. */
void dc_endpoint_close(dc_endpoint *end);

#endif
