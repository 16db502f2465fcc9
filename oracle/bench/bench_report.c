/* SPDX-License-Identifier: MIT
 *
 * The table for people, row by row as it is measured, and the summary.
 */
#include "oracle/bench/bench_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "oracle/bench/bench_peak.h"

/* Rivals up to this number have room for their spread in 100 columns. */
enum { SPREAD_MAX = 2 };

/* ==== Means ============================================================= */

/* Adds one value to a geometric mean; mean holds the sum of logarithms. */
static void gather(dc_bench_mean *m, double value, const char *layer)
{
    if (!(value > 0))
        return;
    if (!m->layers || value < m->least) {
        m->least = value;
        m->least_layer = layer;
    }
    m->layers++;
    m->mean += log(value);
}

static dc_bench_mean gathered(dc_bench_mean m)
{
    m.mean = m.layers ? exp(m.mean / m.layers) : 0;
    return m;
}

dc_bench_mean dc_bench_report_ratio(const dc_bench_result *r, dc_op op, int s)
{
    dc_bench_mean m = {0};

    for (int k = 0; k < r->n_rows; k++) {
        const dc_bench_row *const row = &r->rows[k];

        if (row->op == op)
            gather(&m, s ? row->of[s].ratio.median : row->best.median,
                   row->layer->name);
    }
    return gathered(m);
}

static int is_wide(const dc_problem *p)
{
    return p->ci / p->g >= 32 && p->co / p->g >= 32;
}

dc_bench_mean dc_bench_report_share(const dc_bench_result *r, dc_op op,
                                    int wide)
{
    dc_bench_mean m = {0};

    for (int k = 0; k < r->n_rows; k++) {
        const dc_bench_row *const row = &r->rows[k];

        if (row->op == op && (!wide || is_wide(&row->c.p)))
            gather(&m, row->peak.median, row->layer->name);
    }
    return gathered(m);
}

/* ==== Head ============================================================== */

void dc_bench_report_head(FILE *f, const dc_bench_result *r)
{
    const dc_bench_plan *const plan = r->plan;

    fprintf(f, "%s, %d thread%s, yardstick %s, samples of %g ms, ",
            dc_formats[r->dtype].name, plan->threads,
            plan->threads == 1 ? "" : "s", dc_bench_peak_level(),
            plan->sample * 1e3);
    if (plan->seconds > 0)
        fprintf(f, "%g s a row%s\n", plan->seconds,
                r->small ? ", scaled down" : "");
    else
        fprintf(f, "%d rounds%s\n", plan->repeat,
                r->small ? ", scaled down" : "");
    for (int s = 0; s < r->count; s++) {
        const dc_bench_subject *const u = &r->subjects[s];

        fprintf(f, "%c: %s = %s %s, %s\n", s ? 'B' : 'A', u->label, u->name,
                u->version, u->end ? "a pipe" : dc_timing_names[u->timing]);
    }
    if (*r->coretype)
        fprintf(f, "OPENBLAS_CORETYPE=%s%s\n", r->coretype,
                r->coretype_set ? " (set here: where OpenBLAS does not know "
                                  "the core, it is slow)"
                                : "");
    fprintf(f, "GF/s: exact operation counts. peak: share of the multiply-add "
               "peak. mem: share of reading\nthe inputs and writing the result "
               "once. B/A: time of B over time of A, above 1 A is faster.\n\n");
    fprintf(f, "%-22s %16.16s ", "", r->subjects[0].label);
    for (int s = 1; s < r->count; s++)
        fprintf(f, "  %*.*s", r->count - 1 > SPREAD_MAX ? 13 : 25,
                r->count - 1 > SPREAD_MAX ? 13 : 25, r->subjects[s].label);
    fprintf(f, "\n%-10s %-11s %6s %4s %4s ", "layer", "operation", "GF/s",
            "peak", "mem");
    for (int s = 1; s < r->count; s++) {
        fprintf(f, "  %6s %5s ", "GF/s", "B/A");
        if (r->count - 1 <= SPREAD_MAX)
            fprintf(f, " %10s", "quartiles");
    }
    fputc('\n', f);
    fflush(f);
}

/* ==== A row ============================================================= */

/* "0.83", " 12.3", "  140": five columns. */
static void print_ratio(FILE *f, double value)
{
    fprintf(f, "%5.*f", value < 10 ? 2 : value < 100 ? 1 : 0, value);
}

static void print_rival(FILE *f, const dc_bench_measure *m, int spread)
{
    char range[32] = "";

    if (m->status == DC_OK)
        fprintf(f, "  %6.1f ", m->gflops);
    else
        fprintf(f, "  %6s ", m->status == DC_UNSUPPORTED ? "-" : "failed");
    if (m->status == DC_OK && m->ratio.median > 0) {
        const int digits = m->ratio.q3 < 10 ? 2 : m->ratio.q3 < 100 ? 1 : 0;

        print_ratio(f, m->ratio.median);
        snprintf(range, sizeof range, "%.*f-%.*f", digits, m->ratio.q1, digits,
                 m->ratio.q3);
    } else {
        fprintf(f, "%5s", "-");
    }
    fputc(m->disagrees ? '!' : ' ', f);
    if (spread)
        fprintf(f, " %10s", range);
}

void dc_bench_report_row(FILE *f, const dc_bench_result *r,
                         const dc_bench_row *row)
{
    const dc_bench_measure *const a = &row->of[0];

    fprintf(f, "%-10.10s %-11s ", row->layer->name, dc_ops[row->op].name);
    if (a->status == DC_OK)
        fprintf(f, "%6.1f %3.0f%% %3.0f%%%c", a->gflops, row->peak.median * 100,
                row->memory.median * 100, row->noisy ? '~' : ' ');
    else
        fprintf(f, "%6s %4s %4s ", a->status == DC_UNSUPPORTED ? "-" : "failed",
                "-", "-");
    for (int s = 1; s < r->count; s++)
        print_rival(f, &row->of[s], r->count - 1 <= SPREAD_MAX);
    fputc('\n', f);
    for (int s = 0; s < r->count; s++) {
        const dc_bench_measure *const m = &row->of[s];

        if (m->status != DC_OK && m->status != DC_UNSUPPORTED)
            fprintf(f, "    failed: %.85s\n", m->why);
        if (m->disagrees)
            fprintf(f,
                    "    WARNING: the results of %s and %s differ by %.1e "
                    "(relative norm): not the\n    same operation; run "
                    "`verify`.\n",
                    r->subjects[0].label, r->subjects[s].label, m->difference);
    }
    fflush(f);
}

/* ==== Tail ============================================================== */

static void print_mean(FILE *f, dc_op op, const char *what,
                       const dc_bench_mean *m)
{
    if (m->layers)
        fprintf(f, "  %-11s %-24.24s %6.2f  %3d layers, least %.2f (%s)\n",
                dc_ops[op].name, what, m->mean, m->layers, m->least,
                m->least_layer);
}

/* Was A measured on this operation, or on any (DC_OPS)? */
static int has_op(const dc_bench_result *r, dc_op op)
{
    for (int k = 0; k < r->n_rows; k++)
        if ((op == DC_OPS || r->rows[k].op == op) &&
            r->rows[k].of[0].status == DC_OK)
            return 1;
    return 0;
}

static void print_means(FILE *f, const dc_bench_result *r)
{
    fputs(has_op(r, DC_OPS) ? "\ngeometric means\n" : "\n", f);
    for (int op = 0; op < DC_OPS; op++) {
        dc_bench_mean m;
        char what[64];

        if (!has_op(r, (dc_op)op))
            continue;
        for (int s = 1; s < r->count; s++) {
            snprintf(what, sizeof what, "B/A %s", r->subjects[s].label);
            m = dc_bench_report_ratio(r, (dc_op)op, s);
            print_mean(f, (dc_op)op, what, &m);
        }
        m = dc_bench_report_ratio(r, (dc_op)op, 0);
        if (r->count > 2)
            print_mean(f, (dc_op)op, "B/A the fastest", &m);
        m = dc_bench_report_share(r, (dc_op)op, 0);
        print_mean(f, (dc_op)op, "share of the peak", &m);
        m = dc_bench_report_share(r, (dc_op)op, 1);
        print_mean(f, (dc_op)op, "... 32 channels and more", &m);
    }
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Median and range over the rows; 0 where memory ran out. */
static void print_yardstick(FILE *f, const dc_bench_result *r)
{
    double *const v = calloc((size_t)r->n_rows + 1, sizeof *v);

    if (!v)
        return;
    for (int k = 0; k < r->n_rows; k++)
        v[k] = r->rows[k].fma.median;
    qsort(v, (size_t)r->n_rows, sizeof *v, by_value);
    fprintf(f, "multiply-add peak: %.1f GFLOP/s (rows' medians %.1f to %.1f)\n",
            v[r->n_rows / 2], v[0], v[r->n_rows - 1]);
    free(v);
}

void dc_bench_report_tail(FILE *f, const dc_bench_result *r)
{
    int noisy = 0;
    int apart = 0;

    if (!r->n_rows)
        return;
    print_means(f, r);
    print_yardstick(f, r);
    for (int k = 0; k < r->n_rows; k++) {
        noisy += r->rows[k].noisy;
        for (int s = 1; s < r->count; s++)
            apart += r->rows[k].of[s].disagrees;
    }
    for (int s = 0; s < r->count; s++)
        if (r->subjects[s].end)
            fprintf(f, "%s was timed %s\n", r->subjects[s].label,
                    dc_timing_names[r->subjects[s].timing]);
    if (noisy)
        fprintf(f,
                "warning: noisy (~) in %d of %d rows: quartiles of a sample "
                "or of the peak more than %.0f %%\napart; trust ratios before "
                "rates, or repeat on a quieter machine\n",
                noisy, r->n_rows, DC_BENCH_NOISY * 100);
    if (apart)
        fprintf(f,
                "WARNING: %d results disagree (!): those rates are of "
                "different operations\n",
                apart);
    fflush(f);
}
