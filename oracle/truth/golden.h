/* SPDX-License-Identifier: MIT
 *
 * Golden values: what is each element of a result, correctly rounded, and
 * what proves it?
 */
#ifndef DC_GOLDEN_H
#define DC_GOLDEN_H

#include "oracle/truth/truth.h"

/* What settled an element, the cheapest first. */
typedef enum {
    DC_GOLDEN_INTEGER,  /* integers that add up below 2^53 */
    DC_GOLDEN_BINARY64, /* the quick implementation under both guards */
    DC_GOLDEN_PLAIN,    /* double-double with a proven radius */
    DC_GOLDEN_MPFR,     /* the exact sum */
    DC_GOLDEN_RUNGS
} dc_golden_rung;

/* Their names, NULL after the last. */
extern const char *const dc_golden_rungs[DC_GOLDEN_RUNGS + 1];

/* Writes op's result (dense, of the case's dtype): each element is the exact
 * value rounded once to nearest even; an exact zero is +0.  Adds to settled
 * how many elements each rung settled.  DC_FAILED: a guard found a value that
 * MPFR does not confirm, a harness fault; DC_NOMEM. */
dc_status dc_golden_make(dc_truth *t, dc_op op, void *result,
                         int64_t settled[DC_GOLDEN_RUNGS], dc_error *e);

/* As dc_golden_make for the family `special`: NaN where the formula's own
 * products give NaN, an infinity where they give that one or the exact value
 * rounds to it; MPFR settles all.  open[0..*n_open) are the elements, in
 * order, where another kind of answer (finite, either infinity, NaN) is legal
 * too; there is room for all. */
dc_status dc_golden_special(dc_truth *t, dc_op op, void *result,
                            int64_t settled[DC_GOLDEN_RUNGS], int64_t *open,
                            int64_t *n_open, dc_error *e);

/* Is every number within `radius` of hi + lo rounded to the same value of
 * dtype?  Then *value is that one.  |lo| may be as large as |hi|. */
int dc_golden_settles(int dtype, double hi, double lo, double radius,
                      double *value);

#endif
