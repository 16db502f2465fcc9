/* SPDX-License-Identifier: MIT
 *
 * Into which classes does a case fall?  The parameter space as 25 factors of
 * a few levels each, the classification of a concrete case, and the rules
 * that make a combination of levels impossible.
 *
 * A level is `odd` where an implementation may refuse it or where it leaves
 * nothing to compute: an extent or a batch of zero, no batch axis, a negative
 * pad (those of one axis count as one).  A case covers only combinations that
 * hold everything that is odd about it, for behind an odd value nothing else
 * may have been exercised.
 */
#ifndef DC_FACTORS_H
#define DC_FACTORS_H

#include "ref/case.h"

/* Factors of one axis, in this order after DC_F_FIRST and DC_F_LAST. */
typedef enum {
    DC_A_K,     /* kernel */
    DC_A_S,     /* stride */
    DC_A_D,     /* dilation */
    DC_A_PB,    /* pad at the begin against d(k-1) */
    DC_A_PE,    /* pad at the end */
    DC_A_OP,    /* output padding against s */
    DC_A_REACH, /* s against the dilated kernel d(k-1)+1 */
    DC_A_I,     /* input extent */
    DC_A_FACTORS
} dc_axis_factor;

typedef enum {
    DC_F_RANK,
    DC_F_PADS, /* on which axes do pb and pe differ? */
    DC_F_GROUP,
    DC_F_CI, /* channels of a group */
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
    unsigned odd;    /* bit l: level l is odd ... */
    unsigned oddity; /* ... and this is its bit in dc_factors_degenerate */
} dc_factor;

extern const dc_factor dc_factors[DC_FACTORS];

/* Levels by factor; -1: none, or not said. */
typedef struct {
    int8_t at[DC_FACTORS];
} dc_levels;

/* The levels of a complete problem's case.  The first axis of rank 1 has
 * none.  Returns 0 for a case that covers nothing: without channels, without
 * output, or with an odd middle axis. */
int dc_factors_of(const dc_case *c, dc_levels *levels);

/* What is odd about these levels, one bit each; 0: nothing. */
enum { DC_DEGENERATES = 5 };
unsigned dc_factors_degenerate(const dc_levels *levels);

/* The rules, as sentences. */
enum { DC_RULES = 13 };
extern const char *const dc_factor_rules[DC_RULES];

/* Can a case with an output have the levels that are said, and nothing odd
 * beside them?  Returns 0 when it can, as far as the rules know, else the
 * rules (bit r: rule r) from which the contradiction follows.
 *
 * k, s, d and d(k-1)+1 are kept as intervals that every rule narrows until
 * nothing changes; an empty interval is a contradiction.  Narrowing only ever
 * removes values that the rule excludes, so a contradiction is a proof. */
unsigned dc_factors_refuted(const dc_levels *levels);

#endif
