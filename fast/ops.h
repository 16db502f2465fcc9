/* SPDX-License-Identifier: MIT
 *
 * The four operations of one storage type behind untyped pointers, so that
 * fast.c dispatches through a table.
 */
#ifndef DC_FAST_OPS_H
#define DC_FAST_OPS_H

#include "fast/fast.h"
#include "fast/isa.h"
#include "fast/plan.h"

/* The operations in the order of dc_impl. */
typedef enum {
    DC_FAST_OP_FORWARD,
    DC_FAST_OP_GRAD_INPUT,
    DC_FAST_OP_GRAD_WEIGHT,
    DC_FAST_OP_GRAD_BIAS
} dc_fast_op;

/* The tensors of forward or grad_input. */
typedef struct {
    const void *in; /* forward: x; grad_input: gy */
    const void *w;  /* NULL if the weights are packed */
    const void *b;  /* NULL without bias */
    void *out;      /* forward: y; grad_input: gx */
} dc_fast_tensors;

/* Weights packed for forward or grad_input of one problem, in the order in
 * which the kernels of `isa` read them.  If all sums are empty, there is no
 * plan and `a` is NULL. */
typedef struct {
    dc_fast_plan plan;
    dc_fast_isa isa;
    void *a;
} dc_fast_weights;

/* Every element of a result is written.  The statuses are DC_OK and DC_NOMEM.
 * conv is forward and grad_input; conv_need and grad_weight_need are as in
 * fast.h, and the operations allocate by the same numbers. */
typedef struct {
    dc_status (*conv)(const dc_fast_geometry *q, dc_fast_op op,
                      const dc_fast_tensors *t, const dc_fast_weights *packed);
    dc_status (*conv_need)(const dc_fast_geometry *q, dc_fast_op op,
                           dc_fast_need *need);
    dc_status (*pack_weights)(const dc_fast_geometry *q, dc_fast_op op,
                              const void *w, dc_fast_weights *packed);
    dc_status (*grad_weight)(const dc_fast_geometry *q, const void *gy,
                             const void *x, void *gw);
    dc_fast_need (*grad_weight_need)(const dc_fast_geometry *q);
    dc_status (*grad_bias)(const dc_fast_geometry *q, const void *gy, void *gb);
} dc_fast_operations;

extern const dc_fast_operations dc_fast_f32;
extern const dc_fast_operations dc_fast_f64;

#endif
