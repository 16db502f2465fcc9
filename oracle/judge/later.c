/* SPDX-License-Identifier: MIT
 *
 * Keeps hashes in place of results: what a wrong one must be, the truth knows.
 */
#include "oracle/judge/later.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/counts.h"
#include "ref/format.h"

enum {
    EARLY = 24,           /* these are kept, then every one whose number is a
                           * power of two */
    BYTES_MAX = 1 << 16,  /* of a result */
    PRODUCTS_MAX = 100000 /* of an operation */
};

/* FNV-1a. */
static uint64_t hash_of(const void *bytes, size_t size)
{
    const unsigned char *const at = bytes;
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t k = 0; k < size; k++)
        hash = (hash ^ at[k]) * 0x100000001b3u;
    return hash;
}

dc_trace dc_later_trace(const dc_endpoint *end, const dc_problem *p, dc_op op,
                        const void *result)
{
    const size_t bytes = dc_problem_bytes(p, dc_ops[op].out);

    if (bytes > BYTES_MAX)
        return (dc_trace){.kept = false};
    return (dc_trace){true, dc_endpoint_now(end), hash_of(result, bytes)};
}

/* ==== Which cases are kept ============================================== */

/* The process that computed the traces, or -1. */
static int64_t process_of(const dc_trace traces[DC_OPS])
{
    for (int op = 0; op < DC_OPS; op++)
        if (traces[op].kept)
            return traces[op].moment.process;
    return -1;
}

static bool is_cheap(const dc_problem *p)
{
    dc_counts n;

    if (dc_counts_of(p, &n, NULL) != DC_OK)
        return false;
    for (int op = 0; op < DC_OPS; op++)
        if (n.mul[op] + n.add[op] > PRODUCTS_MAX)
            return false;
    return true;
}

void dc_later_note(dc_later *l, const dc_result *r)
{
    const int64_t process = process_of(r->traces);

    if (r->item.kind != DC_ITEM_CASE || r->verdict != DC_PASS || process < 0 ||
        !is_cheap(&r->item.c.p))
        return;
    if (l->count && process_of(l->cases[0].traces) != process)
        *l = (dc_later){.count = 0};
    l->seen++;
    if (l->count == DC_LATER_CASES ||
        (l->seen > EARLY && (l->seen & (l->seen - 1)) != 0))
        return;
    l->cases[l->count].c = r->item.c;
    memcpy(l->cases[l->count++].traces, r->traces, sizeof r->traces);
}

/* ==== Asking again ====================================================== */

/* Adds the finding that a result has other bits than its trace. */
static void report_bits(const dc_endpoint *end, dc_truth *t, dc_op op,
                        const dc_trace *before, dc_comparison c,
                        const void *got, dc_result *r)
{
    char name[DC_CASE_MAX];
    dc_finding *f;

    dc_case_print(&t->c, name);
    f = dc_result_find(r, op, DC_FAIL, DC_CHECK_LATER,
                       "%.130s, judged right as call %lld of this process, "
                       "gave other bits in %s as call %lld",
                       name, (long long)before->moment.call,
                       dc_tensor_names[dc_ops[op].out],
                       (long long)dc_endpoint_now(end).call);
    if (c.wrong)
        dc_judge_element(f, t, got, c, &t->accepted[op][c.first]);
}

/* A problem that was answered is refused. */
static void report_refusal(const dc_endpoint *end, dc_op op,
                           const dc_trace *before, const dc_answer *a,
                           dc_result *r)
{
    dc_finding *const f = dc_result_find(
        r, op, DC_FAIL, DC_CHECK_LATER,
        "answered as call %lld of this process, and refused as call %lld "
        "(%s%s%.60s)",
        (long long)before->moment.call, (long long)dc_endpoint_now(end).call,
        dc_status_name(a->status), a->reason[0] ? ": " : "", a->reason);

    if (f)
        f->status = a->status;
}

static dc_status ask_op(const dc_judge *judge, dc_endpoint *end, dc_truth *t,
                        dc_op op, const dc_trace *before, dc_result *r,
                        dc_error *e)
{
    const bool any_bits = judge->arithmetic.declared & DC_NONDETERMINISTIC;
    const size_t bytes = dc_problem_bytes(&t->c.p, dc_ops[op].out);
    void *const got = malloc(bytes + 1);
    dc_comparison c;
    dc_answer a;
    dc_status status;

    if (!got)
        return dc_nomem(e);
    status = dc_endpoint_call(end, &t->c, op, t->tensors,
                              (void *[2]){got, NULL}, &a, e);
    if (status == DC_OK && !dc_judge_answer(judge, &t->c.p, op, &a, r)) {
        if (r->by_op[op] < DC_FAIL)
            report_refusal(end, op, before, &a, r);
    } else if (status == DC_OK &&
               (any_bits || hash_of(got, bytes) != before->hash)) {
        status = dc_truth_make(t, op, &judge->arithmetic, e);
        if (status == DC_OK) {
            c = dc_truth_compare(t, op, got);
            if (c.wrong || !any_bits)
                report_bits(end, t, op, before, c, got, r);
        }
    }
    free(got);
    return status;
}

/* Asks one case again. */
static dc_status ask(const dc_judge *judge, dc_endpoint *end,
                     const dc_trace traces[DC_OPS], dc_result *r, dc_error *e)
{
    dc_truth t;
    dc_status status = dc_truth_open(&t, &r->item.c, e);

    if (status != DC_OK)
        return status;
    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        if (traces[op].kept) {
            r->requested[op] = true;
            status = ask_op(judge, end, &t, (dc_op)op, &traces[op], r, e);
        }
    dc_truth_close(&t);
    return status;
}

dc_status dc_later_ask(dc_later *l, const dc_judge *judge, dc_endpoint *end,
                       dc_result *result, bool *found, dc_error *e)
{
    dc_status status = DC_OK;

    *found = false;
    if (l->seen < 2 ||
        process_of(l->cases[0].traces) != dc_endpoint_now(end).process)
        l->count = 0;
    for (int k = 0; k < l->count && status == DC_OK && !*found; k++) {
        memset(result, 0, sizeof *result);
        result->item.c = l->cases[k].c;
        status = ask(judge, end, l->cases[k].traces, result, e);
        *found = result->verdict >= DC_FAIL;
    }
    *l = (dc_later){.count = 0};
    return status;
}
