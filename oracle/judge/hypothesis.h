/* SPDX-License-Identifier: MIT
 *
 * Which arithmetic would explain wrong values?  Rounded factors, flushed
 * subnormals, a product left out, a shorter accumulator.
 */
#ifndef DC_HYPOTHESIS_H
#define DC_HYPOTHESIS_H

#include "oracle/truth/truth.h"

/* Writes "as if ..." about op's result `got`, or "" if no hypothesis accounts
 * for the elements that are not accepted.  A hint for the reader that does not
 * affect the verdict.  The truth of op must have been made. */
void dc_hypothesis_name(dc_truth *t, dc_op op, const dc_arithmetic *a,
                        const void *got, char *text, size_t size);

#endif
