/* SPDX-License-Identifier: MIT
 *
 * What a run teaches about its failures: for every operation that failed, the
 * smallest case and the diagnosis.  Collected while the run goes on, worked
 * out after it.
 */
#ifndef DC_ANALYSIS_H
#define DC_ANALYSIS_H

#include "oracle/explain/diagnose.h"
#include "oracle/explain/shrink_live.h"
#include "oracle/judge/run.h"

typedef struct dc_analysis {
    dc_failure_log evidence;
    dc_result *lightest[DC_OPS]; /* failing case that weighs least, or NULL */
    int64_t weight[DC_OPS];      /* of that case */
    int finding[DC_OPS];         /* the one of its findings that is shrunk */
    int has_smallest[DC_OPS];    /* 1: the next is set */
    dc_shrunk smallest[DC_OPS];
    int has_diagnosis[DC_OPS]; /* 1: the next is set */
    dc_diagnosis diagnosis[DC_OPS];
} dc_analysis;

dc_status dc_analysis_open(dc_analysis *i);
void dc_analysis_close(dc_analysis *i);

/* Takes note of one result; not thread-safe. */
void dc_analysis_add(dc_analysis *i, const dc_result *r);

/* Works it out, in a process of its own for the implementation; at most a few
 * seconds for each operation that failed.  shrink 0: no smallest cases.
 * Without failures there is nothing to do. */
dc_status dc_analysis_run(dc_analysis *i, const dc_subject *subject,
                          const dc_judge *judge, int shrink, dc_error *e);

/* Writes the first smallest case as a C program (reproducer.h).  Nothing is
 * written where there is no such case. */
dc_status dc_analysis_reproduce(const dc_analysis *i, const dc_arithmetic *a,
                                const char *file, dc_error *e);

/* For people; nothing where nothing failed. */
void dc_analysis_print(const dc_analysis *i, const dc_run *run, FILE *to);

/* One JSON object: {"insight":[{"op":..., ...}]}, a line of its own. */
void dc_analysis_json(const dc_analysis *i, FILE *to);

#endif
