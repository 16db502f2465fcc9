/* SPDX-License-Identifier: MIT
 *
 * Every mutant must be caught: each is judged like a stranger's
 * implementation, in a process of its own, by what `verify` asks of a tier,
 * until the first finding.
 */
#include "oracle/selfcheck/selfcheck.h"

#include <stdlib.h>

#include "oracle/selfcheck/matrix.h"

dc_status dc_selfcheck_mutants(dc_step *s, FILE *to, const char *self)
{
    int *const numbers = calloc((size_t)dc_mutants_count + 1, sizeof *numbers);
    const dc_matrix_plan plan = {.self = self,
                                 .mutants = numbers,
                                 .n_mutants = dc_mutants_count + 1,
                                 .every = 1,
                                 .timeout = 10,
                                 .once = 1};
    int found[DC_MATRIX_TIERS] = {0};
    dc_matrix x;
    dc_error e = {DC_OK, NULL, -1, ""};
    dc_status status = DC_NOMEM;

    for (int m = 0; numbers && m <= dc_mutants_count; m++)
        numbers[m] = m - 1;
    if (numbers)
        status = dc_matrix_run(&x, &plan, &e);
    free(numbers);
    if (status != DC_OK) {
        snprintf(s->fault, sizeof s->fault, "%s", e.text);
        return status;
    }
    for (int r = 0; r < x.n_rows; r++) {
        const dc_matrix_row *const row = &x.rows[r];
        const int smoke = row->killed[0] > 0;
        const int any = smoke || row->killed[1] > 0;

        if (r == 0) {
            dc_selfcheck_expect(
                s, !any, "the algorithm without a mutation is accused (%s)",
                dc_check_names[dc_matrix_killer(row)]);
            continue;
        }
        found[0] += smoke;
        found[1] += any;
        if (!dc_selfcheck_expect(s, any, "%s escapes: %s", row->m->id,
                                 row->m->what))
            fprintf(to, "  escapes: %s (%s): %s\n", row->m->id, row->m->class_,
                    row->m->what);
    }
    snprintf(s->said, sizeof s->said, "%d/%d caught in smoke, %d/%d in ci",
             found[0], dc_mutants_count, found[1], dc_mutants_count);
    dc_matrix_close(&x);
    return DC_OK;
}
