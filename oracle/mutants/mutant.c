/* SPDX-License-Identifier: MIT
 *
 * The one algorithm that every mutant runs: it lays out the tensors, finds the
 * index triples, sums their products and stores the sums.
 */
#include "oracle/mutants/mutant_sums.h"

#include <math.h>
#include <stdlib.h>

#include "ref/format.h"

/* v to `bits` significant bits; direction is rint or trunc. */
static double to_bits(double v, int bits, double (*direction)(double))
{
    int exponent;
    const double fraction = frexp(v, &exponent);

    if (!isfinite(v))
        return v;
    return ldexp(direction(ldexp(fraction, bits)), exponent - bits);
}

/* ==== Layouts =========================================================== */

static void set_planes(dc_work *k)
{
    const dc_problem *const p = k->p;

    k->cig = p->ci / p->g;
    k->cog = p->co / p->g;
    for (int v = 0; v < IN_COUNT; v++)
        k->plane[v] = 1;
    for (int a = p->rank - 1; a >= 0; a--) {
        k->tap[a] = k->plane[IN_W];
        k->plane[IN_X] *= p->i[a];
        k->plane[IN_W] *= p->k[a];
        k->plane[IN_Y] *= p->o[a];
    }
}

/* Strides of tensors and taps, with the mutant's mistakes. */
static void set_layouts(dc_work *k)
{
    const dc_problem *const p = k->p;
    const dc_index_flags index = k->m->index;
    const int r = p->rank;
    const int64_t in = k->plane[IN_X];
    const int64_t taps = k->plane[IN_W];
    const int64_t out = k->plane[IN_Y];
    dc_layout x = {p->ci * in, k->cig * in, in, 0};
    dc_layout w = {0, k->cig * k->cog * taps, k->cog * taps, taps};
    dc_layout y = {p->co * out, k->cog * out, 0, out};

    k->bias = (dc_layout){0, k->cog, 0, 1};
    if (index & DC_TAPS_SWAPPED && r > 1 && p->k[r - 1] == p->k[r - 2]) {
        k->tap[r - 1] = p->k[r - 1];
        k->tap[r - 2] = 1;
    }
    if (index & DC_TAPS_TURNED && r > 1) {
        k->tap[r - 1] = p->k[r - 2];
        k->tap[r - 2] = 1;
    }
    if (index & DC_TAPS_OF_TWIN && r > 1)
        k->tap[r - 2] = p->k[r - 2];
    if (index & DC_W_OUT_FIRST)
        w = (dc_layout){0, w.group, taps, k->cig * taps};
    if (index & DC_W_IN_LAST)
        w = (dc_layout){0, k->cig, 1, taps * p->ci};
    if (index & DC_W_OUT_LAST)
        w = (dc_layout){0, w.group, k->cog * taps, 1};
    if (index & DC_W_TAPS_FIRST)
        w = (dc_layout){0, k->cig * k->cog, k->cog, 1};
    k->spread = index & DC_W_IN_LAST      ? p->ci
                : index & DC_W_OUT_LAST   ? k->cog
                : index & DC_W_TAPS_FIRST ? p->ci * k->cog
                                          : 1;
    for (int a = 0; a < r; a++)
        k->tap[a] *= k->spread;
    if (index & DC_Y_CHANNEL_FIRST)
        y = (dc_layout){out, k->cog * p->n * out, 0, p->n * out};
    if (index & DC_Y_INTERLEAVED)
        y = (dc_layout){y.n, out, 0, p->g * out};
    x.group *= !(index & DC_X_GROUP0);
    w.group *= !(index & DC_W_GROUP0);
    y.group *= !(index & DC_Y_GROUP0);
    k->bias.group *= !(index & DC_B_GROUP0);
    x.n *= !(index & DC_X_ITEM0);
    y.n *= !(index & DC_Y_ITEM0);
    k->layout[IN_X] = x;
    k->layout[IN_W] = w;
    k->layout[IN_Y] = y;
}

/* Decodes the inputs and starts the sums. */
static dc_status load(dc_work *k, const void *const tensors[DC_TENSORS],
                      const void *result)
{
    const dc_problem *const p = k->p;
    const dc_sum_flags sum = k->m->sum;
    const int bits = sum & DC_CUT_F32    ? 24
                     : sum & DC_CUT_F16  ? 11
                     : sum & DC_CUT_BF16 ? 8
                                         : 0;
    const int64_t count = dc_problem_count(p, dc_ops[k->op].out);

    for (int t = 0; t < DC_TENSORS; t++) {
        if (!dc_op_takes(p, k->op, (dc_tensor)t))
            continue;
        const int64_t n = dc_problem_count(p, (dc_tensor)t);
        double *const v = calloc((size_t)n + 1, sizeof *v);

        k->values[t] = v;
        if (!v)
            return DC_NOMEM;
        dc_format_decode(p->dtype, tensors[t], n, v);
        for (int64_t e = 0; bits && e < n; e++)
            v[e] = to_bits(v[e], bits, rint);
    }
    k->sums = calloc((size_t)count + 1, sizeof *k->sums);
    if (k->sums && sum & DC_NOT_CLEARED)
        dc_format_decode(p->dtype, result, count, k->sums);
    if (k->m->of == DC_OF_SUM)
        k->terms = calloc((size_t)count + 1, sizeof *k->terms);
    return k->sums && (k->terms || k->m->of != DC_OF_SUM) ? DC_OK : DC_NOMEM;
}

/* ==== Results =========================================================== */

/* The bias's share of element o of channel co, which has `hits` products. */
static double bias_of(const dc_work *k, int64_t n, int64_t co, int64_t o,
                      int64_t hits)
{
    const dc_sum_flags sum = k->m->sum;
    int64_t channel = co % k->cog + co / k->cog * k->bias.group;

    if (!k->p->has_bias || sum & DC_NO_BIAS || (sum & DC_BIAS_HIT && !hits) ||
        (sum & DC_BIAS_ITEM0 && n > 0) ||
        (sum & DC_BIAS_ENDS && !dc_triples_below(k->p, k->m->ends, o)))
        return 0;
    if (k->m->index & DC_B_BY_COLUMN)
        channel = o % k->p->co;
    if (k->m->index & DC_B_NEXT)
        channel = (co + 1) % k->p->co;
    return k->values[DC_B][channel] * (sum & DC_BIAS_EACH ? (double)hits : 1) *
           (sum & DC_BIAS_TWICE ? 2 : 1);
}

/* Rounds to the storage type and stores. */
static void store(const dc_work *k, void *result, int64_t at, double v)
{
    const int dtype = k->p->dtype;

    dc_format_set(dtype, result, at,
                  k->m->sum & DC_TRUNCATED
                      ? to_bits(v, dc_formats[dtype].precision, trunc)
                      : v);
}

/* Adds the bias and writes y. */
static void write_forward(const dc_work *k, void *y)
{
    const dc_problem *const p = k->p;
    const int64_t out = k->plane[IN_Y];
    const bool channel_first = k->m->index & DC_Y_CHANNEL_FIRST;

    for (int64_t n = 0; n < p->n; n++)
        for (int64_t co = 0; co < p->co; co++) {
            const int64_t plane =
                (channel_first ? co * p->n + n : n * p->co + co) * out;

            for (int64_t o = 0; o < out; o++) {
                const int64_t hits = k->hits[o] * k->cig;

                if (!dc_triples_below(p, k->m->written, o) ||
                    (k->m->sum & DC_GAPS_NOT_WRITTEN && !hits))
                    continue;
                store(k, y, plane + o,
                      k->sums[plane + o] + bias_of(k, n, co, o, hits));
            }
        }
}

/* Writes a gradient. */
static void write_gradient(const dc_work *k, void *result)
{
    const int64_t count = dc_problem_count(k->p, dc_ops[k->op].out);
    const int64_t plane = k->plane[dc_triples_result[k->op]];
    const bool mean = k->m->sum & DC_MEAN && k->p->n > 0;

    for (int64_t e = 0; e < count; e++)
        if (!(k->m->sum & DC_GAPS_NOT_WRITTEN) || k->hits[e % plane])
            store(k, result, e,
                  mean ? k->sums[e] / (double)k->p->n : k->sums[e]);
}

/* Are p's parameters small enough, and does m derive p's extents? */
static dc_status admit(const dc_mutant *m, const dc_problem *p, dc_op op)
{
    const int64_t *const truth =
        op == DC_GRAD_INPUT && !(m->index & DC_EXTENT_OF_Y) ? p->i : p->o;

    for (int a = 0; a < p->rank; a++)
        if (p->i[a] > DC_TRIPLES_MAX || p->k[a] > DC_TRIPLES_MAX ||
            p->s[a] > DC_TRIPLES_MAX || p->d[a] > DC_TRIPLES_MAX ||
            llabs(p->pb[a]) > DC_TRIPLES_MAX ||
            llabs(p->pe[a]) > DC_TRIPLES_MAX)
            return DC_UNSUPPORTED;
    for (int a = 0; m->extent && a < p->rank; a++)
        if (m->extent(p, a) != truth[a])
            return DC_INVALID;
    return DC_OK;
}

bool dc_mutant_touches(const dc_mutant *m, dc_op op)
{
    return (m->ops >> op) & 1;
}

bool dc_mutant_alters(const dc_mutant *m, const dc_problem *p, dc_op op)
{
    return m && dc_mutant_touches(m, op) && (!m->when || m->when(p)) &&
           (!m->least || dc_size_of(m->of, p, op) >= m->least);
}

/* The batch items that are summed. */
static void set_items(dc_work *k)
{
    const dc_sum_flags sum = k->m->sum;
    const int64_t n = k->p->n;
    const bool several = n > 1;

    k->first_item = sum & DC_LAST_ITEM && n > 0 ? n - 1
                    : sum & DC_FIRST_LOST       ? several
                                                : 0;
    k->end_item = sum & DC_FIRST_ITEM && several ? 1
                  : sum & DC_END_LOST            ? n - several
                                                 : n;
}

dc_status dc_mutant_run(const dc_mutant *m, const dc_problem *p, dc_op op,
                        const void *const tensors[DC_TENSORS], void *result)
{
    static const dc_mutant right;
    dc_work k = {.m = &right, .p = p, .op = op};
    dc_status status = dc_problem_check(p, NULL);

    if (status != DC_OK)
        return status;
    if (dc_mutant_alters(m, p, op))
        k.m = m;
    status = admit(k.m, p, op);
    if (status != DC_OK || k.m->sum & DC_NOT_WRITTEN ||
        dc_problem_count(p, dc_ops[op].out) == 0)
        return status;
    set_items(&k);
    set_planes(&k);
    set_layouts(&k);
    status = dc_triples_find(&k);
    if (status == DC_OK)
        status = load(&k, tensors, result);
    if (status == DC_OK)
        dc_sums_add(&k);
    if (status == DC_OK && op == DC_FORWARD)
        write_forward(&k, result);
    else if (status == DC_OK)
        write_gradient(&k, result);
    free(k.triples);
    free(k.hits);
    free(k.sums);
    free(k.terms);
    for (int t = 0; t < DC_TENSORS; t++)
        free(k.values[t]);
    return status;
}
