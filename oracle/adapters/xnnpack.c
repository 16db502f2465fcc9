/* SPDX-License-Identifier: MIT
 *
 * A plug-in over XNNPACK's deconvolution operator: f32, forward, rank 2, and
 * rank 1 as height 1.  The library works channels-last; the adapter copies in
 * and out, and `bench` counts neither that nor the packing of the weights.
 */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pthreadpool.h>
#include <xnnpack.h>

#include "ref/problem.h"
#include "oracle/bench/bench_plugin.h"

/* The problem with two axes, in the order h, w. */
typedef struct {
    int64_t n, ci, co, g;
    int64_t i[2], k[2], s[2], d[2], pb[2], pe[2], op[2], o[2];
} dc_xnnpack_plane;

/* One call: everything that has to be released after it. */
typedef struct {
    float *x; /* [n][i..][ci], and bytes past the end that the library reads */
    float *w; /* [g][co/g][k..][ci/g] */
    float *y; /* [n][o..][co] */
    xnn_operator_t operator;
    pthreadpool_t pool;
} dc_xnnpack_call;

/* For `bench`: times `repetitions` runs of the operator. */
typedef struct {
    int64_t repetitions;
    double seconds;
} dc_xnnpack_clock;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static dc_status status_of(enum xnn_status status)
{
    switch (status) {
    case xnn_status_success:
        return DC_OK;
    case xnn_status_out_of_memory:
        return DC_NOMEM;
    case xnn_status_invalid_parameter:
    case xnn_status_unsupported_parameter:
    case xnn_status_unsupported_hardware:
        return DC_UNSUPPORTED;
    default:
        return DC_FAILED;
    }
}

/* ==== The problem ======================================================= */

static dc_status supports(const dc_problem *p)
{
    dc_error why;

    if (dc_problem_check(p, &why)) /* the library trusts its arguments */
        return DC_INVALID;
    if (p->dtype != DC_F32 || p->rank > 2)
        return DC_UNSUPPORTED;
    /* its arguments are unsigned and 32 bits wide */
    for (int a = 0; a < p->rank; a++)
        if (p->pb[a] < 0 || p->pe[a] < 0 || p->pb[a] > INT32_MAX ||
            p->pe[a] > INT32_MAX || p->k[a] > INT32_MAX ||
            p->s[a] > INT32_MAX || p->d[a] > INT32_MAX || p->op[a] > INT32_MAX)
            return DC_UNSUPPORTED;
    return p->g > INT32_MAX ? DC_UNSUPPORTED : DC_OK;
}

static dc_xnnpack_plane plane_of(const dc_problem *p)
{
    dc_xnnpack_plane q = {.n = p->n,
                          .ci = p->ci,
                          .co = p->co,
                          .g = p->g,
                          .i = {1, 1},
                          .k = {1, 1},
                          .s = {1, 1},
                          .d = {1, 1},
                          .o = {1, 1}};

    for (int a = 0; a < p->rank; a++) {
        const int to = 2 - p->rank + a;

        q.i[to] = p->i[a];
        q.k[to] = p->k[a];
        q.s[to] = p->s[a];
        q.d[to] = p->d[a];
        q.pb[to] = p->pb[a];
        q.pe[to] = p->pe[a];
        q.op[to] = p->op[a];
        q.o[to] = p->o[a];
    }
    return q;
}

/* ==== Layouts =========================================================== */

/* to[n][at][c] = from[n][c][at]; back: to[n][c][at] = from[n][at][c]. */
static void channels_last(const float *from, float *to, int64_t n, int64_t c,
                          int64_t at, bool back)
{
    for (int64_t b = 0; b < n; b++)
        for (int64_t k = 0; k < c; k++)
            for (int64_t e = 0; e < at; e++) {
                const int64_t first = (b * c + k) * at + e;
                const int64_t last = (b * at + e) * c + k;

                to[back ? first : last] = from[back ? last : first];
            }
}

/* to[g][co'][t][ci'] = w[g ci/g + ci'][co'][t] */
static void pack_weight(const dc_xnnpack_plane *q, const float *w, float *to)
{
    const int64_t cig = q->ci / q->g;
    const int64_t cog = q->co / q->g;
    const int64_t taps = q->k[0] * q->k[1];

    for (int64_t ci = 0; ci < q->ci; ci++)
        for (int64_t co = 0; co < cog; co++)
            for (int64_t t = 0; t < taps; t++)
                to[((ci / cig * cog + co) * taps + t) * cig + ci % cig] =
                    w[(ci * cog + co) * taps + t];
}

/* Zeroed, with the bytes behind it that the library may read. */
static float *allocate(int64_t elements)
{
    return calloc(1, (size_t)elements * sizeof(float) + XNN_EXTRA_BYTES + 64);
}

/* ==== A call ============================================================ */

static enum xnn_status create(dc_xnnpack_call *c, const dc_xnnpack_plane *q,
                              const float *b)
{
    return xnn_create_deconvolution2d_nhwc_f32(
        (uint32_t)q->pb[0], (uint32_t)q->pe[1], (uint32_t)q->pe[0],
        (uint32_t)q->pb[1], (uint32_t)q->k[0], (uint32_t)q->k[1],
        (uint32_t)q->s[0], (uint32_t)q->s[1], (uint32_t)q->d[0],
        (uint32_t)q->d[1], (uint32_t)q->g, (size_t)(q->ci / q->g),
        (size_t)(q->co / q->g), (size_t)q->ci, (size_t)q->co, c->w, b,
        -INFINITY, INFINITY, 0, &c->operator);
}

static enum xnn_status launch(const dc_xnnpack_call *c, int64_t repetitions)
{
    enum xnn_status status = xnn_status_success;

    for (int64_t r = 0; r < repetitions && status == xnn_status_success; r++)
        status = xnn_run_operator(c->operator, c->pool);
    return status;
}

static enum xnn_status execute(dc_xnnpack_call *c, const dc_xnnpack_plane *q,
                               const float *b, dc_xnnpack_clock *clock)
{
    const char *const threads = getenv("DECONFORM_THREADS");
    const int count = threads ? atoi(threads) : 1;
    enum xnn_status status = create(c, q, b);

    if (count > 1)
        c->pool = pthreadpool_create((size_t)count); /* or NULL: one */
    if (status == xnn_status_success)
        status = xnn_setup_deconvolution2d_nhwc_f32(
            c->operator,(size_t) q->n, (size_t)q->i[0], (size_t)q->i[1],
            (uint32_t)q->op[0], (uint32_t)q->op[1], c->x, c->y, c->pool);
    if (status == xnn_status_success)
        status = launch(c, 1);
    if (status == xnn_status_success && clock) {
        const double begin = now();

        status = launch(c, clock->repetitions);
        clock->seconds = now() - begin;
    }
    return status;
}

static dc_status run(const dc_problem *p, const float *x, const float *w,
                     const float *b, float *y, dc_xnnpack_clock *clock)
{
    const dc_xnnpack_plane q = plane_of(p);
    const int64_t in = q.i[0] * q.i[1];
    const int64_t out = q.o[0] * q.o[1];
    dc_status status = supports(p);
    dc_xnnpack_call c = {0};

    if (status == DC_OK)
        status = status_of(xnn_initialize(NULL));
    if (status != DC_OK)
        return status;
    c.x = allocate(q.n * q.ci * in);
    c.w = allocate(q.ci * (q.co / q.g) * q.k[0] * q.k[1]);
    c.y = allocate(q.n * q.co * out);
    if (c.x && c.w && c.y) {
        /* NaNs, so that an element left unwritten cannot pass */
        memset(c.y, 0xff, (size_t)(q.n * q.co * out) * sizeof *c.y);
        channels_last(x, c.x, q.n, q.ci, in, false);
        pack_weight(&q, w, c.w);
        status = status_of(execute(&c, &q, b, clock));
        if (status == DC_OK)
            channels_last(c.y, y, q.n, q.co, out, true);
    } else {
        status = DC_NOMEM;
    }
    xnn_delete_operator(c.operator);
    pthreadpool_destroy(c.pool);
    free(c.x);
    free(c.w);
    free(c.y);
    return status;
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    return run(p, x, w, b, y, NULL);
}

dc_status deconform_bench(const dc_problem *p, int op, const void *const in[3],
                          void *out, int64_t repetitions, double *seconds)
{
    dc_xnnpack_clock clock = {repetitions, 0};
    const dc_status status =
        op ? DC_UNSUPPORTED : run(p, in[0], in[1], in[2], out, &clock);

    *seconds = clock.seconds;
    return status;
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {.abi = DC_ABI,
                                 .name = "xnnpack",
                                 .version = "2022-02-16",
                                 .supports = supports,
                                 .forward = forward};
    return &impl;
}
