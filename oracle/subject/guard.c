/* SPDX-License-Identifier: MIT
 *
 * Guarded calls: the placement of tensors, the poisons, and the comparison of
 * the three results.  Tensors beyond 2^31 elements are sparse: memory backs
 * only the pages with non-zero elements.
 */
#include "oracle/subject/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cases/catalog/scenarios.h"
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

/* Gives a slot to each input of op, and the last one to the result. */
static dc_status reserve_all(dc_guard *guard, const dc_guard_request *r,
                             bool illegal, dc_error *e)
{
    const dc_op_info *info = &dc_ops[r->op];
    dc_status status = DC_OK;

    guard->used = 0;
    for (int a = 0; a <= info->takes && status == DC_OK; a++) {
        const dc_tensor t = a < info->takes ? info->in[a] : info->out;

        if (a == info->takes || dc_op_takes(r->p, r->op, t))
            status =
                reserve(guard, t,
                        illegal ? REFUSED_BYTES : dc_problem_bytes(r->p, t), e);
    }
    return status;
}

/* DC_UNSUPPORTED if impl has no function for op, else what supports() says. */
static dc_status supports(const dc_guard_request *r)
{
    dc_problem copy = *r->p;

    if (!dc_call_offers(r->impl, r->op))
        return DC_UNSUPPORTED;
    return r->impl->supports ? r->impl->supports(&copy) : DC_OK;
}

/* A plug-in may return any number. */
static dc_status known(dc_status status)
{
    return (unsigned)status > DC_FAILED ? DC_FAILED : status;
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
    if (r->around)
        answer->left |= dc_surroundings_float(r->around);
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
    dc_problem p = *r->p;
    const dc_guard_request call = {r->impl, &p, r->op, r->tensors, r->around};
    char *second = result[1];

    *answer = dc_endpoint_blank();
    p.size = sizeof p;
    answer->status = supports(&call);
    if (answer->status != DC_OK) {
        if (dc_call_offers(r->impl, r->op))
            snprintf(answer->reason, sizeof answer->reason,
                     "supports() answered %s", dc_status_name(answer->status));
        else
            snprintf(answer->reason, sizeof answer->reason, "offers no %s",
                     dc_ops[r->op].name);
        answer->status = known(answer->status);
        return DC_OK;
    }
    if (reserve_all(guard, &call, false, e) != DC_OK)
        return DC_NOMEM;
    if (!second)
        second = malloc(dc_problem_bytes(&p, dc_ops[r->op].out) + 1);
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
    *answer = dc_endpoint_blank();
    if (reserve_all(guard, r, true, e) != DC_OK)
        return DC_NOMEM;
    for (int i = 0; i < guard->used; i++) {
        place_tensor(&guard->slots[i], true);
        memset(guard->slots[i].at, 0, REFUSED_BYTES);
    }
    answer->status = supports(r);
    if (answer->status == DC_OK)
        answer->status = call_once(guard, r);
    answer->status = known(answer->status);
    return DC_OK;
}

/* ==== Large tensors ====================================================== */

typedef enum { WRITE, COMPARE } value_action;

/* Writes or compares the elements that are not zero.  False if one differs. */
static bool each_value(const dc_problem *p, const slot *s, value_action action)
{
    int64_t ranges[3][2];
    const int n = dc_large_ranges(dc_problem_count(p, s->tensor), ranges);

    for (int r = 0; r < n; r++)
        for (int64_t i = ranges[r][0]; i < ranges[r][1]; i++) {
            const double v = dc_large_value(p, s->tensor, i);

            if (action == WRITE)
                dc_format_set(p->dtype, s->at, i, v);
            else if (dc_format_get(p->dtype, s->at, i) != v)
                return false;
        }
    return true;
}

/* Maps one input anew, because the pages of an older mapping are not zero. */
static dc_status map_large(dc_guard *guard, const dc_problem *p, dc_tensor t,
                           dc_error *e)
{
    slot *s = &guard->slots[guard->used];
    dc_status status;

    slot_unmap(s);
    status = reserve(guard, t, dc_problem_bytes(p, t), e);
    if (status != DC_OK)
        return status;
    /* a huge page for a few elements would be a huge page of memory */
    madvise(s->map, s->mapped, MADV_NOHUGEPAGE);
    place_tensor(s, true);
    each_value(p, s, WRITE);
    return DC_OK;
}

dc_status dc_guard_large(dc_guard *guard, const dc_guard_request *r,
                         void *result, dc_answer *answer, dc_error *e)
{
    const dc_op_info *info = &dc_ops[r->op];
    const void *in[3] = {NULL};
    dc_problem copy = *r->p;
    dc_status status = DC_OK;
    int used;

    *answer = dc_endpoint_blank();
    answer->status = supports(r);
    guard->used = 0;
    for (int a = 0; a < info->takes && answer->status == DC_OK; a++)
        if (dc_op_takes(r->p, r->op, info->in[a]) && status == DC_OK)
            status = map_large(guard, r->p, info->in[a], e);
    used = guard->used;
    for (int i = 0; i < used; i++)
        in[i] = guard->slots[i].at;
    guard->used = 0; /* no place is reported of a crash in such a call */
    if (status == DC_OK && answer->status == DC_OK) {
        answer->status = dc_call(r->impl, &copy, r->op, in, result);
        answer->runs = answer->status == DC_OK;
        for (int i = 0; i < used; i++)
            if (!each_value(r->p, &guard->slots[i], COMPARE))
                answer->tensor = guard->slots[i].tensor;
    }
    answer->status = known(answer->status);
    for (int i = 0; i < used; i++)
        slot_unmap(&guard->slots[i]);
    return status;
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
