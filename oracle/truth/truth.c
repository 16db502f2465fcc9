/* SPDX-License-Identifier: MIT
 *
 * From a case to the accepted values: data, reference, bound.
 */
#include "oracle/truth/truth.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "ref/gather.h"

/* The reference keeps an MPFR number for each input element, so that larger
 * tensors are refused. */
static const int64_t ELEMENTS_MAX = (int64_t)1 << 28;

dc_status dc_truth_open_with(dc_truth *t, const dc_case *c,
                             void *const given[DC_TENSORS], dc_error *e)
{
    dc_status status = DC_OK;

    memset(t, 0, sizeof *t);
    t->c = *c;
    dc_bound_init(&t->scratch.bound);
    dc_element_init(&t->element);
    dc_element_init(&t->scratch.element);
    for (int k = DC_X; k <= DC_GY && status == DC_OK; k++) {
        const size_t bytes = dc_problem_bytes(&c->p, (dc_tensor)k);

        if (k == DC_B && !c->p.has_bias)
            continue;
        if (dc_problem_count(&c->p, (dc_tensor)k) > ELEMENTS_MAX) {
            status = dc_error_set(e, DC_NOMEM, dc_tensor_names[k], -1,
                                  "tensor %s has more than 2^28 elements",
                                  dc_tensor_names[k]);
            break;
        }
        t->own[k] = malloc(bytes + 1);
        t->tensors[k] = t->own[k];
        if (!t->own[k] || dc_data_fill(c, (dc_tensor)k, t->own[k]) != DC_OK)
            status = dc_nomem(e);
        else if (given[k] && memcmp(t->own[k], given[k], bytes) != 0) {
            memcpy(t->own[k], given[k], bytes);
            t->c.family = DC_REAL;
        }
    }
    for (int op = 0; op < DC_OPS; op++)
        t->count[op] = dc_problem_count(&c->p, dc_ops[op].out);
    if (status == DC_OK && dc_ref_open(&t->ref, &c->p, t->tensors) != DC_OK)
        status = dc_nomem(e);
    if (status != DC_OK)
        dc_truth_close(t);
    return status;
}

dc_status dc_truth_open(dc_truth *t, const dc_case *c, dc_error *e)
{
    return dc_truth_open_with(t, c, (void *[DC_TENSORS]){NULL}, e);
}

void dc_truth_close(dc_truth *t)
{
    dc_truth_cache *const cache = &t->cache;

    dc_ref_close(t->ref);
    dc_ref_close(cache->finite);
    dc_ref_close(cache->flushed);
    dc_special_close(cache->special);
    for (int k = 0; k < DC_TENSORS; k++) {
        free(t->own[k]);
        free(cache->norms[k]);
        free(cache->cleaned[0][k]);
        free(cache->cleaned[1][k]);
    }
    for (int op = 0; op < DC_OPS; op++)
        free(t->accepted[op]);
    dc_element_clear(&t->element);
    dc_element_clear(&t->scratch.element);
    dc_bound_clear(&t->scratch.bound);
}

double *dc_truth_doubles(const dc_truth *t, const void *tensor, int64_t count)
{
    double *const v = malloc((size_t)count * sizeof *v + 1);

    if (v && tensor)
        dc_format_decode(t->c.p.dtype, tensor, count, v);
    return v;
}

/* ==== Cache ============================================================= */

/* Looks through all inputs; notes which have long factors if `lengths`. */
static void scan(dc_truth *t, bool lengths, bool *nonfinite, bool *subnormal)
{
    const double min = dc_formats[t->c.p.dtype].min;

    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&t->c.p, (dc_tensor)k);

        for (int64_t i = 0; t->tensors[k] && i < count; i++) {
            const double v = dc_format_get(t->c.p.dtype, t->tensors[k], i);

            *nonfinite |= !isfinite(v);
            *subnormal |= v != 0 && fabs(v) < min;
            if (lengths && k != DC_B && !t->cache.long_factors[k])
                t->cache.long_factors[k] =
                    isfinite(v) && dc_format_shorten(v, 11, true) != v;
        }
    }
}

dc_status dc_truth_mapped(const dc_truth *t, dc_truth_map *map,
                          const void *context, void *copies[DC_TENSORS],
                          dc_ref **ref)
{
    const int dtype = t->c.p.dtype;
    const void *tensors[DC_TENSORS] = {NULL};

    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&t->c.p, (dc_tensor)k);

        if (!t->tensors[k])
            continue;
        tensors[k] = copies[k] =
            malloc(dc_problem_bytes(&t->c.p, (dc_tensor)k) + 1);
        if (!copies[k])
            return DC_NOMEM;
        for (int64_t i = 0; i < count; i++)
            dc_format_set(dtype, copies[k], i,
                          map(context, (dc_tensor)k,
                              dc_format_get(dtype, t->tensors[k], i)));
    }
    return dc_ref_open(ref, &t->c.p, tensors);
}

/* v, or 0 if it is not finite or smaller than *min. */
static double keep_finite(const void *min, dc_tensor t, double v)
{
    (void)t;
    return isfinite(v) && fabs(v) >= *(const double *)min ? v : 0;
}

/* Opens the reference over the tensors with 0 in place of values that are not
 * finite and, if `flush`, of subnormals. */
static dc_status open_cleaned(dc_truth *t, bool flush, dc_ref **ref)
{
    const double min = flush ? dc_formats[t->c.p.dtype].min : 0;

    return dc_truth_mapped(t, keep_finite, &min, t->cache.cleaned[flush], ref);
}

/* Positions of one plane of tensor k: its spatial extents, multiplied. */
static int64_t plane_size(const dc_problem *p, dc_tensor k)
{
    int64_t shape[5];
    const int axes = dc_problem_shape(p, k, shape);

    return dc_volume(shape + axes - p->rank, p->rank);
}

/* Computes the Euclidean norms of the planes of x, w and gy. */
static dc_status compute_norms(dc_truth *t)
{
    static const dc_tensor of[] = {DC_X, DC_W, DC_GY};

    t->cache.planes = dc_problem_planes(&t->c.p);
    for (int f = 0; f < 3; f++) {
        const dc_tensor k = of[f];
        const int64_t count = dc_problem_count(&t->c.p, k);
        const int64_t size = plane_size(&t->c.p, k);
        /* empty planes have a norm, too */
        double *const norms = calloc(
            (size_t)dc_problem_count(&t->cache.planes, k) + 1, sizeof *norms);

        t->cache.norms[k] = norms;
        if (!norms)
            return DC_NOMEM;
        for (int64_t i = 0; i < count; i++) {
            const double v = dc_format_get(t->c.p.dtype, t->tensors[k], i);

            if (isfinite(v))
                norms[i / size] = hypot(norms[i / size], v);
        }
    }
    return DC_OK;
}

static dc_status prepare(dc_truth *t, const dc_arithmetic *a, dc_error *e)
{
    dc_truth_cache *const cache = &t->cache;
    bool nonfinite = false;
    bool subnormal = false;
    dc_status status = DC_OK;

    if (cache->ready)
        return DC_OK;
    cache->ready = true;
    scan(t, a->declared & (DC_TF32 | DC_SPLIT), &nonfinite, &subnormal);
    if (nonfinite) {
        status =
            dc_special_open(&cache->special, &t->c.p, t->tensors, a->declared);
        if (status == DC_OK)
            status = open_cleaned(t, false, &cache->finite);
    }
    /* tf32 has fewer subnormals, and most implementations flush them */
    if (status == DC_OK && a->declared & (DC_FLUSH | DC_TF32) && subnormal)
        status = open_cleaned(t, true, &cache->flushed);
    if (status == DC_OK && a->declared & DC_TRANSFORM)
        status = compute_norms(t);
    return status == DC_OK ? DC_OK : dc_nomem(e);
}

/* May op round its f32 factors to (parts of) 11 bits, and does that change one?
 */
static bool rounds_factors(const dc_truth *t, dc_op op, const dc_arithmetic *a)
{
    if (!(a->declared & (DC_TF32 | DC_SPLIT)) || t->c.p.dtype != DC_F32)
        return false;
    for (int k = 0; k < dc_ops[op].takes; k++)
        if (t->cache.long_factors[dc_ops[op].in[k]])
            return true;
    return false;
}

dc_status dc_truth_exact(dc_truth *t, dc_op op, const dc_arithmetic *a,
                         bool *exact, dc_error *e)
{
    const dc_status status = prepare(t, a, e);
    const bool transforms = a->declared & DC_TRANSFORM && op != DC_GRAD_BIAS;

    *exact = dc_data_exact(t->c.family, op) && !transforms &&
             !rounds_factors(t, op, a);
    return status;
}

/* ==== Declared errors =================================================== */

typedef struct {
    const double *a, *b; /* norms of the factors' planes */
    double sum;
} norm_sum;

static void add_norms(void *state, int64_t a, int64_t b)
{
    norm_sum *const n = state;

    n->sum += n->a[a] * n->b[b];
}

/* The norm of the plane of op's result that holds element `index`: the sum,
 * over the pairs of factor planes that it is made of, of the products of their
 * norms. */
static double transform_norm(const dc_truth *t, dc_op op, int64_t index)
{
    norm_sum n = {t->cache.norms[dc_gather_factors[op][0]],
                  t->cache.norms[dc_gather_factors[op][1]], 0};

    dc_gather_element(&t->cache.planes, op,
                      index / plane_size(&t->c.p, dc_ops[op].out), add_norms,
                      &n);
    return n.sum;
}

/* The error that the declarations allow in the products of the element in
 * t->element before they are added, all products together.  For `transform`
 * this is a convention, not a theorem: 64 unit roundoffs of the norm for every
 * doubling of the plane, which the larger tiles of Winograd's method need, and
 * one for every term. */
static double declared_error(dc_truth *t, dc_op op, int64_t index,
                             const dc_arithmetic *a)
{
    const dc_problem *p = &t->c.p;
    const double s = mpfr_get_d(t->element.s, MPFR_RNDU);
    double extra = 0;

    if (rounds_factors(t, op, a)) {
        const double u = a->declared & DC_TRUNCATING ? 0x1p-10 : 0x1p-11;
        /* what two parts of a factor leave, twice, and the product of the
         * second parts; or for tf32 what one leaves.  gy alone is rounded for
         * grad_bias, by which it may be multiplied with ones. */
        extra += !(a->declared & DC_TF32) ? 3.01 * u * u * s
                 : op == DC_GRAD_BIAS     ? u * s
                                          : (2 * u + 1.001 * u * u) * s;
    }
    if (t->cache.flushed) {
        dc_element *const flushed = &t->scratch.element;

        dc_ref_element(t->cache.flushed, op, index, 1, flushed);
        mpfr_sub(t->element.s, t->element.s, flushed->s, MPFR_RNDU);
        extra += mpfr_get_d(t->element.s, MPFR_RNDU);
        mpfr_set_d(t->element.s, s, MPFR_RNDU);
    }
    if ((a->declared & DC_TRANSFORM) && op != DC_GRAD_BIAS) {
        const double u = dc_formats[dc_bound_accumulator(a, p->dtype)].u;
        const double plane = (double)plane_size(p, DC_Y) +
                             (double)plane_size(p, DC_X) +
                             (double)plane_size(p, DC_W);
        extra += (64 * (1 + log2(plane)) + (double)t->element.n) * u *
                 transform_norm(t, op, index);
    }
    /* a norm that overflows gives infinity, or NaN times zero: fmin replaces
     * both */
    return fmin(extra * (1 + 0x1p-50), DBL_MAX);
}

/* ==== Intervals ========================================================= */

static void apply_special(dc_truth *t, dc_op op, int64_t index,
                          const dc_arithmetic *a, dc_interval *out)
{
    const dc_special *const special = t->cache.special;
    const dc_special_hits hits = dc_special_element(special, op, index);

    dc_special_apply(&hits, out);
    /* inf - inf in a compensation, or infinity times a part that is zero */
    if ((a->declared & DC_COMPENSATED || dc_bound_splits(a, t->c.p.dtype)) &&
        (hits.plus || hits.minus)) {
        out->nan = true;
        out->zeros = 0;
    }
    /* a transform spreads NaN and infinities over whole planes */
    if (a->declared & DC_TRANSFORM && dc_special_present(special, op)) {
        out->nonfinite = true;
        out->zeros = 0;
    }
}

dc_status dc_truth_interval(dc_truth *t, dc_op op, int64_t index,
                            const dc_arithmetic *a, dc_interval *out,
                            dc_error *e)
{
    const int dtype = t->c.p.dtype;
    bool exact;
    const dc_status status = dc_truth_exact(t, op, a, &exact, e);

    if (status != DC_OK)
        return status;
    dc_ref_element(t->cache.finite ? t->cache.finite : t->ref, op, index,
                   !exact, &t->element);
    if (!exact) {
        dc_bound_interval(&t->scratch.bound, a, dtype, &t->element,
                          declared_error(t, op, index, a), out);
        if (t->cache.special)
            apply_special(t, op, index, a, out);
        return DC_OK;
    }
    if (dc_bound_exact(dtype, &t->element, out) == DC_OK)
        return DC_OK;
    return dc_failed(e, "%s data are not exact in %s at element %lld of %s",
                     dc_family_names[t->c.family], dc_formats[dtype].name,
                     (long long)index, dc_tensor_names[dc_ops[op].out]);
}

dc_status dc_truth_make(dc_truth *t, dc_op op, const dc_arithmetic *a,
                        dc_error *e)
{
    dc_status status = DC_OK;

    if (t->accepted[op])
        return DC_OK;
    t->accepted[op] =
        malloc((size_t)(t->count[op] + 1) * sizeof *t->accepted[op]);
    if (!t->accepted[op])
        return dc_nomem(e);
    for (int64_t i = 0; i < t->count[op] && status == DC_OK; i++)
        status = dc_truth_interval(t, op, i, a, &t->accepted[op][i], e);
    return status;
}

dc_comparison dc_truth_compare(const dc_truth *t, dc_op op, const void *result)
{
    dc_comparison all = {0, -1};

    for (int64_t i = 0; i < t->count[op]; i++) {
        const double got = dc_format_get(t->c.p.dtype, result, i);

        if (dc_bound_accepts(&t->accepted[op][i], got))
            continue;
        if (all.wrong++ == 0)
            all.first = i;
    }
    return all;
}
