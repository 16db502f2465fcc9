/* SPDX-License-Identifier: MIT
 *
 * `deconform show CASE`: one case explained.
 */
#ifndef DC_SHOW_H
#define DC_SHOW_H

#include <stdio.h>

#include "ref/case.h"

/* Prints sizes with the formula filled in, operation counts beside the
 * published formula's, and the case in each profile's own words. */
void dc_show(const dc_case *c, FILE *to);

/* The verb: CASE... and, with --prove, the structure of that geometry proven
 * against --impl WHAT (default fast).  Returns the exit code: 0, 1 when a
 * structure is refuted, 2 with a sentence on stderr. */
int dc_show_main(int argc, char **argv);

#endif
