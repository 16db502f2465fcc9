/* SPDX-License-Identifier: MIT
 *
 * Problems that must be refused: a row or more per rule, on different axes and
 * ranks.  An implementation that accepts one computes nonsense, traps, or
 * writes out of bounds.
 */
#include "cases/catalog/catalog.h"

#define BIG  ((int64_t)1 << 40)    /* the largest legal field */
#define HALF ((int64_t)3000000000) /* squares fit, their sum does not */

/* The legal problem of rank 2 in which a row changes a field, and the scalars
 * of ranks 1 and 3. */
#define WHOLE  2, DC_F32, 0, 0, 2, 4, 6, 2
#define LINE   1, DC_F32, 0, 0, 2, 4, 6, 2
#define VOLUME 3, DC_F32, 0, 0, 2, 4, 6, 2
/* clang-format off */
#define I  {3, 4}
#define K  {2, 3}
#define S  {3, 2}
#define D  {1, 2}
#define PB {1, 2}
#define PE {0, 1}
#define OP {2, 1}
#define AXES I, K, S, D, PB, PE, OP

/* The arguments after the rule are the fields of dc_problem in order: rank
 * dtype unbatched has_bias, n ci co g, i k s d pb pe op. */
#define ROW(name, field, axis, rule, ...) \
    {name, {sizeof(dc_problem), __VA_ARGS__, {0}}, field, axis, rule}
/* clang-format on */

const dc_refusal dc_refusals[] = {
    /* whole fields */
    ROW("RANK0", "rank", -1, "rank is 1, 2 or 3", 0, DC_F32, 0, 0, 2, 4, 6, 2,
        AXES),
    ROW("RANK4", "rank", -1, "rank is 1, 2 or 3", 4, DC_F32, 0, 0, 2, 4, 6, 2,
        AXES),
    ROW("DTYPE_NEG", "dtype", -1, "the storage type is known", 2, -1, 0, 0, 2,
        4, 6, 2, AXES),
    ROW("DTYPE4", "dtype", -1, "the storage type is known", 2, 4, 0, 0, 2, 4, 6,
        2, AXES),
    ROW("UNBATCHED2", "unbatched", -1, "unbatched is 0 or 1", 2, DC_F32, 2, 0,
        1, 4, 6, 2, AXES),
    ROW("BIAS2", "has_bias", -1, "has_bias is 0 or 1", 2, DC_F32, 0, 2, 2, 4, 6,
        2, AXES),
    ROW("N_NEG", "n", -1, "n >= 0", 2, DC_F32, 0, 0, -1, 4, 6, 2, AXES),
    ROW("N_HUGE", "n", -1, "fields stay below 2^40", 2, DC_F32, 0, 0, INT64_MAX,
        4, 6, 2, AXES),
    ROW("UNBATCHED_N2", "n", -1, "n = 1 without a batch axis", 2, DC_F32, 1, 0,
        2, 4, 6, 2, AXES),
    ROW("UNBATCHED_N0", "n", -1, "n = 1 without a batch axis", 2, DC_F32, 1, 0,
        0, 4, 6, 2, AXES),
    ROW("CI_NEG", "ci", -1, "ci >= 0", 2, DC_F32, 0, 0, 2, -4, 6, 2, AXES),
    ROW("CO_NEG", "co", -1, "co >= 0", 2, DC_F32, 0, 0, 2, 4, -6, 2, AXES),
    ROW("G0", "g", -1, "g >= 1: a division trap (pytorch#91549)", 2, DC_F32, 0,
        0, 2, 4, 6, 0, AXES),
    ROW("G_NEG", "g", -1, "g >= 1", 2, DC_F32, 0, 0, 2, 4, 6, -2, AXES),
    ROW("CI_G", "ci", -1, "g divides ci (onnx#7802)", 2, DC_F32, 0, 0, 2, 5, 6,
        2, AXES),
    ROW("CO_G", "co", -1, "g divides co", 2, DC_F32, 0, 0, 2, 4, 7, 2, AXES),
    /* one axis */
    ROW("I_NEG_H", "i", 0, "i >= 0", WHOLE, {-1, 4}, K, S, D, PB, PE, OP),
    ROW("I_NEG_W", "i", 1, "i >= 0", WHOLE, {3, -4}, K, S, D, PB, PE, OP),
    ROW("K0_H", "k", 0, "k >= 1", WHOLE, I, {0, 3}, S, D, PB, PE, OP),
    ROW("K0_W", "k", 1, "k >= 1", WHOLE, I, {2, 0}, S, D, PB, PE, OP),
    ROW("K_NEG_1D", "k", 0, "k >= 1", LINE, {4}, {-3}, {2}, {2}, {2}, {1}, {1}),
    ROW("S0_H", "s", 0, "s >= 1: a division trap (pytorch#136722)", WHOLE, I, K,
        {0, 2}, D, PB, PE, OP),
    ROW("S0_W", "s", 1, "s >= 1: a division trap (pytorch#136722)", WHOLE, I, K,
        {3, 0}, D, PB, PE, OP),
    ROW("S_NEG_3D", "s", 2, "s >= 1", VOLUME, {3, 4, 3}, {2, 3, 2}, {3, 2, -1},
        {1, 2, 1}, {1, 2, 1}, {0, 1, 0}, {2, 1, 2}),
    ROW("D0_H", "d", 0, "d >= 1 (chainer#7304)", WHOLE, I, K, S, {0, 2}, PB, PE,
        OP),
    ROW("D0_W", "d", 1, "d >= 1 (chainer#7304)", WHOLE, I, K, S, {1, 0}, PB, PE,
        OP),
    ROW("D_NEG_3D", "d", 1, "d >= 1", VOLUME, {3, 4, 3}, {2, 3, 2}, {3, 2, 3},
        {1, -2, 1}, {1, 2, 1}, {0, 1, 0}, {2, 1, 2}),
    ROW("OP_NEG_H", "op", 0, "op >= 0", WHOLE, I, K, S, D, PB, PE, {-1, 1}),
    ROW("OP_NEG_W", "op", 1, "op >= 0", WHOLE, I, K, S, D, PB, PE, {2, -1}),
    ROW("OP_S_H", "op", 0, "op < max(s,d) (pytorch#169236)", WHOLE, I, K, S, D,
        PB, PE, {3, 1}),
    ROW("OP_S_W", "op", 1, "op < max(s,d), s = d (pytorch#169236)", WHOLE, I, K,
        S, D, PB, PE, {2, 2}),
    ROW("OP_D_H", "op", 0, "op < max(s,d), d above s", WHOLE, I, K, {1, 2},
        {3, 2}, PB, PE, {3, 1}),
    ROW("OP_1D", "op", 0, "op < max(s,d), s = d = 1", LINE, {4}, {3}, {1}, {1},
        {2}, {1}, {1}),
    ROW("OP_3D", "op", 2, "op < max(s,d)", VOLUME, {3, 4, 3}, {2, 3, 2},
        {3, 2, 3}, {1, 2, 1}, {1, 2, 1}, {0, 1, 0}, {2, 1, 3}),
    ROW("O_NEG_H", "o", 0, "o >= 0", WHOLE, {1, 4}, K, S, D, {3, 2}, PE,
        {0, 1}),
    ROW("O_NEG_W", "o", 1, "o >= 0", WHOLE, I, K, S, D, {1, 20}, PE, OP),
    ROW("O_NEG_I0", "o", 0, "o >= 0, also for an empty input", WHOLE, {0, 4}, K,
        S, D, PB, PE, {0, 1}),
    ROW("O_NEG_1D", "o", 0, "o >= 0", LINE, {1}, {1}, {2}, {2}, {1}, {2}, {1}),
    /* numbers that do not fit */
    ROW("S_HUGE", "s", 0, "fields stay below 2^40", WHOLE, I, K, {INT64_MAX, 2},
        D, PB, PE, OP),
    ROW("PB_HUGE", "pb", 1, "pads stay within 2^40", WHOLE, I, K, S, D,
        {1, INT64_MIN}, PE, OP),
    ROW("PE_HUGE", "pe", 0, "pads stay within 2^40", WHOLE, I, K, S, D, PB,
        {INT64_MAX, 1}, OP),
    ROW("HUGEATTR_S", "o", 0, "the extent fits: stride 2^31 (pytorch#148275)",
        WHOLE, {BIG, 4}, K, {(int64_t)1 << 31, 2}, D, PB, PE, OP),
    ROW("HUGEATTR_OP", "op", 1, "op >= 0, whatever cancels it (pytorch#77901)",
        WHOLE, I, K, S, {1, BIG}, PB, PE, {2, -BIG}),
    ROW("HUGEATTR_D", "d", 1, "no field cancels another (pytorch#77901)", WHOLE,
        I, K, S, {1, 1250000000000}, PB, PE, {2, -1250000000000}),
    ROW("O_REACH", "o", 1, "the extent fits: dilated kernel", WHOLE, I,
        {2, BIG}, S, {1, BIG}, PB, PE, OP),
    ROW("O_STEPS", "o", 2, "the extent fits: strided input", VOLUME,
        {3, 4, BIG}, {2, 3, 2}, {3, 2, BIG}, {1, 2, 1}, {1, 2, 1}, {0, 1, 0},
        {2, 1, 2}),
    ROW("O_SUM", "o", 0, "the extent fits: sum of the two", WHOLE, {HALF, 4},
        {HALF, 3}, {HALF, 2}, {HALF, 2}, PB, PE, OP),
    ROW("X_BYTES", "x", -1, "x's bytes fit 64 bits", 2, DC_F32, 0, 0, BIG,
        (int64_t)1 << 22, 6, 2, AXES),
    ROW("W_BYTES", "w", -1, "w's bytes fit 64 bits", 2, DC_F32, 0, 0, 1, BIG,
        BIG, 1, AXES),
    ROW("Y_BYTES", "y", -1, "y's bytes fit 64 bits", 2, DC_F32, 0, 0, BIG, 4,
        BIG, 1, AXES),
    ROW("N0_BYTES", "y", -1, "y's bytes fit, a zero factor aside", 2, DC_F32, 0,
        0, 0, 4, BIG, 1, {BIG, 4}, K, S, D, PB, PE, OP),
};

const int dc_refusals_count = (int)(sizeof dc_refusals / sizeof *dc_refusals);
