/* SPDX-License-Identifier: MIT
 *
 * Exact sums in MPFR, proven by its ternary value, and the rounding to a
 * storage type.
 */
#include "ref/exact.h"

#include <math.h>
#include <stdlib.h>

#include "ref/format.h"

void dc_exact_sum(mpfr_t sum, mpfr_ptr *terms, int64_t count)
{
    /* 192 bits hold most sums; wide exponents need another pass.  The loop
     * terminates because the exact sum is itself a binary number. */
    mpfr_prec_t bits = mpfr_get_prec(sum) < 192 ? 192 : mpfr_get_prec(sum);

    for (;; bits *= 2) {
        mpfr_set_prec(sum, bits);
        if (mpfr_sum(sum, terms, (unsigned long)count, MPFR_RNDN) == 0)
            return;
    }
}

void dc_exact_dot(mpfr_t sum, const double *a, const double *b, int64_t count)
{
    /* One product at a time: whole tensors of MPFR terms would not fit. */
    mpfr_t term;
    mpfr_t factor;
    mpfr_t total;

    mpfr_init2(term, 106);
    mpfr_init2(factor, 53);
    mpfr_init2(total, 192);
    mpfr_set_zero(total, 1);
    for (int64_t i = 0; i < count; i++) {
        mpfr_ptr both[2] = {total, term};
        mpfr_set_d(term, a[i], MPFR_RNDN);
        if (b) {
            mpfr_set_d(factor, b[i], MPFR_RNDN);
            mpfr_mul(term, term, factor, MPFR_RNDN);
        }
        if (mpfr_zero_p(term))
            continue;
        mpfr_set_prec(sum, mpfr_get_prec(total));
        dc_exact_sum(sum, both, 2);
        mpfr_swap(sum, total);
    }
    mpfr_swap(sum, total);
    mpfr_clears(term, factor, total, (mpfr_ptr)0);
}

/* t rounded to a type with fewer than 24 bits. */
static double round_short(const dc_format *f, mpfr_srcptr t)
{
    /* MPFR counts 0.5 <= m < 1: t = m 2^e is a multiple of 2^(e-p) when
     * normal; below 2^emin the last place is the subnormal spacing. */
    const mpfr_exp_t unit = mpfr_get_exp(t) - f->precision;
    const mpfr_exp_t least = f->emin - f->precision + 1;
    mpfr_t r;
    double v;

    mpfr_init2(r, mpfr_get_prec(t));
    mpfr_mul_2si(r, t, -(unit < least ? least : unit), MPFR_RNDN);
    mpfr_rint(r, r, MPFR_RNDN); /* exact scaling, ties to even */
    mpfr_mul_2si(r, r, unit < least ? least : unit, MPFR_RNDN);
    v = mpfr_get_d(r, MPFR_RNDN);
    mpfr_clear(r);
    return v;
}

void dc_exact_store(int dtype, void *tensor, int64_t i, mpfr_srcptr t)
{
    double v;

    /* MPFR rounds to C's types itself, gradual underflow included */
    if (dtype == DC_F64 || !mpfr_regular_p(t)) /* or zero, infinity, NaN */
        v = mpfr_get_d(t, MPFR_RNDN);
    else if (dtype == DC_F32)
        v = (double)mpfr_get_flt(t, MPFR_RNDN);
    else
        v = round_short(&dc_formats[dtype], t);
    dc_format_set(dtype, tensor, i, v); /* exact, except for overflow */
}
