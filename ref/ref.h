/* SPDX-License-Identifier: MIT
 *
 * The reference: what is the exact value of every element of y, gx, gw, gb?
 * Each element gathers its real products from the formula, sums them exactly
 * in MPFR, and is rounded once.
 */
#ifndef DC_REF_H
#define DC_REF_H

#include <mpfr.h>

#include "ref/problem.h"

/* Everything that the formula says about one element of one result. */
typedef struct {
    mpfr_t t;        /* the exact value: c + sum of the products */
    mpfr_t s;        /* S = |c| + sum of their magnitudes, rounded up */
    mpfr_t c;        /* the bias where there is one, else 0 */
    int has_c;       /* 1: forward with bias */
    int64_t n;       /* n(o): products of the formula, structural zeros none */
    int64_t nonzero; /* m': those of them whose value is not zero */
} dc_element;

void dc_element_init(dc_element *e);
void dc_element_clear(dc_element *e);

/* A problem with its tensors.  One thread at a time. */
typedef struct dc_ref dc_ref;

/* Takes the tensors that are given (dense, of the problem's dtype; NULL where
 * none is needed) for a complete problem; they must stay until it is closed,
 * for each element is decoded when it is first used.  DC_NOMEM. */
dc_status dc_ref_open(dc_ref **ref, const dc_problem *p,
                      const void *const tensors[DC_TENSORS]);
void dc_ref_close(dc_ref *ref);

/* Element i of input tensor t, which a caller may change (to any precision:
 * products stay exact): finite differences are taken this way. */
mpfr_ptr dc_ref_input(dc_ref *ref, dc_tensor t, int64_t i);

/* The exact element `index` (C order) of op's result.  S is computed only
 * when want_s is set: it costs as much as t. */
void dc_ref_element(dc_ref *ref, dc_op op, int64_t index, int want_s,
                    dc_element *e);

/* The whole result, each element rounded once to the problem's dtype. */
dc_status dc_ref_run(const dc_problem *p, dc_op op,
                     const void *const tensors[DC_TENSORS], void *result);

#endif
