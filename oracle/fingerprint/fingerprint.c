/* SPDX-License-Identifier: MIT
 *
 * The probes: dot products of a few terms, computed as 1x1 transposed
 * convolutions over input channels.  A call has one probe per batch item.
 */
#include "oracle/fingerprint/fingerprint.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "oracle/fingerprint/tree.h"

enum { TERMS = DC_FINGERPRINT_TERMS };

typedef struct {
    dc_endpoint *end;
    int dtype;
    int bits; /* of the accumulator, once known; before: those of f32, f64 */
    bool repeats; /* every repeated call gave the same bits so far */
    dc_error *e;
} prober;

/* Dot products y[r] = b + sum over m of x[r][m] w[m], which the implementation
 * computes as a reduction over channels or over the taps of one kernel. */
typedef struct {
    int rows, terms;
    bool taps;
    const double *x; /* [rows][terms] */
    const double *w; /* [terms] */
    const double *b; /* [1], or NULL */
} probe;

enum { SPEC = 128 };

/* The case string of a probe.  Taps: the one full overlap of a signal of
 * `terms` elements with the mirrored kernel. */
static void print_spec(const probe *d, char spec[SPEC])
{
    if (d->taps)
        snprintf(spec, SPEC, "n%d_i%d_k%d_p%d_b%d", d->rows, d->terms, d->terms,
                 d->terms - 1, d->b != NULL);
    else
        snprintf(spec, SPEC, "n%d_ci%d_i1_k1_b%d", d->rows, d->terms,
                 d->b != NULL);
}

static dc_status call(prober *a, const char *spec, const void *const *tensors,
                      void *const result[2])
{
    dc_case c;
    dc_answer answer;
    dc_status status;

    (void)dc_case_parse(spec, &c, NULL); /* legal for all probes */
    c.p.dtype = a->dtype;
    status = dc_endpoint_call(a->end, &c, DC_FORWARD, tensors, result, &answer,
                              a->e);
    if (status != DC_OK)
        return status;
    a->repeats &= answer.repeat < 0;
    if (answer.outcome == DC_ANSWERED && answer.status == DC_OK)
        return DC_OK;
    return dc_error_set(a->e, DC_FAILED, NULL, -1,
                        "the probe %.60s in %s got no result: %.120s", spec,
                        dc_formats[a->dtype].name,
                        answer.reason[0] ? answer.reason
                                         : dc_status_name(answer.status));
}

static dc_status run_probe(prober *a, const probe *d, double *y)
{
    const int n_x = d->rows * d->terms;
    /* x, w, b, two results */
    double *const buffer =
        malloc(sizeof *buffer * (size_t)(n_x + d->terms + 1 + 2 * d->rows));
    double *const w = buffer + n_x;
    double *const b = w + d->terms;
    void *const result[2] = {b + 1, b + 1 + d->rows};
    const void *tensors[DC_TENSORS] = {
        [DC_X] = buffer, [DC_W] = w, [DC_B] = d->b ? b : NULL};
    char spec[SPEC];
    dc_status status;

    if (!buffer)
        return dc_nomem(a->e);
    print_spec(d, spec);
    for (int k = 0; k < n_x; k++)
        dc_format_set(a->dtype, buffer, k, d->x[k]);
    for (int k = 0; k < d->terms; k++)
        dc_format_set(a->dtype, w, d->taps ? d->terms - 1 - k : k, d->w[k]);
    dc_format_set(a->dtype, b, 0, d->b ? *d->b : 0);
    status = call(a, spec, tensors, result);
    for (int r = 0; r < d->rows && status == DC_OK; r++)
        y[r] = dc_format_get(a->dtype, result[0], r);
    free(buffer);
    return status;
}

/* One dot product over channels, without bias. */
static dc_status dot(prober *a, int terms, const double *x, const double *w,
                     double *y)
{
    const probe d = {.rows = 1, .terms = terms, .x = x, .w = w};

    return run_probe(a, &d, y);
}

/* ==== Inputs ============================================================ */

/* Counts the significand bits of an input (x, or with of_w w) that reach the
 * result: (1 + 2^-k) * 1 keeps its last bit for k < bits. */
static dc_status count_input_bits(prober *a, bool of_w, int *bits)
{
    const double one = 1;

    *bits = 0;
    for (int k = 1; k < dc_formats[a->dtype].precision; k++) {
        const double v = 1 + ldexp(1, -k);
        double y;
        const dc_status status =
            dot(a, 1, of_w ? &one : &v, of_w ? &v : &one, &y);

        if (status != DC_OK)
            return status;
        if (y == v)
            *bits = k + 1;
    }
    return DC_OK;
}

/* Is 2^20 preserved?  A conversion to binary16 overflows. */
static dc_status is_wide_range(prober *a, bool *wide)
{
    const double x = ldexp(1, 20);
    const double w = ldexp(1, -20);
    double y;
    const dc_status status = dot(a, 1, &x, &w, &y);

    *wide = y == 1;
    return status;
}

static dc_status probe_input(prober *a, dc_fingerprint *f)
{
    const int p = dc_formats[a->dtype].precision;
    int bits[2];
    bool wide = true;
    dc_status status = count_input_bits(a, false, &bits[0]);

    if (status == DC_OK)
        status = count_input_bits(a, true, &bits[1]);
    if (status == DC_OK && a->dtype != DC_F16)
        status = is_wide_range(a, &wide);
    if (status != DC_OK)
        return status;
    const int least = bits[0] < bits[1] ? bits[0] : bits[1];
    if (least == p)
        snprintf(f->input, sizeof f->input, "none");
    else
        snprintf(f->input, sizeof f->input, "%s (%d significand bits)%s",
                 least == 11   ? wide ? "tf32" : "f16"
                 : least == 8  ? "bf16"
                 : least == 24 ? "f32"
                               : "a short type",
                 least,
                 bits[0] == bits[1]  ? ""
                 : bits[0] < bits[1] ? ", x alone"
                                     : ", w alone");
    return DC_OK;
}

/* ==== The accumulator =================================================== */

/* Two factors of 2^q that the storage type can represent. */
static void split(int q, double *x, double *w)
{
    *x = ldexp(1, q / 2);
    *w = ldexp(1, q - q / 2);
}

/* The accumulator has q bits if q is the smallest exponent for which the sum of
 * 2^q, 1 and -2^q, in some order, loses the 1. */
static dc_status probe_width(prober *a, dc_fingerprint *f)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    const int most = a->dtype == DC_F16 ? 28 : 62;

    f->accumulator_bits = 0;
    for (int q = 2; q <= most; q++) {
        for (int k = 0; k < 6; k++) {
            double big_x, big_w, x[3], w[3], y;
            dc_status status;

            split(q, &big_x, &big_w);
            x[orders[k][0]] = big_x;
            w[orders[k][0]] = big_w;
            x[orders[k][1]] = 1;
            w[orders[k][1]] = 1;
            x[orders[k][2]] = -big_x;
            w[orders[k][2]] = big_w;
            status = dot(a, 3, x, w, &y);
            if (status != DC_OK)
                return status;
            if (y != 1) {
                f->accumulator_bits = q;
                a->bits = q;
                return DC_OK;
            }
        }
    }
    return DC_OK;
}

/* (1+2^-h)^2 - (1+2^(1-h)) is 2^-2h, unless the square is rounded before the
 * addition. */
static dc_status probe_products(prober *a, dc_fingerprint *f)
{
    const int p = dc_formats[a->dtype].precision;
    const int h = (p + 1) / 2; /* the square needs more than p bits */
    const double v = 1 + ldexp(1, -h);
    const double whole = 1 + ldexp(1, 1 - h);
    int kept = 0;

    for (int first = 0; first < 2; first++) {
        double x[2], w[2], y;
        dc_status status;

        x[first] = w[first] = v;
        x[!first] = whole;
        w[!first] = -1;
        status = dot(a, 2, x, w, &y);
        if (status != DC_OK)
            return status;
        kept += y == ldexp(1, -2 * h);
    }
    snprintf(f->products, sizeof f->products, "%s",
             f->accumulator_bits == 0 || f->accumulator_bits >= 2 * p
                 ? "exact in a wide accumulator"
             : kept ? "fused: not rounded before the addition (FMA)"
                    : "rounded before the addition");
    return DC_OK;
}

static dc_status probe_subnormals(prober *a, dc_fingerprint *f)
{
    const dc_format *d = &dc_formats[a->dtype];
    const double tiny = ldexp(1, d->emin / 2 - 2);
    const double shift = ldexp(1, d->emin - 4 - (d->emin / 2 - 2));
    const double denormal = ldexp(1, d->emin - 2);
    const double lift = 16;
    double result;
    double input;
    dc_status status = dot(a, 1, &tiny, &shift, &result);

    if (status == DC_OK)
        status = dot(a, 1, &denormal, &lift, &input);
    if (status != DC_OK)
        return status;
    snprintf(f->subnormals, sizeof f->subnormals, "%s",
             result != 0 && input != 0 ? "kept"
             : input != 0              ? "results flushed to zero"
             : result != 0             ? "inputs flushed to zero"
                                       : "inputs and results flushed to zero");
    return DC_OK;
}

/* Sums of +-(1 + 3/4 ulp) and the tie 1 + 1/2 ulp, where ulp is the spacing of
 * the storage type at 1. */
static dc_status probe_rounding(prober *a, dc_fingerprint *f)
{
    const int p = dc_formats[a->dtype].precision;
    const double ulp = ldexp(1, 1 - p);
    const double part[3] = {0.75, 0.75, 0.5};
    const double sign[3] = {1, -1, 1};
    double y[3];

    for (int k = 0; k < 3; k++) {
        const double x[2] = {sign[k], sign[k] * part[k] * ulp};
        const double w[2] = {1, 1};
        const dc_status status = dot(a, 2, x, w, &y[k]);
        if (status != DC_OK)
            return status;
    }
    const int up = y[0] == 1 + ulp;
    const int down = y[1] == -(1 + ulp);
    snprintf(f->rounding, sizeof f->rounding, "%s",
             up && down && y[2] == 1 ? "to nearest, ties to even"
             : up && down            ? "to nearest, ties away"
             : up                    ? "up"
             : down                  ? "down"
                                     : "towards zero");
    return DC_OK;
}

/* b = M and the terms 1, -M, 1, which are the same in either order.  If b is
 * added first, M absorbs one 1 and the other one remains; if b is added last,
 * -M absorbs both. */
static dc_status probe_bias(prober *a, dc_fingerprint *f)
{
    const int q = a->bits + 1;
    const double x[3] = {1, -ldexp(1, q / 2), 1};
    const double w[3] = {1, ldexp(1, q - q / 2), 1};
    const double b = ldexp(1, q);
    const probe d = {.rows = 1, .terms = 3, .x = x, .w = w, .b = &b};
    double y;
    dc_status status;

    if (b > dc_formats[a->dtype].max || f->accumulator_bits == 0) {
        snprintf(f->bias, sizeof f->bias, "cannot be told in %s",
                 dc_formats[a->dtype].name);
        return DC_OK;
    }
    status = run_probe(a, &d, &y);
    if (status == DC_OK)
        snprintf(f->bias, sizeof f->bias, "%s",
                 y == 1   ? "added first"
                 : y == 0 ? "added last"
                          : "cannot be told");
    return status;
}

/* ==== The order ========================================================= */

/* For each pair of terms: M at i, -M at j, ones elsewhere.  M and -M absorb the
 * ones that are added before both have met, so that the result counts the
 * leaves outside the smallest subtree with i and j. */
static dc_status probe_order(prober *a, bool taps, char *text, size_t text_size)
{
    enum { PAIRS = TERMS * (TERMS - 1) / 2 };
    /* f16, as a storage type or as an accumulator, cannot hold both M and a one:
     * everything is scaled by 2^-5 */
    const bool narrow =
        a->dtype == DC_F16 || a->bits <= dc_formats[DC_F16].precision;
    const double one = narrow ? 0x1p-20 : 1; /* in x */
    const double weight = narrow ? 0x1p15 : 1;
    /* absorbs all ones together */
    const double big = ldexp(one, a->bits + 8);
    double *const x = malloc(sizeof *x * PAIRS * TERMS);
    double w[TERMS];
    double y[PAIRS];
    int size[TERMS * TERMS] = {0};
    int row = 0;
    dc_status status;

    if (!x)
        return dc_nomem(a->e);
    for (int k = 0; k < TERMS; k++)
        w[k] = weight;
    for (int i = 0; i < TERMS; i++)
        for (int j = i + 1; j < TERMS; j++, row++) {
            for (int k = 0; k < TERMS; k++)
                x[row * TERMS + k] = one;
            x[row * TERMS + i] = big;
            x[row * TERMS + j] = -big;
        }
    status = run_probe(a, &(const probe){PAIRS, TERMS, taps, x, w, NULL}, y);
    free(x);
    if (status != DC_OK)
        return status;
    row = 0;
    for (int i = 0; i < TERMS; i++)
        for (int j = i + 1; j < TERMS; j++) {
            const double after = y[row++] / one / weight;
            /* anything else (NaN, an overflow) fits no tree */
            if (after >= 0 && after <= TERMS)
                size[i * TERMS + j] = TERMS - (int)after;
        }
    if (big > dc_formats[a->dtype].max)
        snprintf(text, text_size, "cannot be told in %s",
                 dc_formats[a->dtype].name);
    else
        dc_tree_describe(size, TERMS, text, text_size);
    return DC_OK;
}

dc_status dc_fingerprint_run(dc_endpoint *end, int dtype, dc_fingerprint *f,
                             dc_error *e)
{
    /* in this order: later probes use f->accumulator_bits */
    dc_status (*const probes[])(prober *, dc_fingerprint *) = {
        probe_input,      probe_width,    probe_products,
        probe_subnormals, probe_rounding, probe_bias};
    prober a = {end, dtype, dtype == DC_F64 ? 53 : 24, true, e};
    dc_status status = DC_OK;

    memset(f, 0, sizeof *f);
    f->dtype = dtype;
    for (size_t k = 0; k < sizeof probes / sizeof *probes; k++)
        if (status == DC_OK)
            status = probes[k](&a, f);
    if (status == DC_OK)
        status = probe_order(&a, false, f->order, sizeof f->order);
    if (status == DC_OK)
        status = probe_order(&a, true, f->taps, sizeof f->taps);
    snprintf(f->repeat, sizeof f->repeat, "%s",
             a.repeats ? "same bits again" : "other bits when called again");
    return status;
}
