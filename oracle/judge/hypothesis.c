/* SPDX-License-Identifier: MIT
 *
 * Hypotheses about wrong values, the most specific first.  A hypothesis holds
 * when it accounts for every wrong element that is looked at.
 */
#include "oracle/judge/hypothesis.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases/data/data.h"
#include "ref/gather.h"

enum {
    LOOKED_AT = 512, /* wrong elements */
    LENGTH = 8       /* a sum of fewer products is not called long */
};

typedef struct {
    dc_truth *t;
    dc_op op;
    const dc_arithmetic *a;
    const void *got;
    int64_t wrong[LOOKED_AT];
    int n;
} scene;

static double got_of(const scene *s, int64_t i)
{
    return dc_format_get(s->t->c.p.dtype, s->got, i);
}

static double error_of(const scene *s, int64_t i)
{
    const dc_interval *const v = &s->t->accepted[s->op][i];

    return (got_of(s, i) - v->t) - v->rest;
}

/* ==== Other factors ===================================================== */

/* v in so many significand bits, nearest or chopped; 0 bits: subnormals of
 * this type are zero. */
typedef struct {
    int bits, chops;
    const char *name;
} change;

static double changed(const change *c, int dtype, double v)
{
    int exponent;

    if (c->bits == 0)
        return fabs(v) < dc_formats[dtype].min ? 0 : v;
    const double m = ldexp(frexp(v, &exponent), c->bits);
    return ldexp(c->chops ? trunc(m) : nearbyint(m), exponent - c->bits);
}

/* Would these factors, and the arithmetic as declared, give what is there? */
static int fits_factors(const scene *s, const change *c)
{
    dc_truth *const t = s->t;
    const int dtype = t->c.p.dtype;
    void *copy[DC_TENSORS] = {NULL};
    const void *given[DC_TENSORS] = {NULL};
    dc_ref *ref = NULL;
    int fits = 1;

    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&t->c.p, (dc_tensor)k);

        if (!t->tensors[k])
            continue;
        given[k] = copy[k] =
            malloc((size_t)(count * dc_formats[dtype].size) + 1);
        fits &= copy[k] != NULL;
        for (int64_t i = 0; copy[k] && i < count; i++) {
            const double v = dc_format_get(dtype, t->tensors[k], i);
            dc_format_set(dtype, copy[k], i,
                          k == DC_B ? v : changed(c, dtype, v));
        }
    }
    fits = fits && dc_ref_open(&ref, &t->c.p, given) == DC_OK;
    for (int k = 0; k < s->n && fits; k++) {
        dc_interval v;

        dc_ref_element(ref, s->op, s->wrong[k], 1, &t->scratch.element);
        if (dc_data_exact(t->c.family, s->op))
            (void)dc_bound_exact(dtype, &t->scratch.element, &v);
        else
            dc_bound_interval(&t->scratch.bound, s->a, dtype,
                              &t->scratch.element, &v);
        fits = dc_bound_accepts(&v, got_of(s, s->wrong[k])) &&
               v.t != t->accepted[s->op][s->wrong[k]].t;
    }
    dc_ref_close(ref);
    for (int k = DC_X; k <= DC_GY; k++)
        free(copy[k]);
    return fits;
}

/* Small data may not tell two of them apart: then both are named. */
static int name_factors(const scene *s, char *text, size_t size)
{
    static const change changes[] = {
        {24, 0, "rounded to 24 bits (f32)"},
        {11, 0, "rounded to 11 bits (tf32, f16)"},
        {11, 1, "cut to 11 bits (tf32, f16)"},
        {8, 0, "rounded to 8 bits (bf16)"},
        {8, 1, "cut to 8 bits (bf16)"},
        {0, 0, "flushed to zero where they are subnormal"},
    };
    const int p = dc_formats[s->t->c.p.dtype].precision;
    size_t at = 0;
    int bits = -1; /* of the last that fits */

    for (size_t k = 0; k < sizeof changes / sizeof *changes && at < size; k++) {
        const change *const c = &changes[k];

        if (c->bits >= p || c->bits == bits || !fits_factors(s, c))
            continue;
        at +=
            (size_t)snprintf(text + at, size - at, "%s%s",
                             at ? ", or " : "as if the factors were ", c->name);
        bits = c->bits;
    }
    return at > 0;
}

/* ==== Flushed results =================================================== */

static int name_flush(const scene *s, char *text, size_t size)
{
    for (int k = 0; k < s->n; k++)
        if (got_of(s, s->wrong[k]) != 0 ||
            !(fabs(s->t->accepted[s->op][s->wrong[k]].t) <
              dc_formats[s->t->c.p.dtype].min))
            return 0;
    snprintf(text, size, "as if subnormal results were flushed to zero");
    return 1;
}

/* ==== A shorter accumulator ============================================= */

/* Significant bits of v, zeros at the end not counted. */
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

/* Results that end in zeros where right ones would not were kept in so many
 * bits at the most; *sure counts those zeros.  A result of full length has
 * each of them by a chance of one half. */
static int kept_bits(const scene *s, int *sure)
{
    int most = 0;

    *sure = 0;
    for (int k = 0; k < s->n; k++) {
        const int bits = bits_of(got_of(s, s->wrong[k]));

        most = bits > most ? bits : most;
    }
    for (int k = 0; k < s->n; k++) {
        const int full = bits_of(s->t->accepted[s->op][s->wrong[k]].want);

        *sure += full > most ? full - most : 0;
    }
    return most;
}

/* The errors must be those of so many bits, too: one rounding a product. */
static int name_kept(const scene *s, double share, int64_t products, char *text,
                     size_t size)
{
    enum { SURE = 12, F16 = 11 };
    int sure;
    const int bits = kept_bits(s, &sure);

    if (sure < SURE || bits < 2 || share > ldexp((double)products + 1, -bits))
        return 0;
    snprintf(text, size, "as if the accumulator had about %d bits%s", bits,
             bits == F16 ? " (f16)" : "");
    return 1;
}

/* All that is not finite is a sum beyond what f16 holds. */
static int name_overflow(const scene *s, char *text, size_t size)
{
    static const double most = 65504;
    const double own = dc_formats[s->t->c.p.dtype].max / 4;

    if (own <= most || s->t->cache.special)
        return 0;
    for (int k = 0; k < s->n; k++) {
        dc_ref_element(s->t->ref, s->op, s->wrong[k], 1,
                       &s->t->scratch.element);
        const double sum = mpfr_get_d(s->t->scratch.element.s, MPFR_RNDU);

        if (!isfinite(got_of(s, s->wrong[k])) && (sum < most || sum > own))
            return 0;
    }
    snprintf(text, size, "as if sums beyond 65504 overflowed (f16)");
    return 1;
}

/* The largest error over S, and of how many products that sum is. */
static double worst_share(const scene *s, int64_t *products)
{
    double worst = 0;

    *products = 1;
    for (int k = 0; k < s->n; k++) {
        dc_ref_element(s->t->ref, s->op, s->wrong[k], 1,
                       &s->t->scratch.element);
        const double share = fabs(error_of(s, s->wrong[k])) /
                             mpfr_get_d(s->t->scratch.element.s, MPFR_RNDU);

        if (share > worst) {
            worst = share;
            *products = s->t->scratch.element.n;
        }
    }
    return worst;
}

/* One rounding makes such an error in so many bits; those of a serial sum
 * walk at random, which takes more bits to come to the same. */
static int name_accumulator(const scene *s, double share, int64_t products,
                            char *text, size_t size)
{
    const double fewest = -log2(share);
    const double full = dc_formats[s->t->c.p.dtype].precision - 1;
    double most = fewest + log2((double)products) / 2;

    if (!(share < 0x1p-4))
        return 0;
    most = most < full ? most : full;
    if (most < fewest + 1.5)
        snprintf(text, size, "as if the accumulator had about %.0f bits",
                 fewest);
    else
        snprintf(text, size,
                 "as if the accumulator had about %.0f to %.0f bits", fewest,
                 most);
    return 1;
}

/* ==== A product left out ================================================ */

typedef struct {
    const scene *s;
    double error, slack;
    int found;
} search;

static void compare(void *to, int64_t a, int64_t b)
{
    search *const look = to;
    const dc_truth *const t = look->s->t;
    const dc_tensor *const f = dc_gather_factors[look->s->op];
    const double va = dc_format_get(t->c.p.dtype, t->tensors[f[0]], a);
    const double vb =
        b < 0 ? 1 : dc_format_get(t->c.p.dtype, t->tensors[f[1]], b);

    look->found |= fabs(look->error + va * vb) <= look->slack;
}

static int name_missing(const scene *s, char *text, size_t size)
{
    const dc_problem p = dc_problem_lift(&s->t->c.p);

    for (int k = 0; k < s->n; k++) {
        const dc_interval *const v = &s->t->accepted[s->op][s->wrong[k]];
        search look = {s, error_of(s, s->wrong[k]), v->bound, 0};

        dc_gather_element(&p, s->op, s->wrong[k], compare, &look);
        if (!look.found)
            return 0;
    }
    snprintf(text, size, "as if one product were left out of each");
    return 1;
}

/* ==== All together ====================================================== */

/* Adds from how many products on results are wrong, where that tells them
 * from the right ones. */
static void add_length(const scene *s, char *text, size_t size)
{
    int64_t right = -1;
    int64_t wrong = INT64_MAX;
    int at = 0;

    for (int64_t i = 0; i < s->t->count[s->op]; i++) {
        const int bad = at < s->n && s->wrong[at] == i;

        at += bad;
        dc_ref_element(s->t->ref, s->op, i, 0, &s->t->scratch.element);
        if (bad && s->t->scratch.element.n < wrong)
            wrong = s->t->scratch.element.n;
        if (!bad && s->t->scratch.element.n > right)
            right = s->t->scratch.element.n;
    }
    if (right >= LENGTH && right < wrong && at == s->n) {
        size_t length = 0;
        while (text[length])
            length++;
        snprintf(text + length, size - length,
                 "%sonly in sums of more than %" PRId64 " products",
                 length ? ", " : "", right);
    }
}

void dc_hypothesis_name(dc_truth *t, dc_op op, const dc_arithmetic *a,
                        const void *got, char *text, size_t size)
{
    scene s = {.t = t, .op = op, .a = a, .got = got};

    *text = 0;
    for (int64_t i = 0; i < t->count[op] && s.n < LOOKED_AT; i++)
        if (!dc_bound_accepts(&t->accepted[op][i],
                              dc_format_get(t->c.p.dtype, got, i)))
            s.wrong[s.n++] = i;
    for (int k = 0; k < s.n; k++)
        if (!isfinite(error_of(&s, s.wrong[k]))) {
            (void)name_overflow(&s, text, size);
            return;
        }
    if (s.n == 0 || name_flush(&s, text, size) || t->cache.special)
        return;
    int64_t products;
    const double share = worst_share(&s, &products);
    int lost;
    (void)kept_bits(&s, &lost);
    /* among the small odd numbers beside a large one any error is found */
    const int needle = dc_data_second_int(&t->c) && share < 0x1p-8 && lost > 0;
    if (name_factors(&s, text, size) ||
        name_kept(&s, share, products, text, size) ||
        (!needle && name_missing(&s, text, size)) ||
        name_accumulator(&s, share, products, text, size))
        add_length(&s, text, size);
}
