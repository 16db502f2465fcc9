/* SPDX-License-Identifier: MIT
 *
 * Exact sums in MPFR, and the one rounding at the end.
 */
#ifndef DC_EXACT_H
#define DC_EXACT_H

#include <mpfr.h>
#include <stdint.h>

/* sum = terms[0] + ... + terms[count-1], exactly: the precision of sum is
 * raised until MPFR's ternary value shows that nothing was rounded. */
void dc_exact_sum(mpfr_t sum, mpfr_ptr *terms, int64_t count);

/* sum = a[0]*b[0] + ... + a[count-1]*b[count-1], exactly; b = NULL stands for
 * ones.  Products that are zero are skipped. */
void dc_exact_dot(mpfr_t sum, const double *a, const double *b, int64_t count);

/* Stores t as element i of a tensor, rounded once to nearest even, with
 * gradual underflow and overflow to infinity. */
void dc_exact_store(int dtype, void *tensor, int64_t i, mpfr_srcptr t);

#endif
