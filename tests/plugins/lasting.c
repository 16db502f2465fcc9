/* SPDX-License-Identifier: MIT
 *
 * A right implementation whose calls have an effect that lasts: DC_TEST_MODE
 * says whether it writes, or ends the process, after it has returned, or keeps
 * memory.
 */
#include <pthread.h>
#include <unistd.h>

#include "tests/plugins/sample_base.h"

static const dc_impl *base;

/* ==== Writing late ======================================================= */

static volatile unsigned char *target;

/* Writes the last byte of the first element of a result, changed or not. */
static void *write_late(void *mode)
{
    usleep(2000);
    if (mode_is("dies"))
        _exit(3);
    *target = (unsigned char)(*target ^ (mode ? 0x01 : 0));
    return NULL;
}

/* The host makes four calls, and looks at what the last one leaves. */
static void start_writer(const dc_problem *p, void *result, int calls)
{
    pthread_t thread;

    if (calls % 4 ||
        (!mode_is("late") && !mode_is("late-same") && !mode_is("dies")))
        return;
    target = (unsigned char *)result + (p->dtype == DC_F32 ? 3 : 7);
    if (pthread_create(&thread, NULL, write_late,
                       mode_is("late") ? &target : NULL))
        abort();
    pthread_detach(thread);
}

/* ==== Keeping memory ===================================================== */

enum { LEAK = 4096, PLAN = 1 << 16, PLANS = 4096, JUMP = 8 << 20 };

static void *volatile kept;

/* Allocates and writes memory that nobody frees. */
static void keep(size_t bytes)
{
    void *const memory = malloc(bytes);

    if (!memory)
        abort();
    memset(memory, 1, bytes);
    kept = memory;
}

/* A plan for each problem that was not met before. */
static void plan(const dc_problem *p)
{
    static dc_problem known[PLANS];
    static int count;
    int k = 0;

    while (k < count && memcmp(&known[k], p, sizeof *p))
        k++;
    if (k < count || count == PLANS)
        return;
    known[count++] = *p;
    keep(PLAN);
}

static void keep_memory(const dc_problem *p)
{
    static int calls;

    calls++;
    if (mode_is("leak"))
        keep(LEAK);
    else if (mode_is("plans"))
        plan(p);
    else if (mode_is("jump") && calls % 100 == 0)
        keep(JUMP);
}

/* ==== The table ========================================================== */

static dc_status lasting_forward(const dc_problem *p, const void *x,
                                 const void *w, const void *b, void *y)
{
    keep_memory(p);
    return base->forward(p, x, w, b, y);
}

static dc_status lasting_grad_input(const dc_problem *p, const void *gy,
                                    const void *w, void *gx)
{
    keep_memory(p);
    return base->grad_input(p, gy, w, gx);
}

static dc_status lasting_grad_bias(const dc_problem *p, const void *gy,
                                   void *gb)
{
    static int calls;
    const dc_status status = base->grad_bias(p, gy, gb);

    if (status == DC_OK && p->co > 0)
        start_writer(p, gb, ++calls);
    return status;
}

const dc_impl *deconform_plugin(void)
{
    static dc_impl impl;

    base = sample_plugin();
    impl = *base;
    impl.name = "lasting";
    impl.forward = lasting_forward;
    impl.grad_input = lasting_grad_input;
    impl.grad_bias = lasting_grad_bias;
    return &impl;
}
