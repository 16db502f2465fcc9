/* SPDX-License-Identifier: MIT
 *
 * How expensive is judging?  The time that the ladder needs for all elements
 * of a layer's result, as a multiple of the time that `fast` needs to compute
 * it.
 */
#ifndef DC_BENCH_JUDGE_H
#define DC_BENCH_JUDGE_H

#include "oracle/bench/bench.h"

/* Measures the layer c (f32 or f64) and prints one line for each operation in
 * b->ops: milliseconds of `fast`, milliseconds to judge every element of its
 * result (medians of b->plan.repeat alternating rounds), quartiles of their
 * ratio per round, the number of elements that MPFR decided, and the ratio for
 * MPFR alone, extrapolated from a sample.  Adds the number of lines to *judged.
 * DC_FAILED if a result of `fast` is rejected.  Here `fast` also computes the
 * ladder's binary64 values, which `verify` avoids when it judges `fast`: only
 * the time is of interest. */
dc_status dc_bench_judge_layer(const dc_bench *b, const char *layer,
                               const dc_case *c, int *judged, dc_error *e);

/* Prints the head of that table. */
void dc_bench_judge_head(void);

#endif
