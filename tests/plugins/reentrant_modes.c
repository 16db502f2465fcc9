/* SPDX-License-Identifier: MIT
 *
 * A plug-in whose forward bears two threads at once, or does not, as
 * DC_TEST_MODE says.
 */
#include "tests/plugins/sample_base.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_int inside;

/* Values that a static variable keeps for whoever is inside. */
static _Atomic double kept;
static _Atomic int64_t extent;

static double last_of(const dc_problem *p, const void *y)
{
    const int64_t count = p->n * p->co * volume(p, p->o);

    return count ? get(p, y, count - 1) : 0;
}

static void set_last(const dc_problem *p, void *y, double v)
{
    const int64_t count = p->n * p->co * volume(p, p->o);

    if (count)
        set(p, y, count - 1, v);
}

/* The last element goes through a static variable. */
static dc_status pass_through(const dc_problem *p, const void *x, const void *w,
                              const void *b, void *y)
{
    const dc_status status = forward(p, x, w, b, y);

    if (status != DC_OK)
        return status;
    atomic_store(&kept, last_of(p, y));
    atomic_store(&extent, p->i[p->rank - 1]);
    sched_yield();
    set_last(p, y,
             atomic_load(&extent) == p->i[p->rank - 1] ? atomic_load(&kept)
                                                       : 1000);
    return DC_OK;
}

/* Right whatever the other thread does: calls wait for each other. */
static dc_status locked(const dc_problem *p, const void *x, const void *w,
                        const void *b, void *y)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    dc_status status;

    pthread_mutex_lock(&lock);
    status = pass_through(p, x, w, b, y);
    pthread_mutex_unlock(&lock);
    return status;
}

/* Right: each thread has its own plan. */
static dc_status own_plan(const dc_problem *p, const void *x, const void *w,
                          const void *b, void *y)
{
    static _Thread_local dc_problem plan;

    if (memcmp(&plan, p, sizeof plan) != 0)
        plan = *p;
    sched_yield();
    return forward(&plan, x, w, b, y);
}

/* A context that belongs to the thread that made it. */
static dc_status bound(const dc_problem *p, const void *x, const void *w,
                       const void *b, void *y)
{
    static atomic_bool made;
    static _Thread_local bool here;

    if (!atomic_exchange(&made, true))
        here = true;
    return here ? forward(p, x, w, b, y) : DC_FAILED;
}

/* One unit more while two are inside: another order of the sums. */
static dc_status other_order(const dc_problem *p, const void *x, const void *w,
                             const void *b, void *y, bool shared)
{
    const dc_status status = forward(p, x, w, b, y);
    const double v = status == DC_OK ? last_of(p, y) : 0;

    if (status == DC_OK && shared)
        set_last(p, y,
                 p->dtype == DC_F32 ? nextafterf((float)v, INFINITY)
                                    : nextafter(v, INFINITY));
    return status;
}

static dc_status two(const dc_problem *p, const void *x, const void *w,
                     const void *b, void *y)
{
    const int others = atomic_fetch_add(&inside, 1);
    dc_status status;

    sched_yield();
    if (others && mode_is("aborts"))
        abort();
    if (others && mode_is("stray"))
        ((volatile char *)y)[(size_t)(p->n * p->co * volume(p, p->o)) *
                             (p->dtype == DC_F32 ? 4 : 8)] = 7;
    while (others && mode_is("hangs"))
        pause();
    status = other_order(p, x, w, b, y, others && mode_is("other-order"));
    atomic_fetch_sub(&inside, 1);
    return status;
}

const dc_impl *deconform_plugin(void)
{
    static dc_impl impl = {DC_ABI, "reentrant", "1",         supports,
                           two,    grad_input,  grad_weight, grad_bias};

    if (mode_is("locked"))
        impl.forward = locked;
    else if (mode_is("static"))
        impl.forward = pass_through;
    else if (mode_is("own-plan"))
        impl.forward = own_plan;
    else if (mode_is("bound"))
        impl.forward = bound;
    return &impl;
}
