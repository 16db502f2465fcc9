/* SPDX-License-Identifier: MIT
 *
 * n(o) for every element: how many products does the formula give?  A product
 * of per-axis counts, from tables.
 */
#ifndef DC_PRODUCTS_H
#define DC_PRODUCTS_H

#include "../ref/problem.h"

typedef struct dc_products dc_products;

dc_status dc_products_open(dc_products **products, const dc_problem *p,
                           dc_op op);
void dc_products_close(dc_products *products);

/* Products of element `index` (C order) of op's result. */
int64_t dc_products_of(const dc_products *products, int64_t index);

#endif
