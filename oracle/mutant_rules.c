/* SPDX-License-Identifier: MIT
 *
 * The numbers that mutants put in the place of the right ones, and the
 * problems that a mutant alters.
 */
#include "mutant_rules.h"

/* ---- axes ------------------------------------------------------------- */

/* The other one of the last two axes (h and w), where there are two. */
static int twin(const dc_problem *p, int a)
{
    if (p->rank < 2 || a < p->rank - 2)
        return a;
    return a == p->rank - 1 ? p->rank - 2 : p->rank - 1;
}

static int is_row(const dc_problem *p, int a)
{
    return p->rank == 1 || a == p->rank - 2;
}

static int is_column(const dc_problem *p, int a)
{
    return a == p->rank - 1;
}

static int64_t reach(const dc_problem *p, int a)
{
    return p->d[a] * (p->k[a] - 1);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t dc_rule_zero(const dc_problem *p, int a)
{
    (void)p;
    (void)a;
    return 0;
}

int64_t dc_rule_one(const dc_problem *p, int a)
{
    return dc_rule_zero(p, a) + 1;
}

int64_t dc_rule_first_axis(const dc_problem *p, int a)
{
    (void)p;
    return a == 0;
}

/* ---- extents: (i-1)*s - pads + reach + op + 1, one term mistaken ------- */

static int64_t extent(const dc_problem *p, int a, int64_t s, int64_t pads,
                      int64_t reached, int64_t op)
{
    return (p->i[a] - 1) * s - pads + reached + op + 1;
}

int64_t dc_rule_e_k_plus_d(const dc_problem *p, int a)
{
    return extent(p, a, p->s[a], p->pb[a] + p->pe[a], p->k[a] + p->d[a] - 2,
                  p->op[a]);
}

int64_t dc_rule_e_dense(const dc_problem *p, int a)
{
    return extent(p, a, p->s[a], p->pb[a] + p->pe[a], p->k[a] - 1, p->op[a]);
}

int64_t dc_rule_e_no_op(const dc_problem *p, int a)
{
    return p->o[a] - p->op[a];
}

int64_t dc_rule_e_op_times_s(const dc_problem *p, int a)
{
    return p->o[a] - p->op[a] + p->op[a] * p->s[a];
}

int64_t dc_rule_e_twice_pb(const dc_problem *p, int a)
{
    return p->o[a] + p->pe[a] - p->pb[a];
}

int64_t dc_rule_e_depth_twice_pb(const dc_problem *p, int a)
{
    return a == 0 ? dc_rule_e_twice_pb(p, a) : p->o[a];
}

int64_t dc_rule_e_stride_first(const dc_problem *p, int a)
{
    return extent(p, a, p->s[0], p->pb[a] + p->pe[a], reach(p, a), p->op[a]);
}

int64_t dc_rule_e_pads_of_twin(const dc_problem *p, int a)
{
    const int b = twin(p, a);

    return extent(p, a, p->s[a], p->pb[b] + p->pe[b], reach(p, a), p->op[a]);
}

int64_t dc_rule_e_reach_of_twin(const dc_problem *p, int a)
{
    return extent(p, a, p->s[a], p->pb[a] + p->pe[a], reach(p, twin(p, a)),
                  p->op[a]);
}

/* What an ordinary convolution gives for an extent. */
static int64_t folded(const dc_problem *p, int a, int64_t from)
{
    return floor_div(from + p->pb[a] + p->pe[a] - reach(p, a) - 1, p->s[a]) + 1;
}

int64_t dc_rule_e_convolution(const dc_problem *p, int a)
{
    return folded(p, a, p->i[a]);
}

/* of gx, from gy */
int64_t dc_rule_e_from_gy(const dc_problem *p, int a)
{
    return folded(p, a, p->o[a]);
}

/* ---- strides, dilations, pads ------------------------------------------ */

int64_t dc_rule_s_first(const dc_problem *p, int a)
{
    (void)a;
    return p->s[0];
}

int64_t dc_rule_s_column_on_row(const dc_problem *p, int a)
{
    return p->s[is_row(p, a) ? twin(p, a) : a];
}

int64_t dc_rule_s_at_most_2(const dc_problem *p, int a)
{
    return p->s[a] < 2 ? p->s[a] : 2;
}

int64_t dc_rule_s_of_d(const dc_problem *p, int a)
{
    return p->d[a];
}

int64_t dc_rule_d_of_s(const dc_problem *p, int a)
{
    return p->s[a];
}

int64_t dc_rule_pb_of_pe(const dc_problem *p, int a)
{
    return p->pe[a];
}

int64_t dc_rule_pb_mean(const dc_problem *p, int a)
{
    return floor_div(p->pb[a] + p->pe[a], 2);
}

int64_t dc_rule_pb_of_input(const dc_problem *p, int a)
{
    return reach(p, a) - p->pb[a];
}

int64_t dc_rule_pb_less_op(const dc_problem *p, int a)
{
    return p->pb[a] - p->op[a];
}

int64_t dc_rule_pb_of_twin(const dc_problem *p, int a)
{
    return p->pb[twin(p, a)];
}

int64_t dc_rule_pb_within_reach(const dc_problem *p, int a)
{
    return p->pb[a] < reach(p, a) ? p->pb[a] : reach(p, a);
}

int64_t dc_rule_pb_not_negative(const dc_problem *p, int a)
{
    return p->pb[a] < 0 ? 0 : p->pb[a];
}

int64_t dc_rule_pb_whole_strides(const dc_problem *p, int a)
{
    return is_row(p, a) ? floor_div(p->pb[a], p->s[a]) * p->s[a] : p->pb[a];
}

int64_t dc_rule_pb_odd_shift(const dc_problem *p, int a)
{
    return p->pb[a] + (p->k[a] % 2 == 1 && p->s[a] > 1);
}

/* ---- bounds ------------------------------------------------------------ */

int64_t dc_rule_before_op(const dc_problem *p, int a)
{
    return p->o[a] - p->op[a];
}

int64_t dc_rule_but_last_row(const dc_problem *p, int a)
{
    return p->o[a] - is_row(p, a);
}

int64_t dc_rule_but_last_column(const dc_problem *p, int a)
{
    return p->o[a] - is_column(p, a);
}

int64_t dc_rule_whole_strides(const dc_problem *p, int a)
{
    return is_column(p, a) ? p->o[a] / p->s[a] * p->s[a] : p->o[a];
}

int64_t dc_rule_whole_blocks(const dc_problem *p, int a)
{
    return is_column(p, a) && p->o[a] > 8 ? p->o[a] / 8 * 8 : p->o[a];
}

int64_t dc_rule_but_last_tap(const dc_problem *p, int a)
{
    return a == 0 && p->k[a] > 1 ? p->k[a] - 1 : p->k[a];
}

/* ---- which problems ---------------------------------------------------- */

static int all_one(const dc_problem *p, const int64_t v[3])
{
    int64_t product = 1;

    for (int a = 0; a < p->rank; a++)
        product *= v[a] == 1;
    return product == 1;
}

int dc_when_pointwise(const dc_problem *p)
{
    return all_one(p, p->k);
}

int dc_when_stride_one(const dc_problem *p)
{
    return all_one(p, p->s);
}

int dc_when_grouped(const dc_problem *p)
{
    return p->g > 1;
}

int dc_when_grouped_strided(const dc_problem *p)
{
    return p->g > 1 && !dc_when_stride_one(p);
}

int dc_when_ragged(const dc_problem *p)
{
    int64_t rest = 0;

    for (int a = 0; a < p->rank; a++)
        rest += p->o[a] % p->s[a];
    return rest > 0;
}

int dc_when_rank_one(const dc_problem *p)
{
    return p->rank == 1;
}

int dc_when_rank_one_grouped(const dc_problem *p)
{
    return p->rank == 1 && p->g > 1;
}

int dc_when_rank_three(const dc_problem *p)
{
    return p->rank == 3;
}

int dc_when_unit_channel(const dc_problem *p)
{
    return p->co == p->g;
}

int dc_when_depthwise_24(const dc_problem *p)
{
    return p->g == 24 && p->ci == 24 && p->co == 24;
}

int dc_when_no_items(const dc_problem *p)
{
    return p->n == 0;
}

int dc_when_no_input_channels(const dc_problem *p)
{
    return p->ci == 0;
}

int dc_when_half(const dc_problem *p)
{
    return p->dtype == DC_F16 || p->dtype == DC_BF16;
}

int dc_when_half_by_8(const dc_problem *p)
{
    return dc_when_half(p) && p->ci % 8 == 0 && p->co % 8 == 0;
}

int dc_when_single(const dc_problem *p)
{
    return p->dtype == DC_F32;
}
