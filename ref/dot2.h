/* SPDX-License-Identifier: MIT
 *
 * Nearly exact values without MPFR: the sums of gather.h in double-double
 * arithmetic with a proven error, because MPFR is too slow for every element
 * of a large tensor.
 */
#ifndef DC_DOT2_H
#define DC_DOT2_H

#include "ref/problem.h"

/* One element: |hi + lo - t| <= error. */
typedef struct {
    double hi, lo;
    double s;     /* S = |c| + sum of magnitudes, relative error 2 m 2^-53 */
    double error; /* rounded up; infinite if nothing is proven */
    int64_t m;    /* non-zero products, and 1 for the bias */
} dc_dot2_value;

/* A problem with its tensors decoded to binary64. */
typedef struct dc_dot2 dc_dot2;

/* Decodes the tensors x, w, b, gy that are not NULL (dense, of the problem's
 * dtype).  DC_NOMEM. */
dc_status dc_dot2_open(dc_dot2 **dot2, const dc_problem *p,
                       const void *const tensors[DC_TENSORS]);
void dc_dot2_close(dc_dot2 *dot2);

/* Element `index` (C order) of op's result.
 *
 * Products are split exactly by FMA, sums by TwoSum (Ogita, Rump, Oishi:
 * Accurate sum and dot product, 2005, Dot2 without its last rounding):
 *
 *     |hi + lo - t| <= gamma^2 S + 4 c 2^-1074,  gamma = c u / (1 - c u)
 *
 * with u = 2^-53 and c = 2 (products that the element may have + 1).  The last
 * term covers products outside the normal range.  S is itself a rounded sum;
 * the factor 1 + 2^-10 covers its error. */
void dc_dot2_element(const dc_dot2 *dot2, dc_op op, int64_t index,
                     dc_dot2_value *value);

#endif
