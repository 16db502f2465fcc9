/* SPDX-License-Identifier: MIT
 *
 * Two lists of axes: all small ones for rank 1, and a few that differ in kind
 * for rank 2.
 */
#include "cases/space/small_scope.h"

#include <stdlib.h>
#include <string.h>

#include "cases/space/axes.h"
#include "ref/integer.h"

/* Upper bounds: the products of the ranges below. */
enum { LINES_MAX = 4 * 4 * 4 * 3 * 6 * 6 * 4, KINDS_MAX = 2 * 4 * 3 * 4 * 2 };

struct dc_small_scope {
    dc_axis lines[LINES_MAX]; /* 1d geometries */
    int64_t n_lines;
    dc_axis kinds[KINDS_MAX]; /* axes of the 2d pairs */
    int64_t n_kinds;
};

static int64_t op_max(const dc_axis *a)
{
    return dc_max(a->s, a->d) - 1;
}

/* Lists all legal axes in order, the last field varying fastest.  Returns their
 * number. */
static int64_t fill_lines(dc_axis *to)
{
    /* i, k, s, d, pb, pe, op */
    static const struct {
        int64_t lo, hi;
    } spans[] = {{1, 4}, {1, 4}, {1, 4}, {1, 3}, {-1, 4}, {-1, 4}, {0, 3}};
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

        if (a.op <= op_max(&a) && dc_axis_output(&a) >= 0)
            to[n++] = a;
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

    for (int c = 0; c < KINDS_MAX; c++) {
        const int p = c / 2 % 4;
        const int k = c / 24 % 4;
        dc_axis a = {.i = extents[c / 96],
                     .k = kernels[k][0],
                     .d = kernels[k][1],
                     .s = c / 8 % 3 + 1,
                     .pb = pads[p][0],
                     .pe = pads[p][1]};

        a.op = c % 2 * op_max(&a);
        if ((c % 2 == 0 || a.op > 0) && dc_axis_output(&a) >= 1)
            to[n++] = a;
    }
    return n;
}

dc_status dc_small_scope_open(dc_small_scope **scope)
{
    dc_small_scope *s = calloc(1, sizeof *s);

    *scope = s;
    if (!s)
        return DC_NOMEM;
    s->n_lines = fill_lines(s->lines);
    s->n_kinds = fill_kinds(s->kinds);
    return DC_OK;
}

void dc_small_scope_close(dc_small_scope *s)
{
    free(s);
}

int64_t dc_small_scope_lines(const dc_small_scope *s)
{
    return s->n_lines;
}

int64_t dc_small_scope_count(const dc_small_scope *s)
{
    return 2 * s->n_lines + s->n_kinds * s->n_kinds;
}

void dc_small_scope_case(const dc_small_scope *s, int64_t index, int dtype,
                         dc_case *c)
{
    const int64_t at = index - 2 * s->n_lines;
    dc_problem *p = &c->p;

    memset(c, 0, sizeof *c);
    c->family = DC_INT;
    /* a seed that ends in 9 would select the second variant: not dense */
    c->seed = (uint64_t)(index * 10 + 1);
    p->dtype = dtype;
    p->g = p->ci = 1;
    if (at < 0) {
        const dc_axis *a = &s->lines[index / 2];
        const int64_t o = dc_axis_output(a);

        p->rank = 1;
        p->has_bias = index / 2 % 2 == 0;
        p->n = index % 2 ? a->i : dc_max(a->i, o * a->k);
        p->co = index % 2 ? dc_max(1, a->i * o) : a->k;
        dc_axis_set(p, 0, a);
    } else {
        p->rank = 2;
        p->has_bias = (int32_t)(at % 2);
        p->n = 2;
        p->co = 3;
        dc_axis_set(p, 0, &s->kinds[at / s->n_kinds]);
        dc_axis_set(p, 1, &s->kinds[at % s->n_kinds]);
    }
    /* cannot fail: every axis of the lists is legal */
    (void)dc_problem_complete(p, NULL);
}
