/* SPDX-License-Identifier: MIT
 *
 * Is a whole result of quick values plausible?  A random channel checksum at
 * every position, by scattering: 1/channels of the work, and neither the
 * formula of ref/ nor the indices of fast/.
 */
#ifndef DC_CHECKSUM_H
#define DC_CHECKSUM_H

#include "oracle/truth/quick.h"

/* Folds q->v over the channels of op's result with small random weights and
 * compares with the operation on folded inputs.  DC_FAILED: a position is off
 * by more than the proven errors of both sides.  Not for grad_bias, nor for
 * problems with an empty tensor. */
dc_status dc_checksum(const dc_quick_values *q, const dc_truth *t, dc_op op,
                      dc_error *e);

/* How many channels op's result is folded from, of each group. */
int64_t dc_checksum_channels(const dc_problem *p, dc_op op);

#endif
