/* SPDX-License-Identifier: MIT
 *
 * Collects the cases of a pack: those of the sweep, or the network layers at
 * full size; for ONNX also the same problems written with its other
 * attributes.
 */
#include "oracle/verbs/vectors_plan.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/pack/pack_onnx.h"

/* ==== Items ============================================================= */

/* Selects the network layers at full size, each with exact and with rounded
 * data. */
static dc_status select_layers(const dc_settings *s, dc_selection *to,
                               dc_error *e)
{
    static const dc_family families[] = {DC_INT, DC_REAL};
    const dc_sweep *w = &s->filter.sweep;

    to->count = 0;
    to->items = calloc((size_t)dc_layers_count * 2 * 4, sizeof *to->items);
    if (!to->items)
        return dc_nomem(e);
    for (int f = 0; f < 2; f++)
        for (int d = 0; d < w->n_dtypes; d++)
            for (int r = 0; r < dc_layers_count; r++) {
                dc_item *item = &to->items[to->count];
                char name[DC_CASE_MAX];

                if (dc_case_parse(dc_layers[r].spec, &item->c, e) != DC_OK) {
                    free(to->items);
                    return DC_FAILED;
                }
                item->c.p.dtype = w->dtypes[d];
                item->c.family = families[f];
                item->c.seed = w->seed;
                item->name = dc_layers[r].name;
                item->hunts = dc_layers[r].network;
                dc_case_print(&item->c, name);
                to->count += !s->filter.match ||
                             fnmatch(s->filter.match, name, 0) == 0 ||
                             fnmatch(s->filter.match, item->name, 0) == 0;
            }
    if (to->count > 0)
        return DC_OK;
    free(to->items);
    return dc_invalid(e, "no case is left after the filters");
}

/* ==== The plan ========================================================== */

/* Refuses a case that the pack cannot have; the reason is in e. */
static dc_status admit(const dc_settings *s, const dc_pack_case *c, dc_error *e)
{
    enum { OPEN_MAX = 1 << 16 };

    for (int op = 0; op < DC_OPS && c->c.family == DC_SPECIAL; op++)
        if (dc_problem_count(&c->c.p, dc_ops[op].out) > OPEN_MAX)
            return dc_error_set(e, DC_UNSUPPORTED, "family", -1,
                                "too many elements for a list of those that "
                                "have several legal answers");
    return s->format->admit ? s->format->admit(c, e) : DC_OK;
}

/* Counts a case that is left out, by reason. */
static void leave_out(dc_vectors_plan *plan, const char *reason)
{
    dc_pack_reason *why = plan->why;

    while (why < plan->why + DC_VECTORS_REASONS - 2 && why->count &&
           strncmp(why->text, reason, sizeof why->text - 1) != 0)
        why++;
    if (!why->count)
        snprintf(why->text, sizeof why->text, "%.*s", (int)sizeof why->text - 1,
                 reason);
    why->count++;
    plan->left_out++;
}

/* Adds a case, or counts it as left out. */
static void add(const dc_settings *s, dc_vectors_plan *plan,
                const dc_item *item, const dc_case *c, const char *variant)
{
    dc_pack_case *to = &plan->cases[plan->count];
    dc_error e = {DC_OK, NULL, -1, ""};

    memset(to, 0, sizeof *to);
    to->c = *c;
    to->variant = variant;
    if (admit(s, to, &e) != DC_OK) {
        leave_out(plan, e.text);
        return;
    }
    dc_pack_identify(to);
    plan->labels[plan->count][0] = (dc_pack_label){item->name, item->hunts};
    to->n_labels = item->name != NULL;
    plan->count++;
}

/* Adds the problem as ONNX writes it with other attributes.  If these imply
 * other pads than the item's, the result is another case: it is added for
 * every named item, and for some of the others. */
static void add_variants(const dc_settings *s, dc_vectors_plan *plan,
                         const dc_item *item, int64_t index)
{
    enum { ONE_IN = 8 };

    for (int k = 0; k < dc_pack_variants_count; k++) {
        dc_case c = item->c;
        if (dc_pack_variant(&item->c.p, dc_pack_variants[k], &c.p, NULL) !=
            DC_OK)
            continue;
        if (item->name || index % ONE_IN == 0 ||
            dc_problem_equal(&c.p, &item->c.p))
            add(s, plan, item, &c, dc_pack_variants[k]);
    }
}

/* A case by its id, to find duplicates. */
typedef struct {
    const char *id;
    int64_t at;
} key;

static int by_id(const void *a, const void *b)
{
    const key *x = a;
    const key *y = b;
    const int order = strcmp(x->id, y->id);

    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Removes duplicates; the first of equal cases gets the labels of all. */
static dc_status merge(dc_vectors_plan *plan, dc_error *e)
{
    key *keys = malloc(((size_t)plan->count + 1) * sizeof *keys);
    int64_t kept = 0;
    int64_t first = 0;

    if (!keys)
        return dc_nomem(e);
    for (int64_t i = 0; i < plan->count; i++)
        keys[i] = (key){plan->cases[i].id, i};
    qsort(keys, (size_t)plan->count, sizeof *keys, by_id);
    for (int64_t i = 1; i < plan->count; i++) {
        dc_pack_case *one = &plan->cases[keys[first].at];
        dc_pack_case *two = &plan->cases[keys[i].at];

        if (strcmp(one->id, two->id) != 0) {
            first = i;
            continue;
        }
        if (two->n_labels && one->n_labels < DC_VECTORS_LABELS)
            plan->labels[keys[first].at][one->n_labels++] =
                plan->labels[keys[i].at][0];
        two->n_labels = -1;
    }
    free(keys);
    for (int64_t i = 0; i < plan->count; i++) {
        if (plan->cases[i].n_labels < 0)
            continue;
        plan->cases[kept] = plan->cases[i];
        memmove(plan->labels[kept], plan->labels[i], sizeof *plan->labels);
        plan->cases[kept].labels = plan->labels[kept];
        kept++;
    }
    plan->count = kept;
    return DC_OK;
}

dc_status dc_vectors_collect(const dc_settings *s, dc_vectors_plan *plan,
                             dc_error *e)
{
    const bool onnx = strcmp(s->format->name, "onnx") == 0;
    const size_t each = onnx ? 1 + (size_t)dc_pack_variants_count : 1;
    dc_selection chosen;
    dc_status status = s->layers && !s->filter.n_cases
                           ? select_layers(s, &chosen, e)
                           : dc_select(&s->filter, &chosen, e);

    memset(plan, 0, sizeof *plan);
    if (status != DC_OK)
        return status;
    plan->cases = calloc((size_t)chosen.count * each, sizeof *plan->cases);
    plan->labels = calloc((size_t)chosen.count * each, sizeof *plan->labels);
    if (!plan->cases || !plan->labels)
        status = dc_nomem(e);
    for (int64_t i = 0; i < chosen.count && status == DC_OK; i++) {
        add(s, plan, &chosen.items[i], &chosen.items[i].c, NULL);
        if (onnx)
            add_variants(s, plan, &chosen.items[i], i);
    }
    dc_select_free(&chosen);
    if (status == DC_OK)
        status = merge(plan, e);
    if (status == DC_OK && plan->count == 0)
        status =
            dc_invalid(e, "the format %s can express none of the %lld cases",
                       s->format->name, (long long)plan->left_out);
    if (status != DC_OK)
        dc_vectors_release(plan);
    return status;
}

void dc_vectors_release(dc_vectors_plan *plan)
{
    for (int64_t i = 0; i < plan->count; i++)
        for (int t = 0; t < DC_TENSORS; t++)
            free((int64_t *)(uintptr_t)plan->cases[i].open[t]);
    free(plan->cases);
    free(plan->labels);
    memset(plan, 0, sizeof *plan);
}
