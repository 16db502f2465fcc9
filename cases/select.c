/* SPDX-License-Identifier: MIT
 *
 * The cases of a run: filtered, then dealt out to the shards in turn.
 */
#include "cases/select.h"

#include <fnmatch.h>
#include <stdlib.h>

static bool matches(const dc_filter *f, const dc_item *item)
{
    char text[DC_CASE_MAX];

    if (!f->match)
        return true;
    dc_item_print(item, text);
    return fnmatch(f->match, text, 0) == 0 ||
           (item->name && fnmatch(f->match, item->name, 0) == 0);
}

static bool is_asked(const dc_filter *f, const dc_item *item)
{
    return !f->trusting || item->kind != DC_ITEM_REFUSAL;
}

/* Scenarios pass whatever the storage types are. */
static bool has_dtype(const dc_filter *f, const dc_item *item)
{
    if (f->sweep.n_dtypes == 0 || item->kind != DC_ITEM_CASE)
        return true;
    for (int d = 0; d < f->sweep.n_dtypes; d++)
        if (f->sweep.dtypes[d] == item->c.p.dtype)
            return true;
    return false;
}

/* The name of a scenario says nothing about its storage type: as in a sweep, it
 * is the first of those that are chosen. */
static dc_status get_item(const dc_filter *f, const dc_sweep *sweep,
                          int64_t index, dc_item *item, dc_error *e)
{
    dc_status status = DC_OK;

    if (f->n_cases)
        status = dc_item_parse(f->cases[index], item, e);
    else
        dc_sweep_case(sweep, index, item);
    if (f->n_cases && item->kind != DC_ITEM_CASE && f->sweep.n_dtypes)
        item->c.p.dtype = f->sweep.dtypes[0];
    return status;
}

/* The same with the sweep opened.  On an error the caller frees s. */
static dc_status select_from(const dc_filter *f, const dc_sweep *sweep,
                             dc_selection *s, dc_error *e)
{
    const int64_t all = f->n_cases ? f->n_cases : dc_sweep_count(sweep);
    int64_t matching = 0;

    s->items = malloc((size_t)(all + 1) * sizeof *s->items);
    if (!s->items)
        return dc_nomem(e);
    for (int64_t i = 0; i < all; i++) {
        dc_item *item = &s->items[s->count];
        const dc_status status = get_item(f, sweep, i, item, e);

        if (status != DC_OK)
            return status;
        if (is_asked(f, item) && matches(f, item) && has_dtype(f, item))
            s->count += matching++ % f->shards == f->shard - 1;
    }
    if (s->count > 0)
        return DC_OK;
    return dc_invalid(e,
                      matching ? "shard %d/%d holds no case"
                               : "no case is left after the filters",
                      f->shard, f->shards);
}

dc_status dc_select(const dc_filter *f, dc_selection *s, dc_error *e)
{
    dc_sweep sweep = f->sweep;
    dc_status status = DC_OK;

    *s = (dc_selection){NULL, 0};
    if (f->whole && !f->n_cases && dc_sweep_open(&sweep) != DC_OK)
        status = dc_nomem(e);
    if (status == DC_OK)
        status = select_from(f, &sweep, s, e);
    dc_sweep_close(&sweep);
    if (status != DC_OK)
        dc_select_free(s);
    return status;
}

void dc_select_free(dc_selection *s)
{
    free(s->items);
    *s = (dc_selection){NULL, 0};
}
