/* SPDX-License-Identifier: MIT
 *
 * What all cases of a run have in common, and the command line that reproduces
 * a finding of it.
 */
#ifndef DC_RUN_H
#define DC_RUN_H

#include "oracle/judge/result.h"

typedef struct {
    const char *program; /* argv[0] */
    const char *impl;    /* as typed after --impl */
    const char *how;     /* verb and option before impl; NULL: verify --impl */
    const char *name;    /* what the implementation calls itself */
    const char *version;
    const char *options; /* further options that a reproduction needs */
    const char *dtypes;  /* sentence: those judged, those not offered */
    uint64_t seed;
} dc_run;

/* Size of a buffer for a command. */
enum { DC_COMMAND_MAX = DC_CASE_MAX + 640 };

/* The command that reproduces result's finding about op. */
void dc_run_command(const dc_run *run, const dc_result *result, dc_op op,
                    char *text, size_t size);

#endif
