/* SPDX-License-Identifier: MIT
 *
 * When does it no longer pay to call an implementation that dies or hangs every
 * time?  After five calls of one operation, or ten of any, in a row without an
 * answer that took ten seconds, most of the calls that follow are not made; now
 * and then one is, ever more rarely, and its answer ends the row.
 */
#ifndef DC_SILENCE_H
#define DC_SILENCE_H

#include "oracle/subject/endpoint.h"

/* Calls in a row that had no answer. */
typedef struct {
    int calls;
    double seconds; /* that they took */
    int64_t gap;    /* calls that the last failure let pass, or 0 */
    int64_t left;   /* calls still to let pass */
    dc_answer last; /* of the row */
} dc_silence_row;

typedef struct {
    bool watched;                    /* false: every call is made */
    dc_silence_row rows[DC_OPS + 1]; /* of each operation, and of all */
} dc_silence;

/* Must the next call, one of op, pass?  Then `answer` says that it crashed or
 * hung like the last one, and that it was not made. */
bool dc_silence_passes(dc_silence *s, dc_op op, dc_answer *answer);

/* Notes a call of op that was made, and the seconds that it took. */
void dc_silence_note(dc_silence *s, dc_op op, const dc_answer *answer,
                     double seconds);

#endif
