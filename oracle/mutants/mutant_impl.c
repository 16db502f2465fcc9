/* SPDX-License-Identifier: MIT
 *
 * dc_mutant_run behind the plug-in table, and what some mutants do beside
 * computing.  It all happens in a host process, which may die of it.
 */
#include "oracle/mutants/mutant_impl.h"

#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ref/format.h"

const char *const dc_fault_checks[DC_FAULTS] = {
    [DC_FAULT_READS_PAST] = "crashed",
    [DC_FAULT_READS_BEFORE] = "crashed",
    [DC_FAULT_WRITES_PAST] = "crashed",
    [DC_FAULT_WRITES_BEFORE] = "crashed",
    [DC_FAULT_TRAPS] = "crashed",
    [DC_FAULT_ABORTS] = "crashed",
    [DC_FAULT_EXITS] = "crashed",
    [DC_FAULT_ALIGNED] = "crashed",
    [DC_FAULT_HANGS] = "hung",
    [DC_FAULT_SPOILS] = "inputs",
    [DC_FAULT_ANSWERS] = "status",
    [DC_FAULT_ALTERNATES] = "repeat",
    [DC_FAULT_LOSES] = "repeat",
    [DC_FAULT_KEEPS_INPUT] = "finite difference",
    [DC_FAULT_KEEPS_RESULT] = "repeat",
};

/* One call of the plug-in. */
typedef struct {
    const dc_mutant *m;
    const dc_problem *p;
    dc_op op;
    const void *tensors[DC_TENSORS];
    char *result;
} call;

/* What a process that hosts a mutant remembers: the table of a plug-in has no
 * room for a context.  `hosted` is set once, before the first call. */
static struct {
    const dc_mutant *hosted; /* NULL: clean */
    int64_t calls;
    dc_problem before; /* of the last altered call */
    dc_problem older;  /* ... that was before another one */
    void *kept;        /* its input or its result */
    size_t bytes;
} here;

static size_t bytes_of(const call *c, dc_tensor t)
{
    return (size_t)dc_problem_count(c->p, t) *
           (size_t)dc_formats[c->p->dtype].size;
}

static dc_status compute(const call *c, const dc_mutant *m)
{
    return dc_mutant_run(m, c->p, c->op, c->tensors, c->result);
}

/* Is what was kept that of the same problem? */
static int same_problem(const call *c)
{
    return here.kept && dc_problem_equal(&here.before, c->p);
}

/* Keeps a copy for the next call. */
static void keep(const call *c, const void *from, size_t bytes)
{
    void *const room = realloc(here.kept, bytes + 1);

    here.before = *c->p;
    here.bytes = bytes;
    if (!room)
        return;
    here.kept = room;
    if (bytes)
        memcpy(room, from, bytes);
}

/* ==== Conducts: the call in whole ======================================== */

/* The tensor that a conduct is about, and its size. */
static char *input(const call *c, int detail, size_t *bytes)
{
    const dc_tensor t = dc_ops[c->op].in[detail];

    *bytes = bytes_of(c, t);
    /* inputs are const for everybody but those that spoil them */
    return (char *)(uintptr_t)c->tensors[t];
}

static dc_status reads(const call *c)
{
    size_t bytes;
    const volatile char *const at = input(c, c->m->detail, &bytes);

    (void)(c->m->conduct == DC_FAULT_READS_PAST ? at[bytes] : at[-1]);
    return compute(c, NULL);
}

static dc_status writes(const call *c)
{
    const dc_status status = compute(c, NULL);
    volatile char *const at = c->result;

    if (c->m->conduct == DC_FAULT_WRITES_PAST)
        at[bytes_of(c, dc_ops[c->op].out)] = 0;
    else
        at[-1] = 0;
    return status;
}

static dc_status dies(const call *c)
{
    if (c->m->conduct == DC_FAULT_EXITS)
        _exit(0);
    if (c->m->conduct == DC_FAULT_ABORTS)
        abort();
    raise(SIGFPE);
    return DC_FAILED;
}

static dc_status faults(const call *c)
{
    size_t bytes;

    if ((uintptr_t)input(c, 0, &bytes) % (uintptr_t)c->m->detail != 0)
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

static dc_status spoils(const call *c)
{
    const dc_status status = compute(c, NULL);
    const int dtype = c->p->dtype;
    size_t bytes;
    char *const at = input(c, c->m->detail, &bytes);

    if (bytes)
        dc_format_set(dtype, at, 0, 1 - dc_format_get(dtype, at, 0));
    return status;
}

static dc_status answers(const call *c)
{
    return (dc_status)c->m->detail;
}

static dc_status alternates(const call *c)
{
    const dc_mutant stored = {.ops = c->m->ops, .sum = DC_SUM_STORED};

    return compute(c, here.calls % 2 ? &stored : NULL);
}

/* Computes, but for the last element where `lost` is set. */
static dc_status compute_most(const call *c, int lost)
{
    const dc_status status = compute(c, NULL);
    const int64_t count = dc_problem_count(c->p, dc_ops[c->op].out);

    if (status == DC_OK && count > 0 && lost)
        dc_format_set(c->p->dtype, c->result, count - 1, 0);
    return status;
}

static dc_status loses(const call *c)
{
    return compute_most(c, here.calls % 3 == 0);
}

static dc_status keeps_input(const call *c)
{
    const dc_tensor t = dc_ops[c->op].in[c->m->detail];
    call stale = *c;

    if (!dc_op_takes(c->p, c->op, t))
        return compute(c, NULL);
    if (same_problem(c))
        stale.tensors[t] = here.kept;
    else
        keep(c, c->tensors[t], bytes_of(c, t));
    return compute(&stale, NULL);
}

/* stride and begin pads of the plan before, for dc_mutant_run */
static int64_t stride_before(const dc_problem *p, int a)
{
    (void)p;
    return here.before.s[a];
}

static int64_t pad_before(const dc_problem *p, int a)
{
    (void)p;
    return here.before.pb[a];
}

static dc_status keeps_plan(const call *c)
{
    const dc_mutant stale = {
        .ops = c->m->ops, .s = stride_before, .pb = pad_before};

    if (here.before.rank == c->p->rank &&
        memcmp(here.before.k, c->p->k, sizeof c->p->k) == 0)
        return compute(c, &stale);
    here.before = *c->p;
    return compute(c, NULL);
}

static dc_status keeps_result(const call *c)
{
    const int dtype = c->p->dtype;
    const int64_t count = dc_problem_count(c->p, dc_ops[c->op].out);
    const int again = same_problem(c);
    const dc_status status = compute(c, NULL);

    for (int64_t e = 0; again && status == DC_OK && e < count; e++)
        dc_format_set(dtype, c->result, e,
                      dc_format_get(dtype, c->result, e) +
                          dc_format_get(dtype, here.kept, e));
    keep(c, c->result, bytes_of(c, dc_ops[c->op].out));
    return status;
}

static dc_status unrolls(const call *c)
{
    return compute_most(c, (uintptr_t)c->result % 64 == 0);
}

/* The plan before the last one is there still, but not whole. */
static dc_status returns(const call *c)
{
    const int again = dc_problem_equal(&here.before, c->p);
    const int back = !again && dc_problem_equal(&here.older, c->p);

    if (!again) {
        here.older = here.before;
        here.before = *c->p;
    }
    return compute_most(c, back);
}

/* With so many threads or more the last element is nobody's. */
static dc_status races(const call *c)
{
    const char *const threads = getenv("DECONFORM_THREADS");

    return compute_most(c, threads && atoi(threads) >= c->m->detail);
}

static dc_status accepts(const call *c)
{
    (void)c;
    return DC_OK;
}

static dc_status behaves(const call *c)
{
    return compute(c, c->m);
}

static dc_status (*const conducts[DC_FAULTS])(const call *c) = {
    [DC_FAULT_NONE] = behaves,
    [DC_FAULT_READS_PAST] = reads,
    [DC_FAULT_READS_BEFORE] = reads,
    [DC_FAULT_WRITES_PAST] = writes,
    [DC_FAULT_WRITES_BEFORE] = writes,
    [DC_FAULT_TRAPS] = dies,
    [DC_FAULT_ABORTS] = dies,
    [DC_FAULT_EXITS] = dies,
    [DC_FAULT_ALIGNED] = faults,
    [DC_FAULT_HANGS] = hangs,
    [DC_FAULT_SPOILS] = spoils,
    [DC_FAULT_ANSWERS] = answers,
    [DC_FAULT_ALTERNATES] = alternates,
    [DC_FAULT_LOSES] = loses,
    [DC_FAULT_KEEPS_INPUT] = keeps_input,
    [DC_FAULT_KEEPS_PLAN] = keeps_plan,
    [DC_FAULT_KEEPS_RESULT] = keeps_result,
    [DC_FAULT_UNROLLS] = unrolls,
    [DC_FAULT_RETURNS] = returns,
    [DC_FAULT_RACES] = races,
    [DC_FAULT_ACCEPTS] = accepts,
};

/* An illegal problem: refused, but by those who do not check it. */
static dc_status refuses(const call *c)
{
    const dc_mutant *const m = c->m;

    if (!m || !(m->needs & DC_NEEDS_ILLEGAL) ||
        !dc_mutant_alters(m, c->p, c->op))
        return DC_INVALID;
    return conducts[m->conduct](c);
}

/* ==== The table ========================================================== */

static dc_status run(const dc_problem *p, dc_op op,
                     const void *const tensors[DC_TENSORS], void *result)
{
    call c = {.m = here.hosted, .p = p, .op = op, .result = result};

    memcpy(c.tensors, tensors, sizeof c.tensors);
    if (dc_problem_check(p, NULL) != DC_OK)
        return refuses(&c);
    if (!dc_mutant_alters(c.m, p, op))
        return compute(&c, NULL);
    here.calls++;
    return conducts[c.m->conduct](&c);
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

const dc_mutant *dc_mutant_find(const char *id)
{
    for (int m = 0; m < dc_mutants_count; m++)
        if (strcmp(dc_mutants[m].id, id) == 0)
            return &dc_mutants[m];
    return NULL;
}

const dc_impl *dc_mutant_impl(const char *id)
{
    static const dc_impl table = {DC_ABI,  "mutant",   "0.1.0",     NULL,
                                  forward, grad_input, grad_weight, grad_bias};

    here.hosted = dc_mutant_find(id);
    return here.hosted || strcmp(id, "clean") == 0 ? &table : NULL;
}
