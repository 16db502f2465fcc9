/* SPDX-License-Identifier: MIT
 *
 * Is this problem legal?  Validates it and lifts it to rank 3: the axes that a
 * lower rank lacks become leading axes of extent 1.
 */
#ifndef DC_FAST_GEOMETRY_H
#define DC_FAST_GEOMETRY_H

#include <stdbool.h>

#include "ref/deconform.h"

/* A validated problem of rank 3; the letters are those of deconform.h. */
typedef struct {
    int dtype;
    bool has_bias;
    int64_t n, ci, co, g;
    int64_t cig;                       /* input channels per group */
    int64_t cog;                       /* output channels per group */
    int64_t inputs;                    /* i[0]*i[1]*i[2] */
    int64_t outputs;                   /* o[0]*o[1]*o[2] */
    int64_t taps;                      /* k[0]*k[1]*k[2] */
    int64_t x_count, w_count, y_count; /* elements of x, w, y */
    int64_t i[3], k[3], s[3], d[3], pb[3], o[3];
} dc_fast_geometry;

/* Validates p against the contract in deconform.h, o included, and lifts it to
 * rank 3.  DC_INVALID if it is illegal, if o is not the formula's, if a field
 * exceeds 2^40, or if the bytes of a tensor (extents of zero counted as one)
 * overflow 64 bits.  DC_UNSUPPORTED for a legal problem in f16 or bf16. */
dc_status dc_fast_geometry_of(const dc_problem *p, dc_fast_geometry *q);

/* Multiply-adds of forward, grad_input and grad_weight alike, including those
 * that the padding crops; an estimate of work, hence a double. */
double dc_fast_geometry_work(const dc_fast_geometry *q);

/* Are all sums empty?  Then every result is the bias or zero. */
static inline bool dc_fast_geometry_is_empty(const dc_fast_geometry *q)
{
    return !q->x_count || !q->y_count;
}

static inline int64_t dc_fast_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t dc_fast_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* a / b rounded up, for a >= 0 and b >= 1; cannot overflow. */
static inline int64_t dc_fast_ceil(int64_t a, int64_t b)
{
    return a / b + (a % b != 0);
}

/* a rounded up to a multiple of b. */
static inline int64_t dc_fast_round_up(int64_t a, int64_t b)
{
    return dc_fast_ceil(a, b) * b;
}

/* a / b rounded down, and its remainder in 0..b-1, for any sign of a. */
static inline int64_t dc_fast_floor(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static inline int64_t dc_fast_mod(int64_t a, int64_t b)
{
    return a - dc_fast_floor(a, b) * b;
}

/* Saturating arithmetic for workspace sizes, which are never negative: a size
 * that cannot be represented is INT64_MAX and cannot be allocated either. */
static inline int64_t dc_fast_mul(int64_t a, int64_t b)
{
    return __builtin_mul_overflow(a, b, &a) ? INT64_MAX : a;
}

static inline int64_t dc_fast_add(int64_t a, int64_t b)
{
    return __builtin_add_overflow(a, b, &a) ? INT64_MAX : a;
}

#endif
