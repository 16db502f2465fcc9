/* SPDX-License-Identifier: MIT
 *
 * Builds and queries the tables of level combinations that occur in a legal
 * problem.
 */
#include "cases/space/cover_internal.h"

#include <stdlib.h>
#include <string.h>

#include "cases/space/axes.h"

/* The combinations of levels of one axis that occurred: seen[equal][key], with
 * equal = (pb == pe) and key = the levels read as a mixed-radix number. */
typedef struct {
    bool *seen[2];
    int base; /* first factor: DC_F_FIRST or DC_F_LAST */
} axis_levels;

static void mark(void *state, const dc_axis *axis, const int8_t *at)
{
    const axis_levels *x = state;
    size_t key = 0;

    for (int f = 0; f < DC_A_FACTORS; f++)
        key = key * (size_t)dc_factors[x->base + f].levels + (size_t)at[f];
    x->seen[axis->pb == axis->pe][key] = true;
}

static void add_entry(dc_cover_table *t, size_t key)
{
    for (int f = DC_A_FACTORS - 1; f >= 0; f--) {
        const size_t n = (size_t)dc_factors[t->base + f].levels;

        t->entry[t->count][f] = (int8_t)(key % n);
        key /= n;
    }
    t->count++;
}

static dc_status axis_table(dc_cover_table *t, int base)
{
    axis_levels x = {.base = base};
    const dc_axes_walk walk = {.last = base == DC_F_LAST,
                               .want = {-1, -1, -1, -1, -1, -1, -1, -1},
                               .visit = mark,
                               .state = &x};
    size_t size = 1;

    t->base = base;
    t->width = DC_A_FACTORS;
    for (int f = 0; f < DC_A_FACTORS; f++)
        size *= (size_t)dc_factors[base + f].levels;
    for (int equal = 0; equal < 2; equal++)
        x.seen[equal] = calloc(size, sizeof(bool));
    t->entry = malloc(2 * size * sizeof *t->entry);
    if (x.seen[0] && x.seen[1] && t->entry) {
        dc_axes_visit(&walk);
        for (int equal = 0; equal < 2; equal++) {
            /* the last pass sets where equal ones begin */
            t->unequal = t->count;
            for (size_t key = 0; key < size; key++)
                if (x.seen[equal][key])
                    add_entry(t, key);
        }
    }
    free(x.seen[0]);
    free(x.seen[1]);
    return t->count ? DC_OK : DC_NOMEM;
}

static dc_status channel_table(dc_cover_table *t)
{
    const int n = dc_factors[DC_F_CI].levels;

    t->base = DC_F_GROUP;
    t->width = 3;
    t->entry = malloc((size_t)(5 * n * n) * sizeof *t->entry);
    for (int e = 0; t->entry && e < 5 * n * n; e++) {
        const int g = e / n / n;
        const int ci = e / n % n;
        const int co = e % n;
        /* by level of groups: 1, 2, 3 and more, depthwise, multiplier */
        const bool possible[5] = {true, ci > 0, ci > 0, ci == 0 && co == 0,
                                  ci == 0 && co > 0};

        if (possible[g])
            memcpy(t->entry[t->count++],
                   (int8_t[3]){(int8_t)g, (int8_t)ci, (int8_t)co}, 3);
    }
    return t->entry ? DC_OK : DC_NOMEM;
}

void dc_cover_entries(const dc_cover_tables *c, int k, int rank, int pads,
                      int *from, int *to)
{
    const dc_cover_table *t = &c->table[k];

    /* [table][level of DC_F_PADS] */
    static const dc_pads_rule rules[DC_COVER_TABLES][3] = {
        {DC_PADS_ANY, DC_PADS_ANY, DC_PADS_ANY},
        {DC_PADS_EQUAL, DC_PADS_ANY, DC_PADS_UNEQUAL},
        {DC_PADS_EQUAL, DC_PADS_UNEQUAL, DC_PADS_EQUAL}};
    const dc_pads_rule rule = rules[k][pads];

    *from = rule == DC_PADS_EQUAL ? t->unequal : 0;
    *to = k == 1 && rank == 0       ? *from
          : rule == DC_PADS_UNEQUAL ? t->unequal
                                    : t->count;
}

static bool fits(const dc_cover_table *t, int e, const int8_t *at)
{
    for (int f = 0; f < t->width; f++)
        if (at[t->base + f] >= 0 && at[t->base + f] != t->entry[e][f])
            return false;
    return true;
}

/* Does every table have an entry that matches these levels?  Rank 1 has no
 * first axis, so that its table is skipped and its levels must be -1. */
static bool is_completable(const dc_cover_tables *c, const int8_t *at, int rank,
                           int pads)
{
    if (rank == 0) {
        if (pads == 2)
            return false;
        for (int f = DC_F_FIRST; f < DC_F_LAST; f++)
            if (at[f] >= 0)
                return false;
    }
    for (int k = 0; k < DC_COVER_TABLES; k++) {
        int e;
        int to;

        if (k == 1 && rank == 0)
            continue;
        dc_cover_entries(c, k, rank, pads, &e, &to);
        while (e < to && !fits(&c->table[k], e, at))
            e++;
        if (e >= to)
            return false;
    }
    return true;
}

int dc_cover_openings(const dc_cover_tables *c, const int8_t *at,
                      bool first_only, int found[9][2])
{
    int n = 0;

    for (int rank = 0; rank < 3; rank++)
        for (int pads = 0; pads < 3; pads++)
            if ((at[DC_F_RANK] < 0 || at[DC_F_RANK] == rank) &&
                (at[DC_F_PADS] < 0 || at[DC_F_PADS] == pads) &&
                is_completable(c, at, rank, pads)) {
                found[n][0] = rank;
                found[n++][1] = pads;
                if (first_only)
                    return n;
            }
    return n;
}

dc_status dc_cover_tables_open(dc_cover_tables *t)
{
    dc_status status;

    memset(t, 0, sizeof *t);
    status = channel_table(&t->table[0]);
    for (int k = 1; k < DC_COVER_TABLES && status == DC_OK; k++)
        status = axis_table(&t->table[k], k == 1 ? DC_F_FIRST : DC_F_LAST);
    return status;
}

void dc_cover_tables_close(dc_cover_tables *t)
{
    for (int k = 0; k < DC_COVER_TABLES; k++)
        free(t->table[k].entry);
}
