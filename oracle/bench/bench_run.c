/* SPDX-License-Identifier: MIT
 *
 * The timing core: warms up, compares the results once, chooses the number of
 * runs per sample, times the rounds and reduces them to quartiles.
 */
#include "oracle/bench/bench_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cases/data/data.h"
#include "ref/counts.h"
#include "ref/format.h"
#include "oracle/bench/bench_peak.h"
#include "oracle/base/clock.h"

/* A row ends after this many seconds, whatever the number of rounds. */
static const double ROW_MAX = 60;

/* Fewest rounds if --seconds limits the row. */
enum { ROUNDS_MIN = 3 };

/* Most runs in one sample. */
static const int64_t REPETITIONS_MAX = 1000000;

/* Pause in seconds before a multi-threaded sample: worker threads of OpenMP
 * libraries spin for some milliseconds before they sleep and would take the
 * cores from the next implementation. */
static const double SETTLE = 0.03;

/* Results with a larger relative difference are not the same operation. */
static const double tolerance[DC_FORMATS] = {
    [DC_F64] = 1e-9, [DC_F32] = 1e-3, [DC_F16] = 0.05, [DC_BF16] = 0.3};

/* ==== Numbers =========================================================== */

static double quantile(const double *sorted, int count, double q)
{
    const double at = q * (count - 1);
    const int low = (int)at;
    const int high = low + 1 < count ? low + 1 : low;

    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

dc_quartiles dc_bench_quartiles(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, dc_format_by_value);
    return (dc_quartiles){quantile(values, count, 0.5),
                          quantile(values, count, 0.25),
                          quantile(values, count, 0.75)};
}

double dc_bench_spread(const dc_quartiles *q)
{
    return q->median > 0 ? (q->q3 - q->q1) / q->median : 0;
}

/* |a - b| / |b| over n elements, and 0 if a equals b. */
static double difference(int dtype, const void *a, const void *b, int64_t n)
{
    double error = 0;
    double norm = 0;

    for (int64_t i = 0; i < n; i++) {
        const double x = dc_format_get(dtype, a, i);
        const double y = dc_format_get(dtype, b, i);

        error += (x - y) * (x - y);
        norm += y * y;
    }
    return error == 0 ? 0 : sqrt(error / norm);
}

/* ==== Data ============================================================== */

/* Allocates zeros on a cache line, as users of fast libraries do. */
static dc_status allocate(void **buffer, size_t bytes, const char *name,
                          dc_error *e)
{
    *buffer = aligned_alloc(64, (bytes + 64) / 64 * 64);
    if (!*buffer)
        return dc_error_set(e, DC_NOMEM, NULL, -1,
                            "out of memory for %s (%zu bytes)", name, bytes);
    memset(*buffer, 0, bytes);
    return DC_OK;
}

dc_status dc_bench_data_make(dc_bench_data *d, const dc_case *c,
                             const bool ops[DC_OPS], int subjects, dc_error *e)
{
    const dc_problem *const p = &c->p;
    dc_status status = DC_OK;
    size_t largest = 0;

    memset(d, 0, sizeof *d);
    for (int op = 0; op < DC_OPS; op++) {
        const size_t out = dc_problem_bytes(p, dc_ops[op].out);

        if (!ops[op])
            continue;
        largest = out > largest ? out : largest;
        for (int k = 0; k < dc_ops[op].takes && status == DC_OK; k++) {
            const dc_tensor t = dc_ops[op].in[k];

            if (d->tensor[t] || !dc_op_takes(p, (dc_op)op, t))
                continue;
            status = allocate(&d->tensor[t], dc_problem_bytes(p, t),
                              dc_tensor_names[t], e);
            if (status == DC_OK)
                status = dc_data_fill(c, t, d->tensor[t]);
        }
    }
    for (int s = 0; s < subjects && status == DC_OK; s++)
        status = allocate(&d->result[s], largest, "a result", e);
    if (status == DC_OK)
        status = allocate(&d->scratch, largest, "a result", e);
    if (status != DC_OK)
        dc_bench_data_free(d);
    return status;
}

void dc_bench_data_free(dc_bench_data *d)
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(d->tensor[t]);
    for (int s = 0; s < DC_BENCH_SUBJECTS; s++)
        free(d->result[s]);
    free(d->scratch);
    memset(d, 0, sizeof *d);
}

/* ==== A row ============================================================= */

/* What is timed in turn in each round: the subjects, then the yardsticks. */
enum { FMA = DC_BENCH_SUBJECTS, TRAFFIC, TURNS };

typedef struct {
    const dc_bench_plan *plan;
    dc_bench_subject *subjects;
    int count;
    const dc_bench_data *data;
    dc_bench_row *row;
    dc_traffic traffic;
    int64_t traffic_repetitions;
    /* seconds of one run; for FMA: FLOP/s */
    double sample[TURNS][DC_BENCH_ROUNDS];
} bench;

bool dc_bench_interrupted(const dc_bench_plan *plan)
{
    return plan->interrupted && *plan->interrupted;
}

/* Runs of `seconds` each that fill a sample. */
static int64_t repetitions_of(const bench *b, double seconds)
{
    const double runs = ceil(b->plan->sample / seconds);

    return (int64_t)fmin(fmax(runs, 1), (double)REPETITIONS_MAX);
}

static void settle(const bench *b)
{
    const struct timespec pause = {0, (long)(SETTLE * 1e9)};

    if (b->plan->threads > 1)
        nanosleep(&pause, NULL);
}

static void sample_subject(bench *b, int s, int round)
{
    dc_bench_measure *const m = &b->row->of[s];
    dc_bench_sample sample = {.c = &b->row->c,
                              .op = b->row->op,
                              .tensors = (const void *const *)b->data->tensor,
                              .out = b->data->result[s],
                              .repetitions = m->repetitions};
    dc_error e = {.text = ""};

    if (m->status != DC_OK)
        return;
    settle(b);
    m->status = dc_bench_subject_time(&b->subjects[s], &sample, &e);
    if (m->status != DC_OK)
        snprintf(m->why, sizeof m->why, "%.190s", e.text);
    b->sample[s][round] = sample.seconds / (double)m->repetitions;
}

/* Runs everything once: which subjects offer the operation, whether the
 * results agree, and how many runs fill a sample. */
static void warm_up(bench *b)
{
    const dc_problem *const p = &b->row->c.p;
    const int64_t n = dc_problem_count(p, dc_ops[b->row->op].out);
    dc_bench_measure *const a = &b->row->of[0];

    for (int s = 0; s < b->count; s++) {
        dc_bench_measure *const m = &b->row->of[s];
        const double begin = dc_clock_now();
        double wall;

        m->repetitions = 1;
        sample_subject(b, s, 0);
        wall = dc_clock_now() - begin;
        if (m->status != DC_OK)
            continue;
        /* a pipe's sample is limited by wall time, not by the pipe's clock */
        m->repetitions =
            repetitions_of(b, b->subjects[s].pipe ? wall : b->sample[s][0]);
        if (s > 0 && a->status == DC_OK)
            m->difference =
                difference(p->dtype, b->data->result[s], b->data->result[0], n);
        m->disagrees = !(m->difference <= tolerance[p->dtype]);
    }
    b->traffic_repetitions =
        repetitions_of(b, 2 * dc_bench_peak_traffic(&b->traffic, 1));
}

static void time_round(bench *b, int round)
{
    for (int s = 0; s < b->count; s++)
        sample_subject(b, s, round);
    settle(b);
    b->sample[FMA][round] = dc_bench_peak_fma(
        b->row->c.p.dtype, b->plan->threads, b->plan->sample / 2);
    b->sample[TRAFFIC][round] =
        dc_bench_peak_traffic(&b->traffic, b->traffic_repetitions) /
        (double)b->traffic_repetitions;
}

/* Times rounds until the plan is fulfilled. */
static void time_rounds(bench *b)
{
    const dc_bench_plan *const plan = b->plan;
    const double begin = dc_clock_now();
    int round = 0;

    while (round < DC_BENCH_ROUNDS && !dc_bench_interrupted(plan)) {
        double elapsed;

        time_round(b, round++);
        elapsed = dc_clock_now() - begin;
        if (elapsed > ROW_MAX)
            break;
        if (plan->seconds > 0 ? round >= ROUNDS_MIN && elapsed >= plan->seconds
                              : round >= plan->repeat)
            break;
    }
    b->row->rounds = round;
}

/* ==== Reduction ========================================================= */

/* Quartiles of scale * over[round] / under[round]; NULL stands for ones. */
static dc_quartiles quotients(const bench *b, const double *over,
                              const double *under, double scale)
{
    double values[DC_BENCH_ROUNDS];

    for (int r = 0; r < b->row->rounds; r++)
        values[r] = scale * (over ? over[r] : 1) / (under ? under[r] : 1);
    return dc_bench_quartiles(values, b->row->rounds);
}

static void reduce(bench *b)
{
    dc_bench_row *const row = b->row;
    const double *const a = row->of[0].status == DC_OK ? b->sample[0] : NULL;
    double peak[DC_BENCH_ROUNDS];

    for (int s = 0; s < b->count; s++) {
        dc_bench_measure *const m = &row->of[s];

        if (m->status != DC_OK)
            continue;
        m->seconds = quotients(b, b->sample[s], NULL, 1);
        m->gflops = row->flops / m->seconds.median * 1e-9;
        row->noisy |= dc_bench_spread(&m->seconds) > DC_BENCH_NOISY;
        if (!a)
            continue;
        m->ratio = quotients(b, b->sample[s], a, 1);
        /* the fastest by median: a minimum per round would favour outliers */
        if (s && !(row->best.median > 0 && row->best.median <= m->ratio.median))
            row->best = m->ratio;
    }
    row->fma = quotients(b, b->sample[FMA], NULL, 1e-9);
    row->traffic = quotients(b, NULL, b->sample[TRAFFIC], row->bytes * 1e-9);
    row->noisy |= dc_bench_spread(&row->fma) > DC_BENCH_NOISY;
    if (!a)
        return;
    row->memory = quotients(b, b->sample[TRAFFIC], a, 1);
    for (int r = 0; r < row->rounds; r++)
        peak[r] = a[r] * b->sample[FMA][r];
    row->peak = quotients(b, NULL, peak, row->flops);
}

/* ==== Entry point ======================================================= */

/* Fills in the row's operations and bytes, and the traffic yardstick. */
static dc_status count(bench *b, dc_error *e)
{
    dc_bench_row *const row = b->row;
    const dc_problem *const p = &row->c.p;
    dc_counts counts;
    const dc_status status = dc_counts_of(p, &counts, e);

    if (status != DC_OK)
        return status;
    row->flops = row->op == DC_GRAD_BIAS ? (double)counts.add[row->op]
                                         : 2 * (double)counts.mul[row->op];
    b->traffic =
        (dc_traffic){.out = b->data->scratch,
                     .out_bytes = dc_problem_bytes(p, dc_ops[row->op].out),
                     .threads = b->plan->threads};
    row->bytes = (double)b->traffic.out_bytes;
    for (int k = 0; k < dc_ops[row->op].takes; k++) {
        const dc_tensor t = dc_ops[row->op].in[k];

        if (!dc_op_takes(p, row->op, t))
            continue;
        b->traffic.in[k] = b->data->tensor[t];
        b->traffic.in_bytes[k] = dc_problem_bytes(p, t);
        row->bytes += (double)b->traffic.in_bytes[k];
    }
    return DC_OK;
}

dc_status dc_bench_measure_row(const dc_bench_plan *plan,
                               dc_bench_subject *subjects, int n,
                               const dc_bench_data *d, dc_bench_row *row,
                               dc_error *e)
{
    bench *const b = calloc(1, sizeof *b);
    dc_status status;

    if (!b)
        return dc_nomem(e);
    *row = (dc_bench_row){.layer = row->layer, .c = row->c, .op = row->op};
    b->plan = plan;
    b->subjects = subjects;
    b->count = n;
    b->data = d;
    b->row = row;
    status = count(b, e);
    if (status == DC_OK) {
        warm_up(b);
        time_rounds(b);
        if (row->rounds)
            reduce(b);
    }
    free(b);
    return status;
}
