/* SPDX-License-Identifier: MIT
 *
 * The cases of a run: filtered, then dealt out to the shards in turn.
 */
#include "cases/select.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "cases/space/further.h"
#include "cases/space/scope_items.h"

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

/* ==== The scope ========================================================= */

/* What is selected so far, for all shards: which further cases there are
 * depends on every case before them. */
typedef struct {
    const dc_filter *f;
    const dc_sweep *sweep;
    dc_selection *s;
    dc_item *outside; /* cases and illegal problems of the sweep that are
                       * outside the scope */
    int64_t n_outside;
    dc_item *illegal; /* all illegal problems of the sweep */
    int64_t n_illegal;
} selecting;

static void take(selecting *x, const dc_item *item)
{
    x->s->items[x->s->count++] = *item;
}

/* Draws one item of a kind. */
static bool draw(selecting *x, dc_further *further, dc_item_kind kind,
                 dc_item *item)
{
    *item = (dc_item){.kind = kind};
    return kind == DC_ITEM_CASE
               ? dc_further_draw(further, item)
               : dc_further_break(further, x->illegal, x->n_illegal, item);
}

/* Takes further items of a kind in place of those outside: first these
 * themselves, changed, then random ones. */
static void take_further(selecting *x, dc_further *further, dc_item_kind kind)
{
    int64_t missing = 0;
    dc_item item;

    for (int64_t k = 0; k < x->n_outside; k++) {
        item = x->outside[k];
        if (item.kind != kind)
            continue;
        if (kind == DC_ITEM_CASE)
            item = (dc_item){.c = item.c};
        if (dc_further_fit(further, &item) && matches(x->f, &item))
            take(x, &item);
        else
            missing++;
    }
    for (; missing > 0 && draw(x, further, kind, &item); missing--)
        if (matches(x->f, &item))
            take(x, &item);
    x->s->short_of += missing;
}

/* Are others made of it if it is outside? */
static bool can_be_made(const dc_item *item)
{
    return item->kind == DC_ITEM_CASE || item->kind == DC_ITEM_REFUSAL;
}

static dc_status select_further(selecting *x, dc_error *e)
{
    dc_further further;
    dc_status status;

    if (x->n_outside == 0)
        return DC_OK;
    status = dc_further_open(&further, x->sweep, &x->f->scope,
                             x->s->count + x->n_outside, e);
    if (status != DC_OK)
        return status;
    for (int64_t k = 0; k < x->s->count; k++)
        if (can_be_made(&x->s->items[k]))
            (void)dc_further_add(&further, &x->s->items[k]);
    take_further(x, &further, DC_ITEM_CASE);
    take_further(x, &further, DC_ITEM_REFUSAL);
    x->s->held = x->s->count;
    dc_further_close(&further);
    return DC_OK;
}

/* ==== Selection ========================================================= */

/* Takes the items that pass the filter; on an error the caller frees s. */
static dc_status select_items(selecting *x, int64_t all, dc_error *e)
{
    const dc_filter *const f = x->f;

    for (int64_t i = 0; i < all; i++) {
        dc_item item;
        const dc_status status = get_item(f, x->sweep, i, &item, e);

        if (status != DC_OK)
            return status;
        if (!is_asked(f, &item) || !matches(f, &item) || !has_dtype(f, &item))
            continue;
        if (f->scope.given && item.kind == DC_ITEM_REFUSAL)
            x->illegal[x->n_illegal++] = item;
        if (dc_scope_items_has(&item, &f->scope))
            take(x, &item);
        else if (!f->n_cases && can_be_made(&item))
            x->outside[x->n_outside++] = item;
    }
    return select_further(x, e);
}

/* Keeps every item whose turn it is in this shard. */
static void keep_shard(const dc_filter *f, dc_selection *s)
{
    int64_t kept = 0;

    for (int64_t k = f->shard - 1; k < s->count; k += f->shards)
        s->items[kept++] = s->items[k];
    s->count = kept;
}

/* The same with the sweep opened.  On an error the caller frees s. */
static dc_status select_from(const dc_filter *f, const dc_sweep *sweep,
                             dc_selection *s, dc_error *e)
{
    const int64_t all = f->n_cases ? f->n_cases : dc_sweep_count(sweep);
    selecting x = {.f = f, .sweep = sweep, .s = s};
    dc_status status;

    s->items = malloc((size_t)(all + 1) * sizeof *s->items);
    if (f->scope.given) {
        x.outside = malloc((size_t)(all + 1) * sizeof *x.outside);
        x.illegal = malloc((size_t)(all + 1) * sizeof *x.illegal);
    }
    if (!s->items || (f->scope.given && (!x.outside || !x.illegal)))
        status = dc_nomem(e);
    else
        status = select_items(&x, all, e);
    free(x.outside);
    free(x.illegal);
    if (status != DC_OK)
        return status;
    if (s->count == 0)
        return dc_invalid(e, "no case is left after the filters");
    keep_shard(f, s);
    return s->count ? DC_OK
                    : dc_invalid(e, "shard %d/%d holds no case", f->shard,
                                 f->shards);
}

dc_status dc_select(const dc_filter *f, dc_selection *s, dc_error *e)
{
    dc_sweep sweep = f->sweep;
    dc_status status = DC_OK;

    *s = (dc_selection){.items = NULL};
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
    *s = (dc_selection){.items = NULL};
}
