/* SPDX-License-Identifier: MIT
 *
 * The im2col-optimised implementation: forward, grad_input, grad_weight and
 * grad_bias in f32 and f64, any rank, groups, threads, bounded workspace.
 */
#ifndef DC_FAST_H
#define DC_FAST_H

#include "../ref/deconform.h"

/* The implementation as a plug-in table; never NULL. */
const dc_impl *dc_fast_impl(void);

#endif
