/* SPDX-License-Identifier: MIT
 *
 * The innermost loops of the matrix products: tiles of C held in registers.
 * A template over REAL and the instruction set, included by kernels.h.
 *
 * Each element of C takes one fused multiply-add per step of k, in the order
 * of k, whatever the shape of the tile, so no blocking changes a bit.
 */

/* Accumulators are named, not an array: gcc -O2 keeps only scalars in
 * registers.  All conditions on rows and vecs are constants after inlining. */
/* clang-format off */
#define EACH(X)                                                                \
    X(0)                                                                       \
    X(1)                                                                       \
    X(2)                                                                       \
    X(3)                                                                       \
    X(4)                                                                       \
    X(5)                                                                       \
    X(6)                                                                       \
    X(7)                                                                       \
    X(8)                                                                       \
    X(9)                                                                       \
    X(10)                                                                      \
    X(11)                                                                      \
    X(12)                                                                      \
    X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24)    \
        X(25) X(26) X(27)
/* clang-format on */
#define VECS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

#define DECLARE_C(i) VEC c##i = {0};
#define DECLARE_B(v) VEC b##v = {0};
#define LOAD_B(v)                                                              \
    if (v < vecs)                                                              \
        b##v = LOAD(at + v * LANES);
#define LOAD_C(i)                                                              \
    if (i < rows * vecs)                                                       \
        c##i = LOAD(c + i / vecs * ldc + i % vecs * LANES);
#define START_C(i)                                                             \
    if (i < rows * vecs)                                                       \
        c##i = SPLAT(init[i / vecs]);
#define NEXT_C(i)                                                              \
    if (i < rows * vecs)                                                       \
        __builtin_prefetch(c + (rows + i / vecs) * ldc + i % vecs * LANES);
#define STORE_C(i)                                                             \
    if (i < rows * vecs)                                                       \
        STORE(c + i / vecs * ldc + i % vecs * LANES, c##i);
#define PICK(v)                                                                \
    ((v) == 0   ? b0                                                           \
     : (v) == 1 ? b1                                                           \
     : (v) == 2 ? b2                                                           \
     : (v) == 3 ? b3                                                           \
     : (v) == 4 ? b4                                                           \
     : (v) == 5 ? b5                                                           \
     : (v) == 6 ? b6                                                           \
                : b7)
#define MULTIPLY(i)                                                            \
    if (i < rows * vecs) {                                                     \
        if (i % vecs == 0)                                                     \
            factor = SPLAT(row ? row[i / vecs][step] : a[i / vecs]);           \
        c##i = FMA(factor, PICK(i % vecs), c##i);                              \
    }

/* Elements of B that are fetched ahead of their use. */
#define AHEAD (8 * PANEL)

/* c[rows][vecs * LANES] += sum over p < k of a[p][rows] * b[off[p]...], where
 * c is init[rows] at first if that is given; with `row` the factors are
 * row[0..rows-1][steps[p]] instead. */
INLINE void NAMED(tile)(int64_t k, const REAL *a, const REAL *const *row,
                        const int32_t *steps, const REAL *b, const int32_t *off,
                        const REAL *init, REAL *c, int64_t ldc, const int rows,
                        const int vecs)
{
    EACH(DECLARE_C)
    if (init) {
        EACH(START_C)
    } else {
        EACH(LOAD_C)
    }
    EACH(NEXT_C) /* the sums of the tile below, while this one multiplies */
    for (int64_t p = 0; p < k; p++) {
        const REAL *const at = b + off[p];
        const int64_t step = row ? steps[p] : 0;
        VEC factor = {0};

        /* rows to come: a window is longer than the first cache */
        __builtin_prefetch(at + AHEAD);
        if (vecs * LANES > SPARE)
            __builtin_prefetch(at + AHEAD + SPARE);

        VECS(DECLARE_B)
        VECS(LOAD_B)
        EACH(MULTIPLY)
        if (!row)
            a += rows;
    }
    EACH(STORE_C)
}

#undef EACH
#undef AHEAD
#undef VECS
#undef DECLARE_C
#undef DECLARE_B
#undef LOAD_B
#undef LOAD_C
#undef START_C
#undef STORE_C
#undef NEXT_C
#undef PICK
#undef MULTIPLY

/* The shapes: rows, vecs.  Few rows are made up for by more vectors, so that
 * enough independent sums are in flight. */
#define SHAPES_NARROW(T)                                                       \
    T(1, 1)                                                                    \
    T(1, 2)                                                                    \
    T(1, 4)                                                                    \
    T(1, 8)                                                                    \
    T(2, 1)                                                                    \
    T(2, 2)                                                                    \
    T(2, 4)                                                                    \
    T(3, 1) T(3, 2) T(3, 4) T(4, 1) T(4, 2) T(5, 1) T(5, 2) T(6, 1) T(6, 2)
/* clang-format off */
#define SHAPES_WIDE(T)                                                         \
    SHAPES_NARROW(T)                                                           \
    T(2, 8)                                                                    \
    T(3, 8)                                                                    \
    T(4, 4)                                                                    \
    T(5, 4)                                                                    \
    T(6, 4)                                                                    \
    T(7, 1)                                                                    \
    T(7, 2)                                                                    \
    T(7, 4)                                                                    \
    T(8, 1)                                                                    \
    T(8, 2)                                                                    \
    T(9, 1)                                                                    \
    T(9, 2)                                                                    \
    T(10, 1)                                                                   \
    T(10, 2) T(11, 1) T(11, 2) T(12, 1) T(12, 2) T(13, 1) T(13, 2) T(14, 1)    \
        T(14, 2)
/* clang-format on */

#if REGISTERS == 32
#define SHAPES SHAPES_WIDE
#define ROWS   14
#else
#define SHAPES SHAPES_NARROW
#define ROWS   6
#endif

#define DEFINE(rows, vecs)                                                     \
    TARGET static void NAMED(tile_##rows##x##vecs)(                            \
        int64_t k, const REAL *a, const REAL *b, const int32_t *off,           \
        const REAL *init, REAL *c, int64_t ldc)                                \
    {                                                                          \
        NAMED(tile)(k, a, NULL, NULL, b, off, init, c, ldc, rows, vecs);       \
    }
SHAPES(DEFINE)
#undef DEFINE

/* C[rows][vecs * LANES] += A * B: a holds panels of up to `high` rows as
 * [k][rows of the panel], row p of B begins at b + off[p];
 * C is init[rows] at first if that is given. */
static void NAMED(product)(int64_t rows, int64_t high, int64_t k, const REAL *a,
                           const REAL *b, const int32_t *off, const REAL *init,
                           int64_t vecs, REAL *c, int64_t ldc)
{
    typedef void function(int64_t, const REAL *, const REAL *, const int32_t *,
                          const REAL *, REAL *, int64_t);
#define ENTRY(rows, vecs) [rows][vecs] = NAMED(tile_##rows##x##vecs),
    static function *const tiles[ROWS + 1][9] = {SHAPES(ENTRY)};
#undef ENTRY

    for (int64_t v = 0, some; v < vecs; v += some) {
        int64_t most = 8;

        while (most > vecs - v || !tiles[dc_fast_min(high, rows)][most])
            most /= 2;
        some = most;
        for (int64_t r = 0; r < rows; r += high) {
            const int64_t tall = dc_fast_min(high, rows - r);

            tiles[tall][some](k, a + r * k, b + v * LANES, off,
                              init ? init + r : NULL, c + r * ldc + v * LANES,
                              ldc);
        }
    }
}

/* The shapes whose factors lie apart: each takes two loads, which many vectors
 * make up for. */
/* clang-format off */
#define SHAPES_APART_NARROW(T)                                                 \
    T(1, 1) T(1, 2) T(1, 4) T(2, 1) T(2, 2) T(2, 4) T(3, 1) T(3, 2) T(3, 4)
#define SHAPES_APART_WIDE(T)                                                   \
    SHAPES_APART_NARROW(T)                                                     \
    T(4, 1) T(4, 2) T(4, 4) T(5, 1) T(5, 2) T(5, 4) T(6, 1) T(6, 2) T(6, 4)
/* clang-format on */

#if REGISTERS == 32
#define SHAPES_APART SHAPES_APART_WIDE
#define ROWS_APART   6
#else
#define SHAPES_APART SHAPES_APART_NARROW
#define ROWS_APART   3
#endif

#define DEFINE(rows, vecs)                                                     \
    TARGET static void NAMED(apart_##rows##x##vecs)(                           \
        int64_t k, const REAL *const *row, const int32_t *steps,               \
        const REAL *b, const int32_t *off, REAL *c, int64_t ldc)               \
    {                                                                          \
        NAMED(tile)(k, NULL, row, steps, b, off, NULL, c, ldc, rows, vecs);    \
    }
SHAPES_APART(DEFINE)
#undef DEFINE

/* C[rows][vecs * LANES] += sum over p < k of row[..][steps[p]] * b[off[p]...],
 * for factors that lie apart and are not worth bringing together. */
static void NAMED(product_apart)(int64_t rows, int64_t k,
                                 const REAL *const *row, const int32_t *steps,
                                 const REAL *b, const int32_t *off,
                                 int64_t vecs, REAL *c, int64_t ldc)
{
    typedef void function(int64_t, const REAL *const *, const int32_t *,
                          const REAL *, const int32_t *, REAL *, int64_t);
#define ENTRY(rows, vecs) [rows][vecs] = NAMED(apart_##rows##x##vecs),
    static function *const tiles[ROWS_APART + 1][5] = {SHAPES_APART(ENTRY)};
#undef ENTRY
    const int64_t high = dc_fast_ceil(rows, dc_fast_ceil(rows, ROWS_APART));

    for (int64_t v = 0, some; v < vecs; v += some) {
        some = vecs - v >= 4 ? 4 : vecs - v >= 2 ? 2 : 1;
        for (int64_t r = 0; r < rows; r += high)
            tiles[dc_fast_min(high, rows - r)][some](
                k, row + r, steps, b + v * LANES, off, c + r * ldc + v * LANES,
                ldc);
    }
}

#undef SHAPES
#undef SHAPES_APART
#undef SHAPES_APART_NARROW
#undef SHAPES_APART_WIDE
#undef ROWS_APART
#undef SHAPES_NARROW
#undef SHAPES_WIDE
