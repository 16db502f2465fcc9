/* SPDX-License-Identifier: MIT
 *
 * The cases on which other people's checks are measured.
 */
#ifndef DC_CHECKERS_CASES_H
#define DC_CHECKERS_CASES_H

#include "oracle/checkers/published.h"
#include "oracle/selfcheck/checkers.h"

/* A case, and where its numbers come from. */
typedef struct {
    dc_case c;
    const char *suite; /* NULL: one of ours, filled by its family */
    dc_fill fill;
} dc_checkers_case;

typedef struct {
    dc_checkers_case *list;
    int64_t count, room;
} dc_checkers_cases;

/* The shapes of published checks; of our tiers smoke and ci every `every`-th
 * light case, and for each mutant of x the cheapest that it alters (every 0:
 * none).  Hides mutants that no case of ours shows in the types and operations
 * of a rule.  Freed by the caller, after an error too. */
dc_status dc_checkers_cases_list(dc_checkers_cases *cases, dc_checkers *x,
                                 int64_t every, dc_error *e);

/* For which numbers (bits 1 << dc_checkers_on) does the case count with this
 * rule? */
uint8_t dc_checkers_bits(const dc_checkers_case *t, const dc_rule *rule,
                         dc_op op);

#endif
