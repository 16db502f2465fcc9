/* SPDX-License-Identifier: MIT
 *
 * The operands of forward and grad_input: what a plan's products are, and the
 * windows of the input that they read.  A template over REAL.
 */
#include "fast/plan.h"

/* What all tasks look up: where things stand in a window and in the result. */
typedef struct {
    int64_t *place;    /* of each line of the box, in the tensor of results */
    int32_t *line;     /* the same in a window */
    int32_t *column;   /* the same in a row of C */
    piece *pieces;     /* of all panels, one after the other */
    int32_t *off;      /* of all products' steps in the windows */
    int32_t *sequence; /* of a product's steps in a panel */
} tables;

typedef struct {
    const dc_fast_plan *plan;
    const engine *does;
    tables at;
    int64_t table_bytes;
    const REAL *in;
    const REAL *w;
    const REAL *b;
    REAL *out;
    REAL *a;        /* packed weights: [group][block], then in the order of use;
              * NULL: each task packs its own, chunk by chunk */
    int64_t packed; /* bytes of a, 0 where it is NULL */
    int64_t a_block; /* elements of one block, and some to spare */
    int64_t tasks;
    int64_t products;             /* of one part, at most */
    int64_t steps;                /* entries of all of them, at most */
    int64_t all_steps;            /* entries of all parts' products */
    int64_t blocks;               /* of output channels, per group */
    int64_t pitch[DC_FAST_AXES];  /* in a window, from position to ... */
    int64_t planes[DC_FAST_AXES]; /* and from plane to plane */
    int64_t lines;                /* of a box */
    int64_t pieces;               /* of its vectors, at most */
    int64_t depth;                /* of the longest product */
    /* elements in a task's room */
    int64_t c_size, b_size, p_size, i_size, a_size;
} correlation;

struct packing;

/* A task's workspace: sums, windows, a packed panel, and tables. */
typedef struct {
    REAL *c;
    REAL *window;
    REAL *init;           /* of the rows of a product */
    REAL *a;              /* weights of a chunk */
    struct packing *list; /* of the products of a part */
    int64_t *table;
    REAL *panel;
    const REAL **rows; /* of C, to be interleaved */
} desk;

static int64_t block_channels(const dc_fast_plan *p, int64_t block)
{
    return dc_fast_min(p->block, p->out_channels - block * p->block);
}

/* One product: a group of every axis. */
typedef struct {
    const dc_fast_group *group[DC_FAST_AXES];
    const dc_fast_set *set[DC_FAST_AXES];
    int64_t phases;  /* rows per channel */
    int64_t entries; /* steps per input channel */
    int64_t row;     /* of C, per channel */
} product;

/* First row of these sets, in units of the block's channels. */
static int64_t first_row(const dc_fast_plan *p,
                         const dc_fast_set *const set[DC_FAST_AXES])
{
    int64_t before = 1;
    int64_t row = 0;

    for (int a = 0; a < DC_FAST_AXES; a++) {
        row += before * set[a]->phase * p->axis[a].below;
        before *= set[a]->phases;
    }
    return row;
}

static product product_of(const dc_fast_plan *p, dc_fast_index part,
                          dc_fast_index group)
{
    product r = {.phases = 1, .entries = 1};

    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &p->axis[a];

        r.group[a] = &x->group[x->part[part.at[a]].group + group.at[a]];
        r.set[a] = &x->set[r.group[a]->set];
        r.phases *= r.set[a]->phases;
        r.entries *= r.group[a]->entries;
    }
    r.row = first_row(p, r.set);
    return r;
}

/* Rows of a tile: as many as are left over are few. */
static int64_t tile_rows(const engine *does, int64_t rows)
{
    return dc_fast_ceil(rows, dc_fast_ceil(rows, does->rows));
}

/* Parts of every axis, and groups of one part of every axis. */
static void count_parts(const dc_fast_plan *p, int64_t count[DC_FAST_AXES])
{
    for (int a = 0; a < DC_FAST_AXES; a++)
        count[a] = p->axis[a].parts;
}

static void count_groups(const dc_fast_plan *p, dc_fast_index part,
                         int64_t count[DC_FAST_AXES])
{
    for (int a = 0; a < DC_FAST_AXES; a++)
        count[a] = p->axis[a].part[part.at[a]].groups;
}

/* ==== windows ============================================================ */

/* Positions first..end-1 of a window's axis that lie inside the tensor, where
 * position 0 is index `begin`. */
typedef struct {
    int64_t begin;
    int64_t first;
    int64_t end;
} range;

static range range_of(const dc_fast_axis *x, int64_t begin)
{
    const int64_t size = x->box + x->span;
    range r = {begin, 0, 0};

    if (begin < x->in)
        r.end = dc_fast_min(dc_fast_ceil(x->in - begin, x->in_step), size);
    if (begin < 0)
        r.first = dc_fast_min(dc_fast_ceil(-begin, x->in_step), r.end);
    return r;
}

/* Planes along w that are filled together, at most. */
enum { TOGETHER = 16 };

/* The ends of the lines of single planes, beyond the range common to all. */
static void fill_ends(const correlation *j, REAL *to, const REAL *src,
                      int64_t count, int64_t planes, const range *each,
                      const range *common)
{
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const h = &p->axis[DC_FAST_AXES - 2];
    const dc_fast_axis *const w = &p->axis[DC_FAST_AXES - 1];

    for (int64_t n = 0; n < planes; n++)
        for (int64_t e = each[n].first; e < each[n].end; e++) {
            if (e == common->first)
                e = common->end;
            for (int64_t l = 0; e < each[n].end && l < count; l++)
                to[n * p->plane + l * (w->box + w->span) + e] =
                    src[l * h->in_step * h->in_pitch + each[n].begin +
                        e * w->in_step];
        }
}

/* Axes h and w of a window: zeros around the lines from src on, and behind
 * them, where vectors read on: what stood there before may be subnormal, which
 * multiplies very slowly. */
static void fill_area(const correlation *j, REAL *to, const REAL *src,
                      const range at[DC_FAST_AXES], int64_t planes,
                      const range *each)
{
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const h = &p->axis[DC_FAST_AXES - 2];
    const dc_fast_axis *const w = &p->axis[DC_FAST_AXES - 1];
    const range *const y = &at[DC_FAST_AXES - 2];
    const range *const x = &at[DC_FAST_AXES - 1];
    const int64_t width = w->box + w->span;
    const warp f = {
        .count = y->end - y->first,
        .before = x->first,
        .n = x->end - x->first,
        .after = width - x->end,
        .pitch = h->in_step * h->in_pitch,
        .step = w->in_step,
        .plane = p->plane,
        .planes = planes,
        .ahead = p->in_pitch,
        .end = j->in + p->in_elements,
    };

    for (int64_t n = 0; n < planes; n++)
        j->does->spread(to + n * p->plane, 0, y->first * width);
    src += (y->begin + y->first * h->in_step) * h->in_pitch;
    to += y->first * width;
    j->does->lines(to, src + x->begin + x->first * w->in_step, &f);
    if (planes > 1)
        fill_ends(j, to, src, f.count, planes, each, x);
    to += f.count * width;
    for (int64_t n = 0; n < planes; n++)
        j->does->spread(to + n * p->plane, 0,
                        (h->box + h->span - y->end) * width + SPARE);
}

/* The input that the box at m meets through this part, zeros where there is
 * none, for `channels` channels from `in` on. */
static void fill(const correlation *j, REAL *window, const REAL *in,
                 int64_t channels, dc_fast_index m, dc_fast_index part)
{
    enum { H = DC_FAST_AXES - 2, W };
    const dc_fast_plan *const p = j->plan;
    const int64_t area = j->pitch[H - 1];
    const dc_fast_axis *const last = &p->axis[W];
    const int64_t all = last->part[part.at[W]].planes; /* along w */
    const int64_t together = all == last->in_step && all <= TOGETHER ? all : 1;
    int64_t planes[DC_FAST_AXES];
    int64_t outer[DC_FAST_AXES];
    dc_fast_index plane = {{0}};

    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &p->axis[a];

        planes[a] = a < W ? x->part[part.at[a]].planes : all / together;
        outer[a] = a < H ? x->box + x->span : 1;
    }
    do {
        REAL *start = window;
        range at[DC_FAST_AXES];
        range each[TOGETHER];
        int empty = 0;

        for (int a = 0; a < DC_FAST_AXES; a++) {
            const dc_fast_axis *const x = &p->axis[a];
            const dc_fast_part *const of = &x->part[part.at[a]];

            start += plane.at[a] * j->planes[a];
            at[a] = range_of(x, (m.at[a] + of->low) * x->in_step +
                                    x->residue[of->plane + plane.at[a]]);
            empty |= a < W && at[a].first >= at[a].end;
        }
        for (int64_t n = 0; n < together; n++)
            each[n] = range_of(last, at[W].begin + n);
        at[W].end = dc_fast_max(each[together - 1].end, at[W].first);
        for (int64_t c = 0; c < channels; c++) {
            REAL *to = start + c * p->window;
            dc_fast_index o = {{0}};

            do {
                const REAL *src = in + c * p->in_pitch;
                int outside = empty;

                for (int a = 0; a < H; a++) {
                    outside |= o.at[a] < at[a].first || o.at[a] >= at[a].end;
                    src += (at[a].begin + o.at[a] * p->axis[a].in_step) *
                           p->axis[a].in_pitch;
                }
                for (int64_t n = 0; outside && n < together; n++)
                    j->does->spread(to + n * p->plane, 0, area + SPARE);
                if (!outside)
                    fill_area(j, to, src, at, together, each);
                to += area;
            } while (dc_fast_next(&o, outer));
        }
    } while (dc_fast_next(&plane, planes));
}

/* off[] of a product's steps: where each input channel and entry begins. */
static void find_steps(const correlation *j, const product *r,
                       dc_fast_index part, int64_t channels, int32_t *off)
{
    const dc_fast_plan *const p = j->plan;
    int64_t count[DC_FAST_AXES];
    dc_fast_index e = {{0}};
    int64_t k = 0;

    for (int a = 0; a < DC_FAST_AXES; a++)
        count[a] = r->group[a]->entries;
    do {
        int64_t at = 0;

        for (int a = 0; a < DC_FAST_AXES; a++) {
            const dc_fast_axis *const x = &p->axis[a];
            const dc_fast_part *const of = &x->part[part.at[a]];
            const dc_fast_entry *const entry =
                &x->entry[r->group[a]->entry + e.at[a]];

            at += (entry->plane - of->plane) * j->planes[a] +
                  (entry->shift - of->low) * j->pitch[a];
        }
        off[k++] = (int32_t)at;
    } while (dc_fast_next(&e, count));
    for (; k < channels * r->entries; k++)
        off[k] = off[k - r->entries] + (int32_t)p->window;
}
