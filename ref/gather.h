/* SPDX-License-Identifier: MIT
 *
 * The specification: which products does the formula give for one element of
 * one result?  Compare each function with the formula of its operation in
 * deconform.h.  Ranks 1 and 2 are rank 3 with unit axes in front.
 *
 * The caller decides what to do with a product: ref.c uses MPFR, dot2.c
 * double-double.  The functions are inline, so that the compiler can put that
 * code into the loops.
 */
#ifndef DC_GATHER_H
#define DC_GATHER_H

#include "ref/integer.h"
#include "ref/problem.h"

/* Called for each product: element a of the first factor times element b of
 * the second (x and w, gy and w, x and gy).  b is -1 if gy is the only factor,
 * as in gb. */
typedef void dc_gather_visit(void *state, int64_t a, int64_t b);

/* The tensors that the two factors belong to. */
static const dc_tensor dc_gather_factors[DC_OPS][2] = {
    [DC_FORWARD] = {DC_X, DC_W},
    [DC_GRAD_INPUT] = {DC_GY, DC_W},
    [DC_GRAD_WEIGHT] = {DC_X, DC_GY},
    [DC_GRAD_BIAS] = {DC_GY, DC_GY},
};

/* The input position j with j*s - pb + t*d = o on axis a, or -1. */
static inline int64_t dc_gather_source(const dc_problem *p, int a, int64_t o,
                                       int64_t t)
{
    const int64_t steps = o + p->pb[a] - t * p->d[a];
    const int64_t s = p->s[a];
    int64_t j;

    if (steps < 0)
        return -1;
    /* a 32-bit division takes a third of the time of a 64-bit one */
    j = steps <= UINT32_MAX && s <= UINT32_MAX
            ? (int64_t)((uint32_t)steps / (uint32_t)s)
            : steps / s;
    return j * s == steps && j < p->i[a] ? j : -1;
}

/* The output position j*s - pb + t*d on axis a, or -1 outside 0..o-1. */
static inline int64_t dc_gather_target(const dc_problem *p, int a, int64_t j,
                                       int64_t t)
{
    const int64_t o = j * p->s[a] - p->pb[a] + t * p->d[a];

    return o >= 0 && o < p->o[a] ? o : -1;
}

/* Offset of position (a0,a1,a2) in a block of these extents, C order. */
static inline int64_t dc_gather_offset(const int64_t extent[3], int64_t a0,
                                       int64_t a1, int64_t a2)
{
    return (a0 * extent[1] + a1) * extent[2] + a2;
}

/* Upper bound of the number of products of any element of op's result.  It is
 * at most the number of elements of some tensor, so it fits. */
static inline int64_t dc_gather_terms_max(const dc_problem *p, dc_op op)
{
    const int64_t pairs = p->n && p->ci && p->co; /* 0: no product at all */
    const int64_t by_op[DC_OPS] = {
        [DC_FORWARD] = pairs * (p->ci / p->g) * dc_volume(p->k, 3),
        [DC_GRAD_INPUT] = pairs * (p->co / p->g) * dc_volume(p->k, 3),
        [DC_GRAD_WEIGHT] = pairs * p->n * dc_volume(p->i, 3),
        [DC_GRAD_BIAS] = !!p->co * p->n * dc_volume(p->o, 3)};

    return by_op[op];
}

/* y[n,co,o] without its bias:
 * sum over (ci in the group, t) with j*s - pb + t*d = o  x[n,ci,j] w[ci,co',t]
 */
static inline void dc_gather_forward(const dc_problem *p, int64_t n, int64_t co,
                                     const int64_t o[3], dc_gather_visit *visit,
                                     void *state)
{
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const int64_t first = co / co_g * ci_g; /* input channels of this group */

    for (int64_t ci = first; ci < first + ci_g; ci++) {
        const int64_t x = (n * p->ci + ci) * dc_volume(p->i, 3);
        const int64_t w = (ci * co_g + co % co_g) * dc_volume(p->k, 3);
        for (int64_t t0 = 0; t0 < p->k[0]; t0++) {
            const int64_t j0 = dc_gather_source(p, 0, o[0], t0);
            for (int64_t t1 = 0; j0 >= 0 && t1 < p->k[1]; t1++) {
                const int64_t j1 = dc_gather_source(p, 1, o[1], t1);
                for (int64_t t2 = 0; j1 >= 0 && t2 < p->k[2]; t2++) {
                    const int64_t j2 = dc_gather_source(p, 2, o[2], t2);
                    if (j2 >= 0)
                        visit(state, x + dc_gather_offset(p->i, j0, j1, j2),
                              w + dc_gather_offset(p->k, t0, t1, t2));
                }
            }
        }
    }
}

/* gx[n,ci,j] = sum over (co', t)  gy[n,co,j*s-pb+t*d] w[ci,co',t] */
static inline void dc_gather_grad_input(const dc_problem *p, int64_t n,
                                        int64_t ci, const int64_t j[3],
                                        dc_gather_visit *visit, void *state)
{
    const int64_t co_g = p->co / p->g;
    const int64_t first = ci / (p->ci / p->g) * co_g;

    for (int64_t c = 0; c < co_g; c++) {
        const int64_t gy = (n * p->co + first + c) * dc_volume(p->o, 3);
        const int64_t w = (ci * co_g + c) * dc_volume(p->k, 3);
        for (int64_t t0 = 0; t0 < p->k[0]; t0++) {
            const int64_t o0 = dc_gather_target(p, 0, j[0], t0);
            for (int64_t t1 = 0; o0 >= 0 && t1 < p->k[1]; t1++) {
                const int64_t o1 = dc_gather_target(p, 1, j[1], t1);
                for (int64_t t2 = 0; o1 >= 0 && t2 < p->k[2]; t2++) {
                    const int64_t o2 = dc_gather_target(p, 2, j[2], t2);
                    if (o2 >= 0)
                        visit(state, gy + dc_gather_offset(p->o, o0, o1, o2),
                              w + dc_gather_offset(p->k, t0, t1, t2));
                }
            }
        }
    }
}

/* gw[ci,co',t] = sum over (n, j)  x[n,ci,j] gy[n,co,j*s-pb+t*d] */
static inline void dc_gather_grad_weight(const dc_problem *p, int64_t ci,
                                         int64_t c, const int64_t t[3],
                                         dc_gather_visit *visit, void *state)
{
    const int64_t co = ci / (p->ci / p->g) * (p->co / p->g) + c;

    for (int64_t n = 0; n < p->n; n++) {
        const int64_t x = (n * p->ci + ci) * dc_volume(p->i, 3);
        const int64_t gy = (n * p->co + co) * dc_volume(p->o, 3);
        for (int64_t j0 = 0; j0 < p->i[0]; j0++) {
            const int64_t o0 = dc_gather_target(p, 0, j0, t[0]);
            for (int64_t j1 = 0; o0 >= 0 && j1 < p->i[1]; j1++) {
                const int64_t o1 = dc_gather_target(p, 1, j1, t[1]);
                for (int64_t j2 = 0; o1 >= 0 && j2 < p->i[2]; j2++) {
                    const int64_t o2 = dc_gather_target(p, 2, j2, t[2]);
                    if (o2 >= 0)
                        visit(state, x + dc_gather_offset(p->i, j0, j1, j2),
                              gy + dc_gather_offset(p->o, o0, o1, o2));
                }
            }
        }
    }
}

/* gb[co] = sum over (n, o)  gy[n,co,o] */
static inline void dc_gather_grad_bias(const dc_problem *p, int64_t co,
                                       dc_gather_visit *visit, void *state)
{
    const int64_t volume = dc_volume(p->o, 3);

    for (int64_t n = 0; n < p->n; n++)
        for (int64_t o = 0; o < volume; o++)
            visit(state, (n * p->co + co) * volume + o, -1);
}

/* Visits every product of element `index` (C order) of op's result.  p must be
 * complete and lifted to rank 3. */
static inline void dc_gather_element(const dc_problem *p, dc_op op,
                                     int64_t index, dc_gather_visit *visit,
                                     void *state)
{
    const struct {
        int64_t channels;
        const int64_t *extent;
    } shape[] = {
        [DC_FORWARD] = {p->co, p->o},
        [DC_GRAD_INPUT] = {p->ci, p->i},
        [DC_GRAD_WEIGHT] = {p->co / p->g, p->k},
    };

    if (op == DC_GRAD_BIAS) {
        dc_gather_grad_bias(p, index, visit, state);
        return;
    }
    const int64_t *extent = shape[op].extent;
    const int64_t block = index / dc_volume(extent, 3);
    const int64_t outer = block / shape[op].channels;
    const int64_t channel = block % shape[op].channels;
    const int64_t at[3] = {index / (extent[1] * extent[2]) % extent[0],
                           index / extent[2] % extent[1], index % extent[2]};

    if (op == DC_FORWARD)
        dc_gather_forward(p, outer, channel, at, visit, state);
    else if (op == DC_GRAD_INPUT)
        dc_gather_grad_input(p, outer, channel, at, visit, state);
    else
        dc_gather_grad_weight(p, outer, channel, at, visit, state);
}

#endif
