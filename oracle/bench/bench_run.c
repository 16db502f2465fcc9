/* SPDX-License-Identifier: MIT
 *
 * The timing core: warm up and compare once, choose how many runs make a
 * sample, take the rounds, and reduce them.
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

/* Seconds after which a row ends however few rounds there were, and the
 * rounds that it has at least where --seconds says how long. */
static const double ROW_MAX = 60;
enum { ROUNDS_MIN = 3 };

/* Runs in one sample, at most. */
static const int64_t REPETITIONS_MAX = 1000000;

/* Worker threads of OpenMP libraries spin for some milliseconds before they
 * sleep and would take the cores from whoever is timed next. */
static const double SETTLE = 0.03;

/* Beyond this relative difference two results are not the same operation. */
static const double loose[DC_FORMATS] = {
    [DC_F64] = 1e-9, [DC_F32] = 1e-3, [DC_F16] = 0.05, [DC_BF16] = 0.3};

/* ==== Numbers =========================================================== */

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double quantile(const double *sorted, int count, double q)
{
    const double at = q * (count - 1);
    const int low = (int)at;
    const int high = low + 1 < count ? low + 1 : low;

    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

dc_quartiles dc_bench_quartiles(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return (dc_quartiles){quantile(values, count, 0.5),
                          quantile(values, count, 0.25),
                          quantile(values, count, 0.75)};
}

double dc_bench_spread(const dc_quartiles *q)
{
    return q->median > 0 ? (q->q3 - q->q1) / q->median : 0;
}

/* |a - b| / |b|, and 0 where both are nothing. */
static double difference(int dtype, const void *a, const void *b, int64_t n)
{
    double apart = 0;
    double all = 0;

    for (int64_t i = 0; i < n; i++) {
        const double x = dc_format_get(dtype, a, i);
        const double y = dc_format_get(dtype, b, i);

        apart += (x - y) * (x - y);
        all += y * y;
    }
    return apart == 0 ? 0 : sqrt(apart / all);
}

/* ==== Data ============================================================== */

static int64_t bytes_of(const dc_problem *p, dc_tensor t)
{
    return dc_problem_count(p, t) * dc_formats[p->dtype].size;
}

/* On a cache line, for this is what users of fast libraries do. */
static dc_status take(void **room, int64_t bytes, const char *name, dc_error *e)
{
    *room = aligned_alloc(64, ((size_t)bytes + 64) / 64 * 64);
    if (!*room)
        return dc_error_set(e, DC_NOMEM, NULL, -1,
                            "out of memory for %s (%lld bytes)", name,
                            (long long)bytes);
    memset(*room, 0, (size_t)bytes);
    return DC_OK;
}

dc_status dc_bench_data_make(dc_bench_data *d, const dc_case *c,
                             const int ops[DC_OPS], int subjects, dc_error *e)
{
    const dc_problem *const p = &c->p;
    dc_status status = DC_OK;
    int64_t largest = 0;

    memset(d, 0, sizeof *d);
    for (int op = 0; op < DC_OPS; op++) {
        const int64_t out = bytes_of(p, dc_ops[op].out);

        if (!ops[op])
            continue;
        largest = out > largest ? out : largest;
        for (int k = 0; k < dc_ops[op].takes && status == DC_OK; k++) {
            const dc_tensor t = dc_ops[op].in[k];

            if (d->tensor[t] || !dc_op_takes(p, (dc_op)op, t))
                continue;
            status = take(&d->tensor[t], bytes_of(p, t), dc_tensor_names[t], e);
            if (status == DC_OK)
                status = dc_data_fill(c, t, d->tensor[t]);
        }
    }
    for (int s = 0; s <= subjects && status == DC_OK; s++)
        status = take(&d->result[s < subjects ? s : DC_BENCH_SUBJECTS], largest,
                      "a result", e);
    if (status != DC_OK)
        dc_bench_data_free(d);
    return status;
}

void dc_bench_data_free(dc_bench_data *d)
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(d->tensor[t]);
    for (int s = 0; s <= DC_BENCH_SUBJECTS; s++)
        free(d->result[s]);
    memset(d, 0, sizeof *d);
}

/* ==== A row ============================================================= */

/* What takes turns. */
enum { FMA = DC_BENCH_SUBJECTS, TRAFFIC, TURNS };

typedef struct {
    const dc_bench_plan *plan;
    dc_bench_subject *subjects;
    int count;
    const dc_bench_data *data;
    dc_bench_row *row;
    dc_traffic traffic;
    int64_t traffic_repetitions;
    double sample[TURNS][DC_BENCH_ROUNDS]; /* seconds of a run; FLOP/s */
} bench;

/* Repetitions that fill a sample. */
static int64_t fill(const bench *b, double seconds)
{
    const double wanted = ceil(b->plan->sample / seconds);

    return wanted < 1                         ? 1
           : wanted > (double)REPETITIONS_MAX ? REPETITIONS_MAX
                                              : (int64_t)wanted;
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
    double seconds = 0;
    dc_error e = {.text = ""};

    if (m->status != DC_OK)
        return;
    settle(b);
    m->status =
        dc_bench_subject_time(&b->subjects[s], &b->row->c, b->row->op,
                              (const void *const *)b->data->tensor,
                              b->data->result[s], m->repetitions, &seconds, &e);
    if (m->status != DC_OK)
        snprintf(m->why, sizeof m->why, "%.190s", e.text);
    b->sample[s][round] = seconds / (double)m->repetitions;
}

/* First sights: who takes part, do the results agree, how long is a run? */
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
        /* a pipe is waited for, whatever its own clock says */
        m->repetitions = fill(b, b->subjects[s].end ? wall : b->sample[s][0]);
        if (s > 0 && a->status == DC_OK)
            m->difference =
                difference(p->dtype, b->data->result[s], b->data->result[0], n);
        m->disagrees = !(m->difference <= loose[p->dtype]);
    }
    b->traffic_repetitions = fill(b, 2 * dc_bench_peak_traffic(&b->traffic, 1));
}

static void take_round(bench *b, int round)
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

static int stopped(const bench *b)
{
    return b->plan->interrupted && *b->plan->interrupted;
}

/* Rounds until the plan is fulfilled. */
static void take_rounds(bench *b)
{
    const dc_bench_plan *const plan = b->plan;
    const double begin = dc_clock_now();
    int round = 0;

    while (round < DC_BENCH_ROUNDS && !stopped(b)) {
        double passed;

        take_round(b, round++);
        passed = dc_clock_now() - begin;
        if (passed > ROW_MAX)
            break;
        if (plan->seconds > 0 ? round >= ROUNDS_MIN && passed >= plan->seconds
                              : round >= plan->repeat)
            break;
    }
    b->row->rounds = round;
}

/* ==== Reduction ========================================================= */

/* Quartiles of over[round] / under[round] * scale. */
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
        /* by medians: the best of each round would be the luckiest */
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

/* ==== Entry ============================================================= */

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
    for (int k = 0; k < dc_ops[row->op].takes; k++) {
        const dc_tensor t = dc_ops[row->op].in[k];

        if (!dc_op_takes(p, row->op, t))
            continue;
        b->traffic.in[k] = b->data->tensor[t];
        b->traffic.in_bytes[k] = bytes_of(p, t);
        row->bytes += (double)b->traffic.in_bytes[k];
    }
    b->traffic.out = b->data->result[DC_BENCH_SUBJECTS];
    b->traffic.out_bytes = bytes_of(p, dc_ops[row->op].out);
    b->traffic.threads = b->plan->threads;
    row->bytes += (double)b->traffic.out_bytes;
    return DC_OK;
}

dc_status dc_bench_measure_row(const dc_bench_plan *plan,
                               dc_bench_subject *subjects, int n,
                               const dc_bench_data *d, dc_bench_row *row,
                               dc_error *e)
{
    const dc_layer *const layer = row->layer;
    bench *const b = calloc(1, sizeof *b);
    dc_status status;

    if (!b)
        return dc_nomem(e);
    *row = (dc_bench_row){.layer = layer, .c = row->c, .op = row->op};
    b->plan = plan;
    b->subjects = subjects;
    b->count = n;
    b->data = d;
    b->row = row;
    status = count(b, e);
    if (status == DC_OK) {
        warm_up(b);
        if (stopped(b))
            row->rounds = 0;
        else
            take_rounds(b);
        if (row->rounds)
            reduce(b);
    }
    free(b);
    return status;
}
