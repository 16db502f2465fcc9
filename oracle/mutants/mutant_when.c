/* SPDX-License-Identifier: MIT
 *
 * Which problems does a mutant alter?  Under each condition a shortcut, a
 * special path or a forgotten parameter of real software gave wrong results.
 */
#include "oracle/mutants/mutant_rules.h"

static bool all_one(const dc_problem *p, const int64_t v[3])
{
    for (int a = 0; a < p->rank; a++)
        if (v[a] != 1)
            return false;
    return true;
}

bool dc_when_pointwise(const dc_problem *p)
{
    return all_one(p, p->k);
}

bool dc_when_stride_one(const dc_problem *p)
{
    return all_one(p, p->s);
}

bool dc_when_grouped(const dc_problem *p)
{
    return p->g > 1;
}

bool dc_when_grouped_strided(const dc_problem *p)
{
    return p->g > 1 && !dc_when_stride_one(p);
}

bool dc_when_ragged(const dc_problem *p)
{
    for (int a = 0; a < p->rank; a++)
        if (p->o[a] % p->s[a])
            return true;
    return false;
}

bool dc_when_rank_one(const dc_problem *p)
{
    return p->rank == 1;
}

bool dc_when_rank_one_grouped(const dc_problem *p)
{
    return p->rank == 1 && p->g > 1;
}

bool dc_when_rank_three(const dc_problem *p)
{
    return p->rank == 3;
}

bool dc_when_unit_channel(const dc_problem *p)
{
    return p->co == p->g;
}

bool dc_when_depthwise_24(const dc_problem *p)
{
    return p->g == 24 && p->ci == 24 && p->co == 24;
}

bool dc_when_no_items(const dc_problem *p)
{
    return p->n == 0;
}

bool dc_when_no_input_channels(const dc_problem *p)
{
    return p->ci == 0;
}

bool dc_when_half(const dc_problem *p)
{
    return p->dtype == DC_F16 || p->dtype == DC_BF16;
}

bool dc_when_half_by_8(const dc_problem *p)
{
    return dc_when_half(p) && p->ci % 8 == 0 && p->co % 8 == 0;
}

bool dc_when_single(const dc_problem *p)
{
    return p->dtype == DC_F32;
}

bool dc_when_strided(const dc_problem *p)
{
    return !dc_when_stride_one(p);
}

bool dc_when_unbatched(const dc_problem *p)
{
    return p->unbatched;
}

bool dc_when_depthwise(const dc_problem *p)
{
    return p->g > 1 && p->ci == p->g && p->co == p->g;
}

bool dc_when_thin(const dc_problem *p)
{
    return p->ci / p->g < 4;
}

bool dc_when_double(const dc_problem *p)
{
    return p->dtype == DC_F64;
}

/* k = s on all axes: nothing overlaps, which libraries treat separately */
bool dc_when_tiling(const dc_problem *p)
{
    for (int a = 0; a < p->rank; a++)
        if (p->k[a] != p->s[a])
            return false;
    return true;
}

bool dc_when_op(const dc_problem *p)
{
    for (int a = 0; a < p->rank; a++)
        if (p->op[a])
            return true;
    return false;
}

bool dc_when_op_at_stride(const dc_problem *p)
{
    for (int a = 0; a < p->rank; a++)
        if (p->op[a] >= p->s[a])
            return true;
    return false;
}

bool dc_when_lopsided(const dc_problem *p)
{
    for (int a = 0; a < p->rank; a++)
        if (p->pb[a] != p->pe[a])
            return true;
    return false;
}

bool dc_when_beyond_reach(const dc_problem *p)
{
    for (int a = 0; a < p->rank; a++)
        if (p->pb[a] > p->d[a] * (p->k[a] - 1) ||
            p->pe[a] > p->d[a] * (p->k[a] - 1))
            return true;
    return false;
}

bool dc_when_no_positions(const dc_problem *p)
{
    for (int a = 0; a < p->rank; a++)
        if (p->i[a] == 0)
            return true;
    return false;
}

bool dc_when_overlapping(const dc_problem *p)
{
    return p->k[p->rank - 1] > p->s[p->rank - 1];
}

bool dc_when_pointwise_half(const dc_problem *p)
{
    return dc_when_half(p) && dc_when_pointwise(p);
}

bool dc_when_rank_one_bf16(const dc_problem *p)
{
    return p->rank == 1 && p->dtype == DC_BF16;
}

bool dc_when_half_unit_channel(const dc_problem *p)
{
    return dc_when_half(p) && dc_when_unit_channel(p);
}

/* The axes of an illegal problem, whose rank may be anything. */
static int axes_of(const dc_problem *p)
{
    return p->rank < 0 ? 0 : p->rank > 3 ? 3 : p->rank;
}

bool dc_when_op_too_large(const dc_problem *p)
{
    for (int a = 0; a < axes_of(p); a++)
        if (p->op[a] >= p->s[a] && p->op[a] >= p->d[a])
            return true;
    return false;
}

bool dc_when_undivided(const dc_problem *p)
{
    return p->g > 1 && (p->ci % p->g != 0 || p->co % p->g != 0);
}

bool dc_when_no_stride(const dc_problem *p)
{
    for (int a = 0; a < axes_of(p); a++)
        if (p->s[a] == 0)
            return true;
    return false;
}
