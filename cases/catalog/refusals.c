/* SPDX-License-Identifier: MIT
 *
 * Rules, and how a legal problem breaks them: a row or more per rule, on
 * different axes and ranks.  An implementation that accepts such a problem
 * computes nonsense, traps, or writes out of bounds.
 */
#include "cases/catalog/catalog.h"

#include <string.h>

#include "ref/integer.h"

#define BIG  DC_FIELD_MAX
#define HALF ((int64_t)3000000000) /* squares fit, their sum does not */

/* Legal problems: grouped and dilated with pads and op, and plain. */
#define LINE   "n2_ci4_co6_g2_i4_k3_s2_d2_pb2_pe1_op1"
#define UNIT   "n2_ci4_co6_g2_i4_k3_s1_d1_pb2_pe1_op0"
#define SHORT  "n2_ci4_co6_g2_i1_k1_s2_d2_pb0_pe2_op1"
#define WHOLE  "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1"
#define LOW    "n2_ci4_co6_g2_i1x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op0x1"
#define WIDE   "n2_ci4_co6_g2_i3x4_k2x3_s1x2_d3x2_pb1x2_pe0x1_op2x1"
#define DENSE  "n1_ci4_co6_g1_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1"
#define ONE    "n1_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1"
#define SINGLE "u1_" ONE
#define VOLUME                                                                 \
    "n2_ci4_co6_g2_i3x4x3_k2x3x2_s3x2x3_d1x2x1_pb1x2x1_pe0x1x0_op2x1x2"
#define PLAIN1 "n1_ci2_co3_i5_k3_s2_p1_b1"
#define PLAIN2 "n1_ci2_co3_i4x5_k4_s2_p1"
#define PLAIN3 "n2_ci2_co2_i3x2x3_k2_s2_b1"

/* clang-format off */
#define TO(field, value)   {offsetof(dc_problem, field), DC_BREAK_SET, value}
#define PLUS(field, value) {offsetof(dc_problem, field), DC_BREAK_ADD, value}
#define LIMIT              {offsetof(dc_problem, op), DC_BREAK_LIMIT, 0}
#define CROP(value)        {offsetof(dc_problem, pb), DC_BREAK_CROP, value}
#define HALVE(field)       {offsetof(dc_problem, field), DC_BREAK_HALVE, 1}

#define ROW(name, spec, field, axis, rule, ...) \
    {name, spec, field, axis, rule, {__VA_ARGS__}}

/* A rule of one axis that a plain problem of each rank breaks. */
#define PLAIN(name, field, rule, ...) \
    ROW(name "_G1_1D", PLAIN1, field, 0, rule, __VA_ARGS__), \
    ROW(name "_G1_2D", PLAIN2, field, 1, rule, __VA_ARGS__), \
    ROW(name "_G1_3D", PLAIN3, field, 2, rule, __VA_ARGS__)
/* clang-format on */

const dc_refusal dc_refusals[] = {
    /* whole fields */
    ROW("RANK0", WHOLE, "rank", -1, "rank is 1, 2 or 3", TO(rank, 0)),
    ROW("RANK4", WHOLE, "rank", -1, "rank is 1, 2 or 3", TO(rank, 4)),
    ROW("DTYPE_NEG", WHOLE, "dtype", -1, "the storage type is known",
        TO(dtype, -1)),
    ROW("DTYPE4", WHOLE, "dtype", -1, "the storage type is known",
        TO(dtype, 4)),
    ROW("UNBATCHED2", ONE, "unbatched", -1, "unbatched is 0 or 1",
        TO(unbatched, 2)),
    ROW("BIAS2", WHOLE, "has_bias", -1, "has_bias is 0 or 1", TO(has_bias, 2)),
    ROW("N_NEG", WHOLE, "n", -1, "n >= 0", TO(n, -1)),
    ROW("N_HUGE", WHOLE, "n", -1, "fields stay below 2^40", TO(n, INT64_MAX)),
    ROW("UNBATCHED_N2", SINGLE, "n", -1, "n = 1 without a batch axis",
        TO(n, 2)),
    ROW("UNBATCHED_N0", SINGLE, "n", -1, "n = 1 without a batch axis",
        TO(n, 0)),
    ROW("CI_NEG", WHOLE, "ci", -1, "ci >= 0", TO(ci, -4)),
    ROW("CO_NEG", WHOLE, "co", -1, "co >= 0", TO(co, -6)),
    ROW("G0", WHOLE, "g", -1, "g >= 1: a division trap (pytorch#91549)",
        TO(g, 0)),
    ROW("G_NEG", WHOLE, "g", -1, "g >= 1", TO(g, -2)),
    ROW("CI_G", WHOLE, "ci", -1, "g divides ci (onnx#7802)", PLUS(ci, 1)),
    ROW("CO_G", WHOLE, "co", -1, "g divides co", PLUS(co, 1)),
    ROW("G0_G1", PLAIN2, "g", -1, "g >= 1: a division trap (pytorch#91549)",
        TO(g, 0)),
    ROW("CI_NEG_G1", PLAIN1, "ci", -1, "ci >= 0", TO(ci, -2)),
    ROW("CO_NEG_G1", PLAIN3, "co", -1, "co >= 0", TO(co, -2)),
    /* one axis */
    ROW("I_NEG_H", WHOLE, "i", 0, "i >= 0", TO(i, -1)),
    ROW("I_NEG_W", WHOLE, "i", 1, "i >= 0", TO(i, -4)),
    ROW("K0_H", WHOLE, "k", 0, "k >= 1", TO(k, 0)),
    ROW("K0_W", WHOLE, "k", 1, "k >= 1", TO(k, 0)),
    ROW("K_NEG_1D", LINE, "k", 0, "k >= 1", TO(k, -3)),
    ROW("S0_H", WHOLE, "s", 0, "s >= 1: a division trap (pytorch#136722)",
        TO(s, 0)),
    ROW("S0_W", WHOLE, "s", 1, "s >= 1: a division trap (pytorch#136722)",
        TO(s, 0)),
    ROW("S_NEG_3D", VOLUME, "s", 2, "s >= 1", TO(s, -1)),
    ROW("D0_H", WHOLE, "d", 0, "d >= 1 (chainer#7304)", TO(d, 0)),
    ROW("D0_W", WHOLE, "d", 1, "d >= 1 (chainer#7304)", TO(d, 0)),
    ROW("D_NEG_3D", VOLUME, "d", 1, "d >= 1", TO(d, -2)),
    ROW("OP_NEG_H", WHOLE, "op", 0, "op >= 0", TO(op, -1)),
    ROW("OP_NEG_W", WHOLE, "op", 1, "op >= 0", TO(op, -1)),
    ROW("OP_S_H", WHOLE, "op", 0, "op < max(s,d) (pytorch#169236)", LIMIT),
    ROW("OP_S_W", WHOLE, "op", 1, "op < max(s,d), s = d (pytorch#169236)",
        LIMIT),
    ROW("OP_D_H", WIDE, "op", 0, "op < max(s,d), d above s", LIMIT),
    ROW("OP_1D", UNIT, "op", 0, "op < max(s,d), s = d = 1", LIMIT),
    ROW("OP_3D", VOLUME, "op", 2, "op < max(s,d)", LIMIT),
    ROW("O_NEG_H", LOW, "o", 0, "o >= 0", CROP(1)),
    ROW("O_NEG_W", WHOLE, "o", 1, "o >= 0", CROP(9)),
    ROW("O_NEG_I0", LOW, "o", 0, "o >= 0, also for an empty input", TO(i, 0)),
    ROW("O_NEG_1D", SHORT, "o", 0, "o >= 0", CROP(1)),
    /* dense, without dilation and op, in each rank */
    PLAIN("I_NEG", "i", "i >= 0", TO(i, -1)),
    PLAIN("K0", "k", "k >= 1", TO(k, 0)),
    PLAIN("S0", "s", "s >= 1: a division trap (pytorch#136722)", TO(s, 0)),
    PLAIN("S_NEG", "s", "s >= 1", TO(s, -2)),
    PLAIN("D0", "d", "d >= 1 (chainer#7304)", TO(d, 0)),
    PLAIN("OP_NEG", "op", "op >= 0", TO(op, -1)),
    PLAIN("OP_S", "op", "op < max(s,d) (pytorch#169236)", LIMIT),
    PLAIN("O_NEG", "o", "o >= 0", HALVE(pb), HALVE(pe)),
    /* numbers that do not fit */
    ROW("S_HUGE", WHOLE, "s", 0, "fields stay below 2^40", TO(s, INT64_MAX)),
    ROW("PB_HUGE", WHOLE, "pb", 1, "pads stay within 2^40", TO(pb, INT64_MIN)),
    ROW("PE_HUGE", WHOLE, "pe", 0, "pads stay within 2^40", TO(pe, INT64_MAX)),
    ROW("HUGEATTR_S", WHOLE, "o", 0,
        "the extent fits: stride 2^31 (pytorch#148275)", TO(i, BIG),
        TO(s, (int64_t)1 << 31)),
    ROW("HUGEATTR_OP", WHOLE, "op", 1,
        "op >= 0, whatever cancels it (pytorch#77901)", TO(d, BIG),
        TO(op, -BIG)),
    ROW("HUGEATTR_D", WHOLE, "d", 1, "no field cancels another (pytorch#77901)",
        TO(d, 1250000000000), TO(op, -1250000000000)),
    ROW("O_REACH", WHOLE, "o", 1, "the extent fits: dilated kernel", TO(k, BIG),
        TO(d, BIG)),
    ROW("O_STEPS", VOLUME, "o", 2, "the extent fits: strided input", TO(i, BIG),
        TO(s, BIG)),
    ROW("O_SUM", WHOLE, "o", 0, "the extent fits: sum of the two", TO(i, HALF),
        TO(k, HALF), TO(s, HALF), TO(d, HALF)),
    ROW("X_BYTES", WHOLE, "x", -1, "x's bytes fit 64 bits", TO(n, BIG),
        TO(ci, (int64_t)1 << 22)),
    ROW("W_BYTES", DENSE, "w", -1, "w's bytes fit 64 bits", TO(ci, BIG),
        TO(co, BIG)),
    ROW("Y_BYTES", DENSE, "y", -1, "y's bytes fit 64 bits", TO(n, BIG),
        TO(co, BIG)),
    ROW("N0_BYTES", DENSE, "y", -1, "y's bytes fit, a zero factor aside",
        TO(n, 0), TO(co, BIG), TO(i, BIG)),
};

const int dc_refusals_count = (int)(sizeof dc_refusals / sizeof *dc_refusals);

/* ==== Making one ======================================================== */

/* The output extent on axis a of a problem that may be illegal, so that o does
 * not give the problem away; 0 if it overflows. */
static int64_t output_extent(const dc_problem *p, int a)
{
    int64_t steps;
    int64_t reach;
    int64_t o;

    if (__builtin_sub_overflow(p->i[a], 1, &steps) ||
        __builtin_mul_overflow(steps, p->s[a], &steps) ||
        __builtin_sub_overflow(p->k[a], 1, &reach) ||
        __builtin_mul_overflow(reach, p->d[a], &reach) ||
        __builtin_add_overflow(steps, reach, &o) ||
        __builtin_sub_overflow(o, p->pb[a], &o) ||
        __builtin_sub_overflow(o, p->pe[a], &o) ||
        __builtin_add_overflow(o, p->op[a], &o) ||
        __builtin_add_overflow(o, 1, &o))
        return 0;
    return o;
}

/* The new value of a field that is `old` on axis a of a legal problem. */
static int64_t value_of(const dc_break *b, const dc_problem *legal, int a,
                        int64_t old)
{
    switch (b->how) {
    case DC_BREAK_SET:
        return b->value;
    case DC_BREAK_ADD:
        return old + b->value;
    case DC_BREAK_LIMIT:
        return dc_max(legal->s[a], legal->d[a]);
    case DC_BREAK_CROP:
        return old + legal->o[a] + b->value;
    default:
        return old + (legal->o[a] + b->value + 1) / 2;
    }
}

/* Changes a field: one int32_t, one int64_t, or one for each axis. */
static void change(const dc_break *b, const dc_problem *legal, int a,
                   dc_problem *p)
{
    void *const at = (char *)p + b->at;

    if (b->at < offsetof(dc_problem, n)) {
        *(int32_t *)at = (int32_t)b->value;
    } else {
        int64_t *const field =
            (int64_t *)at + (b->at < offsetof(dc_problem, i) ? 0 : a);

        *field = value_of(b, legal, a, *field);
    }
}

bool dc_refusal_make(const dc_refusal *row, const dc_problem *legal,
                     dc_problem *illegal)
{
    const int last = legal->rank - 1;
    const int a = row->axis < 0 ? 0 : row->axis < last ? row->axis : last;
    dc_problem judged;
    dc_error e = {.field = NULL};

    *illegal = *legal;
    for (int k = 0; k < DC_BREAKS && row->changes[k].at; k++)
        change(&row->changes[k], legal, a, illegal);
    judged = *illegal;
    memset(illegal->o, 0, sizeof illegal->o);
    for (int axis = 0; axis < illegal->rank && axis < 3; axis++)
        illegal->o[axis] = output_extent(illegal, axis);
    return dc_problem_complete(&judged, &e) == DC_INVALID && e.field &&
           strcmp(e.field, row->field) == 0 &&
           e.axis == (row->axis < 0 ? -1 : a);
}

void dc_refusal_legal(const dc_refusal *row, dc_case *c)
{
    (void)dc_case_parse(row->spec, c, NULL); /* cannot fail: a test reads it */
}
