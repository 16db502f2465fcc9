/* SPDX-License-Identifier: MIT
 *
 * The reference: what is the exact value of each element of y, gx, gw, gb?
 * An element's products are gathered by the formula, summed exactly in MPFR,
 * and rounded once.
 */
#ifndef DC_REF_H
#define DC_REF_H

#include <mpfr.h>
#include <stdbool.h>

#include "ref/problem.h"

/* One element of one result. */
typedef struct {
    mpfr_t t;        /* the exact value: c + sum of the products */
    mpfr_t s;        /* S = |c| + sum of their magnitudes, rounded up */
    mpfr_t c;        /* the bias, or 0 without one */
    bool has_c;      /* forward with bias */
    int64_t n;       /* products that the formula has */
    int64_t nonzero; /* m': those whose value is not zero */
} dc_element;

void dc_element_init(dc_element *e);
void dc_element_clear(dc_element *e);

/* A complete problem with its tensors; not for concurrent use. */
typedef struct dc_ref dc_ref;

/* Opens a reference on the tensors x, w, b, gy (dense, of the problem's dtype;
 * NULL if no operation will need it).  They must stay valid until it is closed,
 * because an element is decoded when it is first used.  DC_NOMEM. */
dc_status dc_ref_open(dc_ref **ref, const dc_problem *p,
                      const void *const tensors[DC_TENSORS]);
void dc_ref_close(dc_ref *ref);

/* Element i of input tensor t.  The caller may change it, to any precision:
 * this is how finite differences move an input. */
mpfr_ptr dc_ref_input(dc_ref *ref, dc_tensor t, int64_t i);

/* Element `index` (C order) of op's result, exactly.  S costs as much as t, so
 * it is computed only if want_s. */
void dc_ref_element(dc_ref *ref, dc_op op, int64_t index, bool want_s,
                    dc_element *element);

/* The whole result, each element rounded once to the problem's dtype.
 * DC_NOMEM. */
dc_status dc_ref_run(const dc_problem *p, dc_op op,
                     const void *const tensors[DC_TENSORS], void *result);

#endif
