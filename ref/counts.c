/* SPDX-License-Identifier: MIT
 *
 * Operation counts from closed forms per axis.  Axes are independent and the
 * reached sets are product sets, so a total is a product over axes.  Holes
 * (outputs that no tap reaches) cost nothing.
 */
#include "ref/counts.h"

#include <stdbool.h>
#include <string.h>

#include "ref/integer.h"

/* Longer axes are refused, because the sums below loop over k and over i. */
static const int64_t AXIS_MAX = (int64_t)1 << 26;

/* The factors of one axis. */
typedef struct {
    int64_t taps;    /* pairs (j,t) whose output is inside 0..o-1 */
    int64_t outputs; /* positions that at least one pair reaches */
    int64_t inputs;  /* j with at least one useful tap */
    int64_t kernel;  /* t with at least one useful input */
} axis_counts;

typedef struct {
    int64_t i, k, s, d, pb, o;
} axis;

/* How many u in 0..count-1 have 0 <= first + u*step - pb < o. */
static int64_t inside(const axis *a, int64_t first, int64_t count)
{
    const int64_t least = dc_max(0, -dc_floor_div(first - a->pb, a->s));
    const int64_t most =
        dc_min(count - 1, dc_floor_div(a->o - 1 + a->pb - first, a->s));

    return dc_max(0, most - least + 1);
}

static axis_counts count_axis(const axis *a)
{
    axis_counts c = {0, 0, 0, 0};
    /* Taps t and t+lap hit the same residue mod s, shifted by `shift` input
     * steps: their runs of outputs join when shift <= i. */
    const int64_t lap = a->s / dc_gcd(a->s, a->d);
    const int64_t shift = a->d / dc_gcd(a->s, a->d);

    if (a->i == 0 || a->o == 0)
        return c;
    for (int64_t t = 0; t < a->k; t++) {
        const int64_t useful = inside(a, t * a->d, a->i);
        c.taps += useful;
        c.kernel += useful > 0;
        if (shift > a->i)
            c.outputs += useful; /* runs of one residue stay apart */
        else if (t < lap)
            c.outputs +=
                inside(a, t * a->d, (a->k - 1 - t) / lap * shift + a->i);
    }
    for (int64_t j = 0; j < a->i; j++) {
        const int64_t from = j * a->s - a->pb;
        const int64_t t = from < 0 ? (-from + a->d - 1) / a->d : 0;
        c.inputs += t < a->k && from + t * a->d < a->o;
    }
    return c;
}

/* *out = the product of the factors.  Returns true, with *out = 0, if it does
 * not fit. */
static bool product(int64_t *out, int factors, const int64_t *f)
{
    *out = 1;
    for (int m = 0; m < factors; m++)
        if (f[m] == 0) {
            *out = 0;
            return false;
        }
    for (int m = 0; m < factors; m++)
        if (__builtin_mul_overflow(*out, f[m], out)) {
            *out = 0;
            return true;
        }
    return false;
}

#define PRODUCT(out, ...)                                                      \
    product(out,                                                               \
            (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),   \
            (const int64_t[]){__VA_ARGS__})

/* The published scheme (moduleprofiler's page on ConvTranspose2d):
 * lambda = |o| |k| + A, where A = sum(out - 1) of a layer of ones that is
 * built without output padding.  Returns true if a number does not fit. */
static bool published(const dc_problem *p, const dc_problem *q, int64_t kernel,
                      int64_t extent, dc_counts *c)
{
    int64_t ones = 1; /* taps of the layer without output padding */
    int64_t size = 1; /* its outputs */
    int64_t lambda;
    int64_t gamma;
    int64_t psi_lambda;
    bool bad = false;

    for (int a = 0; a < 3; a++) {
        const int64_t o = dc_max(0, q->o[a] - q->op[a]);
        const axis x = {q->i[a], q->k[a], q->s[a], q->d[a], q->pb[a], o};
        bad |= PRODUCT(&ones, ones, count_axis(&x).taps);
        size *= o;
    }
    bad |= PRODUCT(&lambda, extent, kernel);
    bad |= __builtin_add_overflow(lambda, ones - size, &lambda);
    bad |= PRODUCT(&gamma, p->co, extent, p->ci / p->g - !p->has_bias);
    bad |= PRODUCT(&psi_lambda, c->filters, lambda);
    c->published_filter = lambda;
    c->published_aggregation = gamma;
    bad |= __builtin_add_overflow(psi_lambda, gamma, &psi_lambda);
    bad |= PRODUCT(&c->published_total, p->n, psi_lambda);
    return bad;
}

dc_status dc_counts_of(const dc_problem *p, dc_counts *c, dc_error *e)
{
    const dc_problem q = dc_problem_lift(p);
    int64_t all[3] = {1, 1, 1}; /* |i|, |k|, |o| */
    int64_t inputs = 1;
    int64_t kernel = 1;
    int64_t useful[DC_OPS] = {0}; /* results with at least one product */
    int64_t m;
    bool bad = false;

    memset(c, 0, sizeof *c);
    c->taps = c->reached = 1;
    for (int a = 0; a < 3; a++) {
        const axis x = {q.i[a], q.k[a], q.s[a], q.d[a], q.pb[a], q.o[a]};
        if (x.i > AXIS_MAX || x.k > AXIS_MAX)
            return dc_error_set(e, DC_INVALID, x.i > AXIS_MAX ? "i" : "k",
                                a - 3 + p->rank,
                                "an extent above 2^26 is not counted");
        const axis_counts n = count_axis(&x);
        bad |= PRODUCT(&c->taps, c->taps, n.taps);
        c->reached *= n.outputs; /* at most |o|, |i|, |k|, which fit */
        inputs *= n.inputs;
        kernel *= n.kernel;
        all[0] *= x.i;
        all[1] *= x.k;
        all[2] *= x.o;
    }
    bad |= PRODUCT(&c->filters, p->ci, p->co / p->g);
    bad |= PRODUCT(&m, p->n, c->filters, c->taps);
    bad |= PRODUCT(&c->mul_col2im, p->n, c->filters, all[0], all[1]);
    bad |= PRODUCT(&c->mul_stuffed, p->n, c->filters, all[2], all[1]);
    bad |= PRODUCT(&useful[DC_FORWARD], p->n, p->co, c->reached);
    bad |= PRODUCT(&useful[DC_GRAD_INPUT], p->n, p->ci, inputs);
    bad |= PRODUCT(&useful[DC_GRAD_WEIGHT], c->filters, kernel);
    for (int op = DC_FORWARD; op <= DC_GRAD_WEIGHT && m > 0; op++) {
        c->mul[op] = m;
        c->add[op] = m - useful[op];
    }
    if (p->has_bias)
        c->add[DC_FORWARD] = m; /* the bias starts every sum */
    bad |= PRODUCT(&c->add[DC_GRAD_BIAS], p->n, p->co, all[2]);
    if (c->add[DC_GRAD_BIAS] > 0)
        c->add[DC_GRAD_BIAS] -= p->co;
    bad |= published(p, &q, all[1], all[2], c);
    return bad ? dc_invalid(e, "the operation counts do not fit 64 bits")
               : DC_OK;
}

int64_t dc_counts_uncropped(const dc_problem *p)
{
    return p->n * p->ci * (p->co / p->g) * dc_volume(p->i, p->rank) *
           dc_volume(p->k, p->rank);
}
