/* SPDX-License-Identifier: MIT
 *
 * The sparse reference: each sum runs over the shorter of its two loops;
 * grad_bias sums only the ranges that may be non-zero.  It shares no index
 * arithmetic with ref/gather.h, so that comparing the two on small problems
 * tests both.
 */
#include "oracle/truth/large_expected.h"

#include <stdbool.h>

#include "cases/catalog/scenarios.h"

/* Positions of one axis with j*s - pb + t*d = o, -1 if there is none: the
 * output o, the input j, the tap t. */
static int64_t output_of(const dc_problem *p, int64_t j, int64_t t)
{
    const int64_t o = j * p->s[0] - p->pb[0] + t * p->d[0];

    return o >= 0 && o < p->o[0] ? o : -1;
}

static int64_t input_of(const dc_problem *p, int64_t o, int64_t t)
{
    const int64_t steps = o + p->pb[0] - t * p->d[0];

    return steps >= 0 && steps % p->s[0] == 0 && steps / p->s[0] < p->i[0]
               ? steps / p->s[0]
               : -1;
}

static int64_t tap_of(const dc_problem *p, int64_t o, int64_t j)
{
    const int64_t taps = o + p->pb[0] - j * p->s[0];

    return taps >= 0 && taps % p->d[0] == 0 && taps / p->d[0] < p->k[0]
               ? taps / p->d[0]
               : -1;
}

static double x_at(const dc_problem *p, int64_t n, int64_t ci, int64_t j)
{
    return dc_large_value(p, DC_X, (n * p->ci + ci) * p->i[0] + j);
}

static double w_at(const dc_problem *p, int64_t ci, int64_t c, int64_t t)
{
    return dc_large_value(p, DC_W, (ci * (p->co / p->g) + c) * p->k[0] + t);
}

static double gy_at(const dc_problem *p, int64_t n, int64_t co, int64_t o)
{
    return dc_large_value(p, DC_GY, (n * p->co + co) * p->o[0] + o);
}

static double forward(const dc_problem *p, int64_t n, int64_t co, int64_t o)
{
    const int64_t ci_g = p->ci / p->g;
    const int64_t co_g = p->co / p->g;
    const bool by_tap = p->k[0] <= p->i[0];
    double sum = 0;

    for (int64_t q = 0; q < ci_g; q++)
        for (int64_t v = 0; v < (by_tap ? p->k[0] : p->i[0]); v++) {
            const int64_t ci = co / co_g * ci_g + q;
            const int64_t t = by_tap ? v : tap_of(p, o, v);
            const int64_t j = by_tap ? input_of(p, o, v) : v;

            if (t >= 0 && j >= 0)
                sum += x_at(p, n, ci, j) * w_at(p, ci, co % co_g, t);
        }
    return sum;
}

static double grad_input(const dc_problem *p, int64_t n, int64_t ci, int64_t j)
{
    const int64_t co_g = p->co / p->g;
    const bool by_tap = p->k[0] <= p->o[0];
    double sum = 0;

    for (int64_t c = 0; c < co_g; c++)
        for (int64_t v = 0; v < (by_tap ? p->k[0] : p->o[0]); v++) {
            const int64_t co = ci / (p->ci / p->g) * co_g + c;
            const int64_t t = by_tap ? v : tap_of(p, v, j);
            const int64_t o = by_tap ? output_of(p, j, v) : v;

            if (t >= 0 && o >= 0)
                sum += gy_at(p, n, co, o) * w_at(p, ci, c, t);
        }
    return sum;
}

static double grad_weight(const dc_problem *p, int64_t ci, int64_t c, int64_t t)
{
    const int64_t co = ci / (p->ci / p->g) * (p->co / p->g) + c;
    const bool by_input = p->i[0] <= p->o[0];
    double sum = 0;

    for (int64_t n = 0; n < p->n; n++)
        for (int64_t v = 0; v < (by_input ? p->i[0] : p->o[0]); v++) {
            const int64_t j = by_input ? v : input_of(p, v, t);
            const int64_t o = by_input ? output_of(p, v, t) : v;

            if (j >= 0 && o >= 0)
                sum += x_at(p, n, ci, j) * gy_at(p, n, co, o);
        }
    return sum;
}

/* The sum of gy over the channel co, over the ranges that may be non-zero. */
static double grad_bias(const dc_problem *p, int64_t co)
{
    int64_t ranges[DC_LARGE_RANGES][2];
    const int count = dc_large_ranges(dc_problem_count(p, DC_GY), ranges);
    double sum = 0;

    for (int r = 0; r < count; r++)
        for (int64_t i = ranges[r][0]; i < ranges[r][1]; i++)
            if (i / p->o[0] % p->co == co)
                sum += dc_large_value(p, DC_GY, i);
    return sum;
}

double dc_large_expected(const dc_problem *p, dc_op op, int64_t index)
{
    switch (op) {
    case DC_FORWARD:
        return forward(p, index / p->o[0] / p->co, index / p->o[0] % p->co,
                       index % p->o[0]);
    case DC_GRAD_INPUT:
        return grad_input(p, index / p->i[0] / p->ci, index / p->i[0] % p->ci,
                          index % p->i[0]);
    case DC_GRAD_WEIGHT:
        return grad_weight(p, index / p->k[0] / (p->co / p->g),
                           index / p->k[0] % (p->co / p->g), index % p->k[0]);
    default:
        return grad_bias(p, index);
    }
}
