/* SPDX-License-Identifier: MIT
 *
 * The door of fast/: validates what it is given, picks the storage type, and
 * hands on.
 */
#include "fast.h"

#include <stddef.h>

#include "operations.h"

static const dc_fast_operations *const operations[] = {
    [DC_F64] = &dc_fast_f64,
    [DC_F32] = &dc_fast_f32,
};

/* A tensor without elements may be NULL. */
static int missing(const void *tensor, int64_t outer, int64_t inner,
                   int64_t elements)
{
    return !tensor && outer && inner && elements;
}

static int missing_x(const dc_fast_geometry *q, const void *x)
{
    return missing(x, q->n, q->ci, q->inputs);
}

static int missing_w(const dc_fast_geometry *q, const void *w)
{
    return missing(w, q->ci, q->cog, q->taps);
}

static int missing_y(const dc_fast_geometry *q, const void *y)
{
    return missing(y, q->n, q->co, q->outputs);
}

static dc_status supports(const dc_problem *p)
{
    dc_fast_geometry q;

    return dc_fast_geometry_of(p, &q);
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    dc_fast_geometry q;
    const dc_status status = dc_fast_geometry_of(p, &q);

    if (status != DC_OK)
        return status;
    if (missing_x(&q, x) || missing_w(&q, w) || missing_y(&q, y) ||
        (q.has_bias && missing(b, q.co, 1, 1)))
        return DC_INVALID;
    return operations[q.dtype]->forward(&q, x, w, q.has_bias ? b : NULL, y);
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    dc_fast_geometry q;
    const dc_status status = dc_fast_geometry_of(p, &q);

    if (status != DC_OK)
        return status;
    if (missing_y(&q, gy) || missing_w(&q, w) || missing_x(&q, gx))
        return DC_INVALID;
    return operations[q.dtype]->grad_input(&q, gy, w, gx);
}

static dc_status grad_weight(const dc_problem *p, const void *gy, const void *x,
                             void *gw)
{
    dc_fast_geometry q;
    const dc_status status = dc_fast_geometry_of(p, &q);

    if (status != DC_OK)
        return status;
    if (missing_y(&q, gy) || missing_x(&q, x) || missing_w(&q, gw))
        return DC_INVALID;
    return operations[q.dtype]->grad_weight(&q, gy, x, gw);
}

static dc_status grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    dc_fast_geometry q;
    const dc_status status = dc_fast_geometry_of(p, &q);

    if (status != DC_OK)
        return status;
    if (missing_y(&q, gy) || missing(gb, q.co, 1, 1))
        return DC_INVALID;
    return operations[q.dtype]->grad_bias(&q, gy, gb);
}

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
