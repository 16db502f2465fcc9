/* SPDX-License-Identifier: MIT
 *
 * Which cases does a tier ask?  The catalog first, then a random sweep that
 * draws every parameter independently per axis.
 */
#ifndef DC_SWEEP_H
#define DC_SWEEP_H

#include "../ref/case.h"

/* A case with its origin: a catalog name and what it hunts, or NULL. */
typedef struct {
    dc_case c;
    const char *name;
    const char *hunts;
} dc_item;

typedef enum { DC_SMOKE, DC_CI, DC_FULL, DC_TIERS } dc_tier;

extern const char *const dc_tier_names[DC_TIERS];

/* A sweep: the tier's cases for these storage types under this seed. */
typedef struct {
    dc_tier tier;
    uint64_t seed;
    int dtypes[4];
    int n_dtypes;
} dc_sweep;

/* Number of cases. */
int64_t dc_sweep_count(const dc_sweep *sweep);

/* Case `index` of the sweep: the same on every machine, alone or in order. */
void dc_sweep_case(const dc_sweep *sweep, int64_t index, dc_item *item);

#endif
