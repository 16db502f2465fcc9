/* SPDX-License-Identifier: MIT
 *
 * forward and grad_input: the plan of plan.h carried out.  A task is one box
 * of positions and one block of output channels.  A template over REAL.
 *
 * Every element is summed in the order part, input channels in chunks, tap:
 * all fixed by the problem, so neither threads nor instructions matter.
 */
#include "fast/template/operand.h"
#include "fast/template/pack.h"
#include "fast/template/result.h"
#include "fast/template/desk.h"

/* c[rows][pitch] += one product, columns as the layout has them; off and init
 * as in gemm.h. */
static void multiply(const correlation *j, const desk *d, const product *r,
                     const REAL *a, const int32_t *off, const REAL *init,
                     int64_t channels, int64_t inputs, REAL *c, int64_t pitch)
{
    const dc_fast_plan *const p = j->plan;
    const int64_t lanes = j->does->lanes;
    const int64_t width = p->axis[DC_FAST_AXES - 1].box;
    const int64_t rows = channels * r->phases;
    const int64_t high = tile_rows(j->does, rows);
    const int64_t k = inputs * r->entries;
    const int64_t cols = p->layout == DC_FAST_PACKED ? j->lines * width : 0;
    const piece *pieces = j->at.pieces;

    if (p->layout == DC_FAST_FLAT)
        j->does->product(rows, high, k, a, d->window, off, init,
                         dc_fast_ceil(j->at.line[j->lines - 1] + width, lanes),
                         c, pitch);
    for (int64_t l = 0; p->layout == DC_FAST_LINES && l < j->lines; l++)
        j->does->product(rows, high, k, a, d->window + j->at.line[l], off, init,
                         dc_fast_ceil(width, lanes), c + j->at.column[l],
                         pitch);
    for (int64_t col = 0; col < cols; col += PANEL) {
        const int64_t vecs =
            dc_fast_ceil(dc_fast_min(cols - col, PANEL), lanes);

        pieces = j->does->pack(d->panel, d->window, off, k, pieces, vecs);
        j->does->product(rows, high, k, a, d->panel, j->at.sequence, init, vecs,
                         c + col, pitch);
    }
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
    const REAL *const w =
        j->w ? j->w + g * p->w_group + block * p->block * p->w_out : NULL;
    const REAL *a = j->a ? j->a + (g * j->blocks + block) * j->a_block : NULL;
    REAL *const out = j->out + first * p->out_pitch;
    const desk d = lay_desk(j, room);
    int64_t parts[DC_FAST_AXES];
    dc_fast_index part = {{0}};
    dc_fast_index m;
    const int32_t *off = j->at.off;
    int alone = 1; /* each row of C belongs to one product */

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
    count_parts(p, parts);
    for (int x = 0; x < DC_FAST_AXES; x++)
        alone &= parts[x] == 1;

    const int direct = alone && is_direct(j, m);
    REAL *const sums = direct ? box_result(j, m, out) : d.c;
    const int64_t pitch = direct ? p->out_pitch : p->cols;

    if (!alone)
        start(j, &d, first, channels);
    do {
        const int64_t count =
            j->a ? 0 : find_products(j, part, channels, d.list, d.table);
        const int32_t *of = NULL;

        for (int64_t c = 0; c < p->in_channels; c += p->chunk) {
            const int64_t inputs = dc_fast_min(p->chunk, p->in_channels - c);
            int64_t groups[DC_FAST_AXES];
            dc_fast_index group = {{0}};

            of = off; /* a shorter chunk needs the first ones */
            if (!j->a) {
                pack_chunk(j, d.list, count, inputs, w + c * p->w_in, d.a);
                a = d.a;
            }
            fill(j, d.window, in + c * p->in_pitch, inputs, m, part);
            count_groups(p, part, groups);
            do {
                const product r = product_of(p, part, group);

                multiply(
                    j, &d, &r, a, of,
                    alone && !c ? start_rows(j, &d, r.phases, first, channels)
                                : NULL,
                    channels, inputs, sums + channels * r.row * pitch, pitch);
                a += channels * r.phases * inputs * r.entries;
                of += p->chunk * r.entries;
            } while (dc_fast_next(&group, groups));
        }
        off = of;
    } while (dc_fast_next(&part, parts));
    if (!direct)
        put(j, &d, m, channels, out);
}

/* result = 0, count elements. */
static void clear(void *result, int64_t count)
{
    if (count) /* else result may be NULL */
        memset(result, 0, (size_t)count * sizeof(REAL));
}

/* Is nothing summed?  Then the result is the bias or zero. */
static int is_empty(const dc_fast_geometry *q)
{
    return !q->n || !q->ci || !q->co || !q->inputs || !q->outputs;
}

static void put_empty(const dc_fast_geometry *q, int op, const REAL *b,
                      REAL *out)
{
    if (op == DC_FAST_OP_GRAD_INPUT)
        clear(out, q->n * q->ci * q->inputs);
    else
        for (int64_t c = 0; q->outputs && c < q->n * q->co; c++)
            for (int64_t o = 0; o < q->outputs; o++)
                out[c * q->outputs + o] = b ? b[c % q->co] : 0;
}

static dc_status make_plan(const dc_fast_geometry *q, int op,
                           dc_fast_plan *plan)
{
    return op == DC_FAST_OP_FORWARD ? dc_fast_plan_forward(q, plan)
                                    : dc_fast_plan_grad_input(q, plan);
}

/* All weights of j to j->a, which is allocated here. */
static dc_status pack_weights(correlation *j, double work)
{
    dc_status status = DC_NOMEM;

    j->a = dc_fast_threads_room(j->packed);
    if (j->a)
        status =
            dc_fast_threads_run(j->plan->phases ? j->plan->g * j->blocks : 0,
                                work, list_size(j), pack_task, j);
    return status;
}

static dc_status pack(const dc_fast_geometry *q, int op, const void *w,
                      dc_fast_weights *packed)
{
    dc_status status = DC_OK;

    *packed = (dc_fast_weights){.level = dc_fast_level_now()};
    if (is_empty(q))
        return DC_OK;
    status = make_plan(q, op, &packed->plan);
    if (status == DC_OK) {
        correlation j = job_of(&packed->plan, engine_at(packed->level), 1);

        j.w = w;
        status = pack_weights(&j, dc_fast_geometry_work(q) / 16);
        packed->a = j.a;
    }
    return status;
}

static dc_status correlate(const dc_fast_geometry *q, int op,
                           const dc_fast_tensors *t,
                           const dc_fast_weights *packed)
{
    dc_fast_plan own = {.tables = NULL};
    dc_status status = DC_OK;

    if (is_empty(q)) {
        put_empty(q, op, t->b, t->out);
        return DC_OK;
    }
    if (!packed)
        status = make_plan(q, op, &own);
    if (status == DC_OK) {
        const double work = dc_fast_geometry_work(q);
        correlation j = packed
                            ? job_of(&packed->plan, engine_at(packed->level), 1)
                            : job_of(&own, engine_at(dc_fast_level_now()), 0);

        j.in = t->in;
        j.w = t->w;
        j.b = t->b;
        j.out = t->out;
        j.a = packed ? packed->a : NULL;
        status = lay_tables(&j);
        if (status == DC_OK && !packed && j.packed)
            status = pack_weights(&j, work / 16);
        if (status == DC_OK)
            status = dc_fast_threads_run(j.tasks, work, desk_size(&j),
                                         correlate_task, &j);
        free(j.at.place);
        if (!packed)
            free(j.a);
    }
    dc_fast_plan_free(&own);
    return status;
}

static dc_status correlate_need(const dc_fast_geometry *q, int op,
                                dc_fast_need *need)
{
    dc_fast_plan plan = {.tables = NULL};
    dc_status status = DC_OK;

    *need = (dc_fast_need){0, 0};
    if (is_empty(q))
        return DC_OK;
    status = make_plan(q, op, &plan);
    if (status == DC_OK) {
        const correlation j = job_of(&plan, engine_at(dc_fast_level_now()), 0);

        need->shared = dc_fast_plus(
            dc_fast_plus(plan.table_bytes, j.table_bytes), j.packed);
        need->thread = desk_size(&j);
    }
    dc_fast_plan_free(&plan);
    return status;
}
