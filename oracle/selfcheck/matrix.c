/* SPDX-License-Identifier: MIT
 *
 * Filling the kill matrix.  A case is brought to life once and a whole batch
 * of mutants is judged by it; lanes of cases run side by side, each with
 * processes of its own, so that a mutant with a memory sees the same calls in
 * the same order on every machine.
 */
#include "oracle/selfcheck/matrix.h"

#include <inttypes.h>
#include <mpfr.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/judge/identity.h"
#include "oracle/judge/judge.h"
#include "oracle/selfcheck/matrix_worklist.h"
#include "oracle/judge/prove.h"
#include "oracle/judge/scenario.h"

enum {
    LANES = 4,
    BATCH = 40,       /* processes of a lane: three descriptors each */
    CRASHES_MAX = 20, /* of one mutant in one lane of one tier, then it rests */
    HANGS_MAX = 1
};

static const dc_mutant clean = {.id = "clean",
                                .class_ = "",
                                .ops = (1 << DC_OPS) - 1,
                                .what = "the algorithm without a mutation"};

/* One lane at work on one batch. */
typedef struct {
    dc_matrix *x;
    const dc_matrix_plan *plan;
    const dc_worklist *of;
    pthread_mutex_t *lock; /* of x */
    int lane;
    int tier;
    const int *rows;
    int count; /* rows */
    char what[BATCH][32];
    dc_subject subjects[BATCH];
    dc_endpoint *ends[BATCH];
    int crashes[BATCH];
    int hangs[BATCH];
    dc_status status;
    dc_error fault;
} lane;

/* What is asked of m: the operations that it touches; all where only their
 * agreement gives it away. */
static dc_judge judge_of(const dc_mutant *m)
{
    const bool all = dc_mutant_check(m) == DC_CHECK_DIFFERENCE;
    dc_judge judge = {.arithmetic = {.accumulate = -1}};

    for (int op = 0; op < DC_OPS; op++)
        judge.ops[op] = all || dc_mutant_touches(m, (dc_op)op);
    return judge;
}

/* ==== Counting =========================================================== */

/* Under the lock. */
static void count(dc_matrix_row *row, int tier, const dc_result *r)
{
    int seen[DC_CHECKS] = {0};

    row->cases[tier]++;
    row->killed[tier] += r->verdict >= DC_FAIL;
    for (int f = 0; f < r->n_findings; f++) {
        const dc_check c = r->findings[f].check;

        if (!seen[c]++)
            row->kills[tier][r->item.c.family][c]++;
    }
}

/* ==== Lanes ============================================================== */

static int caught(const dc_matrix_row *row)
{
    int64_t kills = 0;

    for (int t = 0; t < DC_MATRIX_TIERS; t++)
        kills += row->killed[t];
    return kills > 0;
}

/* Is mutant k of the batch not asked any more? */
static int rests(lane *l, int k)
{
    int done;

    pthread_mutex_lock(l->lock);
    done = l->plan->once && caught(&l->x->rows[l->rows[k]]);
    pthread_mutex_unlock(l->lock);
    return done || l->crashes[k] >= CRASHES_MAX || l->hangs[k] >= HANGS_MAX;
}

static int all_rest(lane *l)
{
    int k = 0;

    while (k < l->count && rests(l, k))
        k++;
    return k == l->count;
}

/* t NULL: the item is a question, no case. */
static void judge_batch(lane *l, dc_truth *t, int64_t index)
{
    for (int k = 0; k < l->count && l->status == DC_OK; k++) {
        dc_matrix_row *const row = &l->x->rows[l->rows[k]];
        dc_judge judge = judge_of(row->m);
        dc_result r;

        if (rests(l, k))
            continue;
        memset(&r, 0, sizeof r);
        r.item = l->of->cases.items[index];
        r.prove = l->of->prove ? l->of->prove[index] : DC_PROVE_NOTHING;
        judge.subject = &l->subjects[k];
        l->status = t ? dc_judge_truth(&judge, l->ends[k], t, &r, &l->fault)
                      : dc_judge_item(&judge, l->ends[k], &r, &l->fault);
        l->crashes[k] += r.verdict == DC_CRASH;
        l->hangs[k] += r.verdict == DC_HANG;
        pthread_mutex_lock(l->lock);
        count(row, l->tier, &r);
        if (l->plan->result)
            l->plan->result(l->plan->context, l->rows[k], &r);
        pthread_mutex_unlock(l->lock);
    }
}

static void *run_lane(void *argument)
{
    lane *const l = argument;

    for (int k = 0; k < l->count && l->status == DC_OK; k++) {
        snprintf(l->what[k], sizeof l->what[k], "mutant:%s",
                 l->x->rows[l->rows[k]].m->id);
        l->subjects[k] =
            (dc_subject){l->what[k], l->plan->self, l->plan->timeout};
        l->status = dc_endpoint_open(&l->ends[k], &l->subjects[k], &l->fault);
    }
    for (int64_t i = l->lane;
         i < l->of->count && l->status == DC_OK && !all_rest(l); i += LANES) {
        const int64_t index = l->of->order[i];
        const dc_item *const item = &l->of->cases.items[index];
        dc_truth t;

        if (item->kind != DC_ITEM_CASE) {
            judge_batch(l, NULL, index);
            continue;
        }
        l->status = dc_truth_open(&t, &item->c, &l->fault);
        if (l->status != DC_OK)
            break;
        judge_batch(l, &t, index);
        dc_truth_close(&t);
    }
    for (int k = 0; k < l->count; k++)
        dc_endpoint_close(l->ends[k]);
    mpfr_free_cache();
    return NULL;
}

/* A batch of mutants through one tier. */
static dc_status run_batch(dc_matrix *x, const dc_matrix_plan *plan,
                           const dc_worklist *of, int tier, const int *rows,
                           int n, dc_error *e)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_t threads[LANES];
    lane *const lanes = calloc(LANES, sizeof *lanes);
    int started[LANES] = {0};
    dc_status status = DC_OK;

    if (!lanes)
        return dc_nomem(e);
    for (int l = 0; l < LANES; l++) {
        lanes[l] = (lane){.x = x,
                          .plan = plan,
                          .of = of,
                          .lock = &lock,
                          .lane = l,
                          .tier = tier,
                          .rows = rows,
                          .count = n};
        started[l] =
            pthread_create(&threads[l], NULL, run_lane, &lanes[l]) == 0;
        if (!started[l])
            run_lane(&lanes[l]);
    }
    for (int l = 0; l < LANES; l++) {
        if (started[l])
            pthread_join(threads[l], NULL);
        if (lanes[l].status != DC_OK && status == DC_OK) {
            status = lanes[l].status;
            if (e)
                *e = lanes[l].fault;
        }
    }
    free(lanes);
    return status;
}

/* ==== The adjoint identity without a reference =========================== */

/* Would <gy, y - b> = <gx, x> = <gw, w> alone have noticed m on this case?
 * What m does not touch is right. */
static dc_status alone_on(const dc_mutant *m, const dc_truth *t, int *noticed,
                          dc_error *e)
{
    void *results[DC_OPS] = {NULL};
    const void *given[DC_OPS];
    dc_identity found = {0};
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        results[op] = calloc((size_t)t->count[op] + 1, sizeof(double));
        status = results[op] ? dc_mutant_run(m, &t->c.p, (dc_op)op, t->tensors,
                                             results[op])
                             : DC_NOMEM;
        given[op] = results[op];
    }
    if (status == DC_OK)
        status = dc_identity_adjoint(t, given, &found, e);
    else if (status == DC_INVALID || status == DC_UNSUPPORTED)
        status = DC_OK; /* an extent is no matter of the identity */
    *noticed = found.broken;
    for (int op = 0; op < DC_OPS; op++)
        free(results[op]);
    return status;
}

static dc_status run_alone(dc_matrix *x, const dc_worklist *of, dc_error *e)
{
    dc_status status = DC_OK;

    for (int64_t i = 0; i < of->count && status == DC_OK; i++) {
        const dc_item *const item = &of->cases.items[of->order[i]];
        dc_truth t;

        if (item->kind != DC_ITEM_CASE || item->c.family != DC_INT)
            continue;
        status = dc_truth_open(&t, &item->c, e);
        if (status != DC_OK)
            break;
        for (int r = 0; r < x->n_rows && status == DC_OK; r++)
            if (!x->rows[r].alone && !x->rows[r].m->fault)
                status = alone_on(x->rows[r].m, &t, &x->rows[r].alone, e);
        dc_truth_close(&t);
    }
    return status;
}

/* ==== Entry points ======================================================= */

/* All rows that are still of interest through one tier. */
static dc_status run_tier(dc_matrix *x, const dc_matrix_plan *plan, int tier,
                          const dc_worklist *of, dc_error *e)
{
    int *const rows = calloc((size_t)x->n_rows + 1, sizeof *rows);
    int n = 0;
    dc_status status = DC_OK;

    if (!rows)
        return dc_nomem(e);
    x->cases[tier] = of->count;
    for (int r = 0; r < x->n_rows; r++)
        /* without a mutation there is nothing to be caught: smoke is enough */
        if (!plan->once ||
            (!caught(&x->rows[r]) && (tier == 0 || x->rows[r].m != &clean)))
            rows[n++] = r;
    for (int at = 0; at < n && status == DC_OK; at += BATCH) {
        const int many = n - at < BATCH ? n - at : BATCH;

        status = run_batch(x, plan, of, tier, rows + at, many, e);
        if (plan->progress)
            fprintf(plan->progress, "%s: %d of %d mutants\n",
                    dc_tier_names[dc_matrix_tiers[tier]], at + many, n);
    }
    free(rows);
    return status;
}

dc_status dc_matrix_run(dc_matrix *x, const dc_matrix_plan *plan, dc_error *e)
{
    const int n_tiers = plan->tiers ? plan->tiers : DC_MATRIX_TIERS;
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
        dc_worklist of = {0};

        status = dc_worklist_open(&of, dc_matrix_tiers[tier], plan->every,
                                  plan->once, e);
        if (status == DC_OK)
            status = run_tier(x, plan, tier, &of, e);
        if (status == DC_OK && tier == 0 && !plan->once &&
            n_tiers == DC_MATRIX_TIERS)
            status = run_alone(x, &of, e);
        dc_worklist_close(&of);
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
