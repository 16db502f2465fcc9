/* SPDX-License-Identifier: MIT
 *
 * Between mutant.c and mutant_links.c: one call at work.
 */
#ifndef DC_MUTANT_LINKS_H
#define DC_MUTANT_LINKS_H

#include "oracle/mutants/mutant.h"

/* The three tensors that a product joins; gx gw gy lie as x w y do. */
enum { IN_X, IN_W, IN_Y, JOINED };

/* Where the result is, for forward, grad_input, grad_weight. */
extern const int dc_links_slot[DC_OPS];

/* One product of a channel pair: offsets in its planes of x, w and y. */
typedef struct {
    int64_t at[JOINED];
} dc_link;

/* Strides: element = n * batch + group * .. + ci' * .. + co' * .. + offset. */
typedef struct {
    int64_t n;
    int64_t group;
    int64_t ci;
    int64_t co;
} dc_layout;

/* One call at work. */
typedef struct {
    const dc_mutant *m;
    const dc_problem *p;
    dc_op op;
    int64_t cig;           /* input channels of a group */
    int64_t cog;           /* output channels of a group */
    int64_t plane[JOINED]; /* elements of i.., k.., o.. */
    int64_t tap[3];        /* stride of each kernel axis */
    dc_layout layout[JOINED];
    dc_layout bias;
    int64_t first_item; /* batch items that are summed */
    int64_t end_item;
    dc_link *links;
    int64_t link_count;
    int64_t *landed;            /* links that end at each place of the result */
    double *values[DC_TENSORS]; /* inputs decoded */
    double *sums;               /* the result before it is rounded */
} dc_work;

/* Beyond this a parameter is refused, and a list of links, so that nothing
 * that a rule makes of them can overflow. */
#define DC_LINKS_MOST (INT64_C(1) << 30)

/* The rule's number for axis a, or the right one where there is no rule. */
int64_t dc_links_apply(dc_axis_rule *rule, const dc_problem *p, int a,
                       int64_t right);

/* Fills links and landed from the geometry; planes and taps must be there.
 * DC_NOMEM, also for more links than DC_LINKS_MOST. */
dc_status dc_links_find(dc_work *k);

#endif
