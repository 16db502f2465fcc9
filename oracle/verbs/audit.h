/* SPDX-License-Identifier: MIT
 *
 * `deconform vectors --audit DIR`: which defects cannot a pack see?
 */
#ifndef DC_AUDIT_H
#define DC_AUDIT_H

#include <stdio.h>

#include "ref/problem.h"

/* Runs every mutant against a pack: ours, or any tree of ONNX backend tests.
 * Prints the models that have no meaning and are left out, the defects that no
 * case of the pack shows, and a closing line.
 * Returns the exit code: 0 when all are seen, 1 when some are not, 2 with the
 * reason in e. */
int dc_audit_run(const char *dir, FILE *to, dc_error *e);

#endif
