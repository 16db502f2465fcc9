/* SPDX-License-Identifier: MIT
 *
 * The four storage types: which values do they have, and which of them is
 * nearest to a number?  Every value of every type is a binary64 value, so a
 * double holds it exactly.
 */
#ifndef DC_FORMAT_H
#define DC_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "ref/deconform.h"

enum { DC_FORMATS = 4 };

/* A binary format as IEEE 754 describes it. */
typedef struct {
    const char *name;
    int size;       /* bytes */
    int precision;  /* significand bits p, including the hidden one */
    int emax;       /* largest exponent: values below 2^(emax+1) */
    int emin;       /* exponent of the smallest normal, 2^emin */
    double u;       /* unit roundoff 2^-p */
    double max;     /* largest finite value */
    double min;     /* smallest normal */
    double spacing; /* smallest subnormal, 2^(emin-p+1) */
} dc_format;

extern const dc_format dc_formats[DC_FORMATS];

/* Index of the type with this name (length given), or -1. */
int dc_format_find(const char *name, size_t length);

/* Element i of a tensor of this type, exactly. */
double dc_format_get(int dtype, const void *tensor, int64_t i);

/* values[0..count-1] = the elements of the tensor, exactly. */
void dc_format_decode(int dtype, const void *tensor, int64_t count,
                      double *values);

/* The bit pattern of element i. */
uint64_t dc_format_bits(int dtype, const void *tensor, int64_t i);

/* Stores a bit pattern as element i. */
void dc_format_set_bits(int dtype, void *tensor, int64_t i, uint64_t bits);

/* Stores v rounded to nearest, ties to even, with gradual underflow and
 * overflow to infinity.  A zero keeps its sign; a NaN becomes the quiet NaN. */
void dc_format_set(int dtype, void *tensor, int64_t i, double v);

/* v rounded as dc_format_set does, as a double. */
double dc_format_round(int dtype, double v);

/* v with at most `bits` significant bits, as no storage type may have it: to
 * nearest, ties to even, or cut if `truncates`.  What is not finite stays. */
double dc_format_shorten(double v, int bits, bool truncates);

/* The order of two doubles, for qsort. */
int dc_format_by_value(const void *a, const void *b);

#endif
