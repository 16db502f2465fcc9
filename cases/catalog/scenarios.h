/* SPDX-License-Identifier: MIT
 *
 * Checks that a case string cannot express: alternating problems, numbers of
 * threads, tensors beyond 2^31 elements.  (Problems that must be refused are in
 * catalog.h.)
 */
#ifndef DC_SCENARIOS_H
#define DC_SCENARIOS_H

#include <stdbool.h>

#include "ref/case.h"

/* The cases a, b and again a in one process: the second result of a must be the
 * first.  a and b differ in one field, which a cache of plans may have left out
 * of its key.  Case strings without dtype. */
typedef struct {
    const char *name; /* of the field */
    const char *a;
    const char *b;
} dc_alternation;

extern const dc_alternation dc_alternations[];
extern const int dc_alternations_count;

/* A number of threads with which a process must compute all dc_thread_cases. */
typedef struct {
    const char *name;
    int threads;
} dc_thread_count;

extern const dc_thread_count dc_thread_counts[];
extern const int dc_thread_counts_count;
extern const char *const dc_thread_cases[]; /* up to NULL */

/* A 1d problem with one tensor of more than 2^31 elements, nearly all of them
 * zero, and small results. */
typedef struct {
    const char *name;
    const char *spec;
    bool ops[DC_OPS]; /* the operations to check */
    const char *hunts;
} dc_large;

extern const dc_large dc_larges[];
extern const int dc_larges_count;

/* Element `index` of tensor t of a large problem: an integer in -5..5.  It is
 * zero only in a tensor of more than 2^20 elements, at least 16 elements away
 * from its begin, its end and the indices 2^31 and 2^32. */
double dc_large_value(const dc_problem *p, dc_tensor t, int64_t index);

enum { DC_LARGE_RANGES = 4 };

/* The ranges of indices [from,to), in order and apart, that contain every
 * non-zero element of a tensor of `count` elements; returns their number. */
int dc_large_ranges(int64_t count, int64_t ranges[DC_LARGE_RANGES][2]);

#endif
