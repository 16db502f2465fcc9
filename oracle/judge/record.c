/* SPDX-License-Identifier: MIT
 *
 * Calls all operations once, and compares them with what they said before.
 */
#include "oracle/judge/record.h"

#include <stdlib.h>
#include <string.h>

void dc_record_free(dc_record *x)
{
    for (int op = 0; op < DC_OPS; op++)
        for (int run = 0; run < 2; run++)
            free(x->results[op][run]);
}

dc_status dc_record_call(dc_record *x, const dc_judge *judge, dc_endpoint *end,
                         const dc_truth *t, dc_result *r, dc_error *e)
{
    for (int op = 0; op < DC_OPS; op++) {
        dc_answer a;
        dc_status status;

        if (!judge->ops[op])
            continue;
        for (int run = 0; run < 2; run++) {
            x->results[op][run] =
                calloc(1, dc_problem_bytes(&t->c.p, dc_ops[op].out) + 1);
            if (!x->results[op][run])
                return dc_nomem(e);
        }
        status = dc_endpoint_call(end, &t->c, (dc_op)op, t->tensors,
                                  x->results[op], &a, e);
        if (status != DC_OK)
            return status;
        x->lost[op] = dc_result_lost(r, (dc_op)op, &a);
        x->status[op] = a.status;
        if (!x->lost[op] && dc_endpoint_has_result(&a))
            x->runs[op] = a.runs;
    }
    return DC_OK;
}

bool dc_record_same(const dc_record *x, const dc_record *y, const dc_problem *p,
                    int op, int run)
{
    return memcmp(x->results[op][run], y->results[op][run],
                  dc_problem_bytes(p, dc_ops[op].out)) == 0;
}

void dc_record_compare(const dc_record *before, const dc_record *after,
                       const dc_problem *p, const char *what, dc_result *r)
{
    for (int op = 0; op < DC_OPS; op++) {
        bool same = true;

        if (before->runs[op] != after->runs[op]) {
            dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_ALTERNATION,
                           "another answer after %.200s", what);
            continue;
        }
        for (int run = 0; p && run < before->runs[op]; run++)
            same &= dc_record_same(before, after, p, op, run);
        if (!same)
            dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_ALTERNATION,
                           "other bits in %s after %.200s",
                           dc_tensor_names[dc_ops[op].out], what);
    }
}
