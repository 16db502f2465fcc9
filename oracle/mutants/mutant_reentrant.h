/* SPDX-License-Identifier: MIT
 *
 * Mutants that are right as long as calls come one at a time, from one thread.
 */
#ifndef DC_MUTANT_REENTRANT_H
#define DC_MUTANT_REENTRANT_H

#include "oracle/mutants/mutant.h"

/* One call of such a mutant, whose fault is one of DC_FAULT_SHARES_PLAN to
 * DC_FAULT_FIRST_THREAD.  The status is that of dc_mutant_run, or DC_FAILED. */
dc_status dc_reentrant_run(const dc_mutant *m, const dc_problem *p, dc_op op,
                           const void *const tensors[DC_TENSORS], char *result);

#endif
