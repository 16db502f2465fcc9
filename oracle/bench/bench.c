/* SPDX-License-Identifier: MIT
 *
 * The verb `bench`: its help, its files, and the loop over layers and
 * operations.
 */
#include "oracle/bench/bench.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ref/format.h"
#include "oracle/bench/bench_judge.h"
#include "oracle/bench/bench_peak.h"
#include "oracle/bench/bench_report.h"
#include "oracle/base/exit.h"

static const char usage[] =
    "usage: deconform bench [OPTIONS]\n"
    "\n"
    "  --impl A      fast*, onednn, onednn-plain, xnnpack, torch,\n"
    "                torch-native, ./lib.so, 'pipe:COMMAND', ...\n"
    "  --vs B        compared with A; up to four times\n"
    "  --layers GLOB of network layers, a list; * all\n"
    "  --op LIST     of forward*,grad_input*,grad_weight*,grad_bias\n"
    "  --dtype D     f32*, f64, f16 or bf16\n"
    "  --threads N   1*, told to every implementation\n"
    "  --repeat N    rounds a row, 9*\n"
    "  --seconds S   instead: rounds for S seconds a row, three at least\n"
    "  --judge       instead: what does judging fast's results cost?\n"
    "  --small       layers scaled down: tries things out, measures nothing\n"
    "  --csv FILE    a line a layer, operation and implementation\n"
    "  --json FILE   one object\n"
    "  --plot FILE   SVG\n"
    "\n"
    "A and B take turns, A B A B ..., with the multiply-add peak and the\n"
    "memory measured between them; ratios are taken round by round.  Shared\n"
    "objects run inside this process: if one crashes, so does the benchmark\n"
    "(`verify` says where).  A plug-in that exports deconform_bench\n"
    "(oracle/bench/bench_plugin.h) prepares outside the clock: oneDNN's "
    "reorders\n"
    "are not counted.  Results are compared loosely, not judged.\n"
    "\n"
    "exit: 0 done, 2 usage or harness fault, 77 nothing could be measured,\n"
    "130 interrupted\n"
    "\n"
    "layers:";

/* ==== Layers ============================================================ */

/* Does a word of the list match?  NULL matches everything. */
static int wanted(const char *globs, const char *name)
{
    char word[128];

    if (!globs)
        return 1;
    for (;; globs++) {
        const size_t n = strcspn(globs, ",");

        snprintf(word, sizeof word, "%.*s", (int)n, globs);
        if (n < sizeof word && fnmatch(word, name, 0) == 0)
            return 1;
        globs += n;
        if (!*globs)
            return 0;
    }
}

static int count_layers(const dc_bench *b)
{
    int count = 0;

    for (int l = 0; l < dc_layers_count; l++)
        count += wanted(b->layers, dc_layers[l].name);
    return count;
}

static void help(void)
{
    int column = 79;

    fputs(usage, stdout);
    for (int l = 0; l < dc_layers_count; l++) {
        const int n = (int)strlen(dc_layers[l].name);

        column += n + 1;
        if (column > 78) {
            fputs("\n ", stdout);
            column = n + 2;
        }
        printf(" %s", dc_layers[l].name);
    }
    putchar('\n');
}

/* ==== The run =========================================================== */

typedef struct {
    const dc_bench *b;
    dc_bench_subject subjects[DC_BENCH_SUBJECTS];
    int open; /* subjects to be closed */
    dc_bench_result result;
    FILE *csv, *json;
    int judged; /* lines of --judge */
} run;

static dc_status unwritable(const char *path, dc_error *e)
{
    return dc_error_set(e, DC_FAILED, NULL, -1, "cannot write %.160s: %s", path,
                        strerror(errno ? errno : EIO));
}

/* Before anything is measured, so that nothing is measured for nothing. */
static dc_status open_files(run *r, dc_error *e)
{
    const dc_bench *const b = r->b;
    FILE *plot;

    errno = 0;
    if (b->csv && (!(r->csv = fopen(b->csv, "w")) ||
                   dc_bench_report_csv_head(r->csv) != DC_OK))
        return unwritable(b->csv, e);
    if (b->json && !(r->json = fopen(b->json, "w")))
        return unwritable(b->json, e);
    if (b->plot) {
        plot = fopen(b->plot, "w");
        if (!plot)
            return unwritable(b->plot, e);
        fclose(plot);
    }
    return DC_OK;
}

/* The environment of what is loaded after this. */
static dc_status set_environment(run *r, dc_error *e)
{
    static const char *const names[] = {"DECONFORM_THREADS", "OMP_NUM_THREADS"};
    char threads[16];
    int failed = 0;

    snprintf(threads, sizeof threads, "%d", r->b->plan.threads);
    for (int k = 0; k < 2; k++)
        failed |= setenv(names[k], threads, 1);
    if (dc_bench_peak_wide() && !getenv("OPENBLAS_CORETYPE")) {
        failed |= setenv("OPENBLAS_CORETYPE", "SKYLAKEX", 1);
        r->result.coretype_set = 1;
    }
    r->result.coretype = getenv("OPENBLAS_CORETYPE");
    if (!r->result.coretype)
        r->result.coretype = "";
    return failed ? dc_nomem(e)
                  : DC_OK;
}

static dc_status open_subjects(run *r, dc_error *e)
{
    dc_status status = DC_OK;

    for (int s = 0; s < r->b->count && status == DC_OK; s++) {
        status = dc_bench_subject_open(&r->subjects[s], r->b->what[s], e);
        r->open += status == DC_OK;
    }
    return status;
}

static int interrupted(const run *r)
{
    return r->b->plan.interrupted && *r->b->plan.interrupted;
}

static void progress(const char *layer, const char *op)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s%s%s", layer, *op ? " " : "", op);
}

/* All operations of one layer. */
static dc_status run_layer(run *r, const dc_layer *layer, dc_error *e)
{
    const dc_bench *const b = r->b;
    dc_bench_result *const result = &r->result;
    dc_error why = {.text = ""};
    dc_bench_data data;
    dc_case c;
    dc_status status =
        dc_case_parse(b->small ? layer->small : layer->spec, &c, &why);

    c.p.dtype = b->dtype;
    c.family = DC_REAL;
    c.seed = 1;
    if (status == DC_OK)
        status = dc_problem_complete(&c.p, &why);
    if (status == DC_OK && b->judge)
        status = dc_bench_judge_layer(b, layer->name, &c, &r->judged, &why);
    else if (status == DC_OK)
        status = dc_bench_data_make(&data, &c, b->ops, b->count, &why);
    if (status != DC_OK)
        return dc_error_set(e, status, NULL, -1, "bench: %s: %.180s",
                            layer->name, why.text);
    if (b->judge)
        return DC_OK;
    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        dc_bench_row *const row = &result->rows[result->n_rows];

        if (!b->ops[op] || interrupted(r))
            continue;
        *row = (dc_bench_row){.layer = layer, .c = c, .op = (dc_op)op};
        progress(layer->name, dc_ops[op].name);
        status = dc_bench_measure_row(&b->plan, r->subjects, b->count, &data,
                                      row, e);
        progress("", "");
        if (status != DC_OK || !row->rounds)
            continue;
        result->n_rows++;
        dc_bench_report_row(stdout, result, row);
        if (r->csv && dc_bench_report_csv_row(r->csv, result, row) != DC_OK)
            status = unwritable(b->csv, e);
    }
    dc_bench_data_free(&data);
    return status;
}

static dc_status measure(run *r, dc_error *e)
{
    dc_bench_result *const result = &r->result;
    dc_status status = DC_OK;

    result->rows =
        calloc((size_t)(dc_layers_count * DC_OPS), sizeof *result->rows);
    if (!result->rows)
        return dc_nomem(e);
    if (r->b->judge)
        dc_bench_judge_head();
    else
        dc_bench_report_head(stdout, result);
    for (int l = 0; l < dc_layers_count && status == DC_OK; l++)
        if (wanted(r->b->layers, dc_layers[l].name) && !interrupted(r))
            status = run_layer(r, &dc_layers[l], e);
    if (status == DC_OK && !r->b->judge)
        dc_bench_report_tail(stdout, result);
    errno = 0;
    if (status == DC_OK && r->json &&
        dc_bench_report_json(r->json, result) != DC_OK)
        status = unwritable(r->b->json, e);
    if (status == DC_OK && r->b->plot)
        status = dc_bench_report_plot(r->b->plot, result, e);
    return status;
}

/* Did anybody take part in anything? */
static int measured(const dc_bench_result *r, int judged)
{
    if (judged)
        return 1;
    for (int k = 0; k < r->n_rows; k++)
        for (int s = 0; s < r->count; s++)
            if (r->rows[k].of[s].status == DC_OK)
                return 1;
    return 0;
}

/* Closes a report; a full disk is an error here at the latest. */
static dc_status close_file(FILE *f, const char *path, dc_status status,
                            dc_error *e)
{
    if (!f || fclose(f) == 0 || status != DC_OK)
        return status;
    return unwritable(path, e);
}

int dc_bench_main(int argc, char **argv, const volatile sig_atomic_t *interrupt)
{
    dc_bench b;
    run r = {.b = &b};
    dc_error e = {.text = ""};
    dc_status status = dc_bench_read(&b, argc, argv, &e);
    int nothing;

    b.plan.interrupted = interrupt;
    if (status == DC_OK && b.help) {
        help();
        return DC_EXIT_CONFORMS;
    }
    if (status == DC_OK && !count_layers(&b))
        status = dc_error_set(&e, DC_INVALID, NULL, -1,
                              "bench: --layers %.60s matches no layer; "
                              "`bench --help` lists them",
                              b.layers);
    r.result = (dc_bench_result){.plan = &b.plan,
                                 .dtype = b.dtype,
                                 .small = b.small,
                                 .subjects = r.subjects,
                                 .count = b.count};
    if (status == DC_OK)
        status = set_environment(&r, &e);
    if (status == DC_OK)
        status = open_subjects(&r, &e);
    if (status == DC_OK)
        status = open_files(&r, &e);
    if (status == DC_OK)
        status = measure(&r, &e);
    status = close_file(r.csv, b.csv, status, &e);
    status = close_file(r.json, b.json, status, &e);
    for (int s = 0; s < r.open; s++)
        dc_bench_subject_close(&r.subjects[s]);
    nothing = !measured(&r.result, r.judged);
    free(r.result.rows);
    if (status == DC_OK && fflush(stdout) != 0)
        status = dc_error_set(&e, DC_FAILED, NULL, -1,
                              "cannot write standard output");
    if (status != DC_OK) {
        fprintf(stderr, "deconform: %s\n", e.text);
        return DC_EXIT_FAULT;
    }
    if (interrupted(&r))
        return DC_EXIT_INTERRUPTED;
    return nothing ? DC_EXIT_NOTHING : DC_EXIT_CONFORMS;
}
