/* SPDX-License-Identifier: MIT
 *
 * Five blocks of cases, one after the other.  The full tier turns every dial of
 * a block, ci one of them and draws the others from the number of the case.
 * What does not fit the budget of the tier gives way: partners first, then
 * kernels on all axes but the last.
 */
#include "cases/space/widths.h"

#include <string.h>

#include "cases/random.h"
#include "ref/counts.h"
#include "ref/integer.h"

#define COUNT(list) ((int64_t)(sizeof(list) / sizeof *(list)))

/* Channels as networks have them, and their neighbours. */
static const int64_t widths[] = {48,  63,  64,  65,  96,  100, 127, 128,
                                 129, 192, 256, 257, 320, 384, 512};

/* What may stand on the other side, the widest first. */
static const int64_t partners[] = {512, 320, 257, 256, 192, 129, 128, 100,
                                   96,  65,  64,  63,  48,  40,  34};

/* Kernels as networks have them. */
typedef struct {
    int64_t k, s, p, op;
} kernel;

static const kernel kernels[] = {
    {4, 2, 1, 0},  {3, 2, 1, 1}, {2, 2, 0, 0},   {3, 1, 1, 0},  {1, 1, 0, 0},
    {16, 8, 4, 0}, {5, 2, 2, 1}, {7, 1, 3, 0},   {4, 4, 0, 0},  {8, 4, 2, 0},
    {7, 4, 2, 1},  {1, 2, 0, 1}, {16, 16, 0, 0}, {17, 1, 8, 0},
};

static const kernel pointwise = {1, 1, 0, 0};
static const kernel tiling = {2, 2, 0, 0};

/* The dials of a case, and how many products it may have. */
typedef struct {
    int64_t at; /* number within the block */
    uint64_t turn;
    const kernel *kernel;
    int rank;
    int64_t budget;
} dials;

static void set_axis(dc_problem *p, int a, int64_t i, const kernel *k)
{
    p->i[a] = i;
    p->k[a] = k->k;
    p->s[a] = k->s;
    p->d[a] = 1;
    p->pb[a] = p->pe[a] = k->p;
    p->op[a] = k->op;
}

static void set_axes(dc_problem *p, int rank, int64_t i, const kernel *k)
{
    p->rank = rank;
    for (int a = 0; a < rank; a++)
        set_axis(p, a, i, k);
}

/* Kernels of 1 on the first axes, until the budget is kept. */
static void fit_kernels(dc_problem *p, int64_t budget)
{
    for (int a = 0; a + 1 < p->rank && dc_counts_uncropped(p) > budget; a++)
        set_axis(p, a, 1, &pointwise);
}

/* A small kernel on the last axis, too, if the channels leave no other way. */
static void fit_last(dc_problem *p, int64_t budget)
{
    if (dc_counts_uncropped(p) > 4 * budget)
        set_axis(p, p->rank - 1, 1, &tiling);
}

/* Extents of all axes, as large as the budget allows. */
static void fit_extents(dc_problem *p, int64_t most, int64_t budget)
{
    for (int a = 0; a < p->rank; a++)
        p->i[a] = most + a;
    for (int a = 0; dc_counts_uncropped(p) > budget && p->i[a] > 2;
         a = (a + 1) % p->rank)
        p->i[a]--;
}

/* ==== Blocks ============================================================ */

/* Both sides wide; 2 W channels counts: each as ci and as co. */
static void make_dense(const dials *d, dc_problem *p)
{
    const int64_t wide = widths[d->at % COUNT(widths)];
    const bool swapped = d->at >= COUNT(widths);
    int64_t first = 0;
    int64_t partner;

    set_axes(p, d->rank, 1 + (int64_t)(d->turn % 2), d->kernel);
    /* a partner of at least 48 comes before kernels on all axes */
    dc_problem_set_channels(p, 1, wide, 48);
    fit_kernels(p, d->budget);
    if (dc_counts_uncropped(p) > d->budget)
        p->i[d->rank - 1] = 1;
    for (; first < COUNT(partners) - 1; first++) {
        dc_problem_set_channels(p, 1, wide, partners[first]);
        if (dc_counts_uncropped(p) <= d->budget)
            break;
    }
    first += (int64_t)(d->turn / 2 % 3);
    partner = partners[dc_min(first, COUNT(partners) - 1)];
    dc_problem_set_channels(p, 1, swapped ? partner : wide,
                            swapped ? wide : partner);
    fit_last(p, d->budget);
}

static void make_depthwise(const dials *d, dc_problem *p)
{
    static const int64_t extents[] = {64, 14, 8};

    set_axes(p, d->rank, 2, d->kernel);
    dc_problem_set_channels(p, widths[d->at % COUNT(widths)], 1,
                            d->at / COUNT(widths) ? 2 : 1);
    fit_kernels(p, d->budget / 4);
    fit_extents(p, extents[d->rank - 1], d->budget);
}

static const int64_t groups[] = {2, 3, 4, 8, 16, 32};
static const int64_t per_group[] = {12, 16, 24, 33, 48, 64, 128};

static void make_grouped(const dials *d, dc_problem *p)
{
    const int64_t other = d->at + (int64_t)(d->turn % 9);

    set_axes(p, d->rank, 2, d->kernel);
    dc_problem_set_channels(p, groups[d->at % COUNT(groups)],
                            per_group[d->at / COUNT(groups)],
                            per_group[other % COUNT(per_group)]);
    while (p->g > 2 && dc_counts_uncropped(p) > d->budget)
        dc_problem_set_channels(p, p->g - p->g / 2, p->ci / p->g, p->co / p->g);
    fit_kernels(p, d->budget);
    if (dc_counts_uncropped(p) > d->budget)
        p->i[d->rank - 1] = 1;
    fit_last(p, d->budget);
}

/* An axis of extent or kernel 1 beside a strided one, with channels that fill
 * vectors: depthwise, with two outputs per group, and dense. */
static const int64_t whole[] = {8, 16, 32, 64};
enum { BESIDE = 3 * 3 * 2 }; /* kinds of channels, of axes, orders */

static void make_beside(const dials *d, dc_problem *p)
{
    const int rank = d->rank == 2 ? 2 : 3;
    const int64_t c = whole[d->at / BESIDE];
    const int64_t channels = d->at % 3;
    const int64_t axes = d->at / 3 % 3;
    const kernel strided = {2 + (int64_t)(d->turn % 3), 2, 1, 1};
    const int thin = d->at / 9 % 2 ? rank - 1 : 0;

    set_axes(p, rank, 4, &strided);
    set_axis(p, thin, axes == 1 ? 4 : 1, axes == 0 ? &strided : &pointwise);
    if (axes == 0)
        p->pb[thin] = p->pe[thin] = 0;
    if (rank == 3)
        p->i[1] = 2 + (int64_t)(d->turn / 4 % 2);
    if (channels == 2)
        dc_problem_set_channels(p, 1, dc_min(c, 16), dc_min(c, 16) / 2);
    else
        dc_problem_set_channels(p, c, 1, channels + 1);
    while (dc_counts_uncropped(p) > d->budget && p->i[rank - 1 - thin] > 2)
        p->i[rank - 1 - thin]--;
}

/* Layers: wide channels on small planes, then planes of real size, on which the
 * channels fall to what the budget allows. */
static const struct {
    int rank;
    int64_t i[3];
    kernel kernel;
    int64_t ci, co;
    bool ci_tier; /* with all its channels even there */
} planes[] = {
    {2, {1, 1}, {4, 2, 1, 0}, 64, 64, true},
    {2, {2, 1}, {3, 2, 1, 1}, 64, 48, true},
    {2, {1, 2}, {2, 2, 0, 0}, 96, 128, true},
    {2, {1, 1}, {3, 1, 1, 0}, 128, 64, true},
    {3, {1, 1, 1}, {2, 2, 0, 0}, 64, 64, true},
    {3, {1, 1, 1}, {3, 2, 1, 1}, 48, 48, true},
    {1, {2}, {4, 2, 1, 0}, 128, 128, true},
    {1, {1}, {16, 8, 4, 0}, 64, 64, true},
    {1, {3}, {2, 2, 0, 0}, 256, 64, true},
    {2, {16, 16}, {4, 2, 1, 0}, 16, 16, false},
    {2, {14, 14}, {3, 1, 1, 0}, 16, 16, true},
    {2, {14, 15}, {3, 2, 1, 1}, 16, 17, false},
    {2, {32, 32}, {2, 2, 0, 0}, 8, 8, false},
    {2, {28, 28}, {5, 2, 2, 1}, 6, 8, false},
    {2, {40, 41}, {3, 2, 1, 1}, 4, 4, false},
    {2, {10, 130}, {4, 2, 1, 0}, 3, 4, false},
    {1, {128}, {16, 8, 4, 0}, 32, 16, false},
    {1, {253}, {8, 4, 2, 0}, 16, 8, false},
    {1, {1024}, {16, 8, 4, 0}, 8, 4, false},
    {1, {700}, {11, 5, 3, 0}, 4, 4, false},
    {1, {513}, {3, 1, 1, 0}, 16, 16, false},
    {1, {203}, {9, 1, 4, 0}, 12, 10, false},
    {3, {8, 8, 8}, {3, 2, 1, 1}, 8, 8, false},
    {3, {8, 8, 8}, {2, 2, 0, 0}, 16, 8, false},
    {3, {8, 9, 10}, {4, 2, 1, 0}, 4, 4, false},
    {3, {9, 8, 12}, {3, 1, 1, 0}, 4, 8, false},
    {3, {16, 16, 17}, {2, 2, 0, 0}, 4, 4, false},
};

static void make_plane(const dials *d, dc_problem *p)
{
    const int64_t row = d->at % COUNT(planes);
    /* dense; depthwise and grouped in turn */
    const int64_t kind = d->at < COUNT(planes) ? 0 : 1 + (int64_t)(d->turn % 2);
    const bool whole_row = kind == 0 && planes[row].ci_tier;

    p->rank = planes[row].rank;
    for (int a = 0; a < p->rank; a++)
        set_axis(p, a, planes[row].i[a], &planes[row].kernel);
    if (kind == 0)
        dc_problem_set_channels(p, 1, planes[row].ci, planes[row].co);
    else
        dc_problem_set_channels(p, kind == 1 ? planes[row].ci : 4, kind, kind);
    while (!whole_row && dc_counts_uncropped(p) > d->budget && kind == 0 &&
           p->ci + p->co > 2)
        *(p->ci > p->co ? &p->ci : &p->co) -= 1;
    while (dc_counts_uncropped(p) > d->budget && kind > 0 && p->g > 2)
        dc_problem_set_channels(p, p->g / 2, kind, kind);
}

/* ==== All blocks ======================================================== */

enum { PAIRS = COUNT(kernels) * 3 }; /* of kernel and rank */

static const struct {
    const char *name;
    const char *hunts;
    int64_t count;
    int64_t budget[2]; /* products in ci, in full */
    int step;          /* ci has one case in `step` */
    int turns;         /* pairs of kernel and rank with which full has each
                        * case; few if the block sets them by itself */
    void (*make)(const dials *d, dc_problem *p);
} blocks[] = {
    {"wide",
     "a kernel for wide layers: blocks of channels, vectors, tails",
     2 * COUNT(widths),
     {14000, 200000},
     1,
     PAIRS,
     make_dense},
    {"wide-depthwise",
     "vectors across channels of single planes",
     2 * COUNT(widths),
     {6000, 40000},
     2,
     PAIRS,
     make_depthwise},
    {"wide-grouped",
     "groups of many channels",
     COUNT(groups) * COUNT(per_group),
     {12000, 100000},
     2,
     PAIRS,
     make_grouped},
    {"degenerate-axis",
     "a short cut for 1 on one axis, taken for all",
     COUNT(whole) * BESIDE,
     {5000, 20000},
     1,
     9,
     make_beside},
    {"plane",
     "blocks of positions: rows and planes of real size",
     2 * COUNT(planes),
     {30000, 400000},
     1,
     3,
     make_plane},
};

/* Number of cases of a block: in ci one in `step`, in full all in turn. */
static int64_t count_of(int64_t b, dc_tier tier)
{
    if (tier == DC_CI)
        return blocks[b].count / blocks[b].step;
    return blocks[b].count * blocks[b].turns;
}

int64_t dc_widths_count(dc_tier tier)
{
    int64_t sum = 0;

    if (tier != DC_CI && tier != DC_FULL)
        return 0;
    for (int64_t b = 0; b < COUNT(blocks); b++)
        sum += count_of(b, tier);
    return sum;
}

/* Case number `at` of block b. */
static dials dials_of(int64_t b, dc_tier tier, int64_t at)
{
    const uint64_t turn =
        dc_random_hash((uint64_t)b << 1 | (tier == DC_CI), (uint64_t)at) >> 8;
    const int64_t dial =
        tier == DC_CI ? (int64_t)(turn % PAIRS) : at / blocks[b].count;
    const int64_t skipped = (int64_t)(turn / 64 % (uint64_t)blocks[b].step);

    return (dials){.at = tier == DC_CI ? at * blocks[b].step + skipped
                                       : at % blocks[b].count,
                   .turn = turn / 256,
                   .kernel = &kernels[dial / 3],
                   .rank = 1 + (int)(dial % 3),
                   .budget = blocks[b].budget[tier == DC_FULL]};
}

void dc_widths_case(dc_tier tier, int64_t index, dc_item *item)
{
    static const dc_family families[] = {DC_INT, DC_SHORT, DC_REAL};
    dc_problem *const p = &item->c.p;
    int64_t b = 0;
    dials d;

    while (index >= count_of(b, tier))
        index -= count_of(b++, tier);
    d = dials_of(b, tier, index);
    memset(item, 0, sizeof *item);
    item->name = blocks[b].name;
    item->hunts = blocks[b].hunts;
    item->c.family = families[index % 3];
    item->c.seed = d.turn / 65536 % 10000 * 10 + d.turn % 9;
    p->n = 1;
    blocks[b].make(&d, p);
    p->has_bias = (int32_t)(d.turn / 32 % 2);
    /* cannot fail: a test checks that every case is legal */
    (void)dc_problem_complete(p, NULL);
}
