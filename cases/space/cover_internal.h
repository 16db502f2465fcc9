/* SPDX-License-Identifier: MIT
 *
 * What the construction of rows and the book of open triples share.
 */
#ifndef DC_COVER_INTERNAL_H
#define DC_COVER_INTERNAL_H

#include "cases/space/cover.h"
#include "cases/space/cover_tables.h"
#include "cases/random.h"

enum {
    DC_COVER_ANY = DC_FACTORS, /* the factor of one level */
    DC_COVER_FACTORS = DC_FACTORS + 1
};

/* Levels under construction, with the entries that each table has left. */
typedef struct {
    int8_t at[DC_COVER_FACTORS];
    int *left[DC_COVER_TABLES];
    int count[DC_COVER_TABLES];
    double cost;
} dc_cover_work;

struct dc_cover {
    dc_cover_plan plan;
    dc_cover_tables tables;
    int start[DC_COVER_FACTORS +
              1];        /* first of a factor's levels among all levels */
    unsigned char *open; /* by triple of levels: not covered yet */
    dc_random r;
    dc_levels *rows;
    int64_t count, room;
    dc_cover_work work;
};

int dc_cover_levels_of(int f);
int dc_cover_is_degenerate(int f, int level);
/* Is the level asked at all? */
int dc_cover_offered(const dc_cover *c, int f, int level);

/* Opens every triple that is possible. */
void dc_cover_open_triples(dc_cover *c);

/* Factors of the row that any combination must hold to be covered by it: one
 * for each of its oddities, and DC_COVER_ANY.  Returns their number. */
int dc_cover_required(const dc_cover *c, const dc_cover_work *x,
                      int must[DC_COVER_FACTORS]);

/* Open triples that row x would cover by taking this level of f. */
int dc_cover_gain(const dc_cover *c, const dc_cover_work *x, int f, int level,
                  const int *must, int n_must);

/* Closes what the finished row covers. */
void dc_cover_close_triples(dc_cover *c, const dc_cover_work *x);

#endif
