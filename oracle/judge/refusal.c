/* SPDX-License-Identifier: MIT
 *
 * Illegal problems, and what is left of them in the calls after.
 */
#include "oracle/judge/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/profile/limit.h"
#include "oracle/judge/record.h"

/* Asks for one operation of the illegal problem. */
static dc_status ask(dc_endpoint *end, const dc_problem *illegal, dc_op op,
                     dc_result *r, dc_error *e)
{
    char token[DC_CASE_MAX];
    dc_answer a;
    dc_status status;

    dc_item_print(&r->item, token);
    r->requested[op] = true;
    status = dc_endpoint_refuse(end, token, illegal, op, &a, e);
    if (status != DC_OK || dc_result_lost(r, op, &a))
        return status;
    if (a.status == DC_INVALID)
        dc_result_raise(r, op, DC_PASS);
    else if (a.status == DC_UNSUPPORTED)
        snprintf(r->reason, sizeof r->reason, "%s", a.reason);
    else
        dc_result_find(r, op, DC_FAIL, DC_CHECK_REFUSAL,
                       "an illegal problem (%s) was answered %s%s%s",
                       dc_refusals[r->item.row].rule, dc_status_name(a.status),
                       a.reason[0] ? ": " : "", a.reason);
    return DC_OK;
}

/* Says so if the legal problem was refused as illegal, which no framework
 * documents. */
static void judge_legal(const dc_judge *judge, const dc_record *legal,
                        dc_result *r)
{
    char name[DC_CASE_MAX];

    dc_case_print(&r->item.c, name);
    for (int op = 0; op < DC_OPS; op++)
        if (judge->ops[op] && !legal->lost[op] &&
            legal->status[op] == DC_INVALID &&
            !dc_limit_refuses(judge->profile, &r->item.c.p))
            dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_STATUS,
                           "the legal problem beside an illegal one was "
                           "answered INVALID: %.180s",
                           name);
}

/* Asks in turn; x: for the two calls of the legal problem; seen: what the calls of the legal problem show,
 * which cases show, too. */
static dc_status judge_between(const dc_judge *judge, dc_endpoint *end,
                               const dc_truth *legal, dc_result *seen,
                               dc_record x[2], dc_result *r, dc_error *e)
{
    char what[160];
    dc_problem illegal;
    dc_status status = dc_record_call(&x[0], judge, end, legal, seen, e);

    /* cannot fail: every item breaks its rule */
    (void)dc_refusal_make(&dc_refusals[r->item.row], &r->item.c.p, &illegal);
    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        if (judge->ops[op])
            status = ask(end, &illegal, (dc_op)op, r, e);
    if (status == DC_OK)
        status = dc_record_call(&x[1], judge, end, legal, seen, e);
    if (status != DC_OK)
        return status;
    judge_legal(judge, &x[0], r);
    snprintf(what, sizeof what, "an illegal problem (%s)",
             dc_refusals[r->item.row].rule);
    dc_record_compare(
        &x[0], &x[1],
        judge->arithmetic.declared & DC_NONDETERMINISTIC ? NULL : &legal->c.p,
        what, r);
    return DC_OK;
}

dc_status dc_refusal_judge(const dc_judge *judge, dc_endpoint *end,
                           dc_result *r, dc_error *e)
{
    dc_record x[2] = {{.runs = {0}}, {.runs = {0}}};
    dc_result *const seen = calloc(1, sizeof *seen);
    dc_truth legal;
    dc_status status =
        seen ? dc_truth_open(&legal, &r->item.c, e) : dc_nomem(e);

    if (status == DC_OK) {
        status = judge_between(judge, end, &legal, seen, x, r, e);
        dc_truth_close(&legal);
    }
    dc_record_free(&x[0]);
    dc_record_free(&x[1]);
    free(seen);
    dc_endpoint_restart(end);
    return status;
}
