/* SPDX-License-Identifier: MIT
 *
 * Is a whole result of quick values plausible?  A random channel checksum at
 * every position, computed by scattering.  It costs 1/channels of the work and
 * uses neither the formula of ref/ nor the indices of fast/.
 *
 * The checksum: with random small integers r, sum over co of r y[n,co,o] is
 * forward of the same x with the single channel sum over co of r w; likewise
 * over ci for gx, and over ci with sum r x for gw.
 *
 * S is checked the same way, because an S that is too large would widen every
 * later interval: sum over co of |r| S is the operation on |x| and sum over co
 * of |r| |w|.
 *
 * Error: the folded values differ from the exact sum by at most rel sum |r| S
 * and their own rounding.  So do the scattered ones, because each of their
 * terms is one of S's.
 */
#include "oracle/truth/quick.h"

#include <math.h>
#include <stdlib.h>

#include "cases/random.h"
#include "ref/integer.h"

/* How a tensor [outer][fold][inner] is folded to [outer][inner], with a weight
 * for each fold index of each group; group = outer / per % g. */
typedef struct {
    int64_t outer, fold, inner, per, g;
} folding;

/* A value and the sum of the magnitudes of its terms. */
typedef double pair __attribute__((vector_size(16)));

/* What is folded: v and s, or, if they are NULL, tensor k of t and its
 * magnitudes. */
typedef struct {
    const double *v, *s;
    const dc_truth *t;
    dc_tensor k;
} source;

enum { CHUNK = 512 }; /* elements that are decoded at a time */

/* to[0..n) = the pairs from element `at` on, n <= CHUNK. */
static void get_pairs(const source *from, int64_t at, int64_t n, pair *to)
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

/* The folded tensor, or NULL if memory is short.  r NULL: all weights are 1. */
static pair *fold(const folding *f, const source *from, const double *r)
{
    pair *to = calloc((size_t)(f->outer * f->inner) + 1, sizeof *to);

    for (int64_t row = 0; to && row < f->outer * f->fold; row++) {
        const int64_t o = row / f->fold;
        const int64_t c = row % f->fold;
        const double weight = r ? r[o / f->per % f->g * f->fold + c] : 1;
        const pair by = {weight, fabs(weight)};

        for (int64_t i = 0; i < f->inner; i += CHUNK) {
            const int64_t n = dc_min(f->inner - i, CHUNK);
            pair *const sum = to + o * f->inner + i;
            pair p[CHUNK];

            get_pairs(from, row * f->inner + i, n, p);
            for (int64_t k = 0; k < n; k++)
                sum[k] += by * p[k];
        }
    }
    return to;
}

/* The problem that is left after folding, the input that is folded, and how
 * that input and the result are. */
typedef struct {
    dc_problem p;
    dc_tensor folded;
    folding in, out;
} reduction;

static reduction reduce(const dc_problem *p, dc_op op)
{
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const int64_t taps = dc_problem_count(p, DC_W) / p->ci / co_g;
    const int64_t in = dc_problem_count(p, DC_X) / p->n / p->ci;
    const int64_t out = dc_problem_count(p, DC_Y) / p->n / p->co;
    const folding gx = {p->n * p->g, ci_g, in, 1, p->g};
    const folding gw = {p->g, ci_g, co_g * taps, 1, p->g};
    reduction r = {.p = *p};

    r.p.dtype = DC_F64;
    r.p.has_bias = 0;
    if (op == DC_FORWARD) {
        r.p.co = p->g;
        r.folded = DC_W;
        r.in = (folding){p->ci, co_g, taps, ci_g, p->g};
        r.out = (folding){p->n * p->g, co_g, out, 1, p->g};
        return r;
    }
    r.p.ci = p->g;
    r.folded = op == DC_GRAD_INPUT ? DC_W : DC_X;
    r.in = op == DC_GRAD_INPUT ? gw : gx;
    r.out = op == DC_GRAD_INPUT ? gx : gw;
    return r;
}

/* ==== Scattering ======================================================== */

/* The input positions of axis a that reach an output by tap t: *from to
 * *to - 1. */
static void reaching(const dc_problem *p, int a, int64_t t, int64_t *from,
                     int64_t *to)
{
    const int64_t first = p->pb[a] - t * p->d[a];
    const int64_t last = first + p->o[a] - 1;

    *from = dc_max(0, dc_ceil_div(first, p->s[a]));
    *to = last < 0 ? 0 : dc_min(p->i[a], last / p->s[a] + 1);
}

/* Adds the products of one tap between a plane of the input and a plane of the
 * output: to y, to x or to *w. */
static void scatter_tap(const dc_problem *p, dc_op op, const int64_t t[3],
                        pair *x, pair *w, pair *y)
{
    const int64_t s = p->s[2];
    int64_t from[3];
    int64_t to[3];
    pair sum = {0, 0};

    for (int a = 0; a < 3; a++)
        reaching(p, a, t[a], &from[a], &to[a]);
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

/* Adds the whole operation to its result. */
static void scatter(const dc_problem *reduced, dc_op op, pair *x, pair *w,
                    pair *y)
{
    const dc_problem p = dc_problem_lift(reduced);
    const int64_t ci_g = p.ci / p.g;
    const int64_t co_g = p.co / p.g;
    const int64_t vi = dc_volume(p.i, 3);
    const int64_t vo = dc_volume(p.o, 3);
    const int64_t vk = dc_volume(p.k, 3);
    int64_t t[3];

    for (int64_t n = 0; n < p.n; n++)
        for (int64_t c = 0; c < p.ci; c++)
            for (int64_t k = 0; k < co_g; k++) {
                pair *const in = x + (n * p.ci + c) * vi;
                pair *const out = y + (n * p.co + c / ci_g * co_g + k) * vo;
                pair *tap = w + (c * co_g + k) * vk;

                for (t[0] = 0; t[0] < p.k[0]; t[0]++)
                    for (t[1] = 0; t[1] < p.k[1]; t[1]++)
                        for (t[2] = 0; t[2] < p.k[2]; t[2]++)
                            scatter_tap(&p, op, t, in, tap++, out);
            }
}

/* ==== The comparison ==================================================== */

typedef struct {
    const dc_quick_values *q;
    const dc_truth *t;
    dc_op op;
    reduction by;
    double *r; /* the weights */
} check;

/* What the bias adds to row `outer` of the folded result. */
static pair fold_bias(const check *c, int64_t outer)
{
    const folding *const out = &c->by.out;
    const int64_t first = outer % out->g * out->fold;
    pair sum = {0, 0};

    if (c->op != DC_FORWARD || !c->t->c.p.has_bias)
        return sum;
    for (int64_t k = first; k < first + out->fold; k++) {
        const double b =
            c->r[k] * dc_format_get(c->t->c.p.dtype, c->t->tensors[DC_B], k);

        sum += (pair){b, fabs(b)};
    }
    return sum;
}

/* Folds the inputs and computes the operation on them.  gx, gw and gy are in
 * tensors[] as x, w and y. */
static dc_status run_folded(const check *c, pair *tensors[DC_TENSORS],
                            dc_tensor result)
{
    for (int k = DC_X; k <= DC_GY; k++) {
        const dc_tensor role = k == DC_GY ? DC_Y : (dc_tensor)k;
        const int64_t count = dc_problem_count(&c->t->c.p, (dc_tensor)k);
        const source from = {.t = c->t, .k = (dc_tensor)k};

        if (role == result || k == DC_B)
            continue;
        tensors[role] = (dc_tensor)k == c->by.folded
                            ? fold(&c->by.in, &from, c->r)
                            : fold(&(folding){1, 1, count, 1, 1}, &from, NULL);
        if (!tensors[role])
            return DC_NOMEM;
    }
    tensors[result] = calloc((size_t)(c->by.out.outer * c->by.out.inner) + 1,
                             sizeof *tensors[result]);
    if (!tensors[result])
        return DC_NOMEM;
    scatter(&c->by.p, c->op, tensors[DC_X], tensors[DC_W], tensors[DC_Y]);
    return DC_OK;
}

/* Compares the folded quick values with the result on folded inputs. */
static dc_status compare(const check *c, const pair *got, const pair *want,
                         dc_error *e)
{
    const dc_quick_values *const q = c->q;
    const folding *const out = &c->by.out;
    const double folded = (double)(4 * out->fold + 16);
    const pair rel = {4 * q->rel + folded * 0x1p-53,
                      2 * q->s_rel + 2 * q->rel + folded * 0x1p-53};
    const pair abs = {2 * q->abs * folded, 2 * q->s_abs * folded};

    for (int64_t o = 0; o < out->outer; o++) {
        const pair bias = fold_bias(c, o);

        for (int64_t i = o * out->inner; i < (o + 1) * out->inner; i++) {
            const pair sum = want[i] + bias;

            for (int k = 0; k < 2; k++)
                if (!(fabs(got[i][k] - sum[k]) <= rel[k] * sum[1] + abs[k]))
                    return dc_failed(e,
                                     "the quick rung fails the channel "
                                     "checksum of %s at %lld of %s",
                                     k ? "magnitudes" : "values", (long long)i,
                                     dc_tensor_names[dc_ops[c->op].out]);
        }
    }
    return DC_OK;
}

/* Small integers, none of them zero. */
static double *draw_weights(const dc_truth *t, const folding *out)
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

int64_t dc_quick_channels(const dc_problem *p, dc_op op)
{
    return (op == DC_FORWARD ? p->co : p->ci) / p->g;
}

dc_status dc_quick_checksum(const dc_quick_values *q, const dc_truth *t,
                            dc_op op, dc_error *e)
{
    const dc_tensor result = op == DC_FORWARD      ? DC_Y
                             : op == DC_GRAD_INPUT ? DC_X
                                                   : DC_W;
    check c = {.q = q, .t = t, .op = op, .by = reduce(&t->c.p, op)};
    pair *tensors[DC_TENSORS] = {NULL};
    pair *got = NULL;
    dc_status status;

    c.r = draw_weights(t, &c.by.out);
    if (c.r)
        got = fold(&c.by.out, &(source){.v = q->v, .s = q->s}, c.r);
    status = got ? run_folded(&c, tensors, result) : DC_NOMEM;
    if (status == DC_OK)
        status = compare(&c, got, tensors[result], e);
    for (int k = 0; k < DC_TENSORS; k++)
        free(tensors[k]);
    free(c.r);
    free(got);
    return status;
}
