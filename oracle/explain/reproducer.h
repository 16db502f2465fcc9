/* SPDX-License-Identifier: MIT
 *
 * One failing call as a C file that needs nothing of ours: for the bug report
 * to the author of a plug-in.
 */
#ifndef DC_REPRODUCER_H
#define DC_REPRODUCER_H

#include <stdio.h>

#include "oracle/truth/bound.h"
#include "ref/case.h"

enum { DC_REPRODUCER_MOST = 65536 }; /* elements of any tensor */

/* Writes a program that loads a shared object (its argument), makes the call
 * with the case's tensors, compares with what is accepted and says which
 * elements are wrong: exit 0 right, 1 wrong, 2 no such plug-in.
 * DC_UNSUPPORTED where a tensor has more than DC_REPRODUCER_MOST elements. */
dc_status dc_reproducer_write(const dc_case *c, dc_op op,
                              const dc_arithmetic *a, FILE *to, dc_error *e);

#endif
