/* SPDX-License-Identifier: MIT
 *
 * Kernels that offer only a part of the contract.  DC_TEST_MODE names it:
 *
 *   2d           rank 2 alone, correct
 *   2d-f64       ... f32 correct, f64 wrong
 *   2d-f16       ... in f16 alone, all zeros
 *   3d-small     rank 3 with kernels of at most 7, correct
 *   grouped      two groups alone, in rank 2, correct
 *   f64-wide     rank 2 in f32, and in f64 if channels fill vectors of 64
 *   wide         channels in whole vectors of 64 alone, correct
 *   refuses      refuses what is illegal and computes nothing
 *   trusting     all that is legal, correct; answers OK to what is illegal,
 *                but divides by the stride
 */
#include <string.h>

#include "tests/plugins/sample_base.h"

static bool offered(const dc_problem *p)
{
    if (mode_is("refuses") || mode_is("2d-f16") != (p->dtype == DC_F16))
        return false;
    if (mode_is("trusting"))
        return true;
    if (mode_is("wide") || (mode_is("f64-wide") && p->dtype == DC_F64))
        return p->ci / p->g % 64 == 0 && p->co / p->g % 64 == 0;
    if (mode_is("3d-small"))
        return p->rank == 3 && p->k[0] <= 7 && p->k[1] <= 7 && p->k[2] <= 7;
    return p->rank == 2 && (p->g == 2 || !mode_is("grouped"));
}

static dc_status my_supports(const dc_problem *p)
{
    dc_problem q = *p;
    dc_status status;

    if (p->dtype == DC_F16) /* the sample knows only f32 and f64 */
        q.dtype = DC_F32;
    status = supports(&q);
    return status == DC_OK && !offered(p) ? DC_UNSUPPORTED : status;
}

static dc_status my_forward(const dc_problem *p, const void *x, const void *w,
                            const void *b, void *y)
{
    const dc_status status = my_supports(p);

    if (status == DC_INVALID && mode_is("trusting")) {
        if (p->rank == 2 && p->s[0] == 0)
            abort();
        return DC_OK;
    }
    if (status != DC_OK)
        return status;
    if (p->dtype == DC_F16) {
        memset(y, 0, (size_t)(p->n * p->co * volume(p, p->o)) * 2);
        return DC_OK;
    }
    forward(p, x, w, b, y);
    if (mode_is("2d-f64") && p->dtype == DC_F64 && p->n && p->co &&
        volume(p, p->o))
        set(p, y, 0, get(p, y, 0) + 1);
    return DC_OK;
}

const dc_impl *deconform_plugin(void)
{
    static dc_impl impl = {
        DC_ABI, "offers", "1", my_supports, my_forward, NULL, NULL, NULL,
    };

    if (mode_is("trusting"))
        impl.supports = NULL;
    return &impl;
}
