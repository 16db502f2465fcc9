/* SPDX-License-Identifier: MIT
 *
 * What was seen of an implementation: symptoms of the cases that failed, and
 * which cases passed.
 */
#ifndef DC_FAILURE_LOG_H
#define DC_FAILURE_LOG_H

#include "oracle/mutants/mutant.h"
#include "oracle/judge/result.h"

/* What one operation of one case showed. */
typedef struct {
    dc_case c;
    int has_value; /* 1: the value that follows */
    int64_t index; /* first wrong or unwritten element, or -1 */
    int64_t wrong; /* elements */
    double got;
    double bound;
    unsigned checks;  /* bit 1 << dc_check of what found something */
    dc_tensor tensor; /* that was accessed outside, or was changed */
    int past;         /* 1 past its end, 0 before it; -1: not told */
    dc_fault death;   /* that ends a process in this way */
} dc_failure;

/* What was seen of one operation: all failures or an even sample of them, and
 * a sample of the cases that passed. */
enum { DC_FAILED_KEPT = 1024, DC_PASSED_KEPT = 512 };

typedef struct {
    int64_t failed; /* all */
    int64_t passed;
    dc_failure *failures; /* the first min(failed, DC_FAILED_KEPT) are set */
    dc_case *passes;
} dc_op_sample;

typedef struct {
    dc_op_sample ops[DC_OPS];
} dc_failure_log;

dc_status dc_failure_log_open(dc_failure_log *v);
void dc_failure_log_add(dc_failure_log *v, const dc_result *r);
void dc_failure_log_close(dc_failure_log *v);

/* Which operation does finding f of r speak of?  0: of none, for it is a
 * warning, or an identity that broke because something else is wrong. */
int dc_failure_log_blames(const dc_result *r, int f, dc_op *op);

#endif
