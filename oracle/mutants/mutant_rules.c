/* SPDX-License-Identifier: MIT
 *
 * The wrong numbers that mutants use in place of the right ones.
 */
#include "oracle/mutants/mutant_rules.h"

#include "ref/integer.h"

/* ---- axes ------------------------------------------------------------- */

/* h for w and w for h; an axis that has no such twin is its own. */
static int twin(const dc_problem *p, int a)
{
    if (p->rank < 2 || a < p->rank - 2)
        return a;
    return a == p->rank - 1 ? p->rank - 2 : p->rank - 1;
}

static bool is_row(const dc_problem *p, int a)
{
    return p->rank == 1 || a == p->rank - 2;
}

static bool is_column(const dc_problem *p, int a)
{
    return a == p->rank - 1;
}

static int64_t reach(const dc_problem *p, int a)
{
    return p->d[a] * (p->k[a] - 1);
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

int64_t dc_rule_last_axis(const dc_problem *p, int a)
{
    return is_column(p, a);
}

/* ---- extents: (i-1)*s - pads + reach + op + 1 with one wrong term ------ */

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

/* The output extent of an ordinary convolution of extent `from`. */
static int64_t folded(const dc_problem *p, int a, int64_t from)
{
    return dc_floor_div(from + p->pb[a] + p->pe[a] - reach(p, a) - 1, p->s[a]) +
           1;
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

/* of gx, from gy, without dilation */
int64_t dc_rule_e_from_gy_dense(const dc_problem *p, int a)
{
    const int64_t fit = p->o[a] + p->pb[a] + p->pe[a] - p->k[a];

    return dc_floor_div(fit, p->s[a]) + 1;
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

int64_t dc_rule_s_lead_one(const dc_problem *p, int a)
{
    return a == 0 ? 1 : p->s[a];
}

int64_t dc_rule_d_first(const dc_problem *p, int a)
{
    (void)a;
    return p->d[0];
}

int64_t dc_rule_d_of_g(const dc_problem *p, int a)
{
    (void)a;
    return p->g;
}

int64_t dc_rule_d_lead_one(const dc_problem *p, int a)
{
    return a == 0 ? 1 : p->d[a];
}

int64_t dc_rule_d_column_one(const dc_problem *p, int a)
{
    return is_column(p, a) ? 1 : p->d[a];
}

int64_t dc_rule_pb_of_pe(const dc_problem *p, int a)
{
    return p->pe[a];
}

int64_t dc_rule_pb_mean(const dc_problem *p, int a)
{
    return dc_floor_div(p->pb[a] + p->pe[a], 2);
}

int64_t dc_rule_pb_mean_up(const dc_problem *p, int a)
{
    return dc_floor_div(p->pb[a] + p->pe[a] + 1, 2);
}

int64_t dc_rule_pb_first(const dc_problem *p, int a)
{
    (void)a;
    return p->pb[0];
}

int64_t dc_rule_pb_lead_zero(const dc_problem *p, int a)
{
    return a == 0 ? 0 : p->pb[a];
}

int64_t dc_rule_pb_beyond_lost(const dc_problem *p, int a)
{
    return p->pb[a] > reach(p, a) ? 0 : p->pb[a];
}

int64_t dc_rule_pb_even_shift(const dc_problem *p, int a)
{
    return p->pb[a] + (p->k[a] % 2 == 0 && p->s[a] > 1);
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
    return is_row(p, a) ? dc_floor_div(p->pb[a], p->s[a]) * p->s[a] : p->pb[a];
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
