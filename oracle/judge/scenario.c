/* SPDX-License-Identifier: MIT
 *
 * One function for each kind of question.
 */
#include "oracle/judge/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/catalog/scenarios.h"
#include "ref/format.h"
#include "oracle/base/clock.h"
#include "oracle/base/declare.h"
#include "oracle/truth/large_expected.h"

/* Notes that op was answered as it should be. */
static void pass(dc_result *r, dc_op op)
{
    if (r->by_op[op] < DC_PASS)
        r->by_op[op] = DC_PASS;
    if (r->verdict < DC_PASS)
        r->verdict = DC_PASS;
}

/* ==== Refusals ========================================================== */

/* The output extent that the formula gives to fields that may not be legal,
 * so that o is not what gives the problem away. */
static int64_t formula(const dc_problem *p, int a)
{
    int64_t steps;
    int64_t reach;
    int64_t o;

    if (__builtin_sub_overflow(p->i[a], 1, &steps) ||
        __builtin_mul_overflow(steps, p->s[a], &steps) ||
        __builtin_sub_overflow(p->k[a], 1, &reach) ||
        __builtin_mul_overflow(reach, p->d[a], &reach) ||
        __builtin_add_overflow(steps, reach, &o) ||
        __builtin_sub_overflow(o, p->pb[a], &o) ||
        __builtin_sub_overflow(o, p->pe[a], &o) ||
        __builtin_add_overflow(o, p->op[a], &o) ||
        __builtin_add_overflow(o, 1, &o))
        return 0;
    return o;
}

static dc_status judge_refusal(const dc_judge *judge, dc_endpoint *end,
                               dc_result *r, dc_error *e)
{
    const dc_refusal *row = &dc_refusals[r->item.row];
    char token[DC_CASE_MAX];
    dc_problem p = row->p;

    if (p.dtype >= 0 && p.dtype < DC_FORMATS)
        p.dtype = r->item.c.p.dtype;
    for (int a = 0; a < 3 && a < p.rank; a++)
        p.o[a] = formula(&p, a);
    dc_item_print(&r->item, token);
    for (int op = 0; op < DC_OPS; op++) {
        dc_answer a;
        dc_status status;

        if (!judge->ops[op])
            continue;
        r->asked[op] = 1;
        status = dc_endpoint_refuse(end, token, &p, (dc_op)op, &a, e);
        if (status != DC_OK)
            return status;
        if (dc_result_lost(r, (dc_op)op, &a))
            continue;
        if (a.status == DC_INVALID)
            pass(r, (dc_op)op);
        else if (a.status == DC_UNSUPPORTED)
            snprintf(r->reason, sizeof r->reason, "%s", a.reason);
        else
            dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_REFUSAL,
                           "an illegal problem (%s) was answered %s%s%s",
                           row->rule, dc_status_name(a.status),
                           a.reason[0] ? ": " : "", a.reason);
    }
    dc_endpoint_restart(end);
    return DC_OK;
}

/* ==== Cases in turn ===================================================== */

/* What judging a case of the question found. */
static void merge(dc_result *to, const dc_result *from)
{
    char name[DC_CASE_MAX];

    dc_case_print(&from->item.c, name);
    for (int op = 0; op < DC_OPS; op++) {
        to->asked[op] |= from->asked[op];
        if (to->by_op[op] < from->by_op[op])
            to->by_op[op] = from->by_op[op];
    }
    if (to->verdict < from->verdict)
        to->verdict = from->verdict;
    if (from->reason[0])
        memcpy(to->reason, from->reason, sizeof to->reason);
    for (int f = 0; f < from->n_findings; f++) {
        const dc_finding *at = &from->findings[f];
        dc_finding *made;

        if (at->op >= DC_OPS)
            continue;
        made = dc_result_find(to, at->op, from->by_op[at->op], at->check, "%s",
                              at->text);
        if (!made)
            return;
        *made = *at;
        snprintf(made->text, sizeof made->text, "%.180s (in %.130s)", at->text,
                 name);
    }
}

static dc_status judge_one(const dc_judge *judge, dc_endpoint *end,
                           const dc_case *c, dc_result *r, dc_error *e)
{
    dc_result *one = calloc(1, sizeof *one);
    dc_status status;

    if (!one)
        return dc_nomem(e);
    one->item.c = *c;
    status = dc_judge_case(judge, end, one, e);
    if (status == DC_OK)
        merge(r, one);
    free(one);
    return status;
}

/* Both results of every operation that answered OK; else NULL. */
typedef struct {
    void *bits[DC_OPS][2];
    int runs[DC_OPS];
} record;

static void forget(record *x)
{
    for (int op = 0; op < DC_OPS; op++)
        for (int run = 0; run < 2; run++)
            free(x->bits[op][run]);
}

static dc_status take(const dc_judge *judge, dc_endpoint *end, dc_truth *t,
                      record *x, dc_result *r, dc_error *e)
{
    const size_t size = (size_t)dc_formats[t->c.p.dtype].size;

    memset(x, 0, sizeof *x);
    for (int op = 0; op < DC_OPS; op++) {
        dc_answer a;
        dc_status status;

        if (!judge->ops[op])
            continue;
        for (int run = 0; run < 2; run++) {
            x->bits[op][run] = calloc((size_t)t->count[op] + 1, size);
            if (!x->bits[op][run])
                return dc_nomem(e);
        }
        status = dc_endpoint_call(end, &t->c, (dc_op)op, t->tensors,
                                  x->bits[op], &a, e);
        if (status != DC_OK)
            return status;
        if (!dc_result_lost(r, (dc_op)op, &a) && a.status == DC_OK &&
            a.shape_axes < 0)
            x->runs[op] = a.runs;
    }
    return DC_OK;
}

static void compare(const dc_truth *t, const record *before,
                    const record *after, const char *between, dc_result *r)
{
    for (int op = 0; op < DC_OPS; op++) {
        const size_t bytes =
            (size_t)(t->count[op] * dc_formats[t->c.p.dtype].size);
        const int runs = before->runs[op] < after->runs[op] ? before->runs[op]
                                                            : after->runs[op];

        if (before->runs[op] != after->runs[op]) {
            dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_ALTERNATION,
                           "another answer after a call of %.200s", between);
            continue;
        }
        for (int run = 0; run < runs; run++)
            if (memcmp(before->bits[op][run], after->bits[op][run], bytes)) {
                dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_ALTERNATION,
                               "other bits in %s after a call of %.200s",
                               dc_tensor_names[dc_ops[op].out], between);
                break;
            }
    }
}

static dc_status judge_alternation(const dc_judge *judge, dc_endpoint *end,
                                   dc_result *r, dc_error *e)
{
    const dc_alternation *row = &dc_alternations[r->item.row];
    const int any_bits = judge->arithmetic.declared & DC_NONDETERMINISTIC;
    char between[DC_CASE_MAX];
    record before = {{{NULL}}, {0}};
    record after = {{{NULL}}, {0}};
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
    dc_case_print(&c[1], between);
    status = judge_one(judge, end, &c[0], r, e);
    if (status == DC_OK)
        status = take(judge, end, &truth, &before, r, e);
    if (status == DC_OK)
        status = judge_one(judge, end, &c[1], r, e);
    if (status == DC_OK)
        status = any_bits ? judge_one(judge, end, &c[0], r, e)
                          : take(judge, end, &truth, &after, r, e);
    if (status == DC_OK && !any_bits)
        compare(&truth, &before, &after, between, r);
    forget(&before);
    forget(&after);
    dc_truth_close(&truth);
    return status;
}

/* ==== Threads =========================================================== */

/* Are the bits those of one thread?  Only rounded sums can differ. */
static dc_status note_bits(const dc_judge *judge, dc_endpoint *one,
                           dc_endpoint *end, const dc_case *c, dc_result *r,
                           dc_error *e)
{
    record with_one = {{{NULL}}, {0}};
    record with_many = {{{NULL}}, {0}};
    dc_truth truth;
    dc_status status = dc_truth_open(&truth, c, e);

    if (status != DC_OK)
        return status;
    status = take(judge, one, &truth, &with_one, r, e);
    if (status == DC_OK)
        status = take(judge, end, &truth, &with_many, r, e);
    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        r->measures.other_bits |=
            with_one.runs[op] && with_many.runs[op] &&
            memcmp(with_one.bits[op][0], with_many.bits[op][0],
                   (size_t)(truth.count[op] * dc_formats[c->p.dtype].size)) !=
                0;
    forget(&with_one);
    forget(&with_many);
    dc_truth_close(&truth);
    return status;
}

static dc_status judge_threads(const dc_judge *judge, dc_result *r, dc_error *e)
{
    const int threads = dc_thread_counts[r->item.row].threads;
    const int any_bits = judge->arithmetic.declared & DC_NONDETERMINISTIC;
    dc_endpoint *one = NULL;
    dc_endpoint *end;
    dc_status status;

    if (!judge->subject) {
        snprintf(r->reason, sizeof r->reason,
                 "the number of threads is not ours to choose here");
        return DC_OK;
    }
    status = dc_endpoint_open_threads(&end, judge->subject, threads, e);
    if (status == DC_OK && threads > 1 && !any_bits)
        status = dc_endpoint_open_threads(&one, judge->subject, 1, e);
    for (int k = 0; status == DC_OK && dc_thread_cases[k]; k++) {
        dc_case c;

        status = dc_case_parse(dc_thread_cases[k], &c, e);
        c.p.dtype = r->item.c.p.dtype;
        if (status == DC_OK)
            status = judge_one(judge, end, &c, r, e);
        if (status == DC_OK && one && c.family == DC_REAL &&
            r->verdict == DC_PASS)
            status = note_bits(judge, one, end, &c, r, e);
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

static dc_status judge_large(const dc_judge *judge, dc_endpoint *end,
                             dc_result *r, dc_error *e)
{
    const dc_large *row = &dc_larges[r->item.row];
    char token[DC_CASE_MAX];
    dc_case c;
    dc_status status = dc_case_parse(row->spec, &c, e);

    if (status != DC_OK)
        return status;
    c.p.dtype = r->item.c.p.dtype;
    dc_item_print(&r->item, token);
    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        const int64_t count = dc_problem_count(&c.p, dc_ops[op].out);
        dc_answer a;
        void *got;

        if (!judge->ops[op] || !row->ops[op])
            continue;
        got = calloc((size_t)count + 1, (size_t)dc_formats[c.p.dtype].size);
        if (!got)
            return dc_nomem(e);
        r->asked[op] = 1;
        status = dc_endpoint_large(end, token, &c.p, (dc_op)op, got, &a, e);
        if (status == DC_OK && !dc_result_lost(r, (dc_op)op, &a)) {
            if (a.status == DC_OK) {
                pass(r, (dc_op)op);
                compare_large(r, &c.p, (dc_op)op, got);
            } else if (a.status == DC_UNSUPPORTED || a.status == DC_NOMEM) {
                snprintf(r->reason, sizeof r->reason, "%s", a.reason);
            } else {
                dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_STATUS,
                               "a legal problem was answered %s%s%s",
                               dc_status_name(a.status),
                               a.reason[0] ? ": " : "", a.reason);
            }
            if (a.tensor != DC_TENSORS)
                dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_INPUTS,
                               "the call changed its input %s",
                               dc_tensor_names[a.tensor]);
        }
        free(got);
    }
    dc_endpoint_restart(end);
    return status;
}

dc_status dc_judge_item(const dc_judge *judge, dc_endpoint *end,
                        dc_result *result, dc_error *e)
{
    const double start = dc_clock_now();
    dc_status status;

    switch (result->item.kind) {
    case DC_ITEM_CASE:
        return dc_judge_case(judge, end, result, e);
    case DC_ITEM_REFUSAL:
        status = judge_refusal(judge, end, result, e);
        break;
    case DC_ITEM_ALTERNATION:
        status = judge_alternation(judge, end, result, e);
        break;
    case DC_ITEM_THREADS:
        status = judge_threads(judge, result, e);
        break;
    default:
        status = judge_large(judge, end, result, e);
    }
    result->seconds = dc_clock_now() - start;
    return status;
}
