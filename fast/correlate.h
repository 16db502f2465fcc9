/* SPDX-License-Identifier: MIT
 *
 * forward and grad_input: the plan of plan.h carried out.  A task is one box
 * of positions and one block of output channels.  A template over REAL.
 *
 * Every element is summed in the order part, input channels in chunks, tap:
 * all fixed by the problem, so neither threads nor instructions matter.
 */
#include "operand.h"
#include "result.h"
#include "threads.h"

/* C += one product, columns as the layout has them. */
static void multiply(const correlation *j, const desk *d, const product *r,
                     const REAL *a, int64_t channels, int64_t inputs)
{
    const dc_fast_plan *const p = j->plan;
    const int64_t lanes = j->does->lanes;
    const int64_t width = p->axis[DC_FAST_AXES - 1].box;
    const int64_t rows = channels * r->phases;
    const int64_t high = tile_rows(j->does, rows);
    const int64_t k = inputs * r->entries;
    REAL *const c = d->c + channels * r->row * p->cols;

    if (p->layout == DC_FAST_FLAT)
        j->does->product(rows, high, k, a, d->window, d->off,
                         dc_fast_ceil(d->line[j->lines - 1] + width, lanes), c,
                         p->cols);
    for (int64_t l = 0; p->layout == DC_FAST_LINES && l < j->lines; l++)
        j->does->product(rows, high, k, a, d->window + d->line[l], d->off,
                         dc_fast_ceil(width, lanes), c + column(j, d, l),
                         p->cols);
    if (p->layout == DC_FAST_PACKED) {
        j->does->pack(d->packed, p->cols, d->window, d->off, k, d->line,
                      j->lines, width);
        j->does->product(rows, high, k, a, d->packed, d->sequence,
                         dc_fast_ceil(j->lines * width, lanes), c, p->cols);
    }
}

static int64_t lines(int64_t elements)
{
    return dc_fast_up(elements + SPARE, SPARE);
}

/* Bytes of a desk. */
static size_t desk_size(const correlation *j)
{
    const dc_fast_plan *const p = j->plan;

    return (size_t)(j->c_size + j->b_size + j->p_size) * sizeof(REAL) +
           (size_t)p->axis[DC_FAST_AXES - 1].phases * sizeof(REAL *) +
           (size_t)j->lines * sizeof(int64_t) +
           (size_t)(2 * j->depth + j->lines) * sizeof(int32_t);
}

static desk lay_desk(const correlation *j, void *room)
{
    const dc_fast_plan *const p = j->plan;
    desk d = {.c = room};
    int64_t count[DC_FAST_AXES];
    dc_fast_index line = {{0}};
    int64_t l = 0;

    d.window = d.c + j->c_size;
    d.packed = d.window + j->b_size;
    d.rows = (const REAL **)(void *)(d.packed + j->p_size);
    d.place = (void *)(d.rows + p->axis[DC_FAST_AXES - 1].phases);
    d.off = (void *)(d.place + j->lines);
    d.sequence = d.off + j->depth;
    d.line = d.sequence + j->depth;
    for (int64_t k = 0; k < j->depth; k++)
        d.sequence[k] = (int32_t)(k * p->cols);
    for (int a = 0; a < DC_FAST_AXES; a++)
        count[a] = a == DC_FAST_AXES - 1 ? 1 : p->axis[a].box;
    do {
        d.line[l] = 0;
        d.place[l] = 0;
        for (int a = 0; a < DC_FAST_AXES; a++) {
            const dc_fast_axis *const x = &p->axis[a];

            d.line[l] += (int32_t)(line.at[a] * j->pitch[a]);
            d.place[l] += line.at[a] * x->out_step * x->out_pitch;
        }
        l++;
    } while (dc_fast_next(&line, count));
    return d;
}

/* Task: a box, a group, a block. */
static void correlate_task(const void *argument, int64_t index, void *room)
{
    const correlation *const j = argument;
    const dc_fast_plan *const p = j->plan;
    const int64_t block = index % j->blocks;
    const int64_t g = index / j->blocks % p->g;
    const int64_t channels = block_channels(p, block);
    const int64_t first = g * p->out_channels + block * p->block;
    const REAL *const in = j->in + g * p->in_channels * p->in_pitch;
    const REAL *a = j->a + first * j->a_channel;
    REAL *const out = j->out + first * p->out_pitch;
    const desk d = lay_desk(j, room);
    int64_t parts[DC_FAST_AXES];
    dc_fast_index part = {{0}};
    dc_fast_index m;

    index /= j->blocks * p->g;
    for (int x = DC_FAST_AXES; x-- > 0;) {
        const int64_t boxes = dc_fast_boxes(&p->axis[x]);

        m.at[x] = index % boxes * p->axis[x].box;
        index /= boxes;
    }
    if (p->holes)
        put_bias(j, m, first, channels, out);
    if (!p->phases)
        return;
    start(j, &d, first, channels);
    count_parts(p, parts);
    do
        for (int64_t c = 0; c < p->in_channels; c += p->chunk) {
            const int64_t inputs = dc_fast_min(p->chunk, p->in_channels - c);
            int64_t groups[DC_FAST_AXES];
            dc_fast_index group = {{0}};

            fill(j, d.window, in + c * p->in_pitch, inputs, m, part);
            count_groups(p, part, groups);
            do {
                const product r = product_of(p, part, group);

                find_steps(j, &r, part, inputs, d.off);
                multiply(j, &d, &r, a, channels, inputs);
                a += channels * r.phases * inputs * r.entries;
            } while (dc_fast_next(&group, groups));
        }
    while (dc_fast_next(&part, parts));
    put(j, &d, m, channels, out);
}

/* out = the plan's sums, on top of b where it is given. */
static dc_status correlate(const dc_fast_plan *p, double work, const REAL *in,
                           const REAL *w, const REAL *b, REAL *out)
{
    correlation j = {
        .plan = p,
        .does = engine_now(),
        .in = in,
        .w = w,
        .b = b,
        .out = out,
        .a_channel = p->in_channels,
        .blocks = dc_fast_ceil(p->out_channels, p->block),
        .lines = 1,
        .depth = p->chunk * p->taps,
    };
    int64_t pitch = 1;
    int64_t tasks = p->g * j.blocks;
    dc_status status;

    for (int a = DC_FAST_AXES; a-- > 0;) {
        j.pitch[a] = pitch;
        pitch *= p->axis[a].box + p->axis[a].span;
    }
    for (int a = DC_FAST_AXES; a-- > 0;) {
        const dc_fast_axis *const x = &p->axis[a];
        int64_t each = 0;

        j.planes[a] = pitch;
        pitch *= x->planes;
        j.lines *= a < DC_FAST_AXES - 1 ? x->box : 1;
        tasks *= dc_fast_boxes(x);
        for (int64_t n = 0; n < x->groups; n++)
            each += x->group[n].entries * x->set[x->group[n].set].phases;
        j.a_channel *= each;
    }
    j.c_size = lines(p->block * p->phases * p->cols);
    j.b_size = lines(p->chunk * p->window);
    j.p_size = p->layout == DC_FAST_PACKED ? lines(j.depth * p->cols) : 0;
    if (p->phases) {
        j.a = aligned_alloc(
            64,
            (size_t)lines(p->g * p->out_channels * j.a_channel) * sizeof(REAL));
        if (!j.a)
            return DC_NOMEM;
        status =
            dc_fast_threads_run(p->g * j.blocks, work / 16, 0, pack_task, &j);
    } else {
        status = DC_OK;
    }
    if (status == DC_OK)
        status =
            dc_fast_threads_run(tasks, work, desk_size(&j), correlate_task, &j);
    free(j.a);
    return status;
}

/* result = 0, count elements. */
static void clear(void *result, int64_t count)
{
    memset(result, 0, (size_t)count * sizeof(REAL));
}

static dc_status forward(const dc_fast_geometry *q, const void *x,
                         const void *w, const void *b, void *y)
{
    dc_fast_plan plan;
    dc_status status;

    if (!q->n || !q->co || !q->outputs)
        return DC_OK;
    if (!q->ci || !q->inputs) {
        for (int64_t c = 0; c < q->n * q->co; c++)
            for (int64_t o = 0; o < q->outputs; o++)
                ((REAL *)y)[c * q->outputs + o] =
                    b ? ((const REAL *)b)[c % q->co] : 0;
        return DC_OK;
    }
    status = dc_fast_plan_forward(q, &plan);
    if (status == DC_OK)
        status = correlate(&plan, dc_fast_geometry_work(q), x, w, b, y);
    dc_fast_plan_free(&plan);
    return status;
}

static dc_status grad_input(const dc_fast_geometry *q, const void *gy,
                            const void *w, void *gx)
{
    dc_fast_plan plan;
    dc_status status;

    if (!q->n || !q->ci || !q->inputs)
        return DC_OK;
    if (!q->co || !q->outputs) {
        clear(gx, q->n * q->ci * q->inputs);
        return DC_OK;
    }
    status = dc_fast_plan_grad_input(q, &plan);
    if (status == DC_OK)
        status = correlate(&plan, dc_fast_geometry_work(q), gy, w, NULL, gx);
    dc_fast_plan_free(&plan);
    return status;
}
