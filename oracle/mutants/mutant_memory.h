/* SPDX-License-Identifier: MIT
 *
 * Mutants whose values are right and which touch memory that is not theirs.
 */
#ifndef DC_MUTANT_MEMORY_H
#define DC_MUTANT_MEMORY_H

#include "oracle/mutants/mutant.h"

/* One call of such a mutant, whose fault is one of DC_FAULT_STORES_VECTOR to
 * DC_FAULT_BORROWS_PROBLEM.  The status is that of dc_mutant_run. */
dc_status dc_memory_run(const dc_mutant *m, const dc_problem *p, dc_op op,
                        const void *const tensors[DC_TENSORS], char *result);

#endif
