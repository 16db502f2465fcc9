/* SPDX-License-Identifier: MIT
 *
 * The tiers.  A sweep is three blocks in a row: named regressions, layers of
 * networks scaled down, and random cases.  The random block draws every parameter independently per axis, with the shapes that
 * broke public software (1x1 kernels, kernels below the stride, pads beyond
 * the kernel's reach, groups with stride, channel tails, ...) forced often.
 */
#include "sweep.h"

#include <stdio.h>
#include <string.h>

#include "../ref/counts.h"
#include "catalog.h"
#include "data.h"
#include "random.h"

const char *const dc_tier_names[DC_TIERS] = {"smoke", "ci", "full"};

/* How much of each block a tier holds. */
static const struct {
    int catalog_families; /* each named case with this many families */
    int layer_families;
    int64_t random;
    int64_t budget; /* most multiplications of one random case's operation */
} tiers[DC_TIERS] = {
    [DC_SMOKE] = {1, 0, 260, 4000},
    [DC_CI] = {4, 2, 3800, 20000},
    [DC_FULL] = {4, 4, 50000, 40000},
};

/* The order in which named cases meet the families. */
static const dc_family by_use[] = {DC_INT, DC_REAL, DC_PROBE, DC_SHORT};

/* ==== The random block ================================================== */

static const int64_t ladder[] = {1,  2,  3,  4,  5,  7,  8,  9, 15,
                                 16, 17, 23, 24, 25, 31, 32, 33};

/* What is forced for all axes of one case. */
typedef struct {
    int ones;     /* k = 1 */
    int gaps;     /* k < s */
    int dense;    /* s = 1 */
    int over;     /* pb or pe beyond d(k-1) */
    int grouped;  /* g > 1 and s > 1 */
    int square;   /* equal axes, ci = co: the twins */
    int negative; /* a negative pad */
    int tail;     /* channels from the ladder */
} shape_wish;

static void draw_axis(dc_random *r, const shape_wish *w, int a, dc_problem *p)
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
    p->op[a] =
        dc_random_range(r, 0, (p->s[a] > p->d[a] ? p->s[a] : p->d[a]) - 1);
}

static int same_axis(const dc_problem *p, int a, int b)
{
    return p->i[a] == p->i[b] || (p->k[a] == p->k[b] && p->k[a] > 1) ||
           (p->s[a] == p->s[b] && p->s[a] > 1);
}

static int64_t draw_channels(dc_random *r, const shape_wish *w)
{
    if (w->tail && dc_random_chance(r, 2))
        return ladder[dc_random_below(r, sizeof ladder / sizeof *ladder)];
    return dc_random_range(r, 1, 3);
}

/* One attempt; it may be illegal or too large, then another is drawn. */
static void draw_problem(dc_random *r, dc_problem *p)
{
    const shape_wish w = {
        .ones = dc_random_chance(r, 6),
        .gaps = dc_random_chance(r, 4),
        .dense = dc_random_chance(r, 10),
        .over = dc_random_chance(r, 5),
        .grouped = dc_random_chance(r, 4),
        .square = dc_random_chance(r, 10),
        .negative = dc_random_chance(r, 25),
        .tail = dc_random_chance(r, 4),
    };
    const int rank_of[] = {1, 2, 2, 3};

    memset(p, 0, sizeof *p);
    p->rank = rank_of[dc_random_below(r, 4)];
    for (int a = 0; a < p->rank; a++)
        if (w.square && a > 0) {
            int64_t *const fields[] = {p->i,  p->k,  p->s, p->d,
                                       p->pb, p->pe, p->op};
            for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
                fields[f][a] = fields[f][0];
        } else {
            /* unequal axes, but no endless search for them */
            for (int attempt = 0; attempt < 4; attempt++) {
                draw_axis(r, &w, a, p);
                if (a == 0 || !same_axis(p, a, a - 1))
                    break;
            }
        }
    p->g = w.grouped ? dc_random_range(r, 2, 3)
                     : (dc_random_chance(r, 3) ? dc_random_range(r, 1, 3) : 1);
    p->ci = p->g * draw_channels(r, &w);
    p->co = w.square ? p->ci : p->g * draw_channels(r, &w);
    p->n = dc_random_chance(r, 6) ? 1 : dc_random_range(r, 2, 3);
    p->has_bias = (int32_t)dc_random_below(r, 2);
    if (dc_random_chance(r, 12)) {
        p->unbatched = 1;
        p->n = 1;
    }
    if (dc_random_chance(r, 50)) { /* a zero-size case */
        int64_t *const zero[] = {&p->n, &p->ci, &p->co, &p->i[p->rank - 1]};
        const int from = p->unbatched; /* n stays 1 without a batch axis */
        *zero[dc_random_range(r, from, 3)] = 0;
    }
}

static void draw_case(const dc_sweep *sweep, int64_t index, dc_case *c)
{
    static const dc_family families[] = {DC_INT,   DC_INT,  DC_INT,  DC_INT,
                                         DC_REAL,  DC_REAL, DC_REAL, DC_PROBE,
                                         DC_PROBE, DC_SHORT};
    dc_random r = dc_random_open(sweep->seed, (uint64_t)index);
    dc_counts counts;

    do
        draw_problem(&r, &c->p);
    while (dc_problem_complete(&c->p, NULL) != DC_OK ||
           dc_counts_of(&c->p, &counts, NULL) != DC_OK ||
           counts.mul[DC_FORWARD] > tiers[sweep->tier].budget ||
           counts.add[DC_GRAD_BIAS] > tiers[sweep->tier].budget);
    c->family =
        families[dc_random_below(&r, sizeof families / sizeof *families)];
    c->seed = dc_random_below(&r, 100000);
}

/* ==== The blocks in a row =============================================== */

/* Families of named cases; each is asked in every storage type. */
static int64_t named_count(const dc_sweep *sweep, int rows, int families)
{
    return (int64_t)rows * families * sweep->n_dtypes;
}

int64_t dc_sweep_count(const dc_sweep *sweep)
{
    return named_count(sweep, dc_catalog_count,
                       tiers[sweep->tier].catalog_families) +
           named_count(sweep, dc_layers_count,
                       tiers[sweep->tier].layer_families) +
           tiers[sweep->tier].random;
}

/* Entry `index` of a block of named cases: rows x families x types. */
static int64_t name_case(const dc_sweep *sweep, int64_t index, int rows,
                         dc_item *item)
{
    const int64_t row = index % rows;

    item->c.p.dtype = sweep->dtypes[index / rows % sweep->n_dtypes];
    item->c.family = by_use[index / rows / sweep->n_dtypes];
    item->c.seed = sweep->seed;
    return row;
}

void dc_sweep_case(const dc_sweep *sweep, int64_t index, dc_item *item)
{
    const int64_t catalog = named_count(sweep, dc_catalog_count,
                                        tiers[sweep->tier].catalog_families);
    const int64_t layers =
        named_count(sweep, dc_layers_count, tiers[sweep->tier].layer_families);
    const char *spec;
    dc_case named = {0};

    memset(item, 0, sizeof *item);
    if (index >= catalog + layers) {
        draw_case(sweep, index - catalog - layers, &item->c);
        item->c.p.dtype = sweep->dtypes[index % sweep->n_dtypes];
        return;
    }
    if (index < catalog) {
        const dc_named *row =
            &dc_catalog[name_case(sweep, index, dc_catalog_count, item)];
        spec = row->spec;
        item->name = row->name;
        item->hunts = row->hunts;
    } else {
        const dc_layer *row = &dc_layers[name_case(sweep, index - catalog,
                                                   dc_layers_count, item)];
        spec = row->small;
        item->name = row->name;
        item->hunts = row->network;
    }
    /* a test parses every row, so that this cannot fail here */
    if (dc_case_parse(spec, &named, NULL) == DC_OK) {
        named.p.dtype = item->c.p.dtype;
        item->c.p = named.p;
    }
}
