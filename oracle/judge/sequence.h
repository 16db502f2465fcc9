/* SPDX-License-Identifier: MIT
 *
 * Asks one process related problems in turn and again (cases/catalog/
 * sequences.h).
 */
#ifndef DC_SEQUENCE_H
#define DC_SEQUENCE_H

#include "cases/catalog/sequences.h"
#include "oracle/judge/judge.h"

/* Makes all visits of the sequence, and adds what they show to the result: the
 * first result of a problem is compared with the truth, each further one with
 * the first, bit for bit (with the truth if nondeterministic is declared).  A
 * wrong first result is asked of a fresh process again, which tells state that
 * is left over from a wrong formula.  dtype: of the problems, unless they have
 * types of their own.  An operation with a finding is not asked any further.
 * What is refused at first is compared as soon as it is answered.  Any status
 * but DC_OK is a harness fault described in e. */
dc_status dc_sequence_judge(const dc_judge *judge, dc_endpoint *end,
                            const dc_sequence *s, int dtype, dc_result *result,
                            dc_error *e);

#endif
