/* SPDX-License-Identifier: MIT
 *
 * A plug-in over oneDNN's deconvolution.  Built twice from this source: by
 * default the library chooses its layouts, and the tensors are reordered into
 * and out of them (its fast kernels); with DC_ONEDNN_PLAIN it works on our
 * layouts (its plain kernels).
 */
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <dnnl.h>

#include "ref/problem.h"
#include "oracle/bench/bench_plugin.h"
#include "oracle/adapters/onednn_internal.h"

#ifdef DC_ONEDNN_PLAIN
#define DC_ONEDNN_NAME "onednn-plain"
#else
#define DC_ONEDNN_NAME "onednn"
#endif

#define DC_ONEDNN_TEXT(x)    DC_ONEDNN_TEXT_OF(x)
#define DC_ONEDNN_TEXT_OF(x) #x

/* An argument of a primitive.  The bias comes last, so that one argument less
 * is the same primitive without it. */
typedef struct {
    dc_onednn_role role;
    int arg; /* DNNL_ARG_... */
    bool result;
} dc_onednn_arg;

static const dc_onednn_arg forward_args[ROLES] = {
    {SRC, DNNL_ARG_SRC, false},  {WEI, DNNL_ARG_WEIGHTS, false},
    {DST, DNNL_ARG_DST, true},   {TMP, DNNL_ARG_SCRATCHPAD, true},
    {BIA, DNNL_ARG_BIAS, false},
};
static const dc_onednn_arg input_args[ROLES - 1] = {
    {DST, DNNL_ARG_DIFF_DST, false},
    {WEI, DNNL_ARG_WEIGHTS, false},
    {SRC, DNNL_ARG_DIFF_SRC, true},
    {TMP, DNNL_ARG_SCRATCHPAD, true},
};
static const dc_onednn_arg weight_args[ROLES] = {
    {DST, DNNL_ARG_DIFF_DST, false},    {SRC, DNNL_ARG_SRC, false},
    {WEI, DNNL_ARG_DIFF_WEIGHTS, true}, {TMP, DNNL_ARG_SCRATCHPAD, true},
    {BIA, DNNL_ARG_DIFF_BIAS, true},
};

/* For `bench`: times `repetitions` executions of the primitive, without
 * descriptions, compilation of kernels and reorders. */
typedef struct {
    int64_t repetitions;
    double seconds;
} dc_onednn_clock;

static dnnl_status_t init_desc(dc_onednn_call *c, dnnl_prop_kind_t kind,
                               bool bias, dnnl_deconvolution_desc_t *desc)
{
    const dnnl_alg_kind_t direct = dnnl_deconvolution_direct;
    const dnnl_memory_desc_t *w = c->wanted;
    const dnnl_memory_desc_t *b = bias ? &w[BIA] : NULL;

    switch (kind) {
    case dnnl_backward_data:
        return dnnl_dilated_deconvolution_backward_data_desc_init(
            desc, direct, &w[SRC], &w[WEI], &w[DST], c->s, c->d, c->pb, c->pe);
    case dnnl_backward_weights:
        return dnnl_dilated_deconvolution_backward_weights_desc_init(
            desc, direct, &w[SRC], &w[WEI], b, &w[DST], c->s, c->d, c->pb,
            c->pe);
    default:
        return dnnl_dilated_deconvolution_forward_desc_init(
            desc, kind, direct, &w[SRC], &w[WEI], b, &w[DST], c->s, c->d, c->pb,
            c->pe);
    }
}

static dc_status create_desc(dc_onednn_call *c, dnnl_prop_kind_t kind,
                             bool bias, dnnl_primitive_desc_t *pd)
{
    dnnl_deconvolution_desc_t desc;
    dnnl_status_t status = init_desc(c, kind, bias, &desc);

    if (status == dnnl_success)
        status =
            dnnl_primitive_desc_create(pd, &desc, c->attr, c->engine, c->hint);
    return refused(status);
}

static dc_status create_primitive(dc_onednn_call *c, dnnl_prop_kind_t kind,
                                  bool bias)
{
    dc_status status =
        failed(dnnl_engine_create(&c->engine, dnnl_cpu, (size_t)0));

    if (!status)
        status = failed(dnnl_stream_create(&c->stream, c->engine,
                                           dnnl_stream_default_flags));
    /* scratch memory of our own, so that its content is known: NaN */
    if (!status)
        status = failed(dnnl_primitive_attr_create(&c->attr));
    if (!status)
        status = failed(dnnl_primitive_attr_set_scratchpad_mode(
            c->attr, dnnl_scratchpad_mode_user));
    /* backward primitives take the forward one as a hint */
    if (!status && kind != dnnl_forward_training)
        status = create_desc(c, dnnl_forward_training, false, &c->hint);
    if (!status)
        status = create_desc(c, kind, bias, &c->desc);
    if (!status)
        status = failed(dnnl_primitive_create(&c->primitive, c->desc));
    return status;
}

/* Allocates memory in the library's layout.  A result or scratch starts as
 * NaNs, so that an element left unwritten cannot pass; an input starts as
 * zeros. */
static dc_status allocate(dc_onednn_call *c, const dnnl_memory_desc_t *md,
                          bool result, dnnl_memory_t *memory)
{
    void *bytes = NULL;
    dc_status status =
        failed(dnnl_memory_create(memory, md, c->engine, DNNL_MEMORY_ALLOCATE));

    if (!status)
        status = failed(dnnl_memory_get_data_handle(*memory, &bytes));
    if (!status && bytes)
        memset(bytes, result ? 0xff : 0, dnnl_memory_desc_get_size(md));
    return status;
}

/* Binds a tensor to an argument.  NULL: an input of zeros, a result that the
 * caller does not want, or scratch. */
static dc_status bind(dc_onednn_call *c, const dc_onednn_arg *a, void *tensor)
{
    const dnnl_memory_desc_t *md =
        dnnl_primitive_desc_query_md(c->desc, dnnl_query_exec_arg_md, a->arg);
    dc_status status = DC_OK;

    if (!md)
        return DC_FAILED;
    if (tensor)
        status = failed(dnnl_memory_create(
            &c->outer[a->role], &c->ours[a->role], c->engine, tensor));
    if (status || (tensor && dnnl_memory_desc_equal(md, &c->ours[a->role])))
        return status;
    return allocate(c, md, a->result, &c->inner[a->role]);
}

/* Copies between layouts. */
static dc_status reorder(dc_onednn_call *c, dnnl_memory_t from,
                         dnnl_memory_t to)
{
    const dnnl_exec_arg_t args[2] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    const dnnl_memory_desc_t *from_md = NULL;
    const dnnl_memory_desc_t *to_md = NULL;
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_status_t status = dnnl_memory_get_memory_desc(from, &from_md);

    if (status == dnnl_success)
        status = dnnl_memory_get_memory_desc(to, &to_md);
    if (status == dnnl_success)
        status = dnnl_reorder_primitive_desc_create(&desc, from_md, c->engine,
                                                    to_md, c->engine, NULL);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&primitive, desc);
    if (status == dnnl_success)
        status = dnnl_primitive_execute(primitive, c->stream, 2, args);
    if (status == dnnl_success)
        status = dnnl_stream_wait(c->stream);
    dnnl_primitive_destroy(primitive);
    dnnl_primitive_desc_destroy(desc);
    return failed(status);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static dc_status launch(dc_onednn_call *c, const dnnl_exec_arg_t *args,
                        int count, int64_t repetitions)
{
    dnnl_status_t status = dnnl_success;

    for (int64_t r = 0; status == dnnl_success && r < repetitions; r++) {
        status = dnnl_primitive_execute(c->primitive, c->stream, count, args);
        if (status == dnnl_success)
            status = dnnl_stream_wait(c->stream);
    }
    return failed(status);
}

/* With a clock: once to warm up, then clock->repetitions times. */
static dc_status execute(dc_onednn_call *c, const dc_onednn_arg *arg, int count,
                         dc_onednn_clock *clock)
{
    dnnl_exec_arg_t args[ROLES];
    dc_status status = DC_OK;

    for (int k = 0; !status && k < count; k++) {
        const dnnl_memory_t inner = c->inner[arg[k].role];
        const dnnl_memory_t outer = c->outer[arg[k].role];
        args[k].arg = arg[k].arg;
        args[k].memory = inner ? inner : outer;
        if (!arg[k].result && inner && outer)
            status = reorder(c, outer, inner);
    }
    if (!status)
        status = launch(c, args, count, 1);
    if (!status && clock) {
        const double begin = now();

        status = launch(c, args, count, clock->repetitions);
        clock->seconds = now() - begin;
    }
    for (int k = 0; !status && k < count; k++) {
        const dnnl_memory_t inner = c->inner[arg[k].role];
        const dnnl_memory_t outer = c->outer[arg[k].role];
        if (arg[k].result && inner && outer)
            status = reorder(c, inner, outer);
    }
    return status;
}

static void release(dc_onednn_call *c)
{
    for (int r = 0; r < ROLES; r++) {
        dnnl_memory_destroy(c->inner[r]);
        dnnl_memory_destroy(c->outer[r]);
    }
    dnnl_primitive_destroy(c->primitive);
    dnnl_primitive_desc_destroy(c->desc);
    dnnl_primitive_desc_destroy(c->hint);
    dnnl_primitive_attr_destroy(c->attr);
    dnnl_stream_destroy(c->stream);
    dnnl_engine_destroy(c->engine);
}

static dc_status supports(const dc_problem *p)
{
    dc_error why;

    if (dc_problem_check(p, &why)) /* the library trusts its arguments */
        return DC_INVALID;
    return p->dtype == DC_F32 || p->dtype == DC_BF16 ? DC_OK : DC_UNSUPPORTED;
}

/* The operations in the order of bench_plugin.h: the primitive, and the roles
 * of the caller's inputs and result (ROLES: no input).  The library computes gb
 * only together with gw: x is then zeros, and gw is discarded. */
static const struct {
    dnnl_prop_kind_t kind;
    const dc_onednn_arg *arg;
    int count; /* of arg, with the bias */
    dc_onednn_role in[3];
    dc_onednn_role out;
} operations[] = {
    {dnnl_forward_training, forward_args, ROLES, {SRC, WEI, BIA}, DST},
    {dnnl_backward_data, input_args, ROLES - 1, {DST, WEI, ROLES}, SRC},
    {dnnl_backward_weights, weight_args, ROLES, {DST, SRC, ROLES}, WEI},
    {dnnl_backward_weights, weight_args, ROLES, {DST, ROLES, ROLES}, BIA},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

/* One operation on in[] and out; clock may be NULL. */
static dc_status run(const dc_problem *p, int op, const void *const in[3],
                     void *out, dc_onednn_clock *clock)
{
    const dc_onednn_arg *const arg = operations[op].arg;
    dc_status status = supports(p);
    void *tensors[ROLES + 1] = {NULL}; /* by role */
    dc_onednn_call c = {0};
    int count = operations[op].count;

    if (status)
        return status;
    /* the library takes inputs as void *, too, but does not write them */
    for (int k = 0; k < 3; k++)
        tensors[operations[op].in[k]] = (void *)in[k];
    tensors[operations[op].out] = out;
    if (count == ROLES && !tensors[BIA])
        count--;
    status = describe_all(&c, p);
    if (!status)
        status = create_primitive(&c, operations[op].kind, count == ROLES);
    for (int k = 0; !status && k < count; k++)
        status = bind(&c, &arg[k], tensors[arg[k].role]);
    if (!status)
        status = execute(&c, arg, count, clock);
    release(&c);
    return status;
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    return run(p, 0, (const void *const[3]){x, w, b}, y, NULL);
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    return run(p, 1, (const void *const[3]){gy, w}, gx, NULL);
}

static dc_status grad_weight(const dc_problem *p, const void *gy, const void *x,
                             void *gw)
{
    return run(p, 2, (const void *const[3]){gy, x}, gw, NULL);
}

static dc_status grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    return run(p, 3, (const void *const[3]){gy}, gb, NULL);
}

dc_status deconform_bench(const dc_problem *p, int op, const void *const in[3],
                          void *out, int64_t repetitions, double *seconds)
{
    dc_onednn_clock clock = {repetitions, 0};
    const dc_status status =
        op < 0 || op >= OPERATIONS ? DC_INVALID : run(p, op, in, out, &clock);

    *seconds = clock.seconds;
    return status;
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {
        .abi = DC_ABI,
        .name = DC_ONEDNN_NAME,
        .version = DC_ONEDNN_TEXT(DNNL_VERSION_MAJOR) "." DC_ONEDNN_TEXT(
            DNNL_VERSION_MINOR) "." DC_ONEDNN_TEXT(DNNL_VERSION_PATCH),
        .supports = supports,
        .forward = forward,
        .grad_input = grad_input,
        .grad_weight = grad_weight,
        .grad_bias = grad_bias,
    };
    return &impl;
}
