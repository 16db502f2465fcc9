/* SPDX-License-Identifier: MIT
 *
 * Cases of a tier are changed only as far as the scope demands: one that asks
 * for a threshold of channels still asks for it in another rank.
 */
#include "cases/space/further.h"

#include <stdlib.h>
#include <string.h>

#include "cases/space/scope_items.h"
#include "ref/integer.h"

/* What a case costs: multiplications, or elements of its largest tensor;
 * INT64_MAX if it does not fit. */
static int64_t cost_of(const dc_problem *p)
{
    int64_t cost = 1;
    bool over = false;

    over |= __builtin_mul_overflow(p->n, p->ci, &cost);
    over |= __builtin_mul_overflow(cost, p->co / p->g, &cost);
    for (int a = 0; a < p->rank; a++) {
        over |= __builtin_mul_overflow(cost, p->i[a], &cost);
        over |= __builtin_mul_overflow(cost, p->k[a], &cost);
    }
    if (over)
        return INT64_MAX;
    for (int t = 0; t < DC_TENSORS; t++)
        cost = dc_max(cost, dc_problem_count(p, (dc_tensor)t));
    return cost;
}

dc_status dc_further_open(dc_further *f, const dc_sweep *sweep,
                          const dc_scope *scope, int64_t most, dc_error *e)
{
    dc_problem least;
    dc_status status;

    *f = (dc_further){.sweep = sweep, .scope = scope, .places = 64};
    status = dc_scope_find(scope, &least, e);
    if (status != DC_OK)
        return status;
    /* a scope of large problems only has its own measure */
    f->budget = dc_max(dc_sweep_budget(sweep->tier),
                       4 * dc_min(cost_of(&least), INT64_MAX / 4));
    while (f->places < 4 * (uint64_t)most)
        f->places *= 2;
    f->seen = calloc(f->places, sizeof *f->seen);
    return f->seen ? DC_OK : dc_nomem(e);
}

void dc_further_close(dc_further *f)
{
    free(f->seen);
    f->seen = NULL;
}

/* Two cases that share it are taken for the same, which costs one of them. */
static uint64_t hash_of(const dc_case *c)
{
    uint64_t hash = dc_random_hash((uint64_t)c->p.dtype, (uint64_t)c->family);

    for (int f = 0; f < DC_SCOPE_FIELDS; f++) {
        const int axes = dc_scope_is_axial((dc_scope_field)f) ? c->p.rank : 1;

        for (int a = 0; a < axes; a++)
            hash = dc_random_hash(
                hash, (uint64_t)dc_scope_get(&c->p, (dc_scope_field)f, a));
    }
    return hash ? hash : 1;
}

bool dc_further_add(dc_further *f, const dc_item *item)
{
    const uint64_t own = hash_of(&item->c);
    const uint64_t hash =
        item->kind == DC_ITEM_CASE
            ? own
            : dc_random_hash(own, 1 + (uint64_t)item->row) | 1;
    uint64_t at = hash & (f->places - 1);

    for (; f->seen[at]; at = (at + 1) & (f->places - 1))
        if (f->seen[at] == hash)
            return false;
    f->seen[at] = hash;
    return true;
}

bool dc_further_fit(dc_further *f, dc_item *item)
{
    dc_case *const c = &item->c;
    dc_random r = dc_random_open(c->seed, hash_of(c));
    const int64_t most = dc_max(f->budget, cost_of(&c->p));

    return dc_scope_fit(f->scope, &r, &c->p, NULL) == DC_OK &&
           cost_of(&c->p) <= most && dc_scope_items_has(item, f->scope) &&
           dc_further_add(f, item);
}

bool dc_further_draw(dc_further *f, dc_item *item)
{
    enum { DRAWS = 3000 };

    for (int k = 0; k < DRAWS; k++)
        if (dc_sweep_further(f->sweep, f->scope, f->index++, &item->c) &&
            cost_of(&item->c.p) <= f->budget &&
            dc_scope_items_has(item, f->scope) && dc_further_add(f, item))
            return true;
    return false;
}

bool dc_further_break(dc_further *f, const dc_item *rows, int64_t count,
                      dc_item *item)
{
    enum { DRAWS = 100 };

    for (int k = 0; k < DRAWS; k++) {
        dc_case c;

        if (!dc_sweep_further(f->sweep, f->scope, f->index++, &c) ||
            cost_of(&c.p) > f->budget)
            continue;
        for (int64_t r = 0; r < count; r++) {
            *item = rows[f->broken++ % count];
            item->c = c;
            if (dc_scope_items_has(item, f->scope) && dc_further_add(f, item))
                return true;
        }
    }
    return false;
}
