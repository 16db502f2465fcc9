/* SPDX-License-Identifier: MIT
 *
 * Between matrix.c and matrix_agenda.c: what does a tier ask the zoo, and in
 * which order?
 */
#ifndef DC_MATRIX_AGENDA_H
#define DC_MATRIX_AGENDA_H

#include "verify.h"

typedef struct {
    dc_selection cases;
    char *prove;    /* by case, or NULL: dc_proving */
    int64_t *order; /* numbers of cases, ... */
    int64_t count;  /* ... so many */
} dc_agenda;

/* Every `every`-th item that `verify` asks in the tier. */
dc_status dc_agenda_open(dc_agenda *a, dc_tier tier, int64_t every,
                         int cheap_first, dc_error *e);
void dc_agenda_close(dc_agenda *a);

#endif
