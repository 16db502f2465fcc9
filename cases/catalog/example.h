/* SPDX-License-Identifier: MIT
 *
 * Published examples of transposed convolution with the values that are
 * right, and the printed values that are wrong and that we refute.
 */
#ifndef DC_EXAMPLE_H
#define DC_EXAMPLE_H

#include "ref/case.h"

/* A list of numbers; count 0 and values NULL where the example does not speak
 * of the tensor. */
typedef struct {
    int count;
    const double *values;
} dc_numbers;

/* One published example with its data.  Tensors are in C order. */
typedef struct {
    const char *name;
    const char *source;           /* which page, which passage */
    const char *spec;             /* case string without dtype, family, seed */
    dc_numbers in[DC_TENSORS];    /* x, w, b, gy */
    dc_numbers right[DC_TENSORS]; /* y, gx, gw, gb as they must be */
    dc_numbers wrong[DC_TENSORS]; /* as they were printed, where wrong */
} dc_example;

extern const dc_example dc_examples[];
extern const int dc_examples_count;

/* A published output size, with the size that the page printed. */
typedef struct {
    const char *name;
    const char *source;
    const char *spec;
    int64_t right[3];
    int64_t printed[3]; /* equal to right, or an erratum */
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
