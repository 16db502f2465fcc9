/* SPDX-License-Identifier: MIT
 *
 * Which items does a tier have?  The catalog and the layers of networks, then
 * the blocks of an opened sweep (cases/space/tier_blocks.h), then random cases.
 */
#ifndef DC_SWEEP_H
#define DC_SWEEP_H

#include "cases/space/scope.h"
#include "ref/case.h"

/* An item is a case, or a scenario: a check that a case string cannot express.
 */
typedef enum {
    DC_ITEM_CASE,
    DC_ITEM_REFUSAL,     /* dc_refusals[row] (catalog.h) */
    DC_ITEM_ALTERNATION, /* dc_alternations[row] (scenarios.h) */
    DC_ITEM_SEQUENCE,    /* dc_sequences[row] (sequences.h) */
    DC_ITEM_THREADS,     /* dc_thread_counts[row] */
    DC_ITEM_LARGE,       /* dc_larges[row] */
    DC_ITEM_KINDS
} dc_item_kind;

typedef struct {
    dc_case c; /* of an illegal problem: the legal one that is changed; of any
                * other scenario: i1_k1; in a storage type of the sweep */
    const char *name;  /* NULL for a case that has none */
    const char *hunts; /* the defect that a named item is meant to show */
    dc_item_kind kind;
    int row; /* of a scenario, in its table */
} dc_item;

/* An item as one token: its case string, "refuse:G0", or "refuse:G0@CASE" if it
 * is made of another legal problem than the row's own. */
int dc_item_print(const dc_item *item, char text[DC_CASE_MAX]);
dc_status dc_item_parse(const char *text, dc_item *item, dc_error *e);

/* DC_LARGE has tensors beyond 2^31 elements and nothing else. */
typedef enum { DC_SMOKE, DC_CI, DC_FULL, DC_LARGE, DC_TIERS } dc_tier;

extern const char *const dc_tier_names[DC_TIERS];

typedef struct dc_tier_blocks dc_tier_blocks;

/* The items of a tier in these storage types, from this seed. */
typedef struct {
    dc_tier tier;
    uint64_t seed;
    int dtypes[4];
    int n_dtypes;
    dc_tier_blocks *blocks; /* NULL: not opened */
} dc_sweep;

/* Builds the blocks.  A sweep that is not opened has named and random cases
 * only.  DC_NOMEM. */
dc_status dc_sweep_open(dc_sweep *sweep);
void dc_sweep_close(dc_sweep *sweep);

/* Number of items. */
int64_t dc_sweep_count(const dc_sweep *sweep);

/* Item `index` of the sweep: the same on every machine, alone or in order. */
void dc_sweep_case(const dc_sweep *sweep, int64_t index, dc_item *item);

/* Multiplications of a random case, at most. */
int64_t dc_sweep_budget(dc_tier tier);

/* Random case `index` after those of the tier, changed so that it is inside the
 * scope; its cost is not limited.  False if this one cannot be changed so. */
bool dc_sweep_further(const dc_sweep *sweep, const dc_scope *scope,
                      int64_t index, dc_case *c);

#endif
