/* SPDX-License-Identifier: MIT
 *
 * How good is the diagnosis?  The benchmark over the mutants: how often is the
 * cause of a failure named correctly, and how small do failing cases become?
 */
#ifndef DC_DIAGNOSIS_SCORE_H
#define DC_DIAGNOSIS_SCORE_H

#include <stdio.h>

#include "ref/problem.h"

/* Judges the mutants rows[n] (indices into dc_mutants; n 0: all of them) on the
 * smoke tier, diagnoses and shrinks their failures, writes the Markdown file
 * and prints its summary to `summary`. */
dc_status dc_diagnosis_score_write(const char *file, const int *rows, int n,
                                   FILE *summary, dc_error *e);

#endif
