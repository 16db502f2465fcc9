/* SPDX-License-Identifier: MIT
 *
 * Published examples of transposed convolution: the right values, and the
 * printed ones if they are wrong.
 */
#ifndef DC_EXAMPLE_H
#define DC_EXAMPLE_H

#include "ref/case.h"

/* A list of numbers; empty if the example does not have the tensor. */
typedef struct {
    int count;
    const double *values;
} dc_numbers;

/* An example with its data.  Tensors are in C order. */
typedef struct {
    const char *name;
    const char *source;           /* the page and the passage */
    const char *spec;             /* case string without dtype, family, seed */
    dc_numbers in[DC_TENSORS];    /* x, w, b, gy */
    dc_numbers right[DC_TENSORS]; /* y, gx, gw, gb */
    dc_numbers wrong[DC_TENSORS]; /* those that were printed wrong */
} dc_example;

extern const dc_example dc_examples[];
extern const int dc_examples_count;

/* A published output size. */
typedef struct {
    const char *name;
    const char *source;
    const char *spec;
    int64_t right[3];
    int64_t printed[3]; /* an erratum if it differs */
} dc_size_example;

extern const dc_size_example dc_size_examples[];
extern const int dc_size_examples_count;

/* Operation counts of the published configurations. */
typedef struct {
    const char *name;
    const char *spec;
    int64_t taps, reached, direct, col2im, stuffed, total, published;
} dc_count_example;

extern const dc_count_example dc_count_examples[];
extern const int dc_count_examples_count;

#endif
