/* SPDX-License-Identifier: MIT
 *
 * What a process was asked before: mutants that keep something between calls
 * go wrong under a rule on it.
 */
#ifndef DC_MUTANT_STATE_H
#define DC_MUTANT_STATE_H

#include "oracle/mutants/mutant.h"

/* The fields that a key may lack; bits of a mutant's detail. */
enum {
    DC_KEY_N = 1 << 0,
    DC_KEY_CI = 1 << 1,
    DC_KEY_G = 1 << 2,
    DC_KEY_S = 1 << 3,
    DC_KEY_D = 1 << 4,
    DC_KEY_PB = 1 << 5,
    DC_KEY_PE = 1 << 6,
    DC_KEY_OP = 1 << 7,
    DC_KEY_BIAS = 1 << 8,
    DC_KEY_UNBATCHED = 1 << 9,
    DC_KEY_TYPE = 1 << 10,
    DC_KEY_FIRST_AXIS = 1 << 11 /* of s, d, pb, pe, op: axis 0 alone */
};

/* A call, and what the process was asked before it. */
struct dc_history {
    const dc_problem *p;
    dc_op op;
    const dc_problem *plan; /* of op, which the mutant keeps; NULL: none */
    const dc_problem *last; /* of the call before, or NULL */
    dc_op last_op;
    int64_t uses;   /* earlier calls of this problem and op */
    int64_t others; /* problems that op had first since the last use */
    int64_t places; /* changes of the problem since then */
};

/* The key of the plan lacks the fields in `detail`: the plan of another problem
 * is used. */
dc_history_rule dc_state_key;

/* The key of the plan is the number of elements of each tensor. */
dc_history_rule dc_state_counts;

/* The problem comes back after `detail` new ones, or changes of problem. */
dc_history_rule dc_state_comes_back;
dc_history_rule dc_state_away;

/* The problem was asked `detail` times before. */
dc_history_rule dc_state_used;

/* The call before was operation `detail` of the same problem. */
dc_history_rule dc_state_follows;

/* The plan's problem differs in the extents alone, and its first input has
 * `detail` times as many elements or more; or as few. */
dc_history_rule dc_state_shrinks;
dc_history_rule dc_state_grows;

/* Notes a call and applies m->history to it.  Never true for the first call of
 * a problem by itself. */
bool dc_mutant_state_strikes(const dc_mutant *m, const dc_problem *p, dc_op op);

#endif
