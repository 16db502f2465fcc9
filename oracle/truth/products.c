/* SPDX-License-Identifier: MIT
 *
 * Per axis and position, the pairs of the two other positions that meet there.
 */
#include "oracle/truth/products.h"

#include <stdlib.h>

#include "ref/gather.h"

/* Pairs on axis a that meet at position `at` of op's result. */
static int64_t pairs(const dc_problem *p, dc_op op, int a, int64_t at)
{
    const int64_t most = op == DC_GRAD_WEIGHT ? p->i[a] : p->k[a];
    int64_t n = 0;

    if (op == DC_GRAD_BIAS)
        return p->o[a];
    for (int64_t v = 0; v < most; v++)
        n += (op == DC_FORWARD      ? dc_gather_source(p, a, at, v)
              : op == DC_GRAD_INPUT ? dc_gather_target(p, a, at, v)
                                    : dc_gather_target(p, a, v, at)) >= 0;
    return n;
}

dc_status dc_products_open(dc_products *products, const dc_problem *problem,
                           dc_op op)
{
    static const int64_t one[3] = {1, 1, 1};
    const dc_problem p = dc_problem_lift(problem);
    const struct {
        const int64_t *extent;
        int64_t factor; /* pairs of channels, or of batch items */
    } by_op[DC_OPS] = {[DC_FORWARD] = {p.o, p.ci / p.g},
                       [DC_GRAD_INPUT] = {p.i, p.co / p.g},
                       [DC_GRAD_WEIGHT] = {p.k, p.n},
                       [DC_GRAD_BIAS] = {one, p.n}};
    const int64_t *e = by_op[op].extent;
    const int64_t volume = dc_volume(e, 3);
    int64_t block = volume; /* positions that share one index of this axis */

    products->volume = volume;
    products->at = malloc(((size_t)volume + 1) * sizeof *products->at);
    if (!products->at)
        return DC_NOMEM;
    for (int64_t i = 0; i < volume; i++)
        products->at[i] = by_op[op].factor;
    for (int a = 0; a < 3 && volume > 0; a++) {
        block /= e[a];
        for (int64_t at = 0; at < e[a]; at++) {
            const int64_t n = pairs(&p, op, a, at);
            for (int64_t i = 0; i < volume / e[a]; i++)
                products->at[(i / block * e[a] + at) * block + i % block] *= n;
        }
    }
    return DC_OK;
}

void dc_products_close(dc_products *products)
{
    free(products->at);
    products->at = NULL;
}
