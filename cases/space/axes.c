/* SPDX-License-Identifier: MIT
 *
 * A walk over small axes, level by level.  Each level has a short list of
 * numbers; the lists are long enough that every combination of levels that
 * any numbers have is met (a test compares with a larger grid).
 */
#include "cases/space/axes.h"

#include <string.h>

enum { NUMBERS = 8 };

/* Lists end with -1. */
static const int64_t of_k[][3] = {{1, -1}, {2, 4, -1}, {3, 5, -1}};
static const int64_t of_d[][4] = {{1, -1}, {2, -1}, {3, 4, 5, -1}};
static const int64_t of_s[][NUMBERS + 1] = {
    {1, -1}, {2, -1}, {3, 4, 5, 6, 7, 8, 9, 10, -1}};
static const int64_t of_first[][5] = {{1, -1}, {2, -1}, {3, 4, 5, -1}, {0, -1}};
static const int64_t of_last[][5] = {
    {1, -1},         {2, -1},         {3, 4, 5, 6, -1}, {7, 15, 31, -1},
    {8, 16, 32, -1}, {9, 17, 33, -1}, {0, -1}};
static const int64_t of_channels[][6] = {
    {1, -1},     {2, -1},    {3, -1},
    {4, -1},     {5, 7, -1}, {8, -1},
    {9, 15, -1}, {16, -1},   {17, 23, 24, 25, 31, -1},
    {32, -1},    {33, -1}};

typedef struct {
    const dc_axes_walk *w;
    dc_axis axis;
    int8_t at[DC_A_FACTORS];
} walker;

static int copy(const int64_t *list, int64_t *to)
{
    int n = 0;

    for (; list[n] >= 0; n++)
        to[n] = list[n];
    return n;
}

/* lo and hi, once if they are the same, nothing if they are crossed. */
static int ends(int64_t lo, int64_t hi, int64_t *to)
{
    to[0] = lo;
    to[1] = hi;
    return hi < lo ? 0 : 1 + (hi > lo);
}

/* The numbers of level `level` of factor f, given those before it. */
static int numbers(const walker *x, int f, int level, int64_t to[NUMBERS])
{
    const dc_axis *a = &x->axis;
    const int64_t reach = a->d * (a->k - 1);
    const int64_t most = a->s > a->d ? a->s : a->d;

    switch (f) {
    case DC_A_K:
        return copy(of_k[level], to);
    case DC_A_S:
        return copy(of_s[level], to);
    case DC_A_D:
        return copy(of_d[level], to);
    case DC_A_I:
        return copy(x->w->last ? of_last[level] : of_first[level], to);
    case DC_A_OP:
        return level == 0   ? ends(0, 0, to)
               : level == 1 ? ends(1, a->s - 1, to)
                            : ends(a->s, most - 1, to);
    default:
        return level == 0   ? ends(0, 0, to)
               : level == 1 ? ends(1, reach, to)
               : level == 2 ? ends(reach + 1, reach + 2, to)
                            : ends(-2, -1, to);
    }
}

static int64_t *field(dc_axis *a, int f)
{
    int64_t *const fields[DC_A_FACTORS] = {
        [DC_A_K] = &a->k,   [DC_A_S] = &a->s,   [DC_A_D] = &a->d,
        [DC_A_PB] = &a->pb, [DC_A_PE] = &a->pe, [DC_A_OP] = &a->op,
        [DC_A_I] = &a->i};

    return fields[f];
}

static void leaf(const walker *x)
{
    const dc_axis *a = &x->axis;
    const int equal = a->pb == a->pe;
    const int64_t o =
        (a->i - 1) * a->s - a->pb - a->pe + a->d * (a->k - 1) + a->op + 1;

    if (o >= 1 && (x->w->equal < 0 || x->w->equal == equal))
        x->w->see(x->w->state, a, x->at, equal);
}

static void descend(walker *x, int step)
{
    /* what others depend on comes first */
    static const int order[] = {DC_A_K,  DC_A_S,  DC_A_D,  DC_A_REACH,
                                DC_A_PB, DC_A_PE, DC_A_OP, DC_A_I};
    const int f = step < DC_A_FACTORS ? order[step] : 0;
    const int want = x->w->want[f];

    if (step == DC_A_FACTORS) {
        leaf(x);
        return;
    }
    if (f == DC_A_REACH) {
        const int64_t reach = x->axis.d * (x->axis.k - 1) + 1;

        x->at[f] = x->axis.s < reach ? 0 : x->axis.s == reach ? 1 : 2;
        if (want < 0 || want == x->at[f])
            descend(x, step + 1);
        return;
    }
    for (int level = 0; level < dc_factors[DC_F_LAST + f].levels; level++) {
        int64_t list[NUMBERS];
        int n;

        if ((want >= 0 && want != level) ||
            (f == DC_A_I && !x->w->last &&
             level >= dc_factors[DC_F_FIRST + f].levels))
            continue;
        n = numbers(x, f, level, list);
        if (x->w->thrifty && n > 1 && (f == DC_A_I || f == DC_A_K))
            n = 1;
        x->at[f] = (int8_t)level;
        for (int v = 0; v < n; v++) {
            *field(&x->axis, f) = list[v];
            descend(x, step + 1);
        }
    }
}

void dc_axes_visit(const dc_axes_walk *walk)
{
    walker x = {.w = walk};

    descend(&x, 0);
}

/* A reservoir of one: each axis seen has the same chance. */
typedef struct {
    dc_random *r;
    dc_axis *axis;
    int64_t seen;
} reservoir;

static void keep(void *state, const dc_axis *axis, const int8_t *at, int equal)
{
    reservoir *x = state;

    (void)at;
    (void)equal;
    x->seen++;
    if (dc_random_below(x->r, (uint64_t)x->seen) == 0)
        *x->axis = *axis;
}

int dc_axes_draw(dc_random *r, const dc_axes_walk *walk, dc_axis *axis)
{
    reservoir x = {r, axis, 0};
    dc_axes_walk w = *walk;

    w.see = keep;
    w.state = &x;
    dc_axes_visit(&w);
    return x.seen > 0;
}

/* ==== A case ============================================================ */

static int64_t one_of(dc_random *r, const int64_t *list, int thrifty)
{
    int n = 0;

    while (list[n] >= 0)
        n++;
    return list[thrifty ? 0 : dc_random_below(r, (uint64_t)n)];
}

void dc_axis_set(dc_problem *p, int a, const dc_axis *axis)
{
    p->k[a] = axis->k;
    p->s[a] = axis->s;
    p->d[a] = axis->d;
    p->pb[a] = axis->pb;
    p->pe[a] = axis->pe;
    p->op[a] = axis->op;
    p->i[a] = axis->i;
}

/* Axes of these levels, the middle one small and with equal pads. */
static int draw_axes(dc_random *r, const dc_levels *levels, int thrifty,
                     dc_problem *p)
{
    /* 1: equal, 0: unequal, -1: either; by level of pads */
    static const int first_equal[] = {1, -1, 0};
    static const int last_equal[] = {1, 0, 1};
    const int pads = levels->at[DC_F_PADS];
    dc_axes_walk walk = {
        .last = 1, .thrifty = thrifty, .equal = last_equal[pads]};
    dc_axis axis;

    memcpy(walk.want, &levels->at[DC_F_LAST], sizeof walk.want);
    if (!dc_axes_draw(r, &walk, &axis))
        return 0;
    dc_axis_set(p, p->rank - 1, &axis);
    if (p->rank == 1)
        return 1;
    walk.last = 0;
    walk.equal = first_equal[pads];
    memcpy(walk.want, &levels->at[DC_F_FIRST], sizeof walk.want);
    if (!dc_axes_draw(r, &walk, &axis))
        return 0;
    dc_axis_set(p, 0, &axis);
    if (p->rank == 3) {
        const int64_t pad = dc_random_range(r, 0, 1);

        axis = (dc_axis){.k = thrifty ? 1 : dc_random_range(r, 1, 2),
                         .s = dc_random_range(r, 1, 2),
                         .d = 1,
                         .pb = pad,
                         .pe = pad,
                         .i = 2 + pad};
        dc_axis_set(p, 1, &axis);
    }
    return 1;
}

static void draw_channels(dc_random *r, const dc_levels *levels, int thrifty,
                          dc_problem *p)
{
    static const int64_t groups[][6] = {
        {1, -1}, {2, -1}, {3, 4, -1}, {2, 3, 8, 9, 17, -1}, {2, 3, 5, -1}};

    p->g = one_of(r, groups[levels->at[DC_F_GROUP]], thrifty);
    p->ci = p->g * one_of(r, of_channels[levels->at[DC_F_CI]], thrifty);
    p->co = p->g * one_of(r, of_channels[levels->at[DC_F_CO]], thrifty);
}

/* One attempt. */
static int draw_case(dc_random *r, const dc_levels *levels, int thrifty,
                     dc_case *c)
{
    static const int64_t batch[][3] = {{1, -1}, {2, 3, -1}, {0, -1}, {1, -1}};
    dc_problem *p = &c->p;

    memset(c, 0, sizeof *c);
    p->rank = levels->at[DC_F_RANK] + 1;
    p->dtype = levels->at[DC_F_DTYPE];
    p->has_bias = levels->at[DC_F_BIAS];
    p->unbatched = levels->at[DC_F_BATCH] == 3;
    p->n = one_of(r, batch[levels->at[DC_F_BATCH]], thrifty);
    c->family = (dc_family)levels->at[DC_F_FAMILY];
    c->seed = dc_random_below(r, 100000);
    draw_channels(r, levels, thrifty, p);
    return draw_axes(r, levels, thrifty, p) &&
           dc_problem_complete(p, NULL) == DC_OK;
}

static int64_t work_of(const dc_problem *p)
{
    int64_t work = p->n * p->ci * (p->co / p->g);

    for (int a = 0; a < p->rank; a++)
        work *= p->i[a] * p->k[a];
    return work;
}

dc_status dc_axes_case(dc_random *r, const dc_levels *levels, int64_t budget,
                       dc_case *c)
{
    enum { ATTEMPTS = 8, FREE = 4 };
    int found = 0;

    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        dc_case drawn;

        /* the smallest numbers of a level may leave no output */
        if (!draw_case(r, levels, attempt >= FREE, &drawn))
            continue;
        if (!found || work_of(&drawn.p) < work_of(&c->p))
            *c = drawn;
        found = 1;
        if (work_of(&c->p) <= budget)
            break;
    }
    return found ? DC_OK : DC_FAILED;
}
