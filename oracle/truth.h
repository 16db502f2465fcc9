/* SPDX-License-Identifier: MIT
 *
 * A case with its numbers and, per operation, what is accepted for every
 * element of the result.
 */
#ifndef DC_TRUTH_H
#define DC_TRUTH_H

#include "../ref/case.h"
#include "../ref/ref.h"
#include "bound.h"

/* A case brought to life: tensors filled, reference opened. */
typedef struct {
    dc_case c;
    const void *tensors[DC_TENSORS]; /* x, w, b (NULL without bias), gy */
    void *own[DC_TENSORS];
    dc_ref *ref;
    dc_bound scratch;
    dc_element element;
    dc_interval *accepted[DC_OPS]; /* NULL until dc_truth_make */
    int64_t count[DC_OPS];         /* elements of each result */
} dc_truth;

/* Fills the tensors of c.  Refuses what memory cannot hold. */
dc_status dc_truth_open(dc_truth *t, const dc_case *c, dc_error *e);
void dc_truth_close(dc_truth *t);

/* Computes what is accepted for op's result: bitwise for exact families, the
 * hard bound for the others.  Nothing to do when it is there already. */
dc_status dc_truth_make(dc_truth *t, dc_op op, const dc_arithmetic *a,
                        dc_error *e);

/* How a result compares: number of elements that are not accepted, and the
 * first of them (or -1). */
typedef struct {
    int64_t wrong;
    int64_t first;
} dc_comparison;

/* Compares a result (dense, of the case's dtype) with the truth, which must
 * have been made. */
dc_comparison dc_truth_compare(const dc_truth *t, dc_op op, const void *result);

#endif
