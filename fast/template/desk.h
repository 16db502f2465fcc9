/* SPDX-License-Identifier: MIT
 *
 * How much memory do forward and grad_input take, and where does what lie in
 * it?  A template over REAL.
 */
#include "fast/threads.h"

/* So many boxes are worth no weights packed once for all: each packs what it
 * needs while that is in its cache. */
enum { PACK_ALONE = 2 };

/* Elements of a buffer, with room to spare for vectors that reach beyond. */
static int64_t lines(int64_t elements)
{
    return elements < INT64_MAX - 2 * SPARE
               ? dc_fast_up(elements + SPARE, SPARE)
               : INT64_MAX;
}

/* Bytes of the list of a part's products and their tables. */
static int64_t list_size(const correlation *j)
{
    const int64_t rows = dc_fast_times(j->plan->block, j->plan->phases);

    return dc_fast_plus(
        dc_fast_times(j->products, (int64_t)sizeof(packing)),
        dc_fast_times(dc_fast_plus(rows, j->steps), (int64_t)sizeof(int64_t)));
}

/* Bytes of a desk. */
static int64_t desk_size(const correlation *j)
{
    const int64_t parts[][2] = {
        {j->c_size, (int64_t)sizeof(REAL)},
        {j->b_size, (int64_t)sizeof(REAL)},
        {j->p_size, (int64_t)sizeof(REAL)},
        {j->i_size, (int64_t)sizeof(REAL)},
        {j->a_size, (int64_t)sizeof(REAL)},
        {list_size(j), 1},
        {j->plan->axis[DC_FAST_AXES - 1].phases, sizeof(REAL *)},
    };
    int64_t bytes = 0;

    for (size_t n = 0; n < sizeof parts / sizeof *parts; n++)
        bytes = dc_fast_plus(bytes, dc_fast_times(parts[n][0], parts[n][1]));
    return dc_fast_threads_bytes(bytes);
}

static desk lay_desk(const correlation *j, void *room)
{
    desk d = {.c = room};

    d.window = d.c + j->c_size;
    d.panel = d.window + j->b_size;
    d.init = d.panel + j->p_size;
    d.a = d.init + j->i_size;
    d.list = (void *)(d.a + j->a_size);
    d.table = (void *)(d.list + j->products);
    d.rows = (void *)((char *)d.list + list_size(j));
    return d;
}

/* ==== tables ============================================================= */

static int64_t table_size(const correlation *j)
{
    int64_t steps = dc_fast_times(j->plan->chunk, j->all_steps);
    int64_t bytes = dc_fast_times(j->lines, sizeof(int64_t));

    steps = dc_fast_plus(dc_fast_plus(steps, j->depth), 2 * j->lines);
    bytes = dc_fast_plus(bytes, dc_fast_times(j->pieces + 1, sizeof(piece)));
    return dc_fast_threads_bytes(
        dc_fast_plus(bytes, dc_fast_times(steps, sizeof(int32_t))));
}

/* Lines of the box, the last axis being one. */
static void find_lines(const correlation *j)
{
    const dc_fast_plan *const p = j->plan;
    int64_t count[DC_FAST_AXES];
    dc_fast_index line = {{0}};
    int64_t l = 0;

    for (int a = 0; a < DC_FAST_AXES; a++)
        count[a] = a == DC_FAST_AXES - 1 ? 1 : p->axis[a].box;
    do {
        int64_t at = 0;
        int64_t place = 0;

        for (int a = 0; a < DC_FAST_AXES; a++) {
            at += line.at[a] * j->pitch[a];
            place += line.at[a] * p->axis[a].out_step * p->axis[a].out_pitch;
        }
        j->at.line[l] = (int32_t)at;
        j->at.place[l] = place;
        j->at.column[l] = column(j, (int32_t)at, l);
        l++;
    } while (dc_fast_next(&line, count));
}

/* Where the vectors of a box, packed densely, come from. */
static void find_pieces(const correlation *j)
{
    const int64_t width = j->plan->axis[DC_FAST_AXES - 1].box;
    const int64_t lanes = j->does->lanes;
    piece *to = j->at.pieces;

    for (int64_t col = 0, some; col < j->lines * width; col += some) {
        const int64_t at = col % width;
        const int64_t lane = col % lanes;
        const int64_t from = j->at.line[col / width] + at - lane;

        some = dc_fast_min(width - at, lanes - lane);
        if (!lane || to[-1].from != from) /* else it goes on */
            *to++ = (piece){(int32_t)from, (int32_t)lane};
    }
    *to = (piece){0, 0};
}

/* Steps of all products, in the order of use. */
static void find_all_steps(const correlation *j)
{
    const dc_fast_plan *const p = j->plan;
    int32_t *off = j->at.off;
    int64_t parts[DC_FAST_AXES];
    dc_fast_index part = {{0}};

    count_parts(p, parts);
    do {
        int64_t groups[DC_FAST_AXES];
        dc_fast_index group = {{0}};

        count_groups(p, part, groups);
        do {
            const product r = product_of(p, part, group);

            find_steps(j, &r, part, p->chunk, off);
            off += p->chunk * r.entries;
        } while (dc_fast_next(&group, groups));
    } while (dc_fast_next(&part, parts));
}

/* Allocates and fills j->at; freed by its first member.  DC_NOMEM. */
static dc_status lay_tables(correlation *j)
{
    tables *const t = &j->at;

    t->place = dc_fast_threads_room(j->table_bytes);
    if (!t->place)
        return DC_NOMEM;
    t->pieces = (void *)(t->place + j->lines);
    t->line = (void *)(t->pieces + j->pieces + 1);
    t->column = t->line + j->lines;
    t->sequence = t->column + j->lines;
    t->off = t->sequence + j->depth;
    for (int64_t k = 0; k < j->depth; k++)
        t->sequence[k] = (int32_t)(k * PANEL);
    find_lines(j);
    if (j->pieces)
        find_pieces(j);
    if (j->plan->phases)
        find_all_steps(j);
    return DC_OK;
}

/* ==== sizes ============================================================== */

/* Everything about a job that follows from its plan; with `packed` its
 * weights are packed once for all. */
static correlation job_of(const dc_fast_plan *p, const engine *does, int packed)
{
    correlation j = {
        .plan = p,
        .does = does,
        .a_block = dc_fast_times(p->in_channels, p->block),
        .blocks = dc_fast_ceil(p->out_channels, p->block),
        .tasks = p->g * dc_fast_ceil(p->out_channels, p->block),
        .lines = 1,
        .products = 1,
        .steps = 1,
        .all_steps = 1,
        .depth = dc_fast_times(p->chunk, p->taps),
    };
    int64_t pitch = 1;

    for (int a = DC_FAST_AXES; a-- > 0;) {
        j.pitch[a] = pitch;
        pitch *= p->axis[a].box + p->axis[a].span;
    }
    pitch = p->plane;
    for (int a = DC_FAST_AXES; a-- > 0;) {
        const dc_fast_axis *const x = &p->axis[a];
        int64_t each = 0;
        int64_t groups = 0;
        int64_t entries = 0;
        int64_t all = 0;

        j.planes[a] = pitch;
        pitch *= x->planes;
        j.lines *= a < DC_FAST_AXES - 1 ? x->box : 1;
        j.tasks *= dc_fast_boxes(x);
        for (int64_t n = 0; n < x->groups; n++) {
            each += x->group[n].entries * x->set[x->group[n].set].phases;
            all += x->group[n].entries;
        }
        for (int64_t n = 0; n < x->parts; n++) {
            const dc_fast_part *const part = &x->part[n];
            int64_t sum = 0;

            for (int64_t g = 0; g < part->groups; g++)
                sum += x->group[part->group + g].entries;
            groups = dc_fast_max(groups, part->groups);
            entries = dc_fast_max(entries, sum);
        }
        j.a_block = dc_fast_times(j.a_block, each);
        j.products = dc_fast_times(j.products, groups);
        j.steps = dc_fast_times(j.steps, entries);
        j.all_steps = dc_fast_times(j.all_steps, all);
    }
    j.c_size =
        lines(dc_fast_times(dc_fast_times(p->block, p->phases), p->cols));
    j.i_size = lines(dc_fast_times(p->block, p->phases));
    j.b_size = lines(dc_fast_times(p->chunk, p->window));
    if (p->layout == DC_FAST_PACKED) {
        j.p_size = lines(dc_fast_times(j.depth, PANEL));
        j.pieces =
            dc_fast_ceil(j.lines * p->axis[DC_FAST_AXES - 1].box, does->lanes) +
            j.lines;
    }
    if (!packed && j.tasks <= PACK_ALONE * p->g * j.blocks) {
        j.a_size = lines(dc_fast_times(j.a_block / p->in_channels, p->chunk));
    } else {
        j.a_block = lines(j.a_block);
        j.packed = dc_fast_threads_bytes(dc_fast_times(
            dc_fast_times(p->g * j.blocks, j.a_block), sizeof(REAL)));
    }
    j.table_bytes = table_size(&j);
    return j;
}
