/* SPDX-License-Identifier: MIT
 *
 * The kill matrix: which mutant dies of which check, on which data family, in
 * which tier?  It shows what every check and every family is for.
 */
#ifndef DC_MATRIX_H
#define DC_MATRIX_H

#include <stdio.h>

#include "oracle/mutants/mutant.h"
#include "oracle/judge/result.h"

enum { DC_MATRIX_TIERS = 2 };

extern const dc_tier dc_matrix_tiers[DC_MATRIX_TIERS];

/* What is judged: by default all that `verify` judges in smoke and in ci. */
typedef struct {
    const char *self;   /* our own binary; NULL: the running one */
    const int *mutants; /* numbers of rows in dc_mutants; NULL: all; -1 stands
                         * for the algorithm without a mutation */
    int n_mutants;      /* where mutants is given */
    int64_t every;      /* judge every so-manyth case; 1: all */
    double timeout;     /* seconds per call */
    FILE *progress;     /* NULL: silent */
    int tiers;          /* 1: smoke alone; 0: all */
    int once; /* 1: a mutant is not asked on once it was caught, and what is
                 cheap to judge comes first; counts are then no counts */
    /* Told of every result, under a lock; NULL: nobody is. */
    void (*result)(void *context, int row, const dc_result *r);
    void *context;
} dc_matrix_plan;

/* One mutant.  A case counts once for each check that found something. */
typedef struct {
    const dc_mutant *m;
    int64_t cases[DC_MATRIX_TIERS];  /* judged */
    int64_t killed[DC_MATRIX_TIERS]; /* of them with a finding */
    int64_t kills[DC_MATRIX_TIERS][DC_FAMILIES][DC_CHECKS];
    int alone; /* 1: the adjoint identity alone would have noticed */
} dc_matrix_row;

typedef struct {
    dc_matrix_row *rows;
    int n_rows;
    int64_t cases[DC_MATRIX_TIERS]; /* of each tier */
} dc_matrix;

/* Judges every mutant on every case.  A mutant that crashes or hangs is not
 * asked on for ever: what is counted of it then is a lower bound. */
dc_status dc_matrix_run(dc_matrix *x, const dc_matrix_plan *plan, dc_error *e);
void dc_matrix_close(dc_matrix *x);

/* The first check that killed a row, or DC_CHECKS. */
dc_check dc_matrix_killer(const dc_matrix_row *row);

/* Why a check exists, for those that no mutant needs; "" for others. */
const char *dc_matrix_reason(dc_check check);

/* Mutants that only this check kills (or, with check NULL, only this family),
 * and with the other pointer not NULL those that it kills at all. */
int dc_matrix_only(const dc_matrix *x, int check, int family, int *at_all);

/* One line a mutant, one column for each (tier, family, check) that killed
 * any. */
dc_status dc_matrix_csv(const dc_matrix *x, FILE *to);

/* The same to be read: Markdown. */
dc_status dc_matrix_table(const dc_matrix *x, FILE *to);

/* Runs the plan, and writes FILE.csv and FILE.md (FILE with or without .csv);
 * what becomes of it is told on plan->progress. */
dc_status dc_matrix_write(const char *file, const dc_matrix_plan *plan,
                          dc_error *e);

#endif
