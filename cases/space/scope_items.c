/* SPDX-License-Identifier: MIT
 *
 * A scenario has several problems; one row for each kind says which.
 */
#include "cases/space/scope_items.h"

#include "cases/catalog/catalog.h"
#include "cases/catalog/scenarios.h"
#include "cases/catalog/sequences.h"

/* Is this case inside, in the storage type of the item? */
static bool has_text(const dc_scope *scope, const dc_item *item,
                     const char *text)
{
    dc_case c;

    (void)dc_case_parse(text, &c, NULL); /* cannot fail: a test reads them */
    c.p.dtype = item->c.p.dtype;
    return dc_scope_has(scope, &c.p);
}

static bool has_case(const dc_item *item, const dc_scope *scope)
{
    return dc_scope_has(scope, &item->c.p);
}

static bool has_refusal(const dc_item *item, const dc_scope *scope)
{
    const dc_refusal *const row = &dc_refusals[item->row];
    dc_problem illegal;

    return dc_scope_has(scope, &item->c.p) &&
           dc_refusal_make(row, &item->c.p, &illegal) &&
           dc_scope_has_illegal(scope, &illegal, row->field);
}

static bool has_alternation(const dc_item *item, const dc_scope *scope)
{
    const dc_alternation *const row = &dc_alternations[item->row];

    return has_text(scope, item, row->a) && has_text(scope, item, row->b);
}

static bool has_sequence(const dc_item *item, const dc_scope *scope)
{
    const dc_sequence *const row = &dc_sequences[item->row];

    for (int k = 0; k < dc_sequence_problems(row); k++) {
        dc_case c;

        (void)dc_sequence_case(row, k, &c, NULL); /* as above */
        if (!row->types)
            c.p.dtype = item->c.p.dtype;
        if (!dc_scope_has(scope, &c.p))
            return false;
    }
    return true;
}

static bool has_threads(const dc_item *item, const dc_scope *scope)
{
    for (int k = 0; dc_thread_cases[k]; k++)
        if (!has_text(scope, item, dc_thread_cases[k]))
            return false;
    return true;
}

static bool has_large(const dc_item *item, const dc_scope *scope)
{
    return has_text(scope, item, dc_larges[item->row].spec);
}

bool dc_scope_items_has(const dc_item *item, const dc_scope *scope)
{
    static bool (*const kinds[DC_ITEM_KINDS])(const dc_item *,
                                              const dc_scope *) = {
        [DC_ITEM_CASE] = has_case,
        [DC_ITEM_REFUSAL] = has_refusal,
        [DC_ITEM_ALTERNATION] = has_alternation,
        [DC_ITEM_SEQUENCE] = has_sequence,
        [DC_ITEM_THREADS] = has_threads,
        [DC_ITEM_LARGE] = has_large,
    };

    return !scope->given || kinds[item->kind](item, scope);
}
