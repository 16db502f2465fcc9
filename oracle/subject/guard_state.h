/* SPDX-License-Identifier: MIT
 *
 * What the kinds of guarded calls share.
 */
#ifndef DC_GUARD_STATE_H
#define DC_GUARD_STATE_H

#include "oracle/subject/guard.h"
#include "oracle/subject/region.h"

enum { DC_GUARD_SLOTS = 4 }; /* three inputs and the result */

/* The memory of one call. */
typedef struct {
    int used; /* slots of the current call; the result is the last */
    dc_region slots[DC_GUARD_SLOTS];
    dc_region problem; /* ends at its guard */
} dc_guard_memory;

struct dc_guard {
    dc_canaries canaries;
    dc_guard_memory memory;
};

/* DC_UNSUPPORTED if impl has no function for op, else what supports() says.
 * *stray is the first byte of the problem, or around it, that it changed. */
dc_status dc_guard_supports(dc_guard *guard, const dc_guard_request *r,
                            dc_stray *stray);

/* A plug-in may return any number: DC_FAILED for one that is no status. */
dc_status dc_guard_known(dc_status status);

#endif
