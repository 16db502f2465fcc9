/* SPDX-License-Identifier: MIT
 *
 * Hypotheses about wrong values, the most specific first.  A hypothesis holds
 * if it accounts for every wrong element of the sample.
 */
#include "oracle/judge/judge.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "ref/gather.h"

enum { SAMPLE_MAX = 512 };

/* A wrong element. */
typedef struct {
    int64_t index;
    const dc_interval *accepted;
    double got;
    double error;     /* got - t */
    int64_t products; /* in its sum; 0 if some input is not finite, */
    double s;         /* and S, rounded up */
} element;

typedef struct {
    dc_truth *t;
    dc_op op;
    const dc_arithmetic *a;
    int dtype;
    element wrong[SAMPLE_MAX];
    int n;
} sample;

static void collect(sample *x, const void *got)
{
    dc_element *const exact = &x->t->scratch.element;

    for (int64_t i = 0; i < x->t->count[x->op] && x->n < SAMPLE_MAX; i++) {
        const dc_interval *accepted = &x->t->accepted[x->op][i];
        element w = {.index = i,
                     .accepted = accepted,
                     .got = dc_format_get(x->dtype, got, i)};

        if (dc_bound_accepts(accepted, w.got))
            continue;
        w.error = (w.got - accepted->t) - accepted->rest;
        if (!x->t->cache.special) {
            dc_ref_element(x->t->ref, x->op, i, true, exact);
            w.products = exact->n;
            w.s = mpfr_get_d(exact->s, MPFR_RNDU);
        }
        x->wrong[x->n++] = w;
    }
}

/* ==== Other factors ===================================================== */

/* A conversion of the factors. */
typedef struct {
    int bits; /* of the significand; 0: subnormals become zero */
    bool truncates;
    const char *name;
    int dtype;          /* in which a declaration allows it, or -1 */
    const char *remedy; /* that declaration */
} conversion;

typedef struct {
    const conversion *conversion;
    double min; /* smallest normal of the storage type */
} factor_map;

static double convert(const void *context, dc_tensor t, double v)
{
    const factor_map *m = context;
    const int bits = m->conversion->bits;

    if (t == DC_B)
        return v;
    if (bits == 0)
        return fabs(v) < m->min ? 0 : v;
    return dc_format_shorten(v, bits, m->conversion->truncates);
}

/* Would converted factors, with the declared arithmetic, give these values? */
static bool fits_factors(const sample *x, const conversion *c)
{
    const factor_map map = {c, dc_formats[x->dtype].min};
    dc_truth *const t = x->t;
    void *copies[DC_TENSORS] = {NULL};
    dc_ref *ref = NULL;
    bool fits = dc_truth_mapped(t, convert, &map, copies, &ref) == DC_OK;

    for (int k = 0; k < x->n && fits; k++) {
        const element *w = &x->wrong[k];
        dc_interval v;

        dc_ref_element(ref, x->op, w->index, true, &t->scratch.element);
        if (dc_data_exact(t->c.family, x->op))
            (void)dc_bound_exact(x->dtype, &t->scratch.element, &v);
        else
            dc_bound_interval(&t->scratch.bound, x->a, x->dtype,
                              &t->scratch.element, 0, &v);
        fits = dc_bound_accepts(&v, w->got) && v.t != w->accepted->t;
    }
    dc_ref_close(ref);
    for (int k = 0; k < DC_TENSORS; k++)
        free(copies[k]);
    return fits;
}

/* If small data fit several conversions, all of them are named. */
static bool name_factors(const sample *x, char *text, size_t size)
{
    static const conversion conversions[] = {
        {24, false, "rounded to 24 bits (f32)", -1, NULL},
        {11, false, "rounded to 11 bits (tf32, f16)", DC_F32, "tf32"},
        {11, true, "cut to 11 bits (tf32, f16)", DC_F32, "tf32,truncating"},
        {8, false, "rounded to 8 bits (bf16)", -1, NULL},
        {8, true, "cut to 8 bits (bf16)", -1, NULL},
        {0, false, "flushed to zero where they are subnormal", -1, NULL},
    };
    const int p = dc_formats[x->dtype].precision;
    const conversion *declared = NULL; /* the last that can be */
    size_t at = 0;
    int bits = -1; /* of the last that fits */

    for (size_t k = 0;
         k < sizeof conversions / sizeof *conversions && at < size; k++) {
        const conversion *c = &conversions[k];

        if (c->bits >= p || c->bits == bits || !fits_factors(x, c))
            continue;
        at +=
            (size_t)snprintf(text + at, size - at, "%s%s",
                             at ? ", or " : "as if the factors were ", c->name);
        bits = c->bits;
        declared = c->dtype == x->dtype ? c : declared;
    }
    if (declared && at < size)
        snprintf(text + at, size - at, " (--declare %s allows that)",
                 declared->remedy);
    return at > 0;
}

/* ==== Flushed results, overflow ========================================= */

static bool name_flush(const sample *x, char *text, size_t size)
{
    for (int k = 0; k < x->n; k++)
        if (x->wrong[k].got != 0 ||
            !(fabs(x->wrong[k].accepted->t) < dc_formats[x->dtype].min))
            return false;
    snprintf(text, size,
             "as if subnormal results were flushed to zero (--declare flush "
             "allows that)");
    return true;
}

/* Is every result that is not finite a sum beyond the range of f16, and no
 * other one beyond it?  A NaN can be many things, the contents of a result
 * before the call among them. */
static void name_overflow(const sample *x, char *text, size_t size)
{
    static const double f16_max = 65504;
    const double own_max = dc_formats[x->dtype].max / 4;

    if (own_max <= f16_max || x->t->cache.special)
        return;
    for (int k = 0; k < x->n; k++) {
        const element *const w = &x->wrong[k];
        const bool fits = isinf(w->got) ? w->s >= f16_max && w->s <= own_max
                                        : fabs(w->got) <= f16_max;

        if (!fits) /* a NaN, too */
            return;
    }
    snprintf(text, size, "as if sums beyond 65504 overflowed (f16)");
}

/* ==== A shorter accumulator ============================================= */

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
static bool can_round(const sample *x, int bits)
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

/* Upper bound on the accumulator's width, from trailing zero bits that the
 * exact results do not have.  *sure: number of such bits; each occurs by chance
 * with probability 1/2. */
static int kept_bits(const sample *x, int *sure)
{
    int most = 0;

    *sure = 0;
    for (int k = 0; k < x->n; k++)
        most = (int)dc_max(most, bits_of(x->wrong[k].got));
    for (int k = 0; k < x->n; k++)
        *sure += (int)dc_max(bits_of(x->wrong[k].accepted->want) - most, 0);
    return most;
}

/* The element whose error is the largest share of S. */
typedef struct {
    double share; /* |error| / S */
    int64_t products;
} worst;

static worst find_worst(const sample *x)
{
    worst most = {0, 1};

    for (int k = 0; k < x->n; k++) {
        const double share = fabs(x->wrong[k].error) / x->wrong[k].s;

        if (share > most.share)
            most = (worst){share, x->wrong[k].products};
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
static bool own_type_allows(const sample *x)
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

static void add_remedy(const sample *x, char *text, size_t size)
{
    const size_t used = strlen(text);

    snprintf(text + used, size - used, " (--accumulate %s allows that)",
             dc_formats[x->dtype].name);
}

/* By trailing zeros.  The errors must fit that width, too. */
static bool name_kept(const sample *x, worst w, char *text, size_t size)
{
    enum { SURE = 12, F16 = 11, FEWEST = 8 };
    int sure;
    const int bits = kept_bits(x, &sure);

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
static bool is_even(const sample *x, worst w)
{
    enum { FEWEST = 4, RANGE = 64 };
    double shares[SAMPLE_MAX];

    for (int k = 0; k < x->n; k++)
        shares[k] = fabs(x->wrong[k].error) / x->wrong[k].s;
    qsort(shares, (size_t)x->n, sizeof *shares, by_value);
    return x->n >= FEWEST && shares[x->n / 2] * RANGE >= w.share;
}

/* By the size of the errors, if even the largest is much smaller than a usual
 * product: terms are neither left out nor added then.  A single rounding causes
 * such an error at the smaller width; the roundings of a serial sum add up as a
 * random walk, which comes to the same at a larger width. */
static bool name_accumulator(const sample *x, worst w, char *text, size_t size)
{
    const double fewest = -log2(w.share);
    const double most = fmin(fewest + log2((double)w.products) / 2,
                             dc_formats[x->dtype].precision - 1);
    int sure;

    if (w.products < 1 || !(w.share < 0x1p-4 / (double)w.products) ||
        !is_even(x, w) || !can_round(x, (int)fewest) ||
        (dc_data_exact(x->t->c.family, x->op) &&
         kept_bits(x, &sure) > most + 1))
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

/* ==== A product left out ================================================ */

typedef struct {
    const dc_truth *t;
    const dc_tensor *factors;
    double error, tolerance;
    bool found;
} search;

static void compare(void *state, int64_t a, int64_t b)
{
    search *look = state;
    const dc_truth *t = look->t;
    const double va =
        dc_format_get(t->c.p.dtype, t->tensors[look->factors[0]], a);
    const double vb =
        b < 0 ? 1
              : dc_format_get(t->c.p.dtype, t->tensors[look->factors[1]], b);

    look->found |= fabs(look->error + va * vb) <= look->tolerance;
}

static bool name_missing(const sample *x, char *text, size_t size)
{
    enum { FEWEST = 3 };
    const dc_problem p = dc_problem_lift(&x->t->c.p);

    if (x->n < FEWEST)
        return false;
    for (int k = 0; k < x->n; k++) {
        const element *w = &x->wrong[k];
        search look = {x->t, dc_gather_factors[x->op], w->error,
                       w->accepted->bound, false};

        dc_gather_element(&p, x->op, w->index, compare, &look);
        if (!look.found)
            return false;
    }
    snprintf(text, size, "as if one product were left out of each");
    return true;
}

/* ==== All together ====================================================== */

/* Appends the number of products from which on results are wrong, if it
 * separates them from the right ones. */
static void add_length(const sample *x, char *text, size_t size)
{
    enum { LONG = 8 }; /* no sum of fewer products is called long */
    dc_element *const exact = &x->t->scratch.element;
    const size_t used = strlen(text);
    int64_t right = -1;
    int64_t wrong = INT64_MAX;
    int at = 0;

    for (int64_t i = 0; i < x->t->count[x->op]; i++) {
        const bool bad = at < x->n && x->wrong[at].index == i;

        at += bad;
        dc_ref_element(x->t->ref, x->op, i, false, exact);
        if (bad)
            wrong = dc_min(wrong, exact->n);
        else
            right = dc_max(right, exact->n);
    }
    if (right >= LONG && right < wrong && at == x->n)
        snprintf(text + used, size - used,
                 "%sonly in sums of more than %" PRId64 " products",
                 used ? ", " : "", right);
}

void dc_judge_hypothesis(dc_truth *t, dc_op op, const dc_arithmetic *a,
                         const void *got, char *text, size_t size)
{
    sample x = {.t = t, .op = op, .a = a, .dtype = t->c.p.dtype};
    int lost;

    *text = 0;
    collect(&x, got);
    for (int k = 0; k < x.n; k++)
        if (!isfinite(x.wrong[k].error)) {
            name_overflow(&x, text, size);
            return;
        }
    if (x.n == 0 || name_flush(&x, text, size) || t->cache.special)
        return;
    const worst w = find_worst(&x);
    (void)kept_bits(&x, &lost);
    /* among small odd numbers and a large one, any error equals a product */
    const bool needle = dc_data_second_int(&t->c) && w.share < 0x1p-8 && lost;
    if (name_factors(&x, text, size) || name_kept(&x, w, text, size) ||
        (!needle && name_missing(&x, text, size)) ||
        name_accumulator(&x, w, text, size))
        add_length(&x, text, size);
}
