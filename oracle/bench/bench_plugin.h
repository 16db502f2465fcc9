/* SPDX-License-Identifier: MIT
 *
 * How does a library get timed without what surrounds it?  A second, optional
 * symbol of a plug-in, asked for by `deconform bench` alone.
 *
 * The plain table lays tensors out as the contract says and starts afresh at
 * every call.  A library that compiles kernels, packs weights or wants another
 * layout would be charged for that at each of them.  With this symbol it
 * prepares once, outside the clock.
 */
#ifndef DC_BENCH_PLUGIN_H
#define DC_BENCH_PLUGIN_H

#include "../../ref/deconform.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Computes operation op (0 forward, 1 grad_input, 2 grad_weight, 3 grad_bias)
 * of the problem.  in[] holds its inputs in the order of the function in
 * dc_impl (forward: x, w, b or NULL; grad_input: gy, w; ...), out takes the
 * result; both are laid out as the contract says.
 *
 * Whatever can be done once for many runs on the same tensors (kernels, other
 * layouts, packed weights) is done first, then one run that warms up, then
 * `repetitions` >= 1 runs; *seconds is the wall time of these alone.  At the
 * end `out` holds the result in the contract's layout.  Runs are complete:
 * none may lean on the result of another.
 * DC_UNSUPPORTED where the library does not offer it, as in the table. */
dc_status deconform_bench(const dc_problem *p, int op, const void *const in[3],
                          void *out, int64_t repetitions, double *seconds);

typedef dc_status dc_bench_function(const dc_problem *p, int op,
                                    const void *const in[3], void *out,
                                    int64_t repetitions, double *seconds);

#ifdef __cplusplus
}
#endif

#endif
