/* SPDX-License-Identifier: MIT
 *
 * A shorter accumulator, known by trailing zeros or by the size of the errors.
 */
#include "oracle/judge/hypothesis.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "ref/integer.h"

/* Number of significant bits of v, trailing zeros not counted. */
static int bits_of(double v)
{
    int exponent;
    int bits = 53;
    double m = fabs(frexp(v, &exponent));

    if (m == 0)
        return 0;
    for (m = ldexp(m, 53); fmod(m, 2) == 0; m /= 2)
        bits--;
    return bits;
}

/* The exponent of the last bit of v that is set; v is not 0. */
static int last_bit(double v)
{
    int exponent;

    (void)frexp(v, &exponent);
    return exponent - bits_of(v);
}

/* On exact data, could each wrong sum lose a bit in an accumulator of `bits`
 * bits?  A sum of integers below 2^bits loses none. */
static bool can_round(const dc_sample *x, int bits)
{
    int unit = INT_MAX;

    if (!dc_data_exact(x->t->c.family, x->op))
        return true;
    for (int k = 0; k < x->n; k++) {
        const double pair[] = {x->wrong[k].got, x->wrong[k].accepted->want};

        for (int v = 0; v < 2; v++)
            if (pair[v] != 0)
                unit = (int)dc_min(unit, last_bit(pair[v]));
    }
    for (int k = 0; k < x->n; k++)
        if (!(x->wrong[k].s > ldexp(1, bits + unit)))
            return false;
    return true;
}

int dc_hypothesis_kept(const dc_sample *x, int *sure)
{
    int most = 0;

    *sure = 0;
    for (int k = 0; k < x->n; k++)
        most = (int)dc_max(most, bits_of(x->wrong[k].got));
    for (int k = 0; k < x->n; k++)
        *sure += (int)dc_max(bits_of(x->wrong[k].accepted->want) - most, 0);
    return most;
}

dc_worst dc_hypothesis_worst(const dc_sample *x)
{
    dc_worst most = {0, 1};

    for (int k = 0; k < x->n; k++) {
        const double share = fabs(x->wrong[k].error) / x->wrong[k].s;

        if (share > most.share)
            most = (dc_worst){share, x->wrong[k].products};
    }
    return most;
}

/* The largest error of `products` roundings to `bits` bits as a share of S:
 * they add up as a random walk, of which six times the usual length is not
 * seen, and never to more than their number. */
static double largest_share(int64_t products, int bits)
{
    const double n = (double)products + 1;

    return ldexp(fmin(n, 6 * sqrt(n)), -bits);
}

/* Would all wrong elements be accepted, had the storage type itself been
 * declared as the accumulator?  Exact data would be others then: they tell
 * nothing. */
static bool own_type_allows(const dc_sample *x)
{
    const dc_arithmetic own = {x->dtype, x->a->declared};

    if (dc_bound_accumulator(x->a, x->dtype) == x->dtype ||
        dc_data_exact(x->t->c.family, x->op))
        return false;
    for (int k = 0; k < x->n; k++) {
        dc_interval v;

        dc_ref_element(x->t->ref, x->op, x->wrong[k].index, true,
                       &x->t->scratch.element);
        dc_bound_interval(&x->t->scratch.bound, &own, x->dtype,
                          &x->t->scratch.element, 0, &v);
        if (!dc_bound_accepts(&v, x->wrong[k].got))
            return false;
    }
    return true;
}

static void add_remedy(const dc_sample *x, char *text, size_t size)
{
    const size_t used = strlen(text);

    snprintf(text + used, size - used, " (--accumulate %s allows that)",
             dc_formats[x->dtype].name);
}

bool dc_hypothesis_trailing(const dc_sample *x, dc_worst w, char *text,
                            size_t size)
{
    enum { SURE = 12, F16 = 11, FEWEST = 8 };
    int sure;
    const int bits = dc_hypothesis_kept(x, &sure);

    if (sure < SURE || bits < FEWEST || w.share > 0.25 ||
        w.share > largest_share(w.products, bits) || !can_round(x, bits))
        return false;
    snprintf(text, size, "as if the accumulator had about %d bits%s", bits,
             bits == F16 ? " (f16)" : "");
    if ((bits == F16 && x->dtype == DC_F16) || own_type_allows(x))
        add_remedy(x, text, size);
    return true;
}

static int by_value(const void *a, const void *b)
{
    const double u = *(const double *)a;
    const double v = *(const double *)b;

    return (u > v) - (u < v);
}

/* Are there several errors, of similar shares of S, as roundings have? */
static bool is_even(const dc_sample *x, dc_worst w)
{
    enum { FEWEST = 4, RANGE = 64 };
    double shares[DC_SAMPLE_MAX];

    for (int k = 0; k < x->n; k++)
        shares[k] = fabs(x->wrong[k].error) / x->wrong[k].s;
    qsort(shares, (size_t)x->n, sizeof *shares, by_value);
    return x->n >= FEWEST && shares[x->n / 2] * RANGE >= w.share;
}

bool dc_hypothesis_size(const dc_sample *x, dc_worst w, char *text, size_t size)
{
    const double fewest = -log2(w.share);
    const double most = fmin(fewest + log2((double)w.products) / 2,
                             dc_formats[x->dtype].precision - 1);
    int sure;

    if (w.products < 1 || !(w.share < 0x1p-4 / (double)w.products) ||
        !is_even(x, w) || !can_round(x, (int)fewest) ||
        (dc_data_exact(x->t->c.family, x->op) &&
         dc_hypothesis_kept(x, &sure) > most + 1))
        return false;
    if (most < fewest + 1.5)
        snprintf(text, size, "as if the accumulator had about %.0f bits",
                 fewest);
    else
        snprintf(text, size,
                 "as if the accumulator had about %.0f to %.0f bits", fewest,
                 most);
    if (own_type_allows(x))
        add_remedy(x, text, size);
    return true;
}
