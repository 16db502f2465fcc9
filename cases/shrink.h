/* SPDX-License-Identifier: MIT
 *
 * What is the smallest case that still fails?  Proposes smaller cases, one at
 * a time, and asks somebody else whether they fail; knows nothing of how.
 */
#ifndef DC_SHRINK_H
#define DC_SHRINK_H

#include "ref/case.h"

/* Does c fail in the same way?  1 yes, 0 no, -1: ask no more. */
typedef int dc_shrink_fails(void *context, const dc_case *c);

/* How large a case is to a reader: elements of its tensors and distance of
 * its parameters from the defaults, then magnitude of its numbers. */
int64_t dc_shrink_weight(const dc_case *c);

/* Reduces c, which fails, until nothing smaller is found to fail or `most`
 * questions were asked: first the data to an exact family, then axes, batch,
 * channels, groups, bias, extents, kernel, stride, dilation, pads, op (alone,
 * in pairs that some defects need, and on all axes at once), then the data
 * towards one-hot tensors and small integers.  No case is asked about twice.
 * *asked is the number of questions.  DC_OK or DC_NOMEM. */
dc_status dc_shrink_run(dc_case *c, int most, dc_shrink_fails *fails,
                        void *context, int *asked);

#endif
