/* SPDX-License-Identifier: MIT
 *
 * Judges mutants on the smoke tier as if they were unknown implementations, and
 * scores whether the diagnosis names the defect.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/base/pool.h"
#include "oracle/explain/analysis.h"
#include "oracle/selfcheck/matrix.h"
#include "oracle/selfcheck/selfcheck.h"
#include "oracle/selfcheck/threshold_score.h"
#include "ref/format.h"

/* ==== Measurement ======================================================= */

/* What a diagnosis says about a mutant. */
typedef enum {
    NAMED_ITSELF,
    NAMED_SIBLING, /* another mutant of the same class explains all failures */
    NAMED_OTHER,   /* a mutant of another class explains all failures */
    NAMED_NONE,    /* no known defect explains the failures */
    NAMINGS
} naming;

static const char *const naming_names[NAMINGS] = {
    "named", "named a sibling", "named another class", "did not know"};

typedef struct {
    naming kind;
    const dc_mutant *named; /* NULL: none */
} verdict;

typedef struct {
    const dc_mutant *m;
    dc_analysis analysis;
    bool failed;     /* at least one case of the smoke tier */
    verdict with;    /* m is among the candidates */
    verdict without; /* m is left out */
    dc_shrunk smallest;
} trial;

typedef struct {
    trial *trials;
    int count;
} score;

/* Called with the lock of the matrix held. */
static void add_result(void *context, int row, const dc_result *r)
{
    const score *const s = context;

    dc_analysis_add(&s->trials[row].analysis, r);
}

static verdict verdict_of(const dc_mutant *m, const dc_diagnosis *d)
{
    const dc_mutant *const named = d->explained ? d->candidates[0].m : NULL;

    if (!named)
        return (verdict){NAMED_NONE, NULL};
    if (named == m)
        return (verdict){NAMED_ITSELF, named};
    return (verdict){strcmp(named->class_, m->class_) == 0 ? NAMED_SIBLING
                                                           : NAMED_OTHER,
                     named};
}

/* Diagnoses the first operation that failed, and shrinks its lightest failing
 * case. */
static dc_status measure(trial *t, dc_error *e)
{
    char what[32];
    const dc_subject subject = {what, NULL, 1};
    const dc_judge judge = {.ops = {1, 1, 1, 1},
                            .arithmetic = {.accumulate = -1}};
    const dc_analysis *const a = &t->analysis;
    dc_diagnosis d;
    dc_status status;
    int op = 0;

    while (op < DC_OPS && !a->ops[op].lightest)
        op++;
    t->failed = op < DC_OPS;
    if (!t->failed)
        return DC_OK;
    snprintf(what, sizeof what, "mutant:%s", t->m->id);
    status = dc_diagnose(a->log, (dc_op)op, NULL, NULL, &d, e);
    if (status != DC_OK)
        return status;
    t->with = verdict_of(t->m, &d);
    status = dc_diagnose(a->log, (dc_op)op, t->m->id, NULL, &d, e);
    if (status != DC_OK)
        return status;
    t->without = verdict_of(t->m, &d);
    return dc_shrink_live_run(&subject, &judge, a->ops[op].lightest,
                              a->ops[op].finding, &t->smallest, e);
}

static dc_status measure_task(void *context, void *worker, int64_t index,
                              dc_error *e)
{
    const score *const s = context;
    trial *const t = &s->trials[index];
    const dc_status status = measure(t, e);

    (void)worker;
    /* now, because each analysis holds whole results */
    dc_analysis_close(&t->analysis);
    return status;
}

/* ==== Report ============================================================ */

/* Metrics that are summarised over all shrunk cases. */
static const char *const metric_names[] = {"elements of the largest tensor",
                                           "cases judged", "seconds"};
enum { METRICS = 3 };

static double metric_of(const dc_shrunk *m, int number)
{
    const double all[METRICS] = {(double)m->elements, m->calls, m->seconds};

    return all[number];
}

/* Median and maximum over the mutants that were shrunk. */
static void print_spread(const score *s, int number, FILE *to)
{
    double *const list = calloc((size_t)s->count + 1, sizeof *list);
    int n = 0;

    for (int t = 0; list && t < s->count; t++)
        if (s->trials[t].smallest.reproduced)
            list[n++] = metric_of(&s->trials[t].smallest, number);
    if (n > 0) {
        qsort(list, (size_t)n, sizeof *list, dc_format_by_value);
        fprintf(to, "| %s | %.4g | %.4g |\n", metric_names[number], list[n / 2],
                list[n - 1]);
    }
    free(list);
}

/* The mutants whose smallest case has more than DC_READABLE elements. */
static void print_large(const score *s, FILE *to)
{
    for (int t = 0; t < s->count; t++) {
        const trial *const x = &s->trials[t];

        if (!x->smallest.reproduced || x->smallest.elements <= DC_READABLE)
            continue;
        fprintf(to, "\n%s keeps %" PRId64 " elements: %s%s.\n", x->m->id,
                x->smallest.elements, x->m->what,
                x->m->needs & DC_NEEDS_LADDER
                    ? " (fewer channels do not show it)"
                    : "");
    }
}

static void print_summary(const score *s, FILE *to)
{
    int with[NAMINGS] = {0};
    int without[NAMINGS] = {0};
    int failed = 0;
    int again = 0;
    int readable = 0;

    for (int t = 0; t < s->count; t++) {
        const trial *const x = &s->trials[t];

        failed += x->failed;
        with[x->with.kind] += x->failed;
        without[x->without.kind] += x->failed;
        again += x->smallest.reproduced;
        readable +=
            x->smallest.reproduced && x->smallest.elements <= DC_READABLE;
    }
    fprintf(to, "%d of %d mutants failed at a case of the smoke tier.\n\n",
            failed, s->count);
    fputs("| the diagnosis | with all candidates | without the mutant's own "
          "entry |\n|---|---:|---:|\n",
          to);
    for (int k = 0; k < NAMINGS; k++)
        fprintf(to, "| %s | %d | %d |\n", naming_names[k], with[k], without[k]);
    fprintf(to,
            "\nShrinking: %d of %d failed again alone in a fresh process and "
            "were reduced; in %d\nno tensor has more than %d elements.\n\n"
            "| | median | worst |\n|---|---:|---:|\n",
            again, failed, readable, DC_READABLE);
    for (int number = 0; number < METRICS; number++)
        print_spread(s, number, to);
    print_large(s, to);
}

/* Prints the outcome, and the mutant that was named if it is another one. */
static void print_verdict(const verdict *v, FILE *to)
{
    const bool other = v->named && v->kind != NAMED_ITSELF;

    fprintf(to, " %s%s%s |", naming_names[v->kind], other ? " " : "",
            other ? v->named->id : "");
}

static void print_mutant(const trial *x, FILE *to)
{
    char name[DC_CASE_MAX] = "";

    if (x->smallest.reproduced)
        dc_case_print(&x->smallest.smallest, name);
    fprintf(to, "| %s | %s |", x->m->id, x->m->class_);
    print_verdict(&x->with, to);
    print_verdict(&x->without, to);
    fprintf(to, " %" PRId64 " | %d | %.2f | %s |\n", x->smallest.elements,
            x->smallest.calls, x->smallest.seconds, name);
}

static dc_status print_file(const score *s, const char *file, const int *rows,
                            int n, dc_error *e)
{
    FILE *to = fopen(file, "we");
    dc_status status = DC_OK;

    if (to) {
        fputs("# Diagnosis and shrinking over the zoo\n\nWritten by "
              "`./deconform self-check --power coverage/power.md`.  Each "
              "mutant is judged on\nthe smoke tier; its failures are diagnosed "
              "with and without its own entry among the\ncandidates, and the "
              "lightest failing case is reduced.\n\n",
              to);
        print_summary(s, to);
        fputs(
            "\n| mutant | class | with | without | elements | cases | seconds "
            "| smallest case |\n|---|---|---|---|---:|---:|---:|---|\n",
            to);
        for (int t = 0; t < s->count; t++)
            if (s->trials[t].failed)
                print_mutant(&s->trials[t], to);
        status = dc_threshold_score_write(rows, n, to, e);
    }
    if (!to || fclose(to) != 0)
        return dc_failed(e, "cannot write %.160s: %s", file, strerror(errno));
    return status;
}

/* ==== Entry point ======================================================= */

static dc_status measure_all(score *s, const int *rows, int n, dc_error *e)
{
    enum { JOBS = 2 };
    const dc_matrix_plan plan = {.mutants = n ? rows : NULL,
                                 .n_mutants = n,
                                 .every = 1,
                                 .timeout = 1,
                                 .smoke_only = true,
                                 .on_result = add_result,
                                 .context = s};
    const dc_pool pool = {
        .task = measure_task, .context = s, .count = s->count, .jobs = JOBS};
    int64_t done;
    dc_matrix x;
    const dc_status status = dc_matrix_run(&x, &plan, e);

    if (status != DC_OK)
        return status;
    dc_matrix_close(&x);
    return dc_pool_run(&pool, &done, e);
}

dc_status dc_diagnosis_score_write(const char *file, const int *rows, int n,
                                   FILE *summary, dc_error *e)
{
    score s = {.count = n ? n : dc_mutants_count};
    dc_status status = DC_OK;

    s.trials = calloc((size_t)s.count, sizeof *s.trials);
    if (!s.trials)
        return dc_nomem(e);
    for (int t = 0; t < s.count && status == DC_OK; t++) {
        s.trials[t].m = &dc_mutants[n ? rows[t] : t];
        status = dc_analysis_open(&s.trials[t].analysis);
    }
    status = status == DC_OK ? measure_all(&s, rows, n, e) : dc_nomem(e);
    if (status == DC_OK)
        status = print_file(&s, file, rows, n, e);
    if (status == DC_OK)
        print_summary(&s, summary);
    for (int t = 0; t < s.count; t++)
        dc_analysis_close(&s.trials[t].analysis);
    free(s.trials);
    return status;
}
