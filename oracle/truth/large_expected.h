/* SPDX-License-Identifier: MIT
 *
 * What is the right result for tensors beyond 2^31 elements?  Nothing is
 * stored: the few non-zero elements follow from their index.
 */
#ifndef DC_LARGE_EXPECTED_H
#define DC_LARGE_EXPECTED_H

#include "ref/problem.h"

/* The exact element `index` of op's result for a complete 1d problem of
 * dc_larges, whose tensors hold the integers of dc_large_value. */
double dc_large_expected(const dc_problem *p, dc_op op, int64_t index);

#endif
