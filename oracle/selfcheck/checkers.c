/* SPDX-License-Identifier: MIT
 *
 * Runs every mutant and every correct implementation on the cases, and asks
 * every rule about the results.
 */
#include "oracle/selfcheck/checkers_cases.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "oracle/base/clock.h"
#include "oracle/base/pool.h"
#include "ref/ref.h"

typedef struct {
    dc_checkers *x;
    dc_checkers_cases cases;
    pthread_mutex_t lock; /* of x */
} run;

/* ==== One operation of a case ============================================ */

/* The tensors of a case, and what is known about the operation under way. */
typedef struct {
    const dc_checkers_case *t;
    void *tensors[DC_TENSORS];
    dc_op op;
    dc_correct_results correct;
    double *want;
    void *raw, *clean; /* results in the storage type */
    double *got;
    size_t bytes;
    uint8_t *useful; /* by rule: the bits that it counts for */
} work;

static void count_case(run *r, const work *w)
{
    for (int k = 0; k < r->x->n_rows; k++)
        for (int on = 0; on < DC_ONS; on++)
            r->x->rows[k].cases[on] += w->useful[k] >> on & 1;
}

static bool accepts(const work *w, const dc_rule *rule, const double *got)
{
    const dc_fill fill = w->t->fill;
    const dc_compared c = {.p = &w->t->c.p,
                           .op = w->op,
                           .count = w->correct.count,
                           .got = got,
                           .want = w->want,
                           .exact = w->correct.exact,
                           .scale = w->correct.scale,
                           .data_set = w->t->suite && fill >= DC_FILL_TOSA_0
                                           ? (int)fill - DC_FILL_TOSA_0
                                           : -1};

    return rule->accepts(rule, &c);
}

static void mark(run *r, uint8_t *bits, uint8_t more)
{
    pthread_mutex_lock(&r->lock);
    *bits |= more;
    pthread_mutex_unlock(&r->lock);
}

/* The correct implementations; leaves in w->useful the rules that accept the
 * algorithm that the mutants have. */
static void ask_correct(run *r, work *w)
{
    for (int k = 0; k < r->x->n_rows; k++) {
        dc_checkers_row *const row = &r->x->rows[k];

        if (!w->useful[k])
            continue;
        for (int i = 0; i < dc_corrects_count; i++)
            if (!accepts(w, row->rule, w->correct.got[i]))
                mark(r, &row->accused[i], w->useful[k]);
        dc_format_decode(w->t->c.p.dtype, w->clean, w->correct.count, w->got);
        if (!accepts(w, row->rule, w->got))
            w->useful[k] = 0;
    }
}

/* Can any rule learn from this mutant's result? */
static bool is_open(run *r, const work *w, int m)
{
    bool open = false;

    pthread_mutex_lock(&r->lock);
    for (int k = 0; k < r->x->n_rows; k++)
        open |= r->x->rows[k].visible[m] &&
                (w->useful[k] & ~r->x->rows[k].caught[m]) != 0;
    pthread_mutex_unlock(&r->lock);
    return open;
}

static dc_status ask_mutant(run *r, work *w, int m)
{
    const dc_problem *const p = &w->t->c.p;
    dc_status status;

    memset(w->raw, 0, w->bytes);
    status = dc_mutant_run(r->x->mutants[m], p, w->op,
                           (const void *const *)w->tensors, w->raw);
    if (status == DC_UNSUPPORTED)
        return DC_OK;
    if (status != DC_OK && status != DC_INVALID)
        return status;
    if (status == DC_OK && memcmp(w->raw, w->clean, w->bytes) == 0)
        return DC_OK;
    dc_format_decode(p->dtype, w->raw, w->correct.count, w->got);
    for (int k = 0; k < r->x->n_rows; k++) {
        dc_checkers_row *const row = &r->x->rows[k];

        /* another extent is refused by every check */
        if (w->useful[k] && row->visible[m] &&
            (status == DC_INVALID || !accepts(w, row->rule, w->got)))
            mark(r, &row->caught[m], w->useful[k]);
    }
    return DC_OK;
}

/* Fills what an operation needs; the caller frees it. */
static dc_status open_op(work *w)
{
    const dc_problem *const p = &w->t->c.p;
    const dc_tensor out = dc_ops[w->op].out;
    const void *const *const tensors = (const void *const *)w->tensors;
    dc_status status = dc_correct_run(p, w->op, tensors, &w->correct);
    const size_t room = (size_t)w->correct.count + 1;

    w->bytes = dc_problem_bytes(p, out);
    w->want = calloc(room, sizeof *w->want);
    w->got = calloc(room, sizeof *w->got);
    w->raw = calloc(w->bytes + 1, 1);
    w->clean = calloc(w->bytes + 1, 1);
    if (status == DC_OK && (!w->want || !w->got || !w->raw || !w->clean))
        status = DC_NOMEM;
    if (status == DC_OK)
        status = dc_ref_run(p, w->op, tensors, w->raw);
    if (status == DC_OK)
        dc_format_decode(p->dtype, w->raw, w->correct.count, w->want);
    if (status == DC_OK)
        status = dc_mutant_run(NULL, p, w->op, tensors, w->clean);
    return status;
}

static void close_op(work *w)
{
    dc_correct_free(&w->correct);
    free(w->want);
    free(w->got);
    free(w->raw);
    free(w->clean);
}

static dc_status measure_op(run *r, work *w, dc_error *e)
{
    bool asked = false;
    dc_status status;

    for (int k = 0; k < r->x->n_rows; k++) {
        w->useful[k] = dc_checkers_bits(w->t, r->x->rows[k].rule, w->op);
        asked |= w->useful[k] != 0;
    }
    if (!asked || dc_problem_count(&w->t->c.p, dc_ops[w->op].out) == 0)
        return DC_OK;
    pthread_mutex_lock(&r->lock);
    count_case(r, w);
    pthread_mutex_unlock(&r->lock);
    status = open_op(w);
    if (status == DC_OK)
        ask_correct(r, w);
    for (int m = 0; m < r->x->n_mutants && status == DC_OK; m++)
        if (dc_mutant_alters(r->x->mutants[m], &w->t->c.p, w->op) &&
            is_open(r, w, m))
            status = ask_mutant(r, w, m);
    close_op(w);
    return status == DC_OK ? DC_OK
                           : dc_error_set(e, status, NULL, -1,
                                          "a case could not be computed: %s",
                                          dc_status_name(status));
}

static dc_status fill(const dc_checkers_case *t, dc_tensor tensor, void *values)
{
    if (!t->suite)
        return dc_data_fill(&t->c, tensor, values);
    dc_published_fill(&t->c.p, tensor, t->fill, values);
    return DC_OK;
}

static dc_status measure_task(void *context, void *worker, int64_t index,
                              dc_error *e)
{
    run *const r = context;
    const dc_problem *const p = &r->cases.list[index].c.p;
    work w = {.t = &r->cases.list[index]};
    dc_status status = DC_OK;

    (void)worker;
    w.useful = calloc((size_t)r->x->n_rows + 1, 1);
    if (!w.useful)
        status = dc_nomem(e);
    for (int t = DC_X; t <= DC_GY && status == DC_OK; t++) {
        if (t == DC_B && !p->has_bias)
            continue;
        w.tensors[t] = calloc(dc_problem_bytes(p, (dc_tensor)t) + 1, 1);
        status =
            w.tensors[t] ? fill(w.t, (dc_tensor)t, w.tensors[t]) : dc_nomem(e);
    }
    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        w.op = (dc_op)op;
        status = measure_op(r, &w, e);
    }
    for (int t = 0; t < DC_TENSORS; t++)
        free(w.tensors[t]);
    free(w.useful);
    return status;
}

/* ==== Entry points ======================================================= */

/* Wrong numbers alone, whatever memory held before? */
static bool is_wrong_numbers(const dc_mutant *m)
{
    return !m->fault && !(m->needs & (DC_NEEDS_ILLEGAL | DC_NEEDS_SPECIAL)) &&
           !(m->sum & (DC_NOT_CLEARED | DC_NOT_WRITTEN | DC_GAPS_NOT_WRITTEN));
}

/* Does it show in operations and types that the check has? */
static bool can_see(const dc_rule *rule, const dc_mutant *m)
{
    const int half = 1 << DC_F16 | 1 << DC_BF16;

    return (m->ops & rule->ops) != 0 &&
           (!(m->needs & DC_NEEDS_SINGLE) || rule->types >> DC_F32 & 1) &&
           (!(m->needs & DC_NEEDS_DOUBLE) || rule->types >> DC_F64 & 1) &&
           (!(m->needs & DC_NEEDS_HALF) || rule->types & half);
}

/* Mutants of wrong numbers; then the rows. */
static dc_status allocate(dc_checkers *x, const dc_checkers_plan *plan,
                          dc_error *e)
{
    const int most = plan->mutants ? plan->n_mutants : dc_mutants_count;
    const dc_rule *const rules = plan->rules ? plan->rules : dc_rules;

    x->n_rows = plan->rules ? plan->n_rules : dc_rules_count;
    x->mutants = calloc((size_t)most + 1, sizeof *x->mutants);
    x->rows = calloc((size_t)x->n_rows + 1, sizeof *x->rows);
    if (!x->mutants || !x->rows)
        return dc_nomem(e);
    for (int k = 0; k < most; k++) {
        const dc_mutant *const m =
            &dc_mutants[plan->mutants ? plan->mutants[k] : k];

        if (is_wrong_numbers(m))
            x->mutants[x->n_mutants++] = m;
    }
    for (int k = 0; k < x->n_rows; k++) {
        dc_checkers_row *const row = &x->rows[k];

        row->rule = &rules[k];
        row->visible = calloc((size_t)x->n_mutants + 1, 1);
        row->caught = calloc((size_t)x->n_mutants + 1, 1);
        row->accused = calloc((size_t)dc_corrects_count, 1);
        if (!row->visible || !row->caught || !row->accused)
            return dc_nomem(e);
        for (int m = 0; m < x->n_mutants; m++)
            row->visible[m] = can_see(row->rule, x->mutants[m]) ? 0xff : 0;
    }
    return DC_OK;
}

dc_status dc_checkers_run(dc_checkers *x, const dc_checkers_plan *plan,
                          dc_error *e)
{
    const double start = dc_clock_now();
    run r = {.x = x, .lock = PTHREAD_MUTEX_INITIALIZER};
    dc_status status;

    memset(x, 0, sizeof *x);
    status = allocate(x, plan, e);
    if (status == DC_OK)
        status = dc_checkers_cases_list(&r.cases, x, plan->every, e);
    if (status == DC_OK) {
        const dc_pool pool = {.task = measure_task,
                              .context = &r,
                              .count = r.cases.count,
                              .jobs = dc_pool_jobs()};
        int64_t done;

        status = dc_pool_run(&pool, &done, e);
    }
    free(r.cases.list);
    x->seconds = dc_clock_now() - start;
    if (status != DC_OK)
        dc_checkers_close(x);
    return status;
}

void dc_checkers_close(dc_checkers *x)
{
    for (int k = 0; x->rows && k < x->n_rows; k++) {
        free(x->rows[k].visible);
        free(x->rows[k].caught);
        free(x->rows[k].accused);
    }
    free(x->rows);
    free(x->mutants);
    memset(x, 0, sizeof *x);
}

bool dc_checkers_passes(const dc_checkers_row *row, int m, dc_checkers_on on)
{
    return row->visible[m] && !(row->caught[m] >> on & 1);
}

int dc_checkers_passed(const dc_checkers *x, const dc_checkers_row *row,
                       dc_checkers_on on, int *of)
{
    int passed = 0;

    *of = 0;
    for (int m = 0; m < x->n_mutants; m++) {
        *of += row->visible[m] != 0;
        passed += dc_checkers_passes(row, m, on);
    }
    return passed;
}

int dc_checkers_accused(const dc_checkers_row *row, dc_checkers_on on,
                        bool declared)
{
    int accused = 0;

    for (int k = 0; k < dc_corrects_count; k++)
        accused += dc_corrects[k].declared == declared &&
                   (row->accused[k] >> on & 1) != 0;
    return accused;
}
