/* SPDX-License-Identifier: MIT
 *
 * What is common to all cases of one run: the implementation, the options,
 * and the command that reproduces a finding.
 */
#ifndef DC_RUN_H
#define DC_RUN_H

#include "oracle/judge/result.h"

typedef struct {
    const char *program; /* as called */
    const char *impl;    /* as typed after --impl */
    const char *how;     /* verb and option before impl; NULL: verify --impl */
    const char *name;    /* what the implementation calls itself */
    const char *version;
    const char *options; /* further options that a reproduction needs */
    const char *dtypes;  /* judged, and what was not offered */
    uint64_t seed;
} dc_run;

/* The command that reproduces result's finding about op. */
void dc_run_command(const dc_run *run, const dc_result *result, dc_op op,
                    char *text, size_t size);

#endif
