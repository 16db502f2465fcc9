/* SPDX-License-Identifier: MIT
 *
 * The kill matrix: which mutant is killed by which check, on which data family
 * and in which tier?  It shows what every check and every family is for.
 */
#ifndef DC_MATRIX_H
#define DC_MATRIX_H

#include <stdbool.h>
#include <stdio.h>

#include "oracle/base/check.h"
#include "oracle/mutants/mutant.h"
#include "oracle/judge/result.h"

enum { DC_MATRIX_CHECKS = DC_CHECKS - 5, DC_MATRIX_TIERS = 2 };

extern const dc_tier dc_matrix_tiers[DC_MATRIX_TIERS];

/* The checks that a matrix counts, in the order of its columns. */
extern const dc_check dc_matrix_checks[DC_MATRIX_CHECKS];

/* What is judged: by default everything that `verify` judges in smoke and in
 * ci. */
typedef struct {
    const char *self;   /* path of our own binary; NULL: the running one */
    const int *mutants; /* indices into dc_mutants, or NULL: all; -1 is the
                           algorithm without a mutation */
    int n_mutants;      /* length of mutants */
    int64_t every;      /* judge every `every`-th case; 1: all */
    double timeout;     /* seconds per call */
    FILE *progress;     /* NULL: silent */
    bool smoke_only;    /* leave out the other tiers */
    int enough; /* cases of a tier that kill a mutant, then only proofs and
                        scenarios are asked of it; 0: all cases are */
    bool once;  /* stop judging a mutant after its first finding, and begin with
                  the cheap cases: the counts are then incomplete */
    /* Called with every result, under a lock; may be NULL. */
    void (*on_result)(void *context, int row, const dc_result *r);
    void *context;
} dc_matrix_plan;

/* One mutant.  A case counts once for each check that has a finding. */
typedef struct {
    const dc_mutant *m;
    int64_t cases[DC_MATRIX_TIERS];  /* judged */
    int64_t killed[DC_MATRIX_TIERS]; /* of them with a finding */
    int64_t kills[DC_MATRIX_TIERS][DC_FAMILIES][DC_CHECKS];
    bool adjoint_alone; /* the adjoint identity alone notices it */
} dc_matrix_row;

typedef struct {
    dc_matrix_row *rows;
    int n_rows;
    int64_t cases[DC_MATRIX_TIERS]; /* of each tier */
} dc_matrix;

/* Judges every mutant of the plan on every case, in an order that mixes the
 * parts of a tier.  A mutant that crashed or hung too often, or was killed
 * often enough, is asked fewer cases: `cases` of its row counts them. */
dc_status dc_matrix_run(dc_matrix *x, const dc_matrix_plan *plan, dc_error *e);
void dc_matrix_close(dc_matrix *x);

/* Has any case a finding? */
bool dc_matrix_caught(const dc_matrix_row *row);

/* Name of the first check, in the order of columns, that killed; or "". */
const char *dc_matrix_killer(const dc_matrix_row *row);

/* Why a check exists although no mutant needs it; "" for other checks. */
const char *dc_matrix_reason(dc_check check);

/* Number of mutants that one check, or one data family, alone kills.  *all:
 * that it kills at all. */
typedef enum { DC_BY_CHECK, DC_BY_FAMILY } dc_matrix_by;
int dc_matrix_only(const dc_matrix *x, dc_matrix_by by, int which, int *all);

/* CSV: one line per mutant, one column for each (tier, family, check) that
 * killed any. */
dc_status dc_matrix_csv(const dc_matrix *x, FILE *to);

/* Markdown for people. */
dc_status dc_matrix_table(const dc_matrix *x, FILE *to);

/* Runs the plan and writes FILE.csv and FILE.md (`file` with or without .csv);
 * prints a summary to plan->progress. */
dc_status dc_matrix_write(const char *file, const dc_matrix_plan *plan,
                          dc_error *e);

#endif
