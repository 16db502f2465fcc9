/* SPDX-License-Identifier: MIT
 *
 * Matrix products in register tiles of C.  Included by kernel_isa.h once per
 * instruction set, hence without a guard.
 *
 * Each element of C takes one fused multiply-add per step of k, in the order
 * of k, whatever the shape of the tile: blocking cannot change a bit.
 */

/* The accumulators c0, c1, ... are scalars because gcc -O2 does not keep an
 * array in registers.  All conditions on rows and vecs are constants after
 * inlining. */
/* clang-format off */
#define EACH(X)                                                                \
    X(0)  X(1)  X(2)  X(3)  X(4)  X(5)  X(6)  X(7)  X(8)  X(9)  X(10) X(11)    \
    X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)    \
    X(24) X(25) X(26) X(27)
#define VECS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

/* The shapes of tiles, (rows, vecs).  Few rows are compensated by more vectors,
 * so that enough independent sums are in flight.  An A that is read in place
 * takes a load and an index per factor, which more vectors per row make up. */
#define SHAPES_16(T)                                                           \
    T(1, 1) T(1, 2) T(1, 4) T(1, 8)                                            \
    T(2, 1) T(2, 2) T(2, 4)                                                    \
    T(3, 1) T(3, 2) T(3, 4)                                                    \
    T(4, 1) T(4, 2)                                                            \
    T(5, 1) T(5, 2)                                                            \
    T(6, 1) T(6, 2)
#define SHAPES_32(T)                                                           \
    SHAPES_16(T)                                                               \
    T(2, 8) T(3, 8) T(4, 4) T(5, 4) T(6, 4)                                    \
    T(7, 1) T(7, 2) T(7, 4)                                                    \
    T(8, 1) T(8, 2)                                                            \
    T(9, 1) T(9, 2)                                                            \
    T(10, 1) T(10, 2)                                                          \
    T(11, 1) T(11, 2)                                                          \
    T(12, 1) T(12, 2)                                                          \
    T(13, 1) T(13, 2)                                                          \
    T(14, 1) T(14, 2)
#define INDEXED_16(T)                                                          \
    T(1, 1) T(1, 2) T(1, 4) T(2, 1) T(2, 2) T(2, 4) T(3, 1) T(3, 2) T(3, 4)
#define INDEXED_32(T)                                                          \
    INDEXED_16(T)                                                              \
    T(4, 1) T(4, 2) T(4, 4) T(5, 1) T(5, 2) T(5, 4) T(6, 1) T(6, 2) T(6, 4)
/* clang-format on */

#if REGISTERS == 32
#define SHAPES       SHAPES_32
#define ROWS         14
#define INDEXED      INDEXED_32
#define INDEXED_ROWS 6
#else
#define SHAPES       SHAPES_16
#define ROWS         6
#define INDEXED      INDEXED_16
#define INDEXED_ROWS 3
#endif

#define DECLARE_C(i) VEC c##i = {0};
#define DECLARE_B(v) VEC b##v = {0};
#define LOAD_B(v)                                                              \
    if (v < vecs)                                                              \
        b##v = LOAD(at + v * LANES);
#define LOAD_C(i)                                                              \
    if (i < rows * vecs)                                                       \
        c##i = LOAD(c + i / vecs * pitch + i % vecs * LANES);
#define INIT_C(i)                                                              \
    if (i < rows * vecs)                                                       \
        c##i = SPLAT(init[i / vecs]);
#define PREFETCH_C(i)                                                          \
    if (i < rows * vecs)                                                       \
        __builtin_prefetch(c + (rows + i / vecs) * pitch + i % vecs * LANES);
#define STORE_C(i)                                                             \
    if (i < rows * vecs)                                                       \
        STORE(c + i / vecs * pitch + i % vecs * LANES, c##i);
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
            factor = SPLAT(indexed ? a_row[i / vecs][step] : a[i / vecs]);     \
        c##i = FMA(factor, PICK(i % vecs), c##i);                              \
    }

/* Elements of B that are prefetched before their use. */
#define AHEAD (8 * PANEL)

/* One tile of g: `rows` rows from row r on, `vecs` vectors from vector v on. */
INLINE void NAMED(tile)(const gemm_desc *g, int64_t r, int64_t v,
                        const bool indexed, const int rows, const int vecs)
{
    const int64_t k = g->k;
    const int64_t pitch = g->c_pitch;
    const REAL *a = indexed ? NULL : g->a + r * k;
    const REAL *const *const a_row = indexed ? g->a_row + r : NULL;
    const int32_t *const a_offset = g->a_offset;
    const REAL *const b = g->b + v * LANES;
    const int32_t *const b_offset = g->b_offset;
    REAL *const c = g->c + r * pitch + v * LANES;

    EACH(DECLARE_C)
    if (g->init) {
        const REAL *const init = g->init + r;

        EACH(INIT_C)
    } else {
        EACH(LOAD_C)
    }
    EACH(PREFETCH_C) /* of the tile below, while this one multiplies */
    for (int64_t p = 0; p < k; p++) {
        const REAL *const at = b + b_offset[p];
        const int64_t step = indexed ? a_offset[p] : 0;
        VEC factor = {0};

        /* B, read in place, does not fit the first-level cache */
        __builtin_prefetch(at + AHEAD);
        if (vecs * LANES > MAX_LANES)
            __builtin_prefetch(at + AHEAD + MAX_LANES);

        VECS(DECLARE_B)
        VECS(LOAD_B)
        EACH(MULTIPLY)
        if (!indexed)
            a += rows;
    }
    EACH(STORE_C)
}

typedef void NAMED(tile_function)(const gemm_desc *g, int64_t r, int64_t v);

#define DEFINE(rows, vecs)                                                     \
    TARGET static void NAMED(tile_##rows##x##vecs)(const gemm_desc *g,         \
                                                   int64_t r, int64_t v)       \
    {                                                                          \
        NAMED(tile)(g, r, v, false, rows, vecs);                               \
    }
SHAPES(DEFINE)
#undef DEFINE
#define DEFINE(rows, vecs)                                                     \
    TARGET static void NAMED(indexed_##rows##x##vecs)(const gemm_desc *g,      \
                                                      int64_t r, int64_t v)    \
    {                                                                          \
        NAMED(tile)(g, r, v, true, rows, vecs);                                \
    }
INDEXED(DEFINE)
#undef DEFINE

/* See gemm_desc. */
static void NAMED(gemm)(const gemm_desc *g)
{
#define ENTRY(rows, vecs) [rows][vecs] = NAMED(tile_##rows##x##vecs),
    static NAMED(tile_function) *const packed[][9] = {SHAPES(ENTRY)};
#undef ENTRY
#define ENTRY(rows, vecs) [rows][vecs] = NAMED(indexed_##rows##x##vecs),
    static NAMED(tile_function) *const indexed[][9] = {INDEXED(ENTRY)};
#undef ENTRY
    NAMED(tile_function) *const(*const tiles)[9] = g->a_row ? indexed : packed;
    const int64_t high = dc_fast_min(g->tile_rows, g->rows);

    for (int64_t v = 0, vecs; v < g->vecs; v += vecs) {
        vecs = 8;
        while (vecs > g->vecs - v || !tiles[high][vecs])
            vecs /= 2;
        for (int64_t r = 0; r < g->rows; r += high)
            tiles[dc_fast_min(high, g->rows - r)][vecs](g, r, v);
    }
}

#undef EACH
#undef VECS
#undef SHAPES_16
#undef SHAPES_32
#undef SHAPES
#undef INDEXED_16
#undef INDEXED_32
#undef INDEXED
#undef DECLARE_C
#undef DECLARE_B
#undef LOAD_B
#undef LOAD_C
#undef INIT_C
#undef PREFETCH_C
#undef STORE_C
#undef PICK
#undef MULTIPLY
#undef AHEAD
