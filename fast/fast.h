/* SPDX-License-Identifier: MIT
 *
 * The im2col-optimised implementation: forward, grad_input, grad_weight and
 * grad_bias in f32 and f64, any rank, groups, threads, bounded workspace; and,
 * for those inside this project, weights packed once for many runs.
 */
#ifndef DC_FAST_H
#define DC_FAST_H

#include "ref/deconform.h"

/* The implementation as a plug-in table; never NULL. */
const dc_impl *dc_fast_impl(void);

/* Bytes that a call takes beside its tensors: the tables and, where they pay,
 * packed weights or partial sums that all threads share; and a room for each
 * thread, a few MiB at most unless a single position of a kernel as wide as
 * its stride is more. */
typedef struct {
    int64_t shared;
    int64_t thread;
} dc_fast_need;

/* What operation op (0 forward, 1 grad_input, 2 grad_weight, 3 grad_bias) of
 * the problem will take; the call itself allocates by the same numbers (beside
 * stacks and what libc sorts with).  The statuses of `supports`; DC_INVALID:
 * no such op; DC_NOMEM: the tables (of the order of the kernel) cannot be
 * had, or the sizes not be represented. */
dc_status dc_fast_workspace(const dc_problem *p, int op, dc_fast_need *need);

/* Weights packed once for many runs of one operation of one problem. */
typedef struct dc_fast_packed dc_fast_packed;

/* Packs w for op 0 (forward) or 1 (grad_input) of the problem; w is not
 * looked at again.  *packed is NULL unless DC_OK.  The statuses of `supports`;
 * DC_INVALID: another op, or w missing; DC_NOMEM. */
dc_status dc_fast_pack(const dc_problem *p, int op, const void *w,
                       dc_fast_packed **packed);

/* Runs the operation: forward from x and b (NULL without bias) to y, or
 * grad_input from gy to gx; the bits are those of the function in the table.
 * Several threads may run the same packed weights at the same time.
 * DC_INVALID: a tensor is missing; DC_NOMEM. */
dc_status dc_fast_run_packed(const dc_fast_packed *packed, const void *in,
                             const void *b, void *out);

/* NULL is nothing to free. */
void dc_fast_pack_free(dc_fast_packed *packed);

#endif
