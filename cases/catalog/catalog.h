/* SPDX-License-Identifier: MIT
 *
 * Cases with a name: defects that public software really had, the shapes of
 * published examples, layers of real networks, and problems that must be
 * refused.
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

/* A layer of a real network, at full size and scaled down (channels, extents)
 * so that a naive reference judges it in a fraction of a second. */
typedef struct {
    const char *name;
    const char *spec;
    const char *small;
    const char *network;
} dc_layer;

extern const dc_layer dc_layers[];
extern const int dc_layers_count;

/* An illegal problem: the field and the axis that dc_problem_complete names
 * (axis -1 where there is none), and the rule that it breaks. */
typedef struct {
    const char *name;
    dc_problem p; /* o is left 0: it was never computed */
    const char *field;
    int axis;
    const char *rule; /* in words, with the report where there is one */
} dc_refusal;

extern const dc_refusal dc_refusals[];
extern const int dc_refusals_count;

#endif
