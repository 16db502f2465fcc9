/* SPDX-License-Identifier: MIT
 *
 * The tiers.  A random case draws every parameter independently per axis and is
 * often forced into a shape that broke public software: 1x1 kernels, kernels
 * below the stride, pads beyond the kernel's reach, groups with stride, channel
 * tails, ...  One random case in sixteen has long sums.
 */
#include "cases/space/sweep.h"

#include <stdbool.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/data/data.h"
#include "cases/random.h"
#include "cases/space/tier_blocks.h"
#include "ref/counts.h"
#include "ref/integer.h"

const char *const dc_tier_names[DC_TIERS] = {"smoke", "ci", "full", "large"};

static const struct {
    int catalog_families; /* number of families for each named case */
    int layer_families;
    int64_t random; /* number of random cases */
    int64_t budget; /* multiplications of a random case, at most */
} tiers[DC_TIERS] = {
    [DC_SMOKE] = {1, 0, 260, 4000},
    [DC_CI] = {4, 2, 3800, 20000},
    [DC_FULL] = {7, 7, 50000, 40000},
    [DC_LARGE] = {0, 0, 0, 0},
};

/* The families of named cases, the most useful first. */
static const dc_family by_use[] = {DC_INT,    DC_REAL, DC_PROBE,  DC_SHORT,
                                   DC_CANCEL, DC_WIDE, DC_SPECIAL};

/* ==== Random cases ====================================================== */

/* What all axes of a case are forced to have. */
typedef struct {
    bool ones;     /* k = 1 */
    bool gaps;     /* k < s */
    bool dense;    /* s = 1 */
    bool over;     /* pb or pe beyond d(k-1) */
    bool grouped;  /* g > 1 and s > 1 */
    bool square;   /* equal axes, ci = co */
    bool negative; /* a negative pad */
    bool even;     /* pb = pe, because some implementations take no others */
    bool tail;     /* channels from the ladder */
} forced_shape;

static void draw_axis(dc_random *r, const forced_shape *w, int a, dc_problem *p)
{
    static const int64_t extents[] = {12, 6, 4}; /* by rank */
    int64_t reach;

    p->i[a] = dc_random_range(r, 1, extents[p->rank - 1]);
    p->k[a] = w->ones ? 1 : dc_random_range(r, 1, p->rank == 3 ? 3 : 5);
    p->s[a] = w->dense ? 1 : dc_random_range(r, w->grouped ? 2 : 1, 4);
    p->d[a] = dc_random_range(r, 1, 3);
    if (w->gaps && !w->dense)
        p->s[a] = p->k[a] + dc_random_range(r, 1, 2);
    reach = p->d[a] * (p->k[a] - 1);
    p->pb[a] = dc_random_range(r, 0, reach < 3 ? reach : 3);
    p->pe[a] = dc_random_range(r, 0, reach < 3 ? reach : 3);
    if (w->over)
        *(dc_random_chance(r, 2) ? &p->pb[a] : &p->pe[a]) =
            reach + dc_random_range(r, 1, p->s[a]);
    if (w->negative)
        *(dc_random_chance(r, 2) ? &p->pb[a] : &p->pe[a]) =
            -dc_random_range(r, 1, 3);
    p->op[a] = dc_random_range(r, 0, dc_max(p->s[a], p->d[a]) - 1);
}

/* The pad that was forced to be beyond the reach or negative. */
static int64_t wider(int64_t pb, int64_t pe)
{
    return pb < 0 || pe < 0 ? dc_min(pb, pe) : dc_max(pb, pe);
}

static bool same_axis(const dc_problem *p, int a, int b)
{
    return p->i[a] == p->i[b] || (p->k[a] == p->k[b] && p->k[a] > 1) ||
           (p->s[a] == p->s[b] && p->s[a] > 1);
}

static void copy_axis(dc_problem *p, int from, int to)
{
    int64_t *const fields[] = {p->i, p->k, p->s, p->d, p->pb, p->pe, p->op};

    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
        fields[f][to] = fields[f][from];
}

static void draw_axes(dc_random *r, const forced_shape *w, dc_problem *p)
{
    for (int a = 0; a < p->rank; a++)
        if (w->square && a > 0) {
            copy_axis(p, 0, a);
        } else {
            /* unequal axes, but no endless search for them */
            for (int attempt = 0; attempt < 4; attempt++) {
                draw_axis(r, w, a, p);
                if (a == 0 || !same_axis(p, a, a - 1))
                    break;
            }
        }
    for (int a = 0; a < p->rank && w->even; a++)
        p->pb[a] = p->pe[a] = wider(p->pb[a], p->pe[a]);
}

static int64_t draw_channels(dc_random *r, const forced_shape *w)
{
    if (w->tail && dc_random_chance(r, 2))
        return dc_edge_shapes_ladder[dc_random_below(r, DC_EDGE_SHAPES_LADDER)];
    return dc_random_range(r, 1, 3);
}

/* Draws a problem, which may be illegal or too large. */
static void draw_problem(dc_random *r, dc_problem *p)
{
    const forced_shape w = {
        .ones = dc_random_chance(r, 6),
        .gaps = dc_random_chance(r, 4),
        .dense = dc_random_chance(r, 10),
        .over = dc_random_chance(r, 4), /* about a fifth of these are legal */
        .grouped = dc_random_chance(r, 4),
        .square = dc_random_chance(r, 10),
        .negative = dc_random_chance(r, 25),
        .even = dc_random_chance(r, 3),
        .tail = dc_random_chance(r, 4),
    };
    const int rank_of[] = {1, 2, 2, 3};

    memset(p, 0, sizeof *p);
    p->rank = rank_of[dc_random_below(r, 4)];
    draw_axes(r, &w, p);
    p->g = w.grouped ? dc_random_range(r, 2, 3)
                     : (dc_random_chance(r, 3) ? dc_random_range(r, 1, 3) : 1);
    p->ci = p->g * draw_channels(r, &w);
    p->co = w.square ? p->ci : p->g * draw_channels(r, &w);
    if (!w.square && p->co == p->ci) /* try once more to make them differ */
        p->co = p->g * draw_channels(r, &w);
    p->n = dc_random_chance(r, 6) ? 1 : dc_random_range(r, 2, 3);
    p->has_bias = (int32_t)dc_random_below(r, 2);
    if (dc_random_chance(r, 12)) {
        p->unbatched = 1;
        p->n = 1;
    }
    if (dc_random_chance(r, 50)) { /* a case of size zero */
        int64_t *const zero[] = {&p->n, &p->ci, &p->co, &p->i[p->rank - 1]};
        const int from = p->unbatched; /* without a batch axis n stays 1 */
        *zero[dc_random_range(r, from, 3)] = 0;
    }
}

/* Draws a problem with few results, each a sum of 65 to about 3000 products:
 * over input channels (y), output channels (gx), positions or batch (gw, gb).
 */
static void draw_long(dc_random *r, int64_t budget, dc_problem *p)
{
    int64_t length = (int64_t)65 << dc_random_below(r, 6);

    length += dc_random_range(r, 0, length / 2);
    if (length > budget / 2)
        length = budget / 2;
    memset(p, 0, sizeof *p);
    p->rank = 1;
    p->n = p->ci = p->co = p->g = 1;
    p->i[0] = dc_random_range(r, 1, 3);
    p->k[0] = dc_random_range(r, 1, 2);
    p->s[0] = dc_random_range(r, 1, 2);
    p->d[0] = 1;
    p->has_bias = (int32_t)dc_random_below(r, 2);
    int64_t *const longs[] = {&p->ci, &p->co, &p->i[0], &p->n};
    int64_t *const at = longs[dc_random_below(r, 4)];
    *at = length;
    if (at != &p->n && length * p->i[0] * p->k[0] * 2 <= budget)
        p->n = 2;
    if (at != &p->co && length * p->i[0] * p->k[0] * p->n * 2 <= budget)
        p->co = 2;
}

static const struct {
    dc_family family;
    uint64_t share; /* per cent */
} shares[] = {{DC_INT, 35},   {DC_REAL, 25}, {DC_PROBE, 12}, {DC_SHORT, 10},
              {DC_CANCEL, 8}, {DC_WIDE, 6},  {DC_SPECIAL, 4}};

static dc_family draw_family(dc_random *r)
{
    uint64_t at = dc_random_below(r, 100);
    int k = 0;

    while (at >= shares[k].share)
        at -= shares[k++].share;
    return shares[k].family;
}

static void draw_data(dc_random *r, bool is_long, dc_case *c)
{
    c->family = draw_family(r);
    c->seed = dc_random_below(r, 100000);
    /* the second variant of int, which short accumulators fail on long sums */
    if (c->family == DC_INT && dc_random_chance(r, is_long ? 2 : 8))
        c->seed = c->seed / 10 * 10 + 9;
}

static void draw_case(const dc_sweep *sweep, int64_t index, dc_case *c)
{
    const int64_t budget = tiers[sweep->tier].budget;
    dc_random r = dc_random_open(sweep->seed, (uint64_t)index);
    const bool is_long = dc_random_chance(&r, 16);
    dc_counts counts;

    do
        if (is_long)
            draw_long(&r, budget, &c->p);
        else
            draw_problem(&r, &c->p);
    while (dc_problem_complete(&c->p, NULL) != DC_OK ||
           dc_counts_of(&c->p, &counts, NULL) != DC_OK ||
           counts.mul[DC_FORWARD] > budget ||
           counts.add[DC_GRAD_BIAS] > budget);
    draw_data(&r, is_long, c);
}

int64_t dc_sweep_budget(dc_tier tier)
{
    return tiers[tier].budget;
}

bool dc_sweep_further(const dc_sweep *sweep, const dc_scope *scope,
                      int64_t index, dc_case *c)
{
    const int64_t at = tiers[sweep->tier].random + index;
    dc_random r = dc_random_open(sweep->seed, (uint64_t)at);
    const bool is_long = dc_random_chance(&r, 16);
    const dc_scope_range *const rank = &scope->of[DC_SCOPE_RANK];

    memset(c, 0, sizeof *c);
    if (is_long)
        draw_long(&r, tiers[sweep->tier].budget, &c->p);
    else
        do /* axes that are drawn are worth more than unit ones */
            draw_problem(&r, &c->p);
        while (c->p.rank < rank->lo || c->p.rank > rank->hi);
    c->p.dtype = sweep->dtypes[index % sweep->n_dtypes];
    if (dc_scope_fit(scope, &r, &c->p, NULL) != DC_OK)
        return false;
    draw_data(&r, is_long, c);
    return true;
}

/* ==== The sweep ========================================================= */

static int64_t catalog_count(const dc_sweep *sweep)
{
    return (int64_t)dc_catalog_count * tiers[sweep->tier].catalog_families *
           sweep->n_dtypes;
}

static int64_t layers_count(const dc_sweep *sweep)
{
    return (int64_t)dc_layers_count * tiers[sweep->tier].layer_families *
           sweep->n_dtypes;
}

int64_t dc_sweep_count(const dc_sweep *sweep)
{
    return catalog_count(sweep) + layers_count(sweep) +
           dc_tier_blocks_count(sweep->blocks) + tiers[sweep->tier].random;
}

dc_status dc_sweep_open(dc_sweep *sweep)
{
    return dc_tier_blocks_open(&sweep->blocks, sweep);
}

void dc_sweep_close(dc_sweep *sweep)
{
    dc_tier_blocks_close(sweep->blocks);
    sweep->blocks = NULL;
}

/* Case `index` of a table of named cases: every row in each storage type and
 * family. */
static void set_named(const dc_sweep *sweep, int64_t index, int rows,
                      const char *name, const char *hunts, const char *spec,
                      dc_item *item)
{
    const int64_t turn = index / rows;

    item->name = name;
    item->hunts = hunts;
    /* cannot fail: a test parses every row */
    (void)dc_case_parse(spec, &item->c, NULL);
    item->c.p.dtype = sweep->dtypes[turn % sweep->n_dtypes];
    item->c.family = by_use[turn / sweep->n_dtypes];
    item->c.seed = sweep->seed + (uint64_t)(index % rows);
}

void dc_sweep_case(const dc_sweep *sweep, int64_t index, dc_item *item)
{
    const int64_t layers = catalog_count(sweep); /* where the layers begin */
    const int64_t blocks = layers + layers_count(sweep);
    const int64_t random = blocks + dc_tier_blocks_count(sweep->blocks);

    memset(item, 0, sizeof *item);
    if (index < layers) {
        const dc_named *row = &dc_catalog[index % dc_catalog_count];

        set_named(sweep, index, dc_catalog_count, row->name, row->hunts,
                  row->spec, item);
    } else if (index < blocks) {
        const dc_layer *row = &dc_layers[(index - layers) % dc_layers_count];

        set_named(sweep, index - layers, dc_layers_count, row->name,
                  row->network, row->small, item);
    } else if (index < random) {
        dc_tier_blocks_item(sweep->blocks, index - blocks, item);
    } else {
        draw_case(sweep, index - random, &item->c);
        item->c.p.dtype = sweep->dtypes[(index - random) % sweep->n_dtypes];
    }
}
