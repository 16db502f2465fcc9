/* SPDX-License-Identifier: MIT
 *
 * The probes: dot products of a few terms, computed as 1x1 transposed
 * convolutions over input channels.  A call has one probe per batch item.  A
 * kernel may be for one rank, or for several groups: the probes have unit axes
 * in front and further groups of zeros, if need be.
 */
#include "oracle/fingerprint/fingerprint.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "oracle/fingerprint/tree.h"

enum { TERMS = DC_FINGERPRINT_TERMS };

typedef struct {
    dc_endpoint *end;
    int dtype;
    int rank;   /* of all probes */
    int groups; /* the first one has the probe, the others zeros */
    int bits;   /* of the accumulator, once known; before: those of f32, f64 */
    bool repeats;     /* every repeated call gave the same bits so far */
    dc_status status; /* of the first probe that failed, else DC_OK */
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

/* The problem of a probe in the rank and the groups that are asked.  Taps: the
 * one full overlap of a signal of `terms` elements with the mirrored kernel. */
static void make_case(const prober *a, const probe *d, dc_case *c)
{
    const int extent = d->taps ? d->terms : 1;
    char spec[128];

    snprintf(spec, sizeof spec, "n%d_i%d_k%d_p%d_b%d", d->rows, extent, extent,
             extent - 1, d->b != NULL);
    (void)dc_case_parse(spec, c, NULL); /* legal for all probes */
    c->p = dc_problem_raise(&c->p, a->rank);
    dc_problem_set_channels(&c->p, a->groups, d->taps ? 1 : d->terms, 1);
    c->p.dtype = a->dtype;
}

/* DC_UNSUPPORTED if the probe's problem is refused; DC_FAILED if it gets no
 * result; both with a sentence in e. */
static dc_status call(prober *a, const probe *d, const void *const *tensors,
                      void *const result[2])
{
    dc_case c;
    dc_answer answer;
    char name[DC_CASE_MAX];
    dc_status status;

    make_case(a, d, &c);
    status = dc_endpoint_call(a->end, &c, DC_FORWARD, tensors, result, &answer,
                              a->e);
    if (status != DC_OK)
        return status;
    a->repeats &= answer.repeat < 0;
    if (answer.outcome == DC_ANSWERED && answer.status == DC_OK)
        return DC_OK;
    dc_case_print(&c, name);
    status =
        answer.outcome == DC_ANSWERED &&
                (answer.status == DC_UNSUPPORTED || answer.status == DC_INVALID)
            ? DC_UNSUPPORTED
            : DC_FAILED;
    return dc_error_set(
        a->e, status, NULL, -1, "the probe %.110s got no result: %.100s", name,
        answer.reason[0] ? answer.reason : dc_status_name(answer.status));
}

/* Does nothing after an error, so that the probes need not check it: y is NaN
 * then.  Group 0 comes first in each row of x and y, and in w. */
static void run_probe(prober *a, const probe *d, double *y)
{
    const int row = a->groups * d->terms;
    const int n_x = d->rows * row;
    const int n_y = d->rows * a->groups;
    /* x, w, b, two results */
    double *const buffer =
        calloc((size_t)(n_x + row + a->groups + 2 * n_y), sizeof *buffer);

    for (int r = 0; r < d->rows; r++)
        y[r] = (double)NAN;
    if (!buffer && a->status == DC_OK)
        a->status = dc_nomem(a->e);
    if (a->status == DC_OK) {
        double *const w = buffer + n_x;
        double *const b = w + row;
        double *const results = b + a->groups;
        void *const result[2] = {results, results + n_y};
        const void *tensors[DC_TENSORS] = {
            [DC_X] = buffer, [DC_W] = w, [DC_B] = d->b ? b : NULL};

        for (int k = 0; k < d->rows * d->terms; k++)
            dc_format_set(a->dtype, buffer, k / d->terms * row + k % d->terms,
                          d->x[k]);
        for (int k = 0; k < d->terms; k++)
            dc_format_set(a->dtype, w, d->taps ? d->terms - 1 - k : k, d->w[k]);
        dc_format_set(a->dtype, b, 0, d->b ? *d->b : 0);
        a->status = call(a, d, tensors, result);
        for (int r = 0; a->status == DC_OK && r < d->rows; r++)
            y[r] = dc_format_get(a->dtype, result[0], (int64_t)r * a->groups);
    }
    free(buffer);
}

/* One dot product over channels, without bias. */
static double dot(prober *a, int terms, const double *x, const double *w)
{
    const probe d = {.rows = 1, .terms = terms, .x = x, .w = w};
    double y;

    run_probe(a, &d, &y);
    return y;
}

/* x * w as the implementation computes it. */
static double product(prober *a, double x, double w)
{
    return dot(a, 1, &x, &w);
}

/* ==== Inputs ============================================================ */

/* Significand bits of an input (x, or with of_w w) that reach the result:
 * (1 + 2^-k) * 1 keeps its last bit for k < bits. */
static int input_bits(prober *a, bool of_w)
{
    int bits = 0;

    for (int k = 1; k < dc_formats[a->dtype].precision; k++) {
        const double v = 1 + ldexp(1, -k);

        if (product(a, of_w ? 1 : v, of_w ? v : 1) == v)
            bits = k + 1;
    }
    return bits;
}

static void probe_input(prober *a, dc_fingerprint *f)
{
    const int of_x = input_bits(a, false);
    const int of_w = input_bits(a, true);
    const int least = of_x < of_w ? of_x : of_w;
    /* a conversion to binary16 overflows */
    const bool wide =
        a->dtype == DC_F16 || product(a, ldexp(1, 20), ldexp(1, -20)) == 1;

    if (least == dc_formats[a->dtype].precision)
        snprintf(f->input, sizeof f->input, "none");
    else
        snprintf(f->input, sizeof f->input, "%s (%d significand bits)%s",
                 least == 11   ? wide ? "tf32" : "f16"
                 : least == 8  ? "bf16"
                 : least == 24 ? "f32"
                               : "a short type",
                 least,
                 of_x == of_w  ? ""
                 : of_x < of_w ? ", x alone"
                               : ", w alone");
}

/* ==== The accumulator =================================================== */

/* The accumulator has q bits if q is the smallest exponent for which the sum of
 * 2^q, 1 and -2^q, in some order, loses the 1. */
static void probe_width(prober *a, dc_fingerprint *f)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    const int most = a->dtype == DC_F16 ? 28 : 62;

    for (int k = 0; k < 6 * (most - 1); k++) {
        const int q = 2 + k / 6;
        const int *const order = orders[k % 6];
        /* factors of 2^q that the storage type can represent */
        const double x_of[3] = {ldexp(1, q / 2), 1, -ldexp(1, q / 2)};
        const double w_of[3] = {ldexp(1, q - q / 2), 1, ldexp(1, q - q / 2)};
        double x[3], w[3];

        for (int m = 0; m < 3; m++) {
            x[order[m]] = x_of[m];
            w[order[m]] = w_of[m];
        }
        if (dot(a, 3, x, w) != 1) {
            f->accumulator_bits = q;
            a->bits = q;
            return;
        }
    }
}

/* (1+2^-h)^2 - (1+2^(1-h)) is 2^-2h, unless the square is rounded before the
 * addition. */
static void probe_products(prober *a, dc_fingerprint *f)
{
    const int p = dc_formats[a->dtype].precision;
    const int h = (p + 1) / 2; /* the square needs more than p bits */
    const double v = 1 + ldexp(1, -h);
    bool kept = false;

    for (int first = 0; first < 2; first++) {
        double x[2], w[2];

        x[first] = w[first] = v;
        x[!first] = 1 + ldexp(1, 1 - h);
        w[!first] = -1;
        kept |= dot(a, 2, x, w) == ldexp(1, -2 * h);
    }
    snprintf(f->products, sizeof f->products, "%s",
             f->accumulator_bits == 0 || f->accumulator_bits >= 2 * p
                 ? "exact in a wide accumulator"
             : kept ? "fused: not rounded before the addition (FMA)"
                    : "rounded before the addition");
}

static void probe_subnormals(prober *a, dc_fingerprint *f)
{
    const int emin = dc_formats[a->dtype].emin;
    const int half = emin / 2 - 2;
    const bool result =
        product(a, ldexp(1, half), ldexp(1, emin - 4 - half)) != 0;
    const bool input = product(a, ldexp(1, emin - 2), 16) != 0;

    snprintf(f->subnormals, sizeof f->subnormals, "%s",
             result && input ? "kept"
             : input         ? "results flushed to zero"
             : result        ? "inputs flushed to zero"
                             : "inputs and results flushed to zero");
}

/* Sums of +-(1 + 3/4 ulp) and the tie 1 + 1/2 ulp, where ulp is the spacing of
 * the storage type at 1. */
static void probe_rounding(prober *a, dc_fingerprint *f)
{
    const double ulp = ldexp(1, 1 - dc_formats[a->dtype].precision);
    const double x[3][2] = {{1, 0.75 * ulp}, {-1, -0.75 * ulp}, {1, 0.5 * ulp}};
    const double w[2] = {1, 1};
    const bool up = dot(a, 2, x[0], w) == 1 + ulp;
    const bool down = dot(a, 2, x[1], w) == -(1 + ulp);
    const bool even = dot(a, 2, x[2], w) == 1;

    snprintf(f->rounding, sizeof f->rounding, "%s",
             up && down && even ? "to nearest, ties to even"
             : up && down       ? "to nearest, ties away"
             : up               ? "up"
             : down             ? "down"
                                : "towards zero");
}

/* b = M and the terms 1, -M, 1, which are the same in either order.  If b is
 * added first, M absorbs one 1 and the other one remains; if b is added last,
 * -M absorbs both. */
static void probe_bias(prober *a, dc_fingerprint *f)
{
    const int q = a->bits + 1;
    const double x[3] = {1, -ldexp(1, q / 2), 1};
    const double w[3] = {1, ldexp(1, q - q / 2), 1};
    const double b = ldexp(1, q);
    const probe d = {.rows = 1, .terms = 3, .x = x, .w = w, .b = &b};
    double y;

    if (b > dc_formats[a->dtype].max || f->accumulator_bits == 0) {
        snprintf(f->bias, sizeof f->bias, "cannot be told in %s",
                 dc_formats[a->dtype].name);
        return;
    }
    run_probe(a, &d, &y);
    snprintf(f->bias, sizeof f->bias, "%s",
             y == 1   ? "added first"
             : y == 0 ? "added last"
                      : "cannot be told");
}

/* ==== The order ========================================================= */

/* For each pair of terms: M at i, -M at j, ones elsewhere.  M and -M absorb the
 * ones that are added before both have met, so that the result counts the
 * leaves outside the smallest subtree with i and j. */
static void probe_order(prober *a, bool taps, char *text, size_t text_size)
{
    enum { PAIRS = TERMS * (TERMS - 1) / 2 };
    /* f16, as a storage type or as an accumulator, cannot hold both M and a
     * one: everything is scaled by 2^-5 */
    const bool narrow =
        a->dtype == DC_F16 || a->bits <= dc_formats[DC_F16].precision;
    const double one = narrow ? 0x1p-20 : 1; /* in x */
    const double weight = narrow ? 0x1p15 : 1;
    const double big = ldexp(one, a->bits + 8); /* M; absorbs all ones */
    double *const x = malloc(sizeof *x * PAIRS * TERMS);
    double w[TERMS];
    double y[PAIRS];
    int size[TERMS * TERMS] = {0};
    const probe d = {PAIRS, TERMS, taps, x, w, NULL};
    int row = 0;

    if (!x) {
        a->status = dc_nomem(a->e);
        return;
    }
    for (int k = 0; k < PAIRS * TERMS; k++)
        x[k] = one;
    for (int i = 0; i < TERMS; i++) {
        w[i] = weight;
        for (int j = i + 1; j < TERMS; j++, row++) {
            x[row * TERMS + i] = big;
            x[row * TERMS + j] = -big;
        }
    }
    run_probe(a, &d, y);
    free(x);
    row = 0;
    for (int i = 0; i < TERMS; i++)
        for (int j = i + 1; j < TERMS; j++) {
            const double outside = y[row++] / one / weight;

            /* anything else (NaN, an overflow) fits no tree */
            if (outside >= 0 && outside <= TERMS)
                size[i * TERMS + j] = TERMS - (int)outside;
        }
    if (big > dc_formats[a->dtype].max)
        snprintf(text, text_size, "cannot be told in %s",
                 dc_formats[a->dtype].name);
    else
        dc_tree_describe(size, TERMS, text, text_size);
}

/* Finds a rank and a number of groups in which the probes are computed.
 * DC_UNSUPPORTED if there is none. */
static dc_status choose_form(prober *a)
{
    static const struct {
        int rank, groups;
    } forms[] = {{1, 1}, {2, 1}, {3, 1}, {1, 2}, {2, 2}, {3, 2}};
    dc_status status = DC_UNSUPPORTED;

    for (size_t k = 0;
         k < sizeof forms / sizeof *forms && status == DC_UNSUPPORTED; k++) {
        a->rank = forms[k].rank;
        a->groups = forms[k].groups;
        (void)product(a, 1, 1);
        status = a->status;
        a->status = DC_OK;
    }
    if (status == DC_UNSUPPORTED)
        return dc_error_set(a->e, status, NULL, -1,
                            "forward in %s is offered in no rank for a 1x1 "
                            "kernel of stride 1, which the probes are",
                            dc_formats[a->dtype].name);
    return status;
}

/* A kernel may have taps of its own in mind: then nothing is said of them. */
static void probe_taps(prober *a, dc_fingerprint *f)
{
    if (a->status != DC_OK)
        return;
    probe_order(a, true, f->taps, sizeof f->taps);
    if (a->status == DC_UNSUPPORTED) {
        a->status = DC_OK;
        snprintf(f->taps, sizeof f->taps, "not offered for %d taps", TERMS);
    }
}

dc_status dc_fingerprint_run(dc_endpoint *end, int dtype, dc_fingerprint *f,
                             dc_error *e)
{
    prober a = {.end = end,
                .dtype = dtype,
                .bits = dtype == DC_F64 ? 53 : 24,
                .repeats = true,
                .e = e};
    const dc_status status = choose_form(&a);

    if (status != DC_OK)
        return status;
    memset(f, 0, sizeof *f);
    f->dtype = dtype;
    f->rank = a.rank;
    f->groups = a.groups;
    /* in this order: later probes use f->accumulator_bits */
    probe_input(&a, f);
    probe_width(&a, f);
    probe_products(&a, f);
    probe_subnormals(&a, f);
    probe_rounding(&a, f);
    probe_bias(&a, f);
    probe_order(&a, false, f->order, sizeof f->order);
    probe_taps(&a, f);
    snprintf(f->repeat, sizeof f->repeat, "%s",
             a.repeats ? "same bits again" : "other bits when called again");
    return a.status;
}
