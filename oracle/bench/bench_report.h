/* SPDX-License-Identifier: MIT
 *
 * What did the benchmark find?  A table of at most 100 columns for people,
 * CSV and JSON for machines, a chart.
 */
#ifndef DC_BENCH_REPORT_H
#define DC_BENCH_REPORT_H

#include <stdio.h>

#include "oracle/bench/bench_run.h"

/* The whole run. */
typedef struct {
    const dc_bench_plan *plan;
    int dtype;
    int small;
    const char *coretype; /* OPENBLAS_CORETYPE as the libraries see it, or "" */
    int coretype_set;     /* ... and set by us */
    const dc_bench_subject *subjects;
    int count; /* of subjects */
    dc_bench_row *rows;
    int n_rows; /* measured so far */
} dc_bench_result;

/* The lines above the table, one row, and what follows it: geometric means by
 * operation, the yardsticks, warnings. */
void dc_bench_report_head(FILE *f, const dc_bench_result *r);
void dc_bench_report_row(FILE *f, const dc_bench_result *r,
                         const dc_bench_row *row);
void dc_bench_report_tail(FILE *f, const dc_bench_result *r);

/* Summary of one operation over the rows in which both were measured. */
typedef struct {
    int layers;
    double mean;  /* geometric mean of ratios, or of shares of the peak */
    double least; /* the smallest */
    const char *least_layer;
} dc_bench_mean;

/* Ratio against rival s (1..), or against the fastest rival (s = 0). */
dc_bench_mean dc_bench_report_ratio(const dc_bench_result *r, dc_op op, int s);

/* A's share of the multiply-add peak; `wide` takes only layers with at least
 * 32 channels per group on both sides. */
dc_bench_mean dc_bench_report_share(const dc_bench_result *r, dc_op op,
                                    int wide);

/* One line a layer, operation and implementation, under one header line. */
dc_status dc_bench_report_csv_head(FILE *f);
dc_status dc_bench_report_csv_row(FILE *f, const dc_bench_result *r,
                                  const dc_bench_row *row);

/* One object with everything. */
dc_status dc_bench_report_json(FILE *f, const dc_bench_result *r);

/* An SVG file: ratios against each rival, or without one the shares of the
 * peak, a panel an operation. */
dc_status dc_bench_report_plot(const char *path, const dc_bench_result *r,
                               dc_error *e);

#endif
