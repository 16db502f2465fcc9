/* SPDX-License-Identifier: MIT
 *
 * Opening what --impl and --vs name, and one timed sample of each kind.
 */
#include "oracle/bench/bench_subject.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "ref/call.h"
#include "oracle/subject/plugin.h"
#include "oracle/subject/process.h"

/* Seconds that a pipe may take for one call. */
static const double TIMEOUT = 120;

const char *const dc_timing_names[DC_TIMINGS] = {
    [DC_TIMED_CALLS] = "whole calls",
    [DC_TIMED_PREPARED] = "runs alone; prepared outside the clock",
    [DC_TIMED_INSIDE] = "by its own clock",
    [DC_TIMED_TRANSPORT] = "with transport",
};

/* ==== Opening =========================================================== */

/* The optional symbol of an object that is loaded already. */
static dc_bench_function *find_prepared(const char *path)
{
    dc_bench_function *function = NULL;
    char full[4096];
    void *library;
    void *symbol;

    snprintf(full, sizeof full, "%s%s", strchr(path, '/') ? "" : "./", path);
    library = dlopen(full, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    symbol = library ? dlsym(library, "deconform_bench") : NULL;
    /* ISO C knows no cast from an object to a function pointer. */
    memcpy(&function, &symbol, sizeof function);
    return function;
}

/* "onednn", "mylib" for ./build/mylib.so, of a command what it says. */
static void name_it(dc_bench_subject *s)
{
    const char *const slash = strrchr(s->what, '/');
    const char *const base = slash ? slash + 1 : s->what;
    const char *const word = strncmp(s->what, "pipe:", 5) ? base : s->name;
    const size_t n = strlen(word);
    const int object = n > 3 && strcmp(word + n - 3, ".so") == 0;

    dc_process_plain(s->label, sizeof s->label, word, object ? n - 3 : n);
}

static dc_status load(dc_bench_subject *s, const char *path, dc_error *e)
{
    dc_error why = {.text = ""};
    const dc_status status = dc_plugin_load(path, &s->impl, &why);

    if (status != DC_OK)
        return dc_error_set(e, status, NULL, -1, "%.60s: %.180s", s->what,
                            why.text);
    s->prepared = find_prepared(path);
    s->timing = s->prepared ? DC_TIMED_PREPARED : DC_TIMED_CALLS;
    dc_process_plain(s->name, sizeof s->name, s->impl->name,
                     strlen(s->impl->name));
    if (s->impl->version)
        dc_process_plain(s->version, sizeof s->version, s->impl->version,
                         strlen(s->impl->version));
    return status;
}

dc_status dc_bench_subject_open(dc_bench_subject *s, const char *what,
                                dc_error *e)
{
    const dc_subject subject = {.what = what, .timeout = TIMEOUT};
    dc_launch route;
    dc_status status = dc_plugin_find(&subject, &route, e);

    memset(s, 0, sizeof *s);
    s->what = what;
    if (status != DC_OK)
        return status;
    if (route.hosted) {
        status = load(s, route.argv[2], e);
    } else {
        s->timing = DC_TIMED_TRANSPORT;
        status = dc_endpoint_open(&s->end, &subject, e);
        if (status == DC_OK) {
            snprintf(s->name, sizeof s->name, "%s", dc_endpoint_name(s->end));
            snprintf(s->version, sizeof s->version, "%s",
                     dc_endpoint_version(s->end));
        }
    }
    dc_plugin_forget(&route);
    name_it(s);
    return status;
}

void dc_bench_subject_close(dc_bench_subject *s)
{
    dc_endpoint_close(s->end);
    s->end = NULL;
}

/* ==== One sample ======================================================== */

static dc_status time_calls(const dc_impl *impl, const dc_problem *p, dc_op op,
                            const void *const in[3], void *out,
                            int64_t repetitions, double *seconds)
{
    dc_status status = impl->supports ? impl->supports(p) : DC_OK;
    double begin;

    if (status == DC_OK)
        status = dc_call(impl, p, op, in, out);
    begin = dc_clock_now();
    for (int64_t r = 0; r < repetitions && status == DC_OK; r++)
        status = dc_call(impl, p, op, in, out);
    *seconds = dc_clock_now() - begin;
    return status;
}

static dc_status time_pipe(dc_bench_subject *s, const dc_case *c, dc_op op,
                           const void *const in[DC_TENSORS], void *out,
                           int64_t repetitions, double *seconds, dc_error *e)
{
    void *const results[2] = {out, NULL};

    *seconds = 0;
    for (int64_t r = 0; r < repetitions; r++) {
        const double begin = dc_clock_now();
        dc_answer answer;
        const dc_status status =
            dc_endpoint_call(s->end, c, op, in, results, &answer, e);
        const double taken = dc_clock_now() - begin;

        if (status != DC_OK)
            return status;
        if (answer.fate != DC_ANSWERED || answer.shape_axes >= 0)
            return dc_error_set(
                e, DC_FAILED, NULL, -1, "%.60s: %.180s", s->label,
                answer.shape_axes >= 0 ? "another shape" : answer.reason);
        if (answer.status != DC_OK)
            return dc_error_set(e, answer.status, NULL, -1, "%.60s: %.180s",
                                s->label, answer.reason);
        s->timing = answer.seconds > 0 ? DC_TIMED_INSIDE : DC_TIMED_TRANSPORT;
        *seconds += answer.seconds > 0 ? answer.seconds : taken;
    }
    return DC_OK;
}

dc_status dc_bench_subject_time(dc_bench_subject *s, const dc_case *c, dc_op op,
                                const void *const in[DC_TENSORS], void *out,
                                int64_t repetitions, double *seconds,
                                dc_error *e)
{
    const void *argument[3] = {NULL, NULL, NULL};
    dc_status status;

    if (s->end)
        return time_pipe(s, c, op, in, out, repetitions, seconds, e);
    for (int k = 0; k < dc_ops[op].takes; k++)
        if (dc_op_takes(&c->p, op, dc_ops[op].in[k]))
            argument[k] = in[dc_ops[op].in[k]];
    status = s->prepared ? s->prepared(&c->p, (int)op, argument, out,
                                       repetitions, seconds)
                         : time_calls(s->impl, &c->p, op, argument, out,
                                      repetitions, seconds);
    if (status == DC_OK && !(*seconds > 0))
        *seconds = 1e-9; /* a clock that did not tick */
    return status == DC_OK
               ? DC_OK
               : dc_error_set(e, status, NULL, -1, "%.60s: %s answered %s",
                              s->label, dc_ops[op].name,
                              dc_status_name(status));
}
