/* SPDX-License-Identifier: MIT
 *
 * What a run teaches about its failures: for every operation that failed, the
 * smallest case and the diagnosis.  Collected while the run goes on, worked
 * out after it.
 */
#ifndef DC_INSIGHT_H
#define DC_INSIGHT_H

#include "diagnose.h"
#include "minimise.h"
#include "report.h"

typedef struct dc_insight {
    dc_evidence evidence;
    dc_result *lightest[DC_OPS]; /* failing case that weighs least, or NULL */
    int64_t weight[DC_OPS];      /* of that case */
    int finding[DC_OPS];         /* the one of its findings that is shrunk */
    int has_smallest[DC_OPS];    /* 1: the next is set */
    dc_minimised smallest[DC_OPS];
    int has_diagnosis[DC_OPS]; /* 1: the next is set */
    dc_diagnosis diagnosis[DC_OPS];
} dc_insight;

dc_status dc_insight_open(dc_insight *i);
void dc_insight_close(dc_insight *i);

/* Takes note of one result; not thread-safe. */
void dc_insight_add(dc_insight *i, const dc_result *r);

/* Works it out, in a process of its own for the implementation; at most a few
 * seconds for each operation that failed.  shrink 0: no smallest cases.
 * Without failures there is nothing to do. */
dc_status dc_insight_gain(dc_insight *i, const dc_subject *subject,
                          const dc_judge *judge, int shrink, dc_error *e);

/* Writes the first smallest case as a C program (reproducer.h).  Nothing is
 * written where there is no such case. */
dc_status dc_insight_reproduce(const dc_insight *i, const dc_arithmetic *a,
                               const char *file, dc_error *e);

/* For people; nothing where nothing failed. */
void dc_insight_print(const dc_insight *i, const dc_run *run, FILE *to);

/* One JSON object: {"insight":[{"op":..., ...}]}, a line of its own. */
void dc_insight_json(const dc_insight *i, FILE *to);

#endif
