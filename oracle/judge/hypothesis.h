/* SPDX-License-Identifier: MIT
 *
 * Which arithmetic would explain wrong values?  Tried on the elements of one
 * result: shorter factors, flushed subnormals, a product left out, a shorter
 * accumulator.
 */
#ifndef DC_HYPOTHESIS_H
#define DC_HYPOTHESIS_H

#include "oracle/truth/truth.h"

/* Writes "as if ..." about op's result `got`, some of whose elements are not
 * accepted, or "".  A guess for the reader, no part of the verdict. */
void dc_hypothesis_name(dc_truth *t, dc_op op, const dc_arithmetic *a,
                        const void *got, char *text, size_t size);

#endif
