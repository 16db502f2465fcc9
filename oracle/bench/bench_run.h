/* SPDX-License-Identifier: MIT
 *
 * How fast is one operation of one layer, for several implementations side by
 * side?  Samples are taken in turn (A B A B ...) with the yardsticks of
 * bench_peak.h between them, so that a disturbance of the machine affects all
 * of them alike; ratios are computed within each round.
 */
#ifndef DC_BENCH_RUN_H
#define DC_BENCH_RUN_H

#include <signal.h>
#include <stdbool.h>

#include "cases/catalog/catalog.h"
#include "oracle/bench/bench_subject.h"

enum {
    DC_BENCH_RIVALS = 4,
    DC_BENCH_SUBJECTS = 1 + DC_BENCH_RIVALS, /* subject 0 is A */
    DC_BENCH_ROUNDS = 999
};

/* Median and spread. */
typedef struct {
    double median, q1, q3;
} dc_quartiles;

/* Quartiles of values[count], count >= 1, by linear interpolation; sorts the
 * values in place. */
dc_quartiles dc_bench_quartiles(double *values, int count);

/* (q3 - q1) / median.  A measurement above DC_BENCH_NOISY is called noisy. */
#define DC_BENCH_NOISY 0.10
double dc_bench_spread(const dc_quartiles *q);

typedef struct {
    int threads;
    int repeat;     /* rounds, if seconds is 0 */
    double seconds; /* > 0: rounds until this time has passed, at least 3 */
    double sample;  /* shortest length of a sample, in seconds */
    const volatile sig_atomic_t *interrupted; /* may be NULL */
} dc_bench_plan;

/* Did the user interrupt the run? */
bool dc_bench_interrupted(const dc_bench_plan *plan);

/* One implementation on one layer and operation. */
typedef struct {
    dc_status status;     /* DC_OK: measured */
    char why[200];        /* otherwise: the reason, one sentence */
    int64_t repetitions;  /* runs in a sample */
    dc_quartiles seconds; /* of one run */
    dc_quartiles ratio;   /* its seconds over A's, per round; 0 if one of the
                             two was not measured */
    double gflops;        /* GFLOP/s at the median */
    double difference;    /* |result - A's| / |A's|, Euclidean norm */
    bool disagrees;       /* difference is more than rounding explains */
} dc_bench_measure;

typedef struct {
    const dc_layer *layer;
    dc_case c;
    dc_op op;
    double flops; /* exact: 2 per multiplication of the formula; grad_bias:
                     its additions */
    double bytes; /* all inputs read once and the result written once */
    int rounds;
    dc_bench_measure of[DC_BENCH_SUBJECTS];
    dc_quartiles best;    /* the fastest rival's ratio */
    dc_quartiles peak;    /* A's share of the multiply-add peak */
    dc_quartiles memory;  /* seconds of moving `bytes` over A's seconds */
    dc_quartiles fma;     /* the multiply-add peak, GFLOP/s */
    dc_quartiles traffic; /* the memory bandwidth, GB/s */
    bool noisy;
} dc_bench_row;

/* Buffers for one layer. */
typedef struct {
    void *tensor[DC_TENSORS];        /* filled with the family `real` */
    void *result[DC_BENCH_SUBJECTS]; /* one per subject */
    void *scratch;                   /* overwritten by the yardstick */
} dc_bench_data;

/* Allocates and fills the inputs of the operations that are set in ops, and a
 * result for each subject.  DC_NOMEM names the tensor and its bytes. */
dc_status dc_bench_data_make(dc_bench_data *d, const dc_case *c,
                             const bool ops[DC_OPS], int subjects, dc_error *e);
void dc_bench_data_free(dc_bench_data *d);

/* Measures subjects[count] on row->c and row->op, and fills in the rest of the
 * row apart from `layer`.  A subject that refuses or fails is recorded in its
 * measure.  rounds is 0 if the user interrupted it.  DC_INVALID if the
 * operations cannot be counted. */
dc_status dc_bench_measure_row(const dc_bench_plan *plan,
                               dc_bench_subject *subjects, int count,
                               const dc_bench_data *d, dc_bench_row *row,
                               dc_error *e);

#endif
