/* SPDX-License-Identifier: MIT
 *
 * Golden values: what is each element of a result, correctly rounded, and by
 * which proof?
 */
#ifndef DC_GOLDEN_H
#define DC_GOLDEN_H

#include "oracle/truth/truth.h"

/* The proof of an element, the cheapest first (rungs: ladder.h). */
typedef enum {
    DC_GOLDEN_INTEGER,  /* integers whose magnitudes add up below 2^53 */
    DC_GOLDEN_BINARY64, /* quick values under guard */
    DC_GOLDEN_DOT2,     /* double-double with a proven radius */
    DC_GOLDEN_MPFR,     /* the exact sum */
    DC_GOLDEN_RUNGS
} dc_golden_rung;

/* Their names, NULL after the last. */
extern const char *const dc_golden_rungs[DC_GOLDEN_RUNGS + 1];

/* Writes op's result (dense, of the case's dtype): each element is the exact
 * value rounded once to nearest even; an exact zero is +0.  Adds to settled
 * how many elements each rung settled.  DC_FAILED, a harness fault: a guard
 * failed, or MPFR refutes an element.  DC_NOMEM. */
dc_status dc_golden_make(dc_truth *t, dc_op op, void *result,
                         int64_t settled[DC_GOLDEN_RUNGS], dc_error *e);

/* As dc_golden_make for the family `special`, all by MPFR: NaN if the formula's
 * own products give NaN, an infinity if they give that infinity or the exact
 * value rounds to it.  Writes to open[0..*n_open) the elements, in order, for
 * which another kind of value (finite, either infinity, NaN) is legal, too;
 * open must hold all elements. */
dc_status dc_golden_special(dc_truth *t, dc_op op, void *result,
                            int64_t settled[DC_GOLDEN_RUNGS], int64_t *open,
                            int64_t *n_open, dc_error *e);

/* Does every number within `radius` of hi + lo round to the same value of
 * dtype?  If so, sets *value to it.  |lo| may be as large as |hi|. */
bool dc_golden_settles(int dtype, double hi, double lo, double radius,
                       double *value);

#endif
