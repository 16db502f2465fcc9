/* SPDX-License-Identifier: MIT
 *
 * Small scope, exhausted: every legal 1d geometry with i, k, s <= 4, d <= 3,
 * pads of -1..4 and every op, and every ordered pair of a reduced set of axes
 * in 2d.
 *
 * Each 1d geometry has two cases with dense `int` data (ci = g = 1).  If an
 * implementation is bilinear and treats all batch items and output channels
 * alike, right values for both prove its whole index map.  Write such an
 * implementation as
 *
 *     y[n,c,o]  = sum_{j,t}  M[o,j,t]   x[n,j]    w[c,t]
 *     gx[n,j]   = sum_{o,t}  M'[j,o,t]  (sum_c gy[n,c,o] w[c,t])
 *     gw[c,t]   = sum_{j,o}  M''[t,j,o] (sum_n x[n,j] gy[n,c,o])
 *     gb[c]     = sum_{n,o}  m[n,o]     gy[n,c,o]
 *
 * Each right result is a linear equation in the coefficients.  These are
 * determined, hence right, if
 *
 *     forward      x [n,j] and w [c,t] have full column rank: n >= i, c >= k
 *     grad_input   the rows of (sum_c gy[n,c,o] w[c,t]), one for each n, have
 *                  full column rank: n >= o k and c >= k
 *     grad_weight  the rows of (sum_n x[n,j] gy[n,c,o]), one for each c, have
 *                  full column rank: c >= i o and n >= i
 *     grad_bias    the rows gy[.,c,.] have full column rank: c >= n o
 *
 * The batch case (n = max(i, o k), c = k) proves the first two, the channel
 * case (n = i, c = i o) the first and the last two.  The ranks of the
 * data are computed in test_small_scope.c.
 *
 * Each pair of axes has one case, with n = 2, co = 3: data miss a wrong
 * coefficient with a probability of at most 2/2000 per output in f64 (Schwartz,
 * Zippel: degree 2 over 2000 values).
 */
#ifndef DC_SMALL_SCOPE_H
#define DC_SMALL_SCOPE_H

#include "ref/case.h"

typedef struct dc_small_scope dc_small_scope;

/* Lists the geometries; DC_NOMEM. */
dc_status dc_small_scope_open(dc_small_scope **scope);
void dc_small_scope_close(dc_small_scope *scope);

/* Number of 1d geometries, and of cases: two for each geometry and one for each
 * pair. */
int64_t dc_small_scope_lines(const dc_small_scope *scope);
int64_t dc_small_scope_count(const dc_small_scope *scope);

/* Case `index` in this storage type.  Cases 2k and 2k+1, for k < lines, are the
 * batch and the channel case of geometry k. */
void dc_small_scope_case(const dc_small_scope *scope, int64_t index, int dtype,
                         dc_case *c);

#endif
