/* SPDX-License-Identifier: MIT
 *
 * Filling the kill matrix.  A case is brought to life once and a whole batch
 * of mutants is judged by it; lanes of cases run side by side, each with
 * processes of its own, so that a mutant with a memory sees the same calls in
 * the same order on every machine.
 */
#include "matrix.h"

#include <inttypes.h>
#include <mpfr.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "judge.h"

enum {
    LANES = 4,
    BATCH = 40,       /* processes of a lane: three descriptors each */
    CRASHES_MAX = 20, /* of one mutant in one lane of one tier, then it rests */
    HANGS_MAX = 1
};

static const dc_sweep sweeps[DC_MATRIX_TIERS] = {
    {DC_SMOKE, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL},
    {DC_CI, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL},
};

/* One lane at work on one batch. */
typedef struct {
    dc_matrix *x;
    const dc_matrix_plan *plan;
    pthread_mutex_t *lock; /* of x */
    int lane;
    int tier;
    int first; /* row */
    int count; /* rows */
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
    const char *check = dc_conduct_checks[m->conduct];
    const int all = check && strcmp(check, "finite difference") == 0;
    dc_judge judge = {.arithmetic = {.accumulate = -1}};

    for (int op = 0; op < DC_OPS; op++)
        judge.ops[op] = all || dc_mutant_touches(m, (dc_op)op);
    return judge;
}

/* ==== Counting =========================================================== */

static int check_number(dc_matrix *x, const char *name)
{
    int c = 0;

    while (c < x->n_checks && strcmp(x->checks[c], name) != 0)
        c++;
    if (c == x->n_checks && c < DC_MATRIX_CHECKS)
        x->checks[x->n_checks++] = name;
    return c < DC_MATRIX_CHECKS ? c : DC_MATRIX_CHECKS - 1;
}

/* Under the lock. */
static void count(dc_matrix *x, dc_matrix_row *row, int tier,
                  const dc_result *r)
{
    int seen[DC_MATRIX_CHECKS] = {0};

    row->cases[tier]++;
    row->killed[tier] += r->verdict >= DC_FAIL;
    for (int f = 0; f < r->n_findings; f++) {
        const int c = check_number(x, r->findings[f].check);

        if (!seen[c]++)
            row->kills[tier][r->item.c.family][c]++;
    }
}

/* ==== Lanes ============================================================== */

static int rests(const lane *l, int k)
{
    return l->crashes[k] >= CRASHES_MAX || l->hangs[k] >= HANGS_MAX;
}

static void judge_batch(lane *l, dc_truth *t, const dc_item *item)
{
    for (int k = 0; k < l->count && l->status == DC_OK; k++) {
        dc_matrix_row *const row = &l->x->rows[l->first + k];
        const dc_judge judge = judge_of(row->m);
        dc_result r;

        if (rests(l, k))
            continue;
        memset(&r, 0, sizeof r);
        r.item = *item;
        l->status = dc_judge_truth(&judge, l->ends[k], t, &r, &l->fault);
        l->crashes[k] += r.verdict == DC_CRASH;
        l->hangs[k] += r.verdict == DC_HANG;
        pthread_mutex_lock(l->lock);
        count(l->x, row, l->tier, &r);
        if (l->plan->result)
            l->plan->result(l->plan->context, l->first + k, &r);
        pthread_mutex_unlock(l->lock);
    }
}

static void *run_lane(void *argument)
{
    lane *const l = argument;
    const dc_sweep *const sweep = &sweeps[l->tier];
    const int64_t all = dc_sweep_count(sweep);

    for (int k = 0; k < l->count && l->status == DC_OK; k++) {
        char what[32];
        const dc_subject subject = {what, l->plan->self, l->plan->timeout};

        snprintf(what, sizeof what, "mutant:%s",
                 l->x->rows[l->first + k].m->id);
        l->status = dc_endpoint_open(&l->ends[k], &subject, &l->fault);
    }
    for (int64_t i = l->lane * l->plan->every; i < all && l->status == DC_OK;
         i += LANES * l->plan->every) {
        dc_item item;
        dc_truth t;

        dc_sweep_case(sweep, i, &item);
        l->status = dc_truth_open(&t, &item.c, &l->fault);
        if (l->status != DC_OK)
            break;
        judge_batch(l, &t, &item);
        dc_truth_close(&t);
    }
    for (int k = 0; k < l->count; k++)
        dc_endpoint_close(l->ends[k]);
    mpfr_free_cache();
    return NULL;
}

/* A batch of mutants through one tier. */
static dc_status run_batch(dc_matrix *x, const dc_matrix_plan *plan, int tier,
                           int first, dc_error *e)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_t threads[LANES];
    lane *const lanes = calloc(LANES, sizeof *lanes);
    int started[LANES] = {0};
    dc_status status = DC_OK;

    if (!lanes)
        return dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory");
    for (int l = 0; l < LANES; l++) {
        const int left = x->n_rows - first;

        lanes[l] = (lane){.x = x,
                          .plan = plan,
                          .lock = &lock,
                          .lane = l,
                          .tier = tier,
                          .first = first,
                          .count = left < BATCH ? left : BATCH};
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

static dc_status run_alone(dc_matrix *x, const dc_matrix_plan *plan,
                           dc_error *e)
{
    const int64_t all = dc_sweep_count(&sweeps[0]);
    dc_status status = DC_OK;

    for (int64_t i = 0; i < all && status == DC_OK; i += plan->every) {
        dc_item item;
        dc_truth t;

        dc_sweep_case(&sweeps[0], i, &item);
        if (item.c.family != DC_INT)
            continue;
        status = dc_truth_open(&t, &item.c, e);
        if (status != DC_OK)
            break;
        for (int r = 0; r < x->n_rows && status == DC_OK; r++)
            if (!x->rows[r].alone && !x->rows[r].m->conduct)
                status = alone_on(x->rows[r].m, &t, &x->rows[r].alone, e);
        dc_truth_close(&t);
    }
    return status;
}

/* ==== Entry points ======================================================= */

dc_status dc_matrix_run(dc_matrix *x, const dc_matrix_plan *plan, dc_error *e)
{
    /* in the order in which a reader meets them; more may come */
    static const char *const known[] = {
        "value",  "written", "inputs", "repeat",  "extent",
        "status", "crashed", "hung",   "adjoint", "finite difference"};
    dc_status status = DC_OK;

    memset(x, 0, sizeof *x);
    for (size_t c = 0; c < sizeof known / sizeof *known; c++)
        x->checks[x->n_checks++] = known[c];
    x->n_rows = plan->mutants ? plan->n_mutants : dc_mutants_count;
    x->rows = calloc((size_t)x->n_rows + 1, sizeof *x->rows);
    if (!x->rows)
        return dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory");
    for (int r = 0; r < x->n_rows; r++)
        x->rows[r].m = &dc_mutants[plan->mutants ? plan->mutants[r] : r];
    const int tiers = plan->tiers ? plan->tiers : DC_MATRIX_TIERS;

    for (int tier = 0; tier < tiers && status == DC_OK; tier++) {
        x->cases[tier] =
            (dc_sweep_count(&sweeps[tier]) + plan->every - 1) / plan->every;
        for (int r = 0; r < x->n_rows && status == DC_OK; r += BATCH) {
            status = run_batch(x, plan, tier, r, e);
            if (plan->progress)
                fprintf(plan->progress, "%s: %d of %d mutants\n",
                        dc_tier_names[sweeps[tier].tier],
                        r + BATCH < x->n_rows ? r + BATCH : x->n_rows,
                        x->n_rows);
        }
    }
    if (status == DC_OK && tiers == DC_MATRIX_TIERS)
        status = run_alone(x, plan, e);
    if (status != DC_OK)
        dc_matrix_close(x);
    return status;
}

void dc_matrix_close(dc_matrix *x)
{
    free(x->rows);
    x->rows = NULL;
}
