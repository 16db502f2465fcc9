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
#include "cases/random.h"
#include "oracle/judge/record.h"
#include "ref/format.h"
#include "ref/integer.h"

/* Is INVALID no answer to the legal problem, as no framework documents it? */
static bool must_be_taken(const dc_judge *judge, const dc_result *r)
{
    return !dc_limit_refuses(judge->profile, &r->item.c.p);
}

/* Judges the answer to op of the illegal problem. */
static void judge_illegal(const dc_answer *a, dc_op op, dc_result *r)
{
    if (dc_result_lost(r, op, a))
        return;
    if (a->status == DC_INVALID)
        dc_result_raise(r, op, DC_PASS);
    else if (a->status == DC_UNSUPPORTED)
        snprintf(r->reason, sizeof r->reason, "%s", a->reason);
    else
        dc_result_find(r, op, DC_FAIL, DC_CHECK_REFUSAL,
                       "an illegal problem (%s) was answered %s%s%s",
                       dc_refusals[r->item.row].rule, dc_status_name(a->status),
                       a->reason[0] ? ": " : "", a->reason);
}

/* Asks for one operation of the illegal problem, marked as such. */
static dc_status ask(dc_endpoint *end, const dc_problem *illegal, dc_op op,
                     dc_result *r, dc_error *e)
{
    char token[DC_CASE_MAX];
    dc_answer a;
    dc_status status;

    dc_item_print(&r->item, token);
    status = dc_endpoint_refuse(end, token, illegal, op, &a, e);
    if (status == DC_OK)
        judge_illegal(&a, op, r);
    return status;
}

/* ==== Unmarked ========================================================== */

enum { ELEMENTS = 1 << 12 }; /* of a tensor of an illegal problem, at most */

/* Have the tensors of an illegal problem shapes of few elements? */
static bool has_tensors(const dc_problem *p)
{
    double most;

    if (p->rank < 1 || p->rank > 3 || p->dtype < 0 || p->dtype >= DC_FORMATS ||
        (unsigned)p->unbatched > 1 || (unsigned)p->has_bias > 1 || p->g < 1 ||
        p->n < 0 || p->ci < 0 || p->co < 0)
        return false;
    most = (double)dc_max(p->n, 1) * (double)dc_max(p->ci, 1) *
           (double)dc_max(p->co, 1);
    for (int a = 0; a < p->rank; a++) {
        if (p->i[a] < 0 || p->k[a] < 0 || p->o[a] < 0)
            return false;
        most *= (double)dc_max(p->i[a], 1) * (double)dc_max(p->k[a], 1) *
                (double)dc_max(p->o[a], 1);
    }
    return most <= ELEMENTS * (double)ELEMENTS;
}

/* Calls op of the illegal problem with tensors of zeros. */
static dc_status call(dc_endpoint *end, const dc_problem *illegal, dc_op op,
                      const dc_result *r, dc_answer *a, dc_error *e)
{
    const void *tensors[DC_TENSORS];
    char token[DC_CASE_MAX];
    dc_case c = r->item.c;
    size_t most = 1;
    char *zeros;
    dc_status status;

    c.p = *illegal;
    dc_case_print(&c, token);
    for (int t = 0; t < DC_TENSORS; t++)
        most += dc_problem_bytes(illegal, (dc_tensor)t);
    zeros = calloc(1, most);
    if (!zeros)
        return dc_nomem(e);
    for (int t = 0; t < DC_TENSORS; t++)
        tensors[t] = zeros;
    status = dc_endpoint_supports(end, token, illegal, op, tensors, a, e);
    free(zeros);
    return status;
}

/* Asks whether op of the illegal problem is supported; what is has to refuse
 * the call. */
static dc_status ask_illegal(dc_endpoint *end, const dc_problem *illegal,
                             dc_op op, dc_result *r, dc_error *e)
{
    dc_answer a;
    dc_status status = dc_endpoint_supports(end, "", illegal, op, NULL, &a, e);

    if (status == DC_OK && a.outcome == DC_ANSWERED && a.status == DC_OK &&
        has_tensors(illegal))
        status = call(end, illegal, op, r, &a, e);
    if (status == DC_OK)
        judge_illegal(&a, op, r);
    return status;
}

/* The same of the legal problem, which must not be illegal, nor unsupported if
 * it was computed. */
static dc_status ask_legal(const dc_judge *judge, dc_endpoint *end,
                           const dc_record *legal, dc_op op, dc_result *r,
                           dc_error *e)
{
    dc_answer a;
    const dc_status status =
        dc_endpoint_supports(end, "", &r->item.c.p, op, NULL, &a, e);

    if (status != DC_OK || dc_result_lost(r, op, &a))
        return status;
    if ((a.status == DC_INVALID && must_be_taken(judge, r)) ||
        (a.status != DC_OK && legal->runs[op]))
        dc_result_find(r, op, DC_FAIL, DC_CHECK_STATUS,
                       "asked whether a legal problem is supported, it "
                       "answered %s%s",
                       dc_status_name(a.status),
                       legal->runs[op] ? ", and it computes that problem" : "");
    return DC_OK;
}

/* Asks for op of both, in an order that differs from question to question: l is
 * the legal problem. */
static dc_status ask_unmarked(const dc_judge *judge, dc_endpoint *end,
                              const dc_problem *illegal, const dc_record *legal,
                              dc_op op, dc_result *r, dc_error *e)
{
    static const char *const orders[] = {"lx",  "xl", "llx", "xll",
                                         "lxl", "x",  "xlx", "lxx"};
    const uint64_t turn =
        dc_random_hash((uint64_t)r->item.row, (uint64_t)op) % 8;
    dc_status status = DC_OK;

    for (const char *q = orders[turn]; *q && status == DC_OK; q++)
        status = *q == 'l' ? ask_legal(judge, end, legal, op, r, e)
                           : ask_illegal(end, illegal, op, r, e);
    return status;
}

/* ==== One item ========================================================== */

/* Says so if the legal problem was refused as illegal, which no framework
 * documents. */
static void judge_legal(const dc_judge *judge, const dc_record *legal,
                        dc_result *r)
{
    char name[DC_CASE_MAX];

    dc_case_print(&r->item.c, name);
    for (int op = 0; op < DC_OPS; op++)
        if (judge->ops[op] && !legal->lost[op] &&
            legal->status[op] == DC_INVALID && must_be_taken(judge, r))
            dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_STATUS,
                           "the legal problem beside an illegal one was "
                           "answered INVALID: %.180s",
                           name);
}

/* Asks in turn.  x: the answers to the legal problem, before and after; seen:
 * what else its calls show, which cases show, too. */
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
        if (judge->ops[op]) {
            r->requested[op] = true;
            status =
                dc_endpoint_hello(end)->supports
                    ? ask_unmarked(judge, end, &illegal, &x[0], (dc_op)op, r, e)
                    : ask(end, &illegal, (dc_op)op, r, e);
        }
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
    /* the same answers before and after: nothing is left that could spoil the
     * cases to come */
    if (r->n_findings > 0)
        dc_endpoint_restart(end);
    return status;
}
