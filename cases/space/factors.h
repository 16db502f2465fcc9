/* SPDX-License-Identifier: MIT
 *
 * The parameter space as 25 factors of a few levels each, the classification
 * of a case by its numbers, and the rules that exclude combinations of levels.
 *
 * A level is degenerate if an implementation may refuse it or has nothing to
 * compute: an extent or a batch of zero, no batch axis, a negative pad (the two
 * pads of an axis count as one).  A case covers only those combinations of its
 * levels that include all its degenerate ones, because a degenerate level may
 * keep everything else from being exercised.
 */
#ifndef DC_FACTORS_H
#define DC_FACTORS_H

#include <stdbool.h>

#include "ref/case.h"

/* Factors of one axis, in this order from DC_F_FIRST and from DC_F_LAST on. */
typedef enum {
    DC_A_K,     /* kernel */
    DC_A_S,     /* stride */
    DC_A_D,     /* dilation */
    DC_A_PB,    /* pad at the begin compared with d(k-1) */
    DC_A_PE,    /* pad at the end */
    DC_A_OP,    /* output padding compared with s */
    DC_A_REACH, /* s compared with the dilated kernel d(k-1)+1 */
    DC_A_I,     /* input extent */
    DC_A_FACTORS
} dc_axis_factor;

typedef enum {
    DC_F_RANK,
    DC_F_PADS, /* the axes on which pb and pe differ */
    DC_F_GROUP,
    DC_F_CI, /* channels per group */
    DC_F_CO,
    DC_F_BATCH,
    DC_F_BIAS,
    DC_F_DTYPE,
    DC_F_FAMILY,
    DC_F_FIRST, /* the first axis of ranks 2 and 3 */
    DC_F_LAST = DC_F_FIRST + DC_A_FACTORS,
    DC_FACTORS = DC_F_LAST + DC_A_FACTORS
} dc_factor_id;

enum { DC_LEVELS_MAX = 11 };

typedef struct {
    const char *name;
    int levels;
    const char *level[DC_LEVELS_MAX];
    unsigned degenerate; /* bit l: level l is degenerate */
    unsigned degeneracy; /* its bit in dc_factors_degenerate */
} dc_factor;

extern const dc_factor dc_factors[DC_FACTORS];

/* The level of each factor; -1: none, or any. */
typedef struct {
    int8_t at[DC_FACTORS];
} dc_levels;

/* The levels of a case whose problem is complete.  Rank 1 has no first axis,
 * so those levels are -1.  Returns false if the case covers nothing because it
 * has no channels, no output or a degenerate middle axis. */
bool dc_factors_of(const dc_case *c, dc_levels *levels);

/* The degeneracies of these levels, one bit each. */
unsigned dc_factors_degenerate(const dc_levels *levels);

/* The rules, as sentences. */
enum { DC_RULES = 13 };
extern const char *const dc_factor_rules[DC_RULES];

/* Why no case with an output can have these levels and no further degenerate
 * one: the rules that contradict each other (bit r: rule r).  0 if no rule
 * excludes the combination.
 *
 * Every rule narrows the intervals of k, s, d and d(k-1)+1 until nothing
 * changes; an empty interval is a contradiction.  Narrowing only removes values
 * that the rule excludes, so a contradiction is a proof. */
unsigned dc_factors_refuted(const dc_levels *levels);

#endif
