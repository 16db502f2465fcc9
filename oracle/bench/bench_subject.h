/* SPDX-License-Identifier: MIT
 *
 * Which implementations are timed, and by whose clock?  A shared object runs
 * inside this process; a pipe is a process of its own.
 */
#ifndef DC_BENCH_SUBJECT_H
#define DC_BENCH_SUBJECT_H

#include "oracle/bench/bench_plugin.h"
#include "oracle/subject/endpoint.h"

/* Scope of the measured time. */
typedef enum {
    DC_TIMED_CALLS,     /* whole calls of the function in the plug-in table */
    DC_TIMED_PREPARED,  /* runs only: the plug-in exports deconform_bench */
    DC_TIMED_INSIDE,    /* as the pipe measured it, reported in its answers */
    DC_TIMED_TRANSPORT, /* whole calls of a pipe, transport included */
    DC_TIMINGS
} dc_timing;

extern const char *const dc_timing_names[DC_TIMINGS];

typedef struct {
    const char *what; /* as typed */
    char label[24];   /* for tables: WHAT, or the file name of a path */
    char name[64];    /* as the implementation calls itself */
    char version[64];
    dc_timing timing; /* for a pipe: known after its first answer */
    const dc_impl *impl;
    dc_bench_function *prepared; /* NULL: not exported */
    dc_endpoint *pipe;           /* NULL for a shared object */
} dc_bench_subject;

/* Finds `what` as verify does, and loads the shared object into this process
 * (a crash in it ends the benchmark) or starts the pipe.  Shared objects stay
 * loaded.  Errors: those of dc_plugin_find, dc_plugin_load and
 * dc_endpoint_open, prefixed by `what`. */
dc_status dc_bench_subject_open(dc_bench_subject *s, const char *what,
                                dc_error *e);
void dc_bench_subject_close(dc_bench_subject *s);

/* One timed sample. */
typedef struct {
    const dc_case *c;
    dc_op op;
    const void *const *tensors; /* [DC_TENSORS], indexed by dc_tensor */
    void *out;                  /* result of op, overwritten */
    int64_t repetitions;        /* timed runs, 1 or more */
    double seconds;             /* measured: total time of these runs, > 0 */
} dc_bench_sample;

/* Runs the sample: one untimed run to warm up (shared objects only), then
 * `repetitions` timed runs.  Returns the status of the implementation
 * (DC_UNSUPPORTED: not offered) with a sentence in e; a pipe that crashed or
 * hung gives DC_FAILED. */
dc_status dc_bench_subject_time(dc_bench_subject *s, dc_bench_sample *sample,
                                dc_error *e);

#endif
