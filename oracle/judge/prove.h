/* SPDX-License-Identifier: MIT
 *
 * The structure proof: is every connection of a geometry right, and is there
 * no other?  Calls with one-hot tensors and position codes, over all places of
 * the one.
 *
 * What is proven, given that the implementation is bilinear: its result is
 * r[o] = sum over (h, e) of C[h,e,o] hot[h] coded[e] with some coefficients C.
 * With the one at h the results are sums of C[h,e,o] times the codes, and
 * they must be the code of the one e that the formula connects, or zero.
 *
 *   - If C holds zeros and ones with at most one e for each (h, o), as every
 *     index map does, right or wrong, the codes tell the e apart (their first
 *     digits count the positions): C is the formula's.
 *   - For any other C the further digits are independent random numbers: it
 *     passes with a probability below 2^-40 for each (h, o).
 *
 * Codes are split into digits of 1..2^(p-1), which the type holds exactly; each
 * digit takes one call.  The calls for y and gx carry several one-hots as a
 * batch, so the geometry is proven at the batch size in dc_proof.  A call for
 * gw carries several as output channels if the geometry has one output channel,
 * else a single one.
 */
#ifndef DC_PROVE_H
#define DC_PROVE_H

#include "cases/space/sweep.h"
#include "oracle/judge/result.h"
#include "oracle/subject/endpoint.h"
#include "oracle/truth/bound.h"

typedef enum {
    DC_UNPROVEN, /* not judged, refused, empty, or declared inexact */
    DC_PROVEN,
    DC_REFUTED, /* text names the connection */
    DC_BROKEN   /* crashed or hung: answer, and its reason in text */
} dc_proof_state;

/* The proof of one operation. */
typedef struct {
    dc_proof_state state;
    dc_answer answer; /* of the last call */
    char text[256];
    int64_t n;           /* batch size of the calls */
    int64_t hots;        /* places of the one */
    int64_t calls;       /* made */
    int digits;          /* of a code */
    int64_t connections; /* (h, e, o) that the formula has */
    int64_t empty;       /* (h, o) that it does not connect */
} dc_proof;

/* Number of calls that a proof of these operations takes; 0 if there is
 * nothing to prove, INT64_MAX if a tensor would be large. */
int64_t dc_prove_cost(const dc_problem *p, const bool ops[DC_OPS]);

/* The axes of c alone: n, ci, co and g are 1, no bias. */
dc_case dc_prove_axes(const dc_case *c);

/* The number of geometries that a run of a tier proves, at most. */
extern const int dc_prove_most[DC_TIERS];

/* Selects what to prove of each item: the axes of every geometry of the small
 * scope, and the first `most` cheap geometries of the other cases, each once.
 * The caller frees the array.  NULL if memory is short: then nothing is proven
 * and the report says so. */
dc_proving *dc_prove_choose(const dc_item *items, int64_t count,
                            const bool ops[DC_OPS], int most);

/* Proves op (not grad_bias) of the case's geometry.  Any status but DC_OK is a
 * harness fault. */
dc_status dc_prove(dc_endpoint *end, const dc_case *c, dc_op op,
                   const dc_arithmetic *a, dc_proof *proof, dc_error *e);

#endif
