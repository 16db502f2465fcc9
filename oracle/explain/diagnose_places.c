/* SPDX-License-Identifier: MIT
 *
 * The places, each a question about one element.
 */
#include "oracle/explain/diagnose_places.h"

static const int64_t *positions(const dc_view *v)
{
    return v->at + v->lead;
}

static int has_batch(const dc_view *v)
{
    return (v->op == DC_FORWARD || v->op == DC_GRAD_INPUT) && v->lead == 2;
}

/* The channel axis that groups divide, and channels of a group. */
static int64_t channel(const dc_view *v, int64_t *of_group)
{
    const dc_problem *const p = &v->c->p;
    const int of_input = v->op == DC_GRAD_INPUT || v->op == DC_GRAD_WEIGHT;

    *of_group = (of_input ? p->ci : p->co) / p->g;
    return v->at[has_batch(v) ? 1 : 0];
}

static int in_later_item(const dc_view *v, int a)
{
    (void)a;
    return has_batch(v) && v->at[0] > 0;
}

static int in_later_group(const dc_view *v, int a)
{
    int64_t of_group;
    const int64_t c = channel(v, &of_group);

    (void)a;
    return c >= of_group;
}

static int in_last_group(const dc_view *v, int a)
{
    int64_t of_group;
    const int64_t c = channel(v, &of_group);

    (void)a;
    return v->c->p.g > 1 && c / of_group == v->c->p.g - 1;
}

static int in_tail_of_4(const dc_view *v, int a)
{
    int64_t of_group;
    const int64_t c = channel(v, &of_group);

    (void)a;
    return c % of_group >= of_group / 4 * 4;
}

static int in_tail_of_8(const dc_view *v, int a)
{
    int64_t of_group;
    const int64_t c = channel(v, &of_group);

    (void)a;
    return c % of_group >= of_group / 8 * 8;
}

static int at_begin(const dc_view *v, int a)
{
    return positions(v)[a] == 0;
}

static int at_end(const dc_view *v, int a)
{
    return positions(v)[a] == v->shape[v->lead + a] - 1;
}

static int in_op_region(const dc_view *v, int a)
{
    const dc_problem *const p = &v->c->p;

    return v->op == DC_FORWARD && positions(v)[a] >= p->o[a] - p->op[a];
}

static int past_whole_strides(const dc_view *v, int a)
{
    const dc_problem *const p = &v->c->p;

    return v->op == DC_FORWARD &&
           positions(v)[a] >= p->o[a] / p->s[a] * p->s[a];
}

static int off_phase(const dc_view *v, int a)
{
    const dc_problem *const p = &v->c->p;

    return v->op == DC_FORWARD && (positions(v)[a] + p->pb[a]) % p->s[a] != 0;
}

static int on_phase(const dc_view *v, int a)
{
    const dc_problem *const p = &v->c->p;

    return v->op == DC_FORWARD && p->s[a] > 1 && !off_phase(v, a);
}

static int in_gap(const dc_view *v, int a)
{
    const dc_problem *const p = &v->c->p;
    int64_t reached = 0;

    for (int64_t t = 0; v->op == DC_FORWARD && t < p->k[a]; t++) {
        const int64_t j = positions(v)[a] + p->pb[a] - t * p->d[a];

        reached += j >= 0 && j % p->s[a] == 0 && j / p->s[a] < p->i[a];
    }
    return v->op == DC_FORWARD && !reached;
}

/* Places; `by_axis` ones are asked for each spatial axis. */
const dc_place dc_places[] = {
    {"in batch items after the first", 0, in_later_item},
    {"in the last group", 0, in_last_group},
    {"in groups after the first", 0, in_later_group},
    {"in channels past a multiple of 8", 0, in_tail_of_8},
    {"in channels past a multiple of 4", 0, in_tail_of_4},
    {"in the last op positions", 1, in_op_region},
    {"from floor(o/s)*s on", 1, past_whole_strides},
    {"at the begin", 1, at_begin},
    {"at the end", 1, at_end},
    {"where no tap lands", 1, in_gap},
    {"in the phases between inputs", 1, off_phase},
    {"in the phase of the inputs", 1, on_phase},
};
const int dc_places_count = sizeof dc_places / sizeof *dc_places;
