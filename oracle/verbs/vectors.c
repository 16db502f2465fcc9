/* SPDX-License-Identifier: MIT
 *
 * The verb `vectors`: computes the golden values of each case, writes its
 * files, and writes the index last.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/base/clock.h"
#include "oracle/base/pool.h"
#include "oracle/truth/golden.h"
#include "oracle/verbs/vectors_plan.h"
#include "oracle/verbs/verbs.h"
#include "ref/format.h"

typedef struct {
    const dc_settings *settings;
    dc_vectors_plan plan;
    dc_pack_dir dir;
    dc_pack_sink *sinks;                 /* by case */
    int64_t (*settled)[DC_GOLDEN_RUNGS]; /* by case */
    int64_t sum[DC_GOLDEN_RUNGS];
} production;

/* Computes one golden result, and for special data the list of elements that
 * have several legal answers. */
static dc_status make_result(production *w, int64_t index, dc_truth *t,
                             dc_op op, void *result, dc_error *e)
{
    dc_pack_case *c = &w->plan.cases[index];
    const dc_tensor out = dc_ops[op].out;
    int64_t *open;

    c->tensors[out] = result;
    if (c->c.family != DC_SPECIAL)
        return dc_golden_make(t, op, result, w->settled[index], e);
    c->open[out] = open = malloc((size_t)t->count[op] * sizeof *open + 1);
    if (!open)
        return dc_nomem(e);
    return dc_golden_special(t, op, result, w->settled[index], open,
                             &c->n_open[out], e);
}

/* Makes the tensors that the format carries and writes the files of a case.
 * Its tensor pointers are kept, because the index lists those that are not
 * NULL, but their memory is freed here. */
static dc_status make_case(void *context, void *worker, int64_t index,
                           dc_error *e)
{
    production *w = context;
    const dc_pack_format *format = w->settings->format;
    dc_pack_case *c = &w->plan.cases[index];
    void *results[DC_OPS] = {NULL};
    dc_truth t;
    dc_status status = dc_truth_open(&t, &c->c, e);

    (void)worker;
    if (status != DC_OK)
        return status;
    for (int k = 0; k < DC_TENSORS; k++)
        if (format->tensors & 1 << k)
            c->tensors[k] = t.tensors[k];
    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        if (!(format->tensors & 1 << dc_ops[op].out))
            continue;
        results[op] = malloc((size_t)t.count[op] * sizeof(double) + 1);
        status = results[op]
                     ? make_result(w, index, &t, (dc_op)op, results[op], e)
                     : dc_nomem(e);
    }
    w->sinks[index].root = w->dir.part;
    if (status == DC_OK)
        status = format->write(c, &w->sinks[index], e);
    for (int op = 0; op < DC_OPS; op++)
        free(results[op]);
    dc_truth_close(&t);
    return status;
}

/* Writes the files that belong to no single case, and the index. */
static dc_status finish(production *w, const char *version, dc_error *e)
{
    const dc_settings *s = w->settings;
    char generator[64];
    char dtypes[32] = "";
    dc_pack_sink extra = {.root = w->dir.part};
    dc_pack_about about = {.generator = generator,
                           .format = s->format->name,
                           .tier = dc_tier_names[s->filter.sweep.tier],
                           .match = s->filter.match,
                           .dtypes = dtypes,
                           .seed = s->filter.sweep.seed,
                           .cases = w->plan.count,
                           .left_out = w->plan.left_out,
                           .why = w->plan.why,
                           .rungs = dc_golden_rungs,
                           .settled = w->sum};
    dc_status status = DC_OK;

    if (s->filter.n_cases || s->layers)
        about.tier = s->filter.n_cases ? "cases" : "layers";
    snprintf(generator, sizeof generator, "deconform %s", version);
    for (int d = 0; d < s->filter.sweep.n_dtypes; d++) {
        const size_t at = strlen(dtypes);

        snprintf(dtypes + at, sizeof dtypes - at, "%s%s", d ? "," : "",
                 dc_formats[s->filter.sweep.dtypes[d]].name);
    }
    for (int64_t i = 0; i < w->plan.count; i++)
        for (int r = 0; r < DC_GOLDEN_RUNGS; r++)
            w->sum[r] += w->settled[i][r];
    if (s->format->finish)
        status = s->format->finish(w->plan.cases, w->plan.count, &extra, e);
    return status == DC_OK
               ? dc_pack_index(&about, w->plan.cases, w->sinks, &extra, e)
               : status;
}

static void print_summary(const production *w, double seconds)
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
    printf(", seed %" PRIu64 ", %.1f s\n", w->settings->filter.sweep.seed,
           seconds);
}

/* Writes the pack and returns the exit code; the reason of a fault is in e. */
static int produce(production *w, const dc_env *env, dc_error *e)
{
    const dc_pool pool = {.task = make_case,
                          .context = w,
                          .count = w->plan.count,
                          .jobs = w->settings->jobs,
                          .interrupted = env->interrupted};
    const double start = dc_clock_now();
    int64_t done;
    dc_status status;

    w->sinks = calloc((size_t)w->plan.count, sizeof *w->sinks);
    w->settled = calloc((size_t)w->plan.count, sizeof *w->settled);
    if (!w->sinks || !w->settled)
        status = dc_nomem(e);
    else
        status = dc_pack_begin(&w->dir, w->settings->dir, e);
    if (status == DC_OK)
        status = dc_pool_run(&pool, &done, e);
    if (status == DC_OK && *env->interrupted) {
        dc_pack_abort(&w->dir);
        return DC_EXIT_INTERRUPTED;
    }
    if (status == DC_OK)
        status = finish(w, env->version, e);
    if (status == DC_OK)
        status = dc_pack_commit(&w->dir, e);
    if (status != DC_OK) {
        dc_pack_abort(&w->dir);
        return DC_EXIT_FAULT;
    }
    print_summary(w, dc_clock_now() - start);
    return DC_EXIT_CONFORMS;
}

/* Reads the command line; without --dtype, all four types are meant. */
static dc_status read_settings(dc_settings *s, int argc, char **argv,
                               dc_error *e)
{
    dc_status status = dc_settings_read(s, &dc_vectors_verb, argc, argv, e);

    if (status != DC_OK)
        return status;
    if (s->filter.sweep.n_dtypes == 0)
        for (int d = 0; d < DC_FORMATS; d++)
            s->filter.sweep.dtypes[s->filter.sweep.n_dtypes++] = d;
    if (!s->audit && (!s->dir || !s->format))
        status = dc_invalid(e, "DIR and --format are required (npz, onnx, "
                               "safetensors, json, c), or --audit DIR");
    else if (s->audit && (s->dir || s->format))
        status = dc_invalid(e, "--audit DIR writes no pack");
    if (status != DC_OK)
        dc_settings_free(s);
    return status;
}

static int vectors(const dc_env *env, int argc, char **argv, dc_error *e)
{
    dc_settings s;
    production w = {.settings = &s};
    int code = DC_EXIT_FAULT;

    if (read_settings(&s, argc, argv, e) != DC_OK)
        return DC_EXIT_FAULT;
    if (s.audit)
        code = dc_audit_run(s.audit, e);
    else if (dc_vectors_collect(&s, &w.plan, e) == DC_OK)
        code = produce(&w, env, e);
    free(w.sinks);
    free(w.settled);
    dc_vectors_release(&w.plan);
    dc_settings_free(&s);
    return code;
}

const dc_verb dc_vectors_verb = {.name = "vectors",
                                 .about = "write golden test vectors",
                                 .words = "DIR",
                                 .words_max = 1,
                                 .options = dc_settings_options,
                                 .option_set = DC_OF_VECTORS,
                                 .interruptible = true,
                                 .run = vectors};
