/* SPDX-License-Identifier: MIT
 *
 * The cases on which other people's checks are measured.
 */
#include "oracle/selfcheck/checkers_cases.h"

#include <stdlib.h>
#include <string.h>

#include "oracle/selfcheck/worklist.h"
#include "ref/counts.h"

enum {
    LIGHT = 60000,   /* products of a case of the share of ci, at most */
    HEAVY = 3000000, /* of any other case of ours */
    CHEAPEST = 3     /* cases for each mutant and operation */
};

static dc_status add_case(dc_checkers_cases *r, const dc_checkers_case *t,
                          dc_error *e)
{
    if (r->count == r->room) {
        const int64_t room = r->room ? 2 * r->room : 1024;
        dc_checkers_case *const more =
            realloc(r->list, (size_t)room * sizeof *more);

        if (!more)
            return dc_nomem(e);
        r->list = more;
        r->room = room;
    }
    r->list[r->count++] = *t;
    return DC_OK;
}

uint8_t dc_checkers_bits(const dc_checkers_case *t, const dc_rule *rule,
                         dc_op op)
{
    if (!dc_rule_compares(rule, op, t->c.p.dtype))
        return 0;
    if (t->suite)
        return (uint8_t)((strcmp(t->suite, rule->suite) == 0) << DC_ON_OWN);
    return (uint8_t)(1 << DC_ON_OURS | (t->c.family == DC_REAL) << DC_ON_REAL);
}

/* The shapes of a published check in one type, once for each kind of data. */
static dc_status add_published(dc_checkers_cases *r, const dc_checkers *x,
                               const dc_published *from, int dtype, dc_error *e)
{
    char text[DC_CASE_MAX];
    dc_checkers_case t = {.suite = from->suite};
    bool asked = false;
    dc_status status;

    snprintf(text, sizeof text, "%s_%s_real", from->text,
             dc_formats[dtype].name);
    status = dc_case_parse(text, &t.c, e);
    for (int k = 0; k < x->n_rows; k++)
        for (int op = 0; status == DC_OK && op < DC_OPS; op++)
            asked |= dc_checkers_bits(&t, x->rows[k].rule, (dc_op)op) != 0;
    for (int fill = (int)from->from;
         status == DC_OK && asked && fill <= (int)from->to; fill++) {
        t.fill = (dc_fill)fill;
        status = add_case(r, &t, e);
    }
    return status;
}

static int64_t products(const dc_item *item)
{
    dc_counts n;

    return item->kind == DC_ITEM_CASE && item->c.family <= DC_CANCEL &&
                   dc_counts_of(&item->c.p, &n, NULL) == DC_OK
               ? n.mul[DC_FORWARD]
               : INT64_MAX;
}

/* Takes the cheapest cases in which m alters op; price: by case. */
static void take_cheapest(const dc_mutant *m, dc_op op,
                          const dc_selection *cases, const int64_t *price,
                          bool *taken)
{
    int64_t best[CHEAPEST];
    int n = 0;

    for (int64_t i = 0; i < cases->count; i++) {
        int at = n;

        if (price[i] > HEAVY ||
            (n == CHEAPEST && price[i] >= price[best[n - 1]]) ||
            !dc_mutant_alters(m, &cases->items[i].c.p, op))
            continue;
        n += n < CHEAPEST;
        at = at < CHEAPEST ? at : CHEAPEST - 1;
        for (; at > 0 && price[best[at - 1]] > price[i]; at--)
            best[at] = best[at - 1];
        best[at] = i;
    }
    for (int k = 0; k < n; k++)
        taken[best[k]] = true;
}

/* Adds the case in its type, and in the others if `each`. */
static dc_status add_ours(dc_checkers_cases *r, const dc_case *c, bool each,
                          dc_error *e)
{
    dc_status status = DC_OK;

    for (int type = 0; type < DC_FORMATS && status == DC_OK; type++) {
        dc_checkers_case t = {.c = *c};

        t.c.p.dtype = type;
        if (each || type == c->p.dtype)
            status = add_case(r, &t, e);
    }
    return status;
}

/* Every `every`-th light case of a tier; and for each mutant the cheapest of
 * each operation, in every type, because not every rule has the type of the
 * case. */
static dc_status add_tier(dc_checkers_cases *r, const dc_checkers *x,
                          dc_tier tier, int64_t every, dc_error *e)
{
    dc_selection cases;
    bool *taken;
    int64_t *price;
    dc_status status = dc_worklist_select(&cases, tier, e);

    if (status != DC_OK)
        return status;
    taken = calloc((size_t)cases.count + 1, sizeof *taken);
    price = calloc((size_t)cases.count + 1, sizeof *price);
    if (!taken || !price)
        status = dc_nomem(e);
    for (int64_t i = 0; status == DC_OK && i < cases.count; i++)
        price[i] = products(&cases.items[i]);
    for (int m = 0; status == DC_OK && m < x->n_mutants; m++)
        for (int op = 0; op < DC_OPS; op++)
            take_cheapest(x->mutants[m], (dc_op)op, &cases, price, taken);
    for (int64_t i = 0; status == DC_OK && i < cases.count; i++)
        if (taken[i] || (i % every == 0 && price[i] <= LIGHT))
            status = add_ours(r, &cases.items[i].c, taken[i], e);
    free(taken);
    free(price);
    dc_select_free(&cases);
    return status;
}

/* A mutant that alters no operation and type of a rule on any case of ours is
 * not for that rule: it is about another type. */
static void hide_others(const dc_checkers_cases *r, dc_checkers *x)
{
    for (int m = 0; m < x->n_mutants; m++) {
        bool alters[DC_OPS][DC_FORMATS] = {{false}};

        for (int64_t i = 0; i < r->count; i++)
            for (int op = 0; op < DC_OPS; op++)
                alters[op][r->list[i].c.p.dtype] |=
                    dc_mutant_alters(x->mutants[m], &r->list[i].c.p, (dc_op)op);
        for (int k = 0; k < x->n_rows; k++) {
            dc_checkers_row *const row = &x->rows[k];
            bool seen = false;

            for (int op = 0; op < DC_OPS; op++)
                for (int type = 0; type < DC_FORMATS; type++)
                    seen |= alters[op][type] &&
                            dc_rule_compares(row->rule, (dc_op)op, type);
            row->visible[m] &= seen ? 0xff : 0;
        }
    }
}

dc_status dc_checkers_cases_list(dc_checkers_cases *cases, dc_checkers *x,
                                 int64_t every, dc_error *e)
{
    dc_status status = DC_OK;

    for (int k = 0; k < dc_publisheds_count && status == DC_OK; k++)
        for (int type = 0; type < DC_FORMATS && status == DC_OK; type++)
            status = add_published(cases, x, &dc_publisheds[k], type, e);
    if (every == 0 || status != DC_OK)
        return status;
    status = add_tier(cases, x, DC_SMOKE, every < 4 ? 1 : every, e);
    if (status == DC_OK)
        status = add_tier(cases, x, DC_CI, every, e);
    if (status == DC_OK)
        hide_others(cases, x);
    return status;
}
