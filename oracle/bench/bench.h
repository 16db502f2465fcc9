/* SPDX-License-Identifier: MIT
 *
 * The verb `bench`: how fast is one implementation, side by side with others,
 * on the layers of real networks?
 */
#ifndef DC_BENCH_H
#define DC_BENCH_H

#include "oracle/bench/bench_run.h"

/* What the command line asked for. */
typedef struct {
    const char *what[DC_BENCH_SUBJECTS]; /* [0] --impl, then --vs */
    int count;
    const char *layers; /* globs on layers' names, comma-separated, or NULL */
    int ops[DC_OPS];
    int dtype;
    int small; /* the layers scaled down: to try things out */
    int judge; /* what does judging cost? instead of speed */
    int help;
    dc_bench_plan plan;
    const char *csv, *json, *plot; /* files, or NULL */
} dc_bench;

/* Reads argv[1..] (argv[0] is the verb); nothing needs freeing. */
dc_status dc_bench_read(dc_bench *b, int argc, char **argv, dc_error *e);

/* Runs the verb: reads argv, sets DECONFORM_THREADS and OMP_NUM_THREADS (and
 * OPENBLAS_CORETYPE where it is unset and helps) for what is loaded from here
 * on, measures and reports.  Returns the exit code: 0 done, 2 usage or
 * harness fault, 77 nothing was offered by anybody, 130 interrupted (with what
 * was measured so far). */
int dc_bench_main(int argc, char **argv,
                  const volatile sig_atomic_t *interrupted);

#endif
