/* SPDX-License-Identifier: MIT
 *
 * Which known defect (mutant) explains the failures of an operation?
 */
#ifndef DC_DIAGNOSE_H
#define DC_DIAGNOSE_H

#include "oracle/explain/diagnosis.h"
#include "oracle/explain/failure_log.h"
#include "oracle/subject/endpoint.h"

/* Diagnoses the failures of op.  The mutant with the id `without` (NULL: none)
 * is not considered.  If no defect explains the failures, facts are added
 * instead; those about elements need the implementation once more and are left
 * out if end is NULL. */
dc_status dc_diagnose(const dc_failure_log *log, dc_op op, const char *without,
                      dc_endpoint *end, dc_diagnosis *d, dc_error *e);

#endif
