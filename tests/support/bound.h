/* SPDX-License-Identifier: MIT
 *
 * For tests of the hard bound: elements made of given products, a table of
 * arithmetics, and the neighbour of a stored value.
 */
#ifndef TESTS_BOUND_H
#define TESTS_BOUND_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "oracle/truth/bound.h"
#include "tests/support/draw.h"

enum { USUAL = -1 };

/* Makes an element of the products p[0..m-1] and, if has_c, the bias c. */
static inline void element_set(dc_element *e, const double *p, int64_t m,
                               bool has_c, double c)
{
    mpfr_t v;

    mpfr_init2(v, 53);
    mpfr_set_prec(e->t, 4400); /* every sum of doubles fits */
    mpfr_set_prec(e->s, 4400);
    mpfr_set_d(e->t, has_c ? c : 0, MPFR_RNDN);
    mpfr_abs(e->s, e->t, MPFR_RNDN);
    mpfr_set_d(e->c, has_c ? c : 0, MPFR_RNDN);
    e->has_c = has_c;
    e->n = m;
    e->nonzero = 0;
    for (int64_t i = 0; i < m; i++) {
        e->nonzero += p[i] != 0;
        mpfr_set_d(v, p[i], MPFR_RNDN);
        mpfr_add(e->t, e->t, v, MPFR_RNDN);
        mpfr_abs(v, v, MPFR_RNDN);
        mpfr_add(e->s, e->s, v, MPFR_RNDN);
    }
    mpfr_clear(v);
}

/* The accepted interval of an element. */
static inline dc_interval interval(int dtype, int accumulate,
                                   const dc_element *e)
{
    const dc_arithmetic a = {.accumulate = accumulate};
    dc_interval out;
    dc_bound b;

    dc_bound_init(&b);
    dc_bound_interval(&b, &a, dtype, e, 0, &out);
    dc_bound_clear(&b);
    return out;
}

/* Every storage type with the accumulators that it may have. */
static const struct {
    int dtype;
    int accumulate;
} arithmetics[] = {
    {DC_F64, USUAL},   {DC_F32, USUAL},  {DC_F32, DC_F64}, {DC_F16, USUAL},
    {DC_F16, DC_F16},  {DC_F16, DC_F64}, {DC_BF16, USUAL}, {DC_BF16, DC_BF16},
    {DC_BF16, DC_F64}, {DC_F64, DC_F64}, {DC_F32, DC_F32}, {DC_F16, DC_F32},
};
enum { ARITHMETICS = sizeof arithmetics / sizeof *arithmetics };

/* The accumulator of arithmetics[k]. */
static inline int accumulator(int k)
{
    const dc_arithmetic a = {.accumulate = arithmetics[k].accumulate};

    return dc_bound_accumulator(&a, arithmetics[k].dtype);
}

/* The stored value next to v in the direction of `to`. */
static inline double neighbour(int dtype, double v, double to)
{
    const dc_format *f = &dc_formats[dtype];
    double step = f->spacing;

    if (fabs(v) >= f->min) {
        int exponent;
        (void)frexp(v, &exponent);
        step = ldexp(1, exponent - f->precision);
        if (fabs(v) == ldexp(1, exponent - 1) && (to > v) == (v < 0) &&
            fabs(v) > f->min)
            step /= 2; /* towards zero from a power of two */
    }
    return dc_format_round(dtype, to > v ? v + step : v - step);
}

/* Fails unless the last stored value within `bound` is accepted and the next
 * one in direction `way` (1 or -1) is not. */
static inline void edge(int dtype, const dc_interval *v, double bound,
                        double way)
{
    double at = dc_format_round(dtype, bound);

    if (way > 0 ? at > bound : at < bound)
        at = neighbour(dtype, at, -way);
    if (!dc_bound_accepts(v, at) ||
        dc_bound_accepts(v, neighbour(dtype, at, way)))
        fail_msg("%s: %a accepted %d, the next %a %d", dc_formats[dtype].name,
                 at, dc_bound_accepts(v, at), neighbour(dtype, at, way),
                 dc_bound_accepts(v, neighbour(dtype, at, way)));
}

#endif
