/* SPDX-License-Identifier: MIT
 *
 * A mutant as an implementation: `--impl mutant:M016` is judged like any
 * other, in a process of its own.
 */
#ifndef DC_MUTANT_IMPL_H
#define DC_MUTANT_IMPL_H

#include "oracle/mutants/mutant.h"

/* The implementation with this id ("clean": without a mutation), or NULL.  A
 * process hosts one mutant: the table has no room for a context, so the choice
 * is kept for the process. */
const dc_impl *dc_mutant_impl(const char *id);

#endif
