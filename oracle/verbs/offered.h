/* SPDX-License-Identifier: MIT
 *
 * Which storage types does an implementation offer?  Nothing says so but the
 * implementation itself, so it is asked.
 */
#ifndef DC_OFFERED_H
#define DC_OFFERED_H

#include "oracle/subject/endpoint.h"

/* Asks a table of small problems, from the least (1d, one channel) to what a
 * kernel of one rank, for ordinary layers, for depthwise ones or for whole
 * vectors of channels would take, until one is not answered DC_UNSUPPORTED: a
 * type that is offered for any of them is offered.  A crash, a hang or a wrong
 * answer counts as an offer, which the run then judges.  *first is the number
 * of that problem, the less the more usual it is; -1: the type is not offered.
 * Any status but DC_OK is a harness fault described in e. */
dc_status dc_offered(dc_endpoint *end, const bool ops[DC_OPS], int dtype,
                     int *first, dc_error *e);

#endif
