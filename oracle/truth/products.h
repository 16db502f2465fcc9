/* SPDX-License-Identifier: MIT
 *
 * n(o) for every element: how many products does the formula give?  A product
 * of per-axis counts, from tables.
 */
#ifndef DC_PRODUCTS_H
#define DC_PRODUCTS_H

#include "ref/problem.h"

/* All elements of one block of positions (a channel of y, of gx, a channel
 * pair of gw, one gb) have counts of their own; every block has the same. */
typedef struct {
    int64_t *at;    /* products at each position of a block, C order */
    int64_t volume; /* positions */
} dc_products;

dc_status dc_products_open(dc_products *products, const dc_problem *p,
                           dc_op op);
void dc_products_close(dc_products *products);

#endif
