/* SPDX-License-Identifier: MIT
 *
 * Per axis and position, the pairs of the two other positions that meet there.
 */
#include "products.h"

#include <stdlib.h>

#include "../ref/gather.h"

struct dc_products {
    int64_t channels;  /* factor of channels, or of the batch for gw */
    int64_t extent[3]; /* of the result; unit axes in front */
    int64_t *table[3]; /* count at each position of the axis */
};

/* Pairs on axis a that meet at position `at` of op's result. */
static int64_t pairs(const dc_problem *p, dc_op op, int a, int64_t at)
{
    const int64_t most = op == DC_GRAD_WEIGHT ? p->i[a] : p->k[a];
    int64_t n = 0;

    for (int64_t v = 0; v < most; v++)
        n += (op == DC_FORWARD      ? dc_gather_source(p, a, at, v)
              : op == DC_GRAD_INPUT ? dc_gather_target(p, a, at, v)
                                    : dc_gather_target(p, a, v, at)) >= 0;
    return n;
}

dc_status dc_products_open(dc_products **products, const dc_problem *problem,
                           dc_op op)
{
    const dc_problem p = dc_problem_lift(problem);
    dc_products *t = calloc(1, sizeof *t);

    *products = NULL;
    if (!t)
        return DC_NOMEM;
    t->channels = op == DC_FORWARD      ? p.ci / p.g
                  : op == DC_GRAD_INPUT ? p.co / p.g
                                        : p.n;
    for (int a = 0; a < 3; a++) {
        t->extent[a] = op == DC_FORWARD       ? p.o[a]
                       : op == DC_GRAD_INPUT  ? p.i[a]
                       : op == DC_GRAD_WEIGHT ? p.k[a]
                                              : 1;
        t->table[a] = malloc(((size_t)t->extent[a] + 1) * sizeof(int64_t));
        if (!t->table[a]) {
            dc_products_close(t);
            return DC_NOMEM;
        }
        for (int64_t at = 0; at < t->extent[a]; at++)
            t->table[a][at] =
                op == DC_GRAD_BIAS ? p.o[a] : pairs(&p, op, a, at);
    }
    *products = t;
    return DC_OK;
}

void dc_products_close(dc_products *t)
{
    for (int a = 0; t && a < 3; a++)
        free(t->table[a]);
    free(t);
}

int64_t dc_products_of(const dc_products *t, int64_t index)
{
    const int64_t *e = t->extent;

    return t->channels * t->table[2][index % e[2]] *
           t->table[1][index / e[2] % e[1]] *
           t->table[0][index / e[2] / e[1] % e[0]];
}
