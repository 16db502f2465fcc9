/* SPDX-License-Identifier: MIT
 *
 * What does judging cost?  The ladder over all elements of a layer's result,
 * as a multiple of the time that `fast` took to compute it.
 */
#ifndef DC_BENCH_JUDGE_H
#define DC_BENCH_JUDGE_H

#include "oracle/bench/bench.h"

/* Measures the layer `c` (f32 or f64) for every operation of b and
 * prints a line each: milliseconds of `fast`, milliseconds from its result to
 * the verdict on every element (medians of b->plan.repeat rounds, taken in
 * turn), their ratio round by round, which rung decided, and the same ratio
 * for MPFR throughout, extrapolated from a sample of elements.  *judged grows
 * by the lines.  A result of `fast` that is not accepted is DC_FAILED.
 * `fast` is its own rung here, which is timed and believed by nobody. */
dc_status dc_bench_judge_layer(const dc_bench *b, const char *layer,
                               const dc_case *c, int *judged, dc_error *e);

/* The head of that table. */
void dc_bench_judge_head(void);

#endif
