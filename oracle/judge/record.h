/* SPDX-License-Identifier: MIT
 *
 * What the judged operations answered to one case, to be compared with what
 * they answer later.
 */
#ifndef DC_RECORD_H
#define DC_RECORD_H

#include "oracle/judge/judge.h"

typedef struct {
    void *results[DC_OPS][2];
    int runs[DC_OPS];         /* results delivered; 0: none, or not judged */
    bool lost[DC_OPS];        /* the call crashed or hung */
    dc_status status[DC_OPS]; /* if it was not */
} dc_record;

/* Calls the judged operations of t's case; x is zero before.  A crash or a hang
 * is a finding of r. */
dc_status dc_record_call(dc_record *x, const dc_judge *judge, dc_endpoint *end,
                         const dc_truth *t, dc_result *r, dc_error *e);
void dc_record_free(dc_record *x);

/* Are result number `run` of op the same bits in both records? */
bool dc_record_same(const dc_record *x, const dc_record *y, const dc_problem *p,
                    int op, int run);

/* Adds a finding for each operation with another answer, or other bits (p: of
 * this problem; NULL: any bits will do), after `what`: "a call of n1_...". */
void dc_record_compare(const dc_record *before, const dc_record *after,
                       const dc_problem *p, const char *what, dc_result *r);

#endif
