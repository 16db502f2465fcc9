/* SPDX-License-Identifier: MIT
 *
 * The judge as the predicate of searches among cases.
 */
#include "oracle/explain/again.h"

#include <math.h>
#include <stdlib.h>

#include "oracle/base/clock.h"

/* Cases that hang, each of which takes the timeout. */
enum { HANGS = 6 };

void dc_again_hurry(dc_endpoint *end, const dc_subject *subject,
                    dc_verdict verdict)
{
    const double timeout = fmin(subject->timeout, DC_AGAIN_TIMEOUT);

    if (verdict == DC_HANG)
        dc_endpoint_set_timeout(end, timeout);
    else
        dc_endpoint_set_later_timeout(end, timeout);
}

dc_status dc_again_open(dc_again *a, const dc_subject *subject,
                        const dc_judge *judge, dc_error *e)
{
    dc_status status;

    a->judge = *judge;
    a->e = e;
    /* an identity needs the results of several operations */
    for (int op = 0; op < DC_OPS && !dc_check_needs_all_ops(a->check); op++)
        a->judge.ops[op] = op == (int)a->op;
    status = dc_endpoint_open(&a->end, subject, e);
    if (status == DC_OK)
        dc_again_hurry(a->end, subject, a->verdict);
    a->start = dc_clock_now();
    return status;
}

void dc_again_close(dc_again *a)
{
    dc_endpoint_close(a->end);
}

dc_shrink_answer dc_again_fails(void *context, const dc_case *c)
{
    dc_again *const a = context;
    dc_result *r;
    bool same = false;

    if (a->calls >= a->most || dc_clock_now() - a->start > a->seconds ||
        a->hangs >= HANGS)
        return DC_SHRINK_STOP;
    r = calloc(1, sizeof *r);
    if (!r)
        return DC_SHRINK_STOP;
    r->item.c = *c;
    r->prove = a->prove;
    a->calls++;
    a->status = dc_judge_case(&a->judge, a->end, r, a->e);
    if (a->status == DC_NOMEM)
        a->status = DC_OK; /* this case is too large to be judged */
    a->hangs += r->verdict == DC_HANG;
    for (int f = 0; f < r->n_findings && !same; f++) {
        same = r->findings[f].op == a->op && r->by_op[a->op] == a->verdict &&
               r->findings[f].check == a->check;
        if (same)
            a->last = r->findings[f];
    }
    free(r);
    if (a->status != DC_OK)
        return DC_SHRINK_STOP;
    return same ? DC_SHRINK_FAILS : DC_SHRINK_PASSES;
}
