/* SPDX-License-Identifier: MIT
 *
 * Who runs, and whose clock counts?  A shared object in this very process, or
 * a pipe in its own.
 */
#ifndef DC_BENCH_SUBJECT_H
#define DC_BENCH_SUBJECT_H

#include "oracle/bench/bench_plugin.h"
#include "oracle/subject/endpoint.h"

/* What the seconds of a sample stand for. */
typedef enum {
    DC_TIMED_CALLS,     /* whole calls of the table's function */
    DC_TIMED_PREPARED,  /* runs alone: the plug-in exports deconform_bench */
    DC_TIMED_INSIDE,    /* the pipe's own clock, told in its answers */
    DC_TIMED_TRANSPORT, /* calls of a pipe, the transport counted in */
    DC_TIMINGS
} dc_timing;

extern const char *const dc_timing_names[DC_TIMINGS];

typedef struct {
    const char *what; /* as typed */
    char label[24];   /* for tables: WHAT, or of a path the file's name */
    char name[64];    /* as it calls itself */
    char version[64];
    dc_timing timing; /* of a pipe: known from its first answer on */
    const dc_impl *impl;
    dc_bench_function *prepared;
    dc_endpoint *end;
} dc_bench_subject;

/* Finds WHAT as verify does and loads it into this process (a crash in there
 * is our end) or starts its pipe.  Loaded objects stay.  The error is that of
 * dc_plugin_find, dc_plugin_load or dc_endpoint_open, with WHAT's name. */
dc_status dc_bench_subject_open(dc_bench_subject *s, const char *what,
                                dc_error *e);
void dc_bench_subject_close(dc_bench_subject *s);

/* One sample: a run that warms up (not for a pipe), then `repetitions` runs,
 * whose time is in *seconds.  in[] are the tensors by name, out the result.
 * Answers what the implementation answered (DC_UNSUPPORTED: not offered), with
 * a sentence in e; what dies or hangs is DC_FAILED. */
dc_status dc_bench_subject_time(dc_bench_subject *s, const dc_case *c, dc_op op,
                                const void *const in[DC_TENSORS], void *out,
                                int64_t repetitions, double *seconds,
                                dc_error *e);

#endif
