/* SPDX-License-Identifier: MIT
 *
 * Which numbers does a case put into x, w, b and gy?  They depend on nothing
 * but the case.
 *
 *   int    integers, so small that every partial sum of every result is exact
 *          in the storage type, in any order, even if x, w and b are moved by
 *          their direction (dc_data_moved); thinned if +-1 is still too large
 *   probe  one-hot tensors against position codes; seed mod 3 selects which
 *          of w, x, gy holds the codes.  Codes repeat, as hashes do, in tensors
 *          of 2^p elements and more, so that there an index that is off passes
 *          once in 2^p times
 *   short  full-mantissa values, thinned to at most 1 + seed mod 4 products per
 *          result; seed / 4 mod 4 selects by which tensors, and so which
 *          results count at every position.  In half of the cases gb sums all
 *          of gy, whose elements are no products
 *   real   uniform in [-1,1], full mantissa
 *   cancel terms that nearly cancel in y, gx and gw, to a varying depth
 *   wide   seed mod 4: all exponents of the type; results in the subnormal
 *          range; results near overflow; one tensor subnormal
 *   special NaN, infinities, signed zeros, subnormals, overflow in the sum or
 *          only in the final rounding; seed mod 6 selects which
 *
 * Seeds that end in 9 select the second variant of `int`: one product of about
 * 2^(p-1) at a varying position among small odd ones, S <= 2^p, so that an
 * accumulator of fewer than p bits loses the last bit.  An even tens digit puts
 * the large factors into w (they affect y and gx), an odd one into gy (gw and
 * gb).
 */
#ifndef DC_DATA_H
#define DC_DATA_H

#include <stdbool.h>

#include "ref/case.h"

/* Is op's result exact on data of this family, so that it must be right bit
 * for bit?  (In `probe`, grad_bias sums the codes and may round.) */
bool dc_data_exact(dc_family family, dc_op op);

/* Does the case have the second variant of `int`? */
bool dc_data_second_int(const dc_case *c);

/* Fills tensor t (DC_X, DC_W, DC_B or DC_GY) of the case: dense, in the dtype
 * of the case.  DC_UNSUPPORTED for an unknown family; DC_NOMEM. */
dc_status dc_data_fill(const dc_case *c, dc_tensor t, void *values);

/* Fills tensor t (DC_X, DC_W or DC_B) of an `int` case with values +
 * sign * v, where v is an integer direction that keeps all sums of forward
 * exact for either sign.  In the second variant x and the large factors do not
 * move.  DC_UNSUPPORTED for other families. */
dc_status dc_data_moved(const dc_case *c, dc_tensor t, int sign, void *values);

#endif
