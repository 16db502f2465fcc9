/* SPDX-License-Identifier: MIT
 *
 * The checksum: with random small integers r, sum over co of r y[n,co,o] is
 * forward of the same x with the single channel sum over co of r w; likewise
 * over ci for gx, and over ci with sum r x for gw.
 *
 * Magnitudes go along: sum over co of |r| S is the same operation on |x| and
 * sum over co of |r| |w|, for S grants every later interval its width.
 *
 * Error: the folded values differ from the exact sum by at most g sum |r| S
 * (and their own rounding), the scattered ones by as much, for each of their
 * terms is one of S's.
 */
#include "oracle/truth/checksum.h"

#include <math.h>
#include <stdlib.h>

#include "cases/random.h"

/* A tensor seen as [outer][fold][inner], folded to [outer][inner] with a
 * weight for each fold index of each group; group = outer / per % g. */
typedef struct {
    int64_t outer, fold, inner, per, g;
} folding;

/* A value and the magnitudes that went into it, computed side by side. */
typedef double pair __attribute__((vector_size(16)));

/* What is folded: values and their S side by side, or, with neither, tensor k
 * of t and its magnitudes, which are decoded on the way. */
typedef struct {
    const double *v, *s;
    const dc_truth *t;
    dc_tensor k;
} source;

enum { CHUNK = 512 };

/* n <= CHUNK pairs from `at` on. */
static void take(const source *from, int64_t at, int64_t n, pair *to)
{
    double v[CHUNK];

    if (from->v) {
        for (int64_t i = 0; i < n; i++)
            to[i] = (pair){from->v[at + i], from->s[at + i]};
        return;
    }
    const dc_format *const f = &dc_formats[from->t->c.p.dtype];
    dc_format_decode(from->t->c.p.dtype,
                     (const char *)from->t->tensors[from->k] + at * f->size, n,
                     v);
    for (int64_t i = 0; i < n; i++)
        to[i] = (pair){v[i], fabs(v[i])};
}

static pair *fold(const folding *f, const source *from, const double *r)
{
    pair *to = calloc((size_t)(f->outer * f->inner) + 1, sizeof *to);

    for (int64_t row = 0; to && row < f->outer * f->fold; row++) {
        const int64_t o = row / f->fold;
        const int64_t c = row % f->fold;
        const double weight = r ? r[o / f->per % f->g * f->fold + c] : 1;
        const pair by = {weight, fabs(weight)};

        for (int64_t i = 0; i < f->inner; i += CHUNK) {
            const int64_t n = f->inner - i < CHUNK ? f->inner - i : CHUNK;
            pair *const sum = to + o * f->inner + i;
            pair p[CHUNK];

            take(from, row * f->inner + i, n, p);
            for (int64_t k = 0; k < n; k++)
                sum[k] += by * p[k];
        }
    }
    return to;
}

/* The reduced problem of an op: which input is folded, and how input and
 * result lie. */
static dc_problem reduce(const dc_problem *p, dc_op op, dc_tensor *folded,
                         folding *in, folding *out)
{
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const int64_t taps = dc_problem_count(p, DC_W) / p->ci / co_g;
    dc_problem q = *p;

    q.dtype = DC_F64;
    q.has_bias = 0;
    if (op == DC_FORWARD) {
        const int64_t volume = dc_problem_count(p, DC_Y) / p->n / p->co;
        q.co = p->g;
        *folded = DC_W;
        *in = (folding){p->ci, co_g, taps, ci_g, p->g};
        *out = (folding){p->n * p->g, co_g, volume, 1, p->g};
        return q;
    }
    const int64_t volume = dc_problem_count(p, DC_X) / p->n / p->ci;
    q.ci = p->g;
    *folded = op == DC_GRAD_INPUT ? DC_W : DC_X;
    *in = op == DC_GRAD_INPUT ? (folding){p->g, ci_g, co_g * taps, 1, p->g}
                              : (folding){p->n * p->g, ci_g, volume, 1, p->g};
    *out = op == DC_GRAD_INPUT ? (folding){p->n * p->g, ci_g, volume, 1, p->g}
                               : (folding){p->g, ci_g, co_g * taps, 1, p->g};
    return q;
}

/* ==== Scattering ======================================================== */

/* The input positions of axis a whose tap t lands inside: *from to *to - 1. */
static void landing(const dc_problem *p, int a, int64_t t, int64_t *from,
                    int64_t *to)
{
    const int64_t first = p->pb[a] - t * p->d[a];
    const int64_t last = first + p->o[a] - 1;

    *from = first <= 0 ? 0 : (first + p->s[a] - 1) / p->s[a];
    *to = last < 0 ? 0 : last / p->s[a] + 1;
    if (*to > p->i[a])
        *to = p->i[a];
}

/* One tap between a plane of the input and a plane of the output: every input
 * position meets the output position where its tap lands. */
static void scatter_tap(const dc_problem *p, dc_op op, const int64_t t[3],
                        pair *x, pair *w, pair *y)
{
    const int64_t s = p->s[2];
    int64_t from[3];
    int64_t to[3];
    pair sum = {0, 0};

    for (int a = 0; a < 3; a++)
        landing(p, a, t[a], &from[a], &to[a]);
    for (int64_t j0 = from[0]; j0 < to[0]; j0++)
        for (int64_t j1 = from[1]; j1 < to[1]; j1++) {
            const int64_t o0 = j0 * p->s[0] - p->pb[0] + t[0] * p->d[0];
            const int64_t o1 = j1 * p->s[1] - p->pb[1] + t[1] * p->d[1];
            const int64_t o2 = from[2] * s - p->pb[2] + t[2] * p->d[2];
            pair *const in = x + (j0 * p->i[1] + j1) * p->i[2] + from[2];
            pair *const out = y + (o0 * p->o[1] + o1) * p->o[2] + o2;
            const int64_t n = to[2] - from[2];

            if (op == DC_FORWARD)
                for (int64_t j = 0; j < n; j++)
                    out[j * s] += *w * in[j];
            else if (op == DC_GRAD_INPUT)
                for (int64_t j = 0; j < n; j++)
                    in[j] += *w * out[j * s];
            else
                for (int64_t j = 0; j < n; j++)
                    sum += in[j] * out[j * s];
        }
    if (op == DC_GRAD_WEIGHT)
        *w += sum;
}

/* The whole operation; the result was zero. */
static void scatter(const dc_problem *reduced, dc_op op, pair *x, pair *w,
                    pair *y)
{
    const dc_problem p = dc_problem_lift(reduced);
    const int64_t ci_g = p.ci / p.g;
    const int64_t co_g = p.co / p.g;
    const int64_t vi = p.i[0] * p.i[1] * p.i[2];
    const int64_t vo = p.o[0] * p.o[1] * p.o[2];
    int64_t t[3];

    for (int64_t n = 0; n < p.n; n++)
        for (int64_t c = 0; c < p.ci; c++)
            for (int64_t k = 0; k < co_g; k++) {
                pair *const in = x + (n * p.ci + c) * vi;
                pair *const out = y + (n * p.co + c / ci_g * co_g + k) * vo;
                pair *tap = w + (c * co_g + k) * p.k[0] * p.k[1] * p.k[2];

                for (t[0] = 0; t[0] < p.k[0]; t[0]++)
                    for (t[1] = 0; t[1] < p.k[1]; t[1]++)
                        for (t[2] = 0; t[2] < p.k[2]; t[2]++)
                            scatter_tap(&p, op, t, in, tap++, out);
            }
}

/* ==== The comparison ==================================================== */

/* What the bias adds to a folded result. */
static pair folded_bias(const dc_truth *t, const folding *out, const double *r,
                        int64_t outer)
{
    const int64_t first = outer % out->g * out->fold;
    pair sum = {0, 0};

    for (int64_t c = 0; c < out->fold; c++) {
        const double b =
            dc_format_get(t->c.p.dtype, t->tensors[DC_B], first + c);
        sum += (pair){r[first + c] * b, fabs(r[first + c] * b)};
    }
    return sum;
}

/* got: the quick values, folded; want: scattered. */
static dc_status compare(const dc_quick_values *q, const dc_truth *t, dc_op op,
                         const folding *out, const double *r, const pair *got,
                         const pair *want, dc_error *e)
{
    const double folded = (double)(4 * out->fold + 16);
    const pair slack = {4 * q->g + folded * 0x1p-53,
                        2 * q->s_g + 2 * q->g + folded * 0x1p-53};
    const pair tiny = {2 * q->tiny * folded, 2 * q->s_tiny * folded};

    for (int64_t o = 0; o < out->outer; o++) {
        const pair bias = op == DC_FORWARD && t->c.p.has_bias
                              ? folded_bias(t, out, r, o)
                              : (pair){0, 0};

        for (int64_t i = o * out->inner; i < (o + 1) * out->inner; i++) {
            const pair sum = want[i] + bias;

            for (int k = 0; k < 2; k++)
                if (!(fabs(got[i][k] - sum[k]) <= slack[k] * sum[1] + tiny[k]))
                    return dc_error_set(e, DC_FAILED, NULL, -1,
                                        "the quick rung fails the channel "
                                        "checksum of %s at %lld of %s",
                                        k ? "magnitudes" : "values",
                                        (long long)i,
                                        dc_tensor_names[dc_ops[op].out]);
        }
    }
    return DC_OK;
}

/* Small weights, none of them zero. */
static double *weights(const dc_truth *t, const folding *out)
{
    dc_random random = dc_random_open(t->c.seed, 78);
    double *r = calloc((size_t)(out->g * out->fold) + 1, sizeof *r);

    for (int64_t k = 0; r && k < out->g * out->fold; k++) {
        r[k] = (double)dc_random_range(&random, 1, 3);
        if (dc_random_chance(&random, 2))
            r[k] = -r[k];
    }
    return r;
}

int64_t dc_checksum_channels(const dc_problem *p, dc_op op)
{
    return (op == DC_FORWARD ? p->co : p->ci) / p->g;
}

dc_status dc_checksum(const dc_quick_values *q, const dc_truth *t, dc_op op,
                      dc_error *e)
{
    const dc_tensor result = op == DC_FORWARD      ? DC_Y
                             : op == DC_GRAD_INPUT ? DC_X
                                                   : DC_W;
    folding in;
    folding out;
    dc_tensor folded;
    const dc_problem p = reduce(&t->c.p, op, &folded, &in, &out);
    pair *tensors[DC_TENSORS] = {NULL}; /* gx as x, gw as w, gy as y */
    double *r = weights(t, &out);
    pair *got = NULL;
    dc_status status = r ? DC_OK : DC_NOMEM;

    for (int k = DC_X; k <= DC_GY && status == DC_OK; k++) {
        const dc_tensor role = k == DC_GY ? DC_Y : (dc_tensor)k;
        const folding whole = {1, 1, dc_problem_count(&t->c.p, (dc_tensor)k), 1,
                               1};
        const source given = {.t = t, .k = (dc_tensor)k};

        if (role == result || k == DC_B)
            continue;
        tensors[role] = (dc_tensor)k == folded ? fold(&in, &given, r)
                                               : fold(&whole, &given, NULL);
        status = tensors[role] ? DC_OK : DC_NOMEM;
    }
    if (status == DC_OK) {
        tensors[result] = calloc((size_t)(out.outer * out.inner) + 1,
                                 sizeof *tensors[result]);
        got = fold(&out, &(source){.v = q->v, .s = q->s}, r);
        status = tensors[result] && got ? DC_OK : DC_NOMEM;
    }
    if (status == DC_OK) {
        scatter(&p, op, tensors[DC_X], tensors[DC_W], tensors[DC_Y]);
        status = compare(q, t, op, &out, r, got, tensors[result], e);
    }
    for (int k = 0; k < DC_TENSORS; k++)
        free(tensors[k]);
    free(r);
    free(got);
    return status;
}
