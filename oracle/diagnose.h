/* SPDX-License-Identifier: MIT
 *
 * What is wrong with it?  Failing results are held against what every known
 * defect (mutant) would have produced on the same cases; where none fits, the
 * facts that the failures have in common are told.
 */
#ifndef DC_DIAGNOSE_H
#define DC_DIAGNOSE_H

#include <stdio.h>

#include "judge.h"
#include "mutant.h"

/* What one operation of one case showed. */
typedef struct {
    dc_case c;
    int has_value; /* 1: the value that follows */
    int64_t index; /* first wrong or unwritten element, or -1 */
    int64_t wrong; /* elements */
    double got;
    double bound;
    unsigned checks;  /* bit of each dc_symptom_check that found something */
    dc_tensor tensor; /* that was accessed outside, or was changed */
    int past;         /* 1 past its end, 0 before it; -1: not told */
    dc_conduct death; /* that ends a process in this way */
} dc_symptom;

/* What was seen of one operation: all failures or an even sample of them, and
 * a sample of the cases that passed. */
enum { DC_FAILED_KEPT = 1024, DC_PASSED_KEPT = 512 };

typedef struct {
    int64_t failed; /* all */
    int64_t passed;
    dc_symptom *failures; /* the first min(failed, DC_FAILED_KEPT) are set */
    dc_case *passes;
} dc_seen;

typedef struct {
    dc_seen ops[DC_OPS];
} dc_evidence;

dc_status dc_evidence_open(dc_evidence *v);
void dc_evidence_add(dc_evidence *v, const dc_result *r);
void dc_evidence_close(dc_evidence *v);

/* Which operation does finding f of r speak of?  0: of none, for it is a
 * warning, or an identity that broke because something else is wrong. */
int dc_evidence_blames(const dc_result *r, int f, dc_op *op);

/* A defect, and how much of what was seen it accounts for. */
typedef struct {
    const dc_mutant *m;
    int64_t hits;   /* failures that it explains, of those kept */
    int64_t alarms; /* passing cases that it would have failed */
} dc_suspect;

enum { DC_SUSPECTS = 3, DC_FACTS = 6, DC_FACT_TEXT = 160 };

typedef struct {
    dc_op op;
    int known;                        /* defects that were tried */
    int64_t kept;                     /* failures that were looked at, ... */
    int64_t all;                      /* ... of so many */
    int64_t fine;                     /* passing cases that were looked at */
    int explained;                    /* 1: the first suspect accounts for it */
    dc_suspect suspects[DC_SUSPECTS]; /* the best first */
    int n_suspects;
    char facts[DC_FACTS][DC_FACT_TEXT];
    int n_facts;
} dc_diagnosis;

/* Diagnoses one operation that failed.  `without` is left out of the
 * candidates (NULL: none is).  Facts about elements need the results once
 * more: end may be NULL, then only facts about cases are told. */
dc_status dc_diagnose(const dc_evidence *v, dc_op op, const char *without,
                      dc_endpoint *end, dc_diagnosis *d, dc_error *e);

/* For people. */
void dc_diagnose_print(const dc_diagnosis *d, FILE *to);

/* ---- between diagnose.c and diagnose_facts.c ---- */

/* Adds the facts to d. */
dc_status dc_diagnose_facts(const dc_seen *seen, dc_op op, dc_endpoint *end,
                            dc_diagnosis *d, dc_error *e);

/* Room for one fact, or NULL when there are enough. */
char *dc_diagnose_fact(dc_diagnosis *d);

#endif
