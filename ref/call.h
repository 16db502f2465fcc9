/* SPDX-License-Identifier: MIT
 *
 * Which function of an implementation is an operation, and which tensors are
 * its arguments?
 */
#ifndef DC_CALL_H
#define DC_CALL_H

#include "ref/problem.h"

/* Does impl have a function for op? */
int dc_call_offers(const dc_impl *impl, dc_op op);

/* Calls it: in[k] is tensor dc_ops[op].in[k], NULL for a bias that is not
 * there.  DC_UNSUPPORTED without a function, else what it answers. */
dc_status dc_call(const dc_impl *impl, const dc_problem *p, dc_op op,
                  const void *const in[3], void *out);

/* The same, the arguments picked from all tensors. */
dc_status dc_call_tensors(const dc_impl *impl, const dc_problem *p, dc_op op,
                          const void *const tensors[DC_TENSORS], void *out);

#endif
