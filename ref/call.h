/* SPDX-License-Identifier: MIT
 *
 * Calls the function of an implementation that computes a given operation.
 */
#ifndef DC_CALL_H
#define DC_CALL_H

#include <stdbool.h>

#include "ref/problem.h"

/* Does impl have a function for op? */
bool dc_call_offers(const dc_impl *impl, dc_op op);

/* Calls op's function with in[k] = tensor dc_ops[op].in[k] (a bias may be
 * NULL) and returns its status; DC_UNSUPPORTED if impl has no such function. */
dc_status dc_call(const dc_impl *impl, const dc_problem *p, dc_op op,
                  const void *const in[3], void *out);

/* The same, with the arguments picked from all tensors. */
dc_status dc_call_tensors(const dc_impl *impl, const dc_problem *p, dc_op op,
                          const void *const tensors[DC_TENSORS], void *out);

#endif
