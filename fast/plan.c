/* SPDX-License-Identifier: MIT
 *
 * Phases, shifts and block sizes of forward and grad_input.
 */
#include "fast/plan.h"

#include <stdlib.h>
#include <string.h>

#include "fast/threads.h"

enum {
    LINE = 16,             /* rows of C and planes are multiples of this */
    C_SIZE = 1 << 17,      /* elements of C of a task, at most */
    C_COLS = 256,          /* columns of C of a task, at most, */
    C_COLS_MAX = 1024,     /* unless it has few rows and there are at least */
    TASKS_MIN = 16,        /* this many tasks even so */
    SPLIT_ROWS = 128,      /* a task keeps at least this many rows of C */
    WINDOW_SIZE = 1 << 16, /* elements of the windows of a task, at most */
    SPAN_MIN = 8,          /* a window of one plane may span this much */
    PACKED_ROWS = 40,      /* rows of a product for which packing B pays */
    DEPTH = 128,           /* k of a product, unless one channel needs more, */
    DEPTH_MANY_TAPS = 256, /* or if B is packed and each channel has at least */
    MANY_TAPS = 8          /* this many taps */
};

static int by_plane_and_offset(const void *left, const void *right)
{
    const dc_fast_tap *const l = left;
    const dc_fast_tap *const r = right;

    if (l->plane != r->plane)
        return l->plane < r->plane ? -1 : 1;
    return l->offset < r->offset ? -1 : l->offset > r->offset;
}

/* The taps of axis a that meet any output, sorted by residue modulo s: that of
 * the outputs (forward) or of the inputs.  Returns their number. */
static int64_t align_taps(const dc_fast_geometry *q, int a, bool forward,
                          dc_fast_tap *tap)
{
    int64_t count = 0;

    for (int64_t t = 0; t < q->k[a]; t++) {
        const int64_t at = t * q->d[a] - q->pb[a];
        const int64_t residue = dc_fast_mod(at, q->s[a]);
        const int64_t shift = dc_fast_floor(at, q->s[a]);

        /* forward: y[m*s + residue] reads x[m - shift] */
        if (!forward || residue < q->o[a])
            tap[count++] = (dc_fast_tap){residue, t, forward ? -shift : shift};
    }
    qsort(tap, (size_t)count, sizeof *tap, by_plane_and_offset);
    return count;
}

/* The end of the run of taps with the residue of tap[first]. */
static int64_t residue_end(const dc_fast_tap *tap, int64_t first, int64_t count)
{
    int64_t end = first;

    while (end < count && tap[end].plane == tap[first].plane)
        end++;
    return end;
}

/* Does the last tap group have the shifts of these taps? */
static bool has_same_shifts(const dc_fast_axis *x, const dc_fast_tap *tap,
                            int64_t count)
{
    const dc_fast_tap_group *const last = x->tap_group + x->tap_groups;

    if (!x->tap_groups || last[-1].taps != count)
        return false;
    for (int64_t t = 0; t < count; t++)
        if (x->tap[last[-1].first + t].shift != tap[t].shift)
            return false;
    return true;
}

/* forward: each residue is a phase.  Each phase group has one tap group, whose
 * offsets count from the first tap of each phase. */
static void axis_forward(dc_fast_axis *x, const dc_fast_tap *tap, int64_t count)
{
    int64_t taps = 0;

    for (int64_t first = 0, end; first < count; first = end) {
        end = residue_end(tap, first, count);
        if (!has_same_shifts(x, tap + first, end - first)) {
            x->phase_group[x->phase_groups] =
                (dc_fast_phase_group){x->phases, 0};
            x->tap_group[x->tap_groups++] =
                (dc_fast_tap_group){x->phase_groups++, taps, end - first};
            for (int64_t t = first; t < end; t++)
                x->tap[taps++] = (dc_fast_tap){
                    0, tap[t].offset - tap[first].offset, tap[t].shift};
        }
        x->phase_group[x->phase_groups - 1].phases++;
        x->phase[x->phases++] =
            (dc_fast_phase){tap[first].plane, tap[first].offset};
    }
    x->residue[0] = 0;
}

/* grad_input: one phase and one group of all taps in order; each residue is a
 * plane. */
static void axis_grad_input(dc_fast_axis *x, const dc_fast_tap *tap,
                            int64_t count)
{
    x->phases = x->phase_groups = x->tap_groups = 1;
    x->phase[0] = (dc_fast_phase){0, 0};
    x->phase_group[0] = (dc_fast_phase_group){0, 1};
    x->tap_group[0] = (dc_fast_tap_group){0, 0, count};
    for (int64_t t = 0; t < count; t++) {
        if (!t || tap[t].plane != tap[t - 1].plane)
            x->residue[x->max_planes++] = tap[t].plane;
        x->tap[tap[t].offset] =
            (dc_fast_tap){x->max_planes - 1, tap[t].offset, tap[t].shift};
    }
}

/* ==== windows ============================================================ */

/* Adds the window of tap groups first..first+count-1. */
static void add_window(dc_fast_axis *x, int64_t first, int64_t count)
{
    const dc_fast_tap_group *const from = &x->tap_group[first];
    const dc_fast_tap_group *const to = &x->tap_group[first + count - 1];
    dc_fast_tap low = x->tap[from->first];
    dc_fast_tap high = low;

    for (int64_t t = from->first; t < to->first + to->taps; t++) {
        low.shift = dc_fast_min(low.shift, x->tap[t].shift);
        low.plane = dc_fast_min(low.plane, x->tap[t].plane);
        high.shift = dc_fast_max(high.shift, x->tap[t].shift);
        high.plane = dc_fast_max(high.plane, x->tap[t].plane);
    }
    x->window[x->windows++] = (dc_fast_window){
        first, count, low.plane, high.plane - low.plane + 1, low.shift};
    x->span = dc_fast_max(x->span, high.shift - low.shift);
    x->max_planes = dc_fast_max(x->max_planes, high.plane - low.plane + 1);
}

/* Gives all tap groups one window. */
static void join_windows(dc_fast_axis *x)
{
    x->windows = x->span = 0;
    x->max_planes = 1;
    if (x->tap_groups)
        add_window(x, 0, x->tap_groups);
}

/* Cuts the tap groups so that each reads a single plane and spans less than
 * `limit`, and gives each a window; `buffer` holds the new groups. */
static void split_windows(dc_fast_axis *x, int64_t limit,
                          dc_fast_tap_group *buffer)
{
    int64_t count = 0;

    for (int64_t g = 0; g < x->tap_groups; g++) {
        const dc_fast_tap_group all = x->tap_group[g];
        int64_t first = all.first;

        qsort(x->tap + first, (size_t)all.taps, sizeof *x->tap,
              by_plane_and_offset);
        for (int64_t t = first; t <= all.first + all.taps; t++)
            if (t == all.first + all.taps ||
                x->tap[t].plane != x->tap[first].plane ||
                llabs(x->tap[t].shift - x->tap[first].shift) >= limit) {
                buffer[count++] =
                    (dc_fast_tap_group){all.phase_group, first, t - first};
                first = t;
            }
    }
    memcpy(x->tap_group, buffer, (size_t)count * sizeof *buffer);
    x->tap_groups = count;
    x->windows = x->span = x->max_planes = 0;
    for (int64_t g = 0; g < count; g++)
        add_window(x, g, 1);
}

/* ==== block sizes ======================================================== */

/* Blocks of at most `positions` positions, the last axes whole before the
 * first are begun, and all blocks of an axis about equal. */
static void cut_blocks(dc_fast_plan *plan, int64_t positions)
{
    for (int a = DC_FAST_AXES; a-- > 0;) {
        dc_fast_axis *const x = &plan->axis[a];
        const int64_t most = dc_fast_max(dc_fast_min(positions, x->grid), 1);

        x->block = dc_fast_ceil(x->grid, dc_fast_ceil(x->grid, most));
        positions /= x->block;
    }
}

static double count_tasks(const dc_fast_plan *plan)
{
    double count = (double)plan->g *
                   (double)dc_fast_ceil(plan->out_channels, plan->out_block);

    for (int a = 0; a < DC_FAST_AXES; a++)
        count *= (double)dc_fast_blocks(&plan->axis[a]);
    return count;
}

/* Chooses the output channels and the positions of a task. */
static void cut_tasks(dc_fast_plan *plan, double threads)
{
    const int64_t phases = dc_fast_max(plan->phases, 1);
    const int64_t most = dc_fast_min(dc_fast_max(C_SIZE / C_COLS / phases, 1),
                                     plan->out_channels);
    int64_t cols;

    plan->out_block = dc_fast_ceil(plan->out_channels,
                                   dc_fast_ceil(plan->out_channels, most));
    /* few rows leave memory for long ones, if there are tasks enough */
    cols = dc_fast_max(
        dc_fast_min(C_COLS_MAX, C_SIZE / phases / plan->out_block), LINE);
    cut_blocks(plan, cols);
    if (cols > C_COLS && count_tasks(plan) < TASKS_MIN)
        cut_blocks(plan, C_COLS);
    /* a task for every thread; out_block affects no sum */
    while (count_tasks(plan) < threads && plan->out_block > 1 &&
           plan->out_block * phases >= 2 * SPLIT_ROWS)
        plan->out_block = dc_fast_ceil(plan->out_block, 2);
}

/* Elements of all planes of a window, per input channel. */
static double window_elements(const dc_fast_plan *plan)
{
    double elements = 1;

    for (int a = 0; a < DC_FAST_AXES; a++)
        elements *= (double)plan->axis[a].max_planes *
                    (double)(plan->axis[a].block + plan->axis[a].span);
    return elements;
}

/* Packed panels are aligned and stay in the first-level cache, which pays if
 * many rows read them.  Otherwise the layout with the fewest columns is best,
 * if packing saves at least half of them. */
static void choose_layout(dc_fast_plan *plan)
{
    const dc_fast_axis *const w = &plan->axis[DC_FAST_AXES - 1];
    int64_t lines = 1;
    int64_t last = 0; /* offset in the window of the block's last position */
    int64_t rows = plan->out_block * plan->phases;

    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &plan->axis[a];

        last = last * (x->block + x->span) + x->block - 1;
        if (a < DC_FAST_AXES - 1)
            lines *= x->block;
        rows /= dc_fast_max(x->phase_groups, 1);
    }

    const int64_t cols[] = {
        [DC_FAST_FLAT] = dc_fast_round_up(last + 1, LINE),
        [DC_FAST_BY_LINE] = lines * dc_fast_round_up(w->block, LINE),
        [DC_FAST_PACKED] = dc_fast_round_up(lines * w->block, LINE),
    };

    plan->layout = cols[DC_FAST_BY_LINE] * 9 < cols[DC_FAST_FLAT] * 8
                       ? DC_FAST_BY_LINE
                       : DC_FAST_FLAT;
    if (rows >= PACKED_ROWS || 2 * cols[DC_FAST_PACKED] < cols[plan->layout])
        plan->layout = DC_FAST_PACKED;
    /* an odd number of lines: rows a power of two apart share cache sets */
    plan->c_pitch = ((cols[plan->layout] / LINE + 1) | 1) * LINE;
}

/* The sizes of a window, and how many input channels are loaded at a time. */
static void size_windows(dc_fast_plan *plan)
{
    int64_t depth;
    int64_t chunk;

    plan->window_size = plan->plane_size = plan->max_taps = 1;
    for (int a = 0; a < DC_FAST_AXES; a++) {
        const dc_fast_axis *const x = &plan->axis[a];
        int64_t longest = 1;

        for (int64_t g = 0; g < x->tap_groups; g++)
            longest = dc_fast_max(longest, x->tap_group[g].taps);
        plan->max_taps *= longest;
        plan->plane_size *= x->block + x->span;
        plan->window_size *= x->max_planes;
    }
    /* planes are written side by side, each by whole vectors that reach beyond
     * its end; channels are an odd number of lines apart, to use all cache
     * sets */
    if (plan->axis[DC_FAST_AXES - 1].max_planes > 1) {
        plan->plane_size = dc_fast_round_up(plan->plane_size + LINE, LINE);
        plan->window_size =
            (plan->window_size * plan->plane_size + LINE) | LINE;
    } else {
        plan->window_size = plan->window_size * plan->plane_size + LINE;
    }
    depth = plan->layout == DC_FAST_PACKED && plan->max_taps >= MANY_TAPS
                ? DEPTH_MANY_TAPS
                : DEPTH;
    chunk =
        dc_fast_min(depth / dc_fast_min(plan->max_taps, depth),
                    WINDOW_SIZE / dc_fast_min(plan->window_size, WINDOW_SIZE));
    plan->in_chunk = dc_fast_min(dc_fast_max(chunk, 1), plan->in_channels);
}

/* Chooses all sizes; axes whose windows are too large get several of them.
 * `buffer` is for split_windows. */
static void choose_sizes(dc_fast_plan *plan, dc_fast_tap_group *buffer,
                         double threads)
{
    plan->phases = 1;
    for (int a = DC_FAST_AXES; a-- > 0;) {
        dc_fast_axis *const x = &plan->axis[a];

        join_windows(x);
        x->inner_phases = plan->phases;
        plan->phases *= x->phases;
        plan->has_holes |= x->phases < dc_fast_min(x->out_step, x->out);
    }
    cut_tasks(plan, threads);
    for (int a = 0; a < DC_FAST_AXES; a++)
        if (window_elements(plan) > WINDOW_SIZE ||
            plan->axis[a].max_planes > DC_FAST_PLANES_MAX)
            split_windows(&plan->axis[a],
                          dc_fast_max(plan->axis[a].block, SPAN_MIN), buffer);
    choose_layout(plan);
    size_windows(plan);
}

/* ==== the plan =========================================================== */

/* Allocates and fills the tables: of the three axes of space, and trivial ones
 * of the batch. */
static dc_status make_tables(dc_fast_plan *plan, const dc_fast_geometry *q,
                             bool forward)
{
    static const size_t each =
        sizeof(dc_fast_phase) + sizeof(dc_fast_phase_group) +
        2 * sizeof(dc_fast_tap) + 2 * sizeof(dc_fast_tap_group) +
        sizeof(dc_fast_window) + sizeof(int64_t);
    static const dc_fast_tap whole = {0, 0, 0};
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
        x->phase_group = (void *)at, at += k * sizeof *x->phase_group;
        x->tap = (void *)at, at += k * sizeof *x->tap;
        x->tap_group = (void *)at, at += k * sizeof *x->tap_group;
        x->window = (void *)at, at += k * sizeof *x->window;
        x->residue = (void *)at, at += k * sizeof *x->residue;
    }
    axis_grad_input(&plan->axis[0], &whole, 1);
    for (int a = 0; a < 3; a++) {
        dc_fast_tap *const tap = (void *)at;

        (forward ? axis_forward : axis_grad_input)(
            &plan->axis[a + 1], tap, align_taps(q, a, forward, tap));
    }
    choose_sizes(plan, (void *)at,
                 (double)dc_fast_threads_count(dc_fast_geometry_work(q)));
    return DC_OK;
}

dc_status dc_fast_plan_make(const dc_fast_geometry *q, bool forward,
                            dc_fast_plan *plan)
{
    int64_t in = forward ? q->inputs : q->outputs;
    int64_t out = forward ? q->outputs : q->inputs;
    int64_t taps = q->taps;

    *plan = (dc_fast_plan){
        .g = q->g,
        .in_channels = forward ? q->cig : q->cog,
        .out_channels = forward ? q->cog : q->cig,
        .in_pitch = in,
        .out_pitch = out,
        .in_count = forward ? q->x_count : q->y_count,
        .w_in = forward ? q->cog * q->taps : q->taps,
        .w_out = forward ? q->taps : q->cog * q->taps,
        .w_group = q->cig * q->cog * q->taps,
    };
    plan->axis[0] = (dc_fast_axis){
        .in = q->n,
        .out = q->n,
        .in_step = 1,
        .out_step = 1,
        .in_pitch = (forward ? q->ci : q->co) * in,
        .out_pitch = (forward ? q->co : q->ci) * out,
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
    return make_tables(plan, q, forward);
}

void dc_fast_plan_free(dc_fast_plan *plan)
{
    free(plan->tables);
}
