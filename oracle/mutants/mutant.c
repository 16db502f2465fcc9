/* SPDX-License-Identifier: MIT
 *
 * The one algorithm that every mutant runs: for which batch items and channels
 * (layouts) the linked elements of x, w and y meet, and what is done with
 * their product.
 */
#include "oracle/mutants/mutant_links.h"

#include <math.h>
#include <stdlib.h>

#include "ref/format.h"

/* v to `bits` significant bits, ties to even. */
static double cut(double v, int bits)
{
    int exponent;
    const double fraction = frexp(v, &exponent);

    if (!isfinite(v))
        return v;
    return ldexp(rint(ldexp(fraction, bits)), exponent - bits);
}

/* v to `bits` significant bits, towards zero. */
static double chop(double v, int bits)
{
    int exponent;
    const double fraction = frexp(v, &exponent);

    return isfinite(v) ? ldexp(trunc(ldexp(fraction, bits)), exponent - bits)
                       : v;
}

/* Is output position o of a plane below the rule's bound on every axis? */
static int below(const dc_problem *p, dc_axis_rule *rule, int64_t o)
{
    for (int a = p->rank - 1; a >= 0; a--) {
        if (o % p->o[a] >= dc_links_apply(rule, p, a, p->o[a]))
            return 0;
        o /= p->o[a];
    }
    return 1;
}

/* Planes, strides and the batch items that are summed. */
static void lay_out(dc_work *k)
{
    const dc_problem *const p = k->p;
    const int find = k->m->find;
    const int r = p->rank;
    dc_layout *const x = &k->layout[IN_X];
    dc_layout *const w = &k->layout[IN_W];
    dc_layout *const y = &k->layout[IN_Y];

    k->cig = p->ci / p->g;
    k->cog = p->co / p->g;
    for (int v = 0; v < JOINED; v++)
        k->plane[v] = 1;
    for (int a = r - 1; a >= 0; a--) {
        k->tap[a] = k->plane[IN_W];
        k->plane[IN_X] *= p->i[a];
        k->plane[IN_W] *= p->k[a];
        k->plane[IN_Y] *= p->o[a];
    }
    const int64_t in = k->plane[IN_X];
    const int64_t taps = k->plane[IN_W];
    const int64_t out = k->plane[IN_Y];

    *x = (dc_layout){p->ci * in, k->cig * in, in, 0};
    *w = (dc_layout){0, k->cig * k->cog * taps, k->cog * taps, taps};
    *y = (dc_layout){p->co * out, k->cog * out, 0, out};
    k->bias = (dc_layout){0, k->cog, 0, 1};
    if (find & DC_TAPS_SWAPPED && r > 1 && p->k[r - 1] == p->k[r - 2]) {
        k->tap[r - 1] = p->k[r - 1];
        k->tap[r - 2] = 1;
    }
    if (find & DC_W_OUT_FIRST)
        *w = (dc_layout){0, w->group, taps, k->cig * taps};
    if (find & DC_W_IN_LAST) {
        *w = (dc_layout){0, k->cig, 1, taps * p->ci};
        for (int a = 0; a < r; a++)
            k->tap[a] *= p->ci;
    }
    if (find & DC_Y_CHANNEL_FIRST)
        *y = (dc_layout){out, k->cog * p->n * out, 0, p->n * out};
    if (find & DC_Y_WOVEN)
        *y = (dc_layout){y->n, out, 0, p->g * out};
    x->group *= !(find & DC_X_GROUP0);
    w->group *= !(find & DC_W_GROUP0);
    y->group *= !(find & DC_Y_GROUP0);
    k->bias.group *= !(find & DC_B_GROUP0);
    x->n *= !(find & DC_X_ITEM0);
    y->n *= !(find & DC_Y_ITEM0);

    const int sum = k->m->sum;

    k->first_item = sum & DC_LAST_ITEM && p->n > 0 ? p->n - 1 : 0;
    k->end_item = sum & DC_FIRST_ITEM && p->n > 1 ? 1 : p->n;
}

/* The inputs as doubles, and the sums as they begin. */
static dc_status load(dc_work *k, const void *const tensors[DC_TENSORS],
                      const void *result)
{
    const dc_problem *const p = k->p;
    const int sum = k->m->sum;
    const int64_t count = dc_problem_count(p, dc_ops[k->op].out);

    for (int t = 0; t < DC_TENSORS; t++) {
        if (!dc_op_takes(p, k->op, (dc_tensor)t))
            continue;
        const int64_t n = dc_problem_count(p, (dc_tensor)t);
        double *const v = calloc((size_t)n + 1, sizeof *v);

        k->values[t] = v;
        for (int64_t e = 0; v && e < n; e++) {
            v[e] = dc_format_get(p->dtype, tensors[t], e);
            if (sum & (DC_CUT_F16 | DC_CUT_BF16 | DC_CUT_F32))
                v[e] = cut(v[e], sum & DC_CUT_F32   ? 24
                                 : sum & DC_CUT_F16 ? 11
                                                    : 8);
        }
        if (!v)
            return DC_NOMEM;
    }
    k->sums = calloc((size_t)count + 1, sizeof *k->sums);
    for (int64_t e = 0; k->sums && sum & DC_NOT_CLEARED && e < count; e++)
        k->sums[e] = dc_format_get(p->dtype, result, e);
    return k->sums ? DC_OK : DC_NOMEM;
}

/* The products of one batch item and channel pair. */
static void add_pair(dc_work *k, const int64_t base[JOINED], int plain)
{
    static const dc_tensor factor[JOINED] = {DC_X, DC_W, DC_GY};
    const int r = dc_links_slot[k->op];
    const int u = r == IN_X ? IN_W : IN_X;
    const int v = r == IN_Y ? IN_W : IN_Y;
    const double *const us = k->values[factor[u]] + base[u];
    const double *const vs = k->values[factor[v]] + base[v];
    double *const sums = k->sums + base[r];
    const int overwrites = k->m->sum & DC_OVERWRITES;
    const int stored = k->m->sum & DC_SUM_STORED;
    const int64_t last = k->m->sum & DC_PAIRED_NEXT
                             ? dc_problem_count(k->p, DC_GY) - base[IN_Y] - 1
                             : 0;

    for (int64_t e = 0; e < k->link_count; e++) {
        const int64_t *const at = k->links[e].at;
        const double product = us[at[u]] * (plain ? 1 : vs[at[v]]);
        double *const to = &sums[at[r]];

        *to = overwrites ? product : *to + product;
        if (at[IN_Y] < last)
            *to += vs[at[IN_Y] + 1] * 0.0;
        if (stored)
            *to = dc_format_round(k->p->dtype, *to);
    }
}

/* Groups that are computed. */
static int64_t groups(const dc_work *k)
{
    return k->p->g - (k->m->sum & DC_GROUP_LOST && k->p->g > 1);
}

/* All products: forward, grad_input, grad_weight. */
static void add_products(dc_work *k)
{
    const int sum = k->m->sum;
    const int64_t tail = k->cig - k->cig % 4;
    const int64_t ci_end = sum & DC_CI_TAIL_LOST && tail ? tail : k->cig;
    const int64_t co_end =
        sum & DC_CO_TAIL_LOST && k->cog > 8 ? k->cog - k->cog % 8 : k->cog;
    int64_t base[JOINED];

    if (k->link_count * ci_end * co_end == 0)
        return; /* n may be large where nothing is stored */
    for (int64_t n = k->first_item; n < k->end_item; n++)
        for (int64_t group = 0; group < groups(k); group++)
            for (int64_t ci = 0; ci < ci_end; ci++)
                for (int64_t co = 0; co < co_end; co++) {
                    for (int v = 0; v < JOINED; v++) {
                        const dc_layout *const l = &k->layout[v];

                        base[v] = n * l->n + group * l->group + ci * l->ci +
                                  co * l->co;
                    }
                    add_pair(k, base, sum & DC_CI_TAIL_PLAIN && ci >= tail);
                }
}

/* What the padding of pairs adds to gx or gw: NaN where its factor is no
 * number, else nothing. */
static void add_padding(dc_work *k)
{
    const int64_t taps = k->plane[IN_W];
    const int64_t in = k->plane[IN_X];
    const int64_t length = k->op == DC_GRAD_INPUT ? k->cog * taps : in;
    const int64_t planes = k->op == DC_GRAD_INPUT ? 1 : k->cog;
    const int64_t count = k->op == DC_GRAD_INPUT ? in : taps;

    if (!(k->m->sum & DC_PAIRED_ZERO) || length % 2 == 0)
        return;
    for (int64_t n = 0; n < k->p->n; n++)
        for (int64_t ci = 0; ci < k->p->ci; ci++) {
            const double factor =
                k->op == DC_GRAD_INPUT
                    ? k->values[DC_W][(ci + 1) * k->cog * taps - 1]
                    : k->values[DC_X][(n * k->p->ci + ci + 1) * in - 1];
            const int64_t row = k->op == DC_GRAD_INPUT ? n * k->p->ci + ci : ci;

            for (int64_t e = 0; e < planes * count; e++)
                k->sums[row * planes * count + e] += factor * 0.0;
        }
}

/* grad_bias. */
static void add_gradients(dc_work *k)
{
    const int reached_only = k->m->sum & DC_REACHED_ONLY;
    const dc_layout *const l = &k->layout[IN_Y];

    if (k->plane[IN_Y] == 0)
        return;
    for (int64_t n = k->first_item; n < k->end_item; n++)
        for (int64_t group = 0; group < groups(k); group++)
            for (int64_t co = 0; co < k->cog; co++) {
                const double *const gy =
                    k->values[DC_GY] + n * l->n + group * l->group + co * l->co;
                double *const gb =
                    &k->sums[group * k->bias.group + co * k->bias.co];

                for (int64_t o = 0; o < k->plane[IN_Y]; o++)
                    if (below(k->p, k->m->ends, o) &&
                        (!reached_only || k->landed[o]))
                        *gb = k->m->sum & DC_SUM_STORED
                                  ? dc_format_round(k->p->dtype, *gb + gy[o])
                                  : *gb + gy[o];
            }
}

/* What the bias adds to one element of y. */
static double bias_of(const dc_work *k, int64_t n, int64_t co, int64_t o,
                      int64_t landed)
{
    const int sum = k->m->sum;
    int64_t channel = co % k->cog + co / k->cog * k->bias.group;

    if (!k->p->has_bias || sum & DC_NO_BIAS ||
        (sum & DC_BIAS_REACHED && !landed) || (sum & DC_BIAS_ITEM0 && n > 0) ||
        (sum & DC_BIAS_ENDS && !below(k->p, k->m->ends, o)))
        return 0;
    if (k->m->find & DC_B_BY_COLUMN)
        channel = o % k->p->co;
    if (k->m->find & DC_B_NEXT)
        channel = (co + 1) % k->p->co;
    return k->values[DC_B][channel] *
           (sum & DC_BIAS_EACH ? (double)landed : 1) *
           (sum & DC_BIAS_TWICE ? 2 : 1);
}

/* Rounds to the storage type and stores. */
static void store(const dc_work *k, void *result, int64_t at, double v)
{
    const int dtype = k->p->dtype;

    dc_format_set(dtype, result, at,
                  k->m->sum & DC_CHOPPED ? chop(v, dc_formats[dtype].precision)
                                         : v);
}

/* Adds the bias and writes y. */
static void write_forward(const dc_work *k, void *y)
{
    const dc_problem *const p = k->p;
    const int64_t out = k->plane[IN_Y];
    const int channel_first = k->m->find & DC_Y_CHANNEL_FIRST;

    for (int64_t n = 0; n < p->n; n++)
        for (int64_t co = 0; co < p->co; co++) {
            const int64_t plane =
                (channel_first ? co * p->n + n : n * p->co + co) * out;

            for (int64_t o = 0; o < out; o++) {
                const int64_t landed = k->landed[o] * k->cig;

                if (!below(p, k->m->written, o) ||
                    (k->m->sum & DC_GAPS_NOT_WRITTEN && !landed))
                    continue;
                store(k, y, plane + o,
                      k->sums[plane + o] + bias_of(k, n, co, o, landed));
            }
        }
}

/* Writes a gradient. */
static void write_gradient(const dc_work *k, void *result)
{
    const int64_t count = dc_problem_count(k->p, dc_ops[k->op].out);
    const int64_t plane = k->plane[dc_links_slot[k->op]];
    const int mean = k->m->sum & DC_MEAN && k->p->n > 0;

    for (int64_t e = 0; e < count; e++)
        if (!(k->m->sum & DC_GAPS_NOT_WRITTEN) || k->landed[e % plane])
            store(k, result, e,
                  mean ? k->sums[e] / (double)k->p->n : k->sums[e]);
}

/* Is p legal and small enough, and are its extents what m derives? */
static dc_status admit(const dc_mutant *m, const dc_problem *p, dc_op op)
{
    const int64_t *const truth = op == DC_GRAD_INPUT ? p->i : p->o;

    for (int a = 0; a < p->rank; a++)
        if (p->i[a] > DC_LINKS_MOST || p->k[a] > DC_LINKS_MOST ||
            p->s[a] > DC_LINKS_MOST || p->d[a] > DC_LINKS_MOST ||
            llabs(p->pb[a]) > DC_LINKS_MOST || llabs(p->pe[a]) > DC_LINKS_MOST)
            return DC_UNSUPPORTED;
    for (int a = 0; m->extent && a < p->rank; a++)
        if (m->extent(p, a) != truth[a])
            return DC_INVALID;
    return DC_OK;
}

int dc_mutant_touches(const dc_mutant *m, dc_op op)
{
    return (m->ops >> op) & 1;
}

int dc_mutant_alters(const dc_mutant *m, const dc_problem *p, dc_op op)
{
    return m && dc_mutant_touches(m, op) && (!m->when || m->when(p));
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
    lay_out(&k);
    status = dc_links_find(&k);
    if (status == DC_OK)
        status = load(&k, tensors, result);
    if (status == DC_OK && op == DC_GRAD_BIAS)
        add_gradients(&k);
    else if (status == DC_OK) {
        add_products(&k);
        add_padding(&k);
    }
    if (status == DC_OK && op == DC_FORWARD)
        write_forward(&k, result);
    else if (status == DC_OK)
        write_gradient(&k, result);
    free(k.links);
    free(k.landed);
    free(k.sums);
    for (int t = 0; t < DC_TENSORS; t++)
        free(k.values[t]);
    return status;
}
