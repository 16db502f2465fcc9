/* SPDX-License-Identifier: MIT
 *
 * Which cases does a run have?  The items of a sweep, or those that the user
 * named, reduced by filters and by the shard.
 */
#ifndef DC_SELECT_H
#define DC_SELECT_H

#include <stdbool.h>

#include "cases/space/sweep.h"

typedef struct {
    dc_sweep sweep;     /* n_dtypes 0: cases of any storage type pass */
    bool whole;         /* with the tier's blocks (cases/space/tier_blocks.h) */
    const char **cases; /* case strings, which replace the sweep ... */
    int n_cases;        /* ... if there is any */
    const char *match;  /* glob on case string and name, or NULL */
    bool trusting;      /* without illegal problems */
    dc_scope scope;     /* only problems inside; not given: all of them */
    int shard;          /* 1..shards */
    int shards;
} dc_filter;

typedef struct {
    dc_item *items;
    int64_t count;
    int64_t short_of; /* cases that a sweep has and the scope has no others in
                       * place of, all shards together */
    int64_t held;     /* cases that it has, then */
} dc_selection;

/* Collects the items that pass the filter, for dc_select_free.  With a scope, a
 * sweep's items that are inside come first, in their order, then other cases in
 * place of those that are outside (cases/space/further.h).  DC_NOMEM;
 * DC_INVALID if a case string is wrong, the scope is empty or no item is
 * left. */
dc_status dc_select(const dc_filter *filter, dc_selection *s, dc_error *e);

void dc_select_free(dc_selection *s);

#endif
