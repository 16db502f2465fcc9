/* SPDX-License-Identifier: MIT
 *
 * Calls an implementation on tensors beyond 2^31 elements without the memory
 * that they would take.
 */
#ifndef DC_LARGE_CALL_H
#define DC_LARGE_CALL_H

#include "oracle/subject/guard.h"

/* Runs in the host.  Maps the inputs of op as pages of zeros, an inaccessible
 * page behind each; memory backs only the few pages whose elements
 * (dc_large_value) are not zero.  Calls impl once and compares those elements
 * afterwards.  r->tensors is not read; result has the size of op's result.
 * answer is filled as by dc_guard_call, but runs is 1 and nothing is known of
 * unwritten elements or a second call.  DC_NOMEM. */
dc_status dc_large_call(const dc_guard_request *r, void *result,
                        dc_answer *answer, dc_error *e);

#endif
