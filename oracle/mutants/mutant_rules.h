/* SPDX-License-Identifier: MIT
 *
 * What the rows of mutants are made of: wrong numbers for an axis, and
 * conditions under which a mistake shows.
 */
#ifndef DC_MUTANT_RULES_H
#define DC_MUTANT_RULES_H

#include "oracle/mutants/mutant.h"

/* constants; first_axis is 1 on axis 0, last_axis is 1 on w */
dc_axis_rule dc_rule_zero, dc_rule_one, dc_rule_first_axis, dc_rule_last_axis;

/* extents with wrong dilation, op, pads or axes, or by another formula */
dc_axis_rule dc_rule_e_k_plus_d, dc_rule_e_dense, dc_rule_e_no_op,
    dc_rule_e_op_times_s, dc_rule_e_twice_pb, dc_rule_e_depth_twice_pb,
    dc_rule_e_stride_first, dc_rule_e_pads_of_twin, dc_rule_e_reach_of_twin,
    dc_rule_e_convolution, dc_rule_e_from_gy, dc_rule_e_from_gy_dense;

/* stride and dilation */
dc_axis_rule dc_rule_s_first, dc_rule_s_column_on_row, dc_rule_s_at_most_2,
    dc_rule_s_of_d, dc_rule_s_lead_one, dc_rule_d_of_s, dc_rule_d_first,
    dc_rule_d_of_g, dc_rule_d_lead_one, dc_rule_d_column_one;

/* begin padding */
dc_axis_rule dc_rule_pb_of_pe, dc_rule_pb_mean, dc_rule_pb_of_input,
    dc_rule_pb_less_op, dc_rule_pb_of_twin, dc_rule_pb_within_reach,
    dc_rule_pb_not_negative, dc_rule_pb_whole_strides, dc_rule_pb_odd_shift,
    dc_rule_pb_even_shift, dc_rule_pb_mean_up, dc_rule_pb_first,
    dc_rule_pb_lead_zero, dc_rule_pb_beyond_lost;

/* bounds of positions and taps; row and column: the last two axes */
dc_axis_rule dc_rule_before_op, dc_rule_but_last_row, dc_rule_but_last_column,
    dc_rule_whole_strides, dc_rule_whole_blocks, dc_rule_but_last_tap;

/* conditions on a legal problem */
dc_when_rule dc_when_pointwise, dc_when_stride_one, dc_when_grouped,
    dc_when_grouped_strided, dc_when_ragged, dc_when_rank_one,
    dc_when_rank_one_grouped, dc_when_rank_three, dc_when_unit_channel,
    dc_when_depthwise_24, dc_when_no_items, dc_when_no_input_channels,
    dc_when_half, dc_when_half_by_8, dc_when_single, dc_when_double,
    dc_when_strided, dc_when_unbatched, dc_when_depthwise, dc_when_thin,
    dc_when_tiling, dc_when_op, dc_when_op_at_stride, dc_when_lopsided,
    dc_when_beyond_reach, dc_when_no_positions, dc_when_overlapping,
    dc_when_pointwise_half, dc_when_rank_one_bf16, dc_when_half_unit_channel;

/* conditions on an illegal problem, any field of which may be wrong */
dc_when_rule dc_when_op_too_large, dc_when_undivided, dc_when_no_stride;

#endif
