/* SPDX-License-Identifier: MIT
 *
 * Which is the smallest case on which an implementation fails in the same way:
 * the same operation, the same check, the same verdict?
 */
#ifndef DC_SHRINK_LIVE_H
#define DC_SHRINK_LIVE_H

#include <stdbool.h>
#include <stdio.h>

#include "oracle/judge/judge.h"

/* Tensors of at most this many elements are printed. */
enum { DC_READABLE = 16 };

typedef struct {
    const char *name; /* "x", ..., "want", "got" */
    int axes;
    int64_t shape[5];
    int count; /* elements */
    double values[DC_READABLE];
} dc_small_tensor;

enum { DC_SMALL_TENSORS = 6 };

typedef struct {
    dc_case from;
    dc_case smallest;
    dc_op op;
    dc_check check;
    dc_verdict verdict;
    dc_proving prove;   /* as when it failed */
    bool reproduced;    /* it fails alone, in a fresh process; else only from,
                           op, check, verdict, calls and seconds are set */
    int calls;          /* cases judged */
    double seconds;     /* that the reduction took */
    int64_t elements;   /* of the largest input of the smallest case */
    dc_finding finding; /* of the smallest case */
    dc_small_tensor tensors[DC_SMALL_TENSORS]; /* inputs of op, want, got */
    int n_tensors; /* 0: one of them is too large to be read */
} dc_shrunk;

/* Reduces the case of `result` while it keeps its finding number f, in a
 * process of its own, as far as some seconds permit.  A status other than DC_OK
 * is a harness fault. */
dc_status dc_shrink_live_run(const dc_subject *subject, const dc_judge *judge,
                             const dc_result *result, int f, dc_shrunk *out,
                             dc_error *e);

/* Prints the case, its finding and its tensors, for people, indented. */
void dc_shrink_live_print(const dc_shrunk *s, FILE *to);

#endif
