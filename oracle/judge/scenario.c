/* SPDX-License-Identifier: MIT
 *
 * One function for each kind of scenario.
 */
#include "oracle/judge/judge.h"
#include "oracle/judge/late_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/scenarios.h"
#include "oracle/base/clock.h"
#include "oracle/base/declare.h"
#include "oracle/judge/record.h"
#include "oracle/judge/refusal.h"
#include "oracle/judge/refused.h"
#include "oracle/judge/sequence.h"
#include "oracle/truth/large_expected.h"
#include "ref/format.h"

/* ==== Cases within a scenario =========================================== */

/* Adds the result of one case to that of its scenario. */
static void add_result(dc_result *to, const dc_result *from)
{
    char name[DC_CASE_MAX];

    dc_case_print(&from->item.c, name);
    for (int op = 0; op < DC_OPS; op++) {
        to->requested[op] |= from->requested[op];
        if (from->refused[op])
            to->refused[op] = from->refused[op];
        dc_result_raise(to, (dc_op)op, from->by_op[op]);
    }
    if (from->reason[0])
        memcpy(to->reason, from->reason, sizeof to->reason);
    for (int k = 0; k < from->n_findings; k++) {
        const dc_finding *f = &from->findings[k];
        dc_finding *copy =
            dc_result_find(to, f->op, from->by_op[f->op], f->check, "%s", "");

        if (!copy)
            return;
        *copy = *f;
        snprintf(copy->text, sizeof copy->text, "%.180s (in %.130s)", f->text,
                 name);
    }
}

static dc_status judge_case(const dc_judge *judge, dc_endpoint *end,
                            const dc_case *c, dc_result *r, dc_error *e)
{
    dc_result *one = calloc(1, sizeof *one);
    dc_status status;

    if (!one)
        return dc_nomem(e);
    one->item.c = *c;
    status = dc_judge_case(judge, end, one, e);
    if (status == DC_OK)
        add_result(r, one);
    free(one);
    return status;
}

/* ==== Alternation ======================================================= */

static dc_status judge_alternation(const dc_judge *judge, dc_endpoint *end,
                                   dc_result *r, dc_error *e)
{
    const dc_alternation *row = &dc_alternations[r->item.row];
    const bool any_bits = judge->arithmetic.declared & DC_NONDETERMINISTIC;
    dc_record before = {.runs = {0}};
    dc_record after = {.runs = {0}};
    char what[DC_CASE_MAX + 16];
    dc_case c[2];
    dc_truth truth;
    dc_status status = dc_case_parse(row->a, &c[0], e);

    if (status == DC_OK)
        status = dc_case_parse(row->b, &c[1], e);
    for (int k = 0; k < 2; k++)
        c[k].p.dtype = r->item.c.p.dtype;
    if (status == DC_OK)
        status = dc_truth_open(&truth, &c[0], e);
    if (status != DC_OK)
        return status;
    status = judge_case(judge, end, &c[0], r, e);
    if (status == DC_OK)
        status = dc_record_call(&before, judge, end, &truth, r, e);
    if (status == DC_OK)
        status = judge_case(judge, end, &c[1], r, e);
    if (status == DC_OK)
        status = any_bits ? judge_case(judge, end, &c[0], r, e)
                          : dc_record_call(&after, judge, end, &truth, r, e);
    if (status == DC_OK && !any_bits) {
        memcpy(what, "a call of ", sizeof "a call of ");
        dc_case_print(&c[1], what + strlen(what));
        dc_record_compare(&before, &after, &truth.c.p, what, r);
    }
    dc_record_free(&before);
    dc_record_free(&after);
    dc_truth_close(&truth);
    return status;
}

/* ==== Threads =========================================================== */

/* Records whether the bits differ from those of one thread. */
static dc_status compare_with_one(const dc_judge *judge, dc_endpoint *one,
                                  dc_endpoint *end, const dc_case *c,
                                  dc_result *r, dc_error *e)
{
    dc_record with_one = {.runs = {0}};
    dc_record with_many = {.runs = {0}};
    dc_truth truth;
    dc_status status = dc_truth_open(&truth, c, e);

    if (status != DC_OK)
        return status;
    status = dc_record_call(&with_one, judge, one, &truth, r, e);
    if (status == DC_OK)
        status = dc_record_call(&with_many, judge, end, &truth, r, e);
    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        if (with_one.runs[op] && with_many.runs[op])
            r->measures.other_bits |=
                !dc_record_same(&with_one, &with_many, &c->p, op, 0);
    dc_record_free(&with_one);
    dc_record_free(&with_many);
    dc_truth_close(&truth);
    return status;
}

static dc_status judge_threads(const dc_judge *judge, dc_result *r, dc_error *e)
{
    const int threads = dc_thread_counts[r->item.row].threads;
    const bool any_bits = judge->arithmetic.declared & DC_NONDETERMINISTIC;
    dc_endpoint *one = NULL;
    dc_endpoint *end = NULL;
    dc_status status;

    if (!judge->subject) {
        snprintf(r->reason, sizeof r->reason,
                 "the number of threads is not ours to choose here");
        return DC_OK;
    }
    status = dc_endpoint_open_again(&end, judge->subject, threads, e);
    if (status == DC_OK && threads > 1 && !any_bits)
        status = dc_endpoint_open_again(&one, judge->subject, 1, e);
    for (int k = 0; status == DC_OK && dc_thread_cases[k]; k++) {
        dc_case c;

        status = dc_case_parse(dc_thread_cases[k], &c, e);
        c.p.dtype = r->item.c.p.dtype;
        if (status == DC_OK)
            status = judge_case(judge, end, &c, r, e);
        /* only rounded sums can differ */
        if (status == DC_OK && one && c.family == DC_REAL &&
            r->verdict == DC_PASS)
            status = compare_with_one(judge, one, end, &c, r, e);
    }
    dc_endpoint_close(one);
    dc_endpoint_close(end);
    return status;
}

/* ==== Beyond 2^31 elements ============================================== */

static void compare_large(dc_result *r, const dc_problem *p, dc_op op,
                          const void *got)
{
    const int64_t count = dc_problem_count(p, dc_ops[op].out);
    int64_t wrong = 0;
    int64_t first = -1;

    for (int64_t i = 0; i < count; i++)
        if (dc_format_get(p->dtype, got, i) != dc_large_expected(p, op, i) &&
            wrong++ == 0)
            first = i;
    if (wrong)
        dc_result_find(r, op, DC_FAIL, DC_CHECK_VALUE,
                       "%lld of %lld elements of %s are wrong; element %lld "
                       "is %.17g and must be %.17g",
                       (long long)wrong, (long long)count,
                       dc_tensor_names[dc_ops[op].out], (long long)first,
                       dc_format_get(p->dtype, got, first),
                       dc_large_expected(p, op, first));
}

static dc_status judge_large_op(const dc_judge *judge, dc_endpoint *end,
                                const dc_problem *p, dc_op op, dc_result *r,
                                dc_error *e)
{
    void *got = calloc(1, dc_problem_bytes(p, dc_ops[op].out) + 1);
    char token[DC_CASE_MAX];
    dc_answer a;
    dc_status status;

    if (!got)
        return dc_nomem(e);
    dc_item_print(&r->item, token);
    r->requested[op] = true;
    status = dc_endpoint_large(end, token, p, op, got, &a, e);
    if (status == DC_OK && !dc_result_lost(r, op, &a)) {
        if (a.status == DC_OK) {
            dc_result_raise(r, op, DC_PASS);
            compare_large(r, p, op, got);
        } else if (a.status == DC_NOMEM) {
            snprintf(r->reason, sizeof r->reason, "%s", a.reason);
        } else if (!dc_refused_note(judge, p, op, &a, r)) {
            dc_result_status(r, op, &a);
        }
        dc_result_inputs(r, op, &a);
        dc_result_outside(r, op, &a);
    }
    free(got);
    return status;
}

static dc_status judge_large(const dc_judge *judge, dc_endpoint *end,
                             dc_result *r, dc_error *e)
{
    const dc_large *row = &dc_larges[r->item.row];
    dc_case c;
    dc_status status = dc_case_parse(row->spec, &c, e);

    if (status != DC_OK)
        return status;
    c.p.dtype = r->item.c.p.dtype;
    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        if (judge->ops[op] && row->ops[op])
            status = judge_large_op(judge, end, &c.p, (dc_op)op, r, e);
    dc_endpoint_restart(end);
    return status;
}

/* ==== Any item ========================================================== */

dc_status dc_judge_item(const dc_judge *judge, dc_endpoint *end,
                        dc_result *result, dc_error *e)
{
    const double start = dc_clock_now();
    const dc_moment begin = dc_endpoint_now(end);
    dc_status status;

    switch (result->item.kind) {
    case DC_ITEM_CASE:
        status = dc_judge_case(judge, end, result, e);
        break;
    case DC_ITEM_REFUSAL:
        status = dc_refusal_judge(judge, end, result, e);
        break;
    case DC_ITEM_ALTERNATION:
        status = judge_alternation(judge, end, result, e);
        break;
    case DC_ITEM_SEQUENCE:
        status = dc_sequence_judge(judge, end, &dc_sequences[result->item.row],
                                   result->item.c.p.dtype, result, e);
        break;
    case DC_ITEM_THREADS:
        status = judge_threads(judge, result, e);
        break;
    default:
        status = judge_large(judge, end, result, e);
    }
    dc_late_write_find(end, begin, result);
    result->seconds = dc_clock_now() - start;
    return status;
}
