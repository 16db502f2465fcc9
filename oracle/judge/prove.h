/* SPDX-License-Identifier: MIT
 *
 * Is every connection of a geometry right, and is there no other?  One-hot
 * tensors against position codes, over all places of the one.
 *
 * What is proven, given that the implementation is bilinear: its result is
 * r[o] = sum over (h, e) of C[h,e,o] hot[h] coded[e] with some coefficients C.
 * With the one at h the results are sums of C[h,e,o] times the codes, and
 * they must be the code of the one e that the formula connects, or zero.
 *
 *   - If C holds zeros and ones with at most one e for each (h, o), which is
 *     what every index map gives, right or wrong, the codes tell the e apart
 *     (their first digits count the positions): C is the formula's.
 *   - For any other C the further digits are independent random numbers: it
 *     passes with a chance below 2^-40 for each (h, o).
 *
 * Codes are split into digits of 1..2^(p-1) that the type holds exactly, one
 * call a digit.  y and gx take several one-hots at a time as a batch, so what
 * is proven is the geometry at the batch size that is told; gw, where there is
 * one output channel, takes several as output channels, else one at a time.
 */
#ifndef DC_PROVE_H
#define DC_PROVE_H

#include "cases/space/sweep.h"
#include "oracle/truth/bound.h"
#include "oracle/subject/endpoint.h"

typedef enum {
    DC_UNPROVEN, /* not judged, refused, empty, or declared inexact */
    DC_PROVEN,
    DC_REFUTED, /* text says where */
    DC_BROKEN   /* crashed or hung: answer */
} dc_proof_state;

/* One operation. */
typedef struct {
    dc_proof_state state;
    dc_answer answer;    /* of the last call */
    char text[256];      /* of a refutation */
    int64_t n;           /* batch size of the calls */
    int64_t hots;        /* places of the one */
    int64_t calls;       /* made */
    int digits;          /* of a code */
    int64_t connections; /* (h, e, o) that the formula has */
    int64_t empty;       /* (h, o) that it does not connect */
} dc_proof;

/* What is proven of an item. */
enum {
    DC_PROVE_NOTHING,
    DC_PROVE_CASE, /* its geometry with its channels */
    DC_PROVE_AXES  /* its axes alone, with one channel and one item */
};

/* Calls that a proof of these operations takes; 0 when there is nothing to
 * prove, INT64_MAX when it would be large. */
int64_t dc_prove_cost(const dc_problem *p, const int ops[DC_OPS]);

/* The axes of c alone: n, ci, co and g are 1, without bias. */
dc_case dc_prove_axes(const dc_case *c);

/* Geometries that a run of a tier proves, at most. */
extern const int dc_prove_most[DC_TIERS];

/* What to prove by case: the axes of every geometry of the small scope, and
 * the first `most` cheap geometries of the other cases, each once.
 * NULL without memory: then nothing is proven, which the report tells. */
char *dc_prove_choose(const dc_item *items, int64_t count,
                      const int ops[DC_OPS], int most);

/* Proves op (not grad_bias) of the case's geometry.  Anything but DC_OK is a
 * harness fault. */
dc_status dc_prove(dc_endpoint *end, const dc_case *c, dc_op op,
                   const dc_arithmetic *a, dc_proof *proof, dc_error *e);

#endif
