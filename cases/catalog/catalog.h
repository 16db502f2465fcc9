/* SPDX-License-Identifier: MIT
 *
 * Named cases: defects that public software had, layers of real networks, and
 * problems that must be refused.
 */
#ifndef DC_CATALOG_H
#define DC_CATALOG_H

#include "ref/case.h"

/* A legal case.  `spec` is a case string without dtype, family and seed. */
typedef struct {
    const char *name; /* K1S2, PMODS, ... */
    const char *spec;
    const char *hunts; /* the defect in a few words, and where it was seen */
} dc_named;

extern const dc_named dc_catalog[];
extern const int dc_catalog_count;

/* A layer of a real network: at full size, and with fewer channels and smaller
 * extents, so that a naive reference takes a fraction of a second. */
typedef struct {
    const char *name;
    const char *spec;
    const char *small;
    const char *network;
} dc_layer;

extern const dc_layer dc_layers[];
extern const int dc_layers_count;

/* An illegal problem. */
typedef struct {
    const char *name;
    dc_problem p;      /* o is 0 */
    const char *field; /* as dc_problem_complete reports it ... */
    int axis;          /* ... with the axis, or -1 */
    const char *rule;  /* that it breaks, with a bug report if there is one */
} dc_refusal;

extern const dc_refusal dc_refusals[];
extern const int dc_refusals_count;

#endif
