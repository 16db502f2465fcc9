/* SPDX-License-Identifier: MIT
 *
 * The optimised implementation, by im2col and GEMM: forward, grad_input,
 * grad_weight and grad_bias in f32 and f64, with any rank, groups, threads and
 * bounded workspace.  Callers inside this project may also pack weights once
 * and run them many times.
 */
#ifndef DC_FAST_H
#define DC_FAST_H

#include "ref/deconform.h"

/* The implementation as a plug-in table; never NULL. */
const dc_impl *dc_fast_impl(void);

/* Bytes that a call allocates apart from its tensors. */
typedef struct {
    int64_t shared; /* tables; packed weights or partial sums, if they pay */
    int64_t thread; /* workspace of each thread: a few MiB at most, unless a
                     * single position needs more because kernel and stride
                     * are both very wide */
} dc_fast_need;

/* The memory that operation op (0 forward, 1 grad_input, 2 grad_weight,
 * 3 grad_bias) of the problem needs; the call itself allocates by the same
 * numbers (plus thread stacks and what libc's sort needs).  The statuses of
 * `supports`; DC_INVALID if there is no such op; DC_NOMEM if the tables (whose
 * size is of the order of the kernel's) cannot be allocated or a size cannot
 * be represented. */
dc_status dc_fast_workspace(const dc_problem *p, int op, dc_fast_need *need);

/* Weights packed once for many runs of one operation of one problem. */
typedef struct dc_fast_packed dc_fast_packed;

/* Packs w for op 0 (forward) or 1 (grad_input) of the problem; w may change or
 * be freed afterwards.  *packed is NULL unless DC_OK.  The statuses of
 * `supports`; DC_INVALID if op is another one or w is missing; DC_NOMEM. */
dc_status dc_fast_pack(const dc_problem *p, int op, const void *w,
                       dc_fast_packed **packed);

/* Runs the operation: forward from x and b (NULL without bias) to y, or
 * grad_input from gy to gx.  The result has the bits of the function in the
 * table.  Several threads may run the same packed weights at the same time.
 * DC_INVALID if a tensor is missing; DC_NOMEM. */
dc_status dc_fast_run_packed(const dc_fast_packed *packed, const void *in,
                             const void *b, void *out);

/* Accepts NULL. */
void dc_fast_pack_free(dc_fast_packed *packed);

#endif
