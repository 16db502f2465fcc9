/* SPDX-License-Identifier: MIT
 *
 * `deconform verify`: every case of a run through an implementation, on
 * several workers, into the reports.
 */
#ifndef DC_VERIFY_H
#define DC_VERIFY_H

#include <signal.h>

#include "cases/select.h"
#include "oracle/judge/judge.h"
#include "oracle/base/exit.h"
#include "oracle/base/option.h"

/* What the command line asked for. */
typedef struct {
    const char *program;
    dc_subject subject;
    dc_judge judge;
    dc_sweep sweep;     /* n_dtypes 0: whatever the implementation offers */
    const char **cases; /* --case, as typed; these replace the sweep */
    int n_cases;
    int certificate;   /* `cases`: what its tier covers, not its cases */
    int whole;         /* 1: the sweep is opened (cases/space/tier_blocks.h) */
    const char *match; /* glob on case string and name, or NULL */
    int shard;         /* 1..shards */
    int shards;
    int jobs;
    int64_t max_failures; /* stop after so many failing cases; 0: never */
    const char *json;
    const char *junit;
    int no_shrink;          /* 1: no smallest cases */
    const char *reproducer; /* C file for the first smallest case, or NULL */
    char options[DC_OPTION_NOTES]; /* that a reproduction needs */
    const volatile sig_atomic_t *interrupted;
} dc_verify;

/* The cases of a run.  A filter that leaves nothing is DC_INVALID. */
dc_status dc_verify_select(const dc_verify *v, dc_selection *s, dc_error *e);

/* Runs and returns the exit code; a fault is one sentence on stderr. */
int dc_verify_run(dc_verify *v);

#endif
