/* SPDX-License-Identifier: MIT
 *
 * The one algorithm that every mutant runs: which elements of x, w and y meet
 * (links, found once per call from the geometry alone), for which batch item
 * and channels (layouts), and what is done with their product.
 */
#include "mutant.h"

#include <math.h>
#include <stdlib.h>

#include "../ref/format.h"

/* The three tensors that a product joins; gx gw gy lie as x w y do. */
enum { IN_X, IN_W, IN_Y, JOINED };

/* Where the result is, for forward, grad_input, grad_weight. */
static const int slot_of[DC_OPS] = {IN_Y, IN_X, IN_W, IN_Y};

/* One product of a channel pair: offsets in its planes of x, w and y. */
typedef struct {
    int64_t at[JOINED];
} dc_link;

/* Strides: element = n * batch + group * .. + ci' * .. + co' * .. + offset. */
typedef struct {
    int64_t n;
    int64_t group;
    int64_t ci;
    int64_t co;
} dc_layout;

/* One call at work. */
typedef struct {
    const dc_mutant *m;
    const dc_problem *p;
    dc_op op;
    int64_t cig;           /* input channels of a group */
    int64_t cog;           /* output channels of a group */
    int64_t plane[JOINED]; /* elements of i.., k.., o.. */
    int64_t tap[3];        /* stride of each kernel axis */
    dc_layout layout[JOINED];
    dc_layout bias;
    int64_t first_item; /* batch items that are summed */
    int64_t end_item;
    dc_link *links;
    int64_t link_count;
    int64_t *landed;            /* links that end at each place of the result */
    double *values[DC_TENSORS]; /* inputs decoded */
    double *sums;               /* the result before it is rounded */
} dc_work;

/* Beyond this a parameter is refused, and a list of links, so that nothing
 * that a rule makes of them can overflow. */
static const int64_t largest = INT64_C(1) << 30;

static int64_t apply(dc_axis_rule *rule, const dc_problem *p, int a,
                     int64_t right)
{
    return rule ? rule(p, a) : right;
}

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

/* Output position of input j and tap t on axis a, or -1 outside. */
static int64_t meet(const dc_work *k, int a, int64_t j, int64_t t)
{
    const dc_problem *const p = k->p;
    const int64_t s = apply(k->m->s, p, a, p->s[a]);
    const int64_t d = apply(k->m->d, p, a, p->d[a]);
    const int64_t pb = apply(k->m->pb, p, a, p->pb[a]);
    const int64_t end = apply(k->m->ends, p, a, p->o[a]);
    int64_t o = j * s - pb + t * d;

    if (k->m->find & DC_PHASE_BY_TAP)
        o = j * s - pb + t * d / s * s + t % s;
    if (k->m->find & DC_CONVOLUTION) {
        o = j + pb - t * d;
        if (o % s != 0)
            return -1;
        o /= s;
    }
    return o < end ? o : -1;
}

/* Elements of a row: the extent of axis a, or mistaken that of h for w. */
static int64_t pitch(const dc_work *k, int mistake, const int64_t *extent,
                     int a)
{
    const int other = k->m->find & mistake && a > 0 && a == k->p->rank - 1;

    return extent[a - other];
}

/* Appends the links of axis a to every link of the axes before it. */
static dc_status link_axis(dc_work *k, int a)
{
    const dc_problem *const p = k->p;
    const int64_t taps = apply(k->m->taps, p, a, p->k[a]);
    const int64_t most = p->i[a] * taps;
    dc_link *const own =
        most > largest ? NULL : calloc((size_t)most + 1, sizeof *own);
    dc_link *all = NULL;
    int64_t count = 0;

    for (int64_t j = 0; own && j < p->i[a]; j++)
        for (int64_t t = 0; t < taps; t++) {
            const int64_t o = meet(k, a, j, t);
            const int back = apply(k->m->mirror, p, a, 0) != 0;

            if (o < 0)
                continue;
            own[count].at[IN_X] = j;
            own[count].at[IN_W] = (back ? p->k[a] - 1 - t : t) * k->tap[a];
            own[count++].at[IN_Y] = o;
        }
    const int64_t total = k->link_count * count;
    const int64_t row_of_x = pitch(k, DC_X_PITCH, p->i, a);
    const int64_t row_of_y = pitch(k, DC_Y_PITCH, p->o, a);

    if (own && total <= largest)
        all = calloc((size_t)total + 1, sizeof *all);
    for (int64_t e = 0; all && e < total; e++) {
        const dc_link *const u = &k->links[e / count];
        const dc_link *const v = &own[e % count];

        all[e].at[IN_X] = u->at[IN_X] * row_of_x + v->at[IN_X];
        all[e].at[IN_W] = u->at[IN_W] + v->at[IN_W];
        all[e].at[IN_Y] = u->at[IN_Y] * row_of_y + v->at[IN_Y];
    }
    free(own);
    if (!all)
        return DC_NOMEM;
    free(k->links);
    k->links = all;
    k->link_count = total;
    return DC_OK;
}

/* All links, and how many of them land where. */
static dc_status link_all(dc_work *k)
{
    const dc_problem *const p = k->p;
    const int slot = slot_of[k->op];
    /* the taps of [co/g][k..][ci] lie ci apart */
    const int64_t places =
        k->plane[slot] *
        (slot == IN_W && k->m->find & DC_W_IN_LAST ? p->ci : 1);
    dc_status status = DC_OK;

    k->links = calloc(1, sizeof *k->links);
    k->link_count = 1;
    if (!k->links)
        return DC_NOMEM;
    for (int a = 0; a < p->rank && status == DC_OK; a++)
        status = link_axis(k, a);
    k->landed = calloc((size_t)places + 1, sizeof *k->landed);
    if (status != DC_OK || !k->landed)
        return DC_NOMEM;
    for (int64_t e = 0; e < k->link_count; e++) {
        /* a mistaken pitch may leave the plane: come in again */
        k->links[e].at[IN_X] %= k->plane[IN_X];
        k->links[e].at[IN_Y] %= k->plane[IN_Y];
        k->landed[k->links[e].at[slot]]++;
    }
    return DC_OK;
}

/* Is output position o of a plane below the rule's bound on every axis? */
static int below(const dc_problem *p, dc_axis_rule *rule, int64_t o)
{
    for (int a = p->rank - 1; a >= 0; a--) {
        if (o % p->o[a] >= apply(rule, p, a, p->o[a]))
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
    const int r = slot_of[k->op];
    const int u = r == IN_X ? IN_W : IN_X;
    const int v = r == IN_Y ? IN_W : IN_Y;
    const double *const us = k->values[factor[u]] + base[u];
    const double *const vs = k->values[factor[v]] + base[v];
    double *const sums = k->sums + base[r];
    const int overwrites = k->m->sum & DC_OVERWRITES;
    const int stored = k->m->sum & DC_SUM_STORED;

    for (int64_t e = 0; e < k->link_count; e++) {
        const int64_t *const at = k->links[e].at;
        const double product = us[at[u]] * (plain ? 1 : vs[at[v]]);
        double *const to = &sums[at[r]];

        *to = overwrites ? product : *to + product;
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
    const int64_t plane = k->plane[slot_of[k->op]];
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
        if (p->i[a] > largest || p->k[a] > largest || p->s[a] > largest ||
            p->d[a] > largest || llabs(p->pb[a]) > largest ||
            llabs(p->pe[a]) > largest)
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
    status = link_all(&k);
    if (status == DC_OK)
        status = load(&k, tensors, result);
    if (status == DC_OK && op == DC_GRAD_BIAS)
        add_gradients(&k);
    else if (status == DC_OK)
        add_products(&k);
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
