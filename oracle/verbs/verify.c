/* SPDX-License-Identifier: MIT
 *
 * A run: workers take cases in order, each through a process of its own;
 * results are told to the reports in the order of the cases, whoever was
 * first.
 */
#include "oracle/verbs/verify.h"

#include <mpfr.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fast/fast.h"
#include "ref/format.h"
#include "oracle/base/clock.h"
#include "oracle/explain/analysis.h"
#include "oracle/judge/prove.h"
#include "oracle/report/report.h"

/* Findings printed in full before the text report only counts. */
static const int64_t SHOWN = 20;

enum { REPORTS_MAX = 3, JOBS_MAX = 256 };

/* ==== Which cases ======================================================= */

dc_status dc_verify_select(const dc_verify *v, dc_selection *s, dc_error *e)
{
    const dc_filter filter = {
        .sweep = v->sweep,
        .whole = v->whole,
        .cases = v->cases,
        .n_cases = v->n_cases,
        .match = v->match,
        .shard = v->shard,
        .shards = v->shards,
    };

    return dc_select(&filter, s, e);
}

static int dtype_wanted(const dc_verify *v, int dtype)
{
    for (int d = 0; d < v->sweep.n_dtypes; d++)
        if (v->sweep.dtypes[d] == dtype)
            return 1;
    return v->sweep.n_dtypes == 0;
}

/* ==== Workers =========================================================== */

typedef struct {
    dc_verify *v;
    dc_selection cases;
    dc_report reports[REPORTS_MAX];
    int n_reports;
    dc_summary summary;
    dc_analysis insight;
    pthread_mutex_t lock;
    /* under the lock: */
    char *prove;      /* by case: dc_proving */
    dc_result **done; /* by case; NULL until judged */
    int64_t next;     /* first case that nobody took */
    int64_t told;     /* cases that the reports have seen */
    int stop;
    dc_error fault; /* the first harness fault */
} run_state;

/* Under the lock: tells the reports what has become contiguous. */
static void tell(run_state *r)
{
    while (r->told < r->cases.count && r->done[r->told]) {
        dc_result *result = r->done[r->told];

        for (int k = 0; k < r->n_reports; k++)
            r->reports[k].result(&r->reports[k], result);
        r->summary.cases++;
        r->summary.count[result->verdict]++;
        dc_stats_add(&r->summary.tally, result);
        dc_analysis_add(&r->insight, result);
        free(result);
        r->done[r->told++] = NULL;
    }
    if (r->v->max_failures && r->summary.count[DC_FAIL] +
                                      r->summary.count[DC_CRASH] +
                                      r->summary.count[DC_HANG] >=
                                  r->v->max_failures)
        r->stop = 1;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%lld/%lld", (long long)r->told,
                (long long)r->cases.count);
}

static void fail(run_state *r, const dc_error *e)
{
    pthread_mutex_lock(&r->lock);
    if (r->fault.status == DC_OK)
        r->fault = *e;
    r->stop = 1;
    pthread_mutex_unlock(&r->lock);
}

/* The next case to judge, or -1. */
static int64_t take(run_state *r)
{
    int64_t mine = -1;

    pthread_mutex_lock(&r->lock);
    if (!r->stop && !*r->v->interrupted && r->next < r->cases.count)
        mine = r->next++;
    pthread_mutex_unlock(&r->lock);
    return mine;
}

static void *work(void *argument)
{
    run_state *r = argument;
    dc_endpoint *end = NULL;
    dc_error e = {DC_OK, NULL, -1, ""};
    int64_t mine;
    dc_status status = dc_endpoint_open(&end, &r->v->subject, &e);

    while (status == DC_OK && (mine = take(r)) >= 0) {
        dc_result *result = calloc(1, sizeof *result);

        if (!result) {
            status = dc_nomem(&e);
            break;
        }
        result->number = mine;
        result->item = r->cases.items[mine];
        result->prove = r->prove ? r->prove[mine] : DC_PROVE_NOTHING;
        status = dc_judge_case(&r->v->judge, end, result, &e);
        if (status != DC_OK) {
            free(result);
            break;
        }
        pthread_mutex_lock(&r->lock);
        r->done[mine] = result;
        tell(r);
        pthread_mutex_unlock(&r->lock);
    }
    if (status != DC_OK)
        fail(r, &e);
    dc_endpoint_close(end);
    mpfr_free_cache();
    return NULL;
}

static void run_workers(run_state *r)
{
    pthread_t threads[JOBS_MAX];
    int jobs = r->v->jobs < JOBS_MAX ? r->v->jobs : JOBS_MAX;
    int started = 0;

    if (jobs > r->cases.count)
        jobs = (int)r->cases.count;
    while (started < jobs &&
           pthread_create(&threads[started], NULL, work, r) == 0)
        started++;
    if (started == 0)
        work(r); /* no thread to be had: do it here */
    for (int t = 0; t < started; t++)
        pthread_join(threads[t], NULL);
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%*s\r", 40, "");
}

/* ==== Which storage types ================================================ */

/* Does the implementation offer a judged operation in this type?  Anything
 * but a plain "unsupported" to the smallest problem says so. */
static dc_status probe_dtype(const dc_verify *v, dc_endpoint *end, int dtype,
                             int *offered, dc_error *e)
{
    const double zeros[2] = {0, 0};
    double room[2][2];
    const void *tensors[DC_TENSORS] = {
        [DC_X] = zeros, [DC_W] = zeros, [DC_GY] = zeros};
    void *const result[2] = {room[0], room[1]};
    dc_case c;
    dc_status status = dc_case_parse("i1_k1", &c, e);

    *offered = 0;
    c.p.dtype = dtype;
    for (int op = 0; op < DC_OPS && status == DC_OK && !*offered; op++) {
        dc_answer a;

        if (!v->judge.ops[op])
            continue;
        status = dc_endpoint_call(end, &c, (dc_op)op, tensors, result, &a, e);
        *offered = status == DC_OK &&
                   (a.outcome != DC_ANSWERED || a.status != DC_UNSUPPORTED);
    }
    return status;
}

/* The types of the run, and what the closing lines say of them. */
static dc_status probe_dtypes(dc_verify *v, dc_endpoint *end, char *text,
                              size_t size, dc_error *e)
{
    const int given = v->sweep.n_dtypes;
    char absent[64] = "";
    size_t at = 0;

    at += (size_t)snprintf(text, size, "judged in");
    for (int d = 0; d < DC_FORMATS; d++) {
        if (given && !dtype_wanted(v, d))
            continue;
        if (!given) {
            int offered;
            dc_status status = probe_dtype(v, end, d, &offered, e);

            if (status == DC_OK && offered)
                status = dc_bound_check(&v->judge.arithmetic, d, e);
            if (status != DC_OK)
                return status;
            if (!offered) {
                strcat(absent, " ");
                strcat(absent, dc_formats[d].name);
                continue;
            }
            v->sweep.dtypes[v->sweep.n_dtypes++] = d;
        }
        at += (size_t)snprintf(text + at, size - at, " %s", dc_formats[d].name);
    }
    if (!given && v->sweep.n_dtypes == 0) {
        /* nothing is offered: let every case say so */
        v->sweep.dtypes[v->sweep.n_dtypes++] = DC_F32;
        at += (size_t)snprintf(text + at, size - at, " %s",
                               dc_formats[DC_F32].name);
    }
    if (absent[0])
        snprintf(text + at, size - at, "; not offered:%s", absent);
    return DC_OK;
}

/* ==== The run =========================================================== */

static dc_status open_reports(run_state *r, const dc_run *run, dc_error *e)
{
    const dc_verify *v = r->v;
    dc_status status = DC_OK;

    /* text comes last: its closing line says that all is written */
    if (v->json) {
        status = dc_report_json(&r->reports[0], run, v->json, e);
        r->n_reports += status == DC_OK;
    }
    if (v->junit && status == DC_OK) {
        status = dc_report_junit(&r->reports[r->n_reports], run, v->junit, e);
        r->n_reports += status == DC_OK;
    }
    if (status == DC_OK) {
        status = dc_report_text(&r->reports[r->n_reports], run, SHOWN, e);
        r->n_reports += status == DC_OK;
    }
    return status;
}

static int exit_code(const run_state *r)
{
    const dc_summary *s = &r->summary;

    if (r->fault.status != DC_OK)
        return DC_EXIT_FAULT;
    if (*r->v->interrupted)
        return DC_EXIT_INTERRUPTED;
    if (s->count[DC_FAIL] + s->count[DC_CRASH] + s->count[DC_HANG])
        return DC_EXIT_FAILS;
    return s->count[DC_PASS] ? DC_EXIT_CONFORMS : DC_EXIT_NOTHING;
}

/* Failures are looked into: what is wrong, and the smallest case.  That this
 * cannot be done is no verdict. */
static void look_into(run_state *r)
{
    const dc_verify *v = r->v;
    dc_error e;
    dc_status status;

    if (*v->interrupted || r->fault.status != DC_OK)
        return;
    status =
        dc_analysis_run(&r->insight, &v->subject, &v->judge, !v->no_shrink, &e);
    if (status == DC_OK && v->reproducer)
        status = dc_analysis_reproduce(&r->insight, &v->judge.arithmetic,
                                       v->reproducer, &e);
    if (status != DC_OK)
        fprintf(stderr, "deconform: looking into the failures: %s\n", e.text);
    r->summary.insight = &r->insight;
}

/* Judges what was selected; the reports are open. */
static int run_cases(run_state *r, double start)
{
    pthread_mutex_init(&r->lock, NULL);
    run_workers(r);
    pthread_mutex_destroy(&r->lock);
    /* after a stop, some cases beyond the told ones may be judged */
    for (int64_t i = r->told; i < r->cases.count; i++)
        free(r->done[i]);
    look_into(r);
    r->summary.left = r->cases.count - r->told;
    r->summary.seed = r->v->sweep.seed;
    r->summary.seconds = dc_clock_now() - start;
    for (int k = 0; k < r->n_reports; k++) {
        dc_error e;
        if (r->reports[k].end(&r->reports[k], &r->summary, &e) != DC_OK &&
            r->fault.status == DC_OK)
            r->fault = e;
    }
    return exit_code(r);
}

/* fast is never its own rung, as a shared object neither. */
static int is_fast(const dc_endpoint *end)
{
    return strncmp(dc_endpoint_name(end), "fast", 4) == 0;
}

int dc_verify_run(dc_verify *v)
{
    run_state r = {.v = v};
    const double start = dc_clock_now();
    char dtypes[128];
    dc_run run = {.program = v->program,
                  .impl = v->subject.what,
                  .options = v->options,
                  .dtypes = dtypes,
                  .seed = v->sweep.seed};
    dc_endpoint *end = NULL;
    dc_error e;
    int code = DC_EXIT_FAULT;
    dc_status status = dc_endpoint_open(&end, &v->subject, &e);

    v->judge.subject = &v->subject;
    if (status == DC_OK) {
        if (!is_fast(end))
            v->judge.quick = dc_fast_impl();
        run.name = dc_endpoint_name(end);
        run.version = dc_endpoint_version(end);
        status = dc_declare_read(dc_endpoint_declares(end),
                                 "hello of the implementation declares",
                                 &v->judge.arithmetic.declared, &e);
    }
    if (status == DC_OK) {
        if (v->n_cases)
            snprintf(dtypes, sizeof dtypes, "judged as the cases say");
        else
            status = probe_dtypes(v, end, dtypes, sizeof dtypes, &e);
    }
    if (status == DC_OK)
        status = dc_verify_select(v, &r.cases, &e);
    if (status == DC_OK) {
        if (dc_analysis_open(&r.insight) != DC_OK)
            status = dc_nomem(&e);
        r.prove = dc_prove_choose(r.cases.items, r.cases.count, v->judge.ops,
                                  dc_prove_most[v->sweep.tier]);
        r.done = calloc((size_t)r.cases.count, sizeof(dc_result *));
        status = r.done ? open_reports(&r, &run, &e) : dc_nomem(&e);
        if (status == DC_OK)
            code = run_cases(&r, start);
        else
            for (int k = 0; k < r.n_reports; k++)
                r.reports[k].end(&r.reports[k], &r.summary, NULL);
        dc_analysis_close(&r.insight);
        free(r.done);
        free(r.prove);
        dc_select_free(&r.cases);
    }
    if (status != DC_OK)
        r.fault = e;
    if (r.fault.status != DC_OK)
        fprintf(stderr, "deconform: %s\n", r.fault.text);
    dc_endpoint_close(end);
    mpfr_free_cache();
    return code;
}
