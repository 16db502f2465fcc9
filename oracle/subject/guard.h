/* SPDX-License-Identifier: MIT
 *
 * Calls a plug-in's function with every tensor between two inaccessible
 * stretches and canaries on its own pages, and finds unwritten elements,
 * changed inputs, results that differ between two calls, and bytes that changed
 * around the tensors or in the structure of the problem.
 *
 * Calls:
 *   1. every tensor ends at its guard, result filled with poison A
 *   2. every tensor begins at its guard, result filled with poison B
 *   3. as 2, but with poison A, and the inputs are read-only: the result must
 *      equal that of 2 bit for bit
 *   4. if that showed nothing and is cheap: no tensor is aligned, except that
 *      of every other problem the result is aligned to 64 bytes
 *   reentrant, and still nothing: with every tensor at the begin as in 2, on
 *   tensors of its own, a second thread makes the call after the first one;
 *   then both make it at once; then the second one makes that of a related
 *   problem meanwhile (if one is supported).  Short calls are repeated, and
 *   each result must equal that of the same call alone bit for bit.  Left out
 *   if the tensors take more than 256 MiB.
 * The structure of the problem ends at a guard in every call.  A tensor without
 * elements is an address at which nothing is accessible.  What the last call
 * left is looked at once more before the memory is used for the next request.
 */
#ifndef DC_GUARD_H
#define DC_GUARD_H

#include "oracle/subject/endpoint.h"
#include "oracle/subject/surroundings.h"

/* Mapped regions, reused from call to call.  One thread at a time. */
typedef struct dc_guard dc_guard;

/* DC_NOMEM. */
dc_status dc_guard_open(dc_guard **guard, dc_error *e);
void dc_guard_close(dc_guard *guard);

/* What to call. */
typedef struct {
    const dc_impl *impl;
    const dc_problem *p;
    dc_op op;
    const void *const *tensors;    /* [DC_TENSORS]; op's inputs are set */
    const dc_surroundings *around; /* to restore after each call, or NULL */
    bool reentrant;                /* two threads at once, too */
} dc_guard_request;

/* Calls supports(), if impl has it, then op's function on the complete problem
 * p, and fills answer (DC_ANSWERED; runs is 2 with a result).  result[0]
 * receives the result of call 1; result[1], unless it is NULL, that of call 2
 * or, element by element, that of call 4 if it lies farther from call 1's.
 * A status other than DC_OK from supports() or from call 1 is the answer; a
 * status that changes from call to call is DC_FAILED with a reason.  If calls
 * from two threads differ, result[1] has the farther elements of theirs, too.
 * Returns DC_OK if answer is filled, else DC_NOMEM, or DC_FAILED if there is no
 * second thread.
 * A fault in impl kills this process: run it in one that may die. */
dc_status dc_guard_call(dc_guard *guard, const dc_guard_request *r,
                        void *const result[2], dc_answer *answer, dc_error *e);

/* Calls supports() and op's function on a problem that impl must refuse, with
 * tensors of 64 zero bytes that end at their guards; r->tensors is not read.
 * Only answer's status counts.  DC_NOMEM. */
dc_status dc_guard_refuse(dc_guard *guard, const dc_guard_request *r,
                          dc_answer *answer, dc_error *e);

/* Calls op's function once on tensors beyond 2^31 elements, without the memory
 * that they would take: the inputs are pages of zeros that end at their guards,
 * and memory backs only the few pages whose elements (dc_large_value) are not
 * zero.  r->tensors is not read; result has the size of op's result.  Compares
 * the non-zero elements of the inputs afterwards.  answer is filled as by
 * dc_guard_call, but runs is 1 and nothing is known of unwritten elements or a
 * second call.  DC_NOMEM. */
dc_status dc_guard_large(dc_guard *guard, const dc_guard_request *r,
                         void *result, dc_answer *answer, dc_error *e);

/* Are two threads inside?  Safe in a signal handler. */
dc_overlap dc_guard_overlap(const dc_guard *guard);

/* Waits a moment, then answers what was changed since the last call returned
 * (answer->late). */
void dc_guard_settle(dc_guard *guard, dc_answer *answer);

/* Which tensor of the current call does `address` miss?  Inside an input: it is
 * one that nobody may write to.  DC_SIDE_NONE if it is near none.  Safe in a
 * signal handler. */
dc_stray dc_guard_where(const dc_guard *guard, const void *address);

#endif
