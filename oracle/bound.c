/* SPDX-License-Identifier: MIT
 *
 * The hard bound, rounded outwards at every step so that it is never too
 * narrow.
 */
#include "bound.h"

#include <math.h>

#include "../ref/exact.h"

enum { BITS = 256 }; /* of the scratch: far beyond any product of doubles */

int dc_bound_accumulator(const dc_arithmetic *a, int dtype)
{
    if (a->accumulate >= 0)
        return a->accumulate;
    return dtype == DC_F64 ? DC_F64 : DC_F32;
}

dc_status dc_bound_check(const dc_arithmetic *a, int dtype, dc_error *e)
{
    const dc_format *acc = &dc_formats[dc_bound_accumulator(a, dtype)];
    const dc_format *d = &dc_formats[dtype];

    if (acc->precision >= d->precision && acc->emax >= d->emax)
        return DC_OK;
    return dc_error_set(e, DC_INVALID, "accumulate", -1,
                        "--accumulate %s cannot hold the values of %s",
                        acc->name, d->name);
}

void dc_bound_init(dc_bound *b)
{
    mpfr_inits2(BITS, b->e, b->b, b->v, b->w, (mpfr_ptr)0);
    b->power = -1;
    b->unit = -1;
}

void dc_bound_clear(dc_bound *b)
{
    mpfr_clears(b->e, b->b, b->v, b->w, (mpfr_ptr)0);
}

/* e = (1+u_A)^m - 1, rounded up; neighbours often share m. */
static void power(dc_bound *b, int unit, int64_t m)
{
    if (b->power == m && b->unit == unit)
        return;
    b->power = m;
    b->unit = unit;
    mpfr_set_d(b->e, dc_formats[unit].u, MPFR_RNDU);
    mpfr_add_ui(b->e, b->e, 1, MPFR_RNDU);
    mpfr_pow_ui(b->e, b->e, (unsigned long)m, MPFR_RNDU);
    mpfr_sub_ui(b->e, b->e, 1, MPFR_RNDU);
}

/* v = u_D (|x| + E S), where w = E S. */
static void storage_term(dc_bound *b, double u, mpfr_srcptr x)
{
    mpfr_abs(b->v, x, MPFR_RNDU);
    mpfr_add(b->v, b->v, b->w, MPFR_RNDU);
    mpfr_mul_d(b->v, b->v, u, MPFR_RNDU);
}

void dc_bound_interval(dc_bound *b, const dc_arithmetic *a, int dtype,
                       const dc_element *e, dc_interval *out)
{
    const int unit = dc_bound_accumulator(a, dtype);
    const dc_format *acc = &dc_formats[unit];
    const dc_format *d = &dc_formats[dtype];
    const int wider = acc->precision > d->precision;
    const int64_t m = e->nonzero + e->has_c;
    double rounded;

    dc_exact_store(dtype, &rounded, 0, e->t);
    out->want = dc_format_get(dtype, &rounded, 0);
    out->any = !mpfr_number_p(e->t);
    power(b, unit, m);
    mpfr_mul(b->w, b->e, e->s, MPFR_RNDU);
    mpfr_set(b->b, b->w, MPFR_RNDU);
    mpfr_add(b->v, b->w, e->s, MPFR_RNDU);
    out->any |= mpfr_cmp_d(b->v, acc->max) > 0;
    if (wider) {
        storage_term(b, d->u, e->t);
        mpfr_add(b->b, b->b, b->v, MPFR_RNDU);
        if (e->has_c) {
            /* the bias may be added to the stored sum: that may overflow */
            mpfr_t rest;
            mpfr_init2(rest, mpfr_get_prec(e->t) + BITS);
            mpfr_sub(rest, e->t, e->c, MPFR_RNDA);
            storage_term(b, d->u, rest);
            mpfr_add(b->b, b->b, b->v, MPFR_RNDU);
            mpfr_abs(rest, rest, MPFR_RNDU);
            mpfr_add(rest, rest, b->w, MPFR_RNDU);
            mpfr_add(rest, rest, b->v, MPFR_RNDU);
            out->any |= mpfr_cmp_d(rest, d->max) > 0;
            mpfr_clear(rest);
        }
    }
    if (mpfr_zero_p(e->s)) {
        mpfr_set_zero(b->b, 1);
    } else {
        /* an underflowed product's error goes through the sums, too */
        mpfr_add_ui(b->v, b->e, 1, MPFR_RNDU);
        mpfr_mul_d(b->v, b->v, acc->spacing, MPFR_RNDU);
        mpfr_mul_si(b->v, b->v, (long)m, MPFR_RNDU);
        mpfr_add_d(b->v, b->v, d->spacing, MPFR_RNDU);
        mpfr_add(b->b, b->b, b->v, MPFR_RNDU);
    }
    out->bound = mpfr_get_d(b->b, MPFR_RNDU);
    mpfr_sub(b->v, e->t, b->b, MPFR_RNDD);
    out->lo = mpfr_get_d(b->v, MPFR_RNDU);
    if (mpfr_sgn(e->t) < 0 && mpfr_cmp_d(b->v, -d->max) < 0)
        out->lo = -INFINITY;
    mpfr_add(b->v, e->t, b->b, MPFR_RNDU);
    out->hi = mpfr_get_d(b->v, MPFR_RNDD);
    if (mpfr_sgn(e->t) > 0 && mpfr_cmp_d(b->v, d->max) > 0)
        out->hi = INFINITY;
}

dc_status dc_bound_exact(int dtype, const dc_element *e, dc_interval *out)
{
    double rounded;

    dc_exact_store(dtype, &rounded, 0, e->t);
    out->want = out->lo = out->hi = dc_format_get(dtype, &rounded, 0);
    out->bound = 0;
    out->any = 0;
    return mpfr_cmp_d(e->t, out->want) == 0 ? DC_OK : DC_FAILED;
}

int dc_bound_accepts(const dc_interval *i, double got)
{
    if (isnan(got) || (isinf(got) && i->any))
        return i->any;
    return got >= i->lo && got <= i->hi;
}

double dc_bound_ratio(const dc_element *e, const dc_interval *i, double got)
{
    mpfr_t error;
    double ratio;

    if (!isfinite(got))
        return dc_bound_accepts(i, got) ? 0 : INFINITY;
    mpfr_init2(error, BITS);
    mpfr_d_sub(error, got, e->t, MPFR_RNDA);
    mpfr_abs(error, error, MPFR_RNDU);
    if (mpfr_zero_p(error)) {
        ratio = 0;
    } else if (i->bound > 0) {
        mpfr_div_d(error, error, i->bound, MPFR_RNDU);
        ratio = mpfr_get_d(error, MPFR_RNDU);
    } else {
        ratio = INFINITY;
    }
    mpfr_clear(error);
    return ratio;
}
