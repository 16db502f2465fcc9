/* SPDX-License-Identifier: MIT
 *
 * `deconform fingerprint`: which arithmetic does a black box use?  Told from
 * a few dot products whose result depends on nothing else.
 */
#ifndef DC_FINGERPRINT_H
#define DC_FINGERPRINT_H

#include <stdio.h>

#include "oracle/subject/endpoint.h"

enum { DC_FINGERPRINT_TERMS = 64 }; /* of the reduction whose order is asked */

/* Everything is of forward, reduced over input channels by a 1x1 kernel. */
typedef struct {
    int dtype;
    char input[64];       /* conversion of inputs: "none", "tf32", ... */
    int accumulator_bits; /* significand bits; 0: more than can be seen */
    char products[64];    /* fused, rounded, or exact */
    char subnormals[64];  /* kept, results flushed, inputs flushed */
    char rounding[64];    /* of the accumulator: to nearest even, ... */
    char bias[64];        /* first, last, or cannot be told */
    char order[160];      /* class of the summation tree over channels */
    char taps[160];       /* the same over kernel taps */
    char repeat[64];      /* same bits again? */
} dc_fingerprint;

/* Asks the implementation behind `end` in storage type dtype.  An operation
 * that is refused, crashes or hangs ends it with a sentence in e. */
dc_status dc_fingerprint_take(dc_endpoint *end, int dtype, dc_fingerprint *f,
                              dc_error *e);

/* The verb: options --impl, --dtype, --timeout, --json.  Returns the exit
 * code. */
int dc_fingerprint_main(int argc, char **argv);

#endif
