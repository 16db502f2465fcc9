/* SPDX-License-Identifier: MIT
 *
 * Guarded calls: where each tensor is placed, what the poisons are, and how
 * the results of three calls become findings.
 */
#include "oracle/subject/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ref/format.h"
#include "ref/call.h"

/* Wide, for a wrong stride misses by rows and not by elements; nothing of it
 * is ever backed by memory. */
static const size_t GUARD_BYTES = (size_t)1 << 20;

/* A is a NaN in every format, B is finite in every format; no byte of A
 * equals a byte of B. */
enum { POISON_A = 0xff, POISON_B = 0x55 };

enum { SLOTS = 4 }; /* three inputs and the result */

/* map [guard | room accessible bytes | guard], one tensor in the middle. */
typedef struct {
    char *map;
    size_t mapped;
    char *open;
    size_t room;
    char *at;
    size_t bytes;
    dc_tensor tensor;
} slot;

struct dc_guard {
    size_t page;
    int used;
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
    s->room = 0;
}

void dc_guard_close(dc_guard *guard)
{
    if (!guard)
        return;
    for (int i = 0; i < SLOTS; i++)
        slot_unmap(&guard->slots[i]);
    free(guard);
}

/* Makes room for `bytes` in slot s; grows by half at least, so that a sweep
 * of growing cases does not map anew for each. */
static dc_status slot_reserve(const dc_guard *guard, slot *s, size_t bytes,
                              dc_error *e)
{
    size_t room = bytes > s->room + s->room / 2 ? bytes : s->room + s->room / 2;

    if (s->map && bytes <= s->room)
        return DC_OK;
    slot_unmap(s);
    room = (room / guard->page + 1) * guard->page;
    s->mapped = room + 2 * GUARD_BYTES;
    s->map = mmap(NULL, s->mapped, PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s->map == MAP_FAILED)
        s->map = NULL;
    if (!s->map ||
        mprotect(s->map + GUARD_BYTES, room, PROT_READ | PROT_WRITE)) {
        slot_unmap(s);
        return dc_error_set(e, DC_NOMEM, NULL, -1,
                            "out of memory: no %zu bytes between guards",
                            bytes);
    }
    s->open = s->map + GUARD_BYTES;
    s->room = room;
    return DC_OK;
}

static void slot_place(slot *s, int at_end)
{
    s->at = at_end || !s->bytes ? s->open + s->room - s->bytes : s->open;
}

/* One call with the tensors where they now are; the problem is a copy, for
 * the next call must not see what this one may do to it. */
static dc_status call_once(const dc_guard *guard, const dc_impl *impl,
                           dc_problem p, dc_op op)
{
    const void *in[3] = {NULL};

    for (int a = 0; a < guard->used - 1; a++)
        in[a] = guard->slots[a].at;
    return dc_call(impl, &p, op, in, guard->slots[guard->used - 1].at);
}

/* Copies the inputs in, poisons the result, calls, and looks whether an input
 * was changed. */
static dc_status run(dc_guard *guard, const dc_impl *impl, const dc_problem *p,
                     dc_op op, const void *const tensors[DC_TENSORS],
                     int at_end, int poison, dc_answer *answer)
{
    slot *out = &guard->slots[guard->used - 1];
    dc_status status;

    for (slot *s = guard->slots; s <= out; s++) {
        slot_place(s, at_end);
        if (s == out)
            memset(s->at, poison, s->bytes);
        else if (s->bytes)
            memcpy(s->at, tensors[s->tensor], s->bytes);
    }
    status = call_once(guard, impl, *p, op);
    for (const slot *s = guard->slots; s < out; s++)
        if (s->bytes && memcmp(s->at, tensors[s->tensor], s->bytes) &&
            answer->tensor == DC_TENSORS)
            answer->tensor = s->tensor;
    return status;
}

static int all_bytes(const char *at, size_t size, int byte)
{
    size_t b = 0;

    while (b < size && (unsigned char)at[b] == byte)
        b++;
    return b == size;
}

/* From the results of the three calls: an element that kept A in the first
 * and B in the second was never written; any other must be the same in the
 * second and the third. */
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

static dc_status reserve_all(dc_guard *guard, const dc_problem *p, dc_op op,
                             dc_error *e)
{
    const size_t size = (size_t)dc_formats[p->dtype].size;
    const dc_op_info *info = &dc_ops[op];

    guard->used = 0;
    for (int a = 0; a <= info->takes; a++) {
        const dc_tensor t = a < info->takes ? info->in[a] : info->out;
        slot *s = &guard->slots[guard->used];
        dc_status status;

        if (a < info->takes && !dc_op_takes(p, op, t))
            continue;
        s->tensor = t;
        s->bytes = (size_t)dc_problem_count(p, t) * size;
        status = slot_reserve(guard, s, s->bytes, e);
        if (status != DC_OK)
            return status;
        guard->used++;
    }
    return DC_OK;
}

/* The three calls; `second` holds the result of call 2. */
static void call_thrice(dc_guard *guard, const dc_impl *impl,
                        const dc_problem *p, dc_op op,
                        const void *const tensors[DC_TENSORS], char *first,
                        char *second, dc_answer *answer)
{
    static const struct {
        int at_end, poison;
    } runs[] = {{1, POISON_A}, {0, POISON_B}, {0, POISON_A}};
    const slot *out = &guard->slots[guard->used - 1];
    char *const keep[] = {first, second};

    for (int r = 0; r < 3; r++) {
        const dc_status status = run(guard, impl, p, op, tensors,
                                     runs[r].at_end, runs[r].poison, answer);

        if (status != DC_OK && r > 0) {
            answer->status = DC_FAILED;
            snprintf(answer->reason, sizeof answer->reason,
                     "answered OK to call 1 and %s to call %d of the same",
                     dc_status_name(status), r + 1);
            return;
        }
        if (status != DC_OK) {
            answer->status = status;
            if ((unsigned)status > DC_FAILED) {
                answer->status = DC_FAILED;
                snprintf(answer->reason, sizeof answer->reason,
                         "answered status %d, which is none", (int)status);
            }
            return;
        }
        if (r < 2 && out->bytes)
            memcpy(keep[r], out->at, out->bytes);
    }
    answer->runs = 2;
    compare(first, second, out->at, out->bytes,
            (size_t)dc_formats[p->dtype].size, answer);
}

dc_status dc_guard_call(dc_guard *guard, const dc_impl *impl,
                        const dc_problem *p, dc_op op,
                        const void *const tensors[DC_TENSORS],
                        void *const result[2], dc_answer *answer, dc_error *e)
{
    dc_problem copy = *p;
    char *second = result[1];
    dc_status status;

    *answer = dc_endpoint_blank();
    copy.size = sizeof copy;
    if (!dc_call_offers(impl, op)) {
        answer->status = DC_UNSUPPORTED;
        snprintf(answer->reason, sizeof answer->reason, "offers no %s",
                 dc_ops[op].name);
        return DC_OK;
    }
    if (impl->supports) {
        dc_problem asked = copy;

        answer->status = impl->supports(&asked);
        if (answer->status != DC_OK) {
            snprintf(answer->reason, sizeof answer->reason,
                     "supports() answered %s", dc_status_name(answer->status));
            if ((unsigned)answer->status > DC_FAILED)
                answer->status = DC_FAILED;
            return DC_OK;
        }
    }
    status = reserve_all(guard, p, op, e);
    if (status != DC_OK)
        return status;
    if (!second) {
        second = malloc(guard->slots[guard->used - 1].bytes + 1);
        if (!second)
            return dc_nomem(e);
    }
    call_thrice(guard, impl, &copy, op, tensors, result[0], second, answer);
    if (second != result[1])
        free(second);
    return DC_OK;
}

dc_status dc_guard_refuse(dc_guard *guard, const dc_impl *impl,
                          const dc_problem *p, dc_op op, dc_answer *answer,
                          dc_error *e)
{
    const dc_op_info *info = &dc_ops[op];
    dc_problem asked = *p;

    *answer = dc_endpoint_blank();
    guard->used = 0;
    for (int a = 0; a <= info->takes; a++) {
        slot *s = &guard->slots[guard->used];
        dc_status status;

        if (a < info->takes && info->in[a] == DC_B && !p->has_bias)
            continue;
        s->tensor = a < info->takes ? info->in[a] : info->out;
        s->bytes = DC_GUARD_TINY;
        status = slot_reserve(guard, s, s->bytes, e);
        if (status != DC_OK)
            return status;
        slot_place(s, 1);
        memset(s->at, 0, s->bytes);
        guard->used++;
    }
    answer->status = dc_call_offers(impl, op) ? DC_OK : DC_UNSUPPORTED;
    if (answer->status == DC_OK && impl->supports)
        answer->status = impl->supports(&asked);
    if (answer->status == DC_OK)
        answer->status = call_once(guard, impl, *p, op);
    if ((unsigned)answer->status > DC_FAILED)
        answer->status = DC_FAILED;
    return DC_OK;
}

/* ==== In a signal handler: no printf here ================================ */

static char *append(char *to, const char *text)
{
    while (*text)
        *to++ = *text++;
    return to;
}

static char *append_number(char *to, size_t number)
{
    char digits[20];
    int n = 0;

    do
        digits[n++] = (char)('0' + number % 10);
    while (number /= 10);
    while (n)
        *to++ = digits[--n];
    return to;
}

bool dc_guard_where(const dc_guard *guard, const void *address,
                    dc_guard_place *place)
{
    const char *const a = address;

    for (int i = 0; guard && i < guard->used; i++) {
        const slot *s = &guard->slots[i];
        const char *const end = s->at + s->bytes;
        char *to = place->text;

        if (!s->map || a < s->map || a >= s->map + s->mapped ||
            (a >= s->at && a < end))
            continue;
        if (a == end) {
            to = append(to, "just past the end of ");
        } else {
            const size_t bytes =
                a > end ? (size_t)(a - end) : (size_t)(s->at - a);

            to = append_number(to, bytes);
            to = append(to, bytes == 1 ? " byte " : " bytes ");
            to = append(to, a > end ? "past the end of " : "before ");
        }
        *append(to, dc_tensor_names[s->tensor]) = 0;
        place->tensor = s->tensor;
        place->side = a >= end ? DC_SIDE_PAST : DC_SIDE_BEFORE;
        return true;
    }
    return false;
}
