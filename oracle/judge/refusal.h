/* SPDX-License-Identifier: MIT
 *
 * One illegal problem between two calls of the legal one that it is made of.
 */
#ifndef DC_REFUSAL_JUDGE_H
#define DC_REFUSAL_JUDGE_H

#include "oracle/judge/judge.h"

/* Calls the operations of the legal problem, asks for each of the illegal one
 * (row r->item.row made of r->item.c), which must be refused, and calls those
 * of the legal one again: the same results must come, bit for bit unless
 * nondeterministic is declared.  The legal problem must not be refused as
 * illegal; what else is wrong with it is the business of cases. */
dc_status dc_refusal_judge(const dc_judge *judge, dc_endpoint *end,
                           dc_result *r, dc_error *e);

#endif
