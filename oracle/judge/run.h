/* SPDX-License-Identifier: MIT
 *
 * What all cases of a run share, and the command that reproduces one of its
 * findings.
 */
#ifndef DC_RUN_H
#define DC_RUN_H

#include "oracle/judge/result.h"

typedef struct {
    const char *program; /* argv[0] */
    const char *impl;    /* as typed after --impl */
    const char *how;     /* verb and options that precede impl in the command;
                          * NULL: "verify --impl" */
    const char *name;    /* as shown in reports, with version */
    const char *version;
    const char *options; /* further options of the command, each with a blank
                          * before it; "": none */
    const char *dtypes;  /* sentence: which types are judged, which are not
                          * offered */
    uint64_t seed;
} dc_run;

/* Size of a buffer for a command; longer ones are cut. */
enum { DC_COMMAND_MAX = DC_CASE_MAX + 640 };

/* The command that reproduces result's finding about op; all operations if the
 * finding is an identity between them. */
void dc_run_command(const dc_run *run, const dc_result *result, dc_op op,
                    char *text, size_t size);

#endif
