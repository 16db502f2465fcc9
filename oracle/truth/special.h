/* SPDX-License-Identifier: MIT
 *
 * NaN and infinities: which results must not be finite, which must be, and
 * where is either legal because an implementation may multiply zeros that the
 * formula does not have?
 *
 * The zero-stuffed view of the operator multiplies four kinds of zeros that
 * a gathering or scattering implementation never touches.  A factor that is
 * no number makes such a product NaN, so the result shows what was done.
 */
#ifndef DC_SPECIAL_H
#define DC_SPECIAL_H

#include "oracle/truth/bound.h"

/* Classes of zeros, as seen from the factor that meets them. */
typedef enum {
    DC_ZERO_INPUT,  /* between the inputs, where the stride leaves room */
    DC_ZERO_KERNEL, /* between the taps of a dilated kernel */
    DC_ZERO_BORDER, /* around the input (y, gw) or around gy (gx, gw) */
    DC_ZERO_VALUE,  /* a value of the formula that happens to be zero */
    DC_ZEROS
} dc_zero;

extern const char *const dc_zero_names[DC_ZEROS];

/* What products are whose other factor may be flushed, if it is not. */
enum { DC_KEPT_PLUS = 1, DC_KEPT_MINUS = 2, DC_KEPT_NAN = 4 };

/* What meets in one element. */
typedef struct {
    int nan;   /* a real product is NaN */
    int plus;  /* a real product, or the bias, is +Inf */
    int minus; /* ... -Inf */
    int zeros; /* bit 1 << dc_zero: such a zero meets something not finite */
    int kept;  /* DC_KEPT_...; such a factor is among `zeros`, too */
} dc_special_seen;

/* A problem with the places of what is not finite.  One thread at a time. */
typedef struct dc_special dc_special;

/* tensors as for dc_ref_open; they must stay.  flushes: subnormal values may
 * be taken for zero (declared `flush`). */
dc_status dc_special_open(dc_special **special, const dc_problem *p,
                          const void *const tensors[DC_TENSORS], int flushes);
void dc_special_close(dc_special *special);

/* 1 when op takes a value that is not finite. */
int dc_special_present(const dc_special *s, dc_op op);

/* Everything that meets in element `index` of op's result, by the formulas of
 * the zero-stuffed view, per axis:
 *   y   o:  u = 0..d(k-1) and position q = o + pb - u of the stuffed input;
 *           a real tap where d divides u, a real input where s divides q and
 *           0 <= q <= (i-1)s; border outside of that
 *   gx  j:  u = 0..d(k-1) and position j*s - pb + u of gy, border outside 0..o-1
 *   gw  t:  all o of gy and q = o + pb - t*d as above, and all j with
 *           j*s - pb + t*d outside 0..o-1 (border) */
dc_special_seen dc_special_element(const dc_special *s, dc_op op,
                                   int64_t index);

/* Turns the interval of the finite products alone into that of all:
 *   a real NaN, or infinities of both signs     NaN
 *   infinities of one sign                      that infinity
 *   none of these                               the interval as it is
 * and in the last two a NaN as well, where `zeros` is set, and in the last an
 * infinity, where `kept` has one.  `want` is the formula's own value: that of
 * all products, kept ones too. */
void dc_special_apply(const dc_special_seen *seen, dc_interval *i);

/* If got tells whether exactly one class of zeros is multiplied: that class,
 * and *multiplied; else -1. */
int dc_special_policy(const dc_interval *i, double got, int *multiplied);

#endif
