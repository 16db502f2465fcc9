/* SPDX-License-Identifier: MIT
 *
 * How precise is a result that conforms?  The root mean square error of `real`
 * results against that of the plainest implementation: a serial sum in the
 * accumulator.  Statistical, so it gives a warning, not a failure.
 */
#ifndef DC_GRADE_H
#define DC_GRADE_H

#include "oracle/truth/truth.h"

/* Fewer elements than MIN are not graded; a ratio above MAX is "less precise
 * than usual". */
enum { DC_GRADE_MIN = 64, DC_GRADE_MAX = 8 };

/* Sums of squares over elements; those of cases of one type may be added. */
typedef struct {
    int64_t elements;
    double error;  /* of the result */
    double serial; /* of the serial sum, but per case at least
                      (u_D rms(t) / 4)^2 */
    double value;  /* of t */
} dc_grade;

/* Grades op's result `got`, whose intervals must have been made by the bound.
 * elements is 0 if an error or a value is not finite.  DC_NOMEM. */
dc_status dc_grade_measure(const dc_truth *t, dc_op op, const dc_arithmetic *a,
                           const void *got, dc_grade *g, dc_error *e);

/* to += from. */
void dc_grade_add(dc_grade *to, const dc_grade *from);

/* The rms error over the rms error of the serial sum. */
double dc_grade_ratio(const dc_grade *g);

/* The number of correct bits: log2 of rms(t) over the rms error; infinite if
 * no element has an error. */
double dc_grade_bits(const dc_grade *g);

#endif
