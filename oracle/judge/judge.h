/* SPDX-License-Identifier: MIT
 *
 * One case, one implementation, one verdict: every check of one case.
 */
#ifndef DC_JUDGE_H
#define DC_JUDGE_H

#include "oracle/truth/bound.h"
#include "oracle/subject/endpoint.h"
#include "oracle/judge/result.h"
#include "oracle/truth/truth.h"

/* What is judged and how. */
typedef struct {
    int ops[DC_OPS]; /* 1: judge this operation */
    dc_arithmetic arithmetic;
    int strict;  /* 1: less precise than usual is a failure */
    int explain; /* 1: a wrong value's sentence guesses at the arithmetic */
    const dc_subject *subject; /* for questions about threads, or NULL */
    const dc_impl *quick; /* rung of the ladder for large results; NULL: none,
                           * or it is the one that is judged */
} dc_judge;

/* Judges result->item, which is a case, through the endpoint and fills the rest of result.
 * Anything but DC_OK is a harness fault described in e. */
dc_status dc_judge_case(const dc_judge *judge, dc_endpoint *end,
                        dc_result *result, dc_error *e);

/* The same with the truth of result->item open already: one truth may judge
 * many implementations. */
dc_status dc_judge_truth(const dc_judge *judge, dc_endpoint *end,
                         dc_truth *truth, dc_result *result, dc_error *e);

/* Judges op's result `got` by the truth, which must have been made: its values
 * (*wrong: a finding was noted), the measures, and the grade of `real` data
 * that are right. */
dc_status dc_judge_result(const dc_judge *judge, dc_truth *truth, dc_op op,
                          const void *got, dc_result *result, int *wrong,
                          dc_error *e);

#endif
