/* SPDX-License-Identifier: MIT
 *
 * Correct implementations: each adds the same products in another order, or
 * with another arithmetic of at least the accumulator's precision.  A rule that
 * refuses one of them accuses the innocent.
 */
#ifndef DC_CORRECT_H
#define DC_CORRECT_H

#include "ref/problem.h"

/* The products of an element, and the bias. */
typedef struct {
    int dtype;
    int64_t count;
    const double *a, *b; /* factors */
    double bias;         /* 0 without one */
} dc_products;

typedef struct {
    const char *name;
    double (*sum)(const dc_products *p); /* before it is stored */
    bool declared; /* correct only where --accumulate f16 is declared */
} dc_correct;

extern const dc_correct dc_corrects[];
extern const int dc_corrects_count;

/* A result in every way, and what is right.  Arrays have `count` values. */
typedef struct {
    int64_t count;
    double **got;  /* by number in dc_corrects */
    double *exact; /* the sum in binary64 */
    double *scale; /* the sum of magnitudes in binary64 */
} dc_correct_results;

/* Computes op's result from the tensors that op takes.  DC_NOMEM. */
dc_status dc_correct_run(const dc_problem *p, dc_op op,
                         const void *const tensors[DC_TENSORS],
                         dc_correct_results *r);
void dc_correct_free(dc_correct_results *r);

#endif
