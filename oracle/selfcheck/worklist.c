/* SPDX-License-Identifier: MIT
 *
 * The items of a tier, and their order.
 */
#include "oracle/selfcheck/worklist.h"

#include <stdlib.h>
#include <string.h>

#include "ref/counts.h"

/* Estimate of the time that an item takes, in products plus elements.  A
 * refusal needs a new process, an alternation three cases, and a change of the
 * number of threads many. */
static int64_t price_of(const dc_item *item)
{
    static const int64_t by_kind[] = {[DC_ITEM_REFUSAL] = 10000,
                                      [DC_ITEM_ALTERNATION] = 15000,
                                      [DC_ITEM_SEQUENCE] = 90000,
                                      [DC_ITEM_THREADS] = 100000,
                                      [DC_ITEM_LARGE] = INT64_MAX};
    const dc_problem *const p = &item->c.p;
    dc_counts n;

    if (item->kind != DC_ITEM_CASE)
        return by_kind[item->kind];
    return dc_counts_of(p, &n, NULL) != DC_OK
               ? INT64_MAX
               : n.mul[DC_FORWARD] + dc_problem_count(p, DC_X) +
                     dc_problem_count(p, DC_W) + dc_problem_count(p, DC_Y);
}

/* A rank that mixes the parts of a tier, the same in every run: multiples of
 * the golden ratio spread evenly. */
static int64_t mixed(int64_t index)
{
    return (int64_t)((uint64_t)index * 0x9E3779B97F4A7C15 >> 1);
}

int dc_worklist_by_price(const void *a, const void *b)
{
    const dc_priced *const u = a;
    const dc_priced *const v = b;

    if (u->price != v->price)
        return u->price < v->price ? -1 : 1;
    return (u->index > v->index) - (u->index < v->index);
}

void dc_worklist_close(dc_worklist *w)
{
    free(w->order);
    free(w->prove);
    dc_select_free(&w->cases);
    memset(w, 0, sizeof *w);
}

dc_status dc_worklist_select(dc_selection *cases, dc_tier tier, dc_error *e)
{
    /* as `verify --tier T` of an implementation that offers every dtype */
    const dc_filter filter = {
        .sweep = {tier, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL},
        .whole = true,
        .shard = 1,
        .shards = 1,
    };

    return dc_select(&filter, cases, e);
}

dc_status dc_worklist_open(dc_worklist *w, dc_tier tier, int64_t every,
                           bool cheap_first, dc_error *e)
{
    const bool ops[DC_OPS] = {true, true, true, true};
    dc_status status;
    dc_priced *list;

    memset(w, 0, sizeof *w);
    status = dc_worklist_select(&w->cases, tier, e);
    if (status != DC_OK)
        return status;
    w->prove = dc_prove_choose(w->cases.items, w->cases.count, ops,
                               dc_prove_most[tier]);
    w->order = calloc((size_t)w->cases.count + 1, sizeof *w->order);
    list = calloc((size_t)w->cases.count + 1, sizeof *list);
    if (!w->order || !list) {
        free(list);
        dc_worklist_close(w);
        return dc_nomem(e);
    }
    for (int64_t i = 0; i < w->cases.count; i += every) {
        list[w->count].price =
            cheap_first ? price_of(&w->cases.items[i]) : mixed(i);
        list[w->count++].index = i;
    }
    qsort(list, (size_t)w->count, sizeof *list, dc_worklist_by_price);
    for (int64_t k = 0; k < w->count; k++)
        w->order[k] = list[k].index;
    free(list);
    return DC_OK;
}
