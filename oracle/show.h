/* SPDX-License-Identifier: MIT
 *
 * `deconform show CASE`: one case explained.
 */
#ifndef DC_SHOW_H
#define DC_SHOW_H

#include <stdio.h>

#include "../ref/case.h"

/* Prints sizes with the formula filled in, operation counts beside the
 * published formula's, and the case in each profile's own words. */
void dc_show(const dc_case *c, FILE *to);

#endif
