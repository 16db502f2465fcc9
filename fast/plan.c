/* SPDX-License-Identifier: MIT
 *
 * Phases, shifts and block sizes of forward and grad_input.
 */
#include "fast/plan.h"
#include "fast/threads.h"

#include <stdlib.h>
#include <string.h>

/* Elements: a row of C, all rows of a task, the windows of a task, and the
 * length of a product before C goes back to its cache, the second where many
 * taps are packed. */
enum {
    COLS = 256,
    TILE = 1 << 17,
    WINDOW = 1 << 16,
    DEPTH = 128,
    DEEPER = 256
};
enum { PLANES = 16, ROWS = 40, LINE = 16, COLS_MOST = 1024, TASKS = 16 };
enum { ROWS_LEAST = 128 };

/* One tap before it is put in its class. */
typedef struct {
    int64_t class; /* output phase (forward) or input residue */
    int64_t tap;
    int64_t shift;
} contact;

static int by_class_and_tap(const void *left, const void *right)
{
    const contact *const l = left;
    const contact *const r = right;

    if (l->class != r->class)
        return l->class < r->class ? -1 : 1;
    return l->tap < r->tap ? -1 : l->tap > r->tap;
}

/* Contacts of one axis in order; returns how many. */
static int64_t contacts(const dc_fast_geometry *q, int a, int forward,
                        contact *c)
{
    int64_t count = 0;

    for (int64_t t = 0; t < q->k[a]; t++) {
        const int64_t lands = t * q->d[a] - q->pb[a];
        const int64_t class = dc_fast_modulo(lands, q->s[a]);
        const int64_t shift = dc_fast_floor(lands, q->s[a]);

        /* forward: y[m*s + class] takes x[m - shift] */
        if (!forward || class < q->o[a])
            c[count++] = (contact){class, t, forward ? -shift : shift};
    }
    qsort(c, (size_t)count, sizeof *c, by_class_and_tap);
    return count;
}

static int64_t class_end(const contact *c, int64_t from, int64_t count)
{
    int64_t end = from;

    while (end < count && c[end].class == c[from].class)
        end++;
    return end;
}

/* Forward: each class is a phase; neighbours with equal shifts share a set,
 * whose one group lists the taps relative to the phase's first. */
static void axis_forward(dc_fast_axis *x, const contact *c, int64_t count)
{
    int64_t entries = 0;

    for (int64_t from = 0, end; from < count; from = end) {
        const dc_fast_group *const last = &x->group[x->groups - 1];
        int same;

        end = class_end(c, from, count);
        same = x->groups && last->entries == end - from;
        for (int64_t e = 0; same && e < end - from; e++)
            same = x->entry[last->entry + e].shift == c[from + e].shift;
        if (!same) {
            x->set[x->sets] = (dc_fast_set){x->phases, 0};
            x->group[x->groups++] =
                (dc_fast_group){x->sets++, entries, end - from};
            for (int64_t e = from; e < end; e++)
                x->entry[entries++] =
                    (dc_fast_entry){c[e].tap - c[from].tap, c[e].shift, 0};
        }
        x->set[x->sets - 1].phases++;
        x->phase[x->phases++] = (dc_fast_phase){c[from].class, c[from].tap};
    }
    x->residue[0] = 0;
}

/* grad_input: one phase, one group of all taps in order; each class is a
 * plane. */
static void axis_grad_input(dc_fast_axis *x, const contact *c, int64_t count)
{
    x->phases = x->sets = x->groups = 1;
    x->phase[0] = (dc_fast_phase){0, 0};
    x->set[0] = (dc_fast_set){0, 1};
    x->group[0] = (dc_fast_group){0, 0, count};
    for (int64_t e = 0; e < count; e++) {
        if (!e || c[e].class != c[e - 1].class)
            x->residue[x->planes++] = c[e].class;
        x->entry[c[e].tap] =
            (dc_fast_entry){c[e].tap, c[e].shift, x->planes - 1};
    }
}

static int by_plane_and_tap(const void *left, const void *right)
{
    const dc_fast_entry *const l = left;
    const dc_fast_entry *const r = right;

    if (l->plane != r->plane)
        return l->plane < r->plane ? -1 : 1;
    return l->tap < r->tap ? -1 : l->tap > r->tap;
}

/* The part of groups first..first+count-1, and what it adds to the axis. */
static void add_part(dc_fast_axis *x, int64_t first, int64_t count)
{
    const dc_fast_group *const from = &x->group[first];
    const dc_fast_group *const to = &x->group[first + count - 1];
    dc_fast_entry low = x->entry[from->entry];
    dc_fast_entry high = low;

    for (int64_t e = from->entry; e < to->entry + to->entries; e++) {
        low.shift = dc_fast_min(low.shift, x->entry[e].shift);
        low.plane = dc_fast_min(low.plane, x->entry[e].plane);
        high.shift = dc_fast_max(high.shift, x->entry[e].shift);
        high.plane = dc_fast_max(high.plane, x->entry[e].plane);
    }
    x->part[x->parts++] = (dc_fast_part){first, count, low.plane,
                                         high.plane - low.plane + 1, low.shift};
    x->span = dc_fast_max(x->span, high.shift - low.shift);
    x->planes = dc_fast_max(x->planes, high.plane - low.plane + 1);
}

/* All groups in one part. */
static void join(dc_fast_axis *x)
{
    x->parts = x->span = 0;
    x->planes = 1;
    if (x->groups)
        add_part(x, 0, x->groups);
}

/* Groups cut so that each lies in one plane and spans less than `most`, and
 * is a part of its own. */
static void split(dc_fast_axis *x, int64_t most, dc_fast_group *room)
{
    int64_t count = 0;

    for (int64_t g = 0; g < x->groups; g++) {
        const dc_fast_group all = x->group[g];
        int64_t first = all.entry;

        qsort(x->entry + first, (size_t)all.entries, sizeof *x->entry,
              by_plane_and_tap);
        for (int64_t e = first; e <= all.entry + all.entries; e++)
            if (e == all.entry + all.entries ||
                x->entry[e].plane != x->entry[first].plane ||
                llabs(x->entry[e].shift - x->entry[first].shift) >= most) {
                room[count++] = (dc_fast_group){all.set, first, e - first};
                first = e;
            }
    }
    memcpy(x->group, room, (size_t)count * sizeof *room);
    x->groups = count;
    x->parts = x->span = x->planes = 0;
    for (int64_t g = 0; g < count; g++)
        add_part(x, g, 1);
}

/* Positions of a box, the last axes whole before the first are begun; then
 * evened out. */
static void cut_boxes(dc_fast_plan *plan, int64_t positions)
{
    for (int a = DC_FAST_AXES; a-- > 0;) {
        dc_fast_axis *const x = &plan->axis[a];
        const int64_t most = dc_fast_max(dc_fast_min(positions, x->grid), 1);

        x->box = dc_fast_ceil(x->grid, dc_fast_ceil(x->grid, most));
        positions /= x->box;
    }
}

/* Independent pieces of work. */
static double tasks(const dc_fast_plan *plan)
{
    double count =
        (double)plan->g * (double)dc_fast_ceil(plan->out_channels, plan->block);

    for (int a = 0; a < DC_FAST_AXES; a++)
        count *= (double)dc_fast_boxes(&plan->axis[a]);
    return count;
}

/* Elements of the window's planes together. */
static double window_of(const dc_fast_plan *plan)
{
    double window = 1;

    for (int a = 0; a < DC_FAST_AXES; a++)
        window *= (double)plan->axis[a].planes *
                  (double)(plan->axis[a].box + plan->axis[a].span);
    return window;
}

/* Packed panels pay for themselves with many rows: they are aligned and stay
 * in the first cache.  With few, the layout that computes fewer columns. */
static void choose_layout(dc_fast_plan *plan)
{
    const dc_fast_axis *const w = &plan->axis[DC_FAST_AXES - 1];
    int64_t lines = 1;
    int64_t last = 0; /* position in the window of the box's last one */
    int64_t rows = plan->block * plan->phases;

    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &plan->axis[a];

        last = last * (x->box + x->span) + x->box - 1;
        if (a < DC_FAST_AXES - 1)
            lines *= x->box;
        rows /= dc_fast_max(x->sets, 1);
    }

    const int64_t cols[] = {
        [DC_FAST_FLAT] = dc_fast_up(last + 1, LINE),
        [DC_FAST_LINES] = lines * dc_fast_up(w->box, LINE),
        [DC_FAST_PACKED] = dc_fast_up(lines * w->box, LINE),
    };

    plan->layout = cols[DC_FAST_LINES] * 9 < cols[DC_FAST_FLAT] * 8
                       ? DC_FAST_LINES
                       : DC_FAST_FLAT;
    if (rows >= ROWS || 2 * cols[DC_FAST_PACKED] < cols[plan->layout])
        plan->layout = DC_FAST_PACKED;
    /* rows that a power of two lies apart would share few cache sets */
    plan->cols = ((cols[plan->layout] / LINE + 1) | 1) * LINE;
}

/* Block sizes; axes are split where a window would be too large. */
static void cut(dc_fast_plan *plan, dc_fast_group *room, double threads)
{
    int64_t depth;
    int64_t chunk;
    int64_t rows;
    int64_t most;

    plan->phases = 1;
    for (int a = DC_FAST_AXES; a-- > 0;) {
        dc_fast_axis *const x = &plan->axis[a];

        join(x);
        x->below = plan->phases;
        plan->phases *= x->phases;
        plan->holes |= x->phases < dc_fast_min(x->out_step, x->out);
    }
    rows = dc_fast_max(plan->phases, 1);
    plan->block =
        dc_fast_min(dc_fast_max(TILE / COLS / rows, 1), plan->out_channels);
    plan->block = dc_fast_ceil(plan->out_channels,
                               dc_fast_ceil(plan->out_channels, plan->block));
    /* few rows leave room for longer ones, while there is work for many */
    most = dc_fast_max(dc_fast_min(COLS_MOST, TILE / rows / plan->block), LINE);
    cut_boxes(plan, most);
    if (most > COLS && tasks(plan) < TASKS)
        cut_boxes(plan, COLS);
    /* work for every thread; what a block is changes no sum */
    while (tasks(plan) < threads && plan->block > 1 &&
           plan->block * rows >= 2 * ROWS_LEAST)
        plan->block = dc_fast_ceil(plan->block, 2);
    for (int a = 0; a < DC_FAST_AXES; a++)
        if (window_of(plan) > WINDOW || plan->axis[a].planes > PLANES)
            split(&plan->axis[a], dc_fast_max(plan->axis[a].box, 8), room);
    choose_layout(plan);
    plan->window = plan->plane = plan->taps = 1;
    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &plan->axis[a];
        int64_t longest = 1;

        for (int64_t g = 0; g < x->groups; g++)
            longest = dc_fast_max(longest, x->group[g].entries);
        plan->taps *= longest;
        plan->plane *= x->box + x->span;
        plan->window *= x->planes;
    }
    /* planes are written side by side, each a little beyond its end; those of
     * the channels begin an odd number of lines apart */
    if (plan->axis[DC_FAST_AXES - 1].planes > 1) {
        plan->plane = dc_fast_up(plan->plane + LINE, LINE);
        plan->window = (plan->window * plan->plane + LINE) | LINE;
    } else {
        plan->window = plan->window * plan->plane + LINE;
    }
    depth = plan->layout == DC_FAST_PACKED && plan->taps >= 8 ? DEEPER : DEPTH;
    chunk = dc_fast_min(depth / dc_fast_min(plan->taps, depth),
                        WINDOW / dc_fast_min(plan->window, WINDOW));
    plan->chunk = dc_fast_min(dc_fast_max(chunk, 1), plan->in_channels);
}

/* Tables for the three axes of space and a trivial one for the batch. */
static dc_status lay_out(dc_fast_plan *plan, const dc_fast_geometry *q,
                         int forward)
{
    static const size_t each =
        sizeof(dc_fast_phase) + sizeof(dc_fast_set) + sizeof(dc_fast_entry) +
        2 * sizeof(dc_fast_group) + sizeof(dc_fast_part) + sizeof(int64_t) +
        sizeof(contact);
    const int64_t most = dc_fast_max(q->k[0], dc_fast_max(q->k[1], q->k[2]));
    const size_t n = (size_t)(1 + q->k[0] + q->k[1] + q->k[2] + most);
    const size_t bytes = (n * each + 63) / 64 * 64;
    char *at = n < SIZE_MAX / 2 / each ? aligned_alloc(64, bytes) : NULL;

    plan->tables = at;
    plan->table_bytes = (int64_t)bytes;
    if (!at)
        return DC_NOMEM;
    for (int a = 0; a < DC_FAST_AXES; a++) {
        dc_fast_axis *const x = &plan->axis[a];
        const size_t k = a ? (size_t)q->k[a - 1] : 1;

        x->phase = (void *)at, at += k * sizeof *x->phase;
        x->set = (void *)at, at += k * sizeof *x->set;
        x->entry = (void *)at, at += k * sizeof *x->entry;
        x->group = (void *)at, at += k * sizeof *x->group;
        x->part = (void *)at, at += k * sizeof *x->part;
        x->residue = (void *)at, at += k * sizeof *x->residue;
    }

    contact *const c = (void *)at;
    static const contact whole = {0, 0, 0};

    axis_grad_input(&plan->axis[0], &whole, 1);
    for (int a = 0; a < 3; a++) {
        const int64_t count = contacts(q, a, forward, c);

        if (forward)
            axis_forward(&plan->axis[a + 1], c, count);
        else
            axis_grad_input(&plan->axis[a + 1], c, count);
    }
    cut(plan, (void *)at,
        (double)dc_fast_threads_wanted(dc_fast_geometry_work(q)));
    return DC_OK;
}

static dc_status make(const dc_fast_geometry *q, int forward,
                      dc_fast_plan *plan)
{
    const int64_t in_volume = forward ? q->inputs : q->outputs;
    const int64_t out_volume = forward ? q->outputs : q->inputs;
    int64_t in = in_volume;
    int64_t out = out_volume;
    int64_t taps = q->taps;

    *plan = (dc_fast_plan){
        .g = q->g,
        .in_channels = forward ? q->cig : q->cog,
        .out_channels = forward ? q->cog : q->cig,
        .in_pitch = in_volume,
        .out_pitch = out_volume,
        .in_elements = q->n * (forward ? q->ci : q->co) * in_volume,
        .w_in = forward ? q->cog * q->taps : q->taps,
        .w_out = forward ? q->taps : q->cog * q->taps,
        .w_group = q->cig * q->cog * q->taps,
    };
    plan->axis[0] = (dc_fast_axis){
        .in = q->n,
        .out = q->n,
        .in_step = 1,
        .out_step = 1,
        .in_pitch = (forward ? q->ci : q->co) * in_volume,
        .out_pitch = (forward ? q->co : q->ci) * out_volume,
        .grid = q->n,
    };
    for (int a = 0; a < 3; a++) {
        in /= forward ? q->i[a] : q->o[a];
        out /= forward ? q->o[a] : q->i[a];
        taps /= q->k[a];
        plan->axis[a + 1] = (dc_fast_axis){
            .in = forward ? q->i[a] : q->o[a],
            .out = forward ? q->o[a] : q->i[a],
            .in_step = forward ? 1 : q->s[a],
            .out_step = forward ? q->s[a] : 1,
            .in_pitch = in,
            .out_pitch = out,
            .tap_pitch = taps,
            .grid = forward ? dc_fast_ceil(q->o[a], q->s[a]) : q->i[a],
        };
    }
    return lay_out(plan, q, forward);
}

dc_status dc_fast_plan_forward(const dc_fast_geometry *q, dc_fast_plan *plan)
{
    return make(q, 1, plan);
}

dc_status dc_fast_plan_grad_input(const dc_fast_geometry *q, dc_fast_plan *plan)
{
    return make(q, 0, plan);
}

void dc_fast_plan_free(dc_fast_plan *plan)
{
    free(plan->tables);
}
