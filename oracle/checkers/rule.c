/* SPDX-License-Identifier: MIT
 *
 * The formulas.  Where an original computes in the storage type, each step is
 * rounded to it: the tolerance itself then has an error, and an element on the
 * edge is decided as the original decides it.
 */
#include "oracle/checkers/rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ref/integer.h"

/* v rounded to the type.  A sum or product of two values of a narrower type,
 * computed in binary64, is rounded as if at once: binary64 has more than twice
 * their bits. */
static double in(int dtype, double v)
{
    if (dtype == DC_F64)
        return v;
    return dtype == DC_F32 ? (double)(float)v : dc_format_round(dtype, v);
}

bool dc_rule_compares(const dc_rule *r, dc_op op, int dtype)
{
    return r->types >> dtype & 1 && r->ops >> op & 1;
}

/* Input channels of a group times taps: the products of an element, structural
 * zeros included. */
static double kernel_size(const dc_problem *p)
{
    return (double)(dc_volume(p->k, p->rank) * (p->ci / p->g));
}

/* ==== numpy and torch ==================================================== */

/* numpy.isclose, torch.isclose: equal, or |a - b| <= atol + rtol |b|.  numpy
 * takes scalars in the arrays' type, torch computes with f16 and bf16 in f32
 * and rounds each step; the tolerances are rounded to the type by both. */
static bool is_close(const dc_rule *r, int dtype, double a, double b)
{
    const dc_tolerance *const t = &r->tolerance[dtype];
    const int type = r->flags & DC_RULE_F32 ? DC_F32 : dtype;
    const double difference = fabs(in(type, a - b));
    const double relative = in(type, in(type, t->rtol) * fabs(b));

    if (a == b || (isnan(a) && isnan(b) && r->flags & DC_RULE_NAN))
        return true;
    return isfinite(difference) &&
           difference <= in(type, in(type, t->atol) + relative);
}

/* Enough elements are close. */
bool dc_rule_allclose(const dc_rule *r, const dc_compared *c)
{
    const bool of_got = r->flags & DC_RULE_OF_GOT;
    int64_t far = 0;

    for (int64_t e = 0; e < c->count; e++) {
        const double a = of_got ? c->want[e] : c->got[e];
        const double b = of_got ? c->got[e] : c->want[e];

        far += !is_close(r, c->p->dtype, a, b);
        if (far && r->share == 0)
            return false;
    }
    return far == 0 || 1.0 - (double)far / (double)c->count >= r->share;
}

/* ==== WPT ================================================================ */

/* The bits of |v| as a number, negative if v is: neighbours differ by 1, and
 * both zeros are 0. */
static double place(int dtype, double v)
{
    uint64_t room = 0;

    dc_format_set(dtype, &room, 0, fabs(v));
    return copysign((double)dc_format_bits(dtype, &room, 0), v);
}

/* At most 2 * (taps * input channels of a group) places apart. */
bool dc_rule_ulps(const dc_rule *r, const dc_compared *c)
{
    const double most = 2 * kernel_size(c->p);
    const int dtype = c->p->dtype;

    (void)r;
    for (int64_t e = 0; e < c->count; e++)
        if (!(fabs(place(dtype, c->got[e]) - place(dtype, c->want[e])) <= most))
            return false;
    return true;
}

/* ==== TOSA =============================================================== */

typedef struct {
    double sum, squares; /* of the errors, in units of the bound of one */
} tosa_errors;

/* err = (got - exact) / max(S 2^(-1-fraction), smallest normal) must be at most
 * `most` for each element. */
static bool tosa_elements(const dc_compared *c, double most, tosa_errors *x)
{
    const dc_format *const f = &dc_formats[c->p->dtype];

    for (int64_t e = 0; e < c->count; e++) {
        const double got = c->got[e];
        const double exact = c->exact[e];
        const double s = c->scale[e];
        double error = 0;

        if (isnan(exact)) {
            if (!isnan(got))
                return false;
        } else if (isnan(s) || isinf(in(c->p->dtype, s * (1 + most * f->u)))) {
            continue; /* no accuracy is demanded */
        } else if (s == 0) {
            if (exact != 0 || got != 0)
                return false;
        } else {
            error = (got - exact) / fmax(s * f->u, f->min);
            if (!(fabs(error) <= most))
                return false;
        }
        x->sum += error;
        x->squares += error * error;
    }
    return true;
}

/* The kernel size bound, for an accumulator of f32. */
static double tosa_size(const dc_problem *p)
{
    const int spare = dc_formats[DC_F32].precision -
                      dc_formats[p->dtype].precision; /* bits of it */

    return ceil(kernel_size(p) / exp2(spare / 2.0)) + (p->has_bias != 0);
}

bool dc_rule_tosa_element(const dc_rule *r, const dc_compared *c)
{
    tosa_errors x = {0, 0};

    (void)r;
    return tosa_elements(c, 2 * tosa_size(c->p), &x);
}

/* The elements; the sum of the squares of their errors at most 1.6 KSB T; and
 * for the sets 3 to 5 the sum of the errors at most sqrt(10 * 1.6 KSB T). */
bool dc_rule_tosa(const dc_rule *r, const dc_compared *c)
{
    const double variance = 4.0 * 0.4 * tosa_size(c->p);
    const double most = variance * (double)c->count;
    tosa_errors x = {0, 0};

    (void)r;
    if (!tosa_elements(c, 2 * tosa_size(c->p), &x))
        return false;
    if (c->data_set >= 3 && fabs(x.sum) > sqrt(10 * most))
        return false;
    return x.squares <= most;
}

/* ==== benchdnn, exact comparisons, ggml ================================== */

/* The direct algorithm, threshold 0: equal, or both below 1e-5 and closer than
 * 2^-23. */
bool dc_rule_benchdnn(const dc_rule *r, const dc_compared *c)
{
    (void)r;
    for (int64_t e = 0; e < c->count; e++) {
        const double a = c->got[e];
        const double b = c->want[e];
        const double difference = fabs(in(DC_F32, a - b));

        if (a == b || (isnan(a) && isnan(b)))
            continue;
        if (!(fabs(b) <= 1e-5f && difference < 0x1p-23))
            return false;
    }
    return true;
}

bool dc_rule_equal(const dc_rule *r, const dc_compared *c)
{
    (void)r;
    for (int64_t e = 0; e < c->count; e++)
        if (c->got[e] != c->want[e])
            return false;
    return true;
}

/* sum (got - want)^2 / sum got^2, in binary64, below the tolerance of the
 * rank: that of f64 for rank 1, of f32 for the others. */
bool dc_rule_nmse(const dc_rule *r, const dc_compared *c)
{
    const double most = r->tolerance[c->p->rank == 1 ? DC_F64 : DC_F32].atol;
    double errors = 0;
    double squares = 0;

    for (int64_t e = 0; e < c->count; e++) {
        const double error = c->got[e] - c->want[e];

        if (!isfinite(error) && c->got[e] != c->want[e])
            return false;
        errors += isfinite(error) ? error * error : 0;
        squares += isfinite(c->got[e]) ? c->got[e] * c->got[e] : 0;
    }
    return !(errors / squares > most);
}
