/* SPDX-License-Identifier: MIT
 *
 * An implementation under judgement, reached through a process of its own:
 * `deconform host PLUGIN` for shared objects and the built-in one, the
 * author's command for pipes.  Both speak the pipe protocol, so that crashes
 * and hangs are verdicts and the judge's memory is out of reach.
 */
#ifndef DC_ENDPOINT_H
#define DC_ENDPOINT_H

#include <stdbool.h>

#include "oracle/base/check.h"
#include "ref/case.h"

/* What --impl named. */
typedef struct {
    const char *what; /* as typed: fast, onednn, ./lib.so, pipe:COMMAND */
    const char *self; /* path of our own binary, for `host`; NULL: itself */
    double timeout;   /* seconds per call; hello has three times as long */
} dc_subject;

/* How a call ended. */
typedef enum { DC_ANSWERED, DC_CRASHED, DC_HUNG } dc_outcome;

/* Everything that one call showed, results apart. */
typedef struct {
    dc_outcome outcome;
    char reason[256]; /* of a crash, hang or refusal: one line of ASCII */

    /* DC_ANSWERED */
    dc_status status;
    int runs;          /* results delivered: 0, 1 or (call repeated) 2 */
    int64_t repeat;    /* first element that the repeated call changed, or -1 */
    int64_t unwritten; /* first element that kept both poisons, or -1 */
    int64_t shape[5];  /* the answered shape, if it was wrong */
    int shape_axes;    /* its number of axes; -1: the shape was right */
    double seconds;    /* computing time as a pipe reports it, or 0 */

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

typedef struct dc_endpoint dc_endpoint;

/* Finds WHAT, starts the process and says hello.  Anything that fails here is
 * the caller's exit 2 and e names the culprit: DC_UNSUPPORTED for an adapter
 * that is not built, DC_INVALID for a name that is not known, DC_FAILED for
 * what does not start or does not say hello, DC_NOMEM.
 * One thread uses an endpoint at a time; several endpoints may be open.
 * SIGPIPE is set to be ignored if its disposition was the default. */
dc_status dc_endpoint_open(dc_endpoint **end, const dc_subject *subject,
                           dc_error *e);

/* The same with a number of threads, told to the process by DECONFORM_THREADS
 * and OMP_NUM_THREADS; 0: as the environment says. */
dc_status dc_endpoint_open_threads(dc_endpoint **end, const dc_subject *subject,
                                   int threads, dc_error *e);

/* Asks for one operation of a complete problem.  tensors[] holds the inputs
 * that op takes; result[0], result[1] have room for the result (result[1] may
 * be NULL).  A process that died or was killed is started again at the next
 * call; a process that dies between two calls is the later call's crash.
 * A pipe is asked twice where result[1] is given and the result is small.
 * Returns DC_OK when `answer` is filled, else a harness fault in e. */
dc_status dc_endpoint_call(dc_endpoint *end, const dc_case *c, dc_op op,
                           const void *const tensors[DC_TENSORS],
                           void *const result[2], dc_answer *answer,
                           dc_error *e);

/* Asks for op of a problem that is not legal; token ("refuse:G0") stands
 * where the case string would.  Answered DC_OK it has no result: the process
 * is ended then, as whatever follows is not understood. */
dc_status dc_endpoint_refuse(dc_endpoint *end, const char *token,
                             const dc_problem *p, dc_op op, dc_answer *answer,
                             dc_error *e);

/* Asks for op of a legal problem whose inputs hold the values of
 * dc_large_value (cases/catalog/scenarios.h), which the host makes itself: runs is 1
 * with a result.  DC_UNSUPPORTED from a pipe, which is not asked.  A call may
 * take twelve times as long as others. */
dc_status dc_endpoint_large(dc_endpoint *end, const char *token,
                            const dc_problem *p, dc_op op, void *result,
                            dc_answer *answer, dc_error *e);

/* Ends a hosted process, so that the next call has a new one. */
void dc_endpoint_restart(dc_endpoint *end);

/* From now on a call may take so many seconds; what is started again has as
 * long for hello as ever. */
void dc_endpoint_set_timeout(dc_endpoint *end, double timeout);

/* Name, version and declarations (comma-separated, "" when none) from hello;
 * valid while the endpoint is open. */
const char *dc_endpoint_name(const dc_endpoint *end);
const char *dc_endpoint_version(const dc_endpoint *end);
const char *dc_endpoint_declares(const dc_endpoint *end);

/* Ends the process and its children; nothing is left behind.  NULL is fine. */
void dc_endpoint_close(dc_endpoint *end);

#endif
