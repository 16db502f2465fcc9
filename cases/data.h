/* SPDX-License-Identifier: MIT
 *
 * What numbers does a case put into x, w, b and gy?  A function of the case
 * alone.
 *
 *   int    small integers, thinned so that every partial sum of every result
 *          is exact in the storage type, whatever the order, even when x, w
 *          and b are moved by their direction
 *   probe  one-hot tensors against position codes; seed mod 3 says which of
 *          w, x, gy carries the codes
 *   short  full-mantissa values, thinned to 1..4 products per result
 *   real   uniform in [-1,1], full mantissa
 */
#ifndef DC_DATA_H
#define DC_DATA_H

#include "../ref/case.h"

/* 1 when op's result is exact on data of this family, so that the verdict is
 * bitwise.  (`probe` adds up its codes in grad_bias: that one may round.) */
int dc_data_exact(dc_family family, dc_op op);

/* 1 when this family's values are there. */
int dc_data_offered(dc_family family);

/* Fills tensor t (DC_X, DC_W, DC_B or DC_GY) of the case, dense, in its
 * dtype.  DC_UNSUPPORTED for a family that is not there. */
dc_status dc_data_fill(const dc_case *c, dc_tensor t, void *values);

/* For `int`: integers v so that values + v and values - v keep all sums
 * exact (DC_X, DC_W or DC_B).  Written as values + sign * v. */
dc_status dc_data_moved(const dc_case *c, dc_tensor t, int sign, void *values);

#endif
