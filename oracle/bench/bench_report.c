/* SPDX-License-Identifier: MIT
 *
 * The table for people, printed row by row as it is measured, and the summary.
 */
#include "oracle/bench/bench_report.h"

#include <math.h>
#include <stdlib.h>

#include "ref/format.h"
#include "oracle/bench/bench_peak.h"

/* Up to this number of rivals, 100 columns suffice for their quartiles. */
enum { SPREAD_MAX = 2 };

/* ==== Means ============================================================= */

/* The value of a quantity in one row, or 0. */
static double value_of(const dc_bench_row *row, int quantity)
{
    const dc_problem *const p = &row->c.p;
    const bool wide = p->ci / p->g >= 32 && p->co / p->g >= 32;

    switch (quantity) {
    case DC_BENCH_FASTEST:
        return row->best.median;
    case DC_BENCH_SHARE:
        return row->peak.median;
    case DC_BENCH_SHARE_WIDE:
        return wide ? row->peak.median : 0;
    default:
        return row->of[quantity].ratio.median;
    }
}

dc_bench_mean dc_bench_report_mean(const dc_bench_result *r, dc_op op,
                                   int quantity)
{
    dc_bench_mean m = {0};
    double logs = 0;

    for (int k = 0; k < r->n_rows; k++) {
        const dc_bench_row *const row = &r->rows[k];
        const double value = row->op == op ? value_of(row, quantity) : 0;

        if (!(value > 0))
            continue;
        if (!m.layers || value < m.least) {
            m.least = value;
            m.least_layer = row->layer->name;
        }
        m.layers++;
        logs += log(value);
    }
    m.mean = m.layers ? exp(logs / m.layers) : 0;
    return m;
}

/* ==== Head ============================================================== */

void dc_bench_report_head(FILE *f, const dc_bench_result *r)
{
    const dc_bench_plan *const plan = r->plan;
    const bool spread = r->count - 1 <= SPREAD_MAX;
    const int width = spread ? 25 : 13;

    fprintf(f, "%s, %d thread%s, yardstick %s, samples of %g ms, ",
            dc_formats[r->dtype].name, plan->threads,
            plan->threads == 1 ? "" : "s", dc_bench_peak_level(),
            plan->sample * 1e3);
    if (plan->seconds > 0)
        fprintf(f, "%g s a row", plan->seconds);
    else
        fprintf(f, "%d rounds", plan->repeat);
    fputs(r->small ? ", scaled down\n" : "\n", f);
    for (int s = 0; s < r->count; s++) {
        const dc_bench_subject *const u = &r->subjects[s];

        fprintf(f, "%c: %s = %s %s, %s\n", s ? 'B' : 'A', u->label, u->name,
                u->version, u->pipe ? "a pipe" : dc_timing_names[u->timing]);
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
        fprintf(f, "  %*.*s", width, width, r->subjects[s].label);
    fprintf(f, "\n%-10s %-11s %6s %4s %4s ", "layer", "operation", "GF/s",
            "peak", "mem");
    for (int s = 1; s < r->count; s++)
        fprintf(f, "  %6s %5s %s", "GF/s", "B/A", spread ? "  quartiles" : "");
    fputc('\n', f);
    fflush(f);
}

/* ==== A row ============================================================= */

/* Digits after the point that show a ratio in three significant digits. */
static int digits_of(double ratio)
{
    return ratio < 10 ? 2 : ratio < 100 ? 1 : 0;
}

static void print_rival(FILE *f, const dc_bench_measure *m, bool spread)
{
    const int digits = digits_of(m->ratio.q3);
    char ratio[32] = "-";
    char range[32] = "";

    if (m->status == DC_OK)
        fprintf(f, "  %6.1f ", m->gflops);
    else
        fprintf(f, "  %6s ", m->status == DC_UNSUPPORTED ? "-" : "failed");
    if (m->status == DC_OK && m->ratio.median > 0) {
        snprintf(ratio, sizeof ratio, "%.*f", digits_of(m->ratio.median),
                 m->ratio.median);
        snprintf(range, sizeof range, "%.*f-%.*f", digits, m->ratio.q1, digits,
                 m->ratio.q3);
    }
    fprintf(f, "%5s%c", ratio, m->disagrees ? '!' : ' ');
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

static void print_means(FILE *f, const dc_bench_result *r)
{
    const char *title = "\ngeometric means\n";

    for (int op = 0; op < DC_OPS; op++)
        for (int k = 1; k <= DC_BENCH_MEANS; k++) {
            /* the fastest rival follows the rivals, if there are several */
            const int quantity = k < DC_BENCH_SUBJECTS    ? k
                                 : k == DC_BENCH_SUBJECTS ? DC_BENCH_FASTEST
                                                          : k - 1;
            const dc_bench_mean m =
                dc_bench_report_mean(r, (dc_op)op, quantity);
            char what[64] = "share of the peak";

            if (!m.layers || (quantity == DC_BENCH_FASTEST && r->count < 3))
                continue;
            if (quantity < DC_BENCH_SUBJECTS)
                snprintf(what, sizeof what, "B/A %s",
                         quantity ? r->subjects[quantity].label
                                  : "the fastest");
            else if (quantity == DC_BENCH_SHARE_WIDE)
                snprintf(what, sizeof what, "... 32 channels and more");
            fprintf(f,
                    "%s  %-11s %-24.24s %6.2f  %3d layers, least %.2f (%s)\n",
                    title, dc_ops[op].name, what, m.mean, m.layers, m.least,
                    m.least_layer);
            title = "";
        }
    if (*title)
        fputc('\n', f);
}

/* Median and range of the multiply-add peak over the rows. */
static void print_yardstick(FILE *f, const dc_bench_result *r)
{
    double *const v = calloc((size_t)r->n_rows, sizeof *v);

    if (!v)
        return;
    for (int k = 0; k < r->n_rows; k++)
        v[k] = r->rows[k].fma.median;
    qsort(v, (size_t)r->n_rows, sizeof *v, dc_format_by_value);
    fprintf(f, "multiply-add peak: %.1f GFLOP/s (rows' medians %.1f to %.1f)\n",
            v[r->n_rows / 2], v[0], v[r->n_rows - 1]);
    free(v);
}

void dc_bench_report_tail(FILE *f, const dc_bench_result *r)
{
    int noisy = 0;
    int disagreeing = 0;

    if (!r->n_rows)
        return;
    print_means(f, r);
    print_yardstick(f, r);
    for (int k = 0; k < r->n_rows; k++) {
        noisy += r->rows[k].noisy;
        for (int s = 1; s < r->count; s++)
            disagreeing += r->rows[k].of[s].disagrees;
    }
    for (int s = 0; s < r->count; s++)
        if (r->subjects[s].pipe)
            fprintf(f, "%s was timed %s\n", r->subjects[s].label,
                    dc_timing_names[r->subjects[s].timing]);
    if (noisy)
        fprintf(f,
                "warning: noisy (~) in %d of %d rows: quartiles of a sample "
                "or of the peak more than %.0f %%\napart; trust ratios before "
                "rates, or repeat on a quieter machine\n",
                noisy, r->n_rows, DC_BENCH_NOISY * 100);
    if (disagreeing)
        fprintf(f,
                "WARNING: %d results disagree (!): those rates are of "
                "different operations\n",
                disagreeing);
    fflush(f);
}
