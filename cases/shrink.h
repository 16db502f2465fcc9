/* SPDX-License-Identifier: MIT
 *
 * What is the smallest case that still fails?  Proposes smaller cases one at a
 * time; a callback decides whether they fail.
 */
#ifndef DC_SHRINK_H
#define DC_SHRINK_H

#include "ref/case.h"

/* Does c fail in the same way? */
typedef enum {
    DC_SHRINK_STOP = -1, /* unknown, and no further case may be tried */
    DC_SHRINK_PASSES,
    DC_SHRINK_FAILS
} dc_shrink_answer;

typedef dc_shrink_answer dc_shrink_try(void *context, const dc_case *c);

/* How large a case looks to a reader: the elements of its tensors and the
 * distance of its parameters from the defaults, then the magnitude of its
 * data. */
int64_t dc_shrink_weight(const dc_case *c);

/* Reduces the failing case c until no smaller failing one is found or `most`
 * cases were tried: first the data to an exact family, then axes, batch,
 * channels, groups, bias, extents, kernel, stride, dilation, pads, op (alone,
 * in the pairs that some defects need, and on all axes at once), then the data
 * towards one-hot tensors and small integers.  A number is lowered by
 * bisection, so that of a defect that begins at 65,536 channels a case with
 * just so many is left.  No case is tried twice.
 * *tried is the number of cases tried.  DC_NOMEM. */
dc_status dc_shrink_run(dc_case *c, int most, dc_shrink_try *try_case,
                        void *context, int *tried);

#endif
