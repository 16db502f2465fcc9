/* SPDX-License-Identifier: MIT
 *
 * Mutants with a threshold, as unknown implementations: which one is found?
 */
#include "oracle/selfcheck/threshold_score.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cases/shrink.h"
#include "oracle/base/pool.h"
#include "oracle/explain/threshold.h"
#include "oracle/mutants/mutant.h"
#include "oracle/selfcheck/worklist.h"

static const dc_judge everything = {.ops = {1, 1, 1, 1},
                                    .arithmetic = {.accumulate = -1}};

/* Cases that a mutant alters and that are judged until one fails, at most. */
enum { TRIED_MOST = 40 };

typedef struct {
    const dc_mutant *m;
    bool failed;
    dc_case smallest;
    dc_threshold threshold;
} trial;

typedef struct {
    dc_selection cases; /* the ci tier */
    trial *trials;
    int count;
} score;

/* ==== One mutant ========================================================= */

static bool alters(const dc_mutant *m, const dc_item *item)
{
    for (int op = 0; op < DC_OPS; op++)
        if (item->kind == DC_ITEM_CASE &&
            dc_mutant_alters(m, &item->c.p, (dc_op)op))
            return true;
    return false;
}

/* The cases that m alters, the lightest first; freed by the caller. */
static dc_priced *list_cases(const dc_selection *cases, const dc_mutant *m,
                             int64_t *count)
{
    dc_priced *const list = calloc((size_t)cases->count + 1, sizeof *list);

    *count = 0;
    for (int64_t k = 0; list && k < cases->count; k++)
        if (alters(m, &cases->items[k]))
            list[(*count)++] =
                (dc_priced){dc_shrink_weight(&cases->items[k].c), k};
    if (list)
        qsort(list, (size_t)*count, sizeof *list, dc_worklist_by_price);
    return list;
}

/* Judges cases until one fails, which *r then holds. */
static dc_status fail_once(const dc_subject *subject, const dc_selection *cases,
                           const dc_priced *list, int64_t count, dc_result *r,
                           dc_error *e)
{
    dc_endpoint *end;
    dc_status status = dc_endpoint_open(&end, subject, e);

    if (status != DC_OK)
        return status;
    for (int64_t k = 0;
         k < count && k < TRIED_MOST && status == DC_OK && r->n_findings == 0;
         k++) {
        *r = (dc_result){.item = cases->items[list[k].index]};
        status = dc_judge_case(&everything, end, r, e);
    }
    dc_endpoint_close(end);
    return status;
}

static dc_status measure(const score *s, trial *t, dc_error *e)
{
    char what[32];
    const dc_subject subject = {what, NULL, 5};
    dc_result *const r = calloc(1, sizeof *r);
    dc_shrunk *const smallest = calloc(1, sizeof *smallest);
    int64_t count;
    dc_priced *const list = list_cases(&s->cases, t->m, &count);
    dc_status status = r && smallest && list ? DC_OK : dc_nomem(e);

    snprintf(what, sizeof what, "mutant:%s", t->m->id);
    if (status == DC_OK)
        status = fail_once(&subject, &s->cases, list, count, r, e);
    t->failed = status == DC_OK && r->n_findings > 0;
    if (t->failed) {
        status = dc_shrink_live_run(&subject, &everything, r, 0, smallest, e);
        t->smallest = smallest->smallest;
    }
    if (t->failed && status == DC_OK)
        status = dc_threshold_find(&subject, &everything, smallest,
                                   &t->threshold, e);
    free(list);
    free(smallest);
    free(r);
    return status;
}

static dc_status measure_task(void *context, void *worker, int64_t index,
                              dc_error *e)
{
    const score *const s = context;

    (void)worker;
    return measure(s, &s->trials[index], e);
}

/* ==== Report ============================================================= */

/* How a threshold that was found relates to the mutant's. */
typedef enum { EXACT, NEAR, OTHER, NONE, PASSED, OUTCOMES } outcome;

static const char *const outcome_names[OUTCOMES] = {
    "found exactly", "found, the edge not closed", "another quantity",
    "no threshold named", "no case of ci failed"};

static outcome outcome_of(const trial *t)
{
    if (!t->failed)
        return PASSED;
    if (t->threshold.of == DC_OF_NOTHING)
        return NONE;
    if (t->threshold.of != t->m->of)
        return OTHER;
    return t->threshold.wrong == t->m->least ? EXACT : NEAR;
}

static void print(const score *s, FILE *to)
{
    int counts[OUTCOMES] = {0};

    for (int k = 0; k < s->count; k++)
        counts[outcome_of(&s->trials[k])]++;
    fprintf(to,
            "\n## Thresholds\n\n%d mutants are wrong from a threshold on.  "
            "Each is judged on cases of the ci tier\nthat it alters, until "
            "one fails; that case is reduced and its threshold looked "
            "for.\n\n| | mutants |\n|---|---:|\n",
            s->count);
    for (int k = 0; k < OUTCOMES; k++)
        fprintf(to, "| %s | %d |\n", outcome_names[k], counts[k]);
    fputs("\n| mutant | wrong from | found | right at | cases | smallest case "
          "|\n|---|---|---|---:|---:|---|\n",
          to);
    for (int k = 0; k < s->count; k++) {
        const trial *const t = &s->trials[k];
        char name[DC_CASE_MAX] = "";

        if (t->failed)
            dc_case_print(&t->smallest, name);
        fprintf(to, "| %s | %s = %" PRId64 " | ", t->m->id,
                dc_size_names[t->m->of], t->m->least);
        if (t->threshold.of)
            fprintf(to, "%s = %" PRId64, dc_size_names[t->threshold.of],
                    t->threshold.wrong);
        fprintf(to, " | %" PRId64 " | %d | %s |\n", t->threshold.right,
                t->threshold.calls, name);
    }
}

dc_status dc_threshold_score_write(const int *rows, int n, FILE *to,
                                   dc_error *e)
{
    enum { JOBS = 2 };
    const int all = n ? n : dc_mutants_count;
    score s = {.trials = calloc((size_t)all + 1, sizeof *s.trials)};
    dc_pool pool = {.task = measure_task, .context = &s, .jobs = JOBS};
    int64_t done;
    dc_status status;

    if (!s.trials)
        return dc_nomem(e);
    for (int k = 0; k < all; k++) {
        const dc_mutant *const m = &dc_mutants[n ? rows[k] : k];

        if (m->least)
            s.trials[s.count++].m = m;
    }
    pool.count = s.count;
    status = s.count ? dc_worklist_select(&s.cases, DC_CI, e) : DC_OK;
    if (status == DC_OK && s.count) {
        status = dc_pool_run(&pool, &done, e);
        if (status == DC_OK)
            print(&s, to);
        dc_select_free(&s.cases);
    }
    free(s.trials);
    return status;
}
