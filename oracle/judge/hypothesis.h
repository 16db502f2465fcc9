/* SPDX-License-Identifier: MIT
 *
 * The wrong elements of a result, and hypotheses about the accumulator of their
 * sums.  Included by the files that guess at arithmetic only.
 */
#ifndef DC_HYPOTHESIS_H
#define DC_HYPOTHESIS_H

#include "oracle/judge/judge.h"

enum { DC_SAMPLE_MAX = 512 };

/* A wrong element. */
typedef struct {
    int64_t index;
    const dc_interval *accepted;
    double got;
    double error;     /* got - t */
    int64_t products; /* in its sum; 0 if some input is not finite, */
    double s;         /* and S, rounded up */
} dc_wrong;

typedef struct {
    dc_truth *t;
    dc_op op;
    const dc_arithmetic *a;
    int dtype;
    dc_wrong wrong[DC_SAMPLE_MAX];
    int n;
} dc_sample;

/* The element whose error is the largest share of S. */
typedef struct {
    double share; /* |error| / S */
    int64_t products;
} dc_worst;

dc_worst dc_hypothesis_worst(const dc_sample *x);

/* Upper bound on the accumulator's width, from trailing zero bits that the
 * exact results do not have.  *sure: number of such bits; each occurs by chance
 * with probability 1/2. */
int dc_hypothesis_kept(const dc_sample *x, int *sure);

/* Does an accumulator of fewer bits explain the errors?  Then text says so.
 * By trailing zeros; the errors must fit that width, too. */
bool dc_hypothesis_trailing(const dc_sample *x, dc_worst w, char *text,
                            size_t size);

/* By the size of the errors, if even the largest is much smaller than a usual
 * product: terms are neither left out nor added then.  A single rounding causes
 * such an error at the smaller width; the roundings of a serial sum add up as a
 * random walk, which comes to the same at a larger width. */
bool dc_hypothesis_size(const dc_sample *x, dc_worst w, char *text,
                        size_t size);

#endif
