/* SPDX-License-Identifier: MIT
 *
 * An optional second symbol of a plug-in: how is a library timed without its
 * preparations?  Only `deconform bench` calls it.
 *
 * The functions of dc_impl get tensors in the layout of the contract and know
 * nothing of earlier calls.  A library that compiles kernels, packs weights or
 * needs another layout would be charged for that in every call.  Through this
 * symbol it prepares once, outside the measured time.
 *
 * This header and deconform.h can be copied into another project; hence the
 * relative include.
 */
#ifndef DC_BENCH_PLUGIN_H
#define DC_BENCH_PLUGIN_H

#include "../../ref/deconform.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Computes operation op (0 forward, 1 grad_input, 2 grad_weight, 3 grad_bias)
 * of the problem.  in[] holds its inputs in the order of the parameters of the
 * function in dc_impl (forward: x, w, b or NULL; grad_input: gy, w; ...), and
 * out receives the result; all have the layout of the contract.
 *
 * The function first prepares whatever can serve many runs on the same tensors
 * (kernels, other layouts, packed weights), then makes one run to warm up, then
 * `repetitions` >= 1 runs.  *seconds is the wall time of these runs alone.  At
 * the end, out holds the result in the layout of the contract.  Every run
 * computes everything: none may use the result of another one.
 * DC_UNSUPPORTED if the library does not offer the operation. */
dc_status deconform_bench(const dc_problem *p, int op, const void *const in[3],
                          void *out, int64_t repetitions, double *seconds);

typedef dc_status dc_bench_function(const dc_problem *p, int op,
                                    const void *const in[3], void *out,
                                    int64_t repetitions, double *seconds);

#ifdef __cplusplus
}
#endif

#endif
