/* SPDX-License-Identifier: MIT
 *
 * Sums of a mutant's call: for each batch item and channel pair the products of
 * the index triples, with the mutant's mistakes.
 */
#include "oracle/mutants/mutant_sums.h"

#include "ref/format.h"

/* ==== Sums ============================================================== */

/* Mistakes about elements past a threshold, and about sums that are formed in
 * blocks.  Returns whether the product counts in this sum. */
static bool keep(dc_work *k, dc_triple *p, int64_t sum)
{
    static const dc_size of[IN_COUNT] = {DC_OF_X, DC_OF_W, DC_OF_Y};
    int64_t number;

    for (int v = 0; v < IN_COUNT; v++) {
        p->at[v] = dc_triples_part(k, of[v], p->at[v]);
        if (p->at[v] < 0)
            return false;
    }
    if (!k->terms)
        return true;
    number = k->terms[sum]++;
    if (number > 0 && dc_triples_part(k, DC_OF_SUM, number) == 0)
        k->sums[sum] = 0; /* the block before it is forgotten */
    return dc_triples_part(k, DC_OF_SUM, number) >= 0;
}

/* Adds the products of one batch item and channel pair, whose planes begin at
 * base; plain: the second factor is left out. */
static void add_pair(dc_work *k, const dc_triple *base, bool plain)
{
    static const dc_tensor factor[IN_COUNT] = {DC_X, DC_W, DC_GY};
    const int r = dc_triples_result[k->op];
    const int u = r == IN_X ? IN_W : IN_X;
    const int v = r == IN_Y ? IN_W : IN_Y;
    const double *const us = k->values[factor[u]];
    const double *const vs = k->values[factor[v]];
    const bool overwrites = k->m->sum & DC_OVERWRITES;
    const bool stored = k->m->sum & DC_SUM_STORED;
    const int64_t last =
        k->m->sum & DC_PAIRED_NEXT ? dc_problem_count(k->p, DC_GY) - 1 : 0;

    for (int64_t e = 0; e < k->n_triples; e++) {
        dc_triple p = *base;
        double *to;

        for (int t = 0; t < IN_COUNT; t++)
            p.at[t] += k->triples[e].at[t];
        if (k->m->of && !keep(k, &p, p.at[r]))
            continue;
        const int64_t *const at = p.at;
        const double product = us[at[u]] * (plain ? 1 : vs[at[v]]);

        to = &k->sums[at[r]];
        *to = overwrites ? product : *to + product;
        if (at[IN_Y] < last)
            *to += vs[at[IN_Y] + 1] * 0.0;
        if (stored)
            *to = dc_format_round(k->p->dtype, *to);
    }
}

/* As add_pair, for the group's own part of y or, by mistake, for all. */
static void add_groups(dc_work *k, const dc_triple *base, int64_t group,
                       bool plain)
{
    const bool all = k->m->sum & DC_ALL_GROUPS;

    for (int64_t to = all ? 0 : group; to < (all ? k->p->g : group + 1); to++) {
        dc_triple moved = *base;

        moved.at[IN_Y] += (to - group) * k->layout[IN_Y].group;
        add_pair(k, &moved, plain);
    }
}

/* A batch item and a pair of channels of a group. */
typedef struct {
    int64_t n, group, ci, co;
} pair;

/* Takes channel number `of_all` of all groups as the channel of its group;
 * returns its number there. */
static int64_t split(pair *at, int64_t of_all, int64_t per_group)
{
    at->group = of_all / per_group;
    return of_all % per_group;
}

/* The planes of a pair, with mistakes about what lies past a threshold.
 * Returns whether the pair counts. */
static bool find_planes(const dc_work *k, pair at, dc_triple *base)
{
    int64_t of_all;

    at.n = dc_triples_part(k, DC_OF_N, at.n);
    at.group = dc_triples_part(k, DC_OF_G, at.group);
    of_all = dc_triples_part(k, DC_OF_CI, at.group * k->cig + at.ci);
    if (at.n < 0 || at.group < 0 || of_all < 0)
        return false;
    if (k->cig > 0)
        at.ci = dc_triples_part(k, DC_OF_CIG, split(&at, of_all, k->cig));
    of_all = dc_triples_part(k, DC_OF_CO, at.group * k->cog + at.co);
    if (at.ci < 0 || of_all < 0)
        return false;
    at.co = dc_triples_part(k, DC_OF_COG, split(&at, of_all, k->cog));
    for (int v = 0; v < IN_COUNT; v++) {
        const dc_layout *const l = &k->layout[v];

        base->at[v] =
            at.n * l->n + at.group * l->group + at.ci * l->ci + at.co * l->co;
    }
    return at.co >= 0;
}

/* The number of groups that are computed. */
static int64_t groups(const dc_work *k)
{
    return k->p->g - (k->m->sum & DC_GROUP_LOST && k->p->g > 1);
}

/* Sums of forward, grad_input, grad_weight. */
static void add_products(dc_work *k)
{
    const dc_sum_flags sum = k->m->sum;
    const int64_t tail = k->cig - k->cig % 4;
    const int64_t ci_end = sum & DC_CI_TAIL_LOST && tail ? tail : k->cig;
    const int64_t co_end =
        sum & DC_CO_TAIL_LOST && k->cog > 8 ? k->cog - k->cog % 8 : k->cog;
    dc_triple base;

    if (k->n_triples * ci_end * co_end == 0)
        return; /* n may be large where nothing is stored */
    for (int64_t n = k->first_item; n < k->end_item; n++)
        for (int64_t group = 0; group < groups(k); group++)
            for (int64_t ci = 0; ci < ci_end; ci++)
                for (int64_t co = 0; co < co_end; co++)
                    if (find_planes(k, (pair){n, group, ci, co}, &base))
                        add_groups(k, &base, group,
                                   sum & DC_CI_TAIL_PLAIN && ci >= tail);
}

/* DC_PAIRED_ZERO in gx or gw: adds NaN if the padding's factor is not finite,
 * else zero. */
static void add_padding(dc_work *k)
{
    const int64_t taps = k->plane[IN_W];
    const int64_t in = k->plane[IN_X];
    const bool to_gx = k->op == DC_GRAD_INPUT;
    const int64_t length = to_gx ? k->cog * taps : in;
    const int64_t row = to_gx ? in : k->cog * taps; /* sums of one ci */

    if (!(k->m->sum & DC_PAIRED_ZERO) || length % 2 == 0)
        return;
    for (int64_t n = 0; n < k->p->n; n++)
        for (int64_t ci = 0; ci < k->p->ci; ci++) {
            const int64_t item = n * k->p->ci + ci;
            const double factor =
                to_gx ? k->values[DC_W][(ci + 1) * k->cog * taps - 1]
                      : k->values[DC_X][(item + 1) * in - 1];
            double *const sums = k->sums + (to_gx ? item : ci) * row;

            for (int64_t e = 0; e < row; e++)
                sums[e] += factor * 0.0;
        }
}

/* Adds the plane of gy that begins at `plane` to element gb of grad_bias. */
static void add_plane(dc_work *k, int64_t plane, int64_t gb)
{
    const dc_sum_flags sum = k->m->sum;

    for (int64_t o = 0; o < k->plane[IN_Y]; o++) {
        const int64_t position = dc_triples_position(k, o);
        dc_triple p = {.at = {[IN_Y] = plane + position}};
        double added;

        if (position < 0 || !dc_triples_below(k->p, k->m->ends, o) ||
            (sum & DC_HIT_ONLY && !k->hits[o]) || !keep(k, &p, gb))
            continue;
        added = k->sums[gb] + k->values[DC_GY][p.at[IN_Y]];
        k->sums[gb] =
            sum & DC_SUM_STORED ? dc_format_round(k->p->dtype, added) : added;
    }
}

/* Sums of grad_bias. */
static void add_gradients(dc_work *k)
{
    if (k->plane[IN_Y] == 0)
        return;
    for (int64_t n = k->first_item; n < k->end_item; n++)
        for (int64_t group = 0; group < groups(k); group++)
            for (int64_t co = 0; co < k->cog; co++) {
                const int64_t gb = group * k->bias.group + co * k->bias.co;
                dc_triple base;

                if (find_planes(k, (pair){n, group, 0, co}, &base))
                    add_plane(k, base.at[IN_Y], gb);
            }
}

void dc_sums_add(dc_work *k)
{
    if (k->op == DC_GRAD_BIAS) {
        add_gradients(k);
        return;
    }
    add_products(k);
    add_padding(k);
}
