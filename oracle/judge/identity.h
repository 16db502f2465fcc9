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
 * for any step because f is bilinear in x and w: the terms in v u cancel.
 */
#ifndef DC_IDENTITY_H
#define DC_IDENTITY_H

#include "oracle/judge/result.h"
#include "oracle/subject/endpoint.h"
#include "oracle/truth/truth.h"

typedef struct {
    bool broken; /* the fields below are set */
    dc_op op;    /* the operation to blame */
    dc_verdict verdict;
    dc_check check;
    char text[320];
} dc_identity;

/* results[op] is NULL if op was not judged; forward's must be there.  Sets
 * *found if an identity is broken.  DC_NOMEM. */
dc_status dc_identity_adjoint(const dc_truth *t,
                              const void *const results[DC_OPS],
                              dc_identity *found, dc_error *e);

/* Calls forward twice with moved inputs; only inputs whose gradient is in
 * results are moved.  On a mismatch each gradient is tried alone, to blame one.
 * A call without a result is a finding, too. */
dc_status dc_identity_difference(const dc_truth *t, dc_endpoint *end,
                                 const void *const results[DC_OPS],
                                 dc_identity *found, dc_error *e);

#endif
