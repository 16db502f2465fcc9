/* SPDX-License-Identifier: MIT
 *
 * How precise is it, beside being right?  The root mean square error of `real`
 * results against that of the plainest implementation: one sum, term by term,
 * in the accumulator.  Statistical: a warning, no accusation.
 */
#ifndef DC_GRADE_H
#define DC_GRADE_H

#include "oracle/truth/truth.h"

/* Elements below which nothing is said, and the ratio above which "less
 * precise than usual" is. */
enum { DC_GRADE_LEAST = 64, DC_GRADE_MOST = 8 };

/* Sums of squares over elements; they add up over cases of one type. */
typedef struct {
    int64_t elements;
    double error;  /* of the result */
    double serial; /* of the simulated serial sum, or the floor
                      (u_D rms(t) / 4)^2 a case where that is more */
    double value;  /* of t */
} dc_grade;

/* Grades op's result `got`, whose truth must have been made by the bound.
 * Nothing (elements 0) where an error or a value is not finite. */
dc_status dc_grade_take(const dc_truth *t, dc_op op, const dc_arithmetic *a,
                        const void *got, dc_grade *g, dc_error *e);

/* to += from. */
void dc_grade_pool(dc_grade *to, const dc_grade *from);

/* rms error over rms error of the serial sum. */
double dc_grade_ratio(const dc_grade *g);

/* log2 of rms(t) over rms error: bits that are right.  Infinite where no
 * element had an error. */
double dc_grade_bits(const dc_grade *g);

#endif
