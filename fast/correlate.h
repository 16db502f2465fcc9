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

/* So many boxes are worth no weights packed once for all: each packs what it
 * needs while that is in its cache. */
enum { PACK_ALONE = 2 };

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
    for (int64_t n = 0, some, col = 0; n < j->pieces; n += some, col += PANEL) {
        int64_t width_of = d->pieces[n].n;

        for (some = 1; n + some < j->pieces && d->pieces[n + some].to; some++)
            width_of += d->pieces[n + some].n;
        j->does->pack(d->panel, d->window, d->off, k, d->pieces + n, some);
        j->does->product(rows, high, k, a, d->panel, d->sequence,
                         dc_fast_ceil(width_of, lanes), c + col, p->cols);
    }
}

/* Where the columns of a box, packed densely, come from; their number. */
static int64_t cut_pieces(const correlation *j, piece *pieces,
                          const int32_t *line)
{
    const int64_t width = j->plan->axis[DC_FAST_AXES - 1].box;
    int64_t count = 0;

    for (int64_t col = 0, some; col < j->lines * width; col += some, count++) {
        const int64_t at = col % width;

        some = dc_fast_min(width - at, PANEL - col % PANEL);
        if (pieces)
            pieces[count] = (piece){(int32_t)(line[col / width] + at),
                                    (int32_t)(col % PANEL), (int32_t)some};
    }
    return count;
}

static int64_t lines(int64_t elements)
{
    return dc_fast_up(elements + SPARE, SPARE);
}

/* Bytes of the list of a part's products and their tables. */
static size_t list_size(const correlation *j)
{
    return (size_t)j->products * sizeof(packing) +
           (size_t)(j->plan->block * j->plan->phases + j->steps) *
               sizeof(int64_t);
}

/* Bytes of a desk. */
static size_t desk_size(const correlation *j)
{
    const dc_fast_plan *const p = j->plan;

    return (size_t)(j->c_size + j->b_size + j->p_size + j->a_size) *
               sizeof(REAL) +
           (size_t)p->axis[DC_FAST_AXES - 1].phases * sizeof(REAL *) +
           (size_t)j->lines * sizeof(int64_t) + list_size(j) +
           (size_t)j->pieces * sizeof(piece) +
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
    d.panel = d.window + j->b_size;
    d.a = d.panel + j->p_size;
    d.list = (void *)(d.a + j->a_size);
    d.table = (void *)(d.list + j->products);
    d.rows = (void *)((char *)d.list + list_size(j));
    d.place = (void *)(d.rows + p->axis[DC_FAST_AXES - 1].phases);
    d.off = (void *)(d.place + j->lines);
    d.sequence = d.off + j->depth;
    d.line = d.sequence + j->depth;
    d.pieces = (void *)(d.line + j->lines);
    for (int64_t k = 0; k < j->depth; k++)
        d.sequence[k] = (int32_t)(k * PANEL);
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
    if (j->pieces)
        cut_pieces(j, d.pieces, d.line);
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
    const REAL *const w = j->w + g * p->w_group + block * p->block * p->w_out;
    const REAL *a = j->a ? j->a + (g * j->blocks + block) * j->a_block : NULL;
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
    do {
        const int64_t count =
            j->a ? 0 : find_products(j, part, channels, d.list, d.table);

        for (int64_t c = 0; c < p->in_channels; c += p->chunk) {
            const int64_t inputs = dc_fast_min(p->chunk, p->in_channels - c);
            int64_t groups[DC_FAST_AXES];
            dc_fast_index group = {{0}};

            if (!j->a) {
                pack_chunk(j, d.list, count, inputs, w + c * p->w_in, d.a);
                a = d.a;
            }
            fill(j, d.window, in + c * p->in_pitch, inputs, m, part);
            count_groups(p, part, groups);
            do {
                const product r = product_of(p, part, group);

                find_steps(j, &r, part, inputs, d.off);
                multiply(j, &d, &r, a, channels, inputs);
                a += channels * r.phases * inputs * r.entries;
            } while (dc_fast_next(&group, groups));
        }
    } while (dc_fast_next(&part, parts));
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
        .a_block = p->in_channels * p->block,
        .blocks = dc_fast_ceil(p->out_channels, p->block),
        .lines = 1,
        .products = 1,
        .steps = 1,
        .depth = p->chunk * p->taps,
    };
    int64_t pitch = 1;
    int64_t tasks = p->g * j.blocks;
    dc_status status = DC_OK;

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
        j.a_block *= each;
        j.products *= x->groups;
        j.steps *= x->groups ? x->group[x->groups - 1].entry +
                                   x->group[x->groups - 1].entries
                             : 1;
    }
    j.c_size = lines(p->block * p->phases * p->cols);
    j.b_size = lines(p->chunk * p->window);
    if (p->layout == DC_FAST_PACKED) {
        j.p_size = lines(j.depth * PANEL);
        j.pieces = cut_pieces(&j, NULL, NULL);
    }
    if (tasks <= PACK_ALONE * p->g * j.blocks) {
        j.a_size = lines(j.a_block / p->in_channels * p->chunk);
    } else {
        j.a_block = lines(j.a_block);
        j.a = aligned_alloc(64, (size_t)(p->g * j.blocks * j.a_block) *
                                    sizeof(REAL));
        if (!j.a)
            return DC_NOMEM;
        status = dc_fast_threads_run(p->phases ? p->g * j.blocks : 0, work / 16,
                                     list_size(&j), pack_task, &j);
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
    if (count) /* else result may be NULL */
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
