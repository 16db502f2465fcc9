/* SPDX-License-Identifier: MIT
 *
 * A correct implementation with one defect that a single legal case does not
 * show: illegal problems accepted, state kept from the call before, errors with
 * several threads or large tensors.  DC_TEST_MODE names it.
 */
#include <math.h>

#include "tests/plugins/sample_base.h"

/* Tensors of 2^31 elements would take minutes. */
static dc_status is_modest(const dc_problem *p)
{
    const dc_status status = supports(p);

    return status == DC_OK && p->i[0] > INT32_MAX ? DC_UNSUPPORTED : status;
}

static dc_status scenario_supports(const dc_problem *p)
{
    if (mode_is("accept") || mode_is("trap") || mode_is("large") ||
        mode_is("spoil") || mode_is("broken") || mode_is("die") ||
        mode_is("full") || mode_is("unsigned"))
        return DC_OK;
    if (mode_is("modest-all"))
        return DC_UNSUPPORTED;
    if (mode_is("fail") && supports(p) == DC_INVALID)
        return DC_FAILED;
    if (mode_is("nonsense") && supports(p) == DC_INVALID)
        return (dc_status)77;
    if (mode_is("modest") && supports(p) == DC_INVALID)
        return DC_UNSUPPORTED;
    return is_modest(p);
}

/* Was the problem of the call before another one? */
static bool changed(const dc_problem *p)
{
    static dc_problem last;
    static bool any;
    const bool other = any && memcmp(&last, p, sizeof last) != 0;

    last = *p;
    any = true;
    return other;
}

/* Was there ever a call with another last element of x than the first? */
static bool moved(const dc_problem *p, const void *x)
{
    const double now = get(p, x, p->n * p->ci * p->i[0] - 1);
    static double first;
    static bool any, ever;

    first = any ? first : now;
    any = true;
    ever |= now != first;
    return ever;
}

/* One batch item, one output channel, one axis, stride 1; elements of x are
 * counted in 32 bits. */
static void forward_in_32_bits(const dc_problem *p, const void *x,
                               const void *w, void *y)
{
    for (int64_t o = 0; o < p->o[0]; o++) {
        double sum = 0;

        for (int64_t ci = 0; ci < p->ci; ci++)
            for (int64_t t = 0; t < p->k[0]; t++) {
                const int64_t j = o + p->pb[0] - t;

                if (j >= 0 && j < p->i[0])
                    sum += get(p, x, (uint32_t)(ci * p->i[0] + j)) *
                           get(p, w, ci * p->k[0] + t);
            }
        set(p, y, o, sum);
    }
}

static dc_status scenario_forward(const dc_problem *p, const void *x,
                                  const void *w, const void *b, void *y)
{
    const char *threads = getenv("DECONFORM_THREADS");
    const bool other = changed(p);
    dc_status status;

    if (mode_is("trap") && supports(p) == DC_INVALID)
        abort();
    if (mode_is("broken"))
        return DC_INVALID;
    if (mode_is("full"))
        return DC_NOMEM;
    if (mode_is("die"))
        abort();
    if (mode_is("unsigned")) {
        forward_in_32_bits(p, x, w, y);
        return DC_OK;
    }
    if (mode_is("large") || mode_is("spoil")) {
        for (int64_t e = 0; e < p->n * p->co * p->o[0]; e++)
            set(p, y, e, 0);
        if (mode_is("spoil"))
            ((char *)(uintptr_t)x)[0] ^= 1;
        return DC_OK;
    }
    if (mode_is("accept") && supports(p) != DC_OK)
        return DC_OK;
    status = forward(p, x, w, b, y);
    if (status == DC_OK && p->n > 0 && p->co > 0 && p->o[0] > 0 &&
        ((mode_is("stale") && other) ||
         (mode_is("threads") && threads && strcmp(threads, "3") == 0)))
        set(p, y, 0, get(p, y, 0) + 1);
    if (status == DC_OK && mode_is("bits") && threads &&
        strcmp(threads, "3") == 0)
        for (int64_t e = 0; e < p->n * p->co; e++)
            if (get(p, y, e) != floor(get(p, y, e)))
                set(p, y, e, get(p, y, e) * (1 - 0x1p-23));
    if (mode_is("rounder") && moved(p, x))
        for (int64_t e = 0; e < p->n * p->co; e++)
            set(p, y, e, get(p, y, e) * (1 + 0x1p-52));
    if (mode_is("moody") && other)
        return DC_UNSUPPORTED;
    return status;
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {
        DC_ABI,           "scenario_modes", "1",         scenario_supports,
        scenario_forward, grad_input,       grad_weight, grad_bias,
    };

    return &impl;
}
