/* SPDX-License-Identifier: MIT
 *
 * A mutant behind the plug-in table, with its fault: `--impl mutant:M016` is
 * judged like any other, in a host process, which may die of it.
 */
#include "oracle/mutants/mutant_late.h"
#include "oracle/mutants/mutant_memory.h"
#include "oracle/mutants/mutant_reentrant.h"
#include "oracle/mutants/mutant_state.h"

#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ref/format.h"

/* One call of the plug-in. */
typedef struct {
    const dc_mutant *m;
    const dc_problem *p;
    dc_op op;
    const void *tensors[DC_TENSORS];
    char *result;
    bool strikes; /* what m->history says */
} call;

/* The table of a plug-in has no room for a context, so the mutant and what it
 * keeps between calls are state of the process. */
static struct {
    const dc_mutant *hosted; /* set before the first call; NULL: clean */
    _Atomic int64_t calls;   /* that it altered; several at once count */
    dc_problem last;         /* of the previous altered call */
    dc_problem older; /* the problem that differs from `last` before it */
    bool refused;     /* an illegal problem */
    void *kept;       /* an input or the result of the previous call */
} here;

static dc_status compute(const call *c, const dc_mutant *m)
{
    return dc_mutant_run(m, c->p, c->op, c->tensors, c->result);
}

static bool same_problem(const call *c)
{
    return here.kept && dc_problem_equal(&here.last, c->p);
}

/* Keeps a copy of tensor t for the next call. */
static void keep(const call *c, dc_tensor t, const void *from)
{
    const size_t bytes = dc_problem_bytes(c->p, t);
    void *const copy = realloc(here.kept, bytes + 1);

    here.last = *c->p;
    if (!copy)
        return;
    here.kept = copy;
    if (bytes)
        memcpy(copy, from, bytes);
}

/* ==== Faults ============================================================= */

/* The input that the fault is about, and its size. */
static char *input(const call *c, size_t *bytes)
{
    const dc_tensor t = dc_ops[c->op].in[c->m->detail];

    *bytes = dc_problem_bytes(c->p, t);
    /* a fault may write to the const inputs */
    return (char *)(uintptr_t)c->tensors[t];
}

static dc_status reads(const call *c)
{
    size_t bytes;
    const volatile char *const at = input(c, &bytes);

    (void)(c->m->fault == DC_FAULT_READS_PAST ? at[bytes] : at[-1]);
    return compute(c, NULL);
}

static dc_status writes(const call *c)
{
    const dc_status status = compute(c, NULL);
    volatile char *const at = c->result;

    if (c->m->fault == DC_FAULT_WRITES_PAST)
        at[dc_problem_bytes(c->p, dc_ops[c->op].out)] = 0;
    else
        at[-1] = 0;
    return status;
}

static dc_status dies(const call *c)
{
    if (c->m->fault == DC_FAULT_EXITS)
        _exit(0);
    if (c->m->fault == DC_FAULT_ABORTS)
        abort();
    raise(SIGFPE);
    return DC_FAILED;
}

static dc_status needs_alignment(const call *c)
{
    const uintptr_t at = (uintptr_t)c->tensors[dc_ops[c->op].in[0]];

    if (at % (uintptr_t)c->m->detail != 0)
        raise(SIGSEGV); /* as an aligned load does */
    return compute(c, NULL);
}

static dc_status hangs(const call *c)
{
    (void)c;
    for (;;)
        pause();
    return DC_OK;
}

static dc_status changes_input(const call *c)
{
    const dc_status status = compute(c, NULL);
    const int dtype = c->p->dtype;
    size_t bytes;
    char *const at = input(c, &bytes);

    if (bytes)
        dc_format_set(dtype, at, 0, 1 - dc_format_get(dtype, at, 0));
    return status;
}

/* Answers without a result; the detail of DC_FAULT_ACCEPTS is DC_OK. */
static dc_status answers(const call *c)
{
    return (dc_status)c->m->detail;
}

static dc_status alternates(const call *c)
{
    const dc_mutant stored = {.ops = c->m->ops, .sum = DC_SUM_STORED};

    return compute(c, here.calls % 2 ? &stored : NULL);
}

/* Is the last element lost in this call?  No condition is in the problem alone;
 * again: the call before it had the same problem. */
static bool drops(const call *c, bool again)
{
    const uintptr_t at = (uintptr_t)c->result;
    const char *const threads = getenv("DECONFORM_THREADS");

    switch (c->m->fault) {
    case DC_FAULT_DROPS_THIRD_CALL:
        return here.calls % 3 == 0;
    case DC_FAULT_DROPS_IF_ALIGNED:
        return at % 64 == 0;
    case DC_FAULT_DROPS_IF_ODD:
        return at % (uintptr_t)c->m->detail != 0;
    case DC_FAULT_DROPS_ON_RETURN:
        return !again && dc_problem_equal(&here.older, c->p);
    case DC_FAULT_DROPS_BY_THREADS:
        return threads && atoi(threads) >= c->m->detail;
    default: /* DC_FAULT_LOSES_LAST */
        return c->strikes;
    }
}

static dc_status drops_last(const call *c)
{
    const bool again = dc_problem_equal(&here.last, c->p);
    const bool lost = drops(c, again);
    const dc_status status = compute(c, NULL);
    const int64_t count = dc_problem_count(c->p, dc_ops[c->op].out);

    if (!again) {
        here.older = here.last;
        here.last = *c->p;
    }
    if (status == DC_OK && count > 0 && lost)
        dc_format_set(c->p->dtype, c->result, count - 1, 0);
    return status;
}

/* Does the kept copy of tensor t look like its present contents? */
static bool looks_the_same(const call *c, dc_tensor t)
{
    const size_t bytes = dc_problem_bytes(c->p, t);
    const int64_t count = dc_problem_count(c->p, t);
    uint64_t difference = 0; /* of the sums of all bit patterns */

    if (c->m->fault == DC_FAULT_STALE_HEAD)
        return memcmp(here.kept, c->tensors[t], bytes < 16 ? bytes : 16) == 0;
    for (int64_t e = 0; c->m->fault == DC_FAULT_STALE_SUM && e < count; e++)
        difference += dc_format_bits(c->p->dtype, here.kept, e) -
                      dc_format_bits(c->p->dtype, c->tensors[t], e);
    return difference == 0;
}

static dc_status stale_input(const call *c)
{
    const dc_tensor t = dc_ops[c->op].in[c->m->detail];
    call stale = *c;

    if (!dc_op_takes(c->p, c->op, t))
        return compute(c, NULL);
    if (same_problem(c) && looks_the_same(c, t))
        stale.tensors[t] = here.kept;
    else
        keep(c, t, c->tensors[t]);
    return compute(&stale, NULL);
}

/* Rules that give stride and begin pads of the previous plan. */
static int64_t last_stride(const dc_problem *p, int a)
{
    (void)p;
    return here.last.s[a];
}

static int64_t last_pad(const dc_problem *p, int a)
{
    (void)p;
    return here.last.pb[a];
}

static dc_status stale_plan(const call *c)
{
    const dc_mutant stale = {
        .ops = c->m->ops, .s = last_stride, .pb = last_pad};

    if (here.last.rank == c->p->rank &&
        memcmp(here.last.k, c->p->k, sizeof c->p->k) == 0)
        return compute(c, &stale);
    here.last = *c->p;
    return compute(c, NULL);
}

static dc_status stale_result(const call *c)
{
    const int dtype = c->p->dtype;
    const int64_t count = dc_problem_count(c->p, dc_ops[c->op].out);
    const bool again = same_problem(c);
    const dc_status status = compute(c, NULL);

    for (int64_t e = 0; again && status == DC_OK && e < count; e++)
        dc_format_set(dtype, c->result, e,
                      dc_format_get(dtype, c->result, e) +
                          dc_format_get(dtype, here.kept, e));
    keep(c, dc_ops[c->op].out, c->result);
    return status;
}

/* Keeps the first 16 bytes of input 0 and then the result. */
static dc_status stale_answer(const call *c)
{
    const dc_tensor in = dc_ops[c->op].in[0];
    const size_t size = dc_problem_bytes(c->p, in);
    const size_t bytes = dc_problem_bytes(c->p, dc_ops[c->op].out);
    char head[16] = {0};
    dc_status status;
    char *more;

    memcpy(head, c->tensors[in], size < sizeof head ? size : sizeof head);
    if (same_problem(c) && memcmp(here.kept, head, sizeof head) == 0) {
        memcpy(c->result, (char *)here.kept + sizeof head, bytes);
        return DC_OK;
    }
    status = compute(c, NULL);
    more = realloc(here.kept, sizeof head + bytes);
    if (!more)
        return status;
    here.kept = more;
    here.last = *c->p;
    memcpy(more, head, sizeof head);
    memcpy(more + sizeof head, c->result, bytes);
    return status;
}

static dc_status touches_memory(const call *c)
{
    return dc_memory_run(c->m, c->p, c->op, c->tensors, c->result);
}

static dc_status shares(const call *c)
{
    return dc_reentrant_run(c->m, c->p, c->op, c->tensors, c->result);
}

static dc_status writes_late(const call *c)
{
    return dc_mutant_late_run(c->m, c->p, c->op, c->tensors, c->result);
}

static dc_status after_refusal(const call *c)
{
    const int64_t last = dc_problem_count(c->p, dc_ops[c->op].out) - 1;
    const bool refused = here.refused;
    dc_status status;

    here.refused &= c->m->detail == DC_OK;
    if (refused && c->m->detail != DC_OK)
        return (dc_status)c->m->detail;
    status = compute(c, NULL);
    if (refused && status == DC_OK && last >= 0)
        dc_format_set(c->p->dtype, c->result, last,
                      1 - dc_format_get(c->p->dtype, c->result, last));
    return status;
}

static dc_status no_fault(const call *c)
{
    return compute(c, c->m);
}

/* How each fault is carried out, and the check that notices it. */
static const struct {
    dc_status (*run)(const call *c);
    dc_check check;
} faults[DC_FAULTS] = {
    [DC_FAULT_NONE] = {no_fault, DC_CHECKS},
    [DC_FAULT_READS_PAST] = {reads, DC_CHECK_CRASHED},
    [DC_FAULT_READS_BEFORE] = {reads, DC_CHECK_CRASHED},
    [DC_FAULT_WRITES_PAST] = {writes, DC_CHECK_CRASHED},
    [DC_FAULT_WRITES_BEFORE] = {writes, DC_CHECK_CRASHED},
    [DC_FAULT_TRAPS] = {dies, DC_CHECK_CRASHED},
    [DC_FAULT_ABORTS] = {dies, DC_CHECK_CRASHED},
    [DC_FAULT_EXITS] = {dies, DC_CHECK_CRASHED},
    [DC_FAULT_NEEDS_ALIGNMENT] = {needs_alignment, DC_CHECK_CRASHED},
    [DC_FAULT_HANGS] = {hangs, DC_CHECK_HUNG},
    [DC_FAULT_CHANGES_INPUT] = {changes_input, DC_CHECK_INPUTS},
    [DC_FAULT_WRONG_STATUS] = {answers, DC_CHECK_STATUS},
    [DC_FAULT_REFUSES_ALONE] = {answers, DC_CHECK_LIMIT},
    [DC_FAULT_ALTERNATES] = {alternates, DC_CHECK_REPEAT},
    [DC_FAULT_DROPS_THIRD_CALL] = {drops_last, DC_CHECK_REPEAT},
    [DC_FAULT_STALE_INPUT] = {stale_input, DC_CHECK_DIFFERENCE},
    [DC_FAULT_STALE_PLAN] = {stale_plan, DC_CHECKS},
    [DC_FAULT_STALE_RESULT] = {stale_result, DC_CHECK_REPEAT},
    [DC_FAULT_DROPS_IF_ALIGNED] = {drops_last, DC_CHECKS},
    [DC_FAULT_DROPS_ON_RETURN] = {drops_last, DC_CHECKS},
    [DC_FAULT_DROPS_BY_THREADS] = {drops_last, DC_CHECKS},
    [DC_FAULT_ACCEPTS] = {answers, DC_CHECKS},
    [DC_FAULT_AFTER_REFUSAL] = {after_refusal, DC_CHECK_ALTERNATION},
    [DC_FAULT_LOSES_LAST] = {drops_last, DC_CHECK_SEQUENCE},
    [DC_FAULT_STALE_HEAD] = {stale_input, DC_CHECK_SEQUENCE},
    [DC_FAULT_STALE_SUM] = {stale_input, DC_CHECK_SEQUENCE},
    [DC_FAULT_STALE_ANSWER] = {stale_answer, DC_CHECK_SEQUENCE},
    [DC_FAULT_STORES_VECTOR] = {touches_memory, DC_CHECK_OUTSIDE},
    [DC_FAULT_STORES_BEFORE] = {touches_memory, DC_CHECK_OUTSIDE},
    [DC_FAULT_SPILLS_INPUT] = {touches_memory, DC_CHECK_OUTSIDE},
    [DC_FAULT_BORROWS_INPUT] = {touches_memory, DC_CHECK_INPUTS},
    [DC_FAULT_CHANGES_PROBLEM] = {touches_memory, DC_CHECK_OUTSIDE},
    [DC_FAULT_BORROWS_PROBLEM] = {touches_memory, DC_CHECK_INPUTS},
    [DC_FAULT_DROPS_IF_ODD] = {drops_last, DC_CHECKS},
    [DC_FAULT_SHARES_PLAN] = {shares, DC_CHECK_REENTRANT},
    [DC_FAULT_SHARES_SUM] = {shares, DC_CHECK_REENTRANT},
    [DC_FAULT_FREES_SHARED] = {shares, DC_CHECK_REENTRANT},
    [DC_FAULT_BUSY] = {shares, DC_CHECK_REENTRANT},
    [DC_FAULT_FIRST_THREAD] = {shares, DC_CHECK_REENTRANT},
    [DC_FAULT_LATE_RESULT] = {writes_late, DC_CHECK_LATE_WRITE},
    [DC_FAULT_LATE_INPUT] = {writes_late, DC_CHECK_LATE_WRITE},
    [DC_FAULT_LATE_PAST] = {writes_late, DC_CHECK_LATE_WRITE},
};

dc_check dc_mutant_check(const dc_mutant *m)
{
    return faults[m->fault].check;
}

/* Refuses an illegal problem, unless the mutant does not check for it. */
static dc_status refuse(const call *c)
{
    const dc_mutant *const m = c->m;

    if (!m || !(m->needs & DC_NEEDS_ILLEGAL) ||
        !dc_mutant_alters(m, c->p, c->op))
        return DC_INVALID;
    return faults[m->fault].run(c);
}

/* ==== The table ========================================================== */

static dc_status run(const dc_problem *p, dc_op op,
                     const void *const tensors[DC_TENSORS], void *result)
{
    call c = {.m = here.hosted, .p = p, .op = op, .result = result};

    memcpy(c.tensors, tensors, sizeof c.tensors);
    if (dc_problem_check(p, NULL) != DC_OK) {
        here.refused = true;
        return refuse(&c);
    }
    if (c.m && c.m->history)
        c.strikes = dc_mutant_state_strikes(c.m, p, op);
    if (!dc_mutant_alters(c.m, p, op))
        return compute(&c, NULL);
    here.calls++;
    return faults[c.m->fault].run(&c);
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    const void *tensors[DC_TENSORS] = {[DC_X] = x, [DC_W] = w, [DC_B] = b};

    return run(p, DC_FORWARD, tensors, y);
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    const void *tensors[DC_TENSORS] = {[DC_GY] = gy, [DC_W] = w};

    return run(p, DC_GRAD_INPUT, tensors, gx);
}

static dc_status grad_weight(const dc_problem *p, const void *gy, const void *x,
                             void *gw)
{
    const void *tensors[DC_TENSORS] = {[DC_GY] = gy, [DC_X] = x};

    return run(p, DC_GRAD_WEIGHT, tensors, gw);
}

static dc_status grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    const void *tensors[DC_TENSORS] = {[DC_GY] = gy};

    return run(p, DC_GRAD_BIAS, tensors, gb);
}

const dc_impl *dc_mutant_impl(const char *id)
{
    static const dc_impl table = {DC_ABI,  "mutant",   "0.1.0",     NULL,
                                  forward, grad_input, grad_weight, grad_bias};
    static const dc_impl late = {
        DC_ABI,  "mutant",   "0.1.0",     dc_mutant_late_supports,
        forward, grad_input, grad_weight, grad_bias};

    here.hosted = dc_mutant_find(id);
    if (!here.hosted && strcmp(id, "clean") != 0)
        return NULL;
    return dc_mutant_is_late(here.hosted) ? &late : &table;
}
