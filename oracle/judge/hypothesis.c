/* SPDX-License-Identifier: MIT
 *
 * Hypotheses about wrong values, the most specific first.  A hypothesis holds
 * if it accounts for every wrong element of the sample.
 */
#include "oracle/judge/hypothesis.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "ref/gather.h"

static void collect(dc_sample *x, const void *got)
{
    dc_element *const exact = &x->t->scratch.element;

    for (int64_t i = 0; i < x->t->count[x->op] && x->n < DC_SAMPLE_MAX; i++) {
        const dc_interval *accepted = &x->t->accepted[x->op][i];
        dc_wrong w = {.index = i,
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
static bool fits_factors(const dc_sample *x, const conversion *c)
{
    const factor_map map = {c, dc_formats[x->dtype].min};
    dc_truth *const t = x->t;
    void *copies[DC_TENSORS] = {NULL};
    dc_ref *ref = NULL;
    bool fits = dc_truth_mapped(t, convert, &map, copies, &ref) == DC_OK;

    for (int k = 0; k < x->n && fits; k++) {
        const dc_wrong *w = &x->wrong[k];
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
static bool name_factors(const dc_sample *x, char *text, size_t size)
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

static bool name_flush(const dc_sample *x, char *text, size_t size)
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
static void name_overflow(const dc_sample *x, char *text, size_t size)
{
    static const double f16_max = 65504;
    const double own_max = dc_formats[x->dtype].max / 4;

    if (own_max <= f16_max || x->t->cache.special)
        return;
    for (int k = 0; k < x->n; k++) {
        const dc_wrong *const w = &x->wrong[k];
        const bool fits = isinf(w->got) ? w->s >= f16_max && w->s <= own_max
                                        : fabs(w->got) <= f16_max;

        if (!fits) /* a NaN, too */
            return;
    }
    snprintf(text, size, "as if sums beyond 65504 overflowed (f16)");
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

static bool name_missing(const dc_sample *x, char *text, size_t size)
{
    enum { FEWEST = 3 };
    const dc_problem p = dc_problem_lift(&x->t->c.p);

    if (x->n < FEWEST)
        return false;
    for (int k = 0; k < x->n; k++) {
        const dc_wrong *w = &x->wrong[k];
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
static void add_length(const dc_sample *x, char *text, size_t size)
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
    dc_sample x = {.t = t, .op = op, .a = a, .dtype = t->c.p.dtype};
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
    const dc_worst w = dc_hypothesis_worst(&x);
    (void)dc_hypothesis_kept(&x, &lost);
    /* among small odd numbers and a large one, any error equals a product */
    const bool needle = dc_data_second_int(&t->c) && w.share < 0x1p-8 && lost;
    if (name_factors(&x, text, size) ||
        dc_hypothesis_trailing(&x, w, text, size) ||
        (!needle && name_missing(&x, text, size)) ||
        dc_hypothesis_size(&x, w, text, size))
        add_length(&x, text, size);
}
