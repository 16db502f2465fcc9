/* SPDX-License-Identifier: MIT
 *
 * Judging what is no case: an illegal problem that must be refused, problems
 * in alternation, other numbers of threads, tensors beyond 2^31 elements.
 */
#ifndef DC_SCENARIO_H
#define DC_SCENARIO_H

#include "oracle/judge/judge.h"

/* Judges result->item, a case (dc_judge_case) or a scenario, and fills the
 * rest of result:
 *
 *   refusal      every judged operation is given the illegal problem, with
 *                tiny buffers; INVALID passes, UNSUPPORTED leaves it unjudged,
 *                any other answer fails.  A hosted implementation has a
 *                process of its own for each.
 *   alternation  both problems are judged in turn, and the first then gives
 *                the same bits as before (unless declared nondeterministic)
 *   threads      the cases are judged in a process that is told the number of
 *                threads by DECONFORM_THREADS and OMP_NUM_THREADS: exact data
 *                bit for bit, others within their bound.  Other bits than
 *                with one thread are legal: they are noted, never a finding.
 *   large        results against the sparse reference; a pipe is not asked
 *
 * Anything but DC_OK is a harness fault described in e. */
dc_status dc_judge_item(const dc_judge *judge, dc_endpoint *end,
                        dc_result *result, dc_error *e);

#endif
