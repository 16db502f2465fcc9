/* SPDX-License-Identifier: MIT
 *
 * The benchmark for machines: CSV and JSON; and the chart.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "ref/format.h"
#include "oracle/bench/bench_peak.h"
#include "oracle/bench/bench_report.h"
#include "oracle/bench/plot.h"

/* What is told of one implementation on one row: name and value. */
typedef struct {
    const char *name;
    double value;
} number;

enum { NUMBERS = 14 };

static double per(double a, double b)
{
    return b > 0 ? a / b : 0;
}

/* Zero stands for "not measured". */
static void collect(const dc_bench_row *row, int s, number n[NUMBERS])
{
    const dc_bench_measure *const m = &row->of[s];
    const number all[NUMBERS] = {
        {"seconds", m->seconds.median},
        {"seconds_q1", m->seconds.q1},
        {"seconds_q3", m->seconds.q3},
        {"gflops", m->gflops},
        {"gbytes_per_second", per(row->bytes * 1e-9, m->seconds.median)},
        {"ratio", m->ratio.median},
        {"ratio_q1", m->ratio.q1},
        {"ratio_q3", m->ratio.q3},
        {"difference", m->difference},
        {"flops", row->flops},
        {"bytes", row->bytes},
        {"peak_gflops", row->fma.median},
        {"peak_share", per(m->gflops, row->fma.median)},
        {"memory_gbytes_per_second", row->traffic.median},
    };

    memcpy(n, all, sizeof all);
    /* A's share is taken round by round, which is better than of medians */
    if (s == 0)
        n[12].value = row->peak.median;
}

/* ==== CSV =============================================================== */

/* A word that needs no quotes: what would is replaced. */
static void print_word(FILE *f, const char *word)
{
    fputc(',', f);
    for (; *word; word++)
        fputc(*word < ' ' || *word > '~' || strchr(",\"", *word) ? '?' : *word,
              f);
}

dc_status dc_bench_report_csv_head(FILE *f)
{
    const dc_bench_row none = {.fma = {0}};
    number n[NUMBERS];

    collect(&none, 1, n);
    fputs("layer,case,op,dtype,threads,role,impl,version,timing,status,rounds,"
          "repetitions,noisy,disagrees",
          f);
    for (int k = 0; k < NUMBERS; k++)
        fprintf(f, ",%s", n[k].name);
    return fputc('\n', f) < 0 || fflush(f) ? DC_FAILED : DC_OK;
}

dc_status dc_bench_report_csv_row(FILE *f, const dc_bench_result *r,
                                  const dc_bench_row *row)
{
    char text[DC_CASE_MAX];

    dc_case_print(&row->c, text);
    for (int s = 0; s < r->count; s++) {
        const dc_bench_subject *const u = &r->subjects[s];
        const dc_bench_measure *const m = &row->of[s];
        number n[NUMBERS];

        collect(row, s, n);
        fprintf(f, "%s,%s,%s,%s,%d,%c", row->layer->name, text,
                dc_ops[row->op].name, dc_formats[r->dtype].name,
                r->plan->threads, s ? 'B' : 'A');
        print_word(f, u->label);
        print_word(f, u->version);
        print_word(f, dc_timing_names[u->timing]);
        print_word(f, dc_status_name(m->status));
        fprintf(f, ",%d,%lld,%d,%d", row->rounds, (long long)m->repetitions,
                row->noisy, m->disagrees);
        for (int k = 0; k < NUMBERS; k++)
            fprintf(f, ",%.9g", n[k].value);
        fputc('\n', f);
    }
    return fflush(f) || ferror(f) ? DC_FAILED : DC_OK;
}

/* ==== JSON ============================================================== */

/* JSON knows no infinity. */
static json_t *json_number_of(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_subject(const dc_bench_subject *u)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "label", u->label, "name", u->name,
                     "version", u->version, "timing",
                     dc_timing_names[u->timing]);
}

static json_t *json_measure(const dc_bench_result *r, const dc_bench_row *row,
                            int s)
{
    const dc_bench_measure *const m = &row->of[s];
    char text[DC_CASE_MAX];
    number n[NUMBERS];
    json_t *j;

    dc_case_print(&row->c, text);
    collect(row, s, n);
    j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:b, s:b}", "layer",
                  row->layer->name, "case", text, "op", dc_ops[row->op].name,
                  "role", s ? "B" : "A", "impl", r->subjects[s].label, "status",
                  dc_status_name(m->status), "rounds", row->rounds,
                  "repetitions", (json_int_t)m->repetitions, "noisy",
                  row->noisy, "disagrees", m->disagrees);
    for (int k = 0; k < NUMBERS && m->status == DC_OK; k++)
        json_object_set_new(j, n[k].name, json_number_of(n[k].value));
    return j;
}

static json_t *json_mean(dc_op op, const char *of, const char *what,
                         const dc_bench_mean *m)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:f, s:f, s:s}", "op",
                     dc_ops[op].name, "of", of, "against", what, "layers",
                     m->layers, "mean", m->mean, "least", m->least,
                     "least_layer", m->least_layer);
}

static json_t *json_means(const dc_bench_result *r)
{
    json_t *list = json_array();

    for (int op = 0; op < DC_OPS; op++) {
        dc_bench_mean m;

        for (int s = 0; s < r->count && r->count > 1; s++) {
            m = dc_bench_report_ratio(r, (dc_op)op, s);
            if (m.layers)
                json_array_append_new(
                    list,
                    json_mean((dc_op)op, "ratio",
                              s ? r->subjects[s].label : "the fastest", &m));
        }
        for (int wide = 0; wide < 2; wide++) {
            m = dc_bench_report_share(r, (dc_op)op, wide);
            if (m.layers)
                json_array_append_new(
                    list,
                    json_mean((dc_op)op, "share",
                              wide ? "peak, 32 channels and more" : "peak",
                              &m));
        }
    }
    return list;
}

dc_status dc_bench_report_json(FILE *f, const dc_bench_result *r)
{
    json_t *subjects = json_array();
    json_t *rows = json_array();
    json_t *j;
    int failed;

    for (int s = 0; s < r->count; s++)
        json_array_append_new(subjects, json_subject(&r->subjects[s]));
    for (int k = 0; k < r->n_rows; k++)
        for (int s = 0; s < r->count; s++)
            json_array_append_new(rows, json_measure(r, &r->rows[k], s));
    j = json_pack("{s:i, s:s, s:i, s:s, s:b, s:s, s:o, s:o, s:o}",
                  "deconform_bench", 1, "dtype", dc_formats[r->dtype].name,
                  "threads", r->plan->threads, "vectors", dc_bench_peak_level(),
                  "small", r->small, "openblas_coretype", r->coretype,
                  "subjects", subjects, "rows", rows, "means", json_means(r));
    if (!j)
        return DC_NOMEM;
    failed = json_dumpf(j, f, JSON_INDENT(1)) != 0 || fputc('\n', f) < 0;
    json_decref(j);
    return failed || fflush(f) ? DC_FAILED : DC_OK;
}

/* ==== Chart ============================================================= */

/* Panels and groups in the order in which they were measured. */
typedef struct {
    const char **panel, **group, **serie;
    int *op;
    dc_plot_bar *bars;
    int panels, groups, series;
} chart;

static void chart_names(chart *c, const dc_bench_result *r, int ratios)
{
    for (int k = 0; k < r->n_rows; k++) {
        const dc_bench_row *const row = &r->rows[k];
        int p = 0;

        if (!c->groups || c->group[c->groups - 1] != row->layer->name)
            c->group[c->groups++] = row->layer->name;
        while (p < c->panels && c->op[p] != (int)row->op)
            p++;
        if (p == c->panels) {
            c->op[c->panels] = (int)row->op;
            c->panel[c->panels++] = dc_ops[row->op].name;
        }
    }
    for (int s = ratios; s < r->count; s++)
        c->serie[c->series++] = r->subjects[s].label;
}

static void chart_bars(chart *c, const dc_bench_result *r, int ratios)
{
    int g = -1;

    for (int k = 0; k < r->n_rows; k++) {
        const dc_bench_row *const row = &r->rows[k];
        int p = 0;

        if (g < 0 || c->group[g] != row->layer->name)
            g++;
        while (c->op[p] != (int)row->op)
            p++;
        for (int s = 0; s < c->series; s++) {
            const dc_quartiles *const q =
                ratios ? &row->of[s + 1].ratio : &row->peak;

            c->bars[(p * c->groups + g) * c->series + s] =
                (dc_plot_bar){q->median, q->q1, q->q3};
        }
    }
}

dc_status dc_bench_report_plot(const char *path, const dc_bench_result *r,
                               dc_error *e)
{
    const int ratios = r->count > 1;
    const size_t rows = (size_t)r->n_rows + 1;
    const char *names[DC_OPS + DC_BENCH_SUBJECTS];
    int op[DC_OPS];
    char title[128];
    char subtitle[160];
    chart c = {.panel = names, .serie = names + DC_OPS, .op = op};
    dc_status status = DC_NOMEM;

    c.group = calloc(rows, sizeof *c.group);
    if (c.group)
        chart_names(&c, r, ratios);
    c.bars = calloc(rows * DC_OPS * DC_BENCH_SUBJECTS, sizeof *c.bars);
    if (c.group && c.bars) {
        chart_bars(&c, r, ratios);
        snprintf(title, sizeof title,
                 ratios ? "How many times faster is %s?"
                        : "%s: share of the multiply-add peak",
                 r->subjects[0].label);
        snprintf(subtitle, sizeof subtitle,
                 "%s, %d thread%s%s; median and quartiles of paired rounds%s",
                 dc_formats[r->dtype].name, r->plan->threads,
                 r->plan->threads == 1 ? "" : "s",
                 r->small ? ", layers scaled down" : "",
                 ratios ? "; above 1 it is the faster one" : "");
        status = dc_plot_write(
            &(dc_plot){.title = title,
                       .subtitle = subtitle,
                       .axis = ratios ? "time / time of A" : "share",
                       .logarithmic = ratios,
                       .panels = c.panels,
                       .groups = c.groups,
                       .series = c.series,
                       .panel = c.panel,
                       .group = c.group,
                       .serie = c.serie,
                       .bars = c.bars},
            path, e);
    } else {
        dc_nomem(e);
    }
    free(c.group);
    free(c.bars);
    return status;
}
