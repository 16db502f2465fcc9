/* SPDX-License-Identifier: MIT
 *
 * The cost of judging: the time that the ladder needs for all elements of a
 * result, as a multiple of the time that `fast` needs to compute it.
 */
#include "oracle/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "fast/fast.h"
#include "ref/format.h"
#include "ref/call.h"
#include "oracle/base/clock.h"
#include "oracle/truth/ladder.h"

/* Number of elements whose MPFR verdicts are timed. */
enum { SAMPLE = 200 };

static const dc_arithmetic default_arithmetic = {.accumulate = -1};

static dc_status compute(const dc_truth *t, dc_op op, void *out)
{
    return dc_call_tensors(dc_fast_impl(), &t->c.p, op, t->tensors, out);
}

/* Decides on every element of a result; *rungs counts the rungs that did. */
static dc_status judge(dc_truth *t, dc_op op, const void *result,
                       dc_rungs *rungs, dc_error *e)
{
    dc_comparison seen;
    dc_ladder *ladder;
    const dc_status status =
        dc_ladder_open(&ladder, t, op, &default_arithmetic, dc_fast_impl(), e);

    *rungs = (dc_rungs){0, 0, 0};
    if (status != DC_OK)
        return status;
    seen = dc_ladder_compare(ladder, result, rungs);
    dc_ladder_close(ladder);
    return !seen.wrong ? DC_OK
                       : dc_failed(e, "%lld elements of %s are wrong",
                                   (long long)seen.wrong,
                                   dc_tensor_names[dc_ops[op].out]);
}

/* Seconds that MPFR would need for all elements, extrapolated from an evenly
 * spaced sample. */
static dc_status mpfr_seconds(dc_truth *t, dc_op op, double *seconds,
                              dc_error *e)
{
    const int64_t count = t->count[op];
    const int64_t step = count > SAMPLE ? count / SAMPLE : 1;
    const double begin = dc_clock_now();
    int64_t sampled = 0;
    dc_status status = DC_OK;

    for (int64_t i = 0; i < count && status == DC_OK; i += step) {
        dc_interval want;

        status = dc_truth_interval(t, op, i, &default_arithmetic, &want, e);
        sampled++;
    }
    *seconds = sampled
                   ? (dc_clock_now() - begin) * (double)count / (double)sampled
                   : 0;
    return status;
}

/* Seconds per round. */
typedef struct {
    double fast[DC_BENCH_ROUNDS];
    double judge[DC_BENCH_ROUNDS];
    double ratio[DC_BENCH_ROUNDS];
} times;

static dc_status time_rounds(times *x, int rounds, dc_truth *t, dc_op op,
                             void *result, dc_rungs *rungs, dc_error *e)
{
    dc_status status = compute(t, op, result); /* warms up */

    for (int r = 0; r < rounds && status == DC_OK; r++) {
        const double begin = dc_clock_now();
        double middle;

        status = compute(t, op, result);
        middle = dc_clock_now();
        if (status != DC_OK)
            break;
        status = judge(t, op, result, rungs, e);
        if (status != DC_OK)
            return status;
        x->fast[r] = middle - begin;
        x->judge[r] = dc_clock_now() - middle;
        x->ratio[r] = x->judge[r] / x->fast[r];
    }
    return status == DC_OK
               ? DC_OK
               : dc_error_set(e, status, NULL, -1, "fast answered %s in %s",
                              dc_status_name(status),
                              dc_formats[t->c.p.dtype].name);
}

static dc_status judge_op(const char *layer, int rounds, dc_truth *t, dc_op op,
                          void *result, dc_error *e)
{
    times x;
    dc_rungs rungs;
    double mpfr = 0;
    dc_status status = time_rounds(&x, rounds, t, op, result, &rungs, e);

    if (status == DC_OK)
        status = mpfr_seconds(t, op, &mpfr, e);
    if (status == DC_OK) {
        const dc_quartiles fast = dc_bench_quartiles(x.fast, rounds);
        const dc_quartiles judged = dc_bench_quartiles(x.judge, rounds);
        const dc_quartiles q = dc_bench_quartiles(x.ratio, rounds);

        printf("%-10s %-11s %8.2f %8.2f %6.1f %6.1f-%-6.1f %10lld %8lld "
               "%8.0f\n",
               layer, dc_ops[op].name, 1e3 * fast.median, 1e3 * judged.median,
               q.median, q.q1, q.q3, (long long)t->count[op],
               (long long)rungs.mpfr, mpfr / fast.median);
        fflush(stdout);
    }
    return status;
}

void dc_bench_judge_head(void)
{
    printf("What judging costs: fast computes the result, the ladder decides "
           "on every element of it.\n"
           "ms are medians; times: judged over fast, sampled round by round; "
           "MPFR throughout is\n"
           "extrapolated from %d elements.\n\n"
           "%-10s %-11s %8s %8s %6s %13s %10s %8s %8s\n",
           SAMPLE, "layer", "operation", "fast ms", "judge ms", "times",
           "quartiles  ", "elements", "by MPFR", "MPFR all");
}

dc_status dc_bench_judge_layer(const dc_bench *b, const char *layer,
                               const dc_case *c, int *judged, dc_error *e)
{
    dc_truth t;
    dc_status status = dc_truth_open(&t, c, e);

    if (status != DC_OK)
        return status;
    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        void *result;

        if (!b->ops[op] || dc_bench_interrupted(&b->plan))
            continue;
        result = aligned_alloc(64, ((size_t)t.count[op] * sizeof(double) + 64) /
                                       64 * 64);
        status = result
                     ? judge_op(layer, b->plan.repeat, &t, (dc_op)op, result, e)
                     : dc_nomem(e);
        free(result);
        *judged += status == DC_OK;
    }
    dc_truth_close(&t);
    return status;
}
