/* SPDX-License-Identifier: MIT
 *
 * The checks: one enum and one table of names for everything that can be
 * found wrong with an implementation.
 */
#ifndef DC_CHECK_H
#define DC_CHECK_H

#include <stdbool.h>

typedef enum {
    DC_CHECK_VALUE,       /* an element outside its accepted interval */
    DC_CHECK_WRITTEN,     /* an element of the result was never written */
    DC_CHECK_INPUTS,      /* an input was changed, or written and put back */
    DC_CHECK_OUTSIDE,     /* bytes outside of the tensors were changed */
    DC_CHECK_REENTRANT,   /* other results with two threads inside */
    DC_CHECK_REPEAT,      /* other bits at the second call */
    DC_CHECK_EXTENT,      /* a result of another shape */
    DC_CHECK_STATUS,      /* a status that the contract does not allow here */
    DC_CHECK_LIMIT,       /* one operation refuses what another computes */
    DC_CHECK_CRASHED,     /* the process ended, or accessed memory outside */
    DC_CHECK_HUNG,        /* no answer within the time limit */
    DC_CHECK_ADJOINT,     /* <y,gy> = <x,gx> = <w,gw> */
    DC_CHECK_DIFFERENCE,  /* a gradient against differences of forward */
    DC_CHECK_REFUSAL,     /* an illegal problem was not refused */
    DC_CHECK_ALTERNATION, /* another result after a call of another problem */
    DC_CHECK_SEQUENCE,    /* wrong after other calls, right in a fresh process,
                           * or other bits than before */
    DC_CHECK_LATER,       /* an early case, at the end of a process's life */
    DC_CHECK_LATE_WRITE,  /* what belonged to a call changed after its return */
    DC_CHECK_STRUCTURE,   /* the index map, by position codes */
    DC_CHECK_GRADE,       /* less precise than usual */
    DC_CHECK_GRADES,      /* the same, of many results taken together */
    DC_CHECK_STATE,       /* the process's own state was changed */
    DC_CHECK_ANSWER,      /* an answer of a pack that cannot be read */
    DC_CHECKS             /* also: no check */
} dc_check;

/* "value", "finite difference", ...: as reports spell them; "" for
 * DC_CHECKS. */
extern const char *const dc_check_names[DC_CHECKS + 1];

/* Does the check compare results of several operations with each other?  Then
 * only a run of all operations reproduces it. */
bool dc_check_is_identity(dc_check check);

/* Does a finding of the check depend on what was asked before, or does a later
 * call show it?  Then all operations must be asked again to reproduce it. */
bool dc_check_has_history(dc_check check);

/* Must all operations be asked to reproduce a finding of the check? */
bool dc_check_needs_all_ops(dc_check check);

/* Does a finding of the check depend on all cases of the run? */
bool dc_check_is_of_run(dc_check check);

/* Is a finding of the check about precision, and a failure in strict runs
 * only? */
bool dc_check_is_grade(dc_check check);

/* On which side of a tensor did an access fall?  Inside an input, writing is
 * not allowed. */
typedef enum {
    DC_SIDE_NONE,
    DC_SIDE_BEFORE,
    DC_SIDE_PAST,
    DC_SIDE_INSIDE
} dc_side;

#endif
