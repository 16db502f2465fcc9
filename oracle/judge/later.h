/* SPDX-License-Identifier: MIT
 *
 * Early cases of a process, asked again at the end of its life: nothing that
 * was asked in between may have changed their results.
 */
#ifndef DC_LATER_H
#define DC_LATER_H

#include "oracle/judge/judge.h"

enum { DC_LATER_CASES = 40 };

/* The cases that one process passed, the early ones and a few of the later
 * ones.  All zero at first. */
typedef struct {
    struct {
        dc_case c;
        dc_trace traces[DC_OPS];
    } cases[DC_LATER_CASES];
    int count;
    int64_t seen; /* cases that could have been kept */
} dc_later;

/* What a later call of op can be compared with; not kept if the result is
 * large. */
dc_trace dc_later_trace(const dc_endpoint *end, const dc_problem *p, dc_op op,
                        const void *result);

/* Keeps a case that passed, if it is cheap and one of those that are asked
 * again.  A case of another process than the one before forgets all others. */
void dc_later_note(dc_later *l, const dc_result *result);

/* Asks the kept cases again if their process still lives and was asked another
 * case in between, and forgets them.  True in *found if one of them shows
 * something: then *result is about the first of these.
 * The bits must be those of the first time; the accepted values if
 * nondeterministic is declared.  Any status but DC_OK is a harness fault
 * described in e. */
dc_status dc_later_ask(dc_later *l, const dc_judge *judge, dc_endpoint *end,
                       dc_result *result, bool *found, dc_error *e);

#endif
