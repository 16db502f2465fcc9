/* SPDX-License-Identifier: MIT
 *
 * A failing call as one C file that depends on nothing else, for a bug report
 * to the author of a plug-in.
 */
#ifndef DC_REPRODUCER_H
#define DC_REPRODUCER_H

#include <stdio.h>

#include "oracle/truth/bound.h"
#include "ref/case.h"

enum { DC_REPRODUCER_MOST = 65536 }; /* elements of any tensor */

/* Writes a program that loads the plug-in named by its argument, calls op with
 * the inputs of the case, every tensor next to memory that may not be touched,
 * and prints the elements of the result that are not accepted and the bytes
 * that the call should not have changed.  The program exits with 0 if there are
 * none, 1 if there are any, 2 if the plug-in cannot be loaded; it dies if the
 * plug-in does.  DC_UNSUPPORTED if a tensor has more than
 * DC_REPRODUCER_MOST elements. */
dc_status dc_reproducer_write(const dc_case *c, dc_op op,
                              const dc_arithmetic *a, FILE *to, dc_error *e);

#endif
