/* SPDX-License-Identifier: MIT
 *
 * What is changed after a call has returned: by a thread that it left behind,
 * or when the next call begins.
 */
#include "oracle/subject/guard_state.h"

#include <string.h>
#include <unistd.h>

#include "ref/format.h"

/* Long enough for a thread that was about to write. */
enum { SETTLE_MICROSECONDS = 20000 };

/* A stretch of a tensor, of which a copy is kept. */
typedef struct {
    size_t from;
    size_t bytes;
    size_t copy; /* its place in the copy */
} stretch;

/* The first half of what is kept, and the last one. */
static void stretches_of(const dc_region *s, stretch list[2])
{
    const size_t half = DC_GUARD_KEPT / 2;
    const size_t head = s->bytes < half ? s->bytes : half;
    const size_t rest = s->bytes - head;
    const size_t tail = rest < half ? rest : half;

    list[0] = (stretch){0, head, 0};
    list[1] = (stretch){s->bytes - tail, tail, head};
}

void dc_guard_remember(dc_guard *guard, const dc_problem *p,
                       const dc_answer *answer)
{
    const dc_guard_memory *const m = &guard->memory;
    dc_guard_copies *const c = &guard->copies;

    c->kept = answer->status == DC_OK && !answer->stray.side;
    c->used = m->used;
    for (int k = 0; k < m->used && c->kept; k++) {
        stretch list[2];

        stretches_of(&m->slots[k], list);
        for (int i = 0; i < 2; i++)
            memcpy(c->bytes[k] + list[i].copy, m->slots[k].at + list[i].from,
                   list[i].bytes);
    }
    c->p = *p;
    c->problem = !memcmp(m->problem.at, p, sizeof *p);
}

/* Finds an element of slot k that was changed. */
static bool element_changed(const dc_guard *guard, int k, dc_late_write *late)
{
    const dc_region *const s = &guard->memory.slots[k];
    const int dtype = guard->copies.p.dtype;
    const size_t size = (size_t)dc_formats[dtype].size;
    stretch list[2];

    stretches_of(s, list);
    for (int i = 0; i < 2; i++) {
        const char *const was = guard->copies.bytes[k] + list[i].copy;
        const char *const now = s->at + list[i].from;
        size_t b = 0;

        if (!memcmp(was, now, list[i].bytes))
            continue;
        while (!memcmp(was + b, now + b, size))
            b += size;
        late->at = dc_region_where(s, now + b);
        late->was = dc_format_bits(dtype, was + b, 0);
        late->now = dc_format_bits(dtype, now + b, 0);
        return true;
    }
    return false;
}

void dc_guard_look(const dc_guard *guard, dc_late_write *late)
{
    const dc_guard_copies *const c = &guard->copies;
    bool found = late->at.side || !c->kept;

    for (int k = c->used - 1; k >= 0 && !found; k--)
        found = element_changed(guard, k, late) ||
                dc_region_stray(&guard->memory.slots[k], &late->at);
    if (!found && c->problem)
        dc_guard_problem_stray(&guard->memory, &c->p, &late->at);
}

void dc_guard_settle(dc_guard *guard, dc_answer *answer)
{
    *answer = dc_endpoint_blank();
    usleep(SETTLE_MICROSECONDS);
    dc_guard_look(guard, &answer->late);
    guard->copies.kept &= !answer->late.at.side; /* it is told once */
}
