/* SPDX-License-Identifier: MIT
 *
 * Three blocks of cases, one after the other, each a product of lists.
 */
#include "cases/space/tier_blocks.h"

#include <string.h>

const int64_t dc_edge_shapes_ladder[DC_EDGE_SHAPES_LADDER] = {
    1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33};

/* Families that are useful with and without products. */
static const dc_family families[] = {DC_INT, DC_REAL, DC_SHORT};
enum { FAMILIES = 3 };

static void set_axis(dc_problem *p, int a, int64_t i, int64_t k, int64_t s)
{
    p->i[a] = i;
    p->k[a] = k;
    p->s[a] = s;
    p->d[a] = 1;
}

/* ==== Without elements ================================================== */

/* What can be zero: n, ci, co, then i and o of each axis.  The cases have one
 * or two of these, with and without bias, with one group and two. */
#define KINDS(rank) (3 + 2 * (rank))

/* Number of choices first <= second; if they are equal, only one is zero. */
#define CHOICES(rank) (KINDS(rank) * (KINDS(rank) + 1) / 2)

/* Makes one of them zero.  o depends on the other fields, so it is cropped to
 * zero after they are set. */
static void make_zero(dc_problem *p, int kind)
{
    int64_t *const whole[] = {&p->n, &p->ci, &p->co};
    const int a = (kind - 3) / 2;

    if (kind < 3)
        *whole[kind] = 0;
    else if ((kind - 3) % 2 == 0)
        p->i[a] = 0;
    else if (dc_problem_complete(p, NULL) == DC_OK)
        p->pe[a] += p->o[a];
}

enum { ZEROS = 4 * (CHOICES(1) + CHOICES(2) + CHOICES(3)) };

static void zero_case(int64_t index, dc_problem *p)
{
    int64_t choice = index / 4;
    int first = 0;
    int second;

    for (p->rank = 1; choice >= CHOICES(p->rank); p->rank++)
        choice -= CHOICES(p->rank);
    while (choice >= KINDS(p->rank) - first)
        choice -= KINDS(p->rank) - first++;
    second = first + (int)choice;
    p->has_bias = index % 2 == 0;
    p->n = 2;
    dc_problem_set_channels(p, 1 + index / 2 % 2, 2, 3);
    for (int a = 0; a < p->rank; a++) {
        set_axis(p, a, 3 - a, 3, 2);
        p->pb[a] = 1;
        p->op[a] = 1;
    }
    make_zero(p, first);
    if (second != first)
        make_zero(p, second);
}

/* ==== Ladders =========================================================== */

static void channel_case(int64_t index, dc_problem *p)
{
    p->rank = 1 + (int)(index % 2);
    p->n = 1;
    dc_problem_set_channels(
        p, 1 + index / 2 % 2,
        dc_edge_shapes_ladder[index / DC_EDGE_SHAPES_LADDER],
        dc_edge_shapes_ladder[index % DC_EDGE_SHAPES_LADDER]);
    p->has_bias = index % 3 == 0;
    set_axis(p, p->rank - 1, 3, 2, 2);
    if (p->rank == 2)
        set_axis(p, 0, 2, 1, 1);
    p->pe[p->rank - 1] = 1;
}

static const int64_t widths[] = {3,  4,  5,  7,  8,  9,  11, 12,
                                 13, 15, 16, 17, 23, 24, 25, 31,
                                 32, 33, 47, 48, 49, 63, 64, 65};
enum { WIDTHS = sizeof widths / sizeof *widths };

/* By rank, stride and kernel.  On the last axis i is the width if s = 1 (and o
 * too, if k = 3 with pads of 1), o is if s = 2. */
static void width_case(int64_t index, dc_problem *p)
{
    const int64_t width = widths[index % WIDTHS];
    const int64_t shape = index / WIDTHS;
    const int64_t s = 1 + shape % 2;
    const int64_t k = shape / 2 % 2 ? 3 : 2;
    const int64_t i = s == 1 ? width : (width - k) / 2 + 1;
    const int last = (int)(shape / 4);

    p->rank = last + 1;
    p->g = 1;
    p->n = 2;
    p->ci = 3;
    p->co = 2;
    p->has_bias = shape % 3 == 0;
    set_axis(p, last, i, k, s);
    if (s == 1 && k == 3)
        p->pb[last] = p->pe[last] = 1;
    else if (s == 2)
        p->op[last] = (width - k) % 2;
    for (int a = 0; a < last; a++)
        set_axis(p, a, 2, 2, 1);
}

/* ==== All blocks ======================================================== */

static const struct {
    const char *name;
    const char *hunts;
    int64_t count;
    void (*make)(int64_t index, dc_problem *p);
} blocks[] = {
    {"zero-size", "divides by an extent, or returns before writing a result",
     ZEROS, zero_case},
    {"channel-ladder", "a tail of channels beside a vector register",
     DC_EDGE_SHAPES_LADDER *DC_EDGE_SHAPES_LADDER, channel_case},
    {"width-ladder", "a tail of columns beside a vector register", WIDTHS * 12,
     width_case},
};
enum { BLOCKS = sizeof blocks / sizeof *blocks };

int64_t dc_edge_shapes_count(void)
{
    int64_t sum = 0;

    for (int b = 0; b < BLOCKS; b++)
        sum += blocks[b].count;
    return sum;
}

void dc_edge_shapes_case(int64_t index, dc_item *item)
{
    int64_t at = index;
    int b = 0;

    memset(item, 0, sizeof *item);
    while (at >= blocks[b].count)
        at -= blocks[b++].count;
    item->name = blocks[b].name;
    item->hunts = blocks[b].hunts;
    item->c.family = families[index % FAMILIES];
    item->c.seed = (uint64_t)index;
    blocks[b].make(at, &item->c.p);
    /* cannot fail: a test checks that every case is legal */
    (void)dc_problem_complete(&item->c.p, NULL);
}
