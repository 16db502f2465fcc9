/* SPDX-License-Identifier: MIT
 *
 * When does it no longer pay to call an implementation that dies or hangs every
 * time?  After ten calls in a row without an answer that took ten seconds, most
 * of the calls that follow are not made; now and then one is, ever more rarely,
 * and its answer ends the row.
 */
#ifndef DC_SILENCE_H
#define DC_SILENCE_H

#include "oracle/subject/endpoint.h"

typedef struct {
    bool watched;   /* false: every call is made */
    int row;        /* calls in a row that had no answer */
    double seconds; /* that they took */
    int64_t gap;    /* calls that the last failure let pass, or 0 */
    int64_t left;   /* calls still to let pass */
    dc_answer last; /* of the row */
} dc_silence;

/* Must the next call pass?  Then `answer` says that it crashed or hung like the
 * last one, and that it was not made. */
bool dc_silence_passes(dc_silence *s, dc_answer *answer);

/* Notes a call that was made, and the seconds that it took. */
void dc_silence_note(dc_silence *s, const dc_answer *answer, double seconds);

#endif
