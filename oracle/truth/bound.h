/* SPDX-License-Identifier: MIT
 *
 * Which values of the storage type may an implementation answer for one
 * element?  The hard bound: no order, blocking or width of round-to-nearest
 * operations or FMAs in the accumulator can leave it.
 */
#ifndef DC_BOUND_H
#define DC_BOUND_H

#include "ref/format.h"
#include "ref/ref.h"
#include "oracle/base/declare.h"

/* The arithmetic that the implementation is allowed to use. */
typedef struct {
    int accumulate; /* DC_F64 .. DC_BF16, or -1: by the storage type */
    int declared;   /* DC_TRANSFORM, ... of declare.h */
} dc_arithmetic;

/* The accumulator for storage type dtype: f64 and f32 for themselves, f32
 * for f16 and bf16, unless another is declared. */
int dc_bound_accumulator(const dc_arithmetic *a, int dtype);

/* DC_INVALID, with a sentence, for an accumulator narrower than dtype or for
 * f16 against bf16. */
dc_status dc_bound_check(const dc_arithmetic *a, int dtype, dc_error *e);

/* What is accepted: lo <= got <= hi, as doubles; a NaN or an infinity only
 * where `any` is set, or where lo or hi is that infinity, or, for a NaN, where
 * `nan` is set.  lo > hi: no number at all. */
typedef struct {
    double want; /* t rounded to nearest in the storage type */
    double lo;
    double hi;
    double bound; /* the half width, rounded up */
    int any;
    int nan;     /* a NaN is accepted (special.h) */
    int zeros;   /* ... because of these classes of zeros, bit by bit */
    double t;    /* t in two parts, for measuring: rounded to nearest, ... */
    double rest; /* ... and t less that, rounded */
} dc_interval;

/* Scratch of the computation; one thread at a time. */
typedef struct {
    mpfr_t e, b, v, w;
    int64_t power; /* m of the cached e */
    double unit;   /* its u */
} dc_bound;

void dc_bound_init(dc_bound *b);
void dc_bound_clear(dc_bound *b);

/* The power of (1+u_A) for m terms.  Compensated sums (Kahan) are no trees and
 * need 3 u_A, and second order terms, from two terms on: VERDICT.md 1. */
static inline int64_t dc_bound_leaves(int64_t m)
{
    return m == 2 || m == 3 ? 4 : m;
}

/* The interval of an element whose t, S, c, nonzero are known, stored in
 * dtype.  With u_D, u_A the unit roundoffs of storage and accumulator, m the
 * non-zero products and the bias (2 or 3 count as 4: dc_bound_leaves),
 * E = (1+u_A)^m - 1:
 *
 *   |got - t| <= E S
 *              + [A wider than D] u_D (|t| + E S)
 *              + [A wider than D, bias] u_D (|t-c| + E S)
 *              + m (1+E) spacings of A + one of D
 *
 * and 0 where S = 0.  Declared `truncating`: u_A is doubled, and a sum that
 * overflows may stay at the largest value.  Declared `flush`: the smallest
 * normal takes the place of the spacing.  Source: oracle/VERDICT.md. */
void dc_bound_interval(dc_bound *b, const dc_arithmetic *a, int dtype,
                       const dc_element *e, dc_interval *out);

/* As dc_bound_interval, where the factors or the products are off from the
 * start: all S of them together by at most `extra` >= 0 (what is declared:
 * transform, flush, tf32).  The sums carry it on: E S becomes
 * E S + (1+E) extra in the formula. */
void dc_bound_widened(dc_bound *b, const dc_arithmetic *a, int dtype,
                      const dc_element *e, double extra, dc_interval *out);

/* The interval of exact data: t alone, and DC_FAILED when t is not a value
 * of the storage type (then the data were not exact: a harness fault). */
dc_status dc_bound_exact(int dtype, const dc_element *e, dc_interval *out);

/* Is got accepted? */
int dc_bound_accepts(const dc_interval *i, double got);

/* The same from what the interval knows, about; for statistics. */
double dc_bound_measure(const dc_interval *i, double got);

/* |got - t| / bound, infinite where a finite bound meets an error that is
 * not; 0 for an exact answer. */
double dc_bound_ratio(const dc_element *e, const dc_interval *i, double got);

#endif
