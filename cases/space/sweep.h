/* SPDX-License-Identifier: MIT
 *
 * Which cases does a tier ask?  The catalog first, then the blocks of an
 * opened sweep (cases/space/tier_blocks.h), then a random sweep that draws every
 * parameter independently per axis.
 */
#ifndef DC_SWEEP_H
#define DC_SWEEP_H

#include "ref/case.h"

/* What an item is: a case, or a question that no case string can say. */
typedef enum {
    DC_ITEM_CASE,
    DC_ITEM_REFUSAL,     /* dc_refusals[row] (catalog.h) */
    DC_ITEM_ALTERNATION, /* dc_alternations[row] (scenarios.h) */
    DC_ITEM_THREADS,     /* dc_thread_counts[row] */
    DC_ITEM_LARGE        /* dc_larges[row] */
} dc_item_kind;

/* A case with its origin: a catalog name and what it hunts, or NULL.  A
 * question has a name always, and a plain problem in c. */
typedef struct {
    dc_case c;
    const char *name;
    const char *hunts;
    dc_item_kind kind;
    int row;
} dc_item;

/* The token of an item: its case string, or "refuse:G0". */
int dc_item_print(const dc_item *item, char text[DC_CASE_MAX]);
dc_status dc_item_parse(const char *text, dc_item *item, dc_error *e);

/* large: tensors beyond 2^31 elements, and nothing else. */
typedef enum { DC_SMOKE, DC_CI, DC_FULL, DC_LARGE, DC_TIERS } dc_tier;

extern const char *const dc_tier_names[DC_TIERS];

typedef struct dc_tier_blocks dc_tier_blocks;

/* A sweep: the tier's cases for these storage types under this seed. */
typedef struct {
    dc_tier tier;
    uint64_t seed;
    int dtypes[4];
    int n_dtypes;
    dc_tier_blocks *blocks; /* NULL: not opened */
} dc_sweep;

/* Builds what is too dear to build for every case anew: without it, a sweep
 * holds named and random cases only.  DC_NOMEM. */
dc_status dc_sweep_open(dc_sweep *sweep);
void dc_sweep_close(dc_sweep *sweep);

/* Number of items. */
int64_t dc_sweep_count(const dc_sweep *sweep);

/* Item `index` of the sweep: the same on every machine, alone or in order. */
void dc_sweep_case(const dc_sweep *sweep, int64_t index, dc_item *item);

#endif
