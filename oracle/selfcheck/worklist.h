/* SPDX-License-Identifier: MIT
 *
 * What mutants are judged on: the items that `verify` judges in a tier.
 */
#ifndef DC_WORKLIST_H
#define DC_WORKLIST_H

#include <stdbool.h>

#include "cases/select.h"
#include "oracle/judge/prove.h"

typedef struct {
    dc_selection cases;
    dc_proving *prove; /* what to prove, per item of cases; NULL: nothing */
    int64_t *order;    /* indices into cases, in the order of judging */
    int64_t count;     /* length of order */
} dc_worklist;

/* The items that `verify` judges in the tier, of every type and operation, for
 * dc_select_free. */
dc_status dc_worklist_select(dc_selection *cases, dc_tier tier, dc_error *e);

/* For qsort: an item by its number, the cheapest first, then in their order. */
typedef struct {
    int64_t price;
    int64_t index;
} dc_priced;
int dc_worklist_by_price(const void *a, const void *b);

/* Every `every`-th item that `verify` judges in the tier, of every type and
 * operation.  cheap_first sorts them by the time that judging is expected to
 * take; otherwise their order mixes the parts of the tier.  On error there is
 * nothing to close. */
dc_status dc_worklist_open(dc_worklist *w, dc_tier tier, int64_t every,
                           bool cheap_first, dc_error *e);
void dc_worklist_close(dc_worklist *w);

#endif
