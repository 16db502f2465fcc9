/* SPDX-License-Identifier: MIT
 *
 * A pack is made: every case filled, its golden values proven, its files
 * written by whichever thread is free, the index last.
 */
#include "oracle/verbs/vectors.h"

#include <inttypes.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/verbs/audit.h"
#include "oracle/base/clock.h"
#include "oracle/base/pool.h"
#include "oracle/truth/golden.h"
#include "oracle/verbs/vectors_plan.h"

typedef struct {
    const dc_vectors *v;
    dc_vectors_plan plan;
    dc_pack_dir dir;
    dc_pack_sink *sinks;                 /* by case */
    int64_t (*settled)[DC_GOLDEN_RUNGS]; /* by case */
    int64_t sum[DC_GOLDEN_RUNGS];
} production;

/* One result.  This is the one place where values are made. */
static dc_status make_result(const production *w, int64_t index, dc_truth *t,
                             dc_op op, void *result, dc_pack_case *c,
                             dc_error *e)
{
    const dc_tensor out = dc_ops[op].out;
    int64_t *open;
    dc_status status;

    if (c->c.family != DC_SPECIAL)
        return dc_golden_make(t, op, result, w->settled[index], e);
    open = malloc((size_t)t->count[op] * sizeof *open + 1);
    if (!open)
        return dc_nomem(e);
    status = dc_golden_special(t, op, result, w->settled[index], open,
                               &c->n_open[out], e);
    c->open[out] = open;
    return status;
}

/* Golden values of the results that the format carries. */
static dc_status make_results(const production *w, int64_t index, dc_truth *t,
                              void *results[DC_OPS], dc_pack_case *c,
                              dc_error *e)
{
    dc_status status = DC_OK;

    for (int k = 0; k < DC_TENSORS; k++)
        if (w->v->format->tensors & 1 << k)
            c->tensors[k] = t->tensors[k];
    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        const dc_tensor out = dc_ops[op].out;

        if (!(w->v->format->tensors & 1 << out))
            continue;
        results[op] = malloc((size_t)t->count[op] * sizeof(double) + 1);
        status = results[op]
                     ? make_result(w, index, t, (dc_op)op, results[op], c, e)
                     : dc_nomem(e);
        c->tensors[out] = results[op];
    }
    return status;
}

static dc_status make_case(void *context, int64_t index, dc_error *e)
{
    production *w = context;
    dc_pack_case *planned = &w->plan.cases[index];
    dc_pack_case c = *planned;
    void *results[DC_OPS] = {NULL};
    dc_truth t;
    dc_status status = dc_truth_open(&t, &c.c, e);

    if (status != DC_OK)
        return status;
    w->sinks[index].root = w->dir.part;
    status = make_results(w, index, &t, results, &c, e);
    if (status == DC_OK)
        status = w->v->format->write(&c, &w->sinks[index], e);
    /* the index tells which tensors there are, by pointers that are not
     * looked at */
    memcpy(planned->tensors, c.tensors, sizeof c.tensors);
    memcpy(planned->open, c.open, sizeof c.open);
    memcpy(planned->n_open, c.n_open, sizeof c.n_open);
    for (int op = 0; op < DC_OPS; op++)
        free(results[op]);
    dc_truth_close(&t);
    return status;
}

/* What the pack as a whole has, and the index. */
static dc_status finish(production *w, const char *version, dc_error *e)
{
    const dc_vectors *v = w->v;
    char generator[64];
    dc_pack_sink extra = {.root = w->dir.part};
    dc_pack_about about = {.generator = generator,
                           .format = v->format->name,
                           .tier = v->v.n_cases ? "cases"
                                   : v->layers  ? "layers"
                                               : dc_tier_names[v->v.sweep.tier],
                           .match = v->v.match,
                           .dtypes = v->dtypes,
                           .seed = v->v.sweep.seed,
                           .cases = w->plan.count,
                           .left_out = w->plan.left_out,
                           .why = w->plan.why,
                           .rungs = dc_golden_rungs,
                           .settled = w->sum};
    dc_status status = DC_OK;

    snprintf(generator, sizeof generator, "deconform %s", version);
    for (int64_t i = 0; i < w->plan.count; i++)
        for (int r = 0; r < DC_GOLDEN_RUNGS; r++)
            w->sum[r] += w->settled[i][r];
    if (v->format->finish)
        status = v->format->finish(w->plan.cases, w->plan.count, &extra, e);
    return status == DC_OK
               ? dc_pack_index(&about, w->plan.cases, w->sinks, &extra, e)
               : status;
}

static void say(const production *w, double seconds)
{
    int64_t values = 0;

    for (int r = 0; r < DC_GOLDEN_RUNGS; r++)
        values += w->sum[r];
    for (const dc_pack_reason *why = w->plan.why; why->count; why++)
        printf("left out: %" PRId64 ": %s\n", why->count, why->text);
    printf("deconform: vectors: %" PRId64 " cases, %" PRId64
           " left out, %" PRId64 " values",
           w->plan.count, w->plan.left_out, values);
    for (int r = 0; r < DC_GOLDEN_RUNGS; r++)
        printf(", %" PRId64 " %s", w->sum[r], dc_golden_rungs[r]);
    printf(", seed %" PRIu64 ", %.1f s\n", w->v->v.sweep.seed, seconds);
}

/* DC_EXIT_... */
static int produce(production *w, const char *version,
                   const volatile sig_atomic_t *interrupted, dc_error *e)
{
    const dc_pool crew = {make_case,     NULL,       w,
                          w->plan.count, w->v->jobs, interrupted};
    const double start = dc_clock_now();
    int64_t told;
    dc_status status;

    w->sinks = calloc((size_t)w->plan.count, sizeof *w->sinks);
    w->settled = calloc((size_t)w->plan.count, sizeof *w->settled);
    if (!w->sinks || !w->settled)
        status = dc_nomem(e);
    else
        status = dc_pack_begin(&w->dir, w->v->dir, e);
    if (status == DC_OK)
        status = dc_pool_run(&crew, &told, e);
    if (status == DC_OK && *interrupted) {
        dc_pack_abort(&w->dir);
        return DC_EXIT_INTERRUPTED;
    }
    if (status == DC_OK)
        status = finish(w, version, e);
    if (status == DC_OK)
        status = dc_pack_commit(&w->dir, e);
    if (status != DC_OK) {
        dc_pack_abort(&w->dir);
        return DC_EXIT_FAULT;
    }
    say(w, dc_clock_now() - start);
    return DC_EXIT_CONFORMS;
}

int dc_vectors_main(int argc, char **argv, const char *version,
                    const volatile sig_atomic_t *interrupted)
{
    dc_vectors v;
    production w = {.v = &v};
    dc_error e = {DC_OK, NULL, -1, ""};
    int code = DC_EXIT_FAULT;

    if (dc_vectors_read(&v, argc, argv, &e) == DC_OK) {
        if (v.audit)
            code = dc_audit_run(v.audit, stdout, &e);
        else if (dc_vectors_collect(&v, &w.plan, &e) == DC_OK)
            code = produce(&w, version, interrupted, &e);
        dc_vectors_free(&v);
    }
    free(w.sinks);
    free(w.settled);
    dc_vectors_release(&w.plan);
    mpfr_free_cache();
    if (code == DC_EXIT_FAULT)
        fprintf(stderr, "deconform: %s\n", e.text);
    return code;
}
