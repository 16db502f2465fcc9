/* SPDX-License-Identifier: MIT
 *
 * Truth at speed (Ziv's strategy): binary64 values with a proven interval
 * decide nearly every element of a large result, MPFR decides the rest.
 *
 * The binary64 values come from a quick implementation that is trusted only
 * under two guards, a stratified sample in MPFR and a random channel checksum,
 * or from the plain gather of ref/dot2.h.
 */
#ifndef DC_LADDER_H
#define DC_LADDER_H

#include "oracle/truth/truth.h"

/* How many elements each rung decided. */
typedef struct {
    int64_t binary64; /* by the quick implementation's values */
    int64_t plain;    /* by double-double */
    int64_t mpfr;
} dc_rungs;

typedef struct dc_ladder dc_ladder;

/* Prepares to judge results of op.  quick offers op in f64 and takes the
 * first rung; NULL: the plain gather takes it (f64 results always do, and so
 * do results of the quick implementation itself).  A guard that fails is
 * DC_FAILED: a harness fault. */
dc_status dc_ladder_open(dc_ladder **ladder, dc_truth *t, dc_op op,
                         const dc_arithmetic *a, const dc_impl *quick,
                         dc_error *e);
void dc_ladder_close(dc_ladder *ladder);

/* Compares a result, as dc_truth_compare does, and adds to rungs. */
dc_comparison dc_ladder_compare(dc_ladder *ladder, const void *result,
                                dc_rungs *rungs);

/* What is accepted for one element, by MPFR: for findings. */
dc_interval dc_ladder_element(dc_ladder *ladder, int64_t index);

#endif
