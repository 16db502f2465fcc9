/* SPDX-License-Identifier: MIT
 *
 * The operands of forward and grad_input: weights packed into the panels of a
 * plan's products, and windows of the input that the products read in place.
 * A template over REAL.
 */
#include "plan.h"

typedef struct {
    const dc_fast_plan *plan;
    const engine *does;
    const REAL *in;
    const REAL *w;
    const REAL *b;
    REAL *out;
    REAL *a; /* packed weights: [group][block], then in the order of use;
              * NULL: each task packs its own, chunk by chunk */
    int64_t a_block;              /* elements of one block, and some to spare */
    int64_t products;             /* of one part, at most */
    int64_t steps;                /* entries of all of them, at most */
    int64_t blocks;               /* of output channels, per group */
    int64_t pitch[DC_FAST_AXES];  /* in a window, from position to ... */
    int64_t planes[DC_FAST_AXES]; /* and from plane to plane */
    int64_t lines;                /* of a box */
    int64_t pieces;
    int64_t depth;                          /* of the longest product */
    int64_t c_size, b_size, p_size, a_size; /* elements in a task's room */
} correlation;

struct packing;

/* A task's workspace: sums, windows, a packed panel, and tables. */
typedef struct {
    REAL *c;
    REAL *window;
    REAL *a;              /* weights of a chunk */
    struct packing *list; /* of the products of a part */
    int64_t *table;
    REAL *panel;
    int32_t *off;      /* of a product's steps in the windows */
    int32_t *sequence; /* the same in a panel */
    int32_t *line;     /* of each line of the box, in a window */
    piece *pieces;     /* of all panels, one after the other */
    int64_t *place;    /* the same in the tensor of results */
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

/* ==== weights ============================================================ */

/* Where the rows and the entries of a product stand in w. */
static void find_weights(const dc_fast_plan *p, const product *r,
                         int64_t channels, int64_t *rows, int64_t *entries)
{
    int64_t phases[DC_FAST_AXES];
    int64_t count[DC_FAST_AXES];
    dc_fast_index e = {{0}};

    for (int a = 0; a < DC_FAST_AXES; a++) {
        phases[a] = r->set[a]->phases;
        count[a] = r->group[a]->entries;
    }
    for (int64_t c = 0; c < channels; c++)
        do {
            *rows = c * p->w_out;
            for (int a = 0; a < DC_FAST_AXES; a++)
                *rows += p->axis[a].phase[r->set[a]->phase + e.at[a]].tap *
                         p->axis[a].tap_pitch;
            rows++;
        } while (dc_fast_next(&e, phases));
    do {
        *entries = 0;
        for (int a = 0; a < DC_FAST_AXES; a++)
            *entries += p->axis[a].entry[r->group[a]->entry + e.at[a]].tap *
                        p->axis[a].tap_pitch;
        entries++;
    } while (dc_fast_next(&e, count));
}

/* A product's weights in the making: a[panel][input channel][entry][row]. */
typedef struct packing {
    REAL *a;
    const int64_t *row; /* where rows and entries stand in w */
    const int64_t *entry;
    int64_t rows;
    int64_t entries;
    int64_t high;
    int ready; /* w holds the entries of its input channels in this order */
} packing;

/* All products of a part; `table` receives where their weights stand. */
static int64_t find_products(const correlation *j, dc_fast_index part,
                             int64_t channels, packing *list, int64_t *table)
{
    const dc_fast_plan *const p = j->plan;
    int64_t groups[DC_FAST_AXES];
    dc_fast_index group = {{0}};
    int64_t count = 0;

    count_groups(p, part, groups);
    do {
        const product r = product_of(p, part, group);
        packing *const f = &list[count++];

        f->rows = channels * r.phases;
        f->entries = r.entries;
        f->high = tile_rows(j->does, f->rows);
        f->row = table;
        f->entry = table + f->rows;
        f->ready = r.phases == 1 && r.entries == p->w_in;
        find_weights(p, &r, channels, table, table + f->rows);
        for (int64_t e = 0; e < r.entries; e++)
            f->ready = f->ready && f->entry[e] == e;
        table += f->rows + r.entries;
    } while (dc_fast_next(&group, groups));
    return count;
}

/* Input channel c of `inputs`, whose weights begin at w: some panels. */
static void pack_panels(const packing *f, int64_t first, int64_t panels,
                        int64_t c, int64_t inputs, const REAL *w)
{
    const int64_t end = dc_fast_min(f->rows, (first + panels) * f->high);

    for (int64_t n = first * f->high; n < end; n += f->high) {
        const int64_t some = dc_fast_min(f->high, f->rows - n);
        const int64_t *const row = f->row + n;
        REAL *to = f->a + (n * inputs + c * some) * f->entries;

        for (int64_t e = 0; e < f->entries; e++, to += some) {
            const REAL *const from = w + f->entry[e];

            for (int64_t i = 0; i < some; i++)
                to[i] = from[row[i]];
        }
    }
}

/* All weights of a chunk of input channels, which begin at w, to a and on;
 * returns where they end. */
static REAL *pack_chunk(const correlation *j, packing *list, int64_t count,
                        int64_t inputs, const REAL *w, REAL *a)
{
    /* few panels are written at a time, and input channels, which lie far
     * apart in w, are read piece by piece: both spare the TLB */
    enum { PANELS = 8 };
    const packing *const f = list;
    int64_t longest = 0;

    for (int64_t n = 0; n < count; n++) {
        list[n].a = a;
        a += list[n].rows * list[n].entries * inputs;
    }
    for (int64_t n = 0; f->ready && n < f->rows; n += f->high) {
        const int64_t some = dc_fast_min(f->high, f->rows - n);

        j->does->transpose(f->a + n * inputs * f->entries, some, w + f->row[n],
                           j->plan->w_out, some, inputs * f->entries);
    }
    for (int64_t n = 0; !f->ready && n < count; n++)
        longest =
            dc_fast_max(longest, dc_fast_ceil(list[n].rows, list[n].high));
    for (int64_t first = 0; first < longest; first += PANELS)
        for (int64_t c = 0; c < inputs; c++)
            for (int64_t n = 0; n < count; n++)
                pack_panels(&list[n], first, PANELS, c, inputs,
                            w + c * j->plan->w_in);
    return a;
}

/* Task: the weights of one group and block, in the order of use. */
static void pack_task(const void *argument, int64_t index, void *room)
{
    const correlation *const j = argument;
    const dc_fast_plan *const p = j->plan;
    const int64_t g = index / j->blocks;
    const int64_t block = index % j->blocks;
    const REAL *const w = j->w + g * p->w_group + block * p->block * p->w_out;
    REAL *a = j->a + index * j->a_block;
    packing *const list = room;
    int64_t *const table = (void *)(list + j->products);
    int64_t parts[DC_FAST_AXES];
    dc_fast_index part = {{0}};

    count_parts(p, parts);
    do {
        const int64_t count =
            find_products(j, part, block_channels(p, block), list, table);

        for (int64_t c = 0; c < p->in_channels; c += p->chunk) {
            const int64_t inputs = dc_fast_min(p->chunk, p->in_channels - c);

            a = pack_chunk(j, list, count, inputs, w + c * p->w_in, a);
        }
    } while (dc_fast_next(&part, parts));
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

/* Axes h and w of a window: zeros around the lines from src on. */
static void fill_plane(const correlation *j, REAL *to, const REAL *src,
                       const range at[DC_FAST_AXES])
{
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const h = &p->axis[DC_FAST_AXES - 2];
    const dc_fast_axis *const w = &p->axis[DC_FAST_AXES - 1];
    const range *const y = &at[DC_FAST_AXES - 2];
    const range *const x = &at[DC_FAST_AXES - 1];
    const int64_t width = w->box + w->span;

    src += (y->begin + y->first * h->in_step) * h->in_pitch + x->begin +
           x->first * w->in_step;
    j->does->spread(to, 0, y->first * width);
    j->does->lines(to + y->first * width, y->end - y->first, x->first, src,
                   h->in_step * h->in_pitch, x->end - x->first, w->in_step,
                   width - x->end, j->in + p->in_elements);
    j->does->spread(to + y->end * width, 0,
                    (h->box + h->span - y->end) * width);
}

/* The input that the box at m meets through this part, zeros where there is
 * none, for `channels` channels from `in` on. */
static void fill(const correlation *j, REAL *window, const REAL *in,
                 int64_t channels, dc_fast_index m, dc_fast_index part)
{
    enum { H = DC_FAST_AXES - 2, W };
    const dc_fast_plan *const p = j->plan;
    const int64_t area = j->pitch[H - 1];
    int64_t planes[DC_FAST_AXES];
    int64_t outer[DC_FAST_AXES];
    dc_fast_index plane = {{0}};

    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &p->axis[a];

        planes[a] = x->part[part.at[a]].planes;
        outer[a] = a < H ? x->box + x->span : 1;
    }
    do {
        REAL *start = window;
        range at[DC_FAST_AXES];
        int empty = 0;

        for (int a = 0; a < DC_FAST_AXES; a++) {
            const dc_fast_axis *const x = &p->axis[a];
            const dc_fast_part *const of = &x->part[part.at[a]];

            start += plane.at[a] * j->planes[a];
            at[a] = range_of(x, (m.at[a] + of->low) * x->in_step +
                                    x->residue[of->plane + plane.at[a]]);
            empty |= at[a].first >= at[a].end;
        }
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
                if (outside)
                    j->does->spread(to, 0, area);
                else
                    fill_plane(j, to, src, at);
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
