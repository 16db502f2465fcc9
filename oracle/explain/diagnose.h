/* SPDX-License-Identifier: MIT
 *
 * What is wrong with it?  Failing results are held against what every known
 * defect (mutant) would have produced on the same cases; where none fits, the
 * facts that the failures have in common are told.
 */
#ifndef DC_DIAGNOSE_H
#define DC_DIAGNOSE_H

#include <stdio.h>

#include "oracle/subject/endpoint.h"
#include "oracle/explain/failure_log.h"

/* A defect, and how much of what was seen it accounts for. */
typedef struct {
    const dc_mutant *m;
    int64_t hits;   /* failures that it explains, of those kept */
    int64_t alarms; /* passing cases that it would have failed */
} dc_candidate;

enum { DC_CANDIDATES = 3, DC_FACTS = 6, DC_FACT_TEXT = 160 };

typedef struct {
    dc_op op;
    int known;     /* defects that were tried */
    int64_t kept;  /* failures that were looked at, ... */
    int64_t all;   /* ... of so many */
    int64_t fine;  /* passing cases that were looked at */
    int explained; /* 1: the first suspect accounts for it */
    dc_candidate suspects[DC_CANDIDATES]; /* the best first */
    int n_suspects;
    char facts[DC_FACTS][DC_FACT_TEXT];
    int n_facts;
} dc_diagnosis;

/* Diagnoses one operation that failed.  `without` is left out of the
 * candidates (NULL: none is).  Facts about elements need the results once
 * more: end may be NULL, then only facts about cases are told. */
dc_status dc_diagnose(const dc_failure_log *v, dc_op op, const char *without,
                      dc_endpoint *end, dc_diagnosis *d, dc_error *e);

/* For people. */
void dc_diagnose_print(const dc_diagnosis *d, FILE *to);

/* ---- between diagnose.c and diagnose_*.c ---- */

/* Adds what the failing cases have in common. */
void dc_diagnose_traits(const dc_op_sample *seen, dc_diagnosis *d);

/* Adds what the wrong elements have in common. */
dc_status dc_diagnose_facts(const dc_op_sample *seen, dc_op op,
                            dc_endpoint *end, dc_diagnosis *d, dc_error *e);

/* Room for one fact, or NULL when there are enough. */
char *dc_diagnose_fact(dc_diagnosis *d);

#endif
