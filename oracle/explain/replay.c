/* SPDX-License-Identifier: MIT
 *
 * Mutants that compute are run; the faults of the others (a crash, a changed
 * input, ...) are compared with what the failure says.
 */
#include "oracle/explain/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"

/* Fills a result before a call, as guard.c does. */
enum { POISON = 0xff };

/* ==== The case =========================================================== */

void dc_replay_close(dc_replay *r)
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(r->own[t]);
    free(r->right);
    free(r->wrong);
}

static dc_status fill_input(dc_replay *r, dc_tensor t, int side)
{
    r->own[t] = malloc(dc_problem_bytes(&r->c->p, t) + 1);
    r->tensors[t] = r->own[t];
    if (!r->own[t])
        return DC_NOMEM;
    return side && t != DC_GY ? dc_data_moved(r->c, t, side, r->own[t])
                              : dc_data_fill(r->c, t, r->own[t]);
}

dc_status dc_replay_open(dc_replay *r, const dc_case *c, dc_op op, int side)
{
    const dc_op_info *const info = &dc_ops[op];
    dc_status status = DC_OK;

    *r = (dc_replay){.c = c, .op = op};
    r->count = dc_problem_count(&c->p, info->out);
    r->bytes = dc_problem_bytes(&c->p, info->out);
    r->right = malloc(r->bytes + 1);
    r->wrong = malloc(r->bytes + 1);
    if (!r->right || !r->wrong)
        status = DC_NOMEM;
    for (int k = 0; k < info->takes && status == DC_OK; k++)
        if (dc_op_takes(&c->p, op, info->in[k]))
            status = fill_input(r, info->in[k], side);
    if (status == DC_OK)
        status = dc_mutant_run(NULL, &c->p, op, r->tensors, r->right);
    if (status != DC_OK)
        dc_replay_close(r);
    return status;
}

static dc_status run(dc_replay *r, const dc_mutant *m)
{
    memset(r->wrong, POISON, r->bytes);
    return dc_mutant_run(m, &r->c->p, r->op, r->tensors, r->wrong);
}

/* Did the mutant leave this element unwritten? */
static bool is_unwritten(const dc_replay *r, int64_t index)
{
    const int dtype = r->c->p.dtype;

    return dc_format_bits(dtype, r->wrong, index) ==
           UINT64_MAX >> (64 - 8 * dc_formats[dtype].size);
}

/* Equal up to the error that the bound permits to each of them. */
static bool same_value(double a, double b, double bound)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= 2 * bound;
}

/* What is wrong with the mutant's result. */
typedef struct {
    int64_t wrong;     /* number of wrong elements */
    int64_t first;     /* the first of them, or -1 */
    int64_t unwritten; /* the first that was not written, or -1 */
} difference;

static difference compare(const dc_replay *r, const dc_mutant *m, double bound)
{
    const int dtype = r->c->p.dtype;
    difference d = {0, -1, -1};
    double wrong;

    for (int64_t e = 0; e < r->count; e++) {
        wrong = dc_format_get(dtype, r->wrong, e);
        if (same_value(wrong, dc_format_get(dtype, r->right, e), bound / 2))
            continue;
        /* what is added to the poison keeps its bits */
        if (d.unwritten < 0 &&
            (is_unwritten(r, e) || (m->sum & DC_NOT_CLEARED && isnan(wrong))))
            d.unwritten = e;
        if (d.wrong++ == 0)
            d.first = e;
    }
    return d;
}

/* ==== Faults ============================================================= */

/* The check that notices the fault of m; DC_CHECKS: its values are wrong. */
static dc_check check_of(const dc_mutant *m)
{
    if (m->fault == DC_FAULT_WRONG_STATUS && m->detail == DC_INVALID)
        return DC_CHECK_EXTENT;
    if (m->fault == DC_FAULT_DROPS_IF_ALIGNED ||
        m->fault == DC_FAULT_DROPS_IF_ODD)
        return DC_CHECK_VALUE;
    return dc_mutant_check(m);
}

static bool is_access(const dc_failure *f, dc_tensor t, dc_side side)
{
    return f->tensor == t && f->side == side;
}

static bool fault_explains(const dc_mutant *m, dc_op op, const dc_failure *f)
{
    const dc_op_info *const info = &dc_ops[op];
    const dc_check check = check_of(m);

    if (!(f->checks & 1u << check))
        return false;
    switch (m->fault) {
    case DC_FAULT_READS_PAST:
    case DC_FAULT_SPILLS_INPUT:
        return is_access(f, info->in[m->detail], DC_SIDE_PAST);
    case DC_FAULT_READS_BEFORE:
        return is_access(f, info->in[m->detail], DC_SIDE_BEFORE);
    case DC_FAULT_WRITES_PAST:
    case DC_FAULT_STORES_VECTOR:
    case DC_FAULT_LATE_PAST:
        return is_access(f, info->out, DC_SIDE_PAST);
    case DC_FAULT_WRITES_BEFORE:
    case DC_FAULT_STORES_BEFORE:
        return is_access(f, info->out, DC_SIDE_BEFORE);
    case DC_FAULT_CHANGES_INPUT:
        return is_access(f, info->in[m->detail], DC_SIDE_NONE);
    case DC_FAULT_BORROWS_INPUT:
    case DC_FAULT_LATE_INPUT:
        return is_access(f, info->in[m->detail], DC_SIDE_INSIDE);
    case DC_FAULT_CHANGES_PROBLEM:
    case DC_FAULT_BORROWS_PROBLEM:
        return is_access(f, DC_TENSORS, DC_SIDE_INSIDE);
    case DC_FAULT_LATE_RESULT:
        return is_access(f, info->out, DC_SIDE_INSIDE);
    case DC_FAULT_STALE_INPUT:
        return dc_op_takes(&f->c.p, op, info->in[m->detail]);
    case DC_FAULT_DROPS_IF_ALIGNED:
    case DC_FAULT_DROPS_IF_ODD:
        return f->wrong == 1 &&
               f->index == dc_problem_count(&f->c.p, info->out) - 1;
    case DC_FAULT_STALE_RESULT: /* a NaN would be the poison, added to */
        return !isnan(f->got);
    case DC_FAULT_ALTERNATES: /* the first result of these two is right */
    case DC_FAULT_DROPS_THIRD_CALL:
        return !f->has_value;
    default:
        return check != DC_CHECK_CRASHED ||
               (f->side == DC_SIDE_NONE && f->death == m->fault);
    }
}

/* Would the fault of m have shown in a case that passed? */
static bool fault_fails(const dc_mutant *m, const dc_case *c, dc_op op)
{
    const dc_op_info *const info = &dc_ops[op];

    switch (m->fault) {
    case DC_FAULT_ALTERNATES: /* these depend on data, addresses or calls */
    case DC_FAULT_DROPS_IF_ALIGNED:
    case DC_FAULT_DROPS_IF_ODD:
    case DC_FAULT_STORES_VECTOR:
    case DC_FAULT_STORES_BEFORE:
    case DC_FAULT_NEEDS_ALIGNMENT:
    case DC_FAULT_STALE_PLAN:
    case DC_FAULT_DROPS_THIRD_CALL:
    case DC_FAULT_STALE_RESULT:
    case DC_FAULT_LATE_RESULT:
    case DC_FAULT_LATE_INPUT:
    case DC_FAULT_LATE_PAST:
        return false;
    case DC_FAULT_STALE_INPUT: /* only identities call it twice */
        if (c->family != DC_INT || !dc_op_takes(&c->p, op, info->in[m->detail]))
            return false;
        break;
    default:
        break;
    }
    /* an empty tensor hides much */
    for (int k = 0; k < info->takes; k++)
        if (dc_op_takes(&c->p, op, info->in[k]) &&
            dc_problem_count(&c->p, info->in[k]) == 0)
            return false;
    return dc_problem_count(&c->p, info->out) > 0;
}

/* ==== Values ============================================================= */

/* Is the NaN of m at this element what was there before the call?  Among data
 * with infinities and NaN such a NaN proves little. */
static bool is_poison(const dc_mutant *m, const dc_replay *r, int64_t index)
{
    return r->c->family == DC_SPECIAL &&
           (m->sum & DC_NOT_CLEARED || is_unwritten(r, index));
}

/* As dc_replay_explains, m's result being computed. */
static dc_match value_explains(const dc_replay *r, const dc_mutant *m,
                               const dc_failure *f, int64_t *excess)
{
    const int dtype = r->c->p.dtype;
    const bool exact = dc_data_exact(r->c->family, r->op);
    const double bound = exact ? 0 : f->bound;
    const difference d = compare(r, m, bound);
    double value;

    if (dc_failure_log_identity_only(f))
        return d.wrong > 0 ? DC_MATCH_RESULT : DC_MATCH_NONE;
    if (f->index < 0)
        return DC_MATCH_NONE;
    if (!f->has_value)
        return d.unwritten == f->index ? DC_MATCH_RESULT : DC_MATCH_NONE;
    if (f->checks & 1u << DC_CHECK_WRITTEN && d.unwritten < 0)
        return DC_MATCH_NONE;
    if (exact && (d.wrong != f->wrong || d.first != f->index ||
                  dc_result_sum(dtype, r->wrong, r->count) != f->sum))
        return DC_MATCH_NONE;
    *excess += llabs(d.wrong - f->wrong);
    value = dc_format_get(dtype, r->wrong, f->index);
    if (!same_value(f->got, value, bound) ||
        same_value(dc_format_get(dtype, r->right, f->index), value, bound / 2))
        return DC_MATCH_NONE;
    return is_poison(m, r, f->index) ? DC_MATCH_POISON : DC_MATCH_RESULT;
}

dc_match dc_replay_explains(dc_replay *r, const dc_mutant *m,
                            const dc_failure *f, int64_t *excess)
{
    bool explains = false;

    if (dc_mutant_alters(m, &r->c->p, r->op) && m->fault) {
        explains = fault_explains(m, r->op, f);
    } else if (dc_mutant_alters(m, &r->c->p, r->op)) {
        const dc_status status = run(r, m);

        if (status == DC_OK)
            return value_explains(r, m, f, excess);
        explains = status == DC_INVALID && f->checks == 1u << DC_CHECK_EXTENT;
    }
    return explains ? DC_MATCH_RESULT : DC_MATCH_NONE;
}

bool dc_replay_fails(dc_replay *r, const dc_mutant *m)
{
    if (!dc_mutant_alters(m, &r->c->p, r->op))
        return false;
    if (m->fault)
        return fault_fails(m, r->c, r->op);
    if (!dc_data_exact(r->c->family, r->op))
        return false;
    return run(r, m) != DC_OK || compare(r, m, 0).wrong > 0;
}
