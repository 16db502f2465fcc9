/* SPDX-License-Identifier: MIT
 *
 * Guarded calls: the placement of tensors, the poisons, and the comparison of
 * the three results.
 */
#include "oracle/subject/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ref/format.h"
#include "ref/call.h"

/* Wide, because a wrong stride misses by rows and not by elements; no memory
 * ever backs it. */
static const size_t GUARD_BYTES = (size_t)1 << 20;

/* A is a NaN in every format, B is finite in every format; no byte of A
 * equals a byte of B. */
enum { POISON_A = 0xff, POISON_B = 0x55 };

enum { REFUSED_BYTES = 64 }; /* of a tensor of an illegal problem */

enum { SLOTS = 4 }; /* three inputs and the result */

/* A mapping [guard | accessible bytes | guard] with one tensor in it. */
typedef struct {
    char *map;
    size_t mapped;
    char *open; /* the accessible bytes */
    size_t capacity;
    char *at; /* the tensor */
    size_t bytes;
    dc_tensor tensor;
} slot;

struct dc_guard {
    size_t page;
    int used; /* slots of the current call; the result is the last */
    slot slots[SLOTS];
};

dc_status dc_guard_open(dc_guard **guard, dc_error *e)
{
    *guard = calloc(1, sizeof **guard);
    if (!*guard)
        return dc_nomem(e);
    (*guard)->page = (size_t)sysconf(_SC_PAGESIZE);
    return DC_OK;
}

static void slot_unmap(slot *s)
{
    if (s->map)
        munmap(s->map, s->mapped);
    s->map = NULL;
    s->capacity = 0;
}

void dc_guard_close(dc_guard *guard)
{
    if (!guard)
        return;
    for (int i = 0; i < SLOTS; i++)
        slot_unmap(&guard->slots[i]);
    free(guard);
}

/* Gives the next slot to a tensor.  A mapping grows by half at least, so that a
 * sweep of growing cases does not map again for each of them. */
static dc_status reserve(dc_guard *guard, dc_tensor tensor, size_t bytes,
                         dc_error *e)
{
    slot *s = &guard->slots[guard->used++];
    size_t capacity = s->capacity + s->capacity / 2;

    s->tensor = tensor;
    s->bytes = bytes;
    if (s->map && bytes <= s->capacity)
        return DC_OK;
    slot_unmap(s);
    capacity = bytes > capacity ? bytes : capacity;
    capacity = (capacity / guard->page + 1) * guard->page;
    s->mapped = capacity + 2 * GUARD_BYTES;
    s->map = mmap(NULL, s->mapped, PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s->map == MAP_FAILED)
        s->map = NULL;
    if (!s->map ||
        mprotect(s->map + GUARD_BYTES, capacity, PROT_READ | PROT_WRITE)) {
        slot_unmap(s);
        return dc_error_set(e, DC_NOMEM, NULL, -1,
                            "out of memory: no %zu bytes between guards",
                            bytes);
    }
    s->open = s->map + GUARD_BYTES;
    s->capacity = capacity;
    return DC_OK;
}

static void place_tensor(slot *s, bool at_end)
{
    s->at = at_end || !s->bytes ? s->open + s->capacity - s->bytes : s->open;
}

/* One call with the tensors at their current places.  The problem is a copy,
 * because the next call must not see what this one may do to it. */
static dc_status call_once(const dc_guard *guard, const dc_guard_request *r)
{
    dc_problem p = *r->p;
    const void *in[3] = {NULL};

    for (int a = 0; a < guard->used - 1; a++)
        in[a] = guard->slots[a].at;
    return dc_call(r->impl, &p, r->op, in, guard->slots[guard->used - 1].at);
}

/* Places the tensors, poisons the result, calls, and compares the inputs. */
static dc_status run(dc_guard *guard, const dc_guard_request *r, bool at_end,
                     int poison, dc_answer *answer)
{
    slot *out = &guard->slots[guard->used - 1];
    dc_status status;

    for (slot *s = guard->slots; s <= out; s++) {
        place_tensor(s, at_end);
        if (s == out)
            memset(s->at, poison, s->bytes);
        else if (s->bytes)
            memcpy(s->at, r->tensors[s->tensor], s->bytes);
    }
    status = call_once(guard, r);
    for (const slot *s = guard->slots; s < out; s++)
        if (s->bytes && memcmp(s->at, r->tensors[s->tensor], s->bytes) &&
            answer->tensor == DC_TENSORS)
            answer->tensor = s->tensor;
    return status;
}

static bool all_bytes(const char *at, size_t size, int byte)
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

        if (all_bytes(first + at, size, POISON_A) &&
            all_bytes(second + at, size, POISON_B)) {
            if (answer->unwritten < 0)
                answer->unwritten = (int64_t)i;
        } else if (memcmp(second + at, third + at, size)) {
            if (answer->repeat < 0)
                answer->repeat = (int64_t)i;
        }
    }
}

/* Notes that call k of three had a status other than DC_OK. */
static void refused(dc_answer *answer, dc_status status, int k)
{
    answer->status = DC_FAILED;
    if (k > 0)
        snprintf(answer->reason, sizeof answer->reason,
                 "answered OK to call 1 and %s to call %d of the same",
                 dc_status_name(status), k + 1);
    else if ((unsigned)status > DC_FAILED)
        snprintf(answer->reason, sizeof answer->reason,
                 "answered status %d, which is none", (int)status);
    else
        answer->status = status;
}

/* The three calls; `second` receives the result of call 2. */
static void call_thrice(dc_guard *guard, const dc_guard_request *r, char *first,
                        char *second, dc_answer *answer)
{
    static const struct {
        bool at_end;
        int poison;
    } calls[] = {{true, POISON_A}, {false, POISON_B}, {false, POISON_A}};
    const slot *out = &guard->slots[guard->used - 1];
    char *const keep[] = {first, second, NULL};

    for (int k = 0; k < 3; k++) {
        const dc_status status =
            run(guard, r, calls[k].at_end, calls[k].poison, answer);

        if (status != DC_OK) {
            refused(answer, status, k);
            return;
        }
        if (keep[k] && out->bytes)
            memcpy(keep[k], out->at, out->bytes);
    }
    answer->runs = 2;
    compare(first, second, out->at, out->bytes,
            (size_t)dc_formats[r->p->dtype].size, answer);
}

dc_status dc_guard_call(dc_guard *guard, const dc_guard_request *r,
                        void *const result[2], dc_answer *answer, dc_error *e)
{
    const dc_op_info *info = &dc_ops[r->op];
    dc_problem p = *r->p;
    const dc_guard_request call = {r->impl, &p, r->op, r->tensors};
    char *second = result[1];

    *answer = dc_endpoint_blank();
    p.size = sizeof p;
    if (!dc_call_offers(r->impl, r->op)) {
        answer->status = DC_UNSUPPORTED;
        snprintf(answer->reason, sizeof answer->reason, "offers no %s",
                 info->name);
        return DC_OK;
    }
    if (r->impl->supports) {
        dc_problem copy = p;

        answer->status = r->impl->supports(&copy);
        if (answer->status != DC_OK) {
            snprintf(answer->reason, sizeof answer->reason,
                     "supports() answered %s", dc_status_name(answer->status));
            if ((unsigned)answer->status > DC_FAILED)
                answer->status = DC_FAILED;
            return DC_OK;
        }
    }
    guard->used = 0;
    for (int a = 0; a <= info->takes; a++) {
        const dc_tensor t = a < info->takes ? info->in[a] : info->out;

        if ((a == info->takes || dc_op_takes(&p, r->op, t)) &&
            reserve(guard, t, dc_problem_bytes(&p, t), e) != DC_OK)
            return DC_NOMEM;
    }
    if (!second)
        second = malloc(dc_problem_bytes(&p, info->out) + 1);
    if (!second)
        return dc_nomem(e);
    call_thrice(guard, &call, result[0], second, answer);
    if (second != result[1])
        free(second);
    return DC_OK;
}

dc_status dc_guard_refuse(dc_guard *guard, const dc_guard_request *r,
                          dc_answer *answer, dc_error *e)
{
    const dc_op_info *info = &dc_ops[r->op];
    dc_problem copy = *r->p;

    *answer = dc_endpoint_blank();
    guard->used = 0;
    for (int a = 0; a <= info->takes; a++) {
        const dc_tensor t = a < info->takes ? info->in[a] : info->out;
        slot *s = &guard->slots[guard->used];

        if (t == DC_B && !r->p->has_bias)
            continue;
        if (reserve(guard, t, REFUSED_BYTES, e) != DC_OK)
            return DC_NOMEM;
        place_tensor(s, true);
        memset(s->at, 0, s->bytes);
    }
    answer->status = dc_call_offers(r->impl, r->op) ? DC_OK : DC_UNSUPPORTED;
    if (answer->status == DC_OK && r->impl->supports)
        answer->status = r->impl->supports(&copy);
    if (answer->status == DC_OK)
        answer->status = call_once(guard, r);
    if ((unsigned)answer->status > DC_FAILED)
        answer->status = DC_FAILED;
    return DC_OK;
}

/* ==== In a signal handler ================================================ */

bool dc_guard_where(const dc_guard *guard, const void *address,
                    dc_guard_place *place)
{
    const char *const a = address;

    for (int i = 0; guard && i < guard->used; i++) {
        const slot *s = &guard->slots[i];
        const char *const end = s->at + s->bytes;

        if (s->map && a >= s->map && a < s->map + s->mapped &&
            (a < s->at || a >= end)) {
            place->tensor = s->tensor;
            place->side = a >= end ? DC_SIDE_PAST : DC_SIDE_BEFORE;
            place->bytes = a >= end ? a - end : s->at - a;
            return true;
        }
    }
    return false;
}
