/* SPDX-License-Identifier: MIT
 *
 * The verb `verify`: judges an implementation, each worker through a process
 * of its own.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"
#include "ref/format.h"
#include "oracle/base/clock.h"
#include "oracle/explain/analysis.h"
#include "oracle/judge/prove.h"
#include "oracle/judge/judge.h"
#include "oracle/judge/growth.h"
#include "oracle/judge/late_write.h"
#include "oracle/judge/later.h"
#include "oracle/verbs/offered.h"
#include "oracle/verbs/reporting.h"
#include "oracle/verbs/verbs.h"

/* ==== Which storage types ================================================ */

/* Selects the types that are offered, if any.  That which is offered most
 * generally comes first, because scenarios have the first one.  Lists the
 * others in `absent`. */
static dc_status select_offered(dc_settings *s, dc_endpoint *end,
                                char absent[64], dc_error *e)
{
    dc_sweep *const sweep = &s->filter.sweep;
    int first[DC_FORMATS];

    for (int d = 0; d < DC_FORMATS; d++) {
        int at = sweep->n_dtypes;
        dc_status status;

        if (s->filter.scope.given && !(s->filter.scope.dtypes >> d & 1))
            continue;
        status = dc_offered(end, s->judge.ops, d, &first[d], e);
        if (status == DC_OK && first[d] >= 0)
            status = dc_bound_check(&s->judge.arithmetic, d, e);
        if (status != DC_OK)
            return status;
        if (first[d] < 0) {
            strcat(strcat(absent, " "), dc_formats[d].name);
            continue;
        }
        for (; at > 0 && first[sweep->dtypes[at - 1]] > first[d]; at--)
            sweep->dtypes[at] = sweep->dtypes[at - 1];
        sweep->dtypes[at] = d;
        sweep->n_dtypes++;
    }
    return DC_OK;
}

/* Settles the types of the run, and describes them in text[size].  If none is
 * offered, every case in f32 reports "unsupported". */
static dc_status select_dtypes(dc_settings *s, dc_endpoint *end, char *text,
                               size_t size, dc_error *e)
{
    dc_sweep *const sweep = &s->filter.sweep;
    char absent[64] = "";
    const dc_status status =
        sweep->n_dtypes == 0 ? select_offered(s, end, absent, e) : DC_OK;
    const bool any = sweep->n_dtypes > 0;
    size_t at = (size_t)snprintf(text, size, any ? "judged in" : "asked in");

    if (!any)
        sweep->dtypes[sweep->n_dtypes++] = DC_F32;
    for (int d = 0; d < DC_FORMATS; d++)
        for (int k = 0; k < sweep->n_dtypes; k++)
            if (sweep->dtypes[k] == d)
                at += (size_t)snprintf(text + at, size - at, " %s",
                                       dc_formats[d].name);
    if (absent[0])
        snprintf(text + at, size - at, "; not offered:%s", absent);
    return status;
}

/* Time to find out whether the memory of a process grows. */
static const double GROWTH_SECONDS = 0.2;

/* ==== The run =========================================================== */

typedef struct {
    dc_settings settings;
    dc_selection cases;
    dc_proving *prove; /* by case, or NULL */
    dc_analysis analysis;
    pthread_mutex_t lock; /* of the rest */
    dc_result *further;   /* about early cases asked again */
    int64_t n_further;
    dc_growth growth; /* of the first process that grows */
} verification;

/* Adds the scope to the description of the run, in text[size]. */
static void describe_scope(const verification *v, char *text, size_t size)
{
    const char *const profile = v->settings.judge.profile;
    const char *const scope = v->settings.scope;

    if (profile)
        snprintf(text + strlen(text), size - strlen(text), ", profile %s",
                 profile);
    if (scope)
        snprintf(text + strlen(text), size - strlen(text), ", scope %.120s",
                 scope);
    if (v->cases.short_of > 0)
        snprintf(text + strlen(text), size - strlen(text),
                 " (it holds %" PRId64 " different cases, %" PRId64
                 " fewer than the tier asks)",
                 v->cases.held, v->cases.short_of);
}

/* A worker: a process, and the cases that it passed. */
typedef struct {
    dc_endpoint *end;
    dc_later later;
    bool measured; /* does it grow? */
} worker_state;

static dc_status open_worker(void *context, void **worker, dc_error *e)
{
    const verification *v = context;
    worker_state *const w = calloc(1, sizeof *w);
    const dc_status status =
        w ? dc_endpoint_open_again(&w->end, &v->settings.subject, 0, e)
          : dc_nomem(e);

    if (status != DC_OK)
        free(w);
    else
        *worker = w;
    return status;
}

static void close_worker(void *worker)
{
    worker_state *const w = worker;

    dc_endpoint_close(w->end);
    free(w);
}

/* Does the worker's first process grow with every call of its first case? */
static dc_status measure_growth(verification *v, worker_state *w,
                                const dc_case *c, dc_result *result,
                                dc_error *e)
{
    dc_growth growth;
    const dc_status status = dc_growth_measure(
        w->end, c, v->settings.judge.ops, GROWTH_SECONDS, &growth, result, e);

    w->measured = true;
    pthread_mutex_lock(&v->lock);
    if (status == DC_OK && !v->growth.any)
        v->growth = growth;
    pthread_mutex_unlock(&v->lock);
    return status;
}

/* Asks what can only be asked at the end of a process's life.  True in *found
 * if *result, which is zero before, is about something wrong. */
static dc_status ask_last(verification *v, worker_state *w, dc_result *result,
                          bool *found, dc_error *e)
{
    const bool known = w->later.count > 0 && !w->measured;
    const dc_case first = w->later.cases[0].c;
    dc_status status =
        dc_later_ask(&w->later, &v->settings.judge, w->end, result, found, e);

    if (status == DC_OK && !*found) {
        memset(result, 0, sizeof *result);
        status = dc_late_write_settle(w->end, result, found, e);
    }
    if (status == DC_OK && !*found && known) {
        memset(result, 0, sizeof *result);
        status = measure_growth(v, w, &first, result, e);
        *found = result->verdict >= DC_FAIL;
    }
    return status;
}

/* Asks it before the process ends. */
static dc_status ask_later(void *context, void *worker, dc_error *e)
{
    verification *v = context;
    dc_result *const result = calloc(1, sizeof *result);
    bool found;
    dc_status status;

    if (!result)
        return dc_nomem(e);
    status = ask_last(v, worker, result, &found, e);
    if (status == DC_OK && found) {
        pthread_mutex_lock(&v->lock);
        if (v->n_further < DC_POOL_JOBS)
            v->further[v->n_further++] = *result;
        pthread_mutex_unlock(&v->lock);
    }
    free(result);
    return status;
}

static dc_status judge_case(void *context, void *worker, dc_result *result,
                            dc_error *e)
{
    verification *v = context;
    worker_state *const w = worker;
    dc_item_kind kind;
    dc_status status = DC_OK;

    result->item = v->cases.items[result->number];
    result->prove = v->prove ? v->prove[result->number] : DC_PROVE_NOTHING;
    kind = result->item.kind;
    if (kind == DC_ITEM_REFUSAL || kind == DC_ITEM_LARGE)
        status = ask_later(v, w, e); /* these end the process */
    if (status == DC_OK) {
        /* whoever asks a single case wants to see what it says */
        dc_endpoint_show(w->end, v->cases.count == 1 ? stderr : NULL);
        status = dc_judge_item(&v->settings.judge, w->end, result, e);
        dc_endpoint_show(w->end, NULL);
    }
    if (status == DC_OK)
        dc_later_note(&w->later, result);
    return status;
}

static void collect_failure(void *context, const dc_result *result)
{
    verification *v = context;

    dc_analysis_add(&v->analysis, result);
}

/* Analyses the failures.  An error here changes no verdict. */
static void analyse(void *context, dc_summary *summary)
{
    verification *v = context;
    const dc_settings *s = &v->settings;
    dc_error e;
    dc_status status = dc_analysis_run(&v->analysis, &s->subject, &s->judge,
                                       !s->no_shrink, &e);

    if (status == DC_OK && s->reproducer)
        status = dc_analysis_reproduce(&v->analysis, &s->judge.arithmetic,
                                       s->reproducer, &e);
    if (status != DC_OK)
        fprintf(stderr, "deconform: verify: analysing the failures: %s\n",
                e.text);
    summary->analysis = &v->analysis;
    summary->growth = &v->growth;
}

/* fast never serves as a rung of the ladder that judges it, nor does its
 * shared object. */
static bool is_fast(const dc_endpoint *end)
{
    return strncmp(dc_endpoint_hello(end)->name, "fast", 4) == 0;
}

/* Settles what depends on the implementation: declarations, storage types,
 * the cases. */
static dc_status prepare(verification *v, dc_endpoint *end, char *dtypes,
                         size_t size, dc_error *e)
{
    dc_settings *s = &v->settings;
    dc_status status = dc_declare_read(dc_endpoint_hello(end)->declares,
                                       "hello of the implementation declares",
                                       &s->judge.arithmetic.declared, e);

    s->filter.whole = true;
    s->judge.explain = true;
    s->judge.subject = &s->subject;
    if (!is_fast(end))
        s->judge.quick = dc_fast_impl();
    if (s->filter.n_cases)
        snprintf(dtypes, size, "judged as the cases say");
    else if (status == DC_OK)
        status = select_dtypes(s, end, dtypes, size, e);
    for (int d = 0; d < s->filter.sweep.n_dtypes; d++)
        s->judge.dtypes |= 1u << s->filter.sweep.dtypes[d];
    if (status == DC_OK)
        status = dc_select(&s->filter, &v->cases, e);
    if (status != DC_OK)
        return status;
    describe_scope(v, dtypes, size);
    v->prove = dc_prove_choose(v->cases.items, v->cases.count, s->judge.ops,
                               dc_prove_most[s->filter.sweep.tier]);
    v->further = calloc(DC_POOL_JOBS, sizeof *v->further);
    return v->further && dc_analysis_open(&v->analysis) == DC_OK ? DC_OK
                                                                 : dc_nomem(e);
}

/* A pipe answers one request at a time. */
static dc_status check_reentrant(const dc_settings *s, dc_endpoint *end,
                                 dc_error *e)
{
    if (!s->judge.reentrant || dc_endpoint_set_reentrant(end, false))
        return DC_OK;
    return dc_invalid(e,
                      "--reentrant is asked of plug-ins, and %.80s is a pipe, "
                      "which answers one request at a time",
                      s->subject.what);
}

static int verify(const dc_env *env, int argc, char **argv, dc_error *e)
{
    verification v = {.lock = PTHREAD_MUTEX_INITIALIZER};
    const dc_settings *s = &v.settings;
    char dtypes[384];
    char whole[DC_COMMAND_MAX / 2];
    dc_run run = {
        .program = env->program, .options = s->reproduce, .dtypes = dtypes};
    dc_reporting r = {.settings = s,
                      .run = &run,
                      .interrupted = env->interrupted,
                      .start = dc_clock_now(),
                      .open = open_worker,
                      .close = close_worker,
                      .last = ask_later,
                      .judge = judge_case,
                      .on_result = collect_failure,
                      .on_end = analyse,
                      .context = &v};
    dc_endpoint *end = NULL;
    int code = DC_EXIT_FAULT;

    if (dc_settings_read(&v.settings, &dc_verify_verb, argc, argv, e) != DC_OK)
        return DC_EXIT_FAULT;
    if (dc_endpoint_open(&end, &s->subject, e) == DC_OK &&
        check_reentrant(s, end, e) == DC_OK) {
        run.impl = s->subject.what;
        run.name = dc_endpoint_hello(end)->name;
        run.version = dc_endpoint_hello(end)->version;
        run.seed = s->filter.sweep.seed;
        if (prepare(&v, end, dtypes, sizeof dtypes, e) == DC_OK) {
            dc_settings_whole(s, whole, sizeof whole);
            run.whole = whole;
            r.count = v.cases.count;
            r.further = v.further;
            r.n_further = &v.n_further;
            code = dc_reporting_run(&r, e);
        }
    }
    dc_analysis_close(&v.analysis);
    free(v.further);
    free(v.prove);
    dc_select_free(&v.cases);
    dc_settings_free(&v.settings);
    dc_endpoint_close(end);
    return code;
}

const dc_verb dc_verify_verb = {.name = "verify",
                                .about = "judge an implementation",
                                .options = dc_settings_options,
                                .option_set = DC_OF_VERIFY,
                                .interruptible = true,
                                .run = verify};
