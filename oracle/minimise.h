/* SPDX-License-Identifier: MIT
 *
 * The smallest case on which an implementation fails in the same way: the
 * same operation, the same check, the same verdict.
 */
#ifndef DC_MINIMISE_H
#define DC_MINIMISE_H

#include <stdio.h>

#include "judge.h"

/* What may be spent on one finding. */
typedef struct {
    int calls;      /* cases judged, 300 is plenty */
    double seconds; /* then no further case is begun */
    double timeout; /* seconds per call */
    int hangs;      /* each costs the timeout */
} dc_minimise_limits;

/* 300 calls of at most a second, 10 seconds, 6 hangs. */
dc_minimise_limits dc_minimise_usual(const dc_subject *subject);

/* A tensor that a person can read. */
enum { DC_READABLE = 16 };

typedef struct {
    const char *name; /* "x", ..., "want", "got" */
    int axes;
    int64_t shape[5];
    int count; /* 0: there is none, or it is too large */
    double values[DC_READABLE];
} dc_small;

enum { DC_SMALLS = 6 };

typedef struct {
    dc_case from;
    dc_case smallest;
    dc_op op;
    const char *check;
    dc_verdict verdict;
    int again;          /* 0: alone and in a fresh process it does not fail */
    int calls;          /* cases judged */
    double seconds;     /* that it took */
    int64_t elements;   /* of the largest tensor */
    dc_finding finding; /* of the smallest case */
    dc_small tensors[DC_SMALLS]; /* what op takes, want, got */
    int n_tensors;
} dc_minimised;

/* Reduces the case of `result` for its finding number f, through a process of
 * its own.  Anything but DC_OK is a harness fault. */
dc_status dc_minimise_run(const dc_subject *subject, const dc_judge *judge,
                          const dc_minimise_limits *limits,
                          const dc_result *result, int f, dc_minimised *out,
                          dc_error *e);

/* For people, two blanks in front: the case, what is wrong with it, its
 * tensors when they are small. */
void dc_minimise_print(const dc_minimised *m, FILE *to);

#endif
