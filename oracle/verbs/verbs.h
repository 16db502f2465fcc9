/* SPDX-License-Identifier: MIT
 *
 * The verbs of this room.
 */
#ifndef DC_VERBS_H
#define DC_VERBS_H

#include "oracle/base/verb.h"

extern const dc_verb dc_verify_verb;
extern const dc_verb dc_cases_verb;
extern const dc_verb dc_show_verb;
extern const dc_verb dc_vectors_verb;
extern const dc_verb dc_judge_pack_verb;

/* `vectors --audit DIR`: which defects can a pack not see?  Runs every mutant
 * on a pack in dir: ours, or any tree of ONNX backend tests.  Prints the models
 * that are left out, the golden results that are wrong, the defects that no
 * case exposes, and a closing line.  Returns the exit code: 0 if every defect
 * was seen, 1 if not, 2 with the reason in e. */
int dc_audit_run(const char *dir, dc_error *e);

#endif
