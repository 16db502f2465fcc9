/* SPDX-License-Identifier: MIT
 *
 * Is a whole result of quick values plausible?  A random channel checksum at
 * every position, computed by scattering.  It costs 1/channels of the work and
 * uses neither the formula of ref/ nor the indices of fast/.
 */
#ifndef DC_CHECKSUM_H
#define DC_CHECKSUM_H

#include "oracle/truth/quick.h"

/* Folds q->v and q->s over the channels of op's result with small random
 * weights, and compares them with the operation on folded inputs.  Not for
 * grad_bias, nor for problems with an empty tensor.  DC_FAILED: at some
 * position they differ by more than the proven errors of both sides.
 * DC_NOMEM. */
dc_status dc_checksum(const dc_quick_values *q, const dc_truth *t, dc_op op,
                      dc_error *e);

/* The number of channels of each group of op's result that are folded. */
int64_t dc_checksum_channels(const dc_problem *p, dc_op op);

#endif
