/* SPDX-License-Identifier: MIT
 *
 * Small random problems and tensors, independent of the generator in cases/,
 * which is itself under test.
 */
#ifndef TESTS_DRAW_H
#define TESTS_DRAW_H

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "ref/problem.h"

/* xorshift64* (Vigna 2016); the state must not be 0. */
static inline uint64_t draw_bits(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

/* A number in lo..hi. */
static inline int64_t draw_in(uint64_t *state, int64_t lo, int64_t hi)
{
    const uint64_t span = (uint64_t)(hi - lo) + 1;
    const uint64_t bits = draw_bits(state);

    /* the upper bits are better random bits; wide spans need all */
    return lo + (int64_t)((span >> 48 ? bits : bits >> 11) % span);
}

/* True once in n times. */
static inline bool draw_one_in(uint64_t *state, int n)
{
    return draw_in(state, 1, n) == 1;
}

/* A legal problem whose forward has at most `products` products. */
static inline dc_problem draw_problem(uint64_t *state, int64_t products)
{
    for (;;) {
        dc_problem p = {.size = sizeof p};
        const bool point = draw_one_in(state, 6);
        const bool dense = draw_one_in(state, 10);
        int64_t work;

        p.rank = (int32_t)draw_in(state, 1, 3);
        p.dtype = (int32_t)draw_in(state, 0, DC_FORMATS - 1);
        p.has_bias = (int32_t)draw_in(state, 0, 1);
        p.unbatched = draw_one_in(state, 8);
        p.g = draw_in(state, 1, 3);
        p.ci = p.g * draw_in(state, !draw_one_in(state, 20), 5);
        p.co = p.g * draw_in(state, !draw_one_in(state, 20), 5);
        p.n = p.unbatched ? 1 : draw_in(state, !draw_one_in(state, 20), 3);
        work = p.n * p.ci * p.co;
        for (int a = 0; a < p.rank; a++) {
            p.i[a] = draw_in(state, !draw_one_in(state, 30), 5);
            p.k[a] = point ? 1 : draw_in(state, 1, 4);
            p.s[a] = dense ? 1 : draw_in(state, 1, 4);
            p.d[a] = draw_in(state, 1, 3);
            p.pb[a] = draw_in(state, draw_one_in(state, 8) ? -2 : 0, 4);
            p.pe[a] = draw_in(state, draw_one_in(state, 8) ? -2 : 0, 4);
            p.op[a] =
                draw_in(state, 0, (p.s[a] > p.d[a] ? p.s[a] : p.d[a]) - 1);
            work *= p.i[a] * p.k[a];
        }
        if (work <= products && dc_problem_complete(&p, NULL) == DC_OK)
            return p;
    }
}

/* A tensor of p with integers in -3..3 (range 0), or with full mantissas and
 * exponents in -range..range.  Freed by the caller. */
static inline void *draw_tensor(uint64_t *state, const dc_problem *p,
                                dc_tensor t, int range)
{
    const int64_t count = dc_problem_count(p, t);
    void *const v = malloc(dc_problem_bytes(p, t) + 1);

    for (int64_t e = 0; v && e < count; e++) {
        double d = (double)draw_in(state, -3, 3);

        if (range)
            d = ldexp(
                (double)draw_in(state, -(INT64_C(1) << 53), INT64_C(1) << 53),
                (int)draw_in(state, -range, range) - 53);
        dc_format_set(p->dtype, v, e, d);
    }
    return v;
}

/* Draws x, w, b and gy of p. */
static inline void draw_inputs(uint64_t *state, const dc_problem *p, int range,
                               void *tensors[DC_TENSORS])
{
    for (int t = 0; t < DC_TENSORS; t++)
        tensors[t] =
            t <= DC_GY ? draw_tensor(state, p, (dc_tensor)t, range) : NULL;
}

static inline void draw_free(void *tensors[DC_TENSORS])
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(tensors[t]);
}

#endif
