/* SPDX-License-Identifier: MIT
 *
 * What belonged to a call (its result, its inputs, the problem, the bytes
 * around them) and was changed after the call had returned.  A host looks when
 * the next request arrives; this room asks it once more before a process ends.
 */
#ifndef DC_LATE_WRITE_H
#define DC_LATE_WRITE_H

#include "oracle/judge/result.h"

/* Adds the finding about the late write that the endpoint has noticed, if there
 * is one, to what was asked since `begin`. */
void dc_late_write_find(dc_endpoint *end, dc_moment begin, dc_result *result);

/* Asks a host about its last call.  True in *found if that shows a late write,
 * or if the process does not answer any more: then *result, which is zero
 * before, is about that call.  Any status but DC_OK is a harness fault
 * described in e. */
dc_status dc_late_write_settle(dc_endpoint *end, dc_result *result, bool *found,
                               dc_error *e);

#endif
