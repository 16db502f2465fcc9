/* SPDX-License-Identifier: MIT
 *
 * Guarded calls: the poisons, the placements, and what is compared afterwards.
 */
#include "oracle/subject/guard_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/base/clock.h"
#include "ref/format.h"
#include "ref/call.h"

/* Calls of at most this many products, bytes of tensors and seconds for three
 * of them may be made more often. */
static const int64_t CHEAP_PRODUCTS = 1 << 20;
static const size_t CHEAP_BYTES = 1 << 20;
static const double CHEAP_SECONDS = 0.5;

enum { REFUSED_BYTES = 64 }; /* of a tensor of an illegal problem */

static dc_status open_memory(dc_guard_memory *m, const dc_canaries *canaries,
                             dc_error *e)
{
    for (int i = 0; i < DC_GUARD_SLOTS; i++)
        m->slots[i].canaries = canaries;
    m->problem.canaries = canaries;
    return dc_region_reserve(&m->problem, DC_TENSORS, sizeof(dc_problem), e);
}

static void close_memory(dc_guard_memory *m)
{
    for (int i = 0; i < DC_GUARD_SLOTS; i++)
        dc_region_free(&m->slots[i]);
    dc_region_free(&m->problem);
}

dc_status dc_guard_open(dc_guard **guard, dc_error *e)
{
    dc_guard *const g = *guard = calloc(1, sizeof *g);

    if (!g)
        return dc_nomem(e);
    dc_canaries_make(&g->canaries);
    if (open_memory(&g->memory, &g->canaries, e) != DC_OK ||
        open_memory(&g->second, &g->canaries, e) != DC_OK) {
        dc_guard_close(g);
        *guard = NULL;
        return DC_NOMEM;
    }
    return DC_OK;
}

void dc_guard_close(dc_guard *guard)
{
    if (!guard)
        return;
    close_memory(&guard->memory);
    close_memory(&guard->second);
    free(guard);
}

dc_status dc_guard_reserve(dc_guard_memory *m, const dc_guard_request *r,
                           bool illegal, dc_error *e)
{
    const dc_op_info *info = &dc_ops[r->op];
    dc_status status = DC_OK;

    m->used = 0;
    for (int a = 0; a <= info->takes && status == DC_OK; a++) {
        const dc_tensor t = a < info->takes ? info->in[a] : info->out;

        if (a == info->takes || dc_op_takes(r->p, r->op, t))
            status = dc_region_reserve(
                &m->slots[m->used++], t,
                illegal ? REFUSED_BYTES : dc_problem_bytes(r->p, t), e);
    }
    return status;
}

/* ==== One call =========================================================== */

dc_status dc_guard_known(dc_status status)
{
    return (unsigned)status > DC_FAILED ? DC_FAILED : status;
}

/* A copy of the problem for the implementation, which must not be changed. */
static const dc_problem *place_problem(dc_guard_memory *m, const dc_problem *p)
{
    dc_region_place(&m->problem, DC_AT_END, 1);
    return memcpy(m->problem.at, p, sizeof *p);
}

bool dc_guard_problem_stray(const dc_guard_memory *m, const dc_problem *p,
                            dc_stray *stray)
{
    const char *const want = (const char *)p;
    const char *const now = m->problem.at;
    size_t b = 0;

    if (dc_region_stray(&m->problem, stray))
        return true;
    while (b < sizeof *p && now[b] == want[b])
        b++;
    if (b == sizeof *p)
        return false;
    *stray = dc_region_where(&m->problem, now + b);
    stray->old = (unsigned char)want[b];
    stray->now = (unsigned char)now[b];
    return true;
}

dc_status dc_guard_ask_supports(dc_guard *guard, const dc_guard_request *r,
                                dc_stray *stray)
{
    const dc_problem *const p = place_problem(&guard->memory, r->p);
    dc_status status;

    if (!dc_call_offers(r->impl, r->op))
        return DC_UNSUPPORTED;
    if (!r->impl->supports)
        return DC_OK;
    status = r->impl->supports(p);
    if (!stray->side)
        dc_guard_problem_stray(&guard->memory, r->p, stray);
    return status;
}

dc_status dc_guard_supports(dc_guard *guard, const dc_guard_request *r,
                            dc_answer *answer)
{
    dc_status status;

    guard->memory.used = 0;
    dc_guard_look(guard, &answer->late);
    guard->copies.problem = false;
    status = dc_guard_ask_supports(guard, r, &answer->stray);
    dc_guard_look(guard, &answer->late);
    guard->copies.kept = false;
    return status;
}

static dc_region *result_of(dc_guard_memory *m)
{
    return &m->slots[m->used - 1];
}

/* Calls with the tensors at their current places; locked: where the inputs and
 * the problem cannot be written. */
static dc_status call_placed(dc_guard_memory *m, const dc_guard_request *r,
                             bool locked)
{
    const dc_problem *p = place_problem(m, r->p);
    const void *in[3] = {NULL};

    for (int a = 0; a < m->used - 1; a++)
        in[a] = locked ? dc_region_locked(&m->slots[a]) : m->slots[a].at;
    if (locked)
        p = (const void *)dc_region_locked(&m->problem);
    return dc_call(r->impl, p, r->op, in, result_of(m)->at);
}

/* Places the tensors and poisons the result. */
static void prepare(dc_guard_memory *m, const dc_guard_request *r,
                    const dc_guard_manner *how)
{
    const size_t size = (size_t)dc_formats[r->p->dtype].size;
    dc_region *const out = result_of(m);

    for (dc_region *s = m->slots; s <= out; s++) {
        dc_region_place(s, s == out ? how->result : how->inputs, size);
        if (s == out)
            memset(s->at, how->poison, s->bytes);
        else if (s->bytes)
            memcpy(s->at, r->tensors[s->tensor], s->bytes);
    }
}

/* Notes the first input that the call changed, and the first byte outside. */
static void look_around(const dc_guard_memory *m, const dc_guard_request *r,
                        dc_answer *answer)
{
    for (int i = 0; i < m->used; i++) {
        const dc_region *const s = &m->slots[i];

        if (i < m->used - 1 && s->bytes && answer->tensor == DC_TENSORS &&
            memcmp(s->at, r->tensors[s->tensor], s->bytes))
            answer->tensor = s->tensor;
        if (!answer->stray.side)
            dc_region_stray(s, &answer->stray);
    }
    if (!answer->stray.side)
        dc_guard_problem_stray(m, r->p, &answer->stray);
}

/* Read-only inputs tell of a write that is taken back.  Once another one was
 * found they would end the process for what is already known. */
dc_status dc_guard_run(dc_guard_memory *m, const dc_guard_request *r,
                       const dc_guard_manner *how, dc_answer *answer)
{
    const bool locked =
        how->read_only && answer->tensor == DC_TENSORS && !answer->stray.side;
    dc_status status;

    prepare(m, r, how);
    if (how->meeting)
        dc_guard_meet(how->meeting);
    status = call_placed(m, r, locked);
    answer->calls++;
    if (r->around)
        answer->left |= dc_surroundings_float(r->around);
    look_around(m, r, answer);
    return status;
}

/* ==== The calls of one request =========================================== */

bool dc_guard_all_bytes(const char *at, size_t size, int byte)
{
    size_t b = 0;

    while (b < size && (unsigned char)at[b] == byte)
        b++;
    return b == size;
}

/* An element that kept poison A in the first result and B in the second was
 * never written; any other must be the same in the second and the third. */
static void compare(const char *first, const char *second, const char *third,
                    size_t bytes, size_t size, dc_answer *answer)
{
    for (size_t i = 0; i < bytes / size; i++) {
        const size_t at = i * size;

        if (dc_guard_all_bytes(first + at, size, DC_POISON_A) &&
            dc_guard_all_bytes(second + at, size, DC_POISON_B)) {
            if (answer->unwritten < 0)
                answer->unwritten = (int64_t)i;
        } else if (memcmp(second + at, third + at, size)) {
            if (answer->repeat < 0)
                answer->repeat = (int64_t)i;
        }
    }
}

void dc_guard_keep_farther(int dtype, const char *first, char *second,
                           const char *fourth, size_t bytes)
{
    const size_t size = (size_t)dc_formats[dtype].size;

    if (!bytes || !memcmp(second, fourth, bytes))
        return;
    for (size_t i = 0; i < bytes / size; i++) {
        const double a = dc_format_get(dtype, first, (int64_t)i);
        const double b = dc_format_get(dtype, second, (int64_t)i);
        const double c = dc_format_get(dtype, fourth, (int64_t)i);

        if (!(fabs(c - a) <= fabs(b - a)))
            memcpy(second + i * size, fourth + i * size, size);
    }
}

void dc_guard_refused(dc_answer *answer, dc_status status, int k)
{
    answer->status = DC_FAILED;
    if (k > 1)
        snprintf(answer->reason, sizeof answer->reason,
                 "answered OK to call 1 and %s to call %d of the same",
                 dc_status_name(status), k);
    else if ((unsigned)status > DC_FAILED)
        snprintf(answer->reason, sizeof answer->reason,
                 "answered status %d, which is none", (int)status);
    else
        answer->status = status;
}

/* Nothing to report yet?  Further calls would only say it again. */
static bool is_clean(const dc_answer *a)
{
    return a->status == DC_OK && a->unwritten < 0 && a->repeat < 0 &&
           a->tensor == DC_TENSORS && !a->stray.side;
}

/* Is a call of r cheap enough to be made more often than three times?  seconds:
 * what the three took. */
static bool is_cheap(const dc_guard_memory *m, const dc_problem *p,
                     double seconds)
{
    int64_t products = dc_problem_count(p, DC_W) * p->n;
    size_t bytes = 0;

    for (int a = 0; a < p->rank; a++)
        if (__builtin_mul_overflow(products, p->i[a], &products))
            return false;
    for (int i = 0; i < m->used; i++)
        bytes += m->slots[i].bytes;
    return products <= CHEAP_PRODUCTS && bytes <= CHEAP_BYTES &&
           seconds < CHEAP_SECONDS;
}

/* Makes calls 1 to 3; `second` receives the result of call 2. */
static void call_thrice(dc_guard_memory *m, const dc_guard_request *r,
                        char *first, char *second, dc_answer *answer)
{
    static const dc_guard_manner calls[] = {
        {DC_AT_END, DC_AT_END, DC_POISON_A, false, NULL},
        {DC_AT_BEGIN, DC_AT_BEGIN, DC_POISON_B, false, NULL},
        {DC_AT_BEGIN, DC_AT_BEGIN, DC_POISON_A, true, NULL},
    };
    const dc_region *const out = result_of(m);
    char *const keep[] = {first, second, NULL};

    for (int k = 0; k < 3; k++) {
        const dc_status status = dc_guard_run(m, r, &calls[k], answer);

        if (status != DC_OK) {
            dc_guard_refused(answer, status, k + 1);
            return;
        }
        if (keep[k] && out->bytes)
            memcpy(keep[k], out->at, out->bytes);
    }
    answer->runs = 2;
    compare(first, second, out->at, out->bytes,
            (size_t)dc_formats[r->p->dtype].size, answer);
}

/* Makes call 4.  For every other problem the result is aligned to 64 bytes
 * while the inputs are not. */
static void call_odd(dc_guard_memory *m, const dc_guard_request *r,
                     const char *first, char *second, dc_answer *answer)
{
    const int64_t parity = dc_problem_count(r->p, dc_ops[r->op].out) + r->p->ci;
    const dc_guard_manner odd = {DC_AT_ODD, parity % 2 ? DC_AT_LINE : DC_AT_ODD,
                                 DC_POISON_B, false, NULL};
    const dc_region *const out = result_of(m);
    const dc_status status = dc_guard_run(m, r, &odd, answer);

    if (status == DC_OK) {
        dc_guard_keep_farther(r->p->dtype, first, second, out->at, out->bytes);
        return;
    }
    answer->runs = 0;
    dc_guard_refused(answer, status, 4);
}

static void call_all(dc_guard *guard, const dc_guard_request *r, char *first,
                     char *second, dc_answer *answer)
{
    dc_guard_memory *const m = &guard->memory;
    const double start = dc_clock_now();

    call_thrice(m, r, first, second, answer);
    dc_guard_find_added(m, r, first, answer);
    if (is_clean(answer) && is_cheap(m, r->p, dc_clock_now() - start))
        call_odd(m, r, first, second, answer);
}

dc_status dc_guard_call(dc_guard *guard, const dc_guard_request *r,
                        void *const result[2], dc_answer *answer, dc_error *e)
{
    dc_problem p = *r->p;
    const dc_guard_request call = {r->impl,    &p,        r->op,
                                   r->tensors, r->around, r->reentrant};
    char *second = result[1];
    dc_status status = DC_OK;

    *answer = dc_endpoint_blank();
    p.size = sizeof p;
    answer->status = dc_guard_supports(guard, &call, answer);
    if (answer->status != DC_OK) {
        if (dc_call_offers(r->impl, r->op))
            snprintf(answer->reason, sizeof answer->reason,
                     "supports() answered %s", dc_status_name(answer->status));
        else
            snprintf(answer->reason, sizeof answer->reason, "offers no %s",
                     dc_ops[r->op].name);
        answer->status = dc_guard_known(answer->status);
        return DC_OK;
    }
    if (dc_guard_reserve(&guard->memory, &call, false, e) != DC_OK)
        return DC_NOMEM;
    if (!second)
        second = malloc(dc_problem_bytes(&p, dc_ops[r->op].out) + 1);
    if (!second)
        return dc_nomem(e);
    call_all(guard, &call, result[0], second, answer);
    if (call.reentrant && is_clean(answer))
        status = dc_guard_pair(guard, &call, result[0], second, answer, e);
    dc_guard_remember(guard, &p, answer);
    if (second != result[1])
        free(second);
    return status;
}

dc_status dc_guard_refuse(dc_guard *guard, const dc_guard_request *r,
                          dc_answer *answer, dc_error *e)
{
    dc_guard_memory *const m = &guard->memory;

    *answer = dc_endpoint_blank();
    answer->status = dc_guard_supports(guard, r, answer);
    if (dc_guard_reserve(m, r, true, e) != DC_OK)
        return DC_NOMEM;
    for (int i = 0; i < m->used; i++) {
        dc_region_place(&m->slots[i], DC_AT_END, 1);
        memset(m->slots[i].at, 0, REFUSED_BYTES);
    }
    if (answer->status == DC_OK)
        answer->status = call_placed(m, r, false);
    answer->status = dc_guard_known(answer->status);
    return DC_OK;
}

/* ==== In a signal handler ================================================ */

static dc_stray find(const dc_guard_memory *m, const void *address)
{
    dc_stray place = {.tensor = DC_TENSORS};

    for (int i = 0; i < m->used && !place.side; i++)
        place = dc_region_where(&m->slots[i], address);
    return place.side ? place : dc_region_where(&m->problem, address);
}

dc_stray dc_guard_where(const dc_guard *guard, const void *address)
{
    dc_stray place = {.tensor = DC_TENSORS};

    if (guard)
        place = find(&guard->memory, address);
    if (guard && !place.side)
        place = find(&guard->second, address);
    return place;
}
