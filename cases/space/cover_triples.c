/* SPDX-License-Identifier: MIT
 *
 * The triples of levels that no row covers yet.
 */
#include "cases/space/cover_internal.h"

#include <string.h>

#include "ref/integer.h"

int dc_cover_levels_of(int f)
{
    return f == DC_COVER_ANY ? 1 : dc_factors[f].levels;
}

bool dc_cover_is_degenerate(int f, int level)
{
    return f != DC_COVER_ANY && (dc_factors[f].degenerate >> level & 1);
}

bool dc_cover_planned(const dc_cover *c, int f, int level)
{
    if (f != DC_F_DTYPE)
        return true;
    for (int d = 0; d < c->plan.n_dtypes; d++)
        if (c->plan.dtypes[d] == level)
            return true;
    return false;
}

/* The third factor of a triple is in first_third..last_third. */
static int first_third(const dc_cover *c, int f2)
{
    return c->plan.strength == 2 ? DC_COVER_ANY : f2 + 1;
}

static int last_third(const dc_cover *c)
{
    return c->plan.strength == 2 ? DC_COVER_ANY : DC_FACTORS - 1;
}

static void order(int64_t *a, int64_t *b)
{
    const int64_t less = dc_min(*a, *b);

    *b = dc_max(*a, *b);
    *a = less;
}

/* The triple of three levels, in any order. */
static unsigned char *triple(const dc_cover *c, int f1, int l1, int f2, int l2,
                             int f3, int l3)
{
    const int64_t all = c->start[DC_COVER_FACTORS];
    int64_t x = c->start[f1] + l1;
    int64_t y = c->start[f2] + l2;
    int64_t z = c->start[f3] + l3;

    order(&x, &y);
    order(&y, &z);
    order(&x, &y);
    return &c->open[(x * all + y) * all + z];
}

/* Opens the possible triples of three factors. */
static void open_factors(dc_cover *c, int f1, int f2, int f3)
{
    int8_t at[DC_COVER_FACTORS];
    int found[9][2];

    memset(at, -1, sizeof at);
    for (int l1 = 0; l1 < dc_cover_levels_of(f1); l1++)
        for (int l2 = 0; l2 < dc_cover_levels_of(f2); l2++)
            for (int l3 = 0; l3 < dc_cover_levels_of(f3); l3++) {
                at[f1] = (int8_t)l1;
                at[f2] = (int8_t)l2;
                at[f3] = (int8_t)l3;
                *triple(c, f1, l1, f2, l2, f3, l3) =
                    dc_cover_planned(c, f1, l1) &&
                    dc_cover_planned(c, f2, l2) &&
                    dc_cover_planned(c, f3, l3) &&
                    dc_cover_openings(&c->tables, at, true, found) > 0;
            }
}

void dc_cover_open_triples(dc_cover *c)
{
    for (int f1 = 0; f1 < DC_FACTORS; f1++)
        for (int f2 = f1 + 1; f2 < DC_FACTORS; f2++)
            for (int f3 = first_third(c, f2); f3 <= last_third(c); f3++)
                open_factors(c, f1, f2, f3);
}

int dc_cover_required(const dc_cover *c, const dc_cover_work *x,
                      int must[DC_COVER_FACTORS])
{
    unsigned met = 0;
    int n = 0;

    for (int f = 0; f < DC_FACTORS; f++)
        if (x->at[f] >= 0 && dc_cover_is_degenerate(f, x->at[f]) &&
            !(met & dc_factors[f].degeneracy)) {
            must[n++] = f;
            met |= dc_factors[f].degeneracy;
        }
    if (c->plan.strength == 2)
        must[n++] = DC_COVER_ANY;
    return n;
}

int dc_cover_gain(const dc_cover *c, const dc_cover_work *x, int f, int level,
                  const int *must, int n_must)
{
    const int m1 = n_must > 0 ? must[0] : -1;
    const int m2 = n_must > 1 ? must[1] : -1;
    int sum = 0;

    if (n_must > 2)
        return 0;
    if (n_must == 2)
        return *triple(c, f, level, m1, x->at[m1], m2, x->at[m2]);
    for (int h = 0; h < DC_COVER_FACTORS; h++) {
        if (x->at[h] < 0 || h == f || h == m1)
            continue;
        if (n_must == 1) {
            sum += *triple(c, f, level, m1, x->at[m1], h, x->at[h]);
            continue;
        }
        for (int q = h + 1; q < DC_COVER_FACTORS; q++)
            if (x->at[q] >= 0 && q != f)
                sum += *triple(c, f, level, h, x->at[h], q, x->at[q]);
    }
    return sum;
}

void dc_cover_close_triples(dc_cover *c, const dc_cover_work *x)
{
    dc_levels all;
    unsigned bits;

    memcpy(all.at, x->at, sizeof all.at);
    bits = dc_factors_degenerate(&all);
    for (int f1 = 0; f1 < DC_FACTORS; f1++)
        for (int f2 = f1 + 1; f2 < DC_FACTORS; f2++)
            for (int f3 = first_third(c, f2); f3 <= last_third(c); f3++) {
                dc_levels held;

                if (x->at[f1] < 0 || x->at[f2] < 0 || x->at[f3] < 0)
                    continue;
                memset(&held, -1, sizeof held);
                held.at[f1] = x->at[f1];
                held.at[f2] = x->at[f2];
                if (f3 != DC_COVER_ANY)
                    held.at[f3] = x->at[f3];
                if (dc_factors_degenerate(&held) == bits)
                    *triple(c, f1, x->at[f1], f2, x->at[f2], f3, x->at[f3]) = 0;
            }
}
