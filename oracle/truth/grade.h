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

/* Sums of squares over elements, in units of the case's rms bound: those of
 * cases of one type may be added, whatever the size of their values. */
typedef struct {
    int64_t elements;
    double error;  /* of the result */
    double serial; /* of the serial sum, but per case at least
                      (u_D rms(t) / 4)^2 */
    double value;  /* of t */
} dc_grade;

/* Grades op's result `got`: all of it if its intervals were made (by the
 * bound), or else elements spread over it, some 2^17 products of them but at
 * least 64 elements, fewer if a sum has more than 2^16 products.  The factors
 * of the serial sum are rounded to 11 bits if tf32 is declared.  elements is 0
 * if an error or a value is not finite.  DC_NOMEM. */
dc_status dc_grade_measure(dc_truth *t, dc_op op, const dc_arithmetic *a,
                           const void *got, dc_grade *g, dc_error *e);

/* Do the declarations make a comparison with a serial sum unfair?  Transforms
 * and other roundings have errors of their own kind. */
bool dc_grade_is_unfair(const dc_arithmetic *a);

/* to += from. */
void dc_grade_add(dc_grade *to, const dc_grade *from);

/* The rms error over the rms error of the serial sum. */
double dc_grade_ratio(const dc_grade *g);

/* The number of correct bits: log2 of rms(t) over the rms error; infinite if
 * no element has an error. */
double dc_grade_bits(const dc_grade *g);

#endif
