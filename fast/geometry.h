/* SPDX-License-Identifier: MIT
 *
 * Is this problem legal?  The problem as all of fast/ sees it: of rank 3, the
 * axes that a smaller rank lacks being units in front.
 */
#ifndef DC_FAST_GEOMETRY_H
#define DC_FAST_GEOMETRY_H

#include "ref/deconform.h"

/* A checked problem of rank 3. */
typedef struct {
    int dtype;
    int has_bias;
    int64_t n, ci, co, g;
    int64_t cig;     /* ci of one group */
    int64_t cog;     /* co of one group */
    int64_t inputs;  /* i[0]*i[1]*i[2] */
    int64_t outputs; /* o[0]*o[1]*o[2] */
    int64_t taps;    /* k[0]*k[1]*k[2] */
    int64_t i[3], k[3], s[3], d[3], pb[3], o[3];
} dc_fast_geometry;

/* Checks p against the contract in deconform.h, o included, and lifts it to
 * rank 3.  DC_INVALID: illegal, another o than the formula's, a field beyond
 * 2^40, or a tensor whose bytes (a zero extent counted as one) do not fit 64
 * bits.  DC_UNSUPPORTED: a legal problem in f16 or bf16. */
dc_status dc_fast_geometry_of(const dc_problem *p, dc_fast_geometry *q);

/* Multiplications that forward and each gradient but that of the bias take,
 * cropped ones included; a measure of work, so rounded. */
double dc_fast_geometry_work(const dc_fast_geometry *q);

static inline int64_t dc_fast_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t dc_fast_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* a / b rounded up, a >= 0, b >= 1, without overflow. */
static inline int64_t dc_fast_ceil(int64_t a, int64_t b)
{
    return a / b + (a % b != 0);
}

/* a rounded up to a multiple of b. */
static inline int64_t dc_fast_up(int64_t a, int64_t b)
{
    return dc_fast_ceil(a, b) * b;
}

/* a / b rounded down, and what is left, for any sign of a. */
static inline int64_t dc_fast_floor(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static inline int64_t dc_fast_modulo(int64_t a, int64_t b)
{
    return a - dc_fast_floor(a, b) * b;
}

/* Sizes of workspace, none negative, stay at INT64_MAX once they are there:
 * what cannot be represented cannot be allocated either. */
static inline int64_t dc_fast_times(int64_t a, int64_t b)
{
    return __builtin_mul_overflow(a, b, &a) ? INT64_MAX : a;
}

static inline int64_t dc_fast_plus(int64_t a, int64_t b)
{
    return __builtin_add_overflow(a, b, &a) ? INT64_MAX : a;
}

#endif
