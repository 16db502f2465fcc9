/* SPDX-License-Identifier: MIT
 *
 * Double-double sums over the products that gather.h visits.
 */
#include "ref/dot2.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "ref/format.h"
#include "ref/gather.h"

struct dc_dot2 {
    dc_problem p; /* lifted to rank 3 */
    double *input[DC_TENSORS];
};

typedef struct {
    const double *first;
    const double *second;
    dc_dot2_value value; /* so far */
} sum;

/* hi + lo += v + rest: TwoSum keeps the error of the first addition. */
static inline void add(dc_dot2_value *to, double v, double rest, bool counts)
{
    const double hi = to->hi + v;
    const double part = hi - to->hi;
    const double error = (to->hi - (hi - part)) + (v - part);

    to->hi = hi;
    to->lo += error + rest;
    to->s += fabs(v);
    to->m += counts;
}

static inline void add_product(void *state, int64_t a, int64_t b)
{
    sum *at = state;

    if (b < 0) {
        add(&at->value, at->first[a], 0, at->first[a] != 0);
    } else {
        const double x = at->first[a];
        const double w = at->second[b];
        const double v = x * w;
        add(&at->value, v, fma(x, w, -v), x != 0 && w != 0);
    }
}

void dc_dot2_element(const dc_dot2 *g, dc_op op, int64_t index,
                     dc_dot2_value *value)
{
    const dc_problem *p = &g->p;
    const dc_tensor *const factor = dc_gather_factors[op];
    sum at = {.first = g->input[factor[0]], .second = g->input[factor[1]]};
    double count;
    double gamma;

    dc_gather_element(p, op, index, add_product, &at);
    if (op == DC_FORWARD && p->has_bias) {
        const int64_t co = index / dc_volume(p->o, 3) % p->co;
        add(&at.value, g->input[DC_B][co], 0, true); /* counts even if zero */
    }
    *value = at.value;
    /* rounded up generously: the formula is worth 2^-100 of S */
    count = 2 * (double)(dc_gather_terms_max(p, op) + (op == DC_FORWARD)) + 2;
    gamma = count * 0x1p-53 / (1 - count * 0x1p-53);
    value->error =
        isfinite(value->s) && count < 0x1p40
            ? gamma * gamma * value->s * (1 + 0x1p-10) + 4 * count * 0x1p-1074
            : (double)INFINITY;
}

dc_status dc_dot2_open(dc_dot2 **dot2, const dc_problem *p,
                       const void *const tensors[DC_TENSORS])
{
    dc_dot2 *g = calloc(1, sizeof *g);

    *dot2 = NULL;
    if (!g)
        return DC_NOMEM;
    g->p = dc_problem_lift(p);
    for (int t = DC_X; t <= DC_GY; t++) {
        const int64_t count = dc_problem_count(p, (dc_tensor)t);

        if (!tensors[t] || (t == DC_B && !p->has_bias))
            continue;
        g->input[t] = malloc(((size_t)count + 1) * sizeof(double));
        if (!g->input[t]) {
            dc_dot2_close(g);
            return DC_NOMEM;
        }
        dc_format_decode(p->dtype, tensors[t], count, g->input[t]);
    }
    *dot2 = g;
    return DC_OK;
}

void dc_dot2_close(dc_dot2 *g)
{
    for (int t = 0; g && t < DC_TENSORS; t++)
        free(g->input[t]);
    free(g);
}
