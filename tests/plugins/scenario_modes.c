/* SPDX-License-Identifier: MIT
 *
 * A right implementation, but for what DC_TEST_MODE asks: does the judge find
 * who takes illegal problems, keeps something of the call before, goes wrong
 * with threads, or counts in 32 bits?
 */
#define deconform_plugin sample_plugin
#include "fast/sample.c"
#undef deconform_plugin

#include <math.h>
#include <stdlib.h>
#include <string.h>

const dc_impl *deconform_plugin(void);

static int is(const char *mode)
{
    const char *now = getenv("DC_TEST_MODE");

    return now && strcmp(now, mode) == 0;
}

static dc_status scenario_supports(const dc_problem *p)
{
    if (is("accept") || is("trap") || is("large") || is("spoil") ||
        is("broken") || is("die") || is("full"))
        return DC_OK;
    if (is("modest-all"))
        return DC_UNSUPPORTED;
    if (is("fail") && supports(p) == DC_INVALID)
        return DC_FAILED;
    if (is("nonsense") && supports(p) == DC_INVALID)
        return (dc_status)77;
    if (is("modest") && supports(p) == DC_INVALID)
        return DC_UNSUPPORTED;
    return supports(p);
}

/* Has another problem come before?  The state that must not be kept. */
static int changed(const dc_problem *p)
{
    static dc_problem last;
    static int any;
    const int other = any && memcmp(&last, p, sizeof last) != 0;

    last = *p;
    any = 1;
    return other;
}

static dc_status odd_forward(const dc_problem *p, const void *x, const void *w,
                             const void *b, void *y)
{
    const char *threads = getenv("DECONFORM_THREADS");
    const int other = changed(p);
    dc_status status;

    if (is("trap") && supports(p) == DC_INVALID)
        abort();
    if (is("broken"))
        return DC_INVALID;
    if (is("full"))
        return DC_NOMEM;
    if (is("die"))
        abort();
    if (is("large") || is("spoil")) {
        for (int64_t e = 0; e < p->n * p->co * p->o[0]; e++)
            set(p, y, e, 0);
        if (is("spoil"))
            ((char *)(uintptr_t)x)[0] ^= 1;
        return DC_OK;
    }
    if (is("accept") && supports(p) != DC_OK)
        return DC_OK;
    status = forward(p, x, w, b, y);
    if (status == DC_OK && p->n > 0 && p->co > 0 && p->o[0] > 0 &&
        ((is("stale") && other) ||
         (is("threads") && threads && strcmp(threads, "3") == 0)))
        set(p, y, 0, get(p, y, 0) + 1);
    if (status == DC_OK && is("bits") && threads && strcmp(threads, "3") == 0)
        for (int64_t e = 0; e < p->n * p->co; e++)
            if (get(p, y, e) != floor(get(p, y, e)))
                set(p, y, e, get(p, y, e) * (1 - 0x1p-23));
    if (is("moody") && other)
        return DC_UNSUPPORTED;
    return status;
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {
        DC_ABI,      "scenario_modes", "1",         scenario_supports,
        odd_forward, grad_input,       grad_weight, grad_bias,
    };

    return &impl;
}
