/* SPDX-License-Identifier: MIT
 *
 * `deconform self-check`: is the judge itself sound?  Known answers, the
 * reference against finite differences and against a second reference, the
 * verdict at the edge of its interval, and every mutant caught.
 */
#ifndef DC_SELFCHECK_H
#define DC_SELFCHECK_H

#include <stdio.h>

#include "ref/problem.h"

/* One step's outcome: what was done, and the first thing that was wrong. */
typedef struct {
    int64_t done;    /* checks made */
    int64_t wrong;   /* of them not as they must be */
    char said[512];  /* for the report: one sentence */
    char fault[320]; /* the first that was wrong, or "" */
} dc_step;

/* Counts one check; the first that fails leaves its sentence.  Returns ok. */
int dc_selfcheck_expect(dc_step *s, int ok, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The steps.  Each fills s; DC_NOMEM and the like end the self-check. */
typedef dc_status dc_selfcheck_step(dc_step *s, FILE *to, const char *self);

dc_selfcheck_step dc_selfcheck_examples;    /* published values */
dc_selfcheck_step dc_selfcheck_sizes;       /* published sizes and counts */
dc_selfcheck_step dc_selfcheck_refusals;    /* illegal problems */
dc_selfcheck_step dc_selfcheck_second;      /* the scatter form in rationals */
dc_selfcheck_step dc_selfcheck_differences; /* gradients of the reference */
dc_selfcheck_step dc_selfcheck_edges;       /* one unit in, one unit out */
dc_selfcheck_step dc_selfcheck_mutants;     /* every mutant caught */

/* Runs them all; prints one line a step and a closing line.  Returns the
 * exit code: 0 sound, 1 not, 2 a fault.  self is our own binary (NULL: the
 * running one). */
int dc_selfcheck_run(FILE *to, const char *self);

#endif
