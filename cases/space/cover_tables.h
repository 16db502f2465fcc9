/* SPDX-License-Identifier: MIT
 *
 * Which levels exist together?  Three tables: channels with groups, the first
 * axis, the last axis.  The two axes share only the rank and the place of
 * unequal pads; once these two are chosen the tables are independent of each
 * other, so that a row with an entry left in each table can be finished.
 */
#ifndef DC_COVER_TABLES_H
#define DC_COVER_TABLES_H

#include "cases/space/factors.h"

enum { DC_COVER_TABLES = 3 };

/* Levels of the factors base..base+width-1.  Entries with unequal pads come
 * first. */
typedef struct {
    int base, width;
    int8_t (*entry)[DC_A_FACTORS];
    int count, unequal;
} dc_cover_table;

typedef struct {
    dc_cover_table table[DC_COVER_TABLES];
} dc_cover_tables;

/* Enumerates concrete axes and channels; DC_NOMEM. */
dc_status dc_cover_tables_open(dc_cover_tables *t);
void dc_cover_tables_close(dc_cover_tables *t);

/* The entries from..to-1 of table k that may be used under these levels of
 * rank and pads. */
void dc_cover_entries(const dc_cover_tables *t, int k, int rank, int pads,
                      int *from, int *to);

/* The (rank, pads) under which every table has an entry with the said levels
 * (by factor; -1: not said); returns their number, at most 1 when asked for
 * the first only. */
int dc_cover_openings(const dc_cover_tables *t, const int8_t *at,
                      int first_only, int found[9][2]);

#endif
