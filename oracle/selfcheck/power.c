/* SPDX-License-Identifier: MIT
 *
 * The measurements behind `self-check OPTION`.  Every mutant is judged on the
 * smoke tier like a stranger; what its failures teach is then held against
 * what is known of it.
 */
#include "oracle/selfcheck/power.h"

#include <inttypes.h>
#include <mpfr.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/explain/analysis.h"
#include "oracle/selfcheck/matrix.h"
#include "oracle/selfcheck/selfcheck.h"

static int refused(const char *text, const char *what)
{
    fprintf(stderr, "deconform: self-check: %s%s\n", text, what);
    return 2;
}

/* Rows of the mutants named in argv[0..), or NULL with a sentence said. */
static int *rows_of(int argc, char **argv)
{
    int *const rows = calloc((size_t)argc + 1, sizeof *rows);

    if (!rows)
        refused("out of memory", "");
    for (int k = 0; rows && k < argc; k++) {
        const dc_mutant *const m = dc_mutant_find(argv[k]);

        if (!m) {
            refused("no mutant has the name ", argv[k]);
            free(rows);
            return NULL;
        }
        rows[k] = (int)(m - dc_mutants);
    }
    return rows;
}

static int matrix(const char *file, const int *rows, int n)
{
    const dc_matrix_plan plan = {.mutants = n ? rows : NULL,
                                 .n_mutants = n,
                                 .every = 1,
                                 .timeout = 5,
                                 .progress = stdout};
    dc_error e = {DC_OK, NULL, -1, ""};

    if (dc_matrix_write(file, &plan, &e) != DC_OK)
        return refused(e.text, "");
    return 0;
}

/* ==== Diagnosis and shrinking over the zoo =============================== */

/* What a diagnosis said of a mutant. */
typedef enum {
    SAID_IT,      /* the mutant itself */
    SAID_SIBLING, /* another one of the same class, which explains all */
    SAID_OTHER,   /* one of another class, which explains all */
    SAID_NOTHING, /* that it does not know */
    SAID_KINDS
} said;

static const char *const said_words[SAID_KINDS] = {
    "named", "named a sibling", "named another class", "did not know"};

typedef struct {
    const dc_mutant *m;
    dc_analysis insight;
    int failed;                /* 1: some case did */
    said with;                 /* all candidates */
    said without;              /* the mutant left out */
    const dc_mutant *named[2]; /* with, without; NULL: none */
    dc_shrunk smallest;
} trial;

typedef struct {
    trial *trials;
    int count;
    pthread_mutex_t lock;
    int next; /* under the lock */
    dc_error fault;
} power;

static void take_result(void *context, int row, const dc_result *r)
{
    power *const w = context;

    dc_analysis_add(&w->trials[row].insight, r);
}

static said read_diagnosis(const dc_mutant *m, const dc_diagnosis *d,
                           const dc_mutant **named)
{
    *named = d->explained ? d->suspects[0].m : NULL;
    if (!d->explained)
        return SAID_NOTHING;
    if (*named == m)
        return SAID_IT;
    return strcmp((*named)->class_, m->class_) == 0 ? SAID_SIBLING : SAID_OTHER;
}

/* One mutant, by the first operation that it failed. */
static dc_status measure(trial *t, dc_error *e)
{
    char what[32];
    const dc_subject subject = {what, NULL, 1};
    const dc_shrink_live_limits limits = dc_shrink_live_usual(&subject);
    const dc_judge judge = {.ops = {1, 1, 1, 1},
                            .arithmetic = {.accumulate = -1}};
    dc_diagnosis d;
    dc_status status;
    int op = 0;

    while (op < DC_OPS && !t->insight.lightest[op])
        op++;
    t->failed = op < DC_OPS;
    if (!t->failed)
        return DC_OK;
    snprintf(what, sizeof what, "mutant:%s", t->m->id);
    status = dc_diagnose(&t->insight.evidence, (dc_op)op, NULL, NULL, &d, e);
    if (status == DC_OK)
        t->with = read_diagnosis(t->m, &d, &t->named[0]);
    if (status == DC_OK)
        status =
            dc_diagnose(&t->insight.evidence, (dc_op)op, t->m->id, NULL, &d, e);
    if (status == DC_OK)
        t->without = read_diagnosis(t->m, &d, &t->named[1]);
    if (status == DC_OK)
        status = dc_shrink_live_run(&subject, &judge, &limits,
                                    t->insight.lightest[op],
                                    t->insight.finding[op], &t->smallest, e);
    return status;
}

static void *work(void *argument)
{
    power *const w = argument;

    for (;;) {
        dc_error e = {DC_OK, NULL, -1, ""};
        int mine;

        pthread_mutex_lock(&w->lock);
        mine = w->next < w->count ? w->next++ : -1;
        pthread_mutex_unlock(&w->lock);
        if (mine < 0)
            break;
        if (measure(&w->trials[mine], &e) != DC_OK) {
            pthread_mutex_lock(&w->lock);
            w->fault = e;
            pthread_mutex_unlock(&w->lock);
        }
        dc_analysis_close(&w->trials[mine].insight);
        memset(&w->trials[mine].insight, 0, sizeof w->trials[mine].insight);
    }
    mpfr_free_cache();
    return NULL;
}

static void measure_all(power *w)
{
    enum { THREADS = 2 };
    pthread_t threads[THREADS];
    int started = 0;

    pthread_mutex_init(&w->lock, NULL);
    while (started < THREADS &&
           pthread_create(&threads[started], NULL, work, w) == 0)
        started++;
    if (started == 0)
        work(w);
    for (int t = 0; t < started; t++)
        pthread_join(threads[t], NULL);
    pthread_mutex_destroy(&w->lock);
}

/* ---- telling ---- */

static int by_size(const void *a, const void *b)
{
    const double u = *(const double *)a;
    const double v = *(const double *)b;

    return (u > v) - (u < v);
}

/* Median and worst of one number over the mutants that were shrunk. */
static void tell_spread(const power *w, const char *name,
                        double (*number)(const dc_shrunk *m), FILE *to)
{
    double *const list = calloc((size_t)w->count + 1, sizeof *list);
    int n = 0;

    for (int t = 0; list && t < w->count; t++)
        if (w->trials[t].smallest.again)
            list[n++] = number(&w->trials[t].smallest);
    if (list && n > 0) {
        qsort(list, (size_t)n, sizeof *list, by_size);
        fprintf(to, "| %s | %.4g | %.4g |\n", name, list[n / 2], list[n - 1]);
    }
    free(list);
}

static double elements_of(const dc_shrunk *m)
{
    return (double)m->elements;
}

static double calls_of(const dc_shrunk *m)
{
    return m->calls;
}

static double seconds_of(const dc_shrunk *m)
{
    return m->seconds;
}

/* What stays larger than can be read, and why. */
static void tell_large(const power *w, FILE *to)
{
    for (int t = 0; t < w->count; t++) {
        const trial *const x = &w->trials[t];

        if (!x->smallest.again || x->smallest.elements <= DC_READABLE)
            continue;
        fprintf(to, "\n%s keeps %" PRId64 " elements: %s%s.\n", x->m->id,
                x->smallest.elements, x->m->what,
                x->m->needs & DC_NEEDS_LADDER
                    ? " (fewer channels do not show it)"
                    : "");
    }
}

static void tell_summary(const power *w, FILE *to)
{
    int with[SAID_KINDS] = {0};
    int without[SAID_KINDS] = {0};
    int failed = 0;
    int again = 0;
    int readable = 0;

    for (int t = 0; t < w->count; t++) {
        const trial *const x = &w->trials[t];

        failed += x->failed;
        with[x->with] += x->failed;
        without[x->without] += x->failed;
        again += x->smallest.again;
        readable += x->smallest.again && x->smallest.elements <= DC_READABLE;
    }
    fprintf(to, "%d of %d mutants failed at a case of the smoke tier.\n\n",
            failed, w->count);
    fputs("| the diagnosis | with all candidates | without the mutant's own "
          "entry |\n|---|---:|---:|\n",
          to);
    for (int k = 0; k < SAID_KINDS; k++)
        fprintf(to, "| %s | %d | %d |\n", said_words[k], with[k], without[k]);
    fprintf(to,
            "\nShrinking: %d of %d failed again alone in a fresh process and "
            "were reduced; in %d\nno tensor has more than %d elements.\n\n"
            "| | median | worst |\n|---|---:|---:|\n",
            again, failed, readable, DC_READABLE);
    tell_spread(w, "elements of the largest tensor", elements_of, to);
    tell_spread(w, "cases judged", calls_of, to);
    tell_spread(w, "seconds", seconds_of, to);
    tell_large(w, to);
}

static void tell_mutant(const trial *x, FILE *to)
{
    char name[DC_CASE_MAX] = "";

    if (x->smallest.again)
        dc_case_print(&x->smallest.smallest, name);
    fprintf(to,
            "| %s | %s | %s%s%s | %s%s%s | %" PRId64 " | %d | %.2f | %s |\n",
            x->m->id, x->m->class_, said_words[x->with],
            x->with != SAID_IT && x->named[0] ? " " : "",
            x->with != SAID_IT && x->named[0] ? x->named[0]->id : "",
            said_words[x->without], x->named[1] ? " " : "",
            x->named[1] ? x->named[1]->id : "", x->smallest.elements,
            x->smallest.calls, x->smallest.seconds, name);
}

static int tell(const power *w, const char *file)
{
    FILE *to = fopen(file, "w");

    if (!to)
        return refused("cannot write ", file);
    fputs("# Diagnosis and shrinking over the zoo\n\nWritten by `./deconform "
          "self-check --power coverage/power.md`.  Each mutant is judged on\n"
          "the smoke tier; its failures are diagnosed with and without its own "
          "entry among the\ncandidates, and the lightest failing case is "
          "reduced.\n\n",
          to);
    tell_summary(w, to);
    fputs("\n| mutant | class | with | without | elements | cases | seconds | "
          "smallest case |\n|---|---|---|---|---:|---:|---:|---|\n",
          to);
    for (int t = 0; t < w->count; t++)
        if (w->trials[t].failed)
            tell_mutant(&w->trials[t], to);
    if (fclose(to) != 0)
        return refused("cannot write ", file);
    tell_summary(w, stdout);
    return 0;
}

static int power_file(const char *file, const int *rows, int n)
{
    power w = {.count = n ? n : dc_mutants_count};
    dc_matrix_plan plan = {.mutants = n ? rows : NULL,
                           .n_mutants = n,
                           .every = 1,
                           .timeout = 1,
                           .tiers = 1,
                           .result = take_result};
    dc_matrix x;
    dc_error e = {DC_OK, NULL, -1, ""};
    dc_status status = DC_OK;
    int code = 2;

    w.trials = calloc((size_t)w.count, sizeof *w.trials);
    for (int t = 0; w.trials && t < w.count && status == DC_OK; t++) {
        w.trials[t].m = &dc_mutants[n ? rows[t] : t];
        status = dc_analysis_open(&w.trials[t].insight);
    }
    if (!w.trials || status != DC_OK)
        return refused("out of memory", "");
    plan.context = &w;
    status = dc_matrix_run(&x, &plan, &e);
    if (status == DC_OK) {
        dc_matrix_close(&x);
        measure_all(&w);
        code = w.fault.status == DC_OK ? tell(&w, file)
                                       : refused(w.fault.text, "");
    } else {
        refused(e.text, "");
    }
    for (int t = 0; t < w.count; t++)
        dc_analysis_close(&w.trials[t].insight);
    free(w.trials);
    return code;
}

int dc_power_main(int argc, char **argv)
{
    static const struct {
        const char *option;
        int (*run)(const char *file, const int *rows, int n);
    } options[] = {{"--matrix", matrix}, {"--power", power_file}};
    int *rows;
    int code = 2;

    if (argc == 1)
        return dc_selfcheck_run(stdout, NULL);
    for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
        if (strcmp(argv[1], options[k].option) != 0)
            continue;
        if (argc < 3)
            return refused(argv[1], " needs a file");
        rows = rows_of(argc - 3, argv + 3);
        if (rows)
            code = options[k].run(argv[2], rows, argc - 3);
        free(rows);
        return code;
    }
    return refused("unknown option ", argv[1]);
}
