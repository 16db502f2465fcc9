/* SPDX-License-Identifier: MIT
 *
 * Shared by cover.c, which builds rows, cover_tables.c, which lists the levels
 * that occur together, and cover_triples.c, which keeps the triples that no row
 * covers yet.
 */
#ifndef DC_COVER_INTERNAL_H
#define DC_COVER_INTERNAL_H

#include "cases/random.h"
#include "cases/space/cover.h"

/* ---- cover_tables.c ----
 *
 * One table for groups and channels, one for the first axis, one for the last.
 * The two axes interact only through the rank and through which axes have
 * unequal pads; once these two are chosen, the tables are independent of each
 * other, so that a row can be completed if each table has an entry left. */

enum { DC_COVER_TABLES = 3 };

/* Combinations of levels of the factors base..base+width-1. */
typedef struct {
    int base, width;
    int8_t (*entry)[DC_A_FACTORS];
    int count;
    int unequal; /* entries with unequal pads, which come first */
} dc_cover_table;

typedef struct {
    dc_cover_table table[DC_COVER_TABLES];
} dc_cover_tables;

/* Fills the tables by enumerating axes and channels; DC_NOMEM. */
dc_status dc_cover_tables_open(dc_cover_tables *t);
void dc_cover_tables_close(dc_cover_tables *t);

/* The entries from..to-1 of table k that these levels of rank and pads allow.
 */
void dc_cover_entries(const dc_cover_tables *t, int k, int rank, int pads,
                      int *from, int *to);

/* Finds the (rank, pads) with which every table has an entry of the levels `at`
 * (by factor; -1: any).  Returns their number, at most 1 if first_only. */
int dc_cover_openings(const dc_cover_tables *t, const int8_t *at,
                      bool first_only, int found[9][2]);

/* ---- cover_triples.c ---- */

/* Pairs are covered as triples whose third factor is DC_COVER_ANY, which has a
 * single level. */
enum { DC_COVER_ANY = DC_FACTORS, DC_COVER_FACTORS = DC_FACTORS + 1 };

/* A row under construction. */
typedef struct {
    int8_t at[DC_COVER_FACTORS]; /* -1: not chosen yet */
    int *left[DC_COVER_TABLES];  /* the entries that fit the chosen levels */
    int count[DC_COVER_TABLES];
    double cost; /* multiplications of the smallest case */
} dc_cover_work;

struct dc_cover {
    dc_cover_plan plan;
    dc_cover_tables tables;
    /* number of a factor's first level among all levels */
    int start[DC_COVER_FACTORS + 1];
    unsigned char *open; /* by triple of levels: possible, not covered yet */
    dc_random r;
    dc_levels *rows;
    int64_t count, capacity;
    dc_cover_work work;
};

int dc_cover_levels_of(int f);
bool dc_cover_is_degenerate(int f, int level);

/* Is this level of f in the plan? */
bool dc_cover_planned(const dc_cover *c, int f, int level);

/* Opens every possible triple. */
void dc_cover_open_triples(dc_cover *c);

/* The factors that a triple must contain to be covered by row x: one for each
 * degeneracy of the row, and DC_COVER_ANY for pairs.  Returns their number. */
int dc_cover_required(const dc_cover *c, const dc_cover_work *x,
                      int must[DC_COVER_FACTORS]);

/* How many open triples would row x cover with this level of f? */
int dc_cover_gain(const dc_cover *c, const dc_cover_work *x, int f, int level,
                  const int *must, int n_must);

/* Closes the triples that the finished row x covers. */
void dc_cover_close_triples(dc_cover *c, const dc_cover_work *x);

#endif
