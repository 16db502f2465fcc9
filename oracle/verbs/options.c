/* SPDX-License-Identifier: MIT
 *
 * Options of `verify` and `cases`: one table says which there are, another
 * which belong to which verb, and what belongs together is checked together.
 */
#include "oracle/verbs/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle/base/option.h"

typedef enum {
    O_IMPL = DC_OPTION_FIRST,
    O_TIER,
    O_CASE,
    O_MATCH,
    O_DTYPE,
    O_OP,
    O_SEED,
    O_SHARD,
    O_JOBS,
    O_TIMEOUT,
    O_MAX_FAILURES,
    O_ACCUMULATE,
    O_JUNIT,
    O_JSON,
    O_DECLARE,
    O_STRICT,
    O_NO_SHRINK,
    O_CERTIFICATE,
    O_REPRODUCER,
    O_LATER
} option;

/* Which of them `cases` knows too. */
static const option of_cases[] = {O_TIER, O_CASE,  O_MATCH,      O_DTYPE,
                                  O_SEED, O_SHARD, O_CERTIFICATE};

static const struct option table[] = {
    {"impl", required_argument, NULL, O_IMPL},
    {"tier", required_argument, NULL, O_TIER},
    {"case", required_argument, NULL, O_CASE},
    {"match", required_argument, NULL, O_MATCH},
    {"dtype", required_argument, NULL, O_DTYPE},
    {"op", required_argument, NULL, O_OP},
    {"seed", required_argument, NULL, O_SEED},
    {"shard", required_argument, NULL, O_SHARD},
    {"jobs", required_argument, NULL, O_JOBS},
    {"timeout", required_argument, NULL, O_TIMEOUT},
    {"max-failures", required_argument, NULL, O_MAX_FAILURES},
    {"accumulate", required_argument, NULL, O_ACCUMULATE},
    {"junit", required_argument, NULL, O_JUNIT},
    {"json", required_argument, NULL, O_JSON},
    {"no-shrink", no_argument, NULL, O_NO_SHRINK},
    {"certificate", no_argument, NULL, O_CERTIFICATE},
    {"reproducer", required_argument, NULL, O_REPRODUCER},
    {"tap", no_argument, NULL, O_LATER},
    {"html", required_argument, NULL, O_LATER},
    {"expect", required_argument, NULL, O_LATER},
    {"declare", required_argument, NULL, O_DECLARE},
    {"strict", no_argument, NULL, O_STRICT},
    {NULL, 0, NULL, 0},
};

/* ==== Values ============================================================ */

static dc_status read_shard(dc_verify *v, const dc_option *o, dc_error *e)
{
    const char *slash = strchr(o->value, '/');
    uint64_t k;
    uint64_t n;

    if (!slash ||
        !dc_option_number(slash + 1, strlen(slash + 1), 1, 1000000, &n) ||
        !dc_option_number(o->value, (size_t)(slash - o->value), 1, n, &k))
        return dc_option_bad(o, "K/N with 1 <= K <= N", e);
    v->shard = (int)k;
    v->shards = (int)n;
    return DC_OK;
}

static dc_status read_timeout(dc_verify *v, const dc_option *o, dc_error *e)
{
    char *end;

    v->subject.timeout = strtod(o->value, &end);
    if (end == o->value || *end || !(v->subject.timeout >= 0.01) ||
        v->subject.timeout > 86400)
        return dc_option_bad(o, "seconds between 0.01 and 86400", e);
    return DC_OK;
}

static int known_to(const char *verb, int code)
{
    if (strcmp(verb, "cases") != 0)
        return code != O_CERTIFICATE;
    for (size_t k = 0; k < sizeof of_cases / sizeof *of_cases; k++)
        if ((int)of_cases[k] == code)
            return 1;
    return 0;
}

static dc_status read_one(void *to, const dc_option *o, dc_error *e)
{
    dc_verify *v = to;

    if (!known_to(o->verb, o->code))
        return dc_error_set(e, DC_INVALID, NULL, -1, "%s: unknown option --%s",
                            o->verb, o->name);
    switch (o->code) {
    case O_IMPL:
        v->subject.what = o->value;
        return DC_OK;
    case O_TIER:
        return dc_option_tier(o, "smoke, ci, full or large", &v->sweep.tier, e);
    case O_CASE:
        v->cases[v->n_cases++] = o->value;
        return DC_OK;
    case O_MATCH:
        v->match = o->value;
        return DC_OK;
    case O_DTYPE:
        return dc_option_dtypes(o, v->sweep.dtypes, &v->sweep.n_dtypes, e);
    case O_OP:
        return dc_option_ops(o, v->judge.ops, e);
    case O_SEED:
        return dc_option_seed(o, &v->sweep.seed, e);
    case O_SHARD:
        return read_shard(v, o, e);
    case O_JOBS:
        return dc_option_jobs(o, &v->jobs, e);
    case O_TIMEOUT:
        dc_option_note(o, o->value, v->options);
        return read_timeout(v, o, e);
    case O_MAX_FAILURES:
        return dc_option_count(o, &v->max_failures, e);
    case O_ACCUMULATE:
        dc_option_note(o, o->value, v->options);
        return dc_option_dtype(o, &v->judge.arithmetic.accumulate, e);
    case O_DECLARE:
        return dc_option_declared(o, &v->judge.arithmetic.declared, v->options,
                                  e);
    case O_STRICT:
        v->judge.strict = 1;
        dc_option_note(o, NULL, v->options);
        return DC_OK;
    case O_JUNIT:
        v->junit = o->value;
        return DC_OK;
    case O_JSON:
        v->json = o->value;
        return DC_OK;
    case O_CERTIFICATE:
        v->certificate = 1;
        return DC_OK;
    case O_NO_SHRINK:
        v->no_shrink = 1;
        return DC_OK;
    case O_REPRODUCER:
        v->reproducer = o->value;
        return DC_OK;
    default:
        return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                            "%s: option --%s is not there yet", o->verb,
                            o->name);
    }
}

/* ==== The command line ================================================== */

static void preset(dc_verify *v)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    v->subject.what = "fast";
    v->subject.timeout = 10;
    v->judge.arithmetic.accumulate = -1;
    v->judge.explain = 1;
    v->whole = 1;
    for (int op = 0; op < DC_OPS; op++)
        v->judge.ops[op] = 1;
    v->sweep.tier = DC_CI;
    v->sweep.seed = 1;
    v->shard = v->shards = 1;
    v->jobs = cores < 1 ? 1 : cores > 256 ? 256 : (int)cores;
}

/* Things that one option alone cannot know. */
static dc_status check_together(const dc_verify *v, dc_error *e)
{
    dc_status status = DC_OK;

    for (int d = 0; d < v->sweep.n_dtypes && status == DC_OK; d++)
        status = dc_bound_check(&v->judge.arithmetic, v->sweep.dtypes[d], e);
    for (int k = 0; k < v->n_cases && status == DC_OK; k++) {
        dc_item item;
        status = dc_item_parse(v->cases[k], &item, e);
        if (status == DC_OK)
            status = dc_bound_check(&v->judge.arithmetic, item.c.p.dtype, e);
    }
    if (status == DC_OK && v->json && v->junit &&
        strcmp(v->json, v->junit) == 0)
        status = dc_error_set(e, DC_INVALID, NULL, -1,
                              "--json and --junit name the same file");
    return status;
}

dc_status dc_options_read(dc_verify *v, int argc, char **argv, dc_error *e)
{
    dc_status status;

    preset(v);
    v->cases = calloc((size_t)argc + 1, sizeof *v->cases);
    if (!v->cases)
        return dc_nomem(e);
    status = dc_option_walk(argc, argv, table, read_one, v, NULL, e);
    if (status == DC_OK)
        status = check_together(v, e);
    if (status != DC_OK)
        dc_options_free(v);
    return status;
}

void dc_options_free(dc_verify *v)
{
    free(v->cases);
    v->cases = NULL;
}
