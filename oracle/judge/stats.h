/* SPDX-License-Identifier: MIT
 *
 * Statistics of a run in addition to its verdicts: how far errors stay within
 * their bounds, how precise sums are, which zeros are multiplied.
 */
#ifndef DC_STATS_H
#define DC_STATS_H

#include <stdio.h>

#include "oracle/judge/grades.h"
#include "oracle/judge/result.h"
#include "oracle/judge/unsupported.h"

/* Calls of one operation in one storage type and rank. */
typedef struct {
    int64_t asked;  /* cases */
    int64_t judged; /* of these: not answered as unsupported */
} dc_tally;

/* Sums of dc_measures, and what was judged. */
typedef struct {
    dc_tally tally[DC_FORMATS][3][DC_OPS]; /* by rank - 1; scenarios apart */
    dc_unsupported unsupported;            /* cases alone, as in the tally */
    int64_t legal;       /* results that are about legal problems ... */
    int64_t computed;    /* ... and of these, at least one operation answered */
    int64_t illegal;     /* illegal problems that were asked ... */
    int64_t refused;     /* ... and that no operation failed to refuse */
    const char *profile; /* whose limits count; NULL: of any framework */
    /* cases in which an operation refused as that rule allows */
    int64_t limited[DC_LIMIT_RULES];
    int64_t ratios[DC_OPS][DC_FAMILIES][DC_BINS];
    dc_grades grades;
    int64_t policy[DC_OPS][DC_ZEROS][2];
    int64_t proved;      /* geometries whose structure is proven */
    unsigned other_bits; /* bit 1 << row of dc_thread_counts (scenarios.h) */
    int64_t warnings;
    unsigned left; /* as in dc_measures */
} dc_stats;

void dc_stats_add(dc_stats *t, const dc_result *r);

/* Is this zero multiplied by NaN and infinities?  "never", "always",
 * "sometimes" or "not seen". */
const char *dc_stats_policy(const dc_stats *t, dc_op op, dc_zero zero);

/* The upper end of bin b: 0, 2^-9 .. 1, infinity. */
double dc_stats_edge(int b);

/* Writes whose limit this rule is in the run: "keras, lucid". */
void dc_stats_who(const dc_stats *t, dc_limit_rule rule,
                  char text[DC_LIMIT_WHO]);

/* Prints the lines of the text report: what was judged by type, rank and
 * operation, which documented limits were met, grades by type and operation,
 * policies, proofs, threads, warnings.  Those without data are left out. */
void dc_stats_print(const dc_stats *t, FILE *to);

#endif
