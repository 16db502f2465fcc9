/* SPDX-License-Identifier: MIT
 *
 * A case with its numbers and, per operation, what is accepted for every
 * element of the result.
 */
#ifndef DC_TRUTH_H
#define DC_TRUTH_H

#include "ref/case.h"
#include "ref/ref.h"
#include "oracle/truth/bound.h"
#include "oracle/truth/special.h"

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
    /* made with the first interval, where there is a need: */
    int prepared;
    dc_special *special;          /* something is not finite */
    dc_ref *finite;               /* ... what the rest of it gives */
    void *cleaned[2][DC_TENSORS]; /* tensors of these two */
    dc_ref *flushed;           /* declared `flush`, and there are subnormals */
    double *norms[DC_TENSORS]; /* declared `transform`: of each plane */
    int long_factors[DC_TENSORS]; /* 1: more than 11 bits */
    dc_element other;
} dc_truth;

/* Fills the tensors of c.  Refuses what memory cannot hold. */
dc_status dc_truth_open(dc_truth *t, const dc_case *c, dc_error *e);
void dc_truth_close(dc_truth *t);

/* Opens case c over the tensors x, w, b, gy in `given` (dense, of its dtype),
 * such as a pack's; where one is NULL, the case's own is used.  If any differs
 * from the case's own, no data family is assumed: the bound decides. */
dc_status dc_truth_open_with(dc_truth *t, const dc_case *c,
                             void *const given[DC_TENSORS], dc_error *e);

/* `tensor` of the case's dtype as `count` doubles; NULL: no elements.  The
 * caller frees them.  NULL if memory is short. */
double *dc_truth_doubles(const dc_truth *t, const void *tensor, int64_t count);

/* 1 when op's result is judged bit for bit: exact data, and nothing declared
 * that would spoil them.  Prepares for the declarations. */
dc_status dc_truth_exact(dc_truth *t, dc_op op, const dc_arithmetic *a,
                         int *exact, dc_error *e);

/* What is accepted for one element of op's result.  DC_FAILED: exact data
 * that are not exact, a harness fault.  Always with the same arithmetic. */
dc_status dc_truth_interval(dc_truth *t, dc_op op, int64_t index,
                            const dc_arithmetic *a, dc_interval *out,
                            dc_error *e);

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
