/* SPDX-License-Identifier: MIT
 *
 * Do an implementation's own results agree with each other?  Identities that
 * hold exactly on `int` data, without any reference:
 *
 *   adjoint      <gy, y - b> = <gx, x> = <gw, w>      <gy, b> = <gb, b>
 *   differences  <gy, f(x+v, w+u, b+z) - f(x-v, w-u, b-z)>
 *                    = 2 (<gx, v> + <gw, u> + <gb, z>)
 *
 * The second is a central difference in all directions at once; it is exact
 * at any step because f is bilinear in x and w: the terms in v u cancel.
 */
#ifndef DC_IDENTITY_H
#define DC_IDENTITY_H

#include "oracle/subject/endpoint.h"
#include "oracle/judge/result.h"
#include "oracle/truth/truth.h"

typedef struct {
    int broken;
    dc_op op;           /* the operation that is blamed */
    dc_verdict verdict; /* DC_FAIL, or what became of the further calls */
    dc_check check;     /* DC_CHECK_ADJOINT or DC_CHECK_DIFFERENCE */
    char text[320];
} dc_identity;

/* results[op] is NULL where an operation was not judged. */
dc_status dc_identity_adjoint(const dc_truth *t,
                              const void *const results[DC_OPS],
                              dc_identity *found, dc_error *e);

/* Two more forward calls at moved inputs; only tensors whose gradient is
 * there are moved.  On a mismatch each gradient is tried alone, to name it. */
dc_status dc_identity_difference(const dc_truth *t, dc_endpoint *end,
                                 const void *const results[DC_OPS],
                                 dc_identity *found, dc_error *e);

#endif
