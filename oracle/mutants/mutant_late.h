/* SPDX-License-Identifier: MIT
 *
 * Mutants whose values are right at the return and which go on writing: as work
 * that was not waited for, it is done when the next call begins.
 */
#ifndef DC_MUTANT_LATE_H
#define DC_MUTANT_LATE_H

#include "oracle/mutants/mutant.h"

/* Does the mutant write late? */
bool dc_mutant_is_late(const dc_mutant *m);

/* One call of such a mutant.  The status is that of dc_mutant_run. */
dc_status dc_mutant_late_run(const dc_mutant *m, const dc_problem *p, dc_op op,
                             const void *const tensors[DC_TENSORS],
                             char *result);

/* What supports() does: the write that the last call owes, then DC_OK. */
dc_status dc_mutant_late_supports(const dc_problem *p);

#endif
