/* SPDX-License-Identifier: MIT
 *
 * The four operations for one storage type, as untyped functions, so that
 * fast.c needs one table and no clones.
 */
#ifndef DC_FAST_OPERATIONS_H
#define DC_FAST_OPERATIONS_H

#include "geometry.h"

/* Tensors as in dc_impl; b NULL without bias.  Results are written whole.
 * DC_OK or DC_NOMEM. */
typedef struct {
    dc_status (*forward)(const dc_fast_geometry *q, const void *x,
                         const void *w, const void *b, void *y);
    dc_status (*grad_input)(const dc_fast_geometry *q, const void *gy,
                            const void *w, void *gx);
    dc_status (*grad_weight)(const dc_fast_geometry *q, const void *gy,
                             const void *x, void *gw);
    dc_status (*grad_bias)(const dc_fast_geometry *q, const void *gy, void *gb);
} dc_fast_operations;

extern const dc_fast_operations dc_fast_f32;
extern const dc_fast_operations dc_fast_f64;

#endif
