/* SPDX-License-Identifier: MIT
 *
 * The truth of tensors that somebody else made: a pack's, or a stranger's
 * ONNX test data.
 */
#ifndef DC_GIVEN_H
#define DC_GIVEN_H

#include "cases/pack/pack.h"
#include "oracle/truth/truth.h"

/* Opens the truth of case c over the tensors x, w, b, gy that `given` holds;
 * a gradient that is missing there is that of the case.  Where the given
 * tensors are not the case's own, nothing is promised of them, and the
 * verdict is by the bound. */
dc_status dc_given_open(dc_truth *t, const dc_case *c,
                        const dc_pack_tensors *given, dc_error *e);

#endif
