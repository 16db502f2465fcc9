/* SPDX-License-Identifier: MIT
 *
 * Analysis of a run's failures: for every operation that failed, a diagnosis
 * and the smallest case that shows the failure.
 */
#ifndef DC_ANALYSIS_H
#define DC_ANALYSIS_H

#include "oracle/explain/diagnosis.h"
#include "oracle/explain/shrink_live.h"
#include "oracle/explain/threshold.h"

/* Of one operation. */
typedef struct {
    dc_result *lightest; /* failing case of the least weight; NULL: none */
    int64_t weight;      /* of that case (dc_shrink_weight) */
    int finding;         /* the finding of that case that is shrunk */
    bool diagnosed;      /* diagnosis is set */
    dc_diagnosis diagnosis;
    bool shrunk; /* smallest is set */
    dc_shrunk smallest;
    dc_threshold threshold; /* of the smallest case */
} dc_op_analysis;

typedef struct dc_analysis {
    dc_failure_log *log;
    dc_op_analysis ops[DC_OPS];
} dc_analysis;

/* DC_OK or DC_NOMEM. */
dc_status dc_analysis_open(dc_analysis *a);

/* May be repeated. */
void dc_analysis_close(dc_analysis *a);

/* Collects one result of the run.  Not thread-safe. */
void dc_analysis_add(dc_analysis *a, const dc_result *r);

/* Diagnoses the failures that were collected and, if `shrink`, reduces the
 * lightest case of each operation and looks for its threshold.  The
 * implementation runs in a process of its own, for some seconds per operation
 * that failed. */
dc_status dc_analysis_run(dc_analysis *a, const dc_subject *subject,
                          const dc_judge *judge, bool shrink, dc_error *e);

/* Writes the first smallest case as a C program (reproducer.h) to the file;
 * without a smallest case no file is written. */
dc_status dc_analysis_reproduce(const dc_analysis *a,
                                const dc_arithmetic *arithmetic,
                                const char *file, dc_error *e);

/* Prints text for people; nothing if no operation was diagnosed. */
void dc_analysis_print(const dc_analysis *a, const dc_run *run, FILE *to);

/* Prints one line of JSON, {"insight":[{"op":..., ...}]}; nothing if no
 * operation was diagnosed. */
void dc_analysis_json(const dc_analysis *a, FILE *to);

#endif
