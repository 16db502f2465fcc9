/* SPDX-License-Identifier: MIT
 *
 * A case with its data: which values are accepted for each element of each
 * operation's result?
 */
#ifndef DC_TRUTH_H
#define DC_TRUTH_H

#include <stdbool.h>

#include "ref/case.h"
#include "ref/ref.h"
#include "oracle/truth/bound.h"
#include "oracle/truth/special.h"

/* What only some data and declarations need; filled before the first
 * interval. */
typedef struct {
    bool ready;
    bool long_factors[DC_TENSORS]; /* some value has more than 11 bits */
    /* some input is not finite: */
    dc_special *special;
    dc_ref *finite; /* over the tensors with 0 in place of NaN, infinities */
    /* `flush` or `tf32` is declared, and some input is subnormal: */
    dc_ref *flushed;              /* over the tensors with 0 there, too */
    void *cleaned[2][DC_TENSORS]; /* the tensors of finite and of flushed */
    /* `transform` is declared: */
    double *norms[DC_TENSORS]; /* Euclidean, of each plane of x, w, gy */
    dc_problem planes;         /* see dc_problem_planes */
} dc_truth_cache;

/* Working space: what is in it is lost with the next interval. */
typedef struct {
    dc_bound bound;
    dc_element element;
} dc_truth_scratch;

/* One thread at a time. */
typedef struct {
    dc_case c;
    const void *tensors[DC_TENSORS]; /* x, w, b (NULL without bias), gy */
    void *own[DC_TENSORS];           /* the same, owned */
    int64_t count[DC_OPS];           /* elements of each result */
    dc_ref *ref;
    dc_element element;            /* the last element computed, by anybody */
    dc_interval *accepted[DC_OPS]; /* NULL until dc_truth_make */
    dc_truth_cache cache;
    dc_truth_scratch scratch;
} dc_truth;

/* Fills c's tensors with its data.  DC_NOMEM, also for a tensor of more than
 * 2^28 elements.  After an error there is nothing to close. */
dc_status dc_truth_open(dc_truth *t, const dc_case *c, dc_error *e);
void dc_truth_close(dc_truth *t);

/* Opens case c over the tensors x, w, b, gy in `given` (dense, of its dtype),
 * such as a pack's; if one is NULL, the case's own is used.  If any differs
 * from the case's own, no data family is assumed: the bound decides. */
dc_status dc_truth_open_with(dc_truth *t, const dc_case *c,
                             void *const given[DC_TENSORS], dc_error *e);

/* `tensor` of the case's dtype as `count` doubles; NULL: no elements.  The
 * caller frees them.  NULL if memory is short. */
double *dc_truth_doubles(const dc_truth *t, const void *tensor, int64_t count);

/* The value to take in place of v in tensor t. */
typedef double dc_truth_map(const void *context, dc_tensor t, double v);

/* Opens a reference over copies of the inputs, mapped value by value.  The
 * caller frees the copies and closes *ref, after an error as well.  Both must
 * be NULL before.  DC_NOMEM. */
dc_status dc_truth_mapped(const dc_truth *t, dc_truth_map *map,
                          const void *context, void *copies[DC_TENSORS],
                          dc_ref **ref);

/* Is op's result judged bit for bit?  It is if the data are exact and nothing
 * is declared that makes the result inexact.  DC_NOMEM. */
dc_status dc_truth_exact(dc_truth *t, dc_op op, const dc_arithmetic *a,
                         bool *exact, dc_error *e);

/* What is accepted for element `index` of op's result.  Every call must have
 * the same arithmetic.  DC_FAILED, a harness fault: the family is exact but
 * the exact value is not representable.  DC_NOMEM. */
dc_status dc_truth_interval(dc_truth *t, dc_op op, int64_t index,
                            const dc_arithmetic *a, dc_interval *out,
                            dc_error *e);

/* Fills accepted[op]: the exact value for exact families, the hard bound for
 * the others.  Does nothing if it is filled.  Errors of dc_truth_interval. */
dc_status dc_truth_make(dc_truth *t, dc_op op, const dc_arithmetic *a,
                        dc_error *e);

/* The number of elements that are not accepted, and the first of them or
 * -1. */
typedef struct {
    int64_t wrong;
    int64_t first;
} dc_comparison;

/* Compares a result (dense, of the case's dtype) with accepted[op], which
 * must be filled. */
dc_comparison dc_truth_compare(const dc_truth *t, dc_op op, const void *result);

#endif
