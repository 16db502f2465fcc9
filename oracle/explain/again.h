/* SPDX-License-Identifier: MIT
 *
 * Does an implementation fail in the same way at another case: the same
 * operation, the same check, the same verdict?  It runs in its own process.
 */
#ifndef DC_AGAIN_H
#define DC_AGAIN_H

#include "cases/shrink.h"
#include "oracle/judge/judge.h"

/* Seconds that one call may take, unless the subject's timeout is shorter. */
enum { DC_AGAIN_TIMEOUT = 3 };

/* Gives the calls to end this time.  The first call of a process has the
 * subject's timeout, because it is often the slowest; to meet a hang again,
 * which always takes all of it, it has not. */
void dc_again_hurry(dc_endpoint *end, const dc_subject *subject,
                    dc_verdict verdict);

/* Open: how the failure looks that is to be met again.  The answers end with
 * DC_SHRINK_STOP when `seconds` are over, `most` cases were judged or too many
 * hung. */
typedef struct {
    dc_endpoint *end;
    dc_judge judge;
    dc_proving prove; /* as in the result that failed */
    dc_op op;
    dc_check check;
    dc_verdict verdict;
    double start;
    double seconds; /* that all answers may take */
    int most;       /* cases that may be judged */
    int hangs;
    int calls;       /* cases judged */
    dc_finding last; /* of the last case that failed in this way */
    dc_status status;
    dc_error *e;
} dc_again;

/* Opens a process for the failure that a describes: op, check, verdict, prove,
 * seconds and most are set by the caller. */
dc_status dc_again_open(dc_again *a, const dc_subject *subject,
                        const dc_judge *judge, dc_error *e);
void dc_again_close(dc_again *a);

/* context: the dc_again. */
dc_shrink_try dc_again_fails;

#endif
