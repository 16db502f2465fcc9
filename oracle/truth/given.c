/* SPDX-License-Identifier: MIT
 *
 * The truth over given tensors.
 */
#include "oracle/truth/given.h"

#include <string.h>

#include "ref/format.h"

dc_status dc_given_open(dc_truth *t, const dc_case *c,
                        const dc_pack_tensors *given, dc_error *e)
{
    int changed = 0;
    dc_status status = dc_truth_open(t, c, e);

    if (status != DC_OK)
        return status;
    for (int k = DC_X; k <= DC_GY; k++) {
        const size_t bytes = (size_t)dc_problem_count(&c->p, (dc_tensor)k) *
                             (size_t)dc_formats[c->p.dtype].size;

        if (!given->data[k] || !t->own[k] ||
            memcmp(t->own[k], given->data[k], bytes) == 0)
            continue;
        memcpy(t->own[k], given->data[k], bytes);
        changed = 1;
    }
    if (!changed)
        return DC_OK;
    t->c.family = DC_REAL;
    dc_ref_close(t->ref);
    t->ref = NULL;
    if (dc_ref_open(&t->ref, &t->c.p, t->tensors) == DC_OK)
        return DC_OK;
    dc_truth_close(t);
    return dc_nomem(e);
}
