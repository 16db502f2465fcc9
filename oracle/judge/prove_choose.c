/* SPDX-License-Identifier: MIT
 *
 * Selects the geometries of a run whose structure is proven.
 */
#include <stdlib.h>
#include <string.h>

#include "oracle/judge/prove.h"

const int dc_prove_most[DC_TIERS] = {
    [DC_SMOKE] = 12, [DC_CI] = 60, [DC_FULL] = 400};

dc_case dc_prove_axes(const dc_case *c)
{
    dc_case one = *c;

    one.p.n = one.p.ci = one.p.co = one.p.g = 1;
    one.p.has_bias = one.p.unbatched = 0;
    return one;
}

/* Is the item the one of the small scope (cases/space/small_scope.h) to prove
 * its axes with?  Of the two cases that a 1d geometry has there, it is the one
 * with the larger batch. */
static bool is_of_scope(const dc_item *item)
{
    const dc_problem *p = &item->c.p;

    return item->kind == DC_ITEM_CASE && item->name &&
           strcmp(item->name, "small-scope") == 0 &&
           (p->rank > 1 || (p->co == p->k[0] &&
                            (p->n == p->i[0] || p->n == p->o[0] * p->k[0])));
}

/* Could the case be one of the small scope that somebody named? */
static bool is_small(const dc_case *c)
{
    for (int a = 0; a < c->p.rank; a++)
        if (c->p.i[a] > 4 || c->p.k[a] > 4 || c->p.s[a] > 4)
            return false;
    return c->family == DC_INT && c->p.ci == 1;
}

dc_proving *dc_prove_choose(const dc_item *items, int64_t count,
                            const bool ops[DC_OPS], int most)
{
    enum { CHEAP = 150 };
    dc_proving *proving = calloc((size_t)count + 1, sizeof *proving);
    dc_problem *seen = calloc((size_t)most + 1, sizeof *seen);
    dc_problem scope = {0};
    int chosen = 0;

    for (int64_t i = 0; proving && seen && i < count; i++) {
        dc_problem p = items[i].c.p;
        bool known = false;

        if (is_of_scope(&items[i])) {
            p = dc_prove_axes(&items[i].c).p;
            if (!dc_problem_equal(&scope, &p))
                proving[i] = DC_PROVE_AXES;
            scope = p;
            continue;
        }
        if (chosen == most || items[i].kind != DC_ITEM_CASE)
            continue;
        const int64_t cost = dc_prove_cost(&p, ops);
        p.n = 1;
        p.has_bias = 0;
        for (int k = 0; k < chosen && !known; k++)
            known = dc_problem_equal(&seen[k], &p);
        if (known || cost == 0)
            continue;
        if (cost <= CHEAP)
            proving[i] = DC_PROVE_CASE;
        else if (count <= most && is_small(&items[i].c))
            proving[i] = DC_PROVE_AXES; /* reproduces a finding of the scope */
        else
            continue;
        seen[chosen++] = p;
    }
    free(seen);
    return proving;
}
