/* SPDX-License-Identifier: MIT
 *
 * Fills the kill matrix.  The truth of a case is prepared once and judges a
 * whole batch of mutants.  Lanes of cases run side by side, each with processes
 * of its own, so that a mutant with a memory sees the same calls in the same
 * order on every machine.
 */
#include "oracle/selfcheck/matrix.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/base/pool.h"
#include "oracle/judge/identity.h"
#include "oracle/judge/judge.h"
#include "oracle/selfcheck/worklist.h"

enum {
    LANES = 4,
    BATCH = 40,       /* processes of a lane: three descriptors each */
    CRASHES_MAX = 20, /* of a mutant in a lane and tier, then it is dropped */
    HANGS_MAX = 1
};

static const dc_mutant clean = {.id = "clean",
                                .class_ = "",
                                .ops = (1 << DC_OPS) - 1,
                                .what = "the algorithm without a mutation"};

/* ==== Lanes ============================================================== */

/* A batch of mutants in one tier. */
typedef struct {
    dc_matrix *x; /* under the lock */
    const dc_matrix_plan *plan;
    const dc_worklist *work;
    pthread_mutex_t *lock;
    int tier;
    const int *rows; /* of x */
    int count;       /* of rows */
} batch;

/* A lane at work on a batch; arrays are per mutant of the batch. */
typedef struct {
    const batch *b;
    char what[BATCH][32];
    dc_subject subjects[BATCH];
    dc_endpoint *ends[BATCH];
    int crashes[BATCH];
    int hangs[BATCH];
    int kills[BATCH]; /* plain cases that killed */
} lane;

/* Judges the operations that m touches; all of them if only their comparison,
 * or the call after, shows the mutant.  Two threads at once are asked of those
 * that they show. */
static dc_judge judge_of(const dc_mutant *m)
{
    const dc_check check = dc_mutant_check(m);
    /* an extent that a gradient alone refuses */
    const bool refuses = m->extent && !dc_mutant_touches(m, DC_FORWARD);
    const bool all = dc_check_needs_all_ops(check) || refuses;
    dc_judge judge = {.arithmetic = {.accumulate = -1},
                      .reentrant = check == DC_CHECK_REENTRANT};

    for (int op = 0; op < DC_OPS; op++)
        judge.ops[op] = all || dc_mutant_touches(m, (dc_op)op);
    return judge;
}

/* Under the lock. */
static void count(const batch *b, int k, const dc_result *r)
{
    dc_matrix_row *const row = &b->x->rows[b->rows[k]];
    bool seen[DC_CHECKS] = {false};

    row->cases[b->tier]++;
    row->killed[b->tier] += r->verdict >= DC_FAIL;
    for (int f = 0; f < r->n_findings; f++) {
        const dc_check check = r->findings[f].check;

        if (dc_check_is_grade(check))
            continue; /* a warning */
        row->kills[b->tier][r->item.c.family][check] += !seen[check];
        seen[check] = true;
    }
    if (b->plan->on_result)
        b->plan->on_result(b->plan->context, b->rows[k], r);
}

bool dc_matrix_caught(const dc_matrix_row *row)
{
    for (int t = 0; t < DC_MATRIX_TIERS; t++)
        if (row->killed[t])
            return true;
    return false;
}

/* Is mutant k of the batch not judged any further? */
static bool is_dropped(const lane *l, int k)
{
    const batch *const b = l->b;
    bool caught;

    pthread_mutex_lock(b->lock);
    caught = b->plan->once && dc_matrix_caught(&b->x->rows[b->rows[k]]);
    pthread_mutex_unlock(b->lock);
    return caught || l->crashes[k] >= CRASHES_MAX || l->hangs[k] >= HANGS_MAX;
}

/* Is this item a case whose structure is not proven as well? */
static bool is_plain(const batch *b, int64_t index)
{
    return b->work->cases.items[index].kind == DC_ITEM_CASE &&
           !(b->work->prove && b->work->prove[index]);
}

/* Is mutant k asked this item?  If one finding is enough, those that only
 * sequences can show are asked nothing else.  Each lane counts the kills of its
 * own, so that their number does not depend on which lane is faster. */
static bool is_asked(const lane *l, int k, int64_t index)
{
    const dc_matrix_plan *const plan = l->b->plan;
    const dc_mutant *const m = l->b->x->rows[l->b->rows[k]].m;
    const dc_item_kind kind = l->b->work->cases.items[index].kind;

    if (is_dropped(l, k))
        return false;
    if (plan->once && dc_mutant_check(m) == DC_CHECK_SEQUENCE)
        return kind == DC_ITEM_SEQUENCE;
    if (plan->once && dc_mutant_check(m) == DC_CHECK_ALTERNATION)
        return kind == DC_ITEM_REFUSAL;
    return !plan->enough || l->kills[k] * LANES < plan->enough ||
           !is_plain(l->b, index);
}

/* Is m, which computes and has no other fault, right in every call of this
 * item?  Identities ask other numbers of the same problem, and few mutants
 * answer illegal problems.  A proof of the structure and the other scenarios
 * ask other problems: they are left out only if one finding suffices, because
 * cases find wrong numbers, too. */
static bool is_right(const batch *b, const dc_mutant *m, int64_t index)
{
    const dc_item *const item = &b->work->cases.items[index];

    if (m == &clean || m->fault)
        return false;
    if (item->kind == DC_ITEM_REFUSAL)
        return !(m->needs & DC_NEEDS_ILLEGAL);
    if (!is_plain(b, index) && !b->plan->once)
        return false;
    if (item->kind != DC_ITEM_CASE)
        return !(m->needs & DC_NEEDS_ILLEGAL);
    for (int op = 0; op < DC_OPS; op++)
        if (dc_mutant_alters(m, &item->c.p, (dc_op)op))
            return false;
    return true;
}

/* The result of a case that a mutant answers rightly, without asking it. */
static void pass(const dc_judge *judge, dc_result *r)
{
    for (int op = 0; op < DC_OPS; op++)
        if (judge->ops[op]) {
            r->requested[op] = true;
            dc_result_raise(r, (dc_op)op, DC_PASS);
        }
}

static bool all_dropped(const lane *l)
{
    for (int k = 0; k < l->b->count; k++)
        if (!is_dropped(l, k))
            return false;
    return true;
}

/* The truth of a case is opened when the first mutant needs it. */
static dc_status judge_item(lane *l, int64_t index, dc_error *e)
{
    const batch *const b = l->b;
    const dc_item *const item = &b->work->cases.items[index];
    const bool is_case = item->kind == DC_ITEM_CASE;
    bool open = false;
    dc_truth t;
    dc_status status = DC_OK;

    for (int k = 0; k < b->count && status == DC_OK; k++) {
        const dc_mutant *const m = b->x->rows[b->rows[k]].m;
        const bool right = is_right(b, m, index);
        dc_judge judge = judge_of(m);
        dc_result r;

        if (!is_asked(l, k, index))
            continue;
        if (is_case && !right && !open) {
            status = dc_truth_open(&t, &item->c, e);
            open = status == DC_OK;
            if (!open)
                break;
        }
        memset(&r, 0, sizeof r);
        r.item = *item;
        r.prove = b->work->prove ? b->work->prove[index] : DC_PROVE_NOTHING;
        judge.subject = &l->subjects[k];
        if (right)
            pass(&judge, &r);
        else
            status = is_case ? dc_judge_truth(&judge, l->ends[k], &t, &r, e)
                             : dc_judge_item(&judge, l->ends[k], &r, e);
        l->crashes[k] += r.verdict == DC_CRASH;
        l->hangs[k] += r.verdict == DC_HANG;
        l->kills[k] += r.verdict >= DC_FAIL && is_plain(b, index);
        pthread_mutex_lock(b->lock);
        count(b, k, &r);
        pthread_mutex_unlock(b->lock);
    }
    if (open)
        dc_truth_close(&t);
    return status;
}

/* Every LANES-th item, from item number `first`. */
static dc_status run_lane(void *context, void *worker, int64_t first,
                          dc_error *e)
{
    const batch *const b = context;
    lane l = {.b = b};
    dc_status status = DC_OK;

    (void)worker;
    for (int k = 0; k < b->count && status == DC_OK; k++) {
        snprintf(l.what[k], sizeof l.what[k], "mutant:%s",
                 b->x->rows[b->rows[k]].m->id);
        l.subjects[k] =
            (dc_subject){l.what[k], b->plan->self, b->plan->timeout};
        status = dc_endpoint_open(&l.ends[k], &l.subjects[k], e);
    }
    for (int64_t i = first;
         i < b->work->count && status == DC_OK && !all_dropped(&l); i += LANES)
        status = judge_item(&l, b->work->order[i], e);
    for (int k = 0; k < b->count; k++)
        dc_endpoint_close(l.ends[k]);
    return status;
}

/* ==== The adjoint identity without a reference =========================== */

/* Does <gy, y - b> = <gx, x> = <gw, w> fail for m on this case?  Operations
 * that m does not touch give right results. */
static dc_status check_adjoint(const dc_mutant *m, const dc_truth *t,
                               bool *noticed, dc_error *e)
{
    void *results[DC_OPS] = {NULL};
    dc_identity found = {0};
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        results[op] = calloc((size_t)t->count[op] + 1, sizeof(double));
        status = results[op] ? dc_mutant_run(m, &t->c.p, (dc_op)op, t->tensors,
                                             results[op])
                             : dc_nomem(e);
    }
    if (status == DC_OK)
        status =
            dc_identity_adjoint(t, (const void *const *)results, &found, e);
    else if (status == DC_INVALID || status == DC_UNSUPPORTED)
        status = DC_OK; /* the identity says nothing about extents */
    *noticed = found.broken;
    for (int op = 0; op < DC_OPS; op++)
        free(results[op]);
    return status;
}

/* Sets adjoint_alone, from the cases with exact data. */
static dc_status run_adjoint(dc_matrix *x, const dc_worklist *work, dc_error *e)
{
    dc_status status = DC_OK;

    for (int64_t i = 0; i < work->count && status == DC_OK; i++) {
        const dc_item *const item = &work->cases.items[work->order[i]];
        dc_truth t;

        if (item->kind != DC_ITEM_CASE || item->c.family != DC_INT)
            continue;
        status = dc_truth_open(&t, &item->c, e);
        if (status != DC_OK)
            break;
        for (int r = 0; r < x->n_rows && status == DC_OK; r++)
            if (!x->rows[r].adjoint_alone && !x->rows[r].m->fault)
                status = check_adjoint(x->rows[r].m, &t,
                                       &x->rows[r].adjoint_alone, e);
        dc_truth_close(&t);
    }
    return status;
}

/* ==== Entry points ======================================================= */

/* Judges all rows in one tier; with plan->once, those not caught so far. */
static dc_status run_tier(dc_matrix *x, const dc_matrix_plan *plan, int tier,
                          const dc_worklist *work, dc_error *e)
{
    int *const rows = calloc((size_t)x->n_rows + 1, sizeof *rows);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int n = 0;
    dc_status status = DC_OK;

    if (!rows)
        return dc_nomem(e);
    x->cases[tier] = work->count;
    for (int r = 0; r < x->n_rows; r++)
        /* the algorithm without a mutation passes every case: it is judged in
         * the first tier only */
        if (!plan->once || (!dc_matrix_caught(&x->rows[r]) &&
                            (tier == 0 || x->rows[r].m != &clean)))
            rows[n++] = r;
    for (int at = 0; at < n && status == DC_OK; at += BATCH) {
        batch b = {.x = x,
                   .plan = plan,
                   .work = work,
                   .lock = &lock,
                   .tier = tier,
                   .rows = rows + at,
                   .count = n - at < BATCH ? n - at : BATCH};
        const dc_pool pool = {
            .task = run_lane, .context = &b, .count = LANES, .jobs = LANES};
        int64_t done;

        status = dc_pool_run(&pool, &done, e);
        if (plan->progress)
            fprintf(plan->progress, "%s: %d of %d mutants\n",
                    dc_tier_names[dc_matrix_tiers[tier]], at + b.count, n);
    }
    free(rows);
    return status;
}

dc_status dc_matrix_run(dc_matrix *x, const dc_matrix_plan *plan, dc_error *e)
{
    const int n_tiers = plan->smoke_only ? 1 : DC_MATRIX_TIERS;
    dc_status status = DC_OK;

    memset(x, 0, sizeof *x);
    x->n_rows = plan->mutants ? plan->n_mutants : dc_mutants_count;
    x->rows = calloc((size_t)x->n_rows + 1, sizeof *x->rows);
    if (!x->rows)
        return dc_nomem(e);
    for (int r = 0; r < x->n_rows; r++) {
        const int number = plan->mutants ? plan->mutants[r] : r;

        x->rows[r].m = number < 0 ? &clean : &dc_mutants[number];
    }
    for (int tier = 0; tier < n_tiers && status == DC_OK; tier++) {
        dc_worklist work = {0};

        status = dc_worklist_open(&work, dc_matrix_tiers[tier], plan->every,
                                  plan->once, e);
        if (status == DC_OK)
            status = run_tier(x, plan, tier, &work, e);
        if (status == DC_OK && tier == 0 && !plan->once && !plan->smoke_only)
            status = run_adjoint(x, &work, e);
        dc_worklist_close(&work);
    }
    if (status != DC_OK)
        dc_matrix_close(x);
    return status;
}

void dc_matrix_close(dc_matrix *x)
{
    free(x->rows);
    x->rows = NULL;
}
