/* SPDX-License-Identifier: MIT
 *
 * Which items does a tier judge the mutants by, and in which order?
 */
#ifndef DC_MATRIX_WORKLIST_H
#define DC_MATRIX_WORKLIST_H

#include "cases/select.h"
#include "oracle/judge/result.h"

typedef struct {
    dc_selection cases;
    dc_proving *prove; /* what to prove, per item of cases; NULL: nothing */
    int64_t *order;    /* indices into cases, in the order of judging */
    int64_t count;     /* length of order */
} dc_worklist;

/* Every `every`-th item that `verify` judges in the tier.  cheap_first sorts
 * them by the time that judging is expected to take. */
dc_status dc_worklist_open(dc_worklist *w, dc_tier tier, int64_t every,
                           bool cheap_first, dc_error *e);
void dc_worklist_close(dc_worklist *w);

#endif
