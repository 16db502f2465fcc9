/* SPDX-License-Identifier: MIT
 *
 * Which cases go into a pack?  Options of `vectors`, and the list that they
 * select.
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
    int64_t left_out; /* the format cannot say them, for these reasons: */
    dc_pack_reason why[DC_VECTORS_REASONS]; /* the last is always empty */
} dc_vectors_plan;

dc_status dc_vectors_collect(const dc_settings *s, dc_vectors_plan *plan,
                             dc_error *e);
void dc_vectors_release(dc_vectors_plan *plan);

#endif
