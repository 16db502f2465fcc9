/* SPDX-License-Identifier: MIT
 *
 * Patterns of wrong elements: where they are, what they hold, and whether
 * they are right values in other places.
 */
#ifndef DC_PATTERNS_H
#define DC_PATTERNS_H

#include "oracle/explain/diagnosis.h"
#include "oracle/explain/failure_log.h"
#include "oracle/subject/endpoint.h"

/* Calls the implementation again on the small exact cases among the failures
 * of op and adds to d what their wrong elements have in common. */
dc_status dc_patterns_add(const dc_op_sample *sample, dc_op op,
                          dc_endpoint *end, dc_diagnosis *d, dc_error *e);

#endif
