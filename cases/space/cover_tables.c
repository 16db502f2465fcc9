/* SPDX-License-Identifier: MIT
 *
 * The tables of what exists together, filled from a walk over small axes.
 */
#include "cases/space/cover_tables.h"

#include <stdlib.h>
#include <string.h>

#include "cases/space/axes.h"

/* Level vectors of one axis that were met, by pads equal or not. */
typedef struct {
    unsigned char *met[2];
    int last;
} meeting;

static int extent_levels(int last, int f)
{
    return dc_factors[(last ? DC_F_LAST : DC_F_FIRST) + f].levels;
}

static void meet(void *state, const dc_axis *axis, const int8_t *at, int equal)
{
    const meeting *m = state;
    size_t key = 0;

    (void)axis;
    for (int f = 0; f < DC_A_FACTORS; f++)
        key = key * (size_t)extent_levels(m->last, f) + (size_t)at[f];
    m->met[equal][key] = 1;
}

static dc_status axis_table(dc_cover_table *t, int last)
{
    const dc_axes_walk walk = {.last = last,
                               .equal = -1,
                               .want = {-1, -1, -1, -1, -1, -1, -1, -1},
                               .see = meet,
                               .state = &(meeting){{NULL, NULL}, last}};
    meeting *m = walk.state;
    size_t size = 1;

    t->base = last ? DC_F_LAST : DC_F_FIRST;
    t->width = DC_A_FACTORS;
    for (int f = 0; f < DC_A_FACTORS; f++)
        size *= (size_t)extent_levels(last, f);
    m->met[0] = calloc(size, 1);
    m->met[1] = calloc(size, 1);
    t->entry = malloc(2 * size * sizeof *t->entry);
    if (m->met[0] && m->met[1] && t->entry) {
        dc_axes_visit(&walk);
        for (int equal = 0; equal < 2; equal++) {
            for (size_t key = 0; key < size; key++) {
                size_t rest = key;

                if (!m->met[equal][key])
                    continue;
                for (int f = DC_A_FACTORS - 1; f >= 0; f--) {
                    const size_t n = (size_t)extent_levels(last, f);

                    t->entry[t->count][f] = (int8_t)(rest % n);
                    rest /= n;
                }
                t->count++;
            }
            if (!equal)
                t->unequal = t->count;
        }
    }
    free(m->met[0]);
    free(m->met[1]);
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
        const int one[5] = {1, ci > 0, ci > 0, ci == 0 && co == 0,
                            ci == 0 && co > 0};

        if (one[g])
            memcpy(t->entry[t->count++],
                   (int8_t[3]){(int8_t)g, (int8_t)ci, (int8_t)co}, 3);
    }
    return t->entry ? DC_OK : DC_NOMEM;
}

void dc_cover_entries(const dc_cover_tables *c, int k, int rank, int pads,
                      int *from, int *to)
{
    const dc_cover_table *t = &c->table[k];

    /* 1: equal, 0: unequal, -1: either; by table and level of pads */
    static const int wants[DC_COVER_TABLES][3] = {
        {-1, -1, -1}, {1, -1, 0}, {1, 0, 1}};
    const int want = wants[k][pads];

    *from = want == 1 ? t->unequal : 0;
    *to = k == 1 && rank == 0 ? *from : want == 0 ? t->unequal : t->count;
}

static int fits(const dc_cover_table *t, int e, const int8_t *at)
{
    for (int f = 0; f < t->width; f++)
        if (at[t->base + f] >= 0 && at[t->base + f] != t->entry[e][f])
            return 0;
    return 1;
}

/* Is there an entry in every table?  The first axis of rank 1 needs none, and
 * must not be said. */
static int possible_with(const dc_cover_tables *c, const int8_t *at, int rank,
                         int pads)
{
    if (rank == 0) {
        if (pads == 2)
            return 0;
        for (int f = DC_F_FIRST; f < DC_F_LAST; f++)
            if (at[f] >= 0)
                return 0;
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
            return 0;
    }
    return 1;
}

int dc_cover_openings(const dc_cover_tables *c, const int8_t *at,
                      int first_only, int found[9][2])
{
    int n = 0;

    for (int rank = 0; rank < 3; rank++)
        for (int pads = 0; pads < 3; pads++)
            if ((at[DC_F_RANK] < 0 || at[DC_F_RANK] == rank) &&
                (at[DC_F_PADS] < 0 || at[DC_F_PADS] == pads) &&
                possible_with(c, at, rank, pads)) {
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
        status = axis_table(&t->table[k], k == 2);
    return status;
}

void dc_cover_tables_close(dc_cover_tables *t)
{
    for (int k = 0; k < DC_COVER_TABLES; k++)
        free(t->table[k].entry);
}
