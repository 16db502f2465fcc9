/* SPDX-License-Identifier: MIT
 *
 * The verb `bench`: how fast is one implementation, side by side with others,
 * on the layers of real networks?
 */
#ifndef DC_BENCH_H
#define DC_BENCH_H

#include "oracle/base/verb.h"
#include "oracle/bench/bench_run.h"

/* Reports to files. */
typedef enum {
    DC_BENCH_CSV,
    DC_BENCH_JSON,
    DC_BENCH_PLOT,
    DC_BENCH_FILES
} dc_bench_file;

/* The options. */
typedef struct {
    const char *what[DC_BENCH_SUBJECTS]; /* [0] --impl, then --vs */
    int count;                           /* of subjects */
    const char *layers; /* globs on names, comma-separated; NULL: all */
    bool ops[DC_OPS];
    int dtype;
    bool small; /* layers scaled down, to try things out */
    bool judge; /* measure the cost of judging instead of the speed */
    dc_bench_plan plan;
    const char *files[DC_BENCH_FILES]; /* paths, or NULL */
} dc_bench;

/* Reads argv[1..argc), where argv[0] is the verb.  DC_INVALID for an option
 * that is unknown or has a wrong value.  Nothing needs to be freed. */
dc_status dc_bench_read(dc_bench *b, int argc, char **argv, dc_error *e);

/* Sets DECONFORM_THREADS and OMP_NUM_THREADS (and OPENBLAS_CORETYPE, if it is
 * unset and helps) for the libraries that are loaded from then on.  Exit codes:
 * DC_EXIT_NOTHING if no implementation offered anything, DC_EXIT_INTERRUPTED
 * after a report of the rows measured so far. */
dc_verb_run dc_bench_run;

extern const dc_verb dc_bench_verb;

/* ==== --judge: how expensive is judging? ================================ */

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
