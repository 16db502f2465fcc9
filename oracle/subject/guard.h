/* SPDX-License-Identifier: MIT
 *
 * One call of a plug-in's function under guard: every tensor between two
 * inaccessible stretches, results poisoned twice, inputs compared afterwards,
 * the same call repeated and compared bit for bit.
 *
 * Three calls are made:
 *   1. every tensor flush against the guard at its end, poison A
 *   2. every tensor flush against the guard at its begin, poison B
 *   3. as 2, poison A again: its result must equal that of 2 bit for bit
 * A tensor without elements is an address at which nothing is accessible.
 */
#ifndef DC_GUARD_H
#define DC_GUARD_H

#include "oracle/subject/endpoint.h"

/* Mapped regions, reused from call to call.  One thread at a time. */
typedef struct dc_guard dc_guard;

dc_status dc_guard_open(dc_guard **guard, dc_error *e);
void dc_guard_close(dc_guard *guard);

/* Asks supports() where there is one, then calls impl's function for op on
 * the complete problem p and fills answer (outcome DC_ANSWERED, runs 2).
 * result[0] receives the result of call 1, result[1] (may be NULL) that of
 * call 2.  Another status than DC_OK, from supports() or from the first call,
 * ends it; a status that changes from call to call is DC_FAILED with a
 * reason.  Returns DC_OK when answer is filled, else DC_NOMEM in e.
 * A fault inside kills this process: run it in one that may die. */
dc_status dc_guard_call(dc_guard *guard, const dc_impl *impl,
                        const dc_problem *p, dc_op op,
                        const void *const tensors[DC_TENSORS],
                        void *const result[2], dc_answer *answer, dc_error *e);

/* Gives impl a problem that it must refuse: supports(), then op's function,
 * with tensors of DC_GUARD_TINY zero bytes flush against the guard.  answer
 * has the status; a result is not looked at.  DC_NOMEM in e. */
enum { DC_GUARD_TINY = 64 };
dc_status dc_guard_refuse(dc_guard *guard, const dc_impl *impl,
                          const dc_problem *p, dc_op op, dc_answer *answer,
                          dc_error *e);

/* Where an address is, seen from the tensor that it misses: "just past the
 * end of w" (the first byte beyond), "4 bytes past the end of w", "12 bytes
 * before x" (the 12th byte before its first). */
typedef struct {
    dc_tensor tensor; /* DC_TENSORS: none */
    dc_side side;
    char text[64];
} dc_guard_place;

/* Finds the tensor of the call under way that `address` misses; false if it
 * misses none.  Safe in a signal handler. */
bool dc_guard_where(const dc_guard *guard, const void *address,
                    dc_guard_place *place);

#endif
