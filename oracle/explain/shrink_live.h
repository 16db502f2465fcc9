/* SPDX-License-Identifier: MIT
 *
 * The smallest case on which an implementation fails in the same way: the
 * same operation, the same check, the same verdict.
 */
#ifndef DC_SHRINK_LIVE_H
#define DC_SHRINK_LIVE_H

#include <stdio.h>

#include "oracle/judge/judge.h"

/* What may be spent on one finding. */
typedef struct {
    int calls;      /* cases judged, 300 is plenty */
    double seconds; /* then no further case is begun */
    double timeout; /* seconds per call */
    int hangs;      /* each costs the timeout */
} dc_shrink_live_limits;

/* 300 calls of at most a second, 10 seconds, 6 hangs. */
dc_shrink_live_limits dc_shrink_live_usual(const dc_subject *subject);

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
    dc_check check;
    dc_verdict verdict;
    int again;          /* 0: alone and in a fresh process it does not fail */
    int calls;          /* cases judged */
    double seconds;     /* that it took */
    int64_t elements;   /* of the largest tensor */
    dc_finding finding; /* of the smallest case */
    dc_small tensors[DC_SMALLS]; /* what op takes, want, got */
    int n_tensors;
} dc_shrunk;

/* Reduces the case of `result` for its finding number f, through a process of
 * its own.  Anything but DC_OK is a harness fault. */
dc_status dc_shrink_live_run(const dc_subject *subject, const dc_judge *judge,
                             const dc_shrink_live_limits *limits,
                             const dc_result *result, int f, dc_shrunk *out,
                             dc_error *e);

/* For people, two blanks in front: the case, what is wrong with it, its
 * tensors when they are small. */
void dc_shrink_live_print(const dc_shrunk *m, FILE *to);

#endif
