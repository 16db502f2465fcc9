/* SPDX-License-Identifier: MIT
 *
 * What the files that talk to a subject's process share.
 */
#ifndef DC_ENDPOINT_INTERNAL_H
#define DC_ENDPOINT_INTERNAL_H

#include "oracle/subject/endpoint.h"
#include "oracle/subject/plugin.h"
#include "oracle/subject/process.h"
#include "oracle/subject/reply.h"

#define DC_ENDPOINT_GRACE 0.5 /* seconds to end by itself */

struct dc_endpoint {
    dc_process process;
    dc_launch route;
    dc_hello hello;
    char *what;
    double timeout;
    double patience; /* seconds for hello */
    int64_t id;
};

/* Starts the process and says hello; e tells what is wrong with it. */
dc_status dc_endpoint_start(dc_endpoint *end, dc_error *e);

/* Kills the process and fills answer with the fate of a call of op: got says
 * how it ended, wire what was wrong with its answer if got is DC_GOT.  What
 * answer already has of a fatal access (reason, tensor, side) is kept. */
void dc_endpoint_fail(dc_endpoint *end, dc_op op, dc_got got,
                      const dc_error *wire, dc_answer *answer);

#endif
