/* SPDX-License-Identifier: MIT
 *
 * The table of options, and the checks that involve several of them.
 */
#include "oracle/verbs/settings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/profile/limit.h"
#include "cases/space/scope_items.h"
#include "oracle/base/pool.h"
#include "oracle/verbs/profile.h"
#include "ref/format.h"

/* ==== Readers of single options ========================================= */

static dc_status read_tier(const dc_option *o, const char *value, void *to,
                           dc_error *e)
{
    dc_settings *const s = to;

    return dc_option_tier(o, value, "smoke, ci, full or large",
                          &s->filter.sweep.tier, e);
}

/* Tensors of the tier `large` have over 2^31 elements: no file holds them. */
static dc_status read_pack_tier(const dc_option *o, const char *value, void *to,
                                dc_error *e)
{
    static const char want[] = "smoke, ci, full or layers";
    dc_settings *const s = to;

    s->layers = strcmp(value, "layers") == 0;
    if (s->layers)
        return DC_OK;
    if (strcmp(value, dc_tier_names[DC_LARGE]) == 0)
        return dc_option_bad(o, value, want, e);
    return dc_option_tier(o, value, want, &s->filter.sweep.tier, e);
}

static dc_status read_case(const dc_option *o, const char *value, void *to,
                           dc_error *e)
{
    dc_settings *const s = to;

    (void)o, (void)e;
    s->filter.cases[s->filter.n_cases++] = value;
    return DC_OK;
}

static dc_status read_shard(const dc_option *o, const char *value, void *to,
                            dc_error *e)
{
    dc_settings *const s = to;
    const char *slash = strchr(value, '/');
    uint64_t k;
    uint64_t n;

    if (!slash ||
        !dc_option_number(slash + 1, strlen(slash + 1), 1, 1000000, &n) ||
        !dc_option_number(value, (size_t)(slash - value), 1, n, &k))
        return dc_option_bad(o, value, "K/N with 1 <= K <= N", e);
    s->filter.shard = (int)k;
    s->filter.shards = (int)n;
    return DC_OK;
}

static dc_status read_scope(const dc_option *o, const char *value, void *to,
                            dc_error *e)
{
    dc_settings *const s = to;

    (void)o;
    s->scope = value;
    if (!s->filter.scope.given)
        dc_scope_open(&s->filter.scope);
    return dc_scope_read(&s->filter.scope, value, e);
}

static dc_status read_profile(const dc_option *o, const char *value, void *to,
                              dc_error *e)
{
    dc_settings *const s = to;

    if (!dc_limit_known(value))
        return dc_option_bad(o, value,
                             "keras, lucid, onnx, pytorch, tensorflow, tflite, "
                             "tosa or webnn",
                             e);
    s->judge.profile = value;
    return DC_OK;
}

static dc_status read_at_least(const dc_option *o, const char *value, void *to,
                               dc_error *e)
{
    dc_settings *const s = to;
    const size_t digits = strspn(value, "0123456789");
    uint64_t number;

    s->at_least_percent = strcmp(value + digits, "%") == 0;
    if ((value[digits] && !s->at_least_percent) ||
        !dc_option_number(value, digits, 1,
                          s->at_least_percent ? 100 : INT64_MAX, &number))
        return dc_option_bad(o, value, "a number of cases, or a share as 80%",
                             e);
    s->at_least = (int64_t)number;
    return DC_OK;
}

static dc_status read_format(const dc_option *o, const char *value, void *to,
                             dc_error *e)
{
    dc_settings *const s = to;

    s->format = dc_pack_find(value);
    return s->format ? DC_OK
                     : dc_option_bad(o, value,
                                     "npz, onnx, safetensors, json or c", e);
}

/* ==== The table ========================================================= */

const dc_option dc_settings_options[] = {
    {"impl", "WHAT",
     "fast*, onednn, onednn-plain, xnnpack, torch,\n"
     "torch-native, ./lib.so, 'pipe:COMMAND', mutant:ID",
     DC_OPTION_TEXT(dc_settings, subject.what), .verbs = DC_OF_VERIFY},
    {"answers", "DIR2", "directory of the answers (required)",
     DC_OPTION_TEXT(dc_settings, answers), .verbs = DC_OF_JUDGE},
    {"format", "F", "npz, onnx, safetensors, json or c (required)",
     DC_OPTION_OWN(read_format), .verbs = DC_OF_VECTORS},
    {"tier", "T", "smoke, ci*, full, large", DC_OPTION_OWN(read_tier),
     .verbs = DC_OF_VERIFY | DC_OF_CASES},
    {"tier", "T", "smoke, ci*, full, layers", DC_OPTION_OWN(read_pack_tier),
     .verbs = DC_OF_VECTORS},
    {"case", "CASE", "only this case (may be repeated)",
     DC_OPTION_OWN(read_case)},
    {"match", "GLOB", "only cases whose string or name matches",
     DC_OPTION_TEXT(dc_settings, filter.match)},
    {"scope", "LIST",
     "only problems inside, as many as the tier has:\n"
     "'rank=2,g=1,d=1,k=2..5,ci=16..,pe=pb'",
     DC_OPTION_OWN(read_scope), .verbs = DC_OF_VERIFY | DC_OF_CASES},
    {"profile", "NAME",
     "only what a framework can write, and its own limits\n"
     "may be refused: keras, lucid, onnx, pytorch,\n"
     "tensorflow, tflite, tosa, webnn",
     DC_OPTION_OWN(read_profile), .verbs = DC_OF_VERIFY | DC_OF_CASES,
     .reproduce = true},
    {"dtype", "LIST", "of f64,f32,f16,bf16; * those that are offered",
     DC_OPTION_DTYPES(dc_settings, filter.sweep), .verbs = DC_OF_VERIFY},
    {"dtype", "LIST", "of f64,f32,f16,bf16",
     DC_OPTION_DTYPES(dc_settings, filter.sweep),
     .verbs = DC_OF_CASES | DC_OF_VECTORS},
    {"op", "LIST", "of forward,grad_input,grad_weight,grad_bias; * all",
     DC_OPTION_OPS(dc_settings, judge.ops),
     .verbs = DC_OF_VERIFY | DC_OF_JUDGE},
    {"seed", "N", "of the random sweep, 1*",
     DC_OPTION_SEED(dc_settings, filter.sweep.seed),
     .verbs = DC_OF_VERIFY | DC_OF_CASES | DC_OF_VECTORS},
    {"shard", "K/N", "every N-th case, from the K-th on",
     DC_OPTION_OWN(read_shard), .verbs = DC_OF_VERIFY | DC_OF_CASES},
    {"certificate", NULL,
     "which pairs and triples of classes of parameters\n"
     "the tier asks, and why not the others",
     DC_OPTION_FLAG(dc_settings, certificate), .verbs = DC_OF_CASES},
    {"jobs", "J", "workers; * one per core",
     DC_OPTION_WHOLE(dc_settings, jobs, 1, DC_POOL_JOBS),
     .verbs = DC_OF_VERIFY | DC_OF_VECTORS | DC_OF_JUDGE},
    {"timeout", "SEC", "per call, 10*",
     DC_OPTION_SECONDS(dc_settings, subject.timeout, 0.01, 86400),
     .verbs = DC_OF_VERIFY, .reproduce = true},
    {"max-failures", "N", "stop after N failing cases; 0* never",
     DC_OPTION_COUNT(dc_settings, max_failures),
     .verbs = DC_OF_VERIFY | DC_OF_JUDGE},
    {"at-least", "N", "of the legal cases must be computed; or a share: 80%",
     DC_OPTION_OWN(read_at_least), .verbs = DC_OF_VERIFY},
    {"accumulate", "D", "accumulator that the implementation declares",
     DC_OPTION_DTYPE(dc_settings, judge.arithmetic.accumulate),
     .verbs = DC_OF_VERIFY | DC_OF_JUDGE, .reproduce = true},
    {"declare", "LIST",
     "of transform,truncating,flush,nondeterministic,tf32,\n"
     "split,compensated,zero-taps",
     DC_OPTION_DECLARED(dc_settings, judge.arithmetic.declared),
     .verbs = DC_OF_VERIFY | DC_OF_JUDGE, .reproduce = true},
    {"trusting", NULL,
     "the implementation trusts its arguments: no illegal\n"
     "problem is asked",
     DC_OPTION_FLAG(dc_settings, filter.trusting), .verbs = DC_OF_VERIFY},
    {"reentrant", NULL,
     "each function is also called by two threads at once;\n"
     "asked of plug-ins, whose functions must bear it",
     DC_OPTION_FLAG(dc_settings, judge.reentrant), .verbs = DC_OF_VERIFY,
     .reproduce = true},
    {"strict", NULL, "less precise than usual is a failure",
     DC_OPTION_FLAG(dc_settings, judge.strict),
     .verbs = DC_OF_VERIFY | DC_OF_JUDGE, .reproduce = true},
    {"json", "FILE", "one JSON object a line",
     DC_OPTION_TEXT(dc_settings, json), .verbs = DC_OF_VERIFY | DC_OF_JUDGE},
    {"junit", "FILE", "JUnit XML", DC_OPTION_TEXT(dc_settings, junit),
     .verbs = DC_OF_VERIFY | DC_OF_JUDGE},
    {"no-shrink", NULL, "do not reduce failing cases to smallest ones",
     DC_OPTION_FLAG(dc_settings, no_shrink), .verbs = DC_OF_VERIFY},
    {"reproducer", "FILE", "the first smallest case as a C program",
     DC_OPTION_TEXT(dc_settings, reproducer), .verbs = DC_OF_VERIFY},
    {"audit", "DIR", "write no pack: which defects can the pack DIR not see?",
     DC_OPTION_TEXT(dc_settings, audit), .verbs = DC_OF_VECTORS},
    {.name = NULL},
};

/* ==== The command line ================================================== */

enum { EVERY_DTYPE = (1 << DC_FORMATS) - 1 };

/* The storage types of a scope choose among those of the run. */
static dc_status apply_dtypes(dc_settings *s, dc_error *e)
{
    dc_sweep *const sweep = &s->filter.sweep;
    const unsigned inside = s->filter.scope.dtypes;
    int n = 0;

    if (inside == EVERY_DTYPE)
        return DC_OK;
    for (int d = 0; d < DC_FORMATS && sweep->n_dtypes == 0; d++)
        if (inside >> d & 1)
            sweep->dtypes[n++] = d;
    for (int k = 0; k < sweep->n_dtypes; k++)
        if (inside >> sweep->dtypes[k] & 1)
            sweep->dtypes[n++] = sweep->dtypes[k];
    sweep->n_dtypes = n;
    return n ? DC_OK
             : dc_invalid(e, "the scope is empty: its storage type is not one "
                             "of --dtype");
}

/* A case that somebody names must be inside. */
static dc_status check_inside(const dc_settings *s, const char *text,
                              dc_error *e)
{
    const dc_scope *const scope = &s->filter.scope;
    dc_item item;
    const dc_status status = dc_item_parse(text, &item, e);

    if (status != DC_OK || dc_scope_items_has(&item, scope))
        return status;
    if (s->judge.profile && item.kind == DC_ITEM_CASE &&
        dc_limit_cannot(s->judge.profile, &item.c.p))
        return dc_invalid(
            e, "--case %.80s cannot be written in %s: %s", text,
            s->judge.profile,
            dc_limit_names[dc_limit_cannot(s->judge.profile, &item.c.p)]);
    if (!s->scope)
        return dc_invalid(e,
                          "--case %.80s has problems that cannot be written "
                          "in %s",
                          text, s->judge.profile);
    return dc_invalid(
        e, "--case %.80s is outside --scope %.80s: see its %s", text, s->scope,
        item.kind == DC_ITEM_CASE ? dc_scope_outside(scope, &item.c.p)
                                  : "problems");
}

/* Settles the scope of a run that has one, and with it the storage types. */
static dc_status settle_scope(dc_settings *s, dc_error *e)
{
    dc_scope *const scope = &s->filter.scope;
    dc_status status = DC_OK;
    dc_problem least;
    bool named;

    if (s->certificate)
        return dc_invalid(e, "--certificate is about the whole tier: leave "
                             "out --scope and --profile");
    if (!scope->given)
        dc_scope_open(scope);
    /* types that somebody named are asked, others only if they are offered */
    named = s->filter.sweep.n_dtypes || scope->dtypes != EVERY_DTYPE;
    if (s->judge.profile)
        status = dc_profile_narrow(scope, s->judge.profile, e);
    if (status == DC_OK && named)
        status = apply_dtypes(s, e);
    return status == DC_OK ? dc_scope_find(scope, &least, e) : status;
}

static dc_status check_scope(dc_settings *s, dc_error *e)
{
    dc_status status = DC_OK;

    if (s->filter.scope.given || s->judge.profile)
        status = settle_scope(s, e);
    for (int k = 0; k < s->filter.n_cases && status == DC_OK; k++)
        status = check_inside(s, s->filter.cases[k], e);
    return status;
}

static dc_status check_together(const dc_settings *s, dc_error *e)
{
    dc_status status = DC_OK;

    for (int d = 0; d < s->filter.sweep.n_dtypes && status == DC_OK; d++)
        status =
            dc_bound_check(&s->judge.arithmetic, s->filter.sweep.dtypes[d], e);
    for (int k = 0; k < s->filter.n_cases && status == DC_OK; k++) {
        dc_item item;

        status = dc_item_parse(s->filter.cases[k], &item, e);
        if (status == DC_OK)
            status = dc_bound_check(&s->judge.arithmetic, item.c.p.dtype, e);
        if (status == DC_OK && s->filter.trusting &&
            item.kind == DC_ITEM_REFUSAL)
            status = dc_invalid(e,
                                "--case %.80s is an illegal problem, which "
                                "--trusting leaves out",
                                s->filter.cases[k]);
    }
    if (status == DC_OK && s->json && s->junit &&
        strcmp(s->json, s->junit) == 0)
        status = dc_invalid(e, "--json and --junit name the same file");
    return status;
}

dc_status dc_settings_read(dc_settings *s, const dc_verb *verb, int argc,
                           char **argv, dc_error *e)
{
    dc_verb_line line;
    dc_status status;

    *s = (dc_settings){.subject = {.what = "fast", .timeout = 10},
                       .judge.arithmetic.accumulate = -1,
                       .filter = {.sweep = {.tier = DC_CI, .seed = 1},
                                  .shard = 1,
                                  .shards = 1},
                       .jobs = dc_pool_jobs()};
    for (int op = 0; op < DC_OPS; op++)
        s->judge.ops[op] = true;
    s->filter.cases = calloc((size_t)argc + 1, sizeof *s->filter.cases);
    if (!s->filter.cases)
        return dc_nomem(e);
    status = dc_verb_read(verb, argc, argv, s, &line, e);
    if (status == DC_OK)
        status = check_scope(s, e);
    if (status == DC_OK)
        status = check_together(s, e);
    if (status != DC_OK) {
        dc_settings_free(s);
        return status;
    }
    s->dir = line.n_words ? line.words[0] : NULL;
    memcpy(s->reproduce, line.reproduce, sizeof s->reproduce);
    return DC_OK;
}

void dc_settings_free(dc_settings *s)
{
    free(s->filter.cases);
    s->filter.cases = NULL;
}

/* ==== The same run again ================================================ */

/* Appends to text[size]. */
__attribute__((format(printf, 3, 4))) static void
append(char *text, size_t size, const char *format, ...)
{
    const size_t at = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + at, size - at, format, args);
    va_end(args);
}

/* Appends " --op a,c"; nothing if it is all of them. */
static void append_ops(char *text, size_t size, const bool ops[DC_OPS])
{
    const char *before = " --op ";
    bool all = true;

    for (int op = 0; op < DC_OPS; op++)
        all &= ops[op];
    for (int op = 0; op < DC_OPS; op++)
        if (ops[op] && !all) {
            append(text, size, "%s%s", before, dc_ops[op].name);
            before = ",";
        }
}

void dc_settings_whole(const dc_settings *s, char *text, size_t size)
{
    const dc_filter *const f = &s->filter;
    char quoted[256];

    text[0] = 0;
    for (int k = 0; k < f->n_cases; k++)
        append(text, size, " --case %s", f->cases[k]);
    if (!f->n_cases)
        append(text, size, " --tier %s --seed %" PRIu64,
               dc_tier_names[f->sweep.tier], f->sweep.seed);
    if (f->match) {
        dc_result_quote(f->match, quoted, sizeof quoted);
        append(text, size, " --match %s", quoted);
    }
    if (s->scope) {
        dc_result_quote(s->scope, quoted, sizeof quoted);
        append(text, size, " --scope %s", quoted);
    }
    if (s->judge.profile)
        append(text, size, " --profile %s", s->judge.profile);
    for (int d = 0; d < f->sweep.n_dtypes; d++) /* in the order of the cases */
        append(text, size, "%s%s", d ? "," : " --dtype ",
               dc_formats[f->sweep.dtypes[d]].name);
    append_ops(text, size, s->judge.ops);
    if (f->trusting)
        append(text, size, " --trusting");
    if (f->shards > 1)
        append(text, size, " --shard %d/%d", f->shard, f->shards);
    append(text, size, " --jobs 1");
}
