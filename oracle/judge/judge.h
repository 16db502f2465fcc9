/* SPDX-License-Identifier: MIT
 *
 * Judges one implementation on one case, or on a scenario that no case string
 * can describe.
 */
#ifndef DC_JUDGE_H
#define DC_JUDGE_H

#include "oracle/judge/result.h"
#include "oracle/subject/endpoint.h"
#include "oracle/truth/bound.h"
#include "oracle/truth/truth.h"

typedef struct {
    bool ops[DC_OPS]; /* operations to judge */
    dc_arithmetic arithmetic;
    unsigned dtypes; /* bit 1 << dtype: types of scenarios that mix several;
                      * 0: all */
    bool reentrant;  /* calls of cases are made by two threads at once, too, if
                      * they are hosted */
    const char *profile; /* whose documented limits count (limit.h); NULL:
                          * those of any framework */
    bool strict;         /* low precision is a failure, not a warning */
    bool explain; /* name the arithmetic that would explain wrong values */
    const dc_subject *subject; /* for thread scenarios, or NULL */
    const dc_impl *quick; /* first rung of the ladder for large results; NULL:
                           * none, as when it is the one that is judged */
} dc_judge;

/* Judges result->item, which must be a case, through the endpoint.  Any status
 * but DC_OK is a harness fault described in e. */
dc_status dc_judge_case(const dc_judge *judge, dc_endpoint *end,
                        dc_result *result, dc_error *e);

/* The same with an open truth, which may serve many implementations. */
dc_status dc_judge_truth(const dc_judge *judge, dc_endpoint *end,
                         dc_truth *truth, dc_result *result, dc_error *e);

/* Records what the answer to a call of op shows apart from the values: how it
 * ended, the status, the extent, unwritten elements, changed inputs, a
 * repetition with other bits.  True if there is a result to compare; op has
 * passed then, unless there is a finding. */
bool dc_judge_answer(const dc_judge *judge, const dc_problem *p, dc_op op,
                     const dc_answer *a, dc_result *result);

/* Compares op's result `got` with the accepted intervals (dc_truth_make
 * first).  Adds a finding and sets *wrong if any element was rejected, adds to
 * the error statistics and, for correct `real` data, the precision grade. */
dc_status dc_judge_result(const dc_judge *judge, dc_truth *truth, dc_op op,
                          const void *got, dc_result *result, bool *wrong,
                          dc_error *e);

/* Sets the element and the value that f is about: element c.first of the result
 * `got` of f->op, for which `want` is accepted.  c.wrong elements are wrong; 0:
 * the value is accepted, and f is about something else.  f may be NULL. */
void dc_judge_element(dc_finding *f, dc_truth *t, const void *got,
                      dc_comparison c, const dc_interval *want);

/* Which arithmetic would explain wrong values?  Writes "as if ..." about op's
 * result `got`, or "" if no hypothesis accounts for the elements that are not
 * accepted.  A hint for the reader that does not affect the verdict.  The truth
 * of op must have been made. */
void dc_judge_hypothesis(dc_truth *t, dc_op op, const dc_arithmetic *a,
                         const void *got, char *text, size_t size);

/* Judges result->item and fills the rest of result:
 *
 *   case         every check of a case; that of two threads if judge->reentrant
 *   refusal      every judged operation gets the illegal problem with tiny
 *                buffers.  INVALID passes, UNSUPPORTED leaves it unjudged, any
 *                other answer fails.  A hosted implementation gets a fresh
 *                process afterwards.
 *   alternation  two problems are judged in turn; then the first must give
 *                the same bits as before (unless declared nondeterministic)
 *   sequence     related problems are asked in turn and again (sequence.h)
 *   threads      the cases are judged in a process with this number of threads
 *                (DECONFORM_THREADS and OMP_NUM_THREADS).  Other bits than with
 *                one thread are legal: they are recorded, never a finding.
 *   large        results against the sparse reference, hosted implementations
 *                only
 *
 * Any status but DC_OK is a harness fault described in e. */
dc_status dc_judge_item(const dc_judge *judge, dc_endpoint *end,
                        dc_result *result, dc_error *e);

#endif
