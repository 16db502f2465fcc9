/* SPDX-License-Identifier: MIT
 *
 * Options of `verify` and `cases`: getopt_long finds them, one table says
 * which belong to which verb, and each value is checked by name.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../ref/format.h"

typedef enum {
    O_IMPL = 256,
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

static const char *name_of(int code)
{
    for (const struct option *o = table; o->name; o++)
        if (o->val == code)
            return o->name;
    return "?";
}

/* ==== Values ============================================================ */

static dc_status bad(dc_error *e, int code, const char *value, const char *want)
{
    return dc_error_set(e, DC_INVALID, NULL, -1, "--%s %.60s: %s",
                        name_of(code), value, want);
}

/* A whole number of least..most, all of the text. */
static int whole(const char *text, const char *end, uint64_t least,
                 uint64_t most, uint64_t *value)
{
    char *stop;

    errno = 0;
    if (*text < '0' || *text > '9')
        return 0;
    *value = strtoull(text, &stop, 10);
    return stop == end && !errno && *value >= least && *value <= most;
}

static int whole_text(const char *text, uint64_t least, uint64_t most,
                      uint64_t *value)
{
    return whole(text, text + strlen(text), least, most, value);
}

/* Walks over the words of a comma-separated list. */
static const char *next_word(const char **list, size_t *length)
{
    const char *word = *list;

    if (!word)
        return NULL;
    *length = strcspn(word, ",");
    *list = word[*length] ? word + *length + 1 : NULL;
    return word;
}

static dc_status read_dtypes(dc_verify *v, const char *list, dc_error *e)
{
    const char *word;
    const char *rest = list;
    size_t length;

    v->sweep.n_dtypes = 0;
    while ((word = next_word(&rest, &length))) {
        const int dtype = dc_format_find(word, length);

        if (dtype < 0)
            return bad(e, O_DTYPE, list, "a list of f64, f32, f16, bf16");
        for (int d = 0; d < v->sweep.n_dtypes; d++)
            if (v->sweep.dtypes[d] == dtype)
                return bad(e, O_DTYPE, list, "a type is named twice");
        v->sweep.dtypes[v->sweep.n_dtypes++] = dtype;
    }
    return DC_OK;
}

static dc_status read_ops(dc_verify *v, const char *list, dc_error *e)
{
    const char *word;
    const char *rest = list;
    size_t length;

    memset(v->judge.ops, 0, sizeof v->judge.ops);
    while ((word = next_word(&rest, &length))) {
        int op = 0;

        while (op < DC_OPS && (strlen(dc_ops[op].name) != length ||
                               memcmp(dc_ops[op].name, word, length) != 0))
            op++;
        if (op == DC_OPS)
            return bad(e, O_OP, list,
                       "a list of forward, grad_input, grad_weight, "
                       "grad_bias");
        v->judge.ops[op] = 1;
    }
    return DC_OK;
}

static dc_status read_tier(dc_verify *v, const char *value, dc_error *e)
{
    for (int t = 0; t < DC_TIERS; t++)
        if (strcmp(value, dc_tier_names[t]) == 0) {
            v->sweep.tier = (dc_tier)t;
            return DC_OK;
        }
    return bad(e, O_TIER, value, "smoke, ci, full or large");
}

static dc_status read_shard(dc_verify *v, const char *value, dc_error *e)
{
    const char *slash = strchr(value, '/');
    uint64_t k;
    uint64_t n;

    if (!slash || !whole_text(slash + 1, 1, 1000000, &n) ||
        !whole(value, slash, 1, n, &k))
        return bad(e, O_SHARD, value, "K/N with 1 <= K <= N");
    v->shard = (int)k;
    v->shards = (int)n;
    return DC_OK;
}

static dc_status read_timeout(dc_verify *v, const char *value, dc_error *e)
{
    char *end;

    v->subject.timeout = strtod(value, &end);
    if (end == value || *end || !(v->subject.timeout >= 0.01) ||
        v->subject.timeout > 86400)
        return bad(e, O_TIMEOUT, value, "seconds between 0.01 and 86400");
    return DC_OK;
}

/* Remembers an option that a reproduction must carry. */
static void note(dc_verify *v, int code, const char *value)
{
    const size_t at = strlen(v->options);

    snprintf(v->options + at, sizeof v->options - at, " --%s%s%s",
             name_of(code), value ? " " : "", value ? value : "");
}

static dc_status read_declared(dc_verify *v, const char *value, dc_error *e)
{
    char words[96];
    int flags = 0;
    const dc_status status = dc_declare_read(value, "--declare", &flags, e);

    if (status != DC_OK)
        return status;
    v->judge.arithmetic.declared |= flags;
    dc_declare_print(flags, words, sizeof words);
    note(v, O_DECLARE, words);
    return DC_OK;
}

static dc_status read_one(dc_verify *v, int code, const char *value,
                          dc_error *e)
{
    uint64_t number;

    switch (code) {
    case O_IMPL:
        v->subject.what = value;
        return DC_OK;
    case O_TIER:
        return read_tier(v, value, e);
    case O_CASE:
        v->cases[v->n_cases++] = value;
        return DC_OK;
    case O_MATCH:
        v->match = value;
        return DC_OK;
    case O_DTYPE:
        return read_dtypes(v, value, e);
    case O_OP:
        return read_ops(v, value, e);
    case O_SEED:
        /* reports write it as an integer of JSON */
        if (!whole_text(value, 0, INT64_MAX, &v->sweep.seed))
            return bad(e, code, value, "a whole number below 2^63");
        return DC_OK;
    case O_SHARD:
        return read_shard(v, value, e);
    case O_JOBS:
        if (!whole_text(value, 1, 256, &number))
            return bad(e, code, value, "a number of 1..256");
        v->jobs = (int)number;
        return DC_OK;
    case O_TIMEOUT:
        note(v, code, value);
        return read_timeout(v, value, e);
    case O_MAX_FAILURES:
        if (!whole_text(value, 0, INT64_MAX, &number))
            return bad(e, code, value, "a whole number");
        v->max_failures = (int64_t)number;
        return DC_OK;
    case O_ACCUMULATE:
        v->judge.arithmetic.accumulate = dc_format_find(value, strlen(value));
        if (v->judge.arithmetic.accumulate < 0)
            return bad(e, code, value, "f64, f32, f16 or bf16");
        note(v, code, value);
        return DC_OK;
    case O_DECLARE:
        return read_declared(v, value, e);
    case O_STRICT:
        v->judge.strict = 1;
        note(v, code, NULL);
        return DC_OK;
    case O_JUNIT:
        v->junit = value;
        return DC_OK;
    case O_JSON:
        v->json = value;
        return DC_OK;
    case O_CERTIFICATE:
        v->certificate = 1;
        return DC_OK;
    case O_NO_SHRINK:
        v->no_shrink = 1;
        return DC_OK;
    case O_REPRODUCER:
        v->reproducer = value;
        return DC_OK;
    default:
        return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                            "this option is not there yet");
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

static int known_to(const char *verb, int code)
{
    if (strcmp(verb, "cases") != 0)
        return code != O_CERTIFICATE;
    for (size_t k = 0; k < sizeof of_cases / sizeof *of_cases; k++)
        if ((int)of_cases[k] == code)
            return 1;
    return 0;
}

dc_status dc_options_read(dc_verify *v, int argc, char **argv, dc_error *e)
{
    dc_status status = DC_OK;
    int code;
    int at = 0;

    preset(v);
    v->cases = calloc((size_t)argc + 1, sizeof *v->cases);
    if (!v->cases)
        return dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory");
    optind = 0; /* glibc: start over */
    opterr = 0;
    while (status == DC_OK &&
           (code = getopt_long(argc, argv, "+:", table, &at)) != -1) {
        if (code == '?' && optopt > 0 && optopt < O_IMPL)
            /* one letter of several: argv[optind] may still hold it */
            status = dc_error_set(e, DC_INVALID, NULL, -1,
                                  "%s: unknown option -%c", argv[0], optopt);
        else if (code == '?')
            status = dc_error_set(e, DC_INVALID, NULL, -1,
                                  "%s: unknown option %.60s", argv[0],
                                  argv[optind - 1]);
        else if (code == ':')
            status =
                dc_error_set(e, DC_INVALID, NULL, -1, "%s: %.60s needs a value",
                             argv[0], argv[optind - 1]);
        else if (!known_to(argv[0], code))
            status =
                dc_error_set(e, DC_INVALID, NULL, -1, "%s: unknown option --%s",
                             argv[0], table[at].name);
        else if (code == O_LATER)
            status = dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                                  "%s: option --%s is not there yet", argv[0],
                                  table[at].name);
        else
            status = read_one(v, code, optarg, e);
    }
    if (status == DC_OK && optind < argc)
        status = dc_error_set(e, DC_INVALID, NULL, -1,
                              "%s: unexpected argument %.60s", argv[0],
                              argv[optind]);
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
