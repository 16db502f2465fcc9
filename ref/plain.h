/* SPDX-License-Identifier: MIT
 *
 * The plain gather: nearly exact values without MPFR.  One element at a time
 * from the same formula, in double-double arithmetic with a proven error, for
 * judges that cannot wait for MPFR on every element.
 */
#ifndef DC_PLAIN_H
#define DC_PLAIN_H

#include "ref/problem.h"

/* One element: t lies within `error` of hi + lo. */
typedef struct {
    double hi, lo;
    double s;     /* S = |c| + sum of magnitudes, relative error 2 m 2^-53 */
    double error; /* radius, rounded up; infinite where nothing is proven */
    int64_t m;    /* non-zero products, and 1 for the bias */
} dc_plain;

/* A problem with its tensors decoded to binary64.  One thread at a time. */
typedef struct dc_plain_gather dc_plain_gather;

/* Decodes the tensors that are given (dense, of the problem's dtype). */
dc_status dc_plain_open(dc_plain_gather **gather, const dc_problem *p,
                        const void *const tensors[DC_TENSORS]);
void dc_plain_close(dc_plain_gather *gather);

/* Element `index` (C order) of op's result.
 *
 * Products are split exactly by FMA, sums by TwoSum (Ogita, Rump, Oishi:
 * Accurate sum and dot product, 2005, Dot2 without its last rounding):
 *
 *     |hi + lo - t| <= gamma^2 S + 4 c 2^-1074,  gamma = c u / (1 - c u)
 *
 * with u = 2^-53 and c = 2 (products that the element may have + 1); the last
 * term covers products that leave the normal range.  S is read from its
 * rounded sum, which the factor 1 + 2^-10 covers. */
void dc_plain_element(const dc_plain_gather *gather, dc_op op, int64_t index,
                      dc_plain *e);

#endif
