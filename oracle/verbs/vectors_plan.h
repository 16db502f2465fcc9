/* SPDX-License-Identifier: MIT
 *
 * Which cases go into a pack?
 */
#ifndef DC_VECTORS_PLAN_H
#define DC_VECTORS_PLAN_H

#include "cases/pack/pack.h"
#include "oracle/verbs/settings.h"

enum { DC_VECTORS_LABELS = 4, DC_VECTORS_REASONS = 12 };

/* The cases of a pack, each once, in order. */
typedef struct {
    dc_pack_case *cases;
    dc_pack_label (*labels)[DC_VECTORS_LABELS];
    int64_t count;
    int64_t left_out; /* cases that the pack cannot have, and why: */
    dc_pack_reason why[DC_VECTORS_REASONS]; /* the last entry stays empty */
} dc_vectors_plan;

/* Collects the cases for s->format.  DC_INVALID if none is left; e says why. */
dc_status dc_vectors_collect(const dc_settings *s, dc_vectors_plan *plan,
                             dc_error *e);
void dc_vectors_release(dc_vectors_plan *plan);

#endif
