/* SPDX-License-Identifier: MIT
 *
 * The verdict on large results at speed (Ziv's strategy).
 *
 * A ladder is a sequence of evaluations, the rungs, each slower and more
 * precise than the one before.  A rung gives an element a value with a proven
 * radius.  If every number within that radius leads to the same verdict, the
 * rung decides; if not, the next one is tried, and the last, MPFR, always
 * decides.  Nearly all elements are decided by the first rung, which is one of
 *
 *   quick values under guard (quick.h), for f32, f16 and bf16 results
 *   double-double sums (ref/dot2.h), for f64 results and for results of the
 *   quick implementation itself
 */
#ifndef DC_LADDER_H
#define DC_LADDER_H

#include "oracle/truth/truth.h"

/* How many elements each rung decided. */
typedef struct {
    int64_t binary64; /* quick values */
    int64_t dot2;     /* double-double */
    int64_t mpfr;
} dc_rungs;

typedef struct dc_ladder dc_ladder;

/* Prepares to judge results of op.  quick offers op in f64 and gives the quick
 * values; NULL: double-double takes their place.  DC_FAILED, a harness fault: a
 * guard of the quick values failed.  DC_NOMEM. */
dc_status dc_ladder_open(dc_ladder **ladder, dc_truth *t, dc_op op,
                         const dc_arithmetic *a, const dc_impl *quick,
                         dc_error *e);
void dc_ladder_close(dc_ladder *ladder);

/* Compares a result as dc_truth_compare does, and adds to *rungs. */
dc_comparison dc_ladder_compare(dc_ladder *ladder, const void *result,
                                dc_rungs *rungs);

/* What is accepted for one element, by MPFR; for findings. */
dc_interval dc_ladder_element(dc_ladder *ladder, int64_t index);

#endif
