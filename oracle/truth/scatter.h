/* SPDX-License-Identifier: MIT
 *
 * The second reference: is the truth the same if it is derived the other way
 * round?  `ref` gathers the products of each element; this file takes each
 * product and adds it to its element.  Exact for finite data, on the problem's
 * own rank, and without a line in common with `ref`.
 */
#ifndef DC_SCATTER_H
#define DC_SCATTER_H

#include <gmp.h>

#include "ref/problem.h"

/* Computes op's exact result by adding every product of the formulas in
 * ref/deconform.h to its element: input j and tap t of axis a contribute to
 * output j*s - pb + t*d, if that is in 0..o-1.
 *
 * p must be complete; tensors[] holds the inputs of op (dense, of p's dtype);
 * result[] holds dc_problem_count initialised numbers, C order.
 * DC_UNSUPPORTED if a value is not finite, because no rational is.  GMP aborts
 * the process if memory is short. */
dc_status dc_scatter_run(const dc_problem *p, dc_op op,
                         const void *const tensors[DC_TENSORS], mpq_t *result);

#endif
