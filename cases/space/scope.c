/* SPDX-License-Identifier: MIT
 *
 * Two lists of axes, filled by nested loops over their numbers: all small
 * ones, and few that differ in kind.
 */
#include "cases/space/scope.h"

#include <stdlib.h>
#include <string.h>

#include "cases/space/axes.h"

struct dc_scope {
    dc_axis *lines; /* 1d geometries */
    int64_t n_lines;
    dc_axis *kinds; /* axes of the 2d pairs */
    int64_t n_kinds;
};

/* o of an axis; negative: not legal. */
static int64_t output(const dc_axis *a)
{
    return (a->i - 1) * a->s - a->pb - a->pe + a->d * (a->k - 1) + a->op + 1;
}

static int64_t most_op(const dc_axis *a)
{
    return (a->s > a->d ? a->s : a->d) - 1;
}

/* The list's extents of one field, lo..hi. */
typedef struct {
    int64_t lo, hi;
} span;

/* Field f of the axes below counts fastest when it is last; op runs up to
 * its own bound. */
static int64_t fill_lines(dc_axis *to)
{
    static const span spans[] = {{1, 4},  {1, 4},  {1, 4}, {1, 3},
                                 {-1, 4}, {-1, 4}, {0, 3}};
    enum { FIELDS = sizeof spans / sizeof *spans };
    int64_t v[FIELDS];
    int64_t n = 0;
    int f = 0;

    for (int q = 0; q < FIELDS; q++)
        v[q] = spans[q].lo;
    while (f >= 0) {
        const dc_axis a = {.i = v[0],
                           .k = v[1],
                           .s = v[2],
                           .d = v[3],
                           .pb = v[4],
                           .pe = v[5],
                           .op = v[6]};

        if (a.op <= most_op(&a) && output(&a) >= 0) {
            if (to)
                to[n] = a;
            n++;
        }
        for (f = FIELDS - 1; f >= 0 && v[f] == spans[f].hi; f--)
            v[f] = spans[f].lo;
        if (f >= 0)
            v[f]++;
    }
    return n;
}

static int64_t fill_kinds(dc_axis *to)
{
    static const int64_t extents[] = {1, 3};
    static const int64_t kernels[][2] = {{1, 1}, {2, 1}, {3, 1}, {3, 2}};
    static const int64_t pads[][2] = {{0, 0}, {1, 2}, {2, 0}, {0, -1}};
    int64_t n = 0;

    for (int e = 0; e < 2 * 4 * 3 * 4 * 2; e++) {
        const int p = e / 2 % 4;
        const int k = e / 24 % 4;
        dc_axis a = {.i = extents[e / 96],
                     .k = kernels[k][0],
                     .d = kernels[k][1],
                     .s = e / 8 % 3 + 1,
                     .pb = pads[p][0],
                     .pe = pads[p][1]};

        a.op = e % 2 * most_op(&a);
        if ((e % 2 && a.op == 0) || output(&a) < 1)
            continue;
        if (to)
            to[n] = a;
        n++;
    }
    return n;
}

dc_status dc_scope_open(dc_scope **scope)
{
    dc_scope *s = calloc(1, sizeof *s);

    *scope = s;
    if (!s)
        return DC_NOMEM;
    s->n_lines = fill_lines(NULL);
    s->n_kinds = fill_kinds(NULL);
    s->lines = malloc((size_t)s->n_lines * sizeof *s->lines);
    s->kinds = malloc((size_t)s->n_kinds * sizeof *s->kinds);
    if (!s->lines || !s->kinds) {
        dc_scope_close(s);
        *scope = NULL;
        return DC_NOMEM;
    }
    fill_lines(s->lines);
    fill_kinds(s->kinds);
    return DC_OK;
}

void dc_scope_close(dc_scope *s)
{
    if (!s)
        return;
    free(s->lines);
    free(s->kinds);
    free(s);
}

int64_t dc_scope_lines(const dc_scope *s)
{
    return s->n_lines;
}

int64_t dc_scope_pairs(const dc_scope *s)
{
    return s->n_kinds * s->n_kinds;
}

int64_t dc_scope_count(const dc_scope *s)
{
    return 2 * s->n_lines + s->n_kinds * s->n_kinds;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void dc_scope_case(const dc_scope *s, int64_t index, int dtype, dc_case *c)
{
    const int64_t at = index - 2 * s->n_lines;
    dc_problem *p = &c->p;

    memset(c, 0, sizeof *c);
    c->family = DC_INT;
    /* a 9 at the end would ask the second variant, which is not dense */
    c->seed = (uint64_t)(index * 10 + 1);
    p->dtype = dtype;
    p->g = p->ci = 1;
    if (at < 0) {
        const dc_axis *a = &s->lines[index / 2];
        const int64_t o = output(a);

        p->rank = 1;
        p->has_bias = index / 2 % 2 == 0;
        p->n = index % 2 ? a->i : most(a->i, o * a->k);
        p->co = index % 2 ? most(1, a->i * o) : a->k;
        dc_axis_set(p, 0, a);
    } else {
        p->rank = 2;
        p->has_bias = (int32_t)(at % 2);
        p->n = 2;
        p->co = 3;
        dc_axis_set(p, 0, &s->kinds[at / s->n_kinds]);
        dc_axis_set(p, 1, &s->kinds[at % s->n_kinds]);
    }
    /* every axis of the lists is legal */
    (void)dc_problem_complete(p, NULL);
}
