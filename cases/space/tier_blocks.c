/* SPDX-License-Identifier: MIT
 *
 * The blocks of an opened sweep, and how items are written: a case by its case
 * string, a scenario as KIND:NAME.
 */
#include "cases/space/tier_blocks.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/catalog/scenarios.h"
#include "cases/catalog/sequences.h"
#include "cases/space/cover.h"
#include "cases/space/scale.h"
#include "cases/space/small_scope.h"
#include "cases/space/widths.h"
#include "ref/format.h"

/* Each edge shape in no storage type, in one of them in turn, or in all. */
typedef enum { EDGES_NONE, EDGES_SPREAD, EDGES_ALL } edges_use;

/* The blocks of each tier. */
static const struct {
    int strength; /* of the covering array; 0: none */
    int64_t budget;
    bool scope;
    edges_use edges;
    dc_item_kind first, last; /* kinds of scenarios */
} tiers[DC_TIERS] = {
    [DC_SMOKE] = {.first = DC_ITEM_REFUSAL, .last = DC_ITEM_REFUSAL},
    [DC_CI] = {2, 20000, false, EDGES_SPREAD, DC_ITEM_REFUSAL, DC_ITEM_THREADS},
    [DC_FULL] = {3, 40000, true, EDGES_ALL, DC_ITEM_REFUSAL, DC_ITEM_THREADS},
    [DC_LARGE] = {.first = DC_ITEM_LARGE, .last = DC_ITEM_LARGE},
};

struct dc_tier_blocks {
    dc_sweep sweep; /* that it was opened for */
    dc_cover *cover;
    dc_small_scope *scope;
    dc_scale *scale;
};

dc_status dc_tier_blocks_open(dc_tier_blocks **blocks, const dc_sweep *sweep)
{
    const dc_tier tier = sweep->tier;
    dc_tier_blocks *b = calloc(1, sizeof *b);
    dc_cover_plan plan = {.strength = tiers[tier].strength,
                          .seed = sweep->seed,
                          .n_dtypes = sweep->n_dtypes,
                          .budget = tiers[tier].budget};
    dc_status status = b ? DC_OK : DC_NOMEM;

    *blocks = NULL;
    if (!b)
        return status;
    b->sweep = *sweep;
    memcpy(plan.dtypes, sweep->dtypes, sizeof plan.dtypes);
    if (plan.strength && sweep->n_dtypes)
        status = dc_cover_open(&b->cover, &plan);
    if (status == DC_OK && tiers[tier].scope && sweep->n_dtypes)
        status = dc_small_scope_open(&b->scope);
    if (status == DC_OK && sweep->n_dtypes)
        status = dc_scale_open(&b->scale, tier);
    if (status == DC_OK)
        *blocks = b;
    else
        dc_tier_blocks_close(b);
    return status;
}

void dc_tier_blocks_close(dc_tier_blocks *b)
{
    if (!b)
        return;
    dc_cover_close(b->cover);
    dc_small_scope_close(b->scope);
    dc_scale_close(b->scale);
    free(b);
}

/* ==== Cases ============================================================= */

static int64_t cover_count(const dc_tier_blocks *b)
{
    return b->cover ? dc_cover_count(b->cover) : 0;
}

static void cover_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    /* cannot fail: every row has a case */
    (void)dc_cover_case(b->cover, index, &item->c);
}

static int64_t scope_count(const dc_tier_blocks *b)
{
    return b->scope ? dc_small_scope_count(b->scope) : 0;
}

/* The proof needs dense exact data: in f64, or else in f32. */
static void scope_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    int dtype = b->sweep.dtypes[0];

    for (int d = 0; d < b->sweep.n_dtypes; d++)
        if (b->sweep.dtypes[d] == DC_F64 ||
            (b->sweep.dtypes[d] == DC_F32 && dtype != DC_F64))
            dtype = b->sweep.dtypes[d];
    dc_small_scope_case(b->scope, index, dtype, &item->c);
    item->name = "small-scope";
    item->hunts = "any wrong index: this case proves the map of its geometry";
}

static int64_t edges_count(const dc_tier_blocks *b)
{
    const edges_use use = tiers[b->sweep.tier].edges;

    if (use == EDGES_NONE)
        return 0;
    return dc_edge_shapes_count() *
           (use == EDGES_SPREAD ? 1 : b->sweep.n_dtypes);
}

static void edges_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    const int64_t at = index % dc_edge_shapes_count();
    const int64_t turn = at + index / dc_edge_shapes_count();

    dc_edge_shapes_case(at, item);
    item->c.p.dtype = b->sweep.dtypes[turn % b->sweep.n_dtypes];
}

static int64_t scale_count(const dc_tier_blocks *b)
{
    return b->scale ? dc_scale_count(b->scale) : 0;
}

static bool is_wide(int dtype)
{
    return dtype == DC_F64 || dtype == DC_F32;
}

/* The storage types in turn; of those that are wide, if the case asks for one
 * and the sweep has one. */
static void scale_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    const int n = b->sweep.n_dtypes;
    bool wide;
    int turn;

    dc_scale_case(b->scale, index, item, &wide);
    turn = (int)(item->c.seed / 10 % (uint64_t)n);
    for (int k = 1; k < n && wide && !is_wide(b->sweep.dtypes[turn]); k++)
        turn = (turn + 1) % n;
    item->c.p.dtype = b->sweep.dtypes[turn];
}

static int64_t widths_count(const dc_tier_blocks *b)
{
    return b->sweep.n_dtypes ? dc_widths_count(b->sweep.tier) : 0;
}

static void widths_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    dc_widths_case(b->sweep.tier, index, item);
    item->c.p.dtype = b->sweep.dtypes[index % b->sweep.n_dtypes];
}

/* ==== Scenarios ========================================================= */

/* Do sweeps have this row?  Any row can be named. */
static bool used(int kind, int row)
{
    /* a flag that is neither 0 nor 1 may be taken for true */
    return kind != DC_ITEM_REFUSAL ||
           (strcmp(dc_refusals[row].field, "unbatched") != 0 &&
            strcmp(dc_refusals[row].field, "has_bias") != 0);
}

static void refusal_row(int row, dc_item *item)
{
    dc_refusal_legal(&dc_refusals[row], &item->c);
    item->name = dc_refusals[row].name;
    item->hunts = dc_refusals[row].rule;
}

static void alternation_row(int row, dc_item *item)
{
    item->name = dc_alternations[row].name;
    item->hunts = "something of the call before is left: another field "
                  "of the problem, this one alone, had changed";
}

static void sequence_row(int row, dc_item *item)
{
    item->name = dc_sequences[row].name;
    item->hunts = dc_sequences[row].hunts;
}

static void threads_row(int row, dc_item *item)
{
    item->name = dc_thread_counts[row].name;
    item->hunts = "a race, or work lost between threads";
}

static void large_row(int row, dc_item *item)
{
    item->name = dc_larges[row].name;
    item->hunts = dc_larges[row].hunts;
}

static const struct {
    const char *word; /* before the colon */
    const int *rows;
    void (*set)(int row, dc_item *item);
} kinds[DC_ITEM_KINDS] = {
    [DC_ITEM_REFUSAL] = {"refuse", &dc_refusals_count, refusal_row},
    [DC_ITEM_ALTERNATION] = {"alternate", &dc_alternations_count,
                             alternation_row},
    [DC_ITEM_SEQUENCE] = {"sequence", &dc_sequences_count, sequence_row},
    [DC_ITEM_THREADS] = {"threads", &dc_thread_counts_count, threads_row},
    [DC_ITEM_LARGE] = {"large", &dc_larges_count, large_row},
};

static void set_scenario(int kind, int row, dc_item *item)
{
    memset(item, 0, sizeof *item);
    (void)dc_case_parse("i1_k1", &item->c, NULL); /* cannot fail */
    item->kind = (dc_item_kind)kind;
    item->row = row;
    kinds[kind].set(row, item);
}

static int64_t scenario_count(const dc_tier_blocks *b, int kind)
{
    const int first = (int)tiers[b->sweep.tier].first;
    const int last = (int)tiers[b->sweep.tier].last;
    int64_t count = 0;

    for (int row = 0; row < *kinds[kind].rows; row++)
        count += kind >= first && kind <= last && used(kind, row);
    return count;
}

static void scenario_item(const dc_tier_blocks *b, int kind, int64_t index,
                          dc_item *item)
{
    int row = 0;

    while (!used(kind, row) || index-- > 0)
        row++;
    set_scenario(kind, row, item);
    if (b->sweep.n_dtypes)
        item->c.p.dtype = b->sweep.dtypes[0];
    /* an offset is wrong in every type, and the narrowest takes least time */
    for (int d = 1; d < b->sweep.n_dtypes && kind == DC_ITEM_LARGE; d++)
        if (dc_formats[b->sweep.dtypes[d]].size <
            dc_formats[item->c.p.dtype].size)
            item->c.p.dtype = b->sweep.dtypes[d];
}

/* Finds KIND:NAME, or KIND:NAME@ as far as that. */
static bool find_scenario(const char *token, dc_item *item)
{
    const char *colon = strchr(token, ':');
    const size_t rest = colon ? strcspn(colon + 1, "@") : 0;

    for (int kind = DC_ITEM_REFUSAL; colon && kind < DC_ITEM_KINDS; kind++) {
        const size_t length = strlen(kinds[kind].word);

        if ((size_t)(colon - token) != length ||
            strncmp(token, kinds[kind].word, length) != 0)
            continue;
        for (int row = 0; row < *kinds[kind].rows; row++) {
            set_scenario(kind, row, item);
            if (strlen(item->name) == rest &&
                strncmp(item->name, colon + 1, rest) == 0)
                return true;
        }
    }
    return false;
}

/* Does an illegal problem break the rule in the row's own legal problem?  The
 * storage type is that of the run. */
static bool is_own(const dc_item *item)
{
    dc_case own;
    char text[2][DC_CASE_MAX];

    dc_refusal_legal(&dc_refusals[item->row], &own);
    own.p.dtype = item->c.p.dtype;
    dc_case_print(&own, text[0]);
    dc_case_print(&item->c, text[1]);
    return strcmp(text[0], text[1]) == 0;
}

int dc_item_print(const dc_item *item, char text[DC_CASE_MAX])
{
    char legal[DC_CASE_MAX] = "";

    if (item->kind == DC_ITEM_CASE)
        return dc_case_print(&item->c, text);
    if (item->kind == DC_ITEM_REFUSAL && !is_own(item))
        dc_case_print(&item->c, legal);
    /* both fit: the longest case string takes half of the buffer */
    return snprintf(text, DC_CASE_MAX, "%s:%s%s%.700s", kinds[item->kind].word,
                    item->name, *legal ? "@" : "", legal);
}

/* The legal problem after the @ of refuse:NAME@CASE. */
static dc_status parse_legal(const char *text, dc_item *item, dc_error *e)
{
    dc_problem illegal;
    dc_status status;

    if (item->kind != DC_ITEM_REFUSAL)
        return dc_invalid(e, "%s is not an illegal problem, and takes no case",
                          item->name);
    status = dc_case_parse(text, &item->c, e);
    if (status == DC_OK &&
        !dc_refusal_make(&dc_refusals[item->row], &item->c.p, &illegal))
        status = dc_invalid(e, "%.80s cannot break the rule of %s: %s", text,
                            item->name, item->hunts);
    return status;
}

dc_status dc_item_parse(const char *text, dc_item *item, dc_error *e)
{
    const char *const at = strchr(text, '@');

    memset(item, 0, sizeof *item);
    if (!strchr(text, ':'))
        return dc_case_parse(text, &item->c, e);
    if (!find_scenario(text, item))
        return dc_invalid(e, "%.80s: no scenario has this name", text);
    return at ? parse_legal(at + 1, item, e) : DC_OK;
}

/* ==== All blocks ======================================================== */

static const struct {
    int64_t (*count)(const dc_tier_blocks *b);
    void (*item)(const dc_tier_blocks *b, int64_t index, dc_item *item);
} blocks_in_order[] = {{cover_count, cover_item},
                       {scope_count, scope_item},
                       {edges_count, edges_item},
                       {scale_count, scale_item},
                       {widths_count, widths_item}};
enum { CASE_BLOCKS = sizeof blocks_in_order / sizeof *blocks_in_order };

/* Number of cases, which come before the scenarios. */
static int64_t count_cases(const dc_tier_blocks *b)
{
    int64_t sum = 0;

    for (int k = 0; b && k < CASE_BLOCKS; k++)
        sum += blocks_in_order[k].count(b);
    return sum;
}

int64_t dc_tier_blocks_count(const dc_tier_blocks *b)
{
    int64_t sum = count_cases(b);

    for (int kind = DC_ITEM_REFUSAL; b && kind < DC_ITEM_KINDS; kind++)
        sum += scenario_count(b, kind);
    return sum;
}

void dc_tier_blocks_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    int kind = DC_ITEM_REFUSAL;

    memset(item, 0, sizeof *item);
    for (int k = 0; k < CASE_BLOCKS; k++) {
        if (index < blocks_in_order[k].count(b)) {
            blocks_in_order[k].item(b, index, item);
            return;
        }
        index -= blocks_in_order[k].count(b);
    }
    while (index >= scenario_count(b, kind))
        index -= scenario_count(b, kind++);
    scenario_item(b, kind, index, item);
}
