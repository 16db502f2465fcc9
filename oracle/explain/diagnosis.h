/* SPDX-License-Identifier: MIT
 *
 * A diagnosis: the known defects that explain the failures of an operation,
 * or facts about these failures if none does.
 */
#ifndef DC_DIAGNOSIS_H
#define DC_DIAGNOSIS_H

#include <stdio.h>

#include "oracle/explain/failure_log.h"
#include "oracle/subject/endpoint.h"

/* A known defect and how much of the sample it explains. */
typedef struct {
    const dc_mutant *m;
    int64_t hits;   /* examined failures that it explains */
    int64_t alarms; /* examined passing cases that it would have failed */
} dc_candidate;

enum {
    DC_CANDIDATES = 3,
    DC_FACTS = 6,
    DC_FACT_TEXT = 160,
    DC_CAUSE_TEXT = 192
};

typedef struct {
    dc_op op;
    int known;        /* defects that were tried */
    int64_t failures; /* of op in the whole run */
    int64_t examined; /* failures that the candidates were tried on */
    int64_t passing;  /* passing cases that they were tried on */
    bool mute;        /* no call gave a result: nothing was tried */
    bool explained;   /* the first candidate explains the failures */
    dc_candidate candidates[DC_CANDIDATES]; /* best first */
    int n_candidates;
    char cause[DC_CAUSE_TEXT]; /* if no defect explains them, what they have in
                                  common tells this; "": it does not */
    char facts[DC_FACTS][DC_FACT_TEXT];
    int n_facts;
} dc_diagnosis;

/* Diagnoses the failures of op.  The mutant with the id `without` (NULL: none)
 * is not considered.  If no defect explains the failures, facts are added
 * instead; those about elements need the implementation once more and are left
 * out if end is NULL. */
dc_status dc_diagnose(const dc_failure_log *log, dc_op op, const char *without,
                      dc_endpoint *end, dc_diagnosis *d, dc_error *e);

/* Appends a fact; beyond DC_FACTS facts it is dropped. */
void dc_diagnosis_add_fact(dc_diagnosis *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds the one or two traits, such as "g > 1", that all failing cases of the
 * sample have and the fewest passing ones, if they distinguish the two. */
void dc_diagnosis_add_traits(dc_diagnosis *d, const dc_op_sample *s);

/* Adds where wrong elements are, what they hold, and whether they are right
 * values in other places: calls the implementation again on the small exact
 * cases among the failures of op. */
dc_status dc_diagnosis_add_patterns(dc_diagnosis *d, const dc_op_sample *sample,
                                    dc_op op, dc_endpoint *end, dc_error *e);

/* Prints the diagnosis as text for people. */
void dc_diagnosis_print(const dc_diagnosis *d, FILE *to);

#endif
