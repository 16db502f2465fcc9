/* SPDX-License-Identifier: MIT
 *
 * What did the benchmark measure?  A table of at most 100 columns for people,
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
    bool small;           /* layers scaled down */
    const char *coretype; /* OPENBLAS_CORETYPE of the libraries, or "" */
    bool coretype_set;    /* set by this program */
    const dc_bench_subject *subjects;
    int count; /* of subjects */
    dc_bench_row *rows;
    int n_rows; /* measured so far */
} dc_bench_result;

/* The lines above the table, one row, and what follows it: geometric means per
 * operation, the yardstick, warnings. */
void dc_bench_report_head(FILE *f, const dc_bench_result *r);
void dc_bench_report_row(FILE *f, const dc_bench_result *r,
                         const dc_bench_row *row);
void dc_bench_report_tail(FILE *f, const dc_bench_result *r);

/* Quantities that are averaged over the layers: 1 to DC_BENCH_RIVALS is the
 * ratio of that rival. */
enum {
    DC_BENCH_FASTEST = 0,               /* the fastest rival's ratio */
    DC_BENCH_SHARE = DC_BENCH_SUBJECTS, /* A's share of the peak */
    DC_BENCH_SHARE_WIDE,                /* ... 32 channels per group or more */
    DC_BENCH_MEANS
};

/* Summary of one quantity over the rows in which it was measured. */
typedef struct {
    int layers;
    double mean;  /* geometric; 0 without layers */
    double least; /* the smallest value */
    const char *least_layer;
} dc_bench_mean;

dc_bench_mean dc_bench_report_mean(const dc_bench_result *r, dc_op op,
                                   int quantity);

/* The files.  Each function returns whether everything could be written.
 *
 * CSV: one header line, then one line per layer, operation and
 * implementation. */
bool dc_bench_report_csv_head(FILE *f);
bool dc_bench_report_csv_row(FILE *f, const dc_bench_result *r,
                             const dc_bench_row *row);

/* JSON: one object with everything. */
bool dc_bench_report_json(FILE *f, const dc_bench_result *r);

/* SVG: a chart with one panel per operation: the ratio of each rival, or
 * without rivals the share of the peak. */
bool dc_bench_report_plot(FILE *f, const dc_bench_result *r);

#endif
