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
    REAL *a; /* packed weights: [group][block], then in the order of use */
    int64_t a_channel;              /* elements of one output channel */
    int64_t blocks;                 /* of output channels, per group */
    int64_t pitch[DC_FAST_AXES];    /* in a window, from position to ... */
    int64_t planes[DC_FAST_AXES];   /* and from plane to plane */
    int64_t lines;                  /* of a box */
    int64_t depth;                  /* of the longest product */
    int64_t c_size, b_size, p_size; /* elements in a task's room */
} correlation;

/* A task's workspace: sums, windows, packed windows, and tables. */
typedef struct {
    REAL *c;
    REAL *window;
    REAL *packed;
    int32_t *off;      /* of a product's steps in the windows */
    int32_t *sequence; /* the same when packed */
    int32_t *line;     /* of each line of the box, in a window */
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
    int64_t after = p->phases;
    int64_t row = 0;

    for (int a = 0; a < DC_FAST_AXES; a++) {
        after /= p->axis[a].phases;
        row += before * set[a]->phase * after;
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

/* w as panels: a[panel][input channel][entry][row of the panel]. */
static REAL *pack_product(const correlation *j, const product *r, REAL *a,
                          const REAL *w, int64_t channels, int64_t inputs)
{
    const dc_fast_plan *const p = j->plan;
    const int64_t rows = channels * r->phases;
    const int64_t high = tile_rows(j->does, rows);

    for (int64_t first = 0; first < rows; first += high) {
        const int64_t some = dc_fast_min(high, rows - first);
        int64_t at[16];

        for (int64_t row = 0; row < some; row++) {
            int64_t rest = first + row;

            at[row] = rest / r->phases * p->w_out;
            for (int x = DC_FAST_AXES; x-- > 0; rest /= r->set[x]->phases)
                at[row] +=
                    p->axis[x]
                        .phase[r->set[x]->phase + rest % r->set[x]->phases]
                        .tap *
                    p->axis[x].tap_pitch;
        }
        for (int64_t c = 0; c < inputs; c++) {
            int64_t count[DC_FAST_AXES];
            dc_fast_index e = {{0}};

            for (int x = 0; x < DC_FAST_AXES; x++)
                count[x] = r->group[x]->entries;
            do {
                const REAL *from = w + c * p->w_in;

                for (int x = 1; x < DC_FAST_AXES; x++)
                    from += p->axis[x].entry[r->group[x]->entry + e.at[x]].tap *
                            p->axis[x].tap_pitch;
                for (int64_t row = 0; row < some; row++)
                    *a++ = from[at[row]];
            } while (dc_fast_next(&e, count));
        }
    }
    return a;
}

/* Task: the weights of one group and block, in the order of use. */
static void pack_task(const void *argument, int64_t index, void *room)
{
    const correlation *const j = argument;
    const dc_fast_plan *const p = j->plan;
    const int64_t g = index / j->blocks;
    const int64_t block = index % j->blocks * p->block;
    const REAL *const w = j->w + g * p->w_group + block * p->w_out;
    REAL *a = j->a + (g * p->out_channels + block) * j->a_channel;
    int64_t parts[DC_FAST_AXES];
    dc_fast_index part = {{0}};

    (void)room;
    count_parts(p, parts);
    do
        for (int64_t c = 0; c < p->in_channels; c += p->chunk) {
            int64_t groups[DC_FAST_AXES];
            dc_fast_index group = {{0}};

            count_groups(p, part, groups);
            do {
                const product r = product_of(p, part, group);

                a = pack_product(j, &r, a, w + c * p->w_in,
                                 block_channels(p, index % j->blocks),
                                 dc_fast_min(p->chunk, p->in_channels - c));
            } while (dc_fast_next(&group, groups));
        }
    while (dc_fast_next(&part, parts));
}

/* ==== windows ============================================================ */

/* The input that the box at m meets through this part, zeros where there is
 * none, for `channels` channels from `in` on. */
static void fill(const correlation *j, REAL *window, const REAL *in,
                 int64_t channels, dc_fast_index m, dc_fast_index part)
{
    enum { W = DC_FAST_AXES - 1 };
    const dc_fast_plan *const p = j->plan;
    const dc_fast_axis *const w = &p->axis[W];
    const int64_t width = w->box + w->span;
    int64_t planes[DC_FAST_AXES];
    int64_t lines[DC_FAST_AXES];
    int64_t from[DC_FAST_AXES];

    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &p->axis[a];

        planes[a] = x->part[part.at[a]].planes;
        lines[a] = a == W ? 1 : x->box + x->span;
        from[a] = m.at[a] + x->part[part.at[a]].low;
    }
    for (int64_t c = 0; c < channels; c++) {
        dc_fast_index plane = {{0}};

        do {
            REAL *to = window + c * p->window;
            dc_fast_index line = {{0}};
            int64_t begin[DC_FAST_AXES];

            for (int a = 0; a < DC_FAST_AXES; a++) {
                const dc_fast_axis *const x = &p->axis[a];

                to += plane.at[a] * j->planes[a];
                begin[a] = from[a] * x->in_step +
                           x->residue[x->part[part.at[a]].plane + plane.at[a]];
            }

            /* positions of the line that lie inside the tensor */
            const int64_t before =
                begin[W] < 0 ? dc_fast_ceil(-begin[W], w->in_step) : 0;
            const int64_t end =
                begin[W] < w->in
                    ? dc_fast_min(dc_fast_ceil(w->in - begin[W], w->in_step),
                                  width)
                    : 0;

            do {
                const REAL *src = in + c * p->in_pitch;
                int inside = before < end;

                for (int a = 0; a < W; a++) {
                    const dc_fast_axis *const x = &p->axis[a];
                    const int64_t i = begin[a] + line.at[a] * x->in_step;

                    inside = inside && i >= 0 && i < x->in;
                    if (inside)
                        src += i * x->in_pitch;
                }
                if (inside) {
                    src += begin[W] + before * w->in_step;
                    j->does->line(to, before, src, end - before, w->in_step,
                                  p->in_elements - (src - j->in), width - end);
                } else {
                    j->does->line(to, width, src, 0, 1, 0, 0);
                }
                to += width;
            } while (dc_fast_next(&line, lines));
        } while (dc_fast_next(&plane, planes));
    }
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
