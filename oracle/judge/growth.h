/* SPDX-License-Identifier: MIT
 *
 * Does the process of an implementation take more memory with every call?  One
 * case is asked again and again, so that nothing new is left to be kept.
 */
#ifndef DC_GROWTH_H
#define DC_GROWTH_H

#include <stdio.h>

#include "oracle/judge/result.h"

enum { DC_GROWTH_ASKED = 16 }; /* requests that are measured, after as many */

typedef struct {
    bool any; /* does any operation grow? */
    dc_case c;
    double bytes[DC_OPS]; /* by which each call grows; 0: it does not, or that
                           * is not known */
} dc_growth;

/* Asks each operation of c, as often as the time (in seconds, of all together)
 * allows, and measures the process.  Growth is what two halves of the requests
 * have both shown: about a page a call or more.  If the process does not
 * survive it, *result, which is zero before, says so.  Any status but DC_OK is
 * a harness fault described in e. */
dc_status dc_growth_measure(dc_endpoint *end, const dc_case *c,
                            const bool ops[DC_OPS], double seconds,
                            dc_growth *growth, dc_result *result, dc_error *e);

/* "memory: the process grows by about 4112 bytes per call of forward (...)";
 * nothing if it does not grow. */
void dc_growth_print(const dc_growth *growth, FILE *to);

#endif
