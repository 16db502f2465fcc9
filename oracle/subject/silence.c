/* SPDX-License-Identifier: MIT
 *
 * Counts calls without an answer.  The number of calls that pass doubles with
 * every attempt that fails.
 */
#include "oracle/subject/silence.h"

#include <stdio.h>

enum { ROW_OF_ONE = 5, ROW_OF_ALL = 10, FIRST_GAP = 16 };
static const double SECONDS = 10;

bool dc_silence_passes(dc_silence *s, dc_op op, dc_answer *answer)
{
    const dc_silence_row *why = NULL;

    for (int k = 0; k < 2; k++) {
        dc_silence_row *const row = &s->rows[k ? DC_OPS : (int)op];

        if (row->left && !why)
            why = row;
        row->left -= row->left > 0;
    }
    if (!why)
        return false;
    *answer = why->last;
    answer->omitted = true;
    snprintf(answer->reason, sizeof answer->reason,
             "not called, as %d calls%s%s in a row had no answer; the last: "
             "%.140s",
             why->calls, why == &s->rows[op] ? " of " : "",
             why == &s->rows[op] ? dc_ops[op].name : "", why->last.reason);
    return true;
}

void dc_silence_note(dc_silence *s, dc_op op, const dc_answer *answer,
                     double seconds)
{
    for (int k = 0; k < 2; k++) {
        const int at = k ? DC_OPS : (int)op;
        dc_silence_row *const row = &s->rows[at];

        if (!s->watched || answer->outcome == DC_ANSWERED) {
            *row = (dc_silence_row){.calls = 0};
            continue;
        }
        row->calls++;
        row->seconds += seconds;
        row->last = *answer;
        if (row->calls >= (at == DC_OPS ? ROW_OF_ALL : ROW_OF_ONE) &&
            row->seconds >= SECONDS) {
            row->gap = row->gap ? 2 * row->gap : FIRST_GAP;
            row->left = row->gap;
        }
    }
}
