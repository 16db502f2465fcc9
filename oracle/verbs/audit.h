/* SPDX-License-Identifier: MIT
 *
 * `deconform vectors --audit DIR`: which defects can a pack not see?
 */
#ifndef DC_AUDIT_H
#define DC_AUDIT_H

#include "ref/problem.h"

/* Runs every mutant on a pack in dir: ours, or any tree of ONNX backend tests.
 * Prints the models that are left out, the golden results that are wrong, the
 * defects that no case exposes, and a closing line.  Returns the exit code: 0
 * if every defect was seen, 1 if not, 2 with the reason in e. */
int dc_audit_run(const char *dir, dc_error *e);

#endif
