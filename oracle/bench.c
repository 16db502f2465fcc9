/* SPDX-License-Identifier: MIT
 *
 * The verb `bench`: its options, its files, and the loop over layers and
 * operations.
 */
#include "bench.h"

#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../ref/format.h"
#include "bench_peak.h"
#include "bench_report.h"
#include "verify.h"

/* Seconds of a sample: long against the clock and the scheduler's tick; with
 * --small only to see that it runs. */
static const double SAMPLE = 0.02;
static const double SAMPLE_SMALL = 0.0005;

enum { REPEAT = 9, THREADS_MAX = 256 };

static const char usage[] =
    "usage: deconform bench [OPTIONS]\n"
    "\n"
    "  --impl A      fast*, onednn, onednn-plain, torch, torch-native,\n"
    "                ./lib.so, 'pipe:COMMAND', ...\n"
    "  --vs B        compared with A; up to four times\n"
    "  --layers GLOB of network layers, a list; * all\n"
    "  --op LIST     of forward*,grad_input*,grad_weight*,grad_bias\n"
    "  --dtype D     f32*, f64, f16 or bf16\n"
    "  --threads N   1*, told to every implementation\n"
    "  --repeat N    rounds a row, 9*\n"
    "  --seconds S   instead: rounds for S seconds a row, three at least\n"
    "  --small       layers scaled down: tries things out, measures nothing\n"
    "  --csv FILE    a line a layer, operation and implementation\n"
    "  --json FILE   one object\n"
    "  --plot FILE   SVG\n"
    "\n"
    "A and B take turns, A B A B ..., with the multiply-add peak and the\n"
    "memory measured between them; ratios are taken round by round.  Shared\n"
    "objects run inside this process: if one crashes, so does the benchmark\n"
    "(`verify` says where).  A plug-in that exports deconform_bench\n"
    "(oracle/bench_plugin.h) prepares outside the clock: oneDNN's reorders\n"
    "are not counted.  Results are compared loosely, not judged.\n"
    "\n"
    "layers:";

/* ==== Options =========================================================== */

typedef enum {
    O_IMPL = 256,
    O_VS,
    O_LAYERS,
    O_OP,
    O_DTYPE,
    O_THREADS,
    O_REPEAT,
    O_SECONDS,
    O_SMALL,
    O_CSV,
    O_JSON,
    O_PLOT,
    O_HELP
} option;

static const struct option table[] = {
    {"impl", required_argument, NULL, O_IMPL},
    {"vs", required_argument, NULL, O_VS},
    {"layers", required_argument, NULL, O_LAYERS},
    {"op", required_argument, NULL, O_OP},
    {"dtype", required_argument, NULL, O_DTYPE},
    {"threads", required_argument, NULL, O_THREADS},
    {"repeat", required_argument, NULL, O_REPEAT},
    {"seconds", required_argument, NULL, O_SECONDS},
    {"small", no_argument, NULL, O_SMALL},
    {"csv", required_argument, NULL, O_CSV},
    {"json", required_argument, NULL, O_JSON},
    {"plot", required_argument, NULL, O_PLOT},
    {"help", no_argument, NULL, O_HELP},
    {NULL, 0, NULL, 0},
};

static dc_status bad(dc_error *e, const char *name, const char *value,
                     const char *want)
{
    return dc_error_set(e, DC_INVALID, NULL, -1, "bench: --%s %.60s: %s", name,
                        value, want);
}

static dc_status read_ops(dc_bench *b, const char *list, dc_error *e)
{
    memset(b->ops, 0, sizeof b->ops);
    for (const char *word = list;; word++) {
        const size_t n = strcspn(word, ",");
        int op = 0;

        while (op < DC_OPS && (strlen(dc_ops[op].name) != n ||
                               memcmp(dc_ops[op].name, word, n) != 0))
            op++;
        if (op == DC_OPS)
            return bad(e, "op", list,
                       "a list of forward, grad_input, grad_weight, "
                       "grad_bias");
        b->ops[op] = 1;
        word += n;
        if (!*word)
            return DC_OK;
    }
}

/* A whole number of 1..most. */
static dc_status read_whole(int *number, const char *name, const char *value,
                            int most, dc_error *e)
{
    char *end;
    long n;

    errno = 0;
    n = strtol(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || n < 1 || n > most) {
        char want[64];

        snprintf(want, sizeof want, "a number of 1..%d", most);
        return bad(e, name, value, want);
    }
    *number = (int)n;
    return DC_OK;
}

static dc_status read_seconds(dc_bench *b, const char *value, dc_error *e)
{
    char *end;

    b->plan.seconds = strtod(value, &end);
    if (end == value || *end ||
        !(b->plan.seconds >= 0.001 && b->plan.seconds <= 60))
        return bad(e, "seconds", value, "seconds between 0.001 and 60");
    return DC_OK;
}

static dc_status read_one(dc_bench *b, int code, const char *value, dc_error *e)
{
    switch (code) {
    case O_IMPL:
        b->what[0] = value;
        return DC_OK;
    case O_VS:
        if (b->count == DC_BENCH_SUBJECTS)
            return bad(e, "vs", value, "more than four to compare with");
        b->what[b->count++] = value;
        return DC_OK;
    case O_LAYERS:
        b->layers = value;
        return DC_OK;
    case O_OP:
        return read_ops(b, value, e);
    case O_DTYPE:
        b->dtype = dc_format_find(value, strlen(value));
        return b->dtype < 0 ? bad(e, "dtype", value, "f32, f64, f16 or bf16")
                            : DC_OK;
    case O_THREADS:
        return read_whole(&b->plan.threads, "threads", value, THREADS_MAX, e);
    case O_REPEAT:
        return read_whole(&b->plan.repeat, "repeat", value, DC_BENCH_ROUNDS, e);
    case O_SECONDS:
        return read_seconds(b, value, e);
    case O_SMALL:
        b->small = 1;
        return DC_OK;
    case O_CSV:
        b->csv = value;
        return DC_OK;
    case O_JSON:
        b->json = value;
        return DC_OK;
    case O_PLOT:
        b->plot = value;
        return DC_OK;
    default:
        b->help = 1;
        return DC_OK;
    }
}

/* Things that one option alone cannot know. */
static dc_status check_together(const dc_bench *b, dc_error *e)
{
    const char *const file[] = {b->csv, b->json, b->plot};

    if (b->plan.seconds > 0 && b->plan.repeat)
        return dc_error_set(e, DC_INVALID, NULL, -1,
                            "bench: --repeat and --seconds exclude each other");
    for (int k = 0; k < 3; k++)
        for (int l = 0; l < k; l++)
            if (file[k] && file[l] && strcmp(file[k], file[l]) == 0)
                return dc_error_set(e, DC_INVALID, NULL, -1,
                                    "bench: two reports into the same file "
                                    "%.60s",
                                    file[k]);
    return DC_OK;
}

dc_status dc_bench_read(dc_bench *b, int argc, char **argv, dc_error *e)
{
    dc_status status = DC_OK;
    int code;

    *b = (dc_bench){.what = {"fast"}, .count = 1, .dtype = DC_F32};
    b->ops[DC_FORWARD] = b->ops[DC_GRAD_INPUT] = b->ops[DC_GRAD_WEIGHT] = 1;
    b->plan.threads = 1;
    optind = 0; /* glibc: start over */
    opterr = 0;
    while (status == DC_OK &&
           (code = getopt_long(argc, argv, "+:", table, NULL)) != -1) {
        if (code == '?' || code == ':')
            return dc_error_set(e, DC_INVALID, NULL, -1,
                                code == '?' ? "bench: unknown option %.60s"
                                            : "bench: %.60s needs a value",
                                argv[optind - 1]);
        status = read_one(b, code, optarg, e);
    }
    if (status == DC_OK && optind < argc)
        return dc_error_set(e, DC_INVALID, NULL, -1,
                            "bench: unexpected argument %.60s", argv[optind]);
    if (status == DC_OK)
        status = check_together(b, e);
    if (!b->plan.repeat)
        b->plan.repeat = REPEAT;
    b->plan.sample = b->small ? SAMPLE_SMALL : SAMPLE;
    return status;
}

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
    return failed ? dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory")
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
    if (status == DC_OK)
        status = dc_bench_data_make(&data, &c, b->ops, b->count, &why);
    if (status != DC_OK)
        return dc_error_set(e, status, NULL, -1, "bench: %s: %.180s",
                            layer->name, why.text);
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
        return dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory");
    dc_bench_report_head(stdout, result);
    for (int l = 0; l < dc_layers_count && status == DC_OK; l++)
        if (wanted(r->b->layers, dc_layers[l].name) && !interrupted(r))
            status = run_layer(r, &dc_layers[l], e);
    if (status == DC_OK)
        dc_bench_report_tail(stdout, result);
    errno = 0;
    if (status == DC_OK && r->json &&
        dc_bench_report_json(r->json, result) != DC_OK)
        status = unwritable(r->b->json, e);
    if (status == DC_OK && r->b->plot)
        status = dc_bench_report_plot(r->b->plot, result, e);
    return status;
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
    free(r.result.rows);
    if (status == DC_OK && fflush(stdout) != 0)
        status = dc_error_set(&e, DC_FAILED, NULL, -1,
                              "cannot write standard output");
    if (status != DC_OK) {
        fprintf(stderr, "deconform: %s\n", e.text);
        return DC_EXIT_FAULT;
    }
    return interrupted(&r) ? DC_EXIT_INTERRUPTED : DC_EXIT_CONFORMS;
}
