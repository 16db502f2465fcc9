/* SPDX-License-Identifier: MIT
 *
 * `deconform self-check`: is the judge itself sound?  Known answers, the
 * reference against finite differences and against a second reference, the
 * verdict at the edges of its intervals, and every mutant caught.
 */
#ifndef DC_SELFCHECK_H
#define DC_SELFCHECK_H

#include <stdbool.h>
#include <stdio.h>

#include "oracle/base/verb.h"

/* One step of the self-check: its input, and its outcome. */
typedef struct {
    FILE *to;         /* for lines of its own, such as refuted examples */
    const char *self; /* path of our own binary; NULL: the running one */
    int64_t checks;
    int64_t wrong;     /* checks that failed */
    char summary[512]; /* what was done, one sentence */
    char fault[320];   /* the first check that failed, or "" */
} dc_step;

/* Counts one check; the first that fails leaves its sentence in s->fault.
 * Returns ok. */
bool dc_selfcheck_expect(dc_step *s, bool ok, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The steps.  Anything but DC_OK ends the self-check: s->fault, or the status,
 * gives the reason. */
typedef dc_status dc_selfcheck_step(dc_step *s);

dc_selfcheck_step dc_selfcheck_second;      /* the scatter form in rationals */
dc_selfcheck_step dc_selfcheck_differences; /* gradients of the reference */
dc_selfcheck_step dc_selfcheck_edges;       /* one unit inside and outside */
dc_selfcheck_step dc_selfcheck_mutants;     /* every mutant caught */

/* Runs all steps; prints one line per step and a closing line.  Returns the
 * exit code: 0 sound, 1 not sound, 2 a harness fault, described in e.
 * self: as in dc_step. */
int dc_selfcheck_run(FILE *to, const char *self, dc_error *e);

/* How often is the cause of a failure named correctly, and how small do failing
 * cases become?  Judges the mutants rows[n] (indices into dc_mutants; n 0: all
 * of them) on the smoke tier, diagnoses and shrinks their failures, writes the
 * Markdown file and prints its summary to `summary`. */
dc_status dc_diagnosis_score_write(const char *file, const int *rows, int n,
                                   FILE *summary, dc_error *e);

/* Runs dc_selfcheck_run, or writes the kill matrix (matrix.h) or the benchmark
 * of the diagnosis. */
extern const dc_verb dc_selfcheck_verb;

#endif
