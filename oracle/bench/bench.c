/* SPDX-License-Identifier: MIT
 *
 * The verb `bench`: its files, and the loop over layers and operations.
 */
#include "oracle/bench/bench.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ref/format.h"
#include "oracle/bench/bench_peak.h"
#include "oracle/bench/bench_report.h"

/* ==== Layers ============================================================ */

/* Does a glob of the comma-separated list match?  NULL matches everything. */
static bool matches(const char *globs, const char *name)
{
    char glob[128];

    if (!globs)
        return true;
    for (;; globs++) {
        const size_t n = strcspn(globs, ",");

        snprintf(glob, sizeof glob, "%.*s", (int)n, globs);
        if (n < sizeof glob && fnmatch(glob, name, 0) == 0)
            return true;
        globs += n;
        if (!*globs)
            return false;
    }
}

static bool any_layer(const dc_bench *b)
{
    for (int l = 0; l < dc_layers_count; l++)
        if (matches(b->layers, dc_layers[l].name))
            return true;
    return false;
}

/* ==== Files ============================================================= */

typedef struct {
    const dc_bench *b;
    dc_bench_subject subjects[DC_BENCH_SUBJECTS];
    FILE *files[DC_BENCH_FILES];
    dc_bench_result result;
    int judged; /* lines of --judge */
} run;

static dc_status unwritable(const char *path, dc_error *e)
{
    return dc_failed(e, "cannot write %.160s: %s", path,
                     strerror(errno ? errno : EIO));
}

/* Opens the files before anything is measured, because a measurement takes
 * minutes. */
static dc_status open_files(run *r, dc_error *e)
{
    for (int k = 0; k < DC_BENCH_FILES; k++) {
        const char *const path = r->b->files[k];

        errno = 0;
        if (path && !(r->files[k] = fopen(path, "we")))
            return unwritable(path, e);
    }
    return DC_OK;
}

/* Writes the reports that follow the last row, if all went well, and closes
 * all files; a full disk may show only now. */
static dc_status close_files(run *r, dc_status status, dc_error *e)
{
    bool (*const write[DC_BENCH_FILES])(FILE *, const dc_bench_result *) = {
        [DC_BENCH_JSON] = dc_bench_report_json,
        [DC_BENCH_PLOT] = dc_bench_report_plot};

    for (int k = 0; k < DC_BENCH_FILES; k++) {
        FILE *const f = r->files[k];
        bool written = true;

        errno = 0;
        if (f && write[k] && status == DC_OK)
            written = write[k](f, &r->result);
        if (f && (fclose(f) != 0 || !written) && status == DC_OK)
            status = unwritable(r->b->files[k], e);
    }
    return status;
}

/* ==== The run =========================================================== */

/* Sets the environment of the implementations that are loaded after this. */
static dc_status set_environment(run *r, dc_error *e)
{
    dc_bench_result *const result = &r->result;
    char threads[16];

    snprintf(threads, sizeof threads, "%d", r->b->plan.threads);
    if (setenv("DECONFORM_THREADS", threads, 1) ||
        setenv("OMP_NUM_THREADS", threads, 1))
        return dc_nomem(e);
    if (dc_bench_peak_wide() && !getenv("OPENBLAS_CORETYPE")) {
        if (setenv("OPENBLAS_CORETYPE", "SKYLAKEX", 1))
            return dc_nomem(e);
        result->coretype_set = true;
    }
    result->coretype = getenv("OPENBLAS_CORETYPE");
    if (!result->coretype)
        result->coretype = "";
    return DC_OK;
}

static void show_progress(const char *layer, const char *op)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s%s%s", layer, *op ? " " : "", op);
}

/* Measures and reports one operation of a layer. */
static dc_status run_op(run *r, const dc_layer *layer, const dc_case *c,
                        dc_op op, const dc_bench_data *data, dc_error *e)
{
    dc_bench_result *const result = &r->result;
    dc_bench_row *const row = &result->rows[result->n_rows];
    FILE *const csv = r->files[DC_BENCH_CSV];
    dc_status status;

    *row = (dc_bench_row){.layer = layer, .c = *c, .op = op};
    show_progress(layer->name, dc_ops[op].name);
    status = dc_bench_measure_row(&r->b->plan, r->subjects, r->b->count, data,
                                  row, e);
    show_progress("", "");
    if (status != DC_OK || !row->rounds)
        return status;
    result->n_rows++;
    dc_bench_report_row(stdout, result, row);
    if (csv && !dc_bench_report_csv_row(csv, result, row))
        return unwritable(r->b->files[DC_BENCH_CSV], e);
    return DC_OK;
}

/* All operations of one layer. */
static dc_status run_layer(run *r, const dc_layer *layer, dc_error *e)
{
    const dc_bench *const b = r->b;
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
        return dc_error_set(e, status, NULL, -1, "%s: %.180s", layer->name,
                            why.text);
    if (b->judge)
        return DC_OK;
    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        if (b->ops[op] && !dc_bench_interrupted(&b->plan))
            status = run_op(r, layer, &c, (dc_op)op, &data, e);
    dc_bench_data_free(&data);
    return status;
}

static dc_status measure(run *r, dc_error *e)
{
    const dc_bench *const b = r->b;
    dc_bench_result *const result = &r->result;
    FILE *const csv = r->files[DC_BENCH_CSV];
    dc_status status = DC_OK;

    result->rows =
        calloc((size_t)(dc_layers_count * DC_OPS), sizeof *result->rows);
    if (!result->rows)
        return dc_nomem(e);
    if (b->judge)
        dc_bench_judge_head();
    else
        dc_bench_report_head(stdout, result);
    errno = 0;
    if (csv && !dc_bench_report_csv_head(csv))
        return unwritable(b->files[DC_BENCH_CSV], e);
    for (int l = 0; l < dc_layers_count && status == DC_OK; l++)
        if (matches(b->layers, dc_layers[l].name) &&
            !dc_bench_interrupted(&b->plan))
            status = run_layer(r, &dc_layers[l], e);
    if (status == DC_OK && !b->judge)
        dc_bench_report_tail(stdout, result);
    return status;
}

/* Did any implementation offer anything? */
static bool measured(const run *r)
{
    for (int k = 0; k < r->result.n_rows; k++)
        for (int s = 0; s < r->b->count; s++)
            if (r->result.rows[k].of[s].status == DC_OK)
                return true;
    return r->judged > 0;
}

int dc_bench_run(const dc_env *env, int argc, char **argv, dc_error *e)
{
    dc_bench b;
    run r = {.b = &b};
    dc_status status = dc_bench_read(&b, argc, argv, e);
    bool any;

    b.plan.interrupted = env->interrupted;
    if (status == DC_OK && !any_layer(&b))
        status = dc_invalid(e,
                            "--layers %.60s matches no layer; "
                            "`bench --help` lists them",
                            b.layers);
    r.result = (dc_bench_result){.plan = &b.plan,
                                 .dtype = b.dtype,
                                 .small = b.small,
                                 .subjects = r.subjects,
                                 .count = b.count};
    if (status == DC_OK)
        status = set_environment(&r, e);
    for (int s = 0; s < b.count && status == DC_OK; s++)
        status = dc_bench_subject_open(&r.subjects[s], b.what[s], e);
    if (status == DC_OK)
        status = open_files(&r, e);
    if (status == DC_OK)
        status = measure(&r, e);
    status = close_files(&r, status, e);
    for (int s = 0; s < b.count; s++)
        dc_bench_subject_close(&r.subjects[s]);
    any = measured(&r);
    free(r.result.rows);
    if (status != DC_OK)
        return DC_EXIT_FAULT;
    if (dc_bench_interrupted(&b.plan))
        return DC_EXIT_INTERRUPTED;
    return any ? DC_EXIT_CONFORMS : DC_EXIT_NOTHING;
}
