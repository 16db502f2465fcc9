/* SPDX-License-Identifier: MIT
 *
 * How often does the diagnosis find the threshold of a mutant that has one,
 * with the quantity that it is about?
 */
#ifndef DC_THRESHOLD_SCORE_H
#define DC_THRESHOLD_SCORE_H

#include <stdio.h>

#include "ref/problem.h"

/* Takes those of the mutants rows[n] (indices into dc_mutants; n 0: all) that
 * are wrong from a threshold on.  Each is judged on the cases of the ci tier
 * that it alters, the lightest first, until one fails; that one is reduced, and
 * the threshold looked for.  Appends a section of Markdown to `to`. */
dc_status dc_threshold_score_write(const int *rows, int n, FILE *to,
                                   dc_error *e);

#endif
