/* SPDX-License-Identifier: MIT
 *
 * Judges any item of a run: a case, or a scenario that no case string can
 * describe.
 */
#ifndef DC_SCENARIO_H
#define DC_SCENARIO_H

#include "oracle/judge/judge.h"

/* Judges result->item and fills the rest of result:
 *
 *   case         dc_judge_case
 *   refusal      every judged operation gets the illegal problem with tiny
 *                buffers.  INVALID passes, UNSUPPORTED leaves it unjudged, any
 *                other answer fails.  A hosted implementation gets a fresh
 *                process afterwards.
 *   alternation  two problems are judged in turn; then the first must give
 *                the same bits as before (unless declared nondeterministic)
 *   threads      the cases are judged in a process with this number of threads
 *                (DECONFORM_THREADS and OMP_NUM_THREADS).  Other bits than with
 *                one thread are legal: they are recorded, never a finding.
 *   large        results against the sparse reference, hosted implementations
 *                only
 *
 * Any status but DC_OK is a harness fault described in e. */
dc_status dc_judge_item(const dc_judge *judge, dc_endpoint *end,
                        dc_result *result, dc_error *e);

#endif
