/* SPDX-License-Identifier: MIT
 *
 * `deconform fingerprint`: which arithmetic does an implementation use?  It is
 * inferred from a few dot products whose results depend on nothing else.
 */
#ifndef DC_FINGERPRINT_H
#define DC_FINGERPRINT_H

#include "oracle/base/verb.h"
#include "oracle/subject/endpoint.h"

/* Terms of the sums whose order is inferred. */
enum { DC_FINGERPRINT_TERMS = 64 };

/* The arithmetic of forward.  Except for `taps`, sums run over the input
 * channels of a 1x1 kernel. */
typedef struct {
    int dtype;
    int rank;             /* of the probes: the least one that is offered */
    int groups;           /* of the probes */
    char input[64];       /* conversion of inputs: "none", "tf32", ... */
    int accumulator_bits; /* significand bits; 0: too many to be seen */
    char products[64];    /* fused, rounded, or exact */
    char subnormals[64];  /* kept, results flushed, inputs flushed */
    char rounding[64];    /* of the accumulator: to nearest even, ... */
    char bias[64];        /* added first, last, or not known */
    char order[160];      /* class of the summation tree over channels */
    char taps[160];       /* the same over kernel taps */
    char repeat[64];      /* does a repeated call give the same bits? */
} dc_fingerprint;

/* Probes the implementation behind `end` in dtype.  With a sentence in e:
 * DC_UNSUPPORTED if no rank is offered for them, DC_FAILED if a probe crashes,
 * hangs or fails. */
dc_status dc_fingerprint_run(dc_endpoint *end, int dtype, dc_fingerprint *f,
                             dc_error *e);

extern const dc_verb dc_fingerprint_verb;

#endif
