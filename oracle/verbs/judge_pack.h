/* SPDX-License-Identifier: MIT
 *
 * `deconform judge DIR --answers DIR2`: the answers of a device that ran
 * elsewhere, with the verdicts and reports of `verify`.
 */
#ifndef DC_JUDGE_PACK_H
#define DC_JUDGE_PACK_H

#include <signal.h>

#include "cases/pack/pack.h"
#include "oracle/judge/judge.h"

/* The verb: returns the exit code.  A fault is one sentence on stderr. */
int dc_judge_pack_main(int argc, char **argv, const char *program,
                       const volatile sig_atomic_t *interrupted);

/* ---- one case (judge_pack_case.c) ---- */

/* A case that the device says it does not do: a line "ID reason" or
 * "ID operation reason" of the file `unsupported` among the answers. */
typedef struct {
    char id[DC_PACK_ID];
    int ops; /* bit 1 << op */
    char reason[120];
} dc_refused;

typedef struct {
    const dc_pack *pack;
    const char *dir; /* of the answers */
    dc_judge judge;
    const dc_refused *refused;
    int64_t n_refused;
} dc_judge_pack;

/* Judges the answers to entry `index` of the pack into result.  What is wrong
 * with an answer is a finding; what is wrong with the pack is an error. */
dc_status dc_judge_pack_case(const dc_judge_pack *a, int64_t index,
                             dc_result *result, dc_error *e);

/* Reads the file `unsupported`, which need not be there. */
dc_status dc_judge_pack_refused(dc_judge_pack *a, dc_refused **list,
                                dc_error *e);

/* The first name in the directory of answers that answers nothing of the
 * pack, in e as DC_INVALID; DC_OK when there is none. */
dc_status dc_judge_pack_extra(const dc_judge_pack *a, dc_error *e);

#endif
