/* SPDX-License-Identifier: MIT
 *
 * Where may an element of a result lie?  Places that defects favour, for
 * diagnose_facts.c.
 */
#ifndef DC_DIAGNOSE_PLACES_H
#define DC_DIAGNOSE_PLACES_H

#include "ref/case.h"

/* A result with the right one, as numbers, and where its axes begin. */
typedef struct {
    const dc_case *c;
    dc_op op;
    int64_t count;
    int axes;
    int lead; /* axes before the spatial ones */
    int64_t shape[5];
    double *got;
    double *want;
    int64_t at[5]; /* of the element that is looked at */
} dc_view;

/* A place; one by_axis is asked for each spatial axis, others for axis 0. */
typedef struct {
    const char *words;
    int by_axis;
    int (*test)(const dc_view *v, int axis);
} dc_place;

enum { DC_PLACES_MOST = 16 };

extern const dc_place dc_places[];
extern const int dc_places_count;

#endif
