/* SPDX-License-Identifier: MIT
 *
 * `deconform judge DIR --answers DIR2`: answers to a golden pack that were
 * computed elsewhere, with the verdicts and reports of `verify`.
 */
#ifndef DC_JUDGE_PACK_H
#define DC_JUDGE_PACK_H

#include "cases/pack/pack.h"
#include "oracle/judge/judge.h"

/* A case that the answers declare as unsupported: a line "ID reason" or
 * "ID operation reason" of the file `unsupported` in their directory. */
typedef struct {
    char id[DC_PACK_ID];
    int ops; /* bit 1 << op */
    char reason[120];
} dc_refused;

typedef struct {
    const dc_pack *pack;
    const char *dir; /* of the answers */
    dc_judge judge;
    dc_refused *refused; /* the caller frees it */
    int64_t n_refused;
} dc_judge_pack;

/* Judges the answers to entry result->number of the pack into result.  A
 * mistake in an answer is a finding; a mistake in the pack is an error. */
dc_status dc_judge_pack_case(const dc_judge_pack *a, dc_result *result,
                             dc_error *e);

/* Reads the file `unsupported`, if there is one, into a->refused. */
dc_status dc_judge_pack_refused(dc_judge_pack *a, dc_error *e);

/* DC_INVALID if files in the directory of answers belong to no case of the
 * pack; e names the first.  DC_FAILED if it cannot be read, or no file of it
 * belongs to a case and a->refused is empty; DC_NOMEM. */
dc_status dc_judge_pack_extra(const dc_judge_pack *a, dc_error *e);

#endif
