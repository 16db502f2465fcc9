/* SPDX-License-Identifier: MIT
 *
 * The result of the benchmark for machines: CSV and JSON.
 */
#include <math.h>
#include <string.h>

#include <jansson.h>

#include "ref/format.h"
#include "oracle/bench/bench_peak.h"
#include "oracle/bench/bench_report.h"

/* A number that is reported for each implementation of a row. */
typedef struct {
    const char *name;
    double value; /* 0: not measured */
} number;

enum { NUMBERS = 14 };

static double ratio_of(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static void collect(const dc_bench_row *row, int s, number n[NUMBERS])
{
    const dc_bench_measure *const m = &row->of[s];
    const number all[NUMBERS] = {
        {"seconds", m->seconds.median},
        {"seconds_q1", m->seconds.q1},
        {"seconds_q3", m->seconds.q3},
        {"gflops", m->gflops},
        {"gbytes_per_second", ratio_of(row->bytes * 1e-9, m->seconds.median)},
        {"ratio", m->ratio.median},
        {"ratio_q1", m->ratio.q1},
        {"ratio_q3", m->ratio.q3},
        {"difference", m->difference},
        {"flops", row->flops},
        {"bytes", row->bytes},
        {"peak_gflops", row->fma.median},
        /* A's share is computed per round, which is more precise */
        {"peak_share",
         s ? ratio_of(m->gflops, row->fma.median) : row->peak.median},
        {"memory_gbytes_per_second", row->traffic.median},
    };

    memcpy(n, all, sizeof all);
}

/* ==== CSV =============================================================== */

/* A field without quotes: characters that would need them are replaced. */
static void print_field(FILE *f, const char *text)
{
    fputc(',', f);
    for (; *text; text++)
        fputc(*text == ',' || *text == '"' ? '?' : *text, f);
}

bool dc_bench_report_csv_head(FILE *f)
{
    const dc_bench_row none = {.rounds = 0};
    number n[NUMBERS];

    collect(&none, 0, n);
    fputs("layer,case,op,dtype,threads,role,impl,version,timing,status,rounds,"
          "repetitions,noisy,disagrees",
          f);
    for (int k = 0; k < NUMBERS; k++)
        fprintf(f, ",%s", n[k].name);
    fputc('\n', f);
    return fflush(f) == 0 && !ferror(f);
}

bool dc_bench_report_csv_row(FILE *f, const dc_bench_result *r,
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
        print_field(f, u->label);
        print_field(f, u->version);
        fprintf(f, ",%s,%s,%d,%lld,%d,%d", dc_timing_names[u->timing],
                dc_status_name(m->status), row->rounds,
                (long long)m->repetitions, row->noisy, m->disagrees);
        for (int k = 0; k < NUMBERS; k++)
            fprintf(f, ",%.9g", n[k].value);
        fputc('\n', f);
    }
    return fflush(f) == 0 && !ferror(f);
}

/* ==== JSON ============================================================== */

static json_t *json_subjects(const dc_bench_result *r)
{
    json_t *const list = json_array();

    for (int s = 0; s < r->count; s++) {
        const dc_bench_subject *const u = &r->subjects[s];

        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "label",
                                              u->label, "name", u->name,
                                              "version", u->version, "timing",
                                              dc_timing_names[u->timing]));
    }
    return list;
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
        json_object_set_new(j, n[k].name,
                            /* JSON has no infinity */
                            isfinite(n[k].value) ? json_real(n[k].value)
                                                 : json_null());
    return j;
}

static json_t *json_rows(const dc_bench_result *r)
{
    json_t *const list = json_array();

    for (int k = 0; k < r->n_rows; k++)
        for (int s = 0; s < r->count; s++)
            json_array_append_new(list, json_measure(r, &r->rows[k], s));
    return list;
}

static json_t *json_means(const dc_bench_result *r)
{
    json_t *const list = json_array();

    for (int k = 0; k < DC_OPS * DC_BENCH_MEANS; k++) {
        const dc_op op = (dc_op)(k / DC_BENCH_MEANS);
        const int quantity = k % DC_BENCH_MEANS;
        const dc_bench_mean m = dc_bench_report_mean(r, op, quantity);
        const char *against = "peak";

        if (!m.layers)
            continue;
        if (quantity < DC_BENCH_SUBJECTS)
            against = quantity ? r->subjects[quantity].label : "the fastest";
        else if (quantity == DC_BENCH_SHARE_WIDE)
            against = "peak, 32 channels and more";
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:i, s:f, s:f, s:s}", "op",
                      dc_ops[op].name, "of",
                      quantity < DC_BENCH_SUBJECTS ? "ratio" : "share",
                      "against", against, "layers", m.layers, "mean", m.mean,
                      "least", m.least, "least_layer", m.least_layer));
    }
    return list;
}

bool dc_bench_report_json(FILE *f, const dc_bench_result *r)
{
    json_t *const j = json_pack(
        "{s:i, s:s, s:i, s:s, s:b, s:s, s:o, s:o, s:o}", "deconform_bench", 1,
        "dtype", dc_formats[r->dtype].name, "threads", r->plan->threads,
        "vectors", dc_bench_peak_level(), "small", r->small,
        "openblas_coretype", r->coretype, "subjects", json_subjects(r), "rows",
        json_rows(r), "means", json_means(r));
    const bool written = j && json_dumpf(j, f, JSON_INDENT(1)) == 0 &&
                         fputc('\n', f) >= 0 && fflush(f) == 0;

    json_decref(j);
    return written;
}
