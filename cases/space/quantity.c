/* SPDX-License-Identifier: MIT
 *
 * The quantities, from the numbers of a problem.
 */
#include "cases/space/quantity.h"

#include "ref/integer.h"

const char *const dc_quantity_names[DC_QUANTITIES] = {
    [DC_Q_N] = "n",
    [DC_Q_CI] = "ci/g",
    [DC_Q_CO] = "co/g",
    [DC_Q_WIDTH] = "min(ci/g, co/g)",
    [DC_Q_DEPTHWISE] = "g, depthwise",
    [DC_Q_MULTIPLIER] = "g, ci/g = 1 < co/g",
    [DC_Q_GROUPED] = "g, ci/g > 1",
    [DC_Q_I] = "i",
    [DC_Q_K] = "k",
    [DC_Q_O] = "o",
    [DC_Q_S] = "s",
    [DC_Q_D] = "d",
    [DC_Q_SPAN] = "d(k-1)",
    [DC_Q_OP] = "op",
    [DC_Q_PB] = "pb",
    [DC_Q_PE] = "pe",
    [DC_Q_AREA] = "taps of a kernel",
    [DC_Q_PLANE] = "positions of a plane of y",
    [DC_Q_POSITIONS] = "n x positions of y",
    [DC_Q_X] = "elements of x",
    [DC_Q_W] = "elements of w",
    [DC_Q_Y] = "elements of y",
    [DC_Q_SUM_Y] = "products of a sum of y",
    [DC_Q_SUM_GX] = "products of a sum of gx",
    [DC_Q_SUM_GW] = "products of a sum of gw",
};

static int64_t groups_of_kind(dc_quantity q, const dc_problem *p)
{
    const int64_t ci = p->ci / p->g;
    const dc_quantity kind = ci > 1             ? DC_Q_GROUPED
                             : p->co / p->g > 1 ? DC_Q_MULTIPLIER
                                                : DC_Q_DEPTHWISE;

    return p->g > 1 && kind == q ? p->g : 0;
}

static int64_t on_axis(dc_quantity q, const dc_problem *p, int a)
{
    switch (q) {
    case DC_Q_I:
        return p->i[a];
    case DC_Q_K:
        return p->k[a];
    case DC_Q_O:
        return p->o[a];
    case DC_Q_S:
        return p->s[a];
    case DC_Q_D:
        return p->d[a];
    case DC_Q_SPAN:
        return p->d[a] * (p->k[a] - 1);
    case DC_Q_OP:
        return p->op[a];
    case DC_Q_PB:
        return p->pb[a];
    default:
        return p->pe[a];
    }
}

static int64_t largest(dc_quantity q, const dc_problem *p)
{
    int64_t most = 0;

    for (int a = 0; a < p->rank; a++)
        most = dc_max(most, on_axis(q, p, a));
    return most;
}

/* The most taps that one output of an uncropped plane has.  Pairs (t, j) with
 * the same j*s + t*d step by s/gcd in t and by d/gcd in j, and a row of them
 * begins at t = 0, j = i-1. */
static int64_t most_taps(const dc_problem *p)
{
    int64_t taps = 1;

    for (int a = 0; a < p->rank; a++) {
        const int64_t gcd = dc_gcd(p->s[a], p->d[a]);

        taps *= dc_min(dc_ceil_div(p->k[a], p->s[a] / gcd),
                       dc_ceil_div(p->i[a], p->d[a] / gcd));
    }
    return taps;
}

int64_t dc_quantity_of(dc_quantity q, const dc_problem *p)
{
    const int64_t ci = p->ci / p->g;
    const int64_t co = p->co / p->g;

    switch (q) {
    case DC_Q_N:
        return p->n;
    case DC_Q_CI:
        return ci;
    case DC_Q_CO:
        return co;
    case DC_Q_WIDTH:
        return dc_min(ci, co);
    case DC_Q_DEPTHWISE:
    case DC_Q_MULTIPLIER:
    case DC_Q_GROUPED:
        return groups_of_kind(q, p);
    case DC_Q_AREA:
        return dc_volume(p->k, p->rank);
    case DC_Q_PLANE:
        return dc_volume(p->o, p->rank);
    case DC_Q_POSITIONS:
        return p->n * dc_volume(p->o, p->rank);
    case DC_Q_X:
        return dc_problem_count(p, DC_X);
    case DC_Q_W:
        return dc_problem_count(p, DC_W);
    case DC_Q_Y:
        return dc_problem_count(p, DC_Y);
    case DC_Q_SUM_Y:
        return ci * most_taps(p);
    case DC_Q_SUM_GX:
        return co * dc_volume(p->k, p->rank);
    case DC_Q_SUM_GW:
        return p->n * dc_volume(p->i, p->rank);
    default:
        return largest(q, p);
    }
}
