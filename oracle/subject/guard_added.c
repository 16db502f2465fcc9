/* SPDX-License-Identifier: MIT
 *
 * Is a result added to what was there before the call?  It looks unwritten: a
 * NaN stays a NaN, and a very large number is not changed by a small one.  So
 * the call is made once more, on zeros.
 */
#include "oracle/subject/guard_state.h"

#include "ref/format.h"

void dc_guard_find_added(dc_guard_memory *m, const dc_guard_request *r,
                         const char *first, dc_answer *answer)
{
    static const dc_guard_manner on_zeros = {DC_AT_END, DC_AT_END, 0, false,
                                             NULL};
    const size_t size = (size_t)dc_formats[r->p->dtype].size;
    const dc_region *const out = &m->slots[m->used - 1];
    dc_answer other = *answer;

    if (answer->status != DC_OK ||
        (answer->unwritten < 0 && answer->repeat < 0))
        return;
    if (dc_guard_run(m, r, &on_zeros, &other) != DC_OK)
        return; /* what the other calls showed stands */
    for (size_t at = 0; at < out->bytes && answer->added < 0; at += size)
        if (dc_guard_all_bytes(first + at, size, DC_POISON_A) &&
            !dc_guard_all_bytes(out->at + at, size, DC_POISON_A) &&
            !dc_guard_all_bytes(out->at + at, size, 0))
            answer->added = (int64_t)(at / size);
}
