/* SPDX-License-Identifier: MIT
 *
 * Between matrix.c and matrix_worklist.c: what does a tier ask the zoo, and in
 * which order?
 */
#ifndef DC_MATRIX_WORKLIST_H
#define DC_MATRIX_WORKLIST_H

#include "cases/select.h"

typedef struct {
    dc_selection cases;
    char *prove;    /* by case, or NULL: dc_proving */
    int64_t *order; /* numbers of cases, ... */
    int64_t count;  /* ... so many */
} dc_worklist;

/* Every `every`-th item that `verify` asks in the tier. */
dc_status dc_worklist_open(dc_worklist *a, dc_tier tier, int64_t every,
                           int cheap_first, dc_error *e);
void dc_worklist_close(dc_worklist *a);

#endif
