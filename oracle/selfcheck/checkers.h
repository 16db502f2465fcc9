/* SPDX-License-Identifier: MIT
 *
 * Other people's checks, measured: which wrong implementations does each
 * published acceptance rule let through, and which correct ones does it refuse?
 */
#ifndef DC_CHECKERS_H
#define DC_CHECKERS_H

#include <stdio.h>

#include "oracle/checkers/correct.h"
#include "oracle/checkers/rule.h"
#include "oracle/mutants/mutant.h"

/* On which cases? */
typedef enum {
    DC_ON_OWN,  /* the shapes and data of the check itself */
    DC_ON_REAL, /* our cases of the family `real` */
    DC_ON_OURS, /* our cases with int, probe, short, real and cancel data */
    DC_ONS
} dc_checkers_on;

typedef struct {
    const dc_rule *rules; /* NULL: dc_rules */
    int n_rules;
    const int *mutants; /* indices into dc_mutants; NULL: all */
    int n_mutants;
    int64_t every;  /* of ci's cases, every `every`-th is used; 0: none */
    FILE *progress; /* NULL: silent */
} dc_checkers_plan;

/* One rule.  Mutants by their number in dc_checkers, correct implementations
 * by theirs in dc_corrects; bits 1 << dc_checkers_on. */
typedef struct {
    const dc_rule *rule;
    uint8_t *visible; /* all bits or none: can the check see the mutant? */
    uint8_t *caught;
    uint8_t *accused;
    int64_t cases[DC_ONS]; /* compared */
} dc_checkers_row;

typedef struct {
    dc_checkers_row *rows;
    int n_rows;
    const dc_mutant **mutants;
    int n_mutants;
    double seconds;
} dc_checkers;

/* Measures the rules of the plan.  A mutant is caught if a result is refused
 * where that of the same algorithm without the mistake is accepted. */
dc_status dc_checkers_run(dc_checkers *x, const dc_checkers_plan *plan,
                          dc_error *e);
void dc_checkers_close(dc_checkers *x);

/* Does a row see mutant number m, and let it through? */
bool dc_checkers_passes(const dc_checkers_row *row, int m, dc_checkers_on on);

/* Mutants that a row lets through, of those that it can see. */
int dc_checkers_passed(const dc_checkers *x, const dc_checkers_row *row,
                       dc_checkers_on on, int *of);

/* Correct implementations that it refuses; those that must be declared are
 * counted if `declared`, the others if not. */
int dc_checkers_accused(const dc_checkers_row *row, dc_checkers_on on,
                        bool declared);

/* Markdown for people. */
void dc_checkers_print(const dc_checkers *x, FILE *to);

/* Runs the plan and writes the Markdown file; prints a summary to
 * plan->progress. */
dc_status dc_checkers_write(const char *file, const dc_checkers_plan *plan,
                            dc_error *e);

#endif
