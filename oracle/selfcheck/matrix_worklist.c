/* SPDX-License-Identifier: MIT
 *
 * The items of a tier in a row, those that are judged quickly first where that
 * is wanted.
 */
#include "oracle/selfcheck/matrix_worklist.h"

#include <stdlib.h>
#include <string.h>

#include "oracle/judge/prove.h"
#include "ref/counts.h"

/* About how long an item takes: products and elements.  A refusal costs a new
 * process, an alternation three cases, another number of threads many. */
static int64_t price(const dc_item *item)
{
    static const int64_t questions[] = {[DC_ITEM_REFUSAL] = 10000,
                                        [DC_ITEM_ALTERNATION] = 15000,
                                        [DC_ITEM_THREADS] = 100000,
                                        [DC_ITEM_LARGE] = INT64_MAX};
    const dc_problem *const p = &item->c.p;
    dc_counts n;

    if (item->kind != DC_ITEM_CASE)
        return questions[item->kind];
    return dc_counts_of(p, &n, NULL) != DC_OK
               ? INT64_MAX
               : n.mul[DC_FORWARD] + dc_problem_count(p, DC_X) +
                     dc_problem_count(p, DC_W) + dc_problem_count(p, DC_Y);
}

typedef struct {
    int64_t price;
    int64_t index;
} priced;

static int by_price(const void *a, const void *b)
{
    const priced *const u = a;
    const priced *const v = b;

    if (u->price != v->price)
        return u->price < v->price ? -1 : 1;
    return (u->index > v->index) - (u->index < v->index);
}

void dc_worklist_close(dc_worklist *a)
{
    free(a->order);
    free(a->prove);
    dc_select_free(&a->cases);
    memset(a, 0, sizeof *a);
}

dc_status dc_worklist_open(dc_worklist *a, dc_tier tier, int64_t every,
                           int cheap_first, dc_error *e)
{
    /* as `verify --tier T` for one who offers every type and operation */
    const int ops[DC_OPS] = {1, 1, 1, 1};
    const dc_filter filter = {
        .sweep = {tier, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL},
        .whole = true,
        .shard = 1,
        .shards = 1,
    };
    const dc_status status = dc_select(&filter, &a->cases, e);
    priced *list = NULL;

    if (status != DC_OK)
        return status;
    a->prove = dc_prove_choose(a->cases.items, a->cases.count, ops,
                               dc_prove_most[tier]);
    a->order = calloc((size_t)a->cases.count + 1, sizeof *a->order);
    list = calloc((size_t)a->cases.count + 1, sizeof *list);
    for (int64_t i = 0; a->order && list && i < a->cases.count; i += every) {
        list[a->count].price = cheap_first ? price(&a->cases.items[i]) : 0;
        list[a->count++].index = i;
    }
    if (list)
        qsort(list, (size_t)a->count, sizeof *list, by_price);
    for (int64_t k = 0; list && k < a->count; k++)
        a->order[k] = list[k].index;
    free(list);
    if (a->order && list)
        return DC_OK;
    dc_worklist_close(a);
    return dc_nomem(e);
}
