/* SPDX-License-Identifier: MIT
 *
 * Enumerates small axes level by level.  Each level has a short list of
 * numbers, long enough that every possible combination of levels occurs (a
 * test compares with a larger grid).
 */
#include "cases/space/axes.h"

#include <string.h>

#include "ref/counts.h"
#include "ref/integer.h"

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

/* lo and hi, once if they are equal; nothing if hi < lo. */
static int ends(int64_t lo, int64_t hi, int64_t *to)
{
    to[0] = lo;
    to[1] = hi;
    return hi < lo ? 0 : 1 + (hi > lo);
}

/* Lists the numbers of a level of factor f, given the fields set so far. */
static int numbers(const walker *x, int f, int level, int64_t to[NUMBERS])
{
    const dc_axis *a = &x->axis;
    const int64_t reach = a->d * (a->k - 1);

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
                            : ends(a->s, dc_max(a->s, a->d) - 1, to);
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

int64_t dc_axis_output(const dc_axis *a)
{
    return (a->i - 1) * a->s - a->pb - a->pe + a->d * (a->k - 1) + a->op + 1;
}

static void visit(const walker *x)
{
    const dc_axis *a = &x->axis;
    const dc_pads_rule pads = a->pb == a->pe ? DC_PADS_EQUAL : DC_PADS_UNEQUAL;

    if (dc_axis_output(a) >= 1 &&
        (x->w->pads == DC_PADS_ANY || x->w->pads == pads))
        x->w->visit(x->w->state, a, x->at);
}

static void descend(walker *x, int step)
{
    /* a factor comes after those that its numbers depend on */
    static const int order[] = {DC_A_K,  DC_A_S,  DC_A_D,  DC_A_REACH,
                                DC_A_PB, DC_A_PE, DC_A_OP, DC_A_I};
    const int f = step < DC_A_FACTORS ? order[step] : 0;
    const int want = x->w->want[f];

    if (step == DC_A_FACTORS) {
        visit(x);
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
        if (x->w->smallest && n > 1 && (f == DC_A_I || f == DC_A_K))
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

/* Reservoir sampling of one axis. */
typedef struct {
    dc_random *r;
    dc_axis *axis;
    int64_t seen;
} reservoir;

static void sample(void *state, const dc_axis *axis, const int8_t *at)
{
    reservoir *x = state;

    (void)at;
    x->seen++;
    if (dc_random_below(x->r, (uint64_t)x->seen) == 0)
        *x->axis = *axis;
}

bool dc_axes_draw(dc_random *r, const dc_axes_walk *walk, dc_axis *axis)
{
    reservoir x = {r, axis, 0};
    dc_axes_walk w = *walk;

    w.visit = sample;
    w.state = &x;
    dc_axes_visit(&w);
    return x.seen > 0;
}

/* ==== A case ============================================================ */

static int64_t one_of(dc_random *r, const int64_t *list, bool smallest)
{
    int n = 0;

    while (list[n] >= 0)
        n++;
    return list[smallest ? 0 : dc_random_below(r, (uint64_t)n)];
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

/* Draws axes of these levels; a middle axis is small and has equal pads. */
static bool draw_axes(dc_random *r, const dc_levels *levels, bool smallest,
                      dc_problem *p)
{
    /* by level of DC_F_PADS */
    static const dc_pads_rule first[] = {DC_PADS_EQUAL, DC_PADS_ANY,
                                         DC_PADS_UNEQUAL};
    static const dc_pads_rule last[] = {DC_PADS_EQUAL, DC_PADS_UNEQUAL,
                                        DC_PADS_EQUAL};
    const int pads = levels->at[DC_F_PADS];
    dc_axes_walk walk = {
        .last = true, .smallest = smallest, .pads = last[pads]};
    dc_axis axis;

    memcpy(walk.want, &levels->at[DC_F_LAST], sizeof walk.want);
    if (!dc_axes_draw(r, &walk, &axis))
        return false;
    dc_axis_set(p, p->rank - 1, &axis);
    if (p->rank == 1)
        return true;
    walk.last = false;
    walk.pads = first[pads];
    memcpy(walk.want, &levels->at[DC_F_FIRST], sizeof walk.want);
    if (!dc_axes_draw(r, &walk, &axis))
        return false;
    dc_axis_set(p, 0, &axis);
    if (p->rank == 3) {
        const int64_t pad = dc_random_range(r, 0, 1);

        axis = (dc_axis){.k = smallest ? 1 : dc_random_range(r, 1, 2),
                         .s = dc_random_range(r, 1, 2),
                         .d = 1,
                         .pb = pad,
                         .pe = pad,
                         .i = 2 + pad};
        dc_axis_set(p, 1, &axis);
    }
    return true;
}

static void draw_channels(dc_random *r, const dc_levels *levels, bool smallest,
                          dc_problem *p)
{
    static const int64_t groups[][6] = {
        {1, -1}, {2, -1}, {3, 4, -1}, {2, 3, 8, 9, 17, -1}, {2, 3, 5, -1}};

    p->g = one_of(r, groups[levels->at[DC_F_GROUP]], smallest);
    p->ci = p->g * one_of(r, of_channels[levels->at[DC_F_CI]], smallest);
    p->co = p->g * one_of(r, of_channels[levels->at[DC_F_CO]], smallest);
}

static bool draw_case(dc_random *r, const dc_levels *levels, bool smallest,
                      dc_case *c)
{
    static const int64_t batch[][3] = {{1, -1}, {2, 3, -1}, {0, -1}, {1, -1}};
    dc_problem *p = &c->p;

    memset(c, 0, sizeof *c);
    p->rank = levels->at[DC_F_RANK] + 1;
    p->dtype = levels->at[DC_F_DTYPE];
    p->has_bias = levels->at[DC_F_BIAS];
    p->unbatched = levels->at[DC_F_BATCH] == 3;
    p->n = one_of(r, batch[levels->at[DC_F_BATCH]], smallest);
    c->family = (dc_family)levels->at[DC_F_FAMILY];
    c->seed = dc_random_below(r, 100000);
    draw_channels(r, levels, smallest, p);
    return draw_axes(r, levels, smallest, p) &&
           dc_problem_complete(p, NULL) == DC_OK;
}

dc_status dc_axes_case(dc_random *r, const dc_levels *levels, int64_t budget,
                       dc_case *c)
{
    enum { ATTEMPTS = 8, FREE = 4 };
    bool found = false;

    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        dc_case drawn;

        /* this fails if the numbers that were drawn leave no output */
        if (!draw_case(r, levels, attempt >= FREE, &drawn))
            continue;
        if (!found ||
            dc_counts_uncropped(&drawn.p) < dc_counts_uncropped(&c->p))
            *c = drawn;
        found = true;
        if (dc_counts_uncropped(&c->p) <= budget)
            break;
    }
    return found ? DC_OK : DC_FAILED;
}
