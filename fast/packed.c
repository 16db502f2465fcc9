/* SPDX-License-Identifier: MIT
 *
 * fast with its weights packed beforehand, as a shared object of its own.
 * `bench` times runs without the packing, as it does for libraries that keep
 * weights in a layout of their own; `verify` judges packing and run together.
 */
#include <stddef.h>
#include <time.h>

#include "fast/fast.h"

/* Operation op as in deconform_bench; `packed` is for those with weights. */
static dc_status run(const dc_problem *p, int op, const dc_fast_packed *packed,
                     const void *const in[3], void *out)
{
    switch (op) {
    case 0:
    case 1:
        return dc_fast_run_packed(packed, in[0], in[2], out);
    case 2:
        return dc_fast_impl()->grad_weight(p, in[0], in[1], out);
    case 3:
        return dc_fast_impl()->grad_bias(p, in[0], out);
    default:
        return DC_UNSUPPORTED;
    }
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The optional symbol of oracle/bench/bench_plugin.h. */
dc_status deconform_bench(const dc_problem *p, int op, const void *const in[3],
                          void *out, int64_t repetitions, double *seconds);

dc_status deconform_bench(const dc_problem *p, int op, const void *const in[3],
                          void *out, int64_t repetitions, double *seconds)
{
    dc_fast_packed *packed = NULL;
    dc_status status =
        op == 0 || op == 1 ? dc_fast_pack(p, op, in[1], &packed) : DC_OK;

    if (status == DC_OK) /* warms up */
        status = run(p, op, packed, in, out);

    const double begin = now();

    for (int64_t r = 0; status == DC_OK && r < repetitions; r++)
        status = run(p, op, packed, in, out);
    *seconds = now() - begin;
    dc_fast_pack_free(packed);
    return status;
}

/* ==== the plug-in table ================================================== */

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    double seconds;

    return deconform_bench(p, 0, (const void *[]){x, w, b}, y, 0, &seconds);
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    double seconds;

    return deconform_bench(p, 1, (const void *[]){gy, w, NULL}, gx, 0,
                           &seconds);
}

const dc_impl *deconform_plugin(void)
{
    /* not const only because the rest is copied from fast's own table at run
     * time; every call stores the same values */
    static dc_impl impl;

    impl = *dc_fast_impl();
    impl.name = "fast-packed";
    impl.forward = forward;
    impl.grad_input = grad_input;
    return &impl;
}
