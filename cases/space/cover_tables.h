/* SPDX-License-Identifier: MIT
 *
 * Which levels occur together?  One table for groups and channels, one for the
 * first axis, one for the last.  The two axes interact only through the rank and
 * through which axes have unequal pads; once these two are chosen, the tables are independent
 * of each other, so that a row can be completed if each table has an entry
 * left.
 */
#ifndef DC_COVER_TABLES_H
#define DC_COVER_TABLES_H

#include "cases/space/factors.h"

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

#endif
