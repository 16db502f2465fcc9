/* SPDX-License-Identifier: MIT
 *
 * The state of one call of the mutants' algorithm (mutant.c), and the index
 * triples (x, w, y) of its products.
 */
#ifndef DC_MUTANT_TRIPLES_H
#define DC_MUTANT_TRIPLES_H

#include "oracle/mutants/mutant.h"

/* The three tensors of a product; gx, gw, gy have the layout of x, w, y. */
enum { IN_X, IN_W, IN_Y, IN_COUNT };

/* Which of the three the result is, per operation (gb is not a product). */
extern const int dc_triples_result[DC_OPS];

/* One product: the elements of x, w and y, or their offsets in the planes of a
 * channel pair. */
typedef struct {
    int64_t at[IN_COUNT];
} dc_triple;

/* Strides of a tensor.  The element of batch item n, group, input channel ci
 * and output channel co (both within the group) is at
 * n * .n + group * .group + ci * .ci + co * .co + offset in the plane. */
typedef struct {
    int64_t n;
    int64_t group;
    int64_t ci;
    int64_t co;
} dc_layout;

typedef struct {
    const dc_mutant *m;
    const dc_problem *p;
    dc_op op;
    int64_t cig;             /* input channels of a group */
    int64_t cog;             /* output channels of a group */
    int64_t plane[IN_COUNT]; /* elements of i.., k.., o.. */
    int64_t spread;          /* elements from one tap of w to the next */
    int64_t tap[3];          /* stride of each kernel axis */
    dc_layout layout[IN_COUNT];
    dc_layout bias;
    int64_t first_item; /* batch items that are summed */
    int64_t end_item;
    dc_triple *triples; /* of every channel pair */
    int64_t n_triples;
    int64_t
        *hits; /* per offset in the result's plane: triples that end there */
    double *values[DC_TENSORS]; /* decoded inputs */
    double *sums;               /* the result before it is rounded */
    int64_t *terms; /* per sum: products so far; NULL if nobody asks */
} dc_work;

/* The largest parameter and the longest list of triples that are accepted, so
 * that no rule's arithmetic can overflow. */
#define DC_TRIPLES_MAX (INT64_C(1) << 30)

/* The rule's number for axis a, or `right` without a rule. */
int64_t dc_triples_rule(dc_axis_rule *rule, const dc_problem *p, int a,
                        int64_t right);

/* Is output position o of a plane below the rule's bound on every axis? */
bool dc_triples_below(const dc_problem *p, dc_axis_rule *rule, int64_t o);

/* Where index `at` of what q counts (batch items, channels, positions, ...)
 * ends up: at, unless m is mistaken about what lies past a threshold of q; -1:
 * it is left out. */
int64_t dc_triples_part(const dc_work *k, dc_size q, int64_t at);

/* The same for position o of a plane of y: by axis, then as a whole. */
int64_t dc_triples_position(const dc_work *k, int64_t o);

/* Fills triples and hits from the geometry; plane, spread and tap must be
 * set.  DC_NOMEM, also for more than DC_TRIPLES_MAX triples. */
dc_status dc_triples_find(dc_work *k);

#endif
