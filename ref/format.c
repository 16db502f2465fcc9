/* SPDX-License-Identifier: MIT
 *
 * Exact conversion between the storage types and double by bit patterns, so
 * that it is the same on every machine.
 */
#include "ref/format.h"

#include <float.h>
#include <math.h>
#include <string.h>

const dc_format dc_formats[DC_FORMATS] = {
    [DC_F64] = {"f64", 8, 53, 1023, -1022, 0x1p-53, DBL_MAX, DBL_MIN,
                0x1p-1074},
    [DC_F32] = {"f32", 4, 24, 127, -126, 0x1p-24, FLT_MAX, FLT_MIN, 0x1p-149},
    [DC_F16] = {"f16", 2, 11, 15, -14, 0x1p-11, 65504.0, 0x1p-14, 0x1p-24},
    [DC_BF16] = {"bf16", 2, 8, 127, -126, 0x1p-8, 0x1.fep127, 0x1p-126,
                 0x1p-133},
};

int dc_format_find(const char *name, size_t length)
{
    for (int f = 0; f < DC_FORMATS; f++)
        if (strlen(dc_formats[f].name) == length &&
            memcmp(dc_formats[f].name, name, length) == 0)
            return f;
    return -1;
}

uint64_t dc_format_bits(int dtype, const void *tensor, int64_t i)
{
    const int size = dc_formats[dtype].size;
    const char *at = (const char *)tensor + i * size;
    uint64_t b64;
    uint32_t b32;
    uint16_t b16;

    switch (size) {
    case 8:
        memcpy(&b64, at, sizeof b64);
        return b64;
    case 4:
        memcpy(&b32, at, sizeof b32);
        return b32;
    default:
        memcpy(&b16, at, sizeof b16);
        return b16;
    }
}

void dc_format_set_bits(int dtype, void *tensor, int64_t i, uint64_t bits)
{
    const int size = dc_formats[dtype].size;
    char *at = (char *)tensor + i * size;
    const uint32_t b32 = (uint32_t)bits;
    const uint16_t b16 = (uint16_t)bits;

    if (size == 8)
        memcpy(at, &bits, sizeof bits);
    else if (size == 4)
        memcpy(at, &b32, sizeof b32);
    else
        memcpy(at, &b16, sizeof b16);
}

double dc_format_get(int dtype, const void *tensor, int64_t i)
{
    const dc_format *f = &dc_formats[dtype];
    const uint64_t bits = dc_format_bits(dtype, tensor, i);
    const int fraction = f->precision - 1; /* stored significand bits */
    const int width = f->size * 8;
    const uint64_t part = bits & (((uint64_t)1 << fraction) - 1);
    const uint64_t sign = bits >> (width - 1) << 63;
    const uint64_t top = 2 * (uint64_t)f->emax + 1; /* infinity and NaN */
    uint64_t exponent = bits >> fraction & top;
    double v;

    if (exponent == 0) {
        v = (double)part * f->spacing; /* exact: subnormal, or zero */
        return sign ? -v : v;
    }
    /* the same number in the wider fields of binary64 */
    exponent = exponent == top ? 2047 : exponent + 1023 - (uint64_t)f->emax;
    exponent = sign | exponent << 52 | part << (52 - fraction);
    memcpy(&v, &exponent, sizeof v);
    return v;
}

void dc_format_decode(int dtype, const void *tensor, int64_t count,
                      double *values)
{
    float v;

    if (dtype == DC_F64 && count > 0)
        memcpy(values, tensor, (size_t)count * sizeof *values);
    else if (dtype == DC_F32) /* C's conversion is exact, and fast */
        for (int64_t i = 0; i < count; i++) {
            memcpy(&v, (const char *)tensor + i * 4, sizeof v);
            values[i] = v;
        }
    else
        for (int64_t i = 0; i < count; i++)
            values[i] = dc_format_get(dtype, tensor, i);
}

double dc_format_round(int dtype, double v)
{
    const dc_format *f = &dc_formats[dtype];
    int exponent;
    int unit; /* exponent of the last place of the result */
    double r;

    if (dtype == DC_F64 || v == 0 || isnan(v) || isinf(v))
        return v;
    (void)frexp(v, &exponent); /* v = m 2^exponent with 0.5 <= |m| < 1 */
    unit = exponent > f->emin ? exponent - f->precision
                              : f->emin - f->precision + 1;
    /* nearbyint rounds ties to even in the default rounding direction; the
     * scaling is exact, because the exponents stay within double's range */
    r = ldexp(nearbyint(ldexp(v, -unit)), unit);
    return fabs(r) > f->max ? copysign((double)INFINITY, v) : r;
}

double dc_format_shorten(double v, int bits, bool truncates)
{
    int exponent;
    double m;

    if (!isfinite(v))
        return v;
    m = ldexp(frexp(v, &exponent), bits);
    return ldexp(truncates ? trunc(m) : nearbyint(m), exponent - bits);
}

void dc_format_set(int dtype, void *tensor, int64_t i, double v)
{
    const dc_format *f = &dc_formats[dtype];
    const int fraction = f->precision - 1;
    const int width = f->size * 8;
    const double r = dc_format_round(dtype, v);
    uint64_t bits = (uint64_t)(signbit(r) != 0) << (width - 1);
    const uint64_t top = (uint64_t)(2 * f->emax + 1) << fraction;
    int exponent;

    if (isnan(r)) {
        bits = top | (uint64_t)1 << (fraction - 1);
    } else if (isinf(r)) {
        bits |= top;
    } else if (fabs(r) < f->min) {
        bits |= (uint64_t)ldexp(fabs(r), fraction - f->emin);
    } else {
        const double m = frexp(fabs(r), &exponent); /* 0.5 <= m < 1 */
        bits |= (uint64_t)(exponent - 1 + f->emax) << fraction;
        bits |=
            (uint64_t)ldexp(m, f->precision) & (((uint64_t)1 << fraction) - 1);
    }
    dc_format_set_bits(dtype, tensor, i, bits);
}

int dc_format_by_value(const void *a, const void *b)
{
    const double u = *(const double *)a;
    const double v = *(const double *)b;

    return (u > v) - (u < v);
}
