/* SPDX-License-Identifier: MIT
 *
 * How fast is one operation of one layer, side by side?  The timing core:
 * samples taken in turn, A B A B ..., with the yardsticks between them, so
 * that whatever disturbs the machine disturbs all of them alike; medians and
 * quartiles of what is compared within each round.
 */
#ifndef DC_BENCH_RUN_H
#define DC_BENCH_RUN_H

#include <signal.h>

#include "cases/catalog/catalog.h"
#include "oracle/bench/bench_subject.h"

enum {
    DC_BENCH_RIVALS = 4,
    DC_BENCH_SUBJECTS = 1 + DC_BENCH_RIVALS, /* [0] is A */
    DC_BENCH_ROUNDS = 999
};

/* Median with its spread. */
typedef struct {
    double median, q1, q3;
} dc_quartiles;

/* Quartiles of values[count], count >= 1, by linear interpolation; the values
 * are sorted in place. */
dc_quartiles dc_bench_quartiles(double *values, int count);

/* (q3 - q1) / median: above this a measurement is called noisy. */
#define DC_BENCH_NOISY 0.10
double dc_bench_spread(const dc_quartiles *q);

/* How a run is made. */
typedef struct {
    int threads;
    int repeat;     /* rounds, where seconds is 0 */
    double seconds; /* rounds until this has passed, at least three */
    double sample;  /* seconds that a sample shall last at least */
    const volatile sig_atomic_t *interrupted; /* or NULL */
} dc_bench_plan;

/* One implementation on one layer and operation. */
typedef struct {
    dc_status status;     /* DC_OK: measured */
    char why[200];        /* else: a sentence */
    int64_t repetitions;  /* runs in a sample */
    dc_quartiles seconds; /* of one run */
    dc_quartiles ratio;   /* its seconds over A's, round by round; 0 where
                             either was not measured */
    double gflops;        /* at the median; GFLOP/s */
    double difference;    /* |result - A's| / |A's|, Euclidean */
    int disagrees;        /* ... is more than rounding explains */
} dc_bench_measure;

typedef struct {
    const dc_layer *layer;
    dc_case c;
    dc_op op;
    double flops; /* exact: two per multiplication of the formula; grad_bias:
                     its additions */
    double bytes; /* inputs read once and the result written once */
    int rounds;
    dc_bench_measure of[DC_BENCH_SUBJECTS];
    dc_quartiles best;    /* the fastest rival's ratio */
    dc_quartiles peak;    /* A's share of the multiply-add peak */
    dc_quartiles memory;  /* seconds of moving the bytes over A's */
    dc_quartiles fma;     /* the peak itself, GFLOP/s */
    dc_quartiles traffic; /* what the memory gave, GB/s */
    int noisy;
} dc_bench_row;

/* Tensors of a layer, filled with the family `real`, and room for results. */
typedef struct {
    void *tensor[DC_TENSORS];
    void *result[DC_BENCH_SUBJECTS + 1]; /* the last for the yardstick */
} dc_bench_data;

/* Allocates and fills what the operations (flags) take; the error names the
 * tensor and its bytes. */
dc_status dc_bench_data_make(dc_bench_data *d, const dc_case *c,
                             const int ops[DC_OPS], int subjects, dc_error *e);
void dc_bench_data_free(dc_bench_data *d);

/* Measures subjects[0..count) on row->c and row->op and fills the rest of the
 * row; layer stays.  What a subject refuses or fails at is in its measure.
 * DC_INVALID when the operations cannot be counted. */
dc_status dc_bench_measure_row(const dc_bench_plan *plan,
                               dc_bench_subject *subjects, int count,
                               const dc_bench_data *d, dc_bench_row *row,
                               dc_error *e);

#endif
