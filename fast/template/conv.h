/* SPDX-License-Identifier: MIT
 *
 * forward and grad_input ("conv"): carries out a plan.  A task is one block of
 * positions and one block of output channels of one group.  A template over
 * REAL, see kernels.h.
 *
 * Each element is summed window by window, then by chunks of input channels,
 * then tap by tap.  The problem alone decides on all of them, so neither the
 * threads nor the instruction set can change a bit.
 */
#ifndef DC_FAST_TEMPLATE_CONV_H
#define DC_FAST_TEMPLATE_CONV_H

#include <stdlib.h>

#include "fast/ops.h"
#include "fast/template/conv_output.h"
#include "fast/template/conv_weights.h"
#include "fast/template/conv_workspace.h"

/* Carries out one product, with the columns that the layout demands.  The
 * caller sets rows, k, A, b_offset, C and init of g; the rest is set here. */
static void multiply(const conv_job *j, const conv_workspace *ws, gemm_desc *g)
{
    const dc_fast_plan *const p = j->plan;
    const conv_tables *const t = &j->tables;
    const int64_t lanes = j->kernels->lanes;
    const int64_t width = p->axis[W].block;
    const int32_t *const b_offset = g->b_offset;
    const int64_t cols = j->lines * width;
    const segment *segments = t->segments;
    REAL *const c = g->c;

    g->tile_rows = tile_rows(g->rows, j->kernels->rows);
    switch (p->layout) {
    case DC_FAST_FLAT:
        g->b = ws->window;
        g->vecs = dc_fast_ceil(t->line[j->lines - 1] + width, lanes);
        j->kernels->gemm(g);
        break;
    case DC_FAST_BY_LINE:
        g->vecs = dc_fast_ceil(width, lanes);
        for (int64_t l = 0; l < j->lines; l++) {
            g->b = ws->window + t->line[l];
            g->c = c + t->column[l];
            j->kernels->gemm(g);
        }
        break;
    default:
        g->b = ws->panel;
        g->b_offset = t->panel_b_offset;
        for (int64_t col = 0; col < cols; col += PANEL) {
            g->c = c + col;
            g->vecs = dc_fast_ceil(dc_fast_min(cols - col, PANEL), lanes);
            segments = j->kernels->pack_b(ws->panel, ws->window, b_offset, g->k,
                                          segments, g->vecs);
            j->kernels->gemm(g);
        }
    }
}

/* Adds the products of one window, over all input channels. */
static void add_window_products(const conv_job *j, conv_workspace *ws,
                                dc_fast_index window)
{
    const dc_fast_plan *const p = j->plan;
    const int64_t count = j->a ? 0
                               : describe_weights(j, window, ws->channels,
                                                  ws->weights, ws->offsets);
    const int32_t *b_offset = NULL;

    for (int64_t c = 0; c < p->in_channels; c += p->in_chunk) {
        const int64_t inputs = dc_fast_min(p->in_chunk, p->in_channels - c);
        int64_t products[DC_FAST_AXES];
        dc_fast_index group = {{0}};

        /* a narrower last chunk uses the beginning of each list of offsets */
        b_offset = ws->b_offset;
        if (!j->a) {
            pack_chunk(j, ws->weights, count, inputs, ws->w + c * p->w_in,
                       ws->a_chunk);
            ws->a = ws->a_chunk;
        }
        load_window(j, ws, ws->in + c * p->in_pitch, inputs, window);
        count_products(p, window, products);
        do {
            const product r = product_of(p, window, group);
            const bool is_first = ws->one_window && !c;
            gemm_desc g = {
                .rows = ws->channels * r.phases,
                .k = inputs * r.taps,
                .a = ws->a,
                .b_offset = b_offset,
                .init = is_first ? init_rows(j, ws, r.phases) : NULL,
                .c = ws->c + ws->channels * r.first_row * ws->c_pitch,
                .c_pitch = ws->c_pitch,
            };

            multiply(j, ws, &g);
            ws->a += g.rows * g.k;
            b_offset += p->in_chunk * r.taps;
        } while (dc_fast_next(&group, products));
    }
    ws->b_offset = b_offset;
}

/* Task: one block of positions and of output channels of one group. */
static void conv_task(const void *argument, int64_t index, void *buffer)
{
    const conv_job *const j = argument;
    const dc_fast_plan *const p = j->plan;
    conv_workspace ws = workspace_of(j, index, buffer);
    const bool direct = ws.one_window && is_direct(j, ws.m);
    int64_t windows[DC_FAST_AXES];
    dc_fast_index window = {{0}};

    if (p->has_holes)
        store_bias(j, &ws);
    if (!p->phases)
        return;
    if (direct) {
        ws.c = ws.out;
        ws.c_pitch = p->out_pitch;
    }
    if (!ws.one_window)
        init_sums(j, &ws);
    count_windows(p, windows);
    do
        add_window_products(j, &ws, window);
    while (dc_fast_next(&window, windows));
    if (!direct)
        store_sums(j, &ws);
}

/* The result if all sums are empty. */
static void store_empty(const dc_fast_geometry *q, dc_fast_op op, const REAL *b,
                        REAL *out)
{
    if (op == DC_FAST_OP_GRAD_INPUT)
        zero(out, q->x_count);
    else
        for (int64_t c = 0; q->outputs && c < q->n * q->co; c++)
            for (int64_t o = 0; o < q->outputs; o++)
                out[c * q->outputs + o] = b ? b[c % q->co] : 0;
}

/* Allocates j->a and packs all weights into it.  DC_NOMEM. */
static dc_status pack_all(conv_job *j, double work)
{
    j->a = dc_fast_threads_alloc(j->a_bytes);
    if (!j->a)
        return DC_NOMEM;
    return dc_fast_threads_run(j->plan->phases ? j->plan->g * j->out_blocks : 0,
                               work / 16, weight_desc_bytes(j), pack_task, j);
}

static dc_status pack_weights(const dc_fast_geometry *q, dc_fast_op op,
                              const void *w, dc_fast_weights *packed)
{
    dc_status status = DC_OK;

    *packed = (dc_fast_weights){.isa = dc_fast_isa_now()};
    if (dc_fast_geometry_is_empty(q))
        return DC_OK;
    status = dc_fast_plan_make(q, op == DC_FAST_OP_FORWARD, &packed->plan);
    if (status == DC_OK) {
        conv_job j = job_of(&packed->plan, kernels_for(packed->isa), true);

        j.w = w;
        status = pack_all(&j, dc_fast_geometry_work(q));
        packed->a = j.a;
    }
    return status;
}

static dc_status conv(const dc_fast_geometry *q, dc_fast_op op,
                      const dc_fast_tensors *t, const dc_fast_weights *packed)
{
    const double work = dc_fast_geometry_work(q);
    dc_fast_weights own = {.a = NULL};
    dc_status status = DC_OK;
    conv_job j;

    if (dc_fast_geometry_is_empty(q)) {
        store_empty(q, op, t->b, t->out);
        return DC_OK;
    }
    if (!packed) {
        own.isa = dc_fast_isa_now();
        status = dc_fast_plan_make(q, op == DC_FAST_OP_FORWARD, &own.plan);
    }
    if (status == DC_OK) {
        const dc_fast_weights *const use = packed ? packed : &own;

        j = job_of(&use->plan, kernels_for(use->isa), packed != NULL);
        j.in = t->in;
        j.w = t->w;
        j.b = t->b;
        j.out = t->out;
        j.a = use->a;
        status = make_conv_tables(&j);
        if (status == DC_OK && !packed && j.a_bytes) {
            status = pack_all(&j, work);
            own.a = j.a;
        }
        if (status == DC_OK)
            status = dc_fast_threads_run(j.tasks, work, workspace_bytes(&j),
                                         conv_task, &j);
        free(j.tables.place);
    }
    free(own.a);
    dc_fast_plan_free(&own.plan);
    return status;
}

static dc_status conv_need(const dc_fast_geometry *q, dc_fast_op op,
                           dc_fast_need *need)
{
    dc_fast_plan plan = {.tables = NULL};
    dc_status status = DC_OK;

    *need = (dc_fast_need){0, 0};
    if (dc_fast_geometry_is_empty(q))
        return DC_OK;
    status = dc_fast_plan_make(q, op == DC_FAST_OP_FORWARD, &plan);
    if (status == DC_OK) {
        const conv_job j = job_of(&plan, kernels_for(dc_fast_isa_now()), false);

        need->shared = dc_fast_add(dc_fast_add(plan.table_bytes, j.table_bytes),
                                   j.a_bytes);
        need->thread = workspace_bytes(&j);
    }
    dc_fast_plan_free(&plan);
    return status;
}

#endif
