/* SPDX-License-Identifier: MIT
 *
 * A plug-in that exports deconform_bench, whose operations end in different
 * ways.  Its clock is not real: a run takes DC_TEST_SECONDS, or 1 ms.
 */
#include <stdlib.h>
#include <string.h>

#include "oracle/bench/bench_plugin.h"

static int64_t elements(const dc_problem *p)
{
    int64_t n = p->n * p->co;

    for (int a = 0; a < p->rank; a++)
        n *= p->o[a];
    return n;
}

/* forward gives zeros, grad_input is refused, grad_weight fails, grad_bias
 * claims to take no time. */
dc_status deconform_bench(const dc_problem *p, int op, const void *const in[3],
                          void *out, int64_t repetitions, double *seconds)
{
    const char *const each = getenv("DC_TEST_SECONDS");

    (void)in;
    *seconds = (double)repetitions * (each ? atof(each) : 1e-3);
    if (op == 0)
        memset(out, 0, (size_t)elements(p) * (p->dtype == DC_F64 ? 8 : 4));
    if (op == 3)
        *seconds = 0;
    return op == 1 ? DC_UNSUPPORTED : op == 2 ? DC_FAILED : DC_OK;
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    (void)p, (void)x, (void)w, (void)b, (void)y;
    return DC_FAILED; /* bench calls deconform_bench instead */
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {
        .abi = DC_ABI, .name = "modes, \"of\" bench", .forward = forward};

    return &impl;
}
