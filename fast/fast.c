/* SPDX-License-Identifier: MIT
 *
 * The front of fast/: validates the arguments and dispatches by storage type.
 */
#include "fast/fast.h"

#include <stdlib.h>

#include "fast/ops.h"
#include "fast/threads.h"

static const dc_fast_operations *const operations[] = {
    [DC_F64] = &dc_fast_f64,
    [DC_F32] = &dc_fast_f32,
};

/* A tensor without elements may be NULL. */
static bool is_missing(const void *tensor, int64_t elements)
{
    return !tensor && elements;
}

static dc_status supports(const dc_problem *p)
{
    dc_fast_geometry q;

    return dc_fast_geometry_of(p, &q);
}

/* forward or grad_input; t.w is ignored if `packed` is given, and t.b if the
 * operation has no bias. */
static dc_status conv(const dc_fast_geometry *q, dc_fast_op op,
                      dc_fast_tensors t, const dc_fast_weights *packed)
{
    const bool forward = op == DC_FAST_OP_FORWARD;
    const bool has_bias = forward && q->has_bias;

    if (is_missing(forward ? t.in : t.out, q->x_count) ||
        is_missing(forward ? t.out : t.in, q->y_count) ||
        (!packed && is_missing(t.w, q->w_count)) ||
        (has_bias && is_missing(t.b, q->co)))
        return DC_INVALID;
    if (!has_bias)
        t.b = NULL;
    return operations[q->dtype]->conv(q, op, &t, packed);
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    dc_fast_geometry q;
    const dc_status status = dc_fast_geometry_of(p, &q);

    return status == DC_OK ? conv(&q, DC_FAST_OP_FORWARD,
                                  (dc_fast_tensors){x, w, b, y}, NULL)
                           : status;
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    dc_fast_geometry q;
    const dc_status status = dc_fast_geometry_of(p, &q);

    return status == DC_OK ? conv(&q, DC_FAST_OP_GRAD_INPUT,
                                  (dc_fast_tensors){gy, w, NULL, gx}, NULL)
                           : status;
}

static dc_status grad_weight(const dc_problem *p, const void *gy, const void *x,
                             void *gw)
{
    dc_fast_geometry q;
    const dc_status status = dc_fast_geometry_of(p, &q);

    if (status != DC_OK)
        return status;
    if (is_missing(gy, q.y_count) || is_missing(x, q.x_count) ||
        is_missing(gw, q.w_count))
        return DC_INVALID;
    return operations[q.dtype]->grad_weight(&q, gy, x, gw);
}

static dc_status grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    dc_fast_geometry q;
    const dc_status status = dc_fast_geometry_of(p, &q);

    if (status != DC_OK)
        return status;
    if (is_missing(gy, q.y_count) || is_missing(gb, q.co))
        return DC_INVALID;
    return operations[q.dtype]->grad_bias(&q, gy, gb);
}

dc_status dc_fast_workspace(const dc_problem *p, int op, dc_fast_need *need)
{
    dc_fast_geometry q;
    dc_status status = dc_fast_geometry_of(p, &q);

    *need = (dc_fast_need){0, 0};
    if (status != DC_OK)
        return status;
    if (op < DC_FAST_OP_FORWARD || op > DC_FAST_OP_GRAD_BIAS)
        return DC_INVALID;
    if (op < DC_FAST_OP_GRAD_WEIGHT)
        status = operations[q.dtype]->conv_need(&q, (dc_fast_op)op, need);
    else if (op == DC_FAST_OP_GRAD_WEIGHT)
        *need = operations[q.dtype]->grad_weight_need(&q);
    else if (q.n && q.outputs)
        need->thread = dc_fast_threads_round(0);
    return need->shared == INT64_MAX || need->thread == INT64_MAX ? DC_NOMEM
                                                                  : status;
}

/* ==== packed weights ===================================================== */

struct dc_fast_packed {
    dc_fast_geometry q;
    dc_fast_op op;
    dc_fast_weights weights;
};

dc_status dc_fast_pack(const dc_problem *p, int op, const void *w,
                       dc_fast_packed **packed)
{
    dc_fast_geometry q;
    dc_status status = dc_fast_geometry_of(p, &q);
    dc_fast_packed *k;

    *packed = NULL;
    if (status != DC_OK)
        return status;
    if ((op != DC_FAST_OP_FORWARD && op != DC_FAST_OP_GRAD_INPUT) ||
        is_missing(w, q.w_count))
        return DC_INVALID;
    k = malloc(sizeof *k);
    if (!k)
        return DC_NOMEM;
    k->q = q;
    k->op = (dc_fast_op)op;
    status = operations[q.dtype]->pack_weights(&q, k->op, w, &k->weights);
    if (status == DC_OK)
        *packed = k;
    else
        dc_fast_pack_free(k);
    return status;
}

dc_status dc_fast_run_packed(const dc_fast_packed *k, const void *in,
                             const void *b, void *out)
{
    return conv(&k->q, k->op, (dc_fast_tensors){in, NULL, b, out}, &k->weights);
}

void dc_fast_pack_free(dc_fast_packed *k)
{
    if (!k)
        return;
    dc_fast_plan_free(&k->weights.plan);
    free(k->weights.a);
    free(k);
}

/* ==== the plug-in table ================================================== */

const dc_impl *dc_fast_impl(void)
{
    static const dc_impl impl = {
        .abi = DC_ABI,
        .name = "fast",
        .version = "1",
        .supports = supports,
        .forward = forward,
        .grad_input = grad_input,
        .grad_weight = grad_weight,
        .grad_bias = grad_bias,
    };

    return &impl;
}
