/* SPDX-License-Identifier: MIT
 *
 * Double-double sums over the products that gather.h names.
 */
#include "ref/plain.h"

#include <math.h>
#include <stdlib.h>

#include "ref/format.h"
#include "ref/gather.h"

struct dc_plain_gather {
    dc_problem p; /* lifted to rank 3 */
    double *input[DC_TENSORS];
};

/* The sum under way. */
typedef struct {
    const double *first;
    const double *second;
    double hi, lo, s;
    int64_t m;
} sum;

/* hi + lo += v + rest: TwoSum keeps the error of the first addition. */
static inline void add(sum *at, double v, double rest, int counts)
{
    const double hi = at->hi + v;
    const double part = hi - at->hi;
    const double error = (at->hi - (hi - part)) + (v - part);

    at->hi = hi;
    at->lo += error + rest;
    at->s += fabs(v);
    at->m += counts;
}

static inline void take(void *to, int64_t a, int64_t b)
{
    sum *at = to;

    if (b < 0) {
        add(at, at->first[a], 0, at->first[a] != 0);
    } else {
        const double x = at->first[a];
        const double w = at->second[b];
        const double v = x * w;
        add(at, v, fma(x, w, -v), x != 0 && w != 0);
    }
}

void dc_plain_element(const dc_plain_gather *g, dc_op op, int64_t index,
                      dc_plain *e)
{
    const dc_problem *p = &g->p;
    const dc_tensor *const factor = dc_gather_factors[op];
    sum at = {g->input[factor[0]], g->input[factor[1]], 0, 0, 0, 0};
    double count;
    double gamma;

    dc_gather_element(p, op, index, take, &at);
    if (op == DC_FORWARD && p->has_bias) {
        const int64_t co = index / dc_gather_volume(p->o) % p->co;
        add(&at, g->input[DC_B][co], 0, 1); /* counts, zero or not */
    }
    e->hi = at.hi;
    e->lo = at.lo;
    e->s = at.s;
    e->m = at.m;
    /* rounded up generously: the formula is worth 2^-100 of S */
    count = 2 * (double)(dc_gather_most(p, op) + (op == DC_FORWARD)) + 2;
    gamma = count * 0x1p-53 / (1 - count * 0x1p-53);
    e->error =
        isfinite(at.s) && count < 0x1p40
            ? gamma * gamma * at.s * (1 + 0x1p-10) + 4 * count * 0x1p-1074
            : (double)INFINITY;
}

dc_status dc_plain_open(dc_plain_gather **gather, const dc_problem *p,
                        const void *const tensors[DC_TENSORS])
{
    dc_plain_gather *g = calloc(1, sizeof *g);

    *gather = NULL;
    if (!g)
        return DC_NOMEM;
    g->p = dc_problem_lift(p);
    for (int t = DC_X; t <= DC_GY; t++) {
        const int64_t count = dc_problem_count(p, (dc_tensor)t);

        if (!tensors[t] || (t == DC_B && !p->has_bias))
            continue;
        g->input[t] = malloc(((size_t)count + 1) * sizeof(double));
        if (!g->input[t]) {
            dc_plain_close(g);
            return DC_NOMEM;
        }
        dc_format_decode(p->dtype, tensors[t], count, g->input[t]);
    }
    *gather = g;
    return DC_OK;
}

void dc_plain_close(dc_plain_gather *g)
{
    for (int t = 0; g && t < DC_TENSORS; t++)
        free(g->input[t]);
    free(g);
}
