/* SPDX-License-Identifier: MIT
 *
 * The second reference: does the truth come out again when it is derived the
 * other way round?  `ref` asks of each result which products reach it; this
 * file takes each product and asks where it goes.  Exact for finite data, on
 * the problem's own rank, and without a line in common with `ref`.
 */
#ifndef DC_SCATTER_H
#define DC_SCATTER_H

#include <gmp.h>

#include "ref/problem.h"

/* result[0..] (initialised, dc_problem_count of op's result many, C order) =
 * the exact result of op, by adding into place every product of the formulas
 * in ref/deconform.h: input j and tap t of axis a meet output
 * j*s - pb + t*d, or nothing where that lies outside 0..o-1.
 *
 * tensors[] holds what op takes (dense, of the problem's dtype); a bias is
 * read when the problem has one.  The problem must be complete.
 * DC_UNSUPPORTED when a value is not finite, for no rational is; GMP aborts
 * the process where it finds no memory. */
dc_status dc_scatter_run(const dc_problem *p, dc_op op,
                         const void *const tensors[DC_TENSORS], mpq_t *result);

#endif
