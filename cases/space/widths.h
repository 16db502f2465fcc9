/* SPDX-License-Identifier: MIT
 *
 * Layers as networks have them: 48 to 512 channels with the kernels, strides
 * and pads of networks, dense, grouped and depthwise, and planes of real size.
 *
 * The products of a layer are the product of all this, so that a case has wide
 * channels at small extents or large planes at few channels.
 */
#ifndef DC_WIDTHS_H
#define DC_WIDTHS_H

#include "cases/space/sweep.h"

/* Number of cases of a tier; 0 for other tiers than ci and full. */
int64_t dc_widths_count(dc_tier tier);

/* Case `index` with its name: legal and complete in f64. */
void dc_widths_case(dc_tier tier, int64_t index, dc_item *item);

#endif
