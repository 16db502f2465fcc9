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
 *   cancel terms that nearly cancel in y, gx and gw, to a varying depth
 *   wide   seed mod 4: all exponents of the type; results in the subnormal
 *          range; results near overflow; one tensor subnormal
 *   special NaN, infinities, signed zeros, subnormals, overflow in the sum or
 *          only in the final rounding; seed mod 6 says which
 *
 * Seeds that end in 9 ask the second variant of `int`: one product of about
 * 2^(p-1) at a varying position among small odd ones, S <= 2^p, so that a sum
 * kept in fewer than p bits loses its last one.  An even tens digit puts the
 * large factors into w (seen in y and gx), an odd one into gy (gw and gb).
 */
#ifndef DC_DATA_H
#define DC_DATA_H

#include "ref/case.h"

/* 1 when op's result is exact on data of this family, so that the verdict is
 * bitwise.  (`probe` adds up its codes in grad_bias: that one may round.) */
int dc_data_exact(dc_family family, dc_op op);

/* 1 when this case is of the second variant of `int`. */
int dc_data_second_int(const dc_case *c);

/* Fills tensor t (DC_X, DC_W, DC_B or DC_GY) of the case, dense, in its
 * dtype.  DC_UNSUPPORTED for a family that is not there. */
dc_status dc_data_fill(const dc_case *c, dc_tensor t, void *values);

/* For `int`: integers v so that values + v and values - v keep all sums of
 * forward exact (DC_X, DC_W or DC_B).  Written as values + sign * v.  In the
 * second variant x and the large factors stay where they are. */
dc_status dc_data_moved(const dc_case *c, dc_tensor t, int sign, void *values);

#endif
