/* SPDX-License-Identifier: MIT
 *
 * Legal problems that an implementation answers with INVALID because a
 * framework documents them as refused: counted and named, no failure.
 */
#ifndef DC_REFUSED_H
#define DC_REFUSED_H

#include "oracle/judge/judge.h"

/* Was the call answered UNSUPPORTED, or INVALID about a problem that
 * judge->profile, or any profile if it has none, documents as refused?  Records
 * the reason and the rule in r.  Any other INVALID is a failure. */
bool dc_refused_note(const dc_judge *judge, const dc_problem *p, dc_op op,
                     const dc_answer *a, dc_result *r);

/* A limit is one of problems: an operation that refuses what another one
 * computes has a finding.  computed[op]: there is a result.  grad_bias does not
 * count as computing, because it needs no more than gy. */
void dc_refused_compare(const bool computed[DC_OPS], dc_result *r);

#endif
