/* SPDX-License-Identifier: MIT
 *
 * Values of the four storage types, for plug-ins without the suite's own code.
 */
#ifndef STORAGE_H
#define STORAGE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "ref/deconform.h"

static inline double round_bits(double v, int bits)
{
    int e;

    if (v == 0 || !isfinite(v))
        return v;
    v = frexp(v, &e);
    return ldexp(nearbyint(ldexp(v, bits)), e - bits);
}

static inline double read_value(int dtype, const void *t, int64_t i)
{
    const uint16_t *const half = t;
    uint32_t bits;
    float f;

    if (dtype == DC_F64)
        return ((const double *)t)[i];
    if (dtype == DC_F32)
        return (double)((const float *)t)[i];
    if (dtype == DC_BF16) {
        bits = (uint32_t)half[i] << 16;
        memcpy(&f, &bits, sizeof f);
        return (double)f;
    }
    const int e = half[i] >> 10 & 31;
    const int m = half[i] & 1023;
    const double v = e == 31  ? (m ? (double)NAN : (double)INFINITY)
                     : e == 0 ? ldexp(m, -24)
                              : ldexp(m + 1024, e - 25);
    return half[i] >> 15 ? -v : v;
}

/* Rounded to nearest even, once. */
static inline double to_f16(double v)
{
    if (v == 0 || !isfinite(v))
        return v;
    v = fabs(v) < 0x1p-14 ? ldexp(nearbyint(ldexp(v, 24)), -24)
                          : round_bits(v, 11);
    return fabs(v) > 65504 ? copysign((double)INFINITY, v) : v;
}

static inline void write_value(int dtype, void *t, int64_t i, double v)
{
    uint16_t *const half = t;

    if (dtype == DC_F64) {
        ((double *)t)[i] = v;
    } else if (dtype == DC_F32) {
        ((float *)t)[i] = (float)v;
    } else if (dtype == DC_BF16) {
        /* from f32, as in implementations that sum in f32 */
        const float f = (float)v;
        uint32_t bits;
        memcpy(&bits, &f, sizeof bits);
        half[i] =
            (uint16_t)(isnan(v) ? 0x7fc0
                                : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    } else {
        const double r = to_f16((double)(float)v);
        const double m = fabs(r);
        const int sign = signbit(r) ? 0x8000 : 0;
        int e;

        if (isnan(r))
            half[i] = 0x7e00;
        else if (isinf(r))
            half[i] = (uint16_t)(sign | 0x7c00);
        else if (m < 0x1p-14)
            half[i] = (uint16_t)(sign | (int)ldexp(m, 24));
        else {
            const double f = frexp(m, &e);
            half[i] =
                (uint16_t)(sign | (e + 14) << 10 | ((int)ldexp(f, 11) - 1024));
        }
    }
}

/* v rounded to the accumulator: f64 for f64, else f32. */
static inline double in_acc(int dtype, double v)
{
    return dtype == DC_F64 ? v : (double)(float)v;
}

#endif
