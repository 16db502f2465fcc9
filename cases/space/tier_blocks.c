/* SPDX-License-Identifier: MIT
 *
 * The blocks of an opened sweep in a row, from one table of what each tier
 * holds.
 */
#include "cases/space/tier_blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/space/cover.h"
#include "cases/space/edge_shapes.h"
#include "cases/catalog/scenarios.h"
#include "cases/space/scope.h"

/* What a tier holds of each block. */
static const struct {
    int strength; /* of the covering array; 0: none */
    int64_t budget;
    int scope;
    int odd;       /* odd cases: not, spread over types, in every type */
    int refusals;  /* 1: all of them */
    int questions; /* alternation and threads */
    int large;
} tiers[DC_TIERS] = {
    [DC_SMOKE] = {.refusals = 1},
    [DC_CI] = {2, 20000, 0, 1, 1, 1, 0},
    [DC_FULL] = {3, 40000, 1, 2, 1, 1, 0},
    [DC_LARGE] = {.large = 1},
};

struct dc_tier_blocks {
    dc_sweep sweep; /* what it was opened for */
    dc_cover *cover;
    dc_scope *scope;
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
        status = dc_scope_open(&b->scope);
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
    dc_scope_close(b->scope);
    free(b);
}

/* ==== Cases ============================================================= */

static int64_t cover_count(const dc_tier_blocks *b)
{
    return b->cover ? dc_cover_count(b->cover) : 0;
}

static void cover_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    /* every row was built from a case, so that this cannot fail */
    (void)dc_cover_case(b->cover, index, &item->c);
}

static int64_t scope_count(const dc_tier_blocks *b)
{
    return b->scope ? dc_scope_count(b->scope) : 0;
}

/* The proof needs exact data without thinning: f64, else f32. */
static void scope_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    int dtype = b->sweep.dtypes[0];

    for (int d = 0; d < b->sweep.n_dtypes; d++)
        if (b->sweep.dtypes[d] == DC_F64 ||
            (b->sweep.dtypes[d] == DC_F32 && dtype != DC_F64))
            dtype = b->sweep.dtypes[d];
    dc_scope_case(b->scope, index, dtype, &item->c);
    item->name = "small-scope";
    item->hunts = "any wrong index: this case proves the map of its geometry";
}

static int64_t odd_count(const dc_tier_blocks *b)
{
    const int times = tiers[b->sweep.tier].odd;

    return dc_edge_shapes_count() * (times < 2 ? times : b->sweep.n_dtypes);
}

static void odd_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    const int64_t at = index % dc_edge_shapes_count();
    const int64_t turn = at + index / dc_edge_shapes_count();

    dc_edge_shapes_case(at, item);
    item->c.p.dtype = b->sweep.dtypes[turn % b->sweep.n_dtypes];
}

/* ==== Questions ========================================================= */

/* A plain problem stands for what cannot be said. */
static void plain(const dc_tier_blocks *b, dc_item *item)
{
    (void)dc_case_parse("i1_k1", &item->c, NULL);
    if (b && b->sweep.n_dtypes)
        item->c.p.dtype = b->sweep.dtypes[0];
}

/* A flag that is neither 0 nor 1 may be read as true: the contract does not
 * ask an implementation to refuse it. */
static int may_be_true(int row)
{
    return strcmp(dc_refusals[row].field, "unbatched") == 0 ||
           strcmp(dc_refusals[row].field, "has_bias") == 0;
}

static int refusals_asked(void)
{
    int count = 0;

    for (int row = 0; row < dc_refusals_count; row++)
        count += !may_be_true(row);
    return count;
}

/* The row of the refusal asked at this place. */
static int refusal_at(int64_t index)
{
    int row = 0;

    while (may_be_true(row) || index-- > 0)
        row++;
    return row;
}

static void refusal_row(int row, dc_item *item)
{
    item->name = dc_refusals[row].name;
    item->hunts = dc_refusals[row].rule;
}

static void alternation_row(int row, dc_item *item)
{
    item->name = dc_alternations[row].name;
    item->hunts = "something of the call before is left: another field "
                  "of the problem, this one alone, had changed";
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
} kinds[] = {
    [DC_ITEM_REFUSAL] = {"refuse", &dc_refusals_count, refusal_row},
    [DC_ITEM_ALTERNATION] = {"alternate", &dc_alternations_count,
                             alternation_row},
    [DC_ITEM_THREADS] = {"threads", &dc_thread_counts_count, threads_row},
    [DC_ITEM_LARGE] = {"large", &dc_larges_count, large_row},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void set_question(const dc_tier_blocks *b, dc_item_kind ask, int row,
                         dc_item *item)
{
    memset(item, 0, sizeof *item);
    plain(b, item);
    item->kind = ask;
    item->row = row;
    kinds[ask].set(row, item);
}

/* How many rows of a kind does the tier ask? */
static int64_t asked(const dc_tier_blocks *b, int ask)
{
    const dc_tier tier = b->sweep.tier;
    const int wanted[KINDS] = {[DC_ITEM_REFUSAL] = tiers[tier].refusals,
                               [DC_ITEM_ALTERNATION] = tiers[tier].questions,
                               [DC_ITEM_THREADS] = tiers[tier].questions,
                               [DC_ITEM_LARGE] = tiers[tier].large};

    if (!wanted[ask])
        return 0;
    return ask == DC_ITEM_REFUSAL ? refusals_asked() : *kinds[ask].rows;
}

int dc_tier_blocks_find(const char *token, dc_item *item)
{
    const char *colon = strchr(token, ':');

    for (int ask = DC_ITEM_REFUSAL; colon && ask < KINDS; ask++) {
        const size_t length = strlen(kinds[ask].word);

        if ((size_t)(colon - token) != length ||
            strncmp(token, kinds[ask].word, length) != 0)
            continue;
        for (int row = 0; row < *kinds[ask].rows; row++) {
            set_question(NULL, (dc_item_kind)ask, row, item);
            if (strcmp(item->name, colon + 1) == 0)
                return 1;
        }
    }
    return 0;
}

int dc_item_print(const dc_item *item, char text[DC_CASE_MAX])
{
    if (item->kind == DC_ITEM_CASE)
        return dc_case_print(&item->c, text);
    return snprintf(text, DC_CASE_MAX, "%s:%s", kinds[item->kind].word,
                    item->name);
}

dc_status dc_item_parse(const char *text, dc_item *item, dc_error *e)
{
    memset(item, 0, sizeof *item);
    if (!strchr(text, ':'))
        return dc_case_parse(text, &item->c, e);
    return dc_tier_blocks_find(text, item)
               ? DC_OK
               : dc_error_set(e, DC_INVALID, NULL, -1,
                              "%.80s: no question has this name", text);
}

/* ==== In a row ========================================================== */

static const struct {
    int64_t (*count)(const dc_tier_blocks *b);
    void (*item)(const dc_tier_blocks *b, int64_t index, dc_item *item);
} blocks_in_order[] = {{cover_count, cover_item},
                       {scope_count, scope_item},
                       {odd_count, odd_item}};
enum { CASE_BLOCKS = sizeof blocks_in_order / sizeof *blocks_in_order };

int64_t dc_tier_blocks_cases(const dc_tier_blocks *b)
{
    int64_t sum = 0;

    for (int k = 0; b && k < CASE_BLOCKS; k++)
        sum += blocks_in_order[k].count(b);
    return sum;
}

int64_t dc_tier_blocks_count(const dc_tier_blocks *b)
{
    int64_t sum = dc_tier_blocks_cases(b);

    for (int ask = DC_ITEM_REFUSAL; b && ask < KINDS; ask++)
        sum += asked(b, ask);
    return sum;
}

void dc_tier_blocks_item(const dc_tier_blocks *b, int64_t index, dc_item *item)
{
    int ask = DC_ITEM_REFUSAL;

    memset(item, 0, sizeof *item);
    for (int k = 0; k < CASE_BLOCKS; k++) {
        if (index < blocks_in_order[k].count(b)) {
            blocks_in_order[k].item(b, index, item);
            return;
        }
        index -= blocks_in_order[k].count(b);
    }
    while (index >= asked(b, ask))
        index -= asked(b, ask++);
    set_question(b, (dc_item_kind)ask,
                 ask == DC_ITEM_REFUSAL ? refusal_at(index) : (int)index, item);
}
