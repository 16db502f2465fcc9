/* SPDX-License-Identifier: MIT
 *
 * Greedy construction of a covering array under constraints.
 */
#include "cases/space/cover.h"

#include <stdlib.h>
#include <string.h>

#include "cases/space/axes.h"
#include "cases/space/cover_internal.h"

/* The factor by which a level raises the multiplications of the smallest
 * case. */
static double least(int f, int level)
{
    static const double channels[] = {1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33};
    static const double groups[] = {1, 2, 3, 2, 2};
    static const double batch[] = {1, 2, 1, 1};
    static const double extents[] = {1, 2, 3, 7, 8, 9, 1};

    switch (f) {
    case DC_F_GROUP:
        return groups[level];
    case DC_F_CI:
    case DC_F_CO:
        return channels[level];
    case DC_F_BATCH:
        return batch[level];
    case DC_F_FIRST + DC_A_K:
    case DC_F_LAST + DC_A_K:
        return level + 1;
    case DC_F_FIRST + DC_A_I:
        return level == 3 ? 1 : level + 1;
    case DC_F_LAST + DC_A_I:
        return extents[level];
    default:
        return 1;
    }
}

/* ==== Rows ============================================================== */

static void set_level(dc_cover *c, dc_cover_work *x, int f, int level)
{
    x->at[f] = (int8_t)level;
    x->cost *= least(f, level);
    for (int k = 0; k < DC_COVER_TABLES; k++) {
        const dc_cover_table *t = &c->tables.table[k];
        int kept = 0;

        if (f < t->base || f >= t->base + t->width)
            continue;
        for (int e = 0; e < x->count[k]; e++)
            if (t->entry[x->left[k][e]][f - t->base] == level)
                x->left[k][kept++] = x->left[k][e];
        x->count[k] = kept;
    }
}

/* The levels of f that the row can still have, as bits. */
static unsigned allowed(const dc_cover *c, const dc_cover_work *x, int f)
{
    unsigned levels = 0;

    for (int k = 0; k < DC_COVER_TABLES; k++) {
        const dc_cover_table *t = &c->tables.table[k];

        if (f < t->base || f >= t->base + t->width)
            continue;
        for (int e = 0; e < x->count[k]; e++)
            levels |= 1u << t->entry[x->left[k][e]][f - t->base];
        return levels;
    }
    for (int level = 0; level < dc_cover_levels_of(f); level++)
        levels |= (unsigned)dc_cover_planned(c, f, level) << level;
    return levels;
}

/* The level of f that covers most within the budget; a random one of equals. */
static int choose(dc_cover *c, const dc_cover_work *x, int f)
{
    int must[DC_COVER_FACTORS];
    const int n_must = dc_cover_required(c, x, must);
    unsigned levels = allowed(c, x, f);
    int best = -1;
    double best_value = 0;
    uint64_t ties = 0;

    if (levels & ~dc_factors[f].degenerate)
        levels &= ~dc_factors[f].degenerate;
    for (int level = 0; level < dc_cover_levels_of(f); level++) {
        const double cost = x->cost * least(f, level);
        double value;

        if (!(levels >> level & 1))
            continue;
        value = cost > (double)c->plan.budget
                    ? -cost
                    : dc_cover_gain(c, x, f, level, must, n_must);
        if (best < 0 || value > best_value) {
            best = level;
            best_value = value;
            ties = 1;
        } else if (value >= best_value && dc_random_below(&c->r, ++ties) == 0) {
            best = level;
        }
    }
    return best;
}

static unsigned degeneracies(const dc_cover_table *t, int e)
{
    unsigned bits = 0;

    for (int f = 0; f < t->width; f++)
        if (dc_cover_is_degenerate(t->base + f, t->entry[e][f]))
            bits |= dc_factors[t->base + f].degeneracy;
    return bits;
}

/* Drops the entries that have other degeneracies than the chosen levels, if
 * any entry is left then. */
static void prefer_ordinary(const dc_cover *c, dc_cover_work *x)
{
    dc_levels chosen;
    unsigned bits;

    memcpy(chosen.at, x->at, sizeof chosen.at);
    bits = dc_factors_degenerate(&chosen);
    for (int k = 0; k < DC_COVER_TABLES; k++) {
        int kept = 0;

        for (int e = 0; e < x->count[k]; e++) {
            const int one = x->left[k][e];

            if ((degeneracies(&c->tables.table[k], one) & ~bits) == 0) {
                x->left[k][e] = x->left[k][kept]; /* swapped to the front */
                x->left[k][kept++] = one;
            }
        }
        if (kept > 0)
            x->count[k] = kept;
    }
}

/* Starts a row with the levels `at` (-1: free) and a rank and pads that go
 * with them. */
static void begin(dc_cover *c, dc_cover_work *x, const int8_t *at)
{
    int found[9][2];
    const int n = dc_cover_openings(&c->tables, at, false, found);
    const int pick = (int)dc_random_below(&c->r, (uint64_t)n);

    memset(x->at, -1, sizeof x->at);
    x->cost = 1;
    for (int k = 0; k < DC_COVER_TABLES; k++) {
        int e;
        int to;

        x->count[k] = 0;
        dc_cover_entries(&c->tables, k, found[pick][0], found[pick][1], &e,
                         &to);
        for (; e < to; e++)
            x->left[k][x->count[k]++] = e;
    }
    set_level(c, x, DC_F_RANK, found[pick][0]);
    set_level(c, x, DC_F_PADS, found[pick][1]);
    for (int f = 0; f < DC_FACTORS; f++)
        if (at[f] >= 0 && x->at[f] < 0)
            set_level(c, x, f, at[f]);
    if (c->plan.strength == 2)
        x->at[DC_COVER_ANY] = 0;
    prefer_ordinary(c, x);
}

static dc_status add_row(dc_cover *c, const int8_t *seed)
{
    dc_cover_work *x = &c->work;
    int order[DC_FACTORS];

    if (c->count == c->capacity) {
        const int64_t capacity = c->capacity ? 2 * c->capacity : 256;
        dc_levels *rows = realloc(c->rows, (size_t)capacity * sizeof *rows);

        if (!rows)
            return DC_NOMEM;
        c->rows = rows;
        c->capacity = capacity;
    }
    begin(c, x, seed);
    for (int f = 0; f < DC_FACTORS; f++) { /* in random order */
        const int at = (int)dc_random_below(&c->r, (uint64_t)f + 1);

        order[f] = order[at];
        order[at] = f;
    }
    for (int k = 0; k < DC_FACTORS; k++) {
        const int f = order[k];
        const bool absent =
            x->at[DC_F_RANK] == 0 && f >= DC_F_FIRST && f < DC_F_LAST;

        if (x->at[f] < 0 && !absent)
            set_level(c, x, f, choose(c, x, f));
    }
    dc_cover_close_triples(c, x);
    memcpy(c->rows[c->count++].at, x->at, DC_FACTORS);
    return DC_OK;
}

/* Adds rows until every triple with this many degenerate levels is closed. */
static dc_status add_rows(dc_cover *c, int degenerate)
{
    int owner[DC_COVER_FACTORS * DC_LEVELS_MAX];
    const int all = c->start[DC_COVER_FACTORS];
    dc_status status = DC_OK;

    for (int f = 0; f < DC_COVER_FACTORS; f++)
        for (int level = c->start[f]; level < c->start[f + 1]; level++)
            owner[level] = f;
    for (int64_t t = 0; t < (int64_t)all * all * all && status == DC_OK; t++) {
        const int l[3] = {(int)(t / all / all), (int)(t / all % all),
                          (int)(t % all)};
        int8_t at[DC_COVER_FACTORS];
        int count = 0;

        if (!c->open[t])
            continue;
        memset(at, -1, sizeof at);
        for (int q = 0; q < 3; q++) {
            const int f = owner[l[q]];

            at[f] = (int8_t)(l[q] - c->start[f]);
            count += dc_cover_is_degenerate(f, at[f]);
        }
        if (count == degenerate)
            status = add_row(c, at);
    }
    return status;
}

dc_status dc_cover_open(dc_cover **cover, const dc_cover_plan *plan)
{
    dc_cover *c = calloc(1, sizeof *c);
    dc_status status;

    *cover = NULL;
    if (!c)
        return DC_NOMEM;
    c->plan = *plan;
    c->r = dc_random_open(plan->seed, (uint64_t)plan->strength);
    for (int f = 0; f < DC_COVER_FACTORS; f++)
        c->start[f + 1] = c->start[f] + dc_cover_levels_of(f);
    c->open = calloc((size_t)c->start[DC_COVER_FACTORS] *
                         (size_t)c->start[DC_COVER_FACTORS],
                     (size_t)c->start[DC_COVER_FACTORS]);
    status = c->open ? dc_cover_tables_open(&c->tables) : DC_NOMEM;
    for (int k = 0; k < DC_COVER_TABLES && status == DC_OK; k++) {
        c->work.left[k] =
            malloc((size_t)c->tables.table[k].count * sizeof *c->work.left[k]);
        status = c->work.left[k] ? DC_OK : DC_NOMEM;
    }
    if (status == DC_OK)
        dc_cover_open_triples(c);
    /* triples without degenerate levels first, so that most rows have none */
    for (int n = 0; n <= plan->strength && status == DC_OK; n++)
        status = add_rows(c, n);
    if (status == DC_OK)
        *cover = c;
    else
        dc_cover_close(c);
    return status;
}

void dc_cover_close(dc_cover *c)
{
    if (!c)
        return;
    dc_cover_tables_close(&c->tables);
    for (int k = 0; k < DC_COVER_TABLES; k++)
        free(c->work.left[k]);
    free(c->open);
    free(c->rows);
    free(c);
}

int64_t dc_cover_count(const dc_cover *c)
{
    return c->count;
}

dc_levels dc_cover_row(const dc_cover *c, int64_t index)
{
    return c->rows[index];
}

dc_status dc_cover_case(const dc_cover *c, int64_t index, dc_case *made)
{
    dc_random r = dc_random_open(~c->plan.seed, (uint64_t)index);

    return dc_axes_case(&r, &c->rows[index], c->plan.budget, made);
}
