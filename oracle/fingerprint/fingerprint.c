/* SPDX-License-Identifier: MIT
 *
 * The probes.  Each is a dot product of a few terms, put as a 1x1 transposed
 * convolution over input channels; many are put at once, one per batch item.
 */
#include "oracle/fingerprint/fingerprint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "oracle/fingerprint/tree.h"

enum { TERMS = DC_FINGERPRINT_TERMS };

typedef struct {
    dc_endpoint *end;
    int dtype;
    int bits;    /* accumulator bits, once known; else 24 or 53 */
    int differs; /* a repeated call gave other bits */
    dc_error *e;
} asker;

/* y[r] = b + sum over m of x[r][m] w[m], as the implementation forms it; over
 * channels, or over the taps of one kernel.  b NULL: no bias. */
static dc_status dot(asker *a, int rows, int terms, int taps, const double *x,
                     const double *w, const double *b, double *y)
{
    dc_case c;
    char spec[128];
    double *room = malloc(sizeof *room *
                          (size_t)(rows * terms + 2 * terms + 1 + 2 * rows));
    double *const tensors[3] = {room, room + rows * terms,
                                room + rows * terms + terms};
    double *const answers[2] = {tensors[2] + 1, tensors[2] + 1 + rows};
    const void *in[DC_TENSORS] = {NULL};
    void *const result[2] = {answers[0], answers[1]};
    dc_answer answer;
    dc_status status;

    /* taps: the one full overlap of a signal with the mirrored kernel */
    if (taps)
        snprintf(spec, sizeof spec, "n%d_i%d_k%d_p%d_b%d", rows, terms, terms,
                 terms - 1, b != NULL);
    else
        snprintf(spec, sizeof spec, "n%d_ci%d_i1_k1_b%d", rows, terms,
                 b != NULL);
    if (!room)
        return dc_nomem(a->e);
    (void)dc_case_parse(spec, &c, NULL); /* legal for every count */
    c.p.dtype = a->dtype;
    for (int k = 0; k < rows * terms; k++)
        dc_format_set(a->dtype, tensors[0], k, x[k]);
    for (int k = 0; k < terms; k++)
        dc_format_set(a->dtype, tensors[1], taps ? terms - 1 - k : k, w[k]);
    dc_format_set(a->dtype, tensors[2], 0, b ? *b : 0);
    in[DC_X] = tensors[0];
    in[DC_W] = tensors[1];
    in[DC_B] = b ? tensors[2] : NULL;
    status =
        dc_endpoint_call(a->end, &c, DC_FORWARD, in, result, &answer, a->e);
    if (status == DC_OK &&
        (answer.outcome != DC_ANSWERED || answer.status != DC_OK))
        status = dc_error_set(a->e, DC_FAILED, NULL, -1,
                              "the probe %.60s in %s got no result: %.120s",
                              spec, dc_formats[a->dtype].name,
                              answer.reason[0] ? answer.reason
                                               : dc_status_name(answer.status));
    if (status == DC_OK) {
        a->differs |= answer.repeat >= 0;
        for (int r = 0; r < rows; r++)
            y[r] = dc_format_get(a->dtype, answers[0], r);
    }
    free(room);
    return status;
}

/* ==== Inputs ============================================================ */

/* Significand bits of x that reach the result: (1 + 2^-k) * 1. */
static dc_status input_bits(asker *a, int of_w, int *bits, int *up)
{
    const int p = dc_formats[a->dtype].precision;

    *bits = 0;
    *up = 0;
    for (int k = 1; k < p; k++) {
        const double v = 1 + ldexp(1, -k);
        const double one = 1;
        double y;
        const dc_status status =
            dot(a, 1, 1, 0, of_w ? &one : &v, of_w ? &v : &one, NULL, &y);
        if (status != DC_OK)
            return status;
        if (y == v)
            *bits = k + 1;
        else
            *up |= y > v;
    }
    return DC_OK;
}

/* Does 2^20 survive?  A conversion to binary16 overflows it. */
static dc_status wide_range(asker *a, int *wide)
{
    const double x = ldexp(1, 20);
    const double w = ldexp(1, -20);
    double y;
    const dc_status status = dot(a, 1, 1, 0, &x, &w, NULL, &y);

    *wide = y == 1;
    return status;
}

static dc_status ask_input(asker *a, dc_fingerprint *f)
{
    const int p = dc_formats[a->dtype].precision;
    int bits[2];
    int up;
    int wide = 1;
    dc_status status = input_bits(a, 0, &bits[0], &up);

    if (status == DC_OK)
        status = input_bits(a, 1, &bits[1], &up);
    if (status == DC_OK && a->dtype != DC_F16)
        status = wide_range(a, &wide);
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

/* Factors of 2^q that the storage type holds. */
static void split(int q, double *x, double *w)
{
    *x = ldexp(1, q / 2);
    *w = ldexp(1, q - q / 2);
}

/* The smallest q for which 2^q, 1, -2^q in some order loses the 1. */
static dc_status ask_width(asker *a, dc_fingerprint *f)
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
            status = dot(a, 1, 3, 0, x, w, NULL, &y);
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

/* (1+2^-h)^2 - (1+2^(1-h)): 2^-2h if the product is not rounded by itself. */
static dc_status ask_products(asker *a, dc_fingerprint *f)
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
        status = dot(a, 1, 2, 0, x, w, NULL, &y);
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

static dc_status ask_subnormals(asker *a, dc_fingerprint *f)
{
    const dc_format *d = &dc_formats[a->dtype];
    const double tiny = ldexp(1, d->emin / 2 - 2);
    const double shift = ldexp(1, d->emin - 4 - (d->emin / 2 - 2));
    const double denormal = ldexp(1, d->emin - 2);
    const double lift = 16;
    double result;
    double input;
    dc_status status = dot(a, 1, 1, 0, &tiny, &shift, NULL, &result);

    if (status == DC_OK)
        status = dot(a, 1, 1, 0, &denormal, &lift, NULL, &input);
    if (status != DC_OK)
        return status;
    snprintf(f->subnormals, sizeof f->subnormals, "%s",
             result != 0 && input != 0 ? "kept"
             : input != 0              ? "results flushed to zero"
             : result != 0             ? "inputs flushed to zero"
                                       : "inputs and results flushed to zero");
    return DC_OK;
}

/* +-(1 + 3/4 ulp) and the tie 1 + 1/2 ulp, in the last place of what rounds:
 * the accumulator, or the storage where that is as short. */
static dc_status ask_rounding(asker *a, dc_fingerprint *f)
{
    const int p = dc_formats[a->dtype].precision;
    const double ulp = ldexp(1, 1 - p);
    const double part[3] = {0.75, 0.75, 0.5};
    const double sign[3] = {1, -1, 1};
    double y[3];

    for (int k = 0; k < 3; k++) {
        const double x[2] = {sign[k], sign[k] * part[k] * ulp};
        const double w[2] = {1, 1};
        const dc_status status = dot(a, 1, 2, 0, x, w, NULL, &y[k]);
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

/* b = M and the terms 1, -M, 1, the same read from either end: with b first
 * one 1 is lost in M and the other stays; with b last both are lost in -M. */
static dc_status ask_bias(asker *a, dc_fingerprint *f)
{
    const int q = a->bits + 1;
    const double x[3] = {1, -ldexp(1, q / 2), 1};
    const double w[3] = {1, ldexp(1, q - q / 2), 1};
    const double b = ldexp(1, q);
    double y;
    dc_status status;

    if (b > dc_formats[a->dtype].max || f->accumulator_bits == 0) {
        snprintf(f->bias, sizeof f->bias, "cannot be told in %s",
                 dc_formats[a->dtype].name);
        return DC_OK;
    }
    status = dot(a, 1, 3, 0, x, w, &b, &y);
    if (status == DC_OK)
        snprintf(f->bias, sizeof f->bias, "%s",
                 y == 1   ? "added first"
                 : y == 0 ? "added last"
                          : "cannot be told");
    return status;
}

/* ==== The order ========================================================= */

/* M at i, -M at j, ones elsewhere: the ones that survive are added after the
 * two have met, so that m - y leaves lie below their meeting. */
static dc_status ask_order(asker *a, int taps, char *text, size_t room)
{
    enum { PAIRS = TERMS * (TERMS - 1) / 2 };
    /* f16 has no room for M beside a one, and what adds up in it neither:
     * everything times 2^-5 */
    const int narrow =
        a->dtype == DC_F16 || a->bits <= dc_formats[DC_F16].precision;
    const double one = narrow ? 0x1p-20 : 1; /* in x */
    const double weight = narrow ? 0x1p15 : 1;
    /* far above all ones together */
    const double big = ldexp(one, a->bits + 8);
    double *x = malloc(sizeof *x * PAIRS * TERMS);
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
    status = dot(a, PAIRS, TERMS, taps, x, w, NULL, y);
    free(x);
    if (status != DC_OK)
        return status;
    row = 0;
    for (int i = 0; i < TERMS; i++)
        for (int j = i + 1; j < TERMS; j++) {
            const double after = y[row++] / one / weight;
            /* what is no such count (NaN, an overflow) fits no tree */
            if (after >= 0 && after <= TERMS)
                size[i * TERMS + j] = TERMS - (int)after;
        }
    if (big > dc_formats[a->dtype].max)
        snprintf(text, room, "cannot be told in %s", dc_formats[a->dtype].name);
    else
        dc_tree_describe(size, TERMS, text, room);
    return DC_OK;
}

dc_status dc_fingerprint_take(dc_endpoint *end, int dtype, dc_fingerprint *f,
                              dc_error *e)
{
    asker a = {end, dtype, dtype == DC_F64 ? 53 : 24, 0, e};
    dc_status status;

    memset(f, 0, sizeof *f);
    f->dtype = dtype;
    status = ask_input(&a, f);
    if (status == DC_OK)
        status = ask_width(&a, f);
    if (status == DC_OK)
        status = ask_products(&a, f);
    if (status == DC_OK)
        status = ask_subnormals(&a, f);
    if (status == DC_OK)
        status = ask_rounding(&a, f);
    if (status == DC_OK)
        status = ask_bias(&a, f);
    if (status == DC_OK)
        status = ask_order(&a, 0, f->order, sizeof f->order);
    if (status == DC_OK)
        status = ask_order(&a, 1, f->taps, sizeof f->taps);
    snprintf(f->repeat, sizeof f->repeat, "%s",
             a.differs ? "other bits when called again" : "same bits again");
    return status;
}
