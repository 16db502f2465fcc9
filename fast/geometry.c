/* SPDX-License-Identifier: MIT
 *
 * Validation for fast/, derived from the formulas in deconform.h alone.
 */
#include "fast/geometry.h"

#include <stddef.h>

/* More than any memory holds, yet sums of a few fields cannot overflow. */
static const int64_t FIELD_MAX = (int64_t)1 << 40;

static bool within(int64_t value, int64_t lowest, int64_t highest)
{
    return value >= lowest && value <= highest;
}

/* Is every field of axis a in its range, and o what the formula gives?
 *     o = (i-1)*s - pb - pe + d*(k-1) + op + 1 */
static bool is_legal_axis(const dc_problem *p, int a)
{
    const int64_t op_max = dc_fast_max(p->s[a], p->d[a]) - 1;
    int64_t stride;
    int64_t kernel;
    int64_t o;

    if (!within(p->i[a], 0, FIELD_MAX) || !within(p->k[a], 1, FIELD_MAX) ||
        !within(p->s[a], 1, FIELD_MAX) || !within(p->d[a], 1, FIELD_MAX) ||
        !within(p->pb[a], -FIELD_MAX, FIELD_MAX) ||
        !within(p->pe[a], -FIELD_MAX, FIELD_MAX) ||
        !within(p->op[a], 0, op_max))
        return false;
    /* op + 1 - pe alone cannot overflow */
    if (__builtin_mul_overflow(p->i[a] - 1, p->s[a], &stride) ||
        __builtin_mul_overflow(p->d[a], p->k[a] - 1, &kernel) ||
        __builtin_sub_overflow(stride, p->pb[a], &o) ||
        __builtin_add_overflow(o, kernel, &o) ||
        __builtin_add_overflow(o, p->op[a] + 1 - p->pe[a], &o))
        return false;
    return o >= 0 && o == p->o[a];
}

static bool is_legal(const dc_problem *p)
{
    if (!p || p->size != sizeof *p || !within(p->rank, 1, 3) ||
        !within(p->dtype, DC_F64, DC_BF16) || !within(p->unbatched, 0, 1) ||
        !within(p->has_bias, 0, 1) || !within(p->n, 0, FIELD_MAX) ||
        !within(p->ci, 0, FIELD_MAX) || !within(p->co, 0, FIELD_MAX) ||
        !within(p->g, 1, FIELD_MAX) || (p->unbatched && p->n != 1) ||
        p->ci % p->g || p->co % p->g)
        return false;
    for (int a = 0; a < p->rank; a++)
        if (!is_legal_axis(p, a))
            return false;
    return true;
}

/* Do the bytes of outer * inner * extent elements fit int64_t, zeros counted
 * as one?  Then no product of some of these factors overflows either. */
static bool is_countable(int64_t bytes, int64_t outer, int64_t inner,
                         const int64_t extent[3])
{
    const int64_t factors[] = {outer, inner, extent[0], extent[1], extent[2]};

    for (size_t f = 0; f < sizeof factors / sizeof *factors; f++)
        if (__builtin_mul_overflow(bytes, dc_fast_max(factors[f], 1), &bytes))
            return false;
    return true;
}

dc_status dc_fast_geometry_of(const dc_problem *p, dc_fast_geometry *q)
{
    static const int sizes[] = {
        [DC_F64] = 8, [DC_F32] = 4, [DC_F16] = 2, [DC_BF16] = 2};

    if (!is_legal(p))
        return DC_INVALID;
    *q = (dc_fast_geometry){
        .dtype = p->dtype,
        .has_bias = p->has_bias,
        .n = p->n,
        .ci = p->ci,
        .co = p->co,
        .g = p->g,
        .cig = p->ci / p->g,
        .cog = p->co / p->g,
        .i = {1, 1, 1},
        .k = {1, 1, 1},
        .s = {1, 1, 1},
        .d = {1, 1, 1},
        .o = {1, 1, 1},
    };
    for (int a = 0, to = 3 - p->rank; a < p->rank; a++, to++) {
        q->i[to] = p->i[a];
        q->k[to] = p->k[a];
        q->s[to] = p->s[a];
        q->d[to] = p->d[a];
        q->pb[to] = p->pb[a];
        q->o[to] = p->o[a];
    }
    if (!is_countable(sizes[p->dtype], q->n, q->ci, q->i) ||
        !is_countable(sizes[p->dtype], q->ci, q->cog, q->k) ||
        !is_countable(sizes[p->dtype], q->n, q->co, q->o))
        return DC_INVALID;
    q->inputs = q->i[0] * q->i[1] * q->i[2];
    q->outputs = q->o[0] * q->o[1] * q->o[2];
    q->taps = q->k[0] * q->k[1] * q->k[2];
    q->x_count = q->n * q->ci * q->inputs;
    q->w_count = q->ci * q->cog * q->taps;
    q->y_count = q->n * q->co * q->outputs;
    return p->dtype == DC_F32 || p->dtype == DC_F64 ? DC_OK : DC_UNSUPPORTED;
}

double dc_fast_geometry_work(const dc_fast_geometry *q)
{
    return (double)q->n * (double)q->ci * (double)q->cog * (double)q->inputs *
           (double)q->taps;
}
