/* SPDX-License-Identifier: MIT
 *
 * Which cases failed, and how, and which cases passed?  A sample of both for
 * each operation, for the diagnosis.
 */
#ifndef DC_FAILURE_LOG_H
#define DC_FAILURE_LOG_H

#include <stdbool.h>

#include "oracle/judge/result.h"
#include "oracle/mutants/mutant.h"

enum { DC_GUESS_TEXT = 64 };

/* How one operation of one case failed. */
typedef struct {
    dc_case c;
    unsigned checks; /* bit 1 << dc_check for every check that failed */
    bool has_value;  /* a wrong value was found: wrong, got, bound are set */
    int64_t index;   /* first wrong or unwritten element, or -1 */
    int64_t wrong;   /* number of wrong elements */
    double got;      /* value at index */
    double sum;      /* of the whole result (dc_result_sum) */
    bool once;       /* only the first of several equal calls was wrong, */
    bool later;      /* or only later ones */
    char guess[DC_GUESS_TEXT]; /* "as if the accumulator ...", or "" */
    double bound;              /* largest error that is accepted there */
    dc_tensor tensor; /* accessed out of bounds, or an input that was changed;
                         DC_TENSORS: none */
    dc_side side;     /* of that tensor where the access was */
    dc_fault death;   /* fault that ends a process as this one ended */
} dc_failure;

enum { DC_FAILED_KEPT = 1024, DC_PASSED_KEPT = 512 };

/* Failures and passing cases of one operation.  If there are more than can be
 * kept, those kept are a uniform random sample. */
typedef struct {
    int64_t failed; /* all of them */
    int64_t passed;
    int64_t failures_kept;
    int64_t passes_kept;
    dc_failure failures[DC_FAILED_KEPT];
    dc_case passes[DC_PASSED_KEPT];
} dc_op_sample;

/* Megabytes: not for the stack.  Zero at first. */
typedef struct {
    dc_op_sample ops[DC_OPS];
} dc_failure_log;

/* Logs a judged case; results of other scenarios are ignored. */
void dc_failure_log_add(dc_failure_log *log, const dc_result *r);

/* Is finding f of r a failure of an operation (*op)?  Warnings are not, nor is
 * a broken identity if another check failed too.  A broken identity by itself
 * is a failure of forward. */
bool dc_failure_log_blames(const dc_result *r, int f, dc_op *op);

/* Did identities alone fail, so that the case's own results are right? */
bool dc_failure_log_identity_only(const dc_failure *f);

#endif
