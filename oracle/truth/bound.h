/* SPDX-License-Identifier: MIT
 *
 * Which values may an implementation return for one element?  The hard bound:
 * no order, blocking or vector width of round-to-nearest operations or FMAs in
 * the accumulator can leave it.
 */
#ifndef DC_BOUND_H
#define DC_BOUND_H

#include <stdbool.h>

#include "ref/format.h"
#include "ref/ref.h"
#include "oracle/base/declare.h"

/* The arithmetic that the implementation is allowed to use. */
typedef struct {
    int accumulate; /* DC_F64 .. DC_BF16, or -1: by the storage type */
    dc_declared declared;
} dc_arithmetic;

/* The accumulator for storage type dtype: the one that is declared, else f64
 * and f32 for themselves and f32 for f16 and bf16. */
int dc_bound_accumulator(const dc_arithmetic *a, int dtype);

/* May factors of storage type dtype be split into parts (`split` declared)? */
static inline bool dc_bound_splits(const dc_arithmetic *a, int dtype)
{
    return a->declared & DC_SPLIT && dtype == DC_F32;
}

/* DC_INVALID, with a sentence, if the accumulator cannot hold every value of
 * dtype: it is narrower, or one is f16 and the other bf16. */
dc_status dc_bound_check(const dc_arithmetic *a, int dtype, dc_error *e);

/* The accepted values of one element: lo <= got <= hi (lo > hi: no number).
 * An infinity is accepted if lo or hi is that infinity. */
typedef struct {
    double want; /* t rounded to nearest in the storage type */
    double lo;
    double hi;
    double bound;   /* the half width, rounded up */
    bool nonfinite; /* NaN and both infinities are accepted, too */
    bool nan;       /* NaN is accepted, too */
    int zeros;      /* ... because of these zeros (bits 1 << dc_zero) */
    double t;       /* t rounded to binary64 */
    double rest;    /* t less that, rounded to binary64 */
} dc_interval;

/* Working space of the computation; one thread at a time. */
typedef struct {
    mpfr_t e;      /* E = (1+u)^m - 1, kept for the next element */
    int64_t power; /* its m */
    double unit;   /* its u */
    mpfr_t es;     /* F = E S + (1+E) extra */
    mpfr_t b;      /* the bound */
    mpfr_t v;
    mpfr_t edge; /* of the interval: with more bits than the others */
} dc_bound;

void dc_bound_init(dc_bound *b);
void dc_bound_clear(dc_bound *b);

/* The effective number of terms, the exponent of 1+u_A: m, but 4 for 2 or 3.
 * Compensated sums (Kahan) are not trees, and need 3 u_A and second-order
 * terms from two terms on: VERDICT.md 1. */
static inline int64_t dc_bound_terms_eff(int64_t m)
{
    return m == 2 || m == 3 ? 4 : m;
}

/* Computes the interval of an element that is stored in dtype; its t, s, c,
 * has_c and nonzero must be set.  Before they are summed, the products may be
 * wrong by at most `extra` >= 0 in all (transform, flush, tf32 or split
 * declared).
 * With u_D, u_A the unit roundoffs of storage D and accumulator A, m the
 * non-zero products and the bias, E = (1+u_A)^dc_bound_terms_eff(m) - 1 and
 * F = E S + (1+E) extra:
 *
 *   |got - t| <= F
 *              + [A wider than D] u_D (|t| + F)
 *              + [A wider than D, bias] u_D (|t-c| + F)
 *              + m (1+E) spacings of A + one of D
 *
 * and 0 if S = extra = 0.  `split` declared, in f32: ten times as many terms.
 * `truncating` declared: u_A is doubled, and a sum that overflows may become
 * the largest value.  `flush` declared: the smallest normal replaces the
 * spacing.  Source: oracle/VERDICT.md. */
void dc_bound_interval(dc_bound *b, const dc_arithmetic *a, int dtype,
                       const dc_element *e, double extra, dc_interval *out);

/* The interval of exact data: t alone.  DC_FAILED if t is not a value of the
 * storage type: then the data are not exact, which is a harness fault. */
dc_status dc_bound_exact(int dtype, const dc_element *e, dc_interval *out);

bool dc_bound_accepts(const dc_interval *i, double got);

/* |got - t| / bound; 0 for an exact or an accepted non-finite value, infinite
 * if a non-zero error meets the bound 0 or got is not finite. */
double dc_bound_ratio(const dc_element *e, const dc_interval *i, double got);

/* The same without MPFR, approximately; for statistics. */
double dc_bound_measure(const dc_interval *i, double got);

#endif
