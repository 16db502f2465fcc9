/* SPDX-License-Identifier: MIT
 *
 * Calls on tensors beyond 2^31 elements, which are sparse: memory backs only
 * the pages with non-zero elements.
 */
#include "oracle/subject/guard_state.h"

#include <sys/mman.h>

#include "cases/catalog/scenarios.h"
#include "ref/call.h"
#include "ref/format.h"

typedef enum { WRITE, COMPARE } value_action;

/* Writes or compares the elements that are not zero.  False if one differs. */
static bool each_value(const dc_problem *p, const dc_region *s,
                       value_action action)
{
    int64_t ranges[DC_LARGE_RANGES][2];
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
    dc_region *s = &guard->memory.slots[guard->memory.used++];
    dc_status status;

    dc_region_free(s);
    status = dc_region_reserve(s, t, dc_problem_bytes(p, t), e);
    if (status != DC_OK)
        return status;
    if (!dc_region_share_zeros(s)) /* or else no huge page for an element */
        madvise(s->map, s->mapped, MADV_NOHUGEPAGE);
    dc_region_place(s, DC_AT_END, 1);
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
    answer->status = dc_guard_supports(guard, r, answer);
    for (int a = 0; a < info->takes && answer->status == DC_OK; a++)
        if (dc_op_takes(r->p, r->op, info->in[a]) && status == DC_OK)
            status = map_large(guard, r->p, info->in[a], e);
    used = guard->memory.used;
    for (int i = 0; i < used; i++)
        in[i] = guard->memory.slots[i].at;
    guard->memory.used = 0; /* no place is reported of a crash in such a call */
    if (status == DC_OK && answer->status == DC_OK) {
        answer->status = dc_call(r->impl, &copy, r->op, in, result);
        answer->runs = answer->status == DC_OK;
        for (int i = 0; i < used; i++) {
            const dc_region *const s = &guard->memory.slots[i];

            if (!each_value(r->p, s, COMPARE))
                answer->tensor = s->tensor;
            if (!answer->stray.side)
                dc_region_stray(s, &answer->stray);
        }
    }
    answer->status = dc_guard_known(answer->status);
    for (int i = 0; i < used; i++)
        dc_region_free(&guard->memory.slots[i]);
    return status;
}
