/* SPDX-License-Identifier: MIT
 *
 * Exact arithmetic on MPFR: sums without an error, and the one rounding at
 * the end.
 */
#ifndef DC_EXACT_H
#define DC_EXACT_H

#include <mpfr.h>
#include <stdint.h>

/* sum = the sum of the count terms, exactly: its precision is raised until
 * MPFR's ternary value says that nothing was rounded. */
void dc_exact_sum(mpfr_t sum, mpfr_ptr *terms, int64_t count);

/* sum = a[0]*b[0] + a[1]*b[1] + ... exactly, as dc_exact_sum does it.  b NULL
 * stands for ones; products that are zero are left out. */
void dc_exact_dot(mpfr_t sum, const double *a, const double *b, int64_t count);

/* Stores t rounded to nearest even, once, subnormals and overflow included. */
void dc_exact_store(int dtype, void *tensor, int64_t i, mpfr_srcptr t);

#endif
