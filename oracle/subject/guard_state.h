/* SPDX-License-Identifier: MIT
 *
 * What the kinds of guarded calls share.
 */
#ifndef DC_GUARD_STATE_H
#define DC_GUARD_STATE_H

#include <stdatomic.h>

#include "oracle/subject/guard.h"
#include "oracle/subject/region.h"

enum { DC_GUARD_SLOTS = 4 }; /* three inputs and the result */

/* The memory of one call. */
typedef struct {
    int used; /* slots of the current call; the result is the last */
    dc_region slots[DC_GUARD_SLOTS];
    dc_region problem; /* ends at its guard */
} dc_guard_memory;

/* Bytes of a tensor that are kept; of a larger one, the first and the last of
 * them. */
enum { DC_GUARD_KEPT = 1 << 16 };

/* What the last call left, to tell what is changed after its return. */
typedef struct {
    bool kept;
    int used;     /* slots */
    bool problem; /* the structure of the problem is still in its place */
    dc_problem p;
    char bytes[DC_GUARD_SLOTS][DC_GUARD_KEPT];
} dc_guard_copies;

struct dc_guard {
    dc_canaries canaries;
    dc_guard_memory memory;
    dc_guard_memory second;      /* of the second thread */
    volatile dc_overlap overlap; /* what the current calls are */
    dc_guard_copies copies;
};

/* Where two threads wait for each other before a call. */
typedef struct {
    atomic_uint *arrived; /* of both threads, in all rounds */
    unsigned until;       /* it must be so many */
    double delay;         /* seconds that this thread waits longer */
} dc_guard_meeting;

/* How a call is made. */
typedef struct {
    dc_placement inputs;
    dc_placement result;
    int poison;                      /* of the result */
    bool read_only;                  /* are the inputs and the problem? */
    const dc_guard_meeting *meeting; /* just before it, or NULL */
} dc_guard_manner;

/* Gives a slot to each input of op, and the last one to the result.  illegal:
 * r->p is, and all slots are small.  DC_NOMEM. */
dc_status dc_guard_reserve(dc_guard_memory *m, const dc_guard_request *r,
                           bool illegal, dc_error *e);

/* Places the tensors, poisons the result and makes the call.  answer gets the
 * first input that it changed, the first byte outside, and what it left. */
dc_status dc_guard_run(dc_guard_memory *m, const dc_guard_request *r,
                       const dc_guard_manner *how, dc_answer *answer);

/* Is each of these bytes the same as this one? */
bool dc_guard_all_bytes(const char *at, size_t size, int byte);

/* Sets answer->added if the result of a further call on zeros shows it; `first`
 * is the result of a call with poison A.  Only if something was unwritten or
 * the calls disagreed. */
void dc_guard_find_added(dc_guard_memory *m, const dc_guard_request *r,
                         const char *first, dc_answer *answer);

/* Replaces each element of `second` by that of `fourth` if it lies farther from
 * that of `first`: two results say what three showed.  A NaN is farthest. */
void dc_guard_keep_farther(int dtype, const char *first, char *second,
                           const char *fourth, size_t bytes);

/* Sets answer to say that call number k, from 1, had a status other than
 * DC_OK. */
void dc_guard_refused(dc_answer *answer, dc_status status, int k);

void dc_guard_meet(const dc_guard_meeting *meeting);

/* Makes the call of r, whose slots are reserved, from a second thread too
 * (guard.h), and notes in `answer` what that shows.  first, second: results of
 * the calls before, which `second` may be replaced by elements of.  DC_NOMEM,
 * DC_FAILED without a second thread. */
dc_status dc_guard_pair(dc_guard *guard, const dc_guard_request *r,
                        const char *first, char *second, dc_answer *answer,
                        dc_error *e);

/* Keeps copies of the tensors and of the problem p, unless answer says that
 * something around them was changed. */
void dc_guard_remember(dc_guard *guard, const dc_problem *p,
                       const dc_answer *answer);

/* Notes in *late, unless it holds one, the first change since then. */
void dc_guard_look(const dc_guard *guard, dc_late_write *late);

/* Finds a byte of the problem, or around it, that was changed. */
bool dc_guard_problem_stray(const dc_guard_memory *m, const dc_problem *p,
                            dc_stray *stray);

/* DC_UNSUPPORTED if impl has no function for op, else what supports() says.
 * *stray is the first byte of the problem, or around it, that it changed. */
dc_status dc_guard_ask_supports(dc_guard *guard, const dc_guard_request *r,
                                dc_stray *stray);

/* The same, at the begin of a request (*stray is answer->stray): answer->late
 * is what was changed since the call before.  The memory may be used anew
 * afterwards. */
dc_status dc_guard_supports(dc_guard *guard, const dc_guard_request *r,
                            dc_answer *answer);

/* A plug-in may return any number: DC_FAILED for one that is no status. */
dc_status dc_guard_known(dc_status status);

#endif
