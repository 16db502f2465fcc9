/* SPDX-License-Identifier: MIT
 *
 * Results wait until all results before them have arrived, so that every
 * report lists the cases in order whichever worker was first.
 */
#include "oracle/verbs/reporting.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "oracle/base/clock.h"

/* Findings printed in full before the text report only counts them. */
static const int64_t SHOWN = 20;

enum { REPORTS = 3 };

typedef struct {
    const dc_reporting *r;
    dc_report reports[REPORTS];
    int n_reports;
    dc_summary summary;
    dc_result **results; /* by case; NULL: not judged, or reported */
} reporting;

/* ==== The reports ======================================================= */

/* May `path`, NULL for none, be written too?  Not if it is the file of an open
 * report under another name, such as ./a for a. */
static dc_status check_apart(const reporting *w, const char *path,
                             const char *name, dc_error *e)
{
    for (int k = 0; path && k < w->n_reports; k++)
        if (dc_report_writes(&w->reports[k], path))
            return dc_invalid(e, "%s and %.150s are the same file: name two",
                              name, w->reports[k].path);
    return DC_OK;
}

/* Opens what --json and --junit name, and the text.  Text is opened and ended
 * last: its closing line means that all is written. */
static dc_status open_reports(reporting *w, dc_error *e)
{
    const dc_run *run = w->r->run;
    const dc_settings *s = w->r->settings;
    dc_status status = DC_OK;

    if (s->json) {
        status = dc_report_json(&w->reports[w->n_reports], run, s->json, e);
        w->n_reports += status == DC_OK;
    }
    if (status == DC_OK)
        status = check_apart(w, s->junit, "--junit", e);
    if (s->junit && status == DC_OK) {
        status = dc_report_junit(&w->reports[w->n_reports], run, s->junit, e);
        w->n_reports += status == DC_OK;
    }
    if (status == DC_OK)
        status = check_apart(w, s->reproducer, "--reproducer", e);
    if (status == DC_OK)
        status = check_apart(w, "/dev/stdout", "standard output", e);
    if (status == DC_OK) {
        status = dc_report_text(&w->reports[w->n_reports], run, SHOWN, e);
        w->n_reports += status == DC_OK;
    }
    return status;
}

/* Ends all of them; returns the first error, `status` included. */
static dc_status end_reports(reporting *w, dc_status status, dc_error *e)
{
    for (int k = 0; k < w->n_reports; k++) {
        dc_error why;
        const dc_status ended =
            w->reports[k].end(&w->reports[k], &w->summary, &why);

        if (status == DC_OK && ended != DC_OK) {
            status = ended;
            *e = why;
        }
    }
    return status;
}

/* ==== The run =========================================================== */

static dc_status open_worker(void *context, void **worker, dc_error *e)
{
    const reporting *w = context;

    return w->r->open ? w->r->open(w->r->context, worker, e) : DC_OK;
}

static dc_status judge_one(void *context, void *worker, int64_t index,
                           dc_error *e)
{
    reporting *w = context;
    dc_result *result = calloc(1, sizeof *result);
    dc_status status;

    if (!result)
        return dc_nomem(e);
    result->number = index;
    status = w->r->judge(w->r->context, worker, result, e);
    if (status == DC_OK)
        w->results[index] = result;
    else
        free(result);
    return status;
}

static dc_status finish_worker(void *context, void *worker, dc_error *e)
{
    const reporting *w = context;

    return w->r->last ? w->r->last(w->r->context, worker, e) : DC_OK;
}

static int64_t failures(const dc_summary *s)
{
    return s->count[DC_FAIL] + s->count[DC_CRASH] + s->count[DC_HANG];
}

/* Passes a result to all reports, and counts it. */
static void report(reporting *w, const dc_result *result)
{
    for (int k = 0; k < w->n_reports; k++)
        w->reports[k].result(&w->reports[k], result);
    w->summary.cases++;
    w->summary.count[result->verdict]++;
}

static bool report_one(void *context, int64_t index)
{
    reporting *w = context;
    dc_result *result = w->results[index];
    const int64_t most = w->r->settings->max_failures;

    report(w, result);
    dc_stats_add(&w->summary.stats, result);
    if (w->r->on_result)
        w->r->on_result(w->r->context, result);
    free(result);
    w->results[index] = NULL;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%lld/%lld", (long long)index + 1,
                (long long)w->r->count);
    return most && failures(&w->summary) >= most;
}

/* What the grades of all results say together. */
static void report_grades(reporting *w)
{
    dc_stats *const stats = &w->summary.stats;
    const bool strict = w->r->settings->judge.strict;
    dc_result r;

    for (int at = 0; at < DC_GRADE_SUMS; at++)
        if (dc_grades_find(&stats->grades, at, strict, &r)) {
            report(w, &r);
            stats->warnings += r.measures.warnings;
        }
}

/* Was less computed than the user demands?  A run that was stopped early says
 * nothing about that. */
static void check_share(reporting *w)
{
    const dc_settings *const s = w->r->settings;
    const dc_stats *const t = &w->summary.stats;
    const int64_t least =
        s->at_least_percent ? (t->legal * s->at_least + 99) / 100 : s->at_least;

    if (t->computed < least && w->summary.left == 0)
        snprintf(w->summary.lost, sizeof w->summary.lost,
                 "only %" PRId64 " of %" PRId64 " legal cases were computed, "
                 "and --at-least %" PRId64 "%s demands %" PRId64,
                 t->computed, t->legal, s->at_least,
                 s->at_least_percent ? "%" : "", least);
}

/* Judges all cases; the reports are open. */
static dc_status judge_all(reporting *w, dc_error *e)
{
    const dc_reporting *r = w->r;
    const dc_pool pool = {.open = open_worker,
                          .close = r->close,
                          .task = judge_one,
                          .last = finish_worker,
                          .on_done = report_one,
                          .context = w,
                          .count = r->count,
                          .jobs = r->settings->jobs,
                          .interrupted = r->interrupted};
    int64_t done = 0;
    const dc_status status = dc_pool_run(&pool, &done, e);

    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%*s\r", 40, "");
    for (int64_t i = done; i < r->count; i++)
        free(w->results[i]);
    w->summary.left = r->count - done;
    for (int64_t i = 0; r->n_further && i < *r->n_further; i++)
        report(w, &r->further[i]);
    report_grades(w);
    check_share(w);
    if (status == DC_OK && !*r->interrupted && r->on_end)
        r->on_end(r->context, &w->summary);
    w->summary.seed = r->run->seed;
    w->summary.seconds = dc_clock_now() - r->start;
    return status;
}

int dc_reporting_run(const dc_reporting *r, dc_error *e)
{
    reporting w = {.r = r, .summary.stats.profile = r->settings->judge.profile};
    dc_status status;

    w.results = calloc((size_t)r->count, sizeof(dc_result *));
    status = w.results ? open_reports(&w, e) : dc_nomem(e);
    if (status == DC_OK)
        status = judge_all(&w, e);
    status = end_reports(&w, status, e);
    free(w.results);
    if (status != DC_OK)
        return DC_EXIT_FAULT;
    if (*r->interrupted)
        return DC_EXIT_INTERRUPTED;
    if (failures(&w.summary) || w.summary.lost[0])
        return DC_EXIT_FAILS;
    /* to refuse what is illegal is not enough if nothing legal was computed */
    if (w.summary.count[DC_PASS] == 0 ||
        (w.summary.stats.legal && !w.summary.stats.computed))
        return DC_EXIT_NOTHING;
    return DC_EXIT_CONFORMS;
}
