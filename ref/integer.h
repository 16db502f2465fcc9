/* SPDX-License-Identifier: MIT
 *
 * Integer arithmetic that C's operators do not have.
 */
#ifndef DC_INTEGER_H
#define DC_INTEGER_H

#include <stdint.h>

static inline int64_t dc_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t dc_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* a / b rounded down, b > 0. */
static inline int64_t dc_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* a / b rounded up, b > 0. */
static inline int64_t dc_ceil_div(int64_t a, int64_t b)
{
    return a / b + (a % b > 0);
}

/* The greatest common divisor of a >= 0 and b >= 0. */
static inline int64_t dc_gcd(int64_t a, int64_t b)
{
    while (b) {
        const int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* The product of the first `rank` extents. */
static inline int64_t dc_volume(const int64_t *extent, int rank)
{
    int64_t product = 1;

    for (int a = 0; a < rank; a++)
        product *= extent[a];
    return product;
}

#endif
