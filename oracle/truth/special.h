/* SPDX-License-Identifier: MIT
 *
 * NaN and infinities: which results must not be finite, which must be, and
 * for which are both legal, because an implementation may multiply zeros that
 * the formula does not have?
 *
 * The zero-stuffed view of the operator multiplies four kinds of zeros that a
 * gathering or scattering implementation never touches.  If the other factor
 * is NaN or infinite, such a product is NaN, so the result shows what was
 * multiplied.
 */
#ifndef DC_SPECIAL_H
#define DC_SPECIAL_H

#include <stdbool.h>

#include "oracle/truth/bound.h"

/* Classes of zeros that a factor may be multiplied by. */
typedef enum {
    DC_ZERO_INPUT,  /* between the inputs of a strided problem */
    DC_ZERO_KERNEL, /* between the taps of a dilated kernel */
    DC_ZERO_BORDER, /* around the input (y, gw) or around gy (gx, gw) */
    DC_ZERO_VALUE,  /* a value of the formula that happens to be zero */
    DC_ZEROS
} dc_zero;

extern const char *const dc_zero_names[DC_ZEROS];

/* Products with a factor that may be flushed: their values if it is not. */
typedef enum {
    DC_KEPT_PLUS = 1 << 0,  /* +Inf */
    DC_KEPT_MINUS = 1 << 1, /* -Inf */
    DC_KEPT_NAN = 1 << 2
} dc_kept_flags;

/* The products of one element that are not finite. */
typedef struct {
    bool nan;   /* a product of the formula is NaN */
    bool plus;  /* a product of the formula, or the bias, is +Inf */
    bool minus; /* ... -Inf */
    int zeros;  /* bits 1 << dc_zero: such a zero times NaN or infinity */
    int kept;   /* dc_kept_flags; each such factor is in `zeros`, too */
} dc_special_hits;

/* A problem with the positions of its NaN and infinities.  One thread at a
 * time. */
typedef struct dc_special dc_special;

/* Takes tensors as dc_ref_open does.  `flush` declared: subnormal values may be
 * taken for zero.  `zero-taps` declared: the kernel may have further taps of
 * zero.  DC_NOMEM. */
dc_status dc_special_open(dc_special **special, const dc_problem *p,
                          const void *const tensors[DC_TENSORS],
                          dc_declared declared);
void dc_special_close(dc_special *special);

/* Is some value of op's inputs not finite? */
bool dc_special_present(const dc_special *s, dc_op op);

/* All products of element `index` of op's result that are not finite, by the
 * formulas of the zero-stuffed view, per axis:
 *   y   o:  u = 0..d(k-1) and position q = o + pb - u of the stuffed input;
 *           a real tap if d divides u, a real input if s divides q and
 *           0 <= q <= (i-1)s; border outside of that
 *   gx  j:  u = 0..d(k-1) and position j*s - pb + u of gy, border outside
 * 0..o-1
 *   gw  t:  all o of gy and q = o + pb - t*d as above, and all j with
 *           j*s - pb + t*d outside 0..o-1 (border)
 *
 * With zero-taps u goes on to d(k'-1), where k' is k rounded up to a multiple
 * of s / gcd(s,d): then each phase of the stride has as many taps. */
dc_special_hits dc_special_element(const dc_special *s, dc_op op,
                                   int64_t index);

/* Turns the interval of the sum of the finite products into that of the whole
 * sum:
 *   a NaN, or infinities of both signs      NaN
 *   infinities of one sign                  that infinity
 *   neither                                 the interval as it is
 * In the last two cases NaN is accepted, too, if `zeros` is not empty; in the
 * last one infinities are, too, if `kept` has one.  `want` is the formula's own
 * value: that of all products, kept ones included. */
void dc_special_apply(const dc_special_hits *hits, dc_interval *i);

/* The class of zeros of which got shows whether it was multiplied (which sets
 * *multiplied), or -1 if got does not show that of exactly one class. */
int dc_special_policy(const dc_interval *i, double got, bool *multiplied);

#endif
