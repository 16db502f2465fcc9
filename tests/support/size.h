/* SPDX-License-Identifier: MIT
 *
 * Problems beyond 2^16 on one axis, and their results in closed form: one
 * factor is a position code (element e is e + 1), the other has a single 1, so
 * that each element of the result is one code, or zero.  An index that is cut
 * to 16 bits gives another code or none.
 */
#ifndef TESTS_SIZE_H
#define TESTS_SIZE_H

#include <stdbool.h>
#include <stdlib.h>

#include "ref/format.h"
#include "ref/gather.h"
#include "ref/integer.h"
#include "tests/support/parse.h"

static const char *const size_specs[] = {
    /* batch, channels, groups, channels of one group */
    "n65540_i2_k1_b1",
    "n65538_ci2_co2_g2_i1x2_k1x2_s1x2",
    "ci65540_co2_i1_k2_b1",
    "ci2_co65540_i1_k2_b1",
    "ci65540_co65540_g65540_i1x1x1_k1x1x2_s2_b1",
    "ci131080_co2_g2_i1x1_k1_n2",
    "ci2_co131080_g2_i1x1_k1_n2_b1",
    /* input extents, of each axis, and together */
    "i65540_k2_b1",
    "i65540x2_k2x1_s1x2_ci2",
    "i1x65540_k1x2_pb0x1_co2",
    "i65540x1x2_k1x1x2",
    "i1x65540x1_k2x1x1",
    "i2x1x65540_k1x1x2_d1x1x3",
    "i258x258_k1x2_b1",
    "i41x41x41_k1",
    /* kernel, of each axis, and together */
    "i2_k65540_b1",
    "i1x2_k65540x1_pb65000x0",
    "i2x1x1_k1x65540x1",
    "i2x1_k258x258_pe100x0",
    /* stride, dilation, pads, output padding */
    "i3_k2_s65540_b1",
    "i1x3_k2x2_s1x65540_op0x3",
    "i3_k2_d65540_pb1",
    "i2x1x3_k2x1x2_d65540x1x2",
    "i65540_k2_pb65530_pe2",
    "i65540_k2_pb2_pe65530",
    "i2_k2_pb-65540_b1",
    "i2_k2_pe-65540",
    "i2_k2_s65541_op65540",
    "i260_k3_s260_d2_co2",
    /* the thresholds themselves: 255 to 257, 2^15, 2^16 */
    "n2_ci256_co2_i257_k255",
    "i32768_k2_ci2",
    "ci32769_i1_k1",
    "co65536_i1_k1_b1",
    "n65535_i1_k1_co2",
    "i2_k32768",
};
enum { SIZE_SPECS = sizeof size_specs / sizeof *size_specs };

/* An operation on coded and one-hot tensors. */
typedef struct {
    dc_problem p;
    dc_op op;
    void *tensors[DC_TENSORS]; /* x, w, b, gy in f32, as the operation needs */
    double *want;              /* the result */
    int64_t count;             /* of its elements */
} size_task;

/* The coordinates of an element of x, w or gy. */
typedef struct {
    int64_t n, ci, c; /* c: output channel within the group */
    int64_t group;
    int64_t j[3], t[3], o[3];
} size_place;

static inline int64_t size_linear(const int64_t *at, const int64_t *extent,
                                  int rank)
{
    int64_t index = 0;

    for (int a = 0; a < rank; a++)
        index = index * extent[a] + at[a];
    return index;
}

static inline int64_t size_index(const dc_problem *p, dc_tensor t,
                                 const size_place *at)
{
    const int64_t co_g = p->co / p->g;

    if (t == DC_X)
        return (at->n * p->ci + at->ci) * dc_volume(p->i, p->rank) +
               size_linear(at->j, p->i, p->rank);
    if (t == DC_W)
        return (at->ci * co_g + at->c) * dc_volume(p->k, p->rank) +
               size_linear(at->t, p->k, p->rank);
    return (at->n * p->co + at->group * co_g + at->c) *
               dc_volume(p->o, p->rank) +
           size_linear(at->o, p->o, p->rank);
}

/* Sets at->o from j and t; false if it is outside. */
static inline bool size_target(const dc_problem *p, size_place *at)
{
    for (int a = 0; a < p->rank; a++) {
        at->o[a] = at->j[a] * p->s[a] - p->pb[a] + at->t[a] * p->d[a];
        if (at->o[a] < 0 || at->o[a] >= p->o[a])
            return false;
    }
    return true;
}

static inline void size_split(int64_t index, const int64_t *extent, int rank,
                              int64_t *at)
{
    for (int a = rank - 1; a >= 0; a--) {
        at[a] = index % extent[a];
        index /= extent[a];
    }
}

/* A product: the first or the last that the problem has. */
static inline size_place size_end(const dc_problem *p, bool last)
{
    const int64_t ni = dc_volume(p->i, p->rank);
    const int64_t nk = dc_volume(p->k, p->rank);
    size_place at = {.n = last ? p->n - 1 : 0,
                     .ci = last ? p->ci - 1 : 0,
                     .c = last ? p->co / p->g - 1 : 0,
                     .group = last ? p->g - 1 : 0};

    for (int64_t v = 0; v < ni * nk; v++) {
        const int64_t turn = last ? ni * nk - 1 - v : v;

        size_split(turn / nk, p->i, p->rank, at.j);
        size_split(turn % nk, p->k, p->rank, at.t);
        if (size_target(p, &at))
            return at;
    }
    fail_msg("no product at all");
    return at;
}

/* Adds the codes of `coded`, as the single 1 of `hot` at `one` picks them: a
 * loop over all products that this element has. */
static inline void size_add(size_task *s, dc_tensor coded, dc_tensor hot,
                            const size_place *one)
{
    const dc_problem *p = &s->p;
    const int64_t ni = dc_volume(p->i, p->rank);
    const int64_t nk = dc_volume(p->k, p->rank);
    const int64_t ci_g = p->ci / p->g;
    const bool x = hot == DC_X;
    const bool w = hot == DC_W;
    const bool gy = hot == DC_GY;
    const int64_t where = size_index(p, hot, one);
    const int64_t n0 = w ? 0 : one->n;
    const int64_t ci0 = gy ? one->group * ci_g : one->ci;
    const int64_t c0 = x ? 0 : one->c;
    const int64_t j0 = x ? size_linear(one->j, p->i, p->rank) : 0;
    const int64_t t0 = w ? size_linear(one->t, p->k, p->rank) : 0;
    size_place at = {.group = one->group};

    for (at.n = n0; at.n < (w ? p->n : n0 + 1); at.n++)
        for (at.ci = ci0; at.ci < ci0 + (gy ? ci_g : 1); at.ci++)
            for (at.c = c0; at.c < (x ? p->co / p->g : c0 + 1); at.c++)
                for (int64_t j = j0; j < (x ? j0 + 1 : ni); j++)
                    for (int64_t t = t0; t < (w ? t0 + 1 : nk); t++) {
                        size_split(j, p->i, p->rank, at.j);
                        size_split(t, p->k, p->rank, at.t);
                        if (size_target(p, &at) &&
                            size_index(p, hot, &at) == where)
                            s->want[size_index(
                                p,
                                dc_ops[s->op].out == DC_Y    ? DC_GY
                                : dc_ops[s->op].out == DC_GX ? DC_X
                                                             : DC_W,
                                &at)] += (double)size_index(p, coded, &at) + 1;
                    }
}

/* b is -1, -2, ...; it is added to every element of its channel. */
static inline void size_add_bias(size_task *s)
{
    const int64_t volume = dc_volume(s->p.o, s->p.rank);

    for (int64_t c = 0; c < s->p.co; c++)
        dc_format_set(DC_F32, s->tensors[DC_B], c, -1 - (double)c);
    for (int64_t e = 0; e < s->count; e++)
        s->want[e] -= 1 + (double)(e / volume % s->p.co);
}

/* gb sums gy, which here is 1..5 by position. */
static inline void size_add_gradients(size_task *s)
{
    const int64_t volume = dc_volume(s->p.o, s->p.rank);

    for (int64_t e = 0; e < s->p.n * s->p.co * volume; e++) {
        dc_format_set(DC_F32, s->tensors[DC_GY], e, (double)(e % 5) + 1);
        s->want[e / volume % s->p.co] += (double)(e % 5) + 1;
    }
}

/* Factor `which` (0 or 1) of op has the codes, and the other one a 1 at its
 * first or last place. */
static inline size_task size_open(const char *spec, dc_op op, int which,
                                  bool last)
{
    size_task s = {.p = parse(spec).p, .op = op};

    s.p.dtype = DC_F32;
    s.count = dc_problem_count(&s.p, dc_ops[op].out);
    s.want = calloc((size_t)s.count + 1, sizeof *s.want);
    for (int t = DC_X; t <= DC_GY; t++)
        if (t != DC_B || s.p.has_bias)
            s.tensors[t] =
                calloc((size_t)dc_problem_count(&s.p, (dc_tensor)t) + 1, 4);
    if (op == DC_GRAD_BIAS) {
        size_add_gradients(&s);
        return s;
    }
    const dc_tensor coded = dc_gather_factors[op][which];
    const dc_tensor hot = dc_gather_factors[op][!which];
    const size_place one = size_end(&s.p, last);

    for (int64_t e = 0; e < dc_problem_count(&s.p, coded); e++)
        dc_format_set(DC_F32, s.tensors[coded], e, (double)e + 1);
    dc_format_set(DC_F32, s.tensors[hot], size_index(&s.p, hot, &one), 1);
    size_add(&s, coded, hot, &one);
    if (op == DC_FORWARD && s.p.has_bias)
        size_add_bias(&s);
    return s;
}

static inline void size_close(size_task *s)
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(s->tensors[t]);
    free(s->want);
}

/* The next element after `at` that is worth computing one by one: the ends,
 * and about `most` of those that are not zero and of all.  -1 to begin with,
 * count at the end. */
static inline int64_t size_next(const size_task *s, int64_t at, int64_t most)
{
    const int64_t step = s->count / most + 1;

    for (at++; at < s->count; at++)
        if (at < 2 || at >= s->count - 2 || at % step == 0 ||
            (at + 1) % 65536 < 2 || (s->want[at] != 0 && at % 61 == 0))
            return at;
    return s->count;
}

/* Calls check(task) for every problem and operation, for `turns` of the four
 * pairs of coded factor and place, which rotate if they are not all. */
static inline void size_each(void (*check)(const size_task *s), int turns)
{
    for (int k = 0; k < SIZE_SPECS; k++)
        for (int op = 0; op < DC_OPS; op++)
            for (int n = 0; n < (op == DC_GRAD_BIAS ? 1 : turns); n++) {
                const int turn = turns == 1 ? k + op : n;
                size_task s =
                    size_open(size_specs[k], (dc_op)op, turn % 2, turn % 4 < 2);

                check(&s);
                size_close(&s);
            }
}

/* Fails and names the problem. */
static inline void size_fail(const size_task *s, int64_t at, double got)
{
    const dc_case c = {s->p, DC_INT, 0};
    char text[DC_CASE_MAX];

    dc_case_print(&c, text);
    fail_msg("%s %s element %lld: %.0f instead of %.0f", text,
             dc_ops[s->op].name, (long long)at, got, s->want[at]);
}

#endif
