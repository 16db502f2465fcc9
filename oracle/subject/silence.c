/* SPDX-License-Identifier: MIT
 *
 * Counts calls without an answer.  The number of calls that pass doubles with
 * every attempt that fails.
 */
#include "oracle/subject/silence.h"

#include <stdio.h>

enum { ROW = 10, FIRST_GAP = 16 };
static const double SECONDS = 10;

bool dc_silence_passes(dc_silence *s, dc_answer *answer)
{
    if (!s->left)
        return false;
    s->left--;
    *answer = s->last;
    snprintf(answer->reason, sizeof answer->reason,
             "not called, as %d calls in a row had no answer; the last: %.160s",
             s->row, s->last.reason);
    return true;
}

void dc_silence_note(dc_silence *s, const dc_answer *answer, double seconds)
{
    if (!s->watched || answer->outcome == DC_ANSWERED) {
        *s = (dc_silence){.watched = s->watched};
        return;
    }
    s->row++;
    s->seconds += seconds;
    s->last = *answer;
    if (s->row >= ROW && s->seconds >= SECONDS) {
        s->gap = s->gap ? 2 * s->gap : FIRST_GAP;
        s->left = s->gap;
    }
}
