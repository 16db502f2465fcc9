/* SPDX-License-Identifier: MIT
 *
 * The four operations for one storage type, as untyped functions, so that
 * fast.c needs one table and no clones.
 */
#ifndef DC_FAST_OPS_H
#define DC_FAST_OPS_H

#include "fast/fast.h"
#include "fast/isa.h"
#include "fast/plan.h"

/* The operations in the order of dc_impl. */
enum {
    DC_FAST_OP_FORWARD,
    DC_FAST_OP_GRAD_INPUT,
    DC_FAST_OP_GRAD_WEIGHT,
    DC_FAST_OP_GRAD_BIAS
};

/* What an operation reads and writes, as in dc_impl. */
typedef struct {
    const void *in; /* x, or gy */
    const void *w;  /* NULL with packed weights */
    const void *b;  /* NULL without bias */
    void *out;
} dc_fast_tensors;

/* Weights packed for forward or grad_input of one problem, in the order in
 * which this level of instructions reads them; both NULL where nothing is
 * summed. */
typedef struct {
    dc_fast_plan plan;
    dc_fast_level level;
    void *a;
} dc_fast_weights;

/* Results are written whole.  DC_OK or DC_NOMEM.  The needs are those of
 * fast.h, and what the functions themselves go by. */
typedef struct {
    dc_status (*correlate)(const dc_fast_geometry *q, int op,
                           const dc_fast_tensors *t,
                           const dc_fast_weights *packed);
    dc_status (*correlate_need)(const dc_fast_geometry *q, int op,
                                dc_fast_need *need);
    dc_status (*pack)(const dc_fast_geometry *q, int op, const void *w,
                      dc_fast_weights *packed);
    dc_status (*grad_weight)(const dc_fast_geometry *q, const void *gy,
                             const void *x, void *gw);
    dc_fast_need (*grad_weight_need)(const dc_fast_geometry *q);
    dc_status (*grad_bias)(const dc_fast_geometry *q, const void *gy, void *gb);
} dc_fast_operations;

extern const dc_fast_operations dc_fast_f32;
extern const dc_fast_operations dc_fast_f64;

#endif
