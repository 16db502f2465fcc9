/* SPDX-License-Identifier: MIT
 *
 * Opens the implementations that --impl and --vs name, and times samples of
 * them.
 */
#include "oracle/bench/bench_subject.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ref/call.h"
#include "ref/text.h"
#include "oracle/subject/plugin.h"
#include "oracle/base/clock.h"

/* Time limit of one call of a pipe, in seconds. */
static const double TIMEOUT = 120;

const char *const dc_timing_names[DC_TIMINGS] = {
    [DC_TIMED_CALLS] = "whole calls",
    [DC_TIMED_PREPARED] = "runs alone; prepared outside the clock",
    [DC_TIMED_INSIDE] = "by its own clock",
    [DC_TIMED_TRANSPORT] = "with transport",
};

/* ==== Opening =========================================================== */

/* The optional symbol deconform_bench of a shared object that is already
 * loaded. */
static dc_bench_function *find_prepared(const char *path)
{
    dc_bench_function *function = NULL;
    char full[4096];
    void *library;
    void *symbol;

    snprintf(full, sizeof full, "%s%s", strchr(path, '/') ? "" : "./", path);
    library = dlopen(full, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    symbol = library ? dlsym(library, "deconform_bench") : NULL;
    /* ISO C has no cast from an object pointer to a function pointer */
    memcpy(&function, &symbol, sizeof function);
    return function;
}

/* The label: "onednn", "mylib" for ./build/mylib.so; for a pipe, the name from
 * its hello. */
static void set_label(dc_bench_subject *s)
{
    const char *const slash = strrchr(s->what, '/');
    const char *const base = slash ? slash + 1 : s->what;
    const char *const word = strncmp(s->what, "pipe:", 5) ? base : s->name;
    const size_t n = strlen(word);
    const bool object = n > 3 && strcmp(word + n - 3, ".so") == 0;

    dc_text_clean_line(word, object ? n - 3 : n, s->label, sizeof s->label);
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
    dc_text_clean_line(s->impl->name, strlen(s->impl->name), s->name,
                       sizeof s->name);
    if (s->impl->version)
        dc_text_clean_line(s->impl->version, strlen(s->impl->version),
                           s->version, sizeof s->version);
    return status;
}

dc_status dc_bench_subject_open(dc_bench_subject *s, const char *what,
                                dc_error *e)
{
    const dc_subject subject = {.what = what, .timeout = TIMEOUT};
    dc_launch launch;
    dc_status status = dc_plugin_find(&subject, &launch, e);

    memset(s, 0, sizeof *s);
    s->what = what;
    if (status != DC_OK)
        return status;
    if (launch.hosted) {
        status = load(s, launch.argv[2], e);
    } else {
        s->timing = DC_TIMED_TRANSPORT;
        status = dc_endpoint_open(&s->pipe, &subject, e);
        if (status == DC_OK) {
            snprintf(s->name, sizeof s->name, "%.63s",
                     dc_endpoint_hello(s->pipe)->name);
            snprintf(s->version, sizeof s->version, "%.63s",
                     dc_endpoint_hello(s->pipe)->version);
        }
    }
    dc_plugin_forget(&launch);
    set_label(s);
    return status;
}

void dc_bench_subject_close(dc_bench_subject *s)
{
    dc_endpoint_close(s->pipe);
    s->pipe = NULL;
}

/* ==== One sample ======================================================== */

static dc_status time_calls(const dc_impl *impl, dc_bench_sample *sample,
                            const void *const in[3])
{
    const dc_problem *const p = &sample->c->p;
    dc_status status = impl->supports ? impl->supports(p) : DC_OK;
    double begin;

    if (status == DC_OK)
        status = dc_call(impl, p, sample->op, in, sample->out);
    begin = dc_clock_now();
    for (int64_t r = 0; r < sample->repetitions && status == DC_OK; r++)
        status = dc_call(impl, p, sample->op, in, sample->out);
    sample->seconds = dc_clock_now() - begin;
    return status;
}

static dc_status time_pipe(dc_bench_subject *s, dc_bench_sample *sample,
                           dc_error *e)
{
    void *const results[2] = {sample->out, NULL};

    sample->seconds = 0;
    for (int64_t r = 0; r < sample->repetitions; r++) {
        const double begin = dc_clock_now();
        dc_answer answer;
        const dc_status status =
            dc_endpoint_call(s->pipe, sample->c, sample->op, sample->tensors,
                             results, &answer, e);
        const double elapsed = dc_clock_now() - begin;

        if (status != DC_OK)
            return status;
        if (answer.outcome != DC_ANSWERED || answer.shape_axes >= 0)
            return dc_failed(e, "%.60s: %.180s", s->label,
                             answer.shape_axes >= 0 ? "another shape"
                                                    : answer.reason);
        if (answer.status != DC_OK)
            return dc_error_set(e, answer.status, NULL, -1, "%.60s: %.180s",
                                s->label, answer.reason);
        s->timing = answer.seconds > 0 ? DC_TIMED_INSIDE : DC_TIMED_TRANSPORT;
        sample->seconds += answer.seconds > 0 ? answer.seconds : elapsed;
    }
    return DC_OK;
}

dc_status dc_bench_subject_time(dc_bench_subject *s, dc_bench_sample *sample,
                                dc_error *e)
{
    const dc_problem *const p = &sample->c->p;
    const dc_op op = sample->op;
    const void *in[3] = {NULL, NULL, NULL};
    dc_status status;

    if (s->pipe)
        return time_pipe(s, sample, e);
    for (int k = 0; k < dc_ops[op].takes; k++)
        if (dc_op_takes(p, op, dc_ops[op].in[k]))
            in[k] = sample->tensors[dc_ops[op].in[k]];
    status = s->prepared ? s->prepared(p, (int)op, in, sample->out,
                                       sample->repetitions, &sample->seconds)
                         : time_calls(s->impl, sample, in);
    if (status != DC_OK)
        return dc_error_set(e, status, NULL, -1, "%.60s: %s answered %s",
                            s->label, dc_ops[op].name, dc_status_name(status));
    if (!(sample->seconds > 0))
        sample->seconds = 1e-9; /* shorter than the clock's resolution */
    return DC_OK;
}
