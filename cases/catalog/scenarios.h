/* SPDX-License-Identifier: MIT
 *
 * What is asked that no case string can say: problems in alternation, other
 * numbers of threads, tensors beyond 2^31 elements.  (Problems that must be
 * refused are in catalog.h.)
 */
#ifndef DC_SCENARIOS_H
#define DC_SCENARIOS_H

#include "ref/case.h"

/* a, b, a again in one process: nothing of b may be left in a.  The two
 * differ in one field only, which a cache of plans may have left out of its
 * key.  Case strings without dtype. */
typedef struct {
    const char *name; /* the field */
    const char *a;
    const char *b;
} dc_alternation;

extern const dc_alternation dc_alternations[];
extern const int dc_alternations_count;

/* A process with this many threads is asked all of dc_thread_cases. */
typedef struct {
    const char *name;
    int threads;
} dc_thread_count;

extern const dc_thread_count dc_thread_counts[];
extern const int dc_thread_counts_count;
extern const char *const dc_thread_cases[]; /* NULL after the last */

/* A 1d problem with one tensor of more than 2^31 elements, all of them zero
 * but a few; cropped so that no result is large.  ops: 1 for what is asked. */
typedef struct {
    const char *name;
    const char *spec;
    int ops[DC_OPS];
    const char *hunts;
} dc_large;

extern const dc_large dc_larges[];
extern const int dc_larges_count;

/* Element `index` of tensor t of a large problem: an integer of -5..5, never
 * zero in a tensor of up to 2^20 elements, in a larger one zero but within 16
 * elements of its begin, its end and of 2^31. */
double dc_large_value(const dc_problem *p, dc_tensor t, int64_t index);

/* How a large tensor's elements lie: up to three ranges of indices [from,to)
 * that hold every element that is not zero; returns their number. */
int dc_large_ranges(int64_t count, int64_t ranges[3][2]);

#endif
