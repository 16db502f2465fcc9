/* SPDX-License-Identifier: MIT
 *
 * Calls an implementation on tensors beyond 2^31 elements without the memory
 * that they would take.
 */
#ifndef DC_LARGE_CALL_H
#define DC_LARGE_CALL_H

#include "cases/catalog/scenarios.h"
#include "oracle/subject/endpoint.h"

/* In the host: maps op's inputs as pages of zeros that nothing backs until
 * they are written (and only a few are), an inaccessible page behind each,
 * calls impl once, and compares the elements that were written into the
 * inputs.  result has room for the result.  answer as from dc_guard_call, but
 * runs is 1 and `unwritten` is -1.  DC_NOMEM in e. */
dc_status dc_large_call(const dc_impl *impl, const dc_problem *p, dc_op op,
                        void *result, dc_answer *answer, dc_error *e);

#endif
