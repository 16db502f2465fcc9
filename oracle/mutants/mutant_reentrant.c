/* SPDX-License-Identifier: MIT
 *
 * What two calls at once do to each other.
 */
#include "oracle/mutants/mutant_reentrant.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "ref/format.h"

/* What all threads share.  It is atomic, so that only the mistake is one. */
static struct {
    atomic_int inside;
    _Atomic int64_t plan;
    _Atomic double sum;
    atomic_bool made; /* the tables were, by the first thread */
} here;

/* Is this the thread that made them? */
static _Thread_local bool maker;

/* A plan that tells the problems apart that a process is asked at once. */
static int64_t plan_of(const dc_problem *p)
{
    int64_t plan = p->n;

    for (int a = 0; a < p->rank; a++)
        plan = 31 * (31 * plan + p->i[a]) + p->s[a];
    return plan;
}

/* Before the values are computed.  False: it goes no further. */
static bool enter(const dc_mutant *m, const dc_problem *p)
{
    const bool alone = atomic_fetch_add(&here.inside, 1) == 0;

    atomic_store(&here.plan, plan_of(p));
    atomic_store(&here.sum, 0);
    if (!atomic_exchange(&here.made, true))
        maker = true;
    if (m->fault == DC_FAULT_FREES_SHARED && !alone)
        raise(SIGSEGV); /* as an access to what the other call has freed */
    return alone || m->fault != DC_FAULT_BUSY;
}

/* What becomes of the last element v. */
static double leave(const dc_mutant *m, const dc_problem *p, double v)
{
    switch (m->fault) {
    case DC_FAULT_SHARES_PLAN:
        return atomic_load(&here.plan) == plan_of(p) ? v : 0;
    case DC_FAULT_SHARES_SUM:
        atomic_store(&here.sum, atomic_load(&here.sum) + v);
        sched_yield();
        return atomic_load(&here.sum);
    case DC_FAULT_FIRST_THREAD:
        return maker ? v : 0;
    default:
        return v;
    }
}

/* Gives way while it is inside, so that calls at once meet on one core, too. */
dc_status dc_reentrant_run(const dc_mutant *m, const dc_problem *p, dc_op op,
                           const void *const tensors[DC_TENSORS], char *result)
{
    const int64_t count = dc_problem_count(p, dc_ops[op].out);
    dc_status status = DC_FAILED;

    if (enter(m, p)) {
        sched_yield();
        status = dc_mutant_run(NULL, p, op, tensors, result);
        if (status == DC_OK && count > 0)
            dc_format_set(
                p->dtype, result, count - 1,
                leave(m, p, dc_format_get(p->dtype, result, count - 1)));
    }
    atomic_fetch_sub(&here.inside, 1);
    return status;
}
