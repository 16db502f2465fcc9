/* SPDX-License-Identifier: MIT
 *
 * The verb `judge`: options, workers, reports.
 */
#include "oracle/verbs/judge_pack.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/base/clock.h"
#include "oracle/base/pool.h"
#include "oracle/base/option.h"
#include "oracle/report/report.h"
#include "oracle/verbs/verify.h"

/* Findings printed in full before the text report only counts. */
static const int64_t SHOWN = 20;

enum {
    O_ANSWERS = DC_OPTION_FIRST,
    O_OP,
    O_CASE,
    O_MATCH,
    O_ACCUMULATE,
    O_DECLARE,
    O_STRICT,
    O_JOBS,
    O_MAX_FAILURES,
    O_JSON,
    O_JUNIT
};

static const struct option table[] = {
    {"answers", required_argument, NULL, O_ANSWERS},
    {"op", required_argument, NULL, O_OP},
    {"case", required_argument, NULL, O_CASE},
    {"match", required_argument, NULL, O_MATCH},
    {"accumulate", required_argument, NULL, O_ACCUMULATE},
    {"declare", required_argument, NULL, O_DECLARE},
    {"strict", no_argument, NULL, O_STRICT},
    {"jobs", required_argument, NULL, O_JOBS},
    {"max-failures", required_argument, NULL, O_MAX_FAILURES},
    {"json", required_argument, NULL, O_JSON},
    {"junit", required_argument, NULL, O_JUNIT},
    {NULL, 0, NULL, 0},
};

enum { REPORTS = 3 };

/* What the command line asked for, and the run. */
typedef struct {
    const char *dir;
    const char *only;  /* --case */
    const char *match; /* glob on case string and id */
    const char *json;
    const char *junit;
    char options[DC_OPTION_NOTES]; /* that a reproduction needs */
    int jobs;
    int64_t max_failures;
    dc_pack pack;
    dc_judge_pack answers;
    dc_report reports[REPORTS];
    int n_reports;
    dc_summary summary;
    dc_result **done; /* by case; NULL until judged */
} session;

/* ==== Options =========================================================== */

static dc_status read_one(void *to, const dc_option *o, dc_error *e)
{
    session *s = to;

    switch (o->code) {
    case O_ANSWERS:
        s->answers.dir = o->value;
        return DC_OK;
    case O_OP:
        return dc_option_ops(o, s->answers.judge.ops, e);
    case O_CASE:
        s->only = o->value;
        return DC_OK;
    case O_MATCH:
        s->match = o->value;
        return DC_OK;
    case O_ACCUMULATE:
        dc_option_note(o, o->value, s->options);
        return dc_option_dtype(o, &s->answers.judge.arithmetic.accumulate, e);
    case O_DECLARE:
        return dc_option_declared(o, &s->answers.judge.arithmetic.declared,
                                  s->options, e);
    case O_STRICT:
        s->answers.judge.strict = 1;
        dc_option_note(o, NULL, s->options);
        return DC_OK;
    case O_JOBS:
        return dc_option_jobs(o, &s->jobs, e);
    case O_MAX_FAILURES:
        return dc_option_count(o, &s->max_failures, e);
    case O_JSON:
        s->json = o->value;
        return DC_OK;
    default:
        s->junit = o->value;
        return DC_OK;
    }
}

static dc_status read_options(session *s, int argc, char **argv, dc_error *e)
{
    dc_status status;

    s->jobs = dc_pool_jobs();
    s->answers.judge.arithmetic.accumulate = -1;
    for (int op = 0; op < DC_OPS; op++)
        s->answers.judge.ops[op] = 1;
    status = dc_option_walk(argc, argv, table, read_one, s, &s->dir, e);
    if (status == DC_OK && (!s->dir || !s->answers.dir))
        status = dc_error_set(e, DC_INVALID, NULL, -1,
                              "judge: DIR and --answers DIR2 are due");
    if (status == DC_OK && s->json && s->junit &&
        strcmp(s->json, s->junit) == 0)
        status = dc_error_set(e, DC_INVALID, NULL, -1,
                              "--json and --junit name the same file");
    return status;
}

/* ==== The run =========================================================== */

/* Keeps the entries that the filters leave. */
static dc_status filter(session *s, dc_error *e)
{
    dc_pack *pack = &s->pack;
    int64_t kept = 0;
    char only[DC_CASE_MAX] = "";
    dc_case c;
    dc_status status = DC_OK;

    if (s->only && (status = dc_case_parse(s->only, &c, e)) == DC_OK)
        dc_case_print(&c, only);
    for (int64_t i = 0; i < pack->count && status == DC_OK; i++) {
        const dc_pack_entry *entry = &pack->entries[i];
        char name[DC_CASE_MAX];

        dc_case_print(&entry->c, name);
        if ((s->only && strcmp(only, name) != 0) ||
            (s->match && fnmatch(s->match, name, 0) != 0 &&
             fnmatch(s->match, entry->id, 0) != 0))
            continue;
        status =
            dc_bound_check(&s->answers.judge.arithmetic, entry->c.p.dtype, e);
        pack->entries[kept++] = *entry;
    }
    if (status == DC_OK && kept == 0)
        status = dc_error_set(e, DC_INVALID, NULL, -1,
                              "no case is left after the filters");
    pack->count = kept;
    return status;
}

static dc_status judge_one(void *context, int64_t index, dc_error *e)
{
    session *s = context;
    dc_result *r = calloc(1, sizeof *r);
    dc_status status;

    if (!r)
        return dc_nomem(e);
    r->number = index;
    status = dc_judge_pack_case(&s->answers, index, r, e);
    if (status == DC_OK)
        s->done[index] = r;
    else
        free(r);
    return status;
}

static int tell(void *context, int64_t index)
{
    session *s = context;
    dc_result *r = s->done[index];
    const int64_t *count = s->summary.count;

    for (int k = 0; k < s->n_reports; k++)
        s->reports[k].result(&s->reports[k], r);
    s->summary.cases++;
    s->summary.count[r->verdict]++;
    dc_stats_add(&s->summary.tally, r);
    free(r);
    s->done[index] = NULL;
    return s->max_failures && count[DC_FAIL] >= s->max_failures;
}

static dc_status open_reports(session *s, const dc_run *run, dc_error *e)
{
    dc_status status = DC_OK;

    /* text comes last: its closing line says that all is written */
    if (s->json) {
        status = dc_report_json(&s->reports[0], run, s->json, e);
        s->n_reports += status == DC_OK;
    }
    if (s->junit && status == DC_OK) {
        status = dc_report_junit(&s->reports[s->n_reports], run, s->junit, e);
        s->n_reports += status == DC_OK;
    }
    if (status == DC_OK) {
        status = dc_report_text(&s->reports[s->n_reports], run, SHOWN, e);
        s->n_reports += status == DC_OK;
    }
    return status;
}

/* Judges what the filters left; the reports are open. */
static dc_status run_cases(session *s, const volatile sig_atomic_t *interrupted,
                           dc_error *e)
{
    const dc_pool crew = {judge_one,     tell,    s,
                          s->pack.count, s->jobs, interrupted};
    const double start = dc_clock_now();
    int64_t told = 0;
    dc_status status;

    status = dc_pool_run(&crew, &told, e);
    s->summary.left = s->pack.count - told;
    s->summary.seed = s->pack.seed;
    s->summary.seconds = dc_clock_now() - start;
    for (int64_t i = told; i < s->pack.count; i++)
        free(s->done[i]);
    for (int k = 0; k < s->n_reports; k++) {
        dc_error why;

        if (s->reports[k].end(&s->reports[k], &s->summary, &why) != DC_OK &&
            status == DC_OK) {
            *e = why;
            status = DC_FAILED;
        }
    }
    return status;
}

static dc_status judge(session *s, const char *program,
                       const volatile sig_atomic_t *interrupted, dc_error *e)
{
    char how[4400];
    const dc_run run = {.program = program,
                        .impl = s->answers.dir,
                        .how = how,
                        .name = "answers to",
                        .version = s->dir,
                        .options = s->options,
                        .dtypes = "judged as the pack says",
                        .seed = s->pack.seed};
    dc_status status;

    snprintf(how, sizeof how, "judge %s --answers", s->dir);
    s->done = calloc((size_t)s->pack.count, sizeof(dc_result *));
    if (!s->done)
        return dc_nomem(e);
    status = open_reports(s, &run, e);
    if (status == DC_OK)
        status = run_cases(s, interrupted, e);
    free(s->done);
    return status;
}

/* Opens both sides and judges; `extra` is what the answers have too much. */
static dc_status prepare(session *s, dc_refused **refused, dc_error *extra,
                         dc_error *e)
{
    dc_status status = dc_pack_open(&s->pack, s->dir, e);

    s->answers.pack = &s->pack;
    if (status == DC_OK && !s->pack.format->read)
        status = dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                              "%.120s: a pack in the format %s holds no "
                              "answers; the same cases in json have the same "
                              "ids",
                              s->dir, s->pack.format->name);
    if (status == DC_OK)
        status = dc_judge_pack_refused(&s->answers, refused, e);
    if (status == DC_OK) {
        status = dc_judge_pack_extra(&s->answers, extra);
        if (status == DC_FAILED)
            *e = *extra;
        else
            status = DC_OK;
    }
    return status == DC_OK ? filter(s, e) : status;
}

static int exit_code(const session *s, const dc_error *extra,
                     const volatile sig_atomic_t *interrupted)
{
    if (*interrupted)
        return DC_EXIT_INTERRUPTED;
    if (extra->status != DC_OK)
        return DC_EXIT_FAULT;
    if (s->summary.count[DC_FAIL])
        return DC_EXIT_FAILS;
    return s->summary.count[DC_PASS] ? DC_EXIT_CONFORMS : DC_EXIT_NOTHING;
}

int dc_judge_pack_main(int argc, char **argv, const char *program,
                       const volatile sig_atomic_t *interrupted)
{
    session s = {0};
    dc_refused *refused = NULL;
    dc_error extra = {DC_OK, NULL, -1, ""};
    dc_error e = {DC_OK, NULL, -1, ""};
    int code = DC_EXIT_FAULT;
    dc_status status = read_options(&s, argc, argv, &e);

    if (status == DC_OK)
        status = prepare(&s, &refused, &extra, &e);
    if (status == DC_OK)
        status = judge(&s, program, interrupted, &e);
    if (status == DC_OK)
        code = exit_code(&s, &extra, interrupted);
    if (status != DC_OK)
        fprintf(stderr, "deconform: %s\n", e.text);
    else if (extra.status != DC_OK)
        fprintf(stderr, "deconform: %s\n", extra.text);
    free(refused);
    dc_pack_close(&s.pack);
    mpfr_free_cache();
    return code;
}
