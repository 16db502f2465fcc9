/* SPDX-License-Identifier: MIT
 *
 * Copies that change the order of elements: lines with a step and zeros at
 * the ends, transposition, interleaving.  A template over REAL and the
 * instruction set, included by engine.h.
 */

/* The first and second half of v[0] w[0] v[1] w[1] ..., and the even and the
 * odd elements of v followed by w. */
#if LANES == 16
#define ZIP0 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define ZIP1 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD  1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#elif LANES == 8
#define ZIP0 0, 8, 1, 9, 2, 10, 3, 11
#define ZIP1 4, 12, 5, 13, 6, 14, 7, 15
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define ODD  1, 3, 5, 7, 9, 11, 13, 15
#elif LANES == 4
#define ZIP0 0, 4, 1, 5
#define ZIP1 2, 6, 3, 7
#define EVEN 0, 2, 4, 6
#define ODD  1, 3, 5, 7
#else
#define ZIP0 0, 2
#define ZIP1 1, 3
#define EVEN 0, 2
#define ODD  1, 3
#endif

/* v[0..count-1], count a power of two: element e of v[r] goes to place
 * e * count + r of the whole. */
INLINE void NAMED(weave)(VEC *v, const int count)
{
    VEC w[LANES];

    UNROLL
    for (int round = 1; round < count; round *= 2) {
        UNROLL
        for (int r = 0; r < count / 2; r++) {
            w[2 * r] = __builtin_shufflevector(v[r], v[r + count / 2], ZIP0);
            w[2 * r + 1] =
                __builtin_shufflevector(v[r], v[r + count / 2], ZIP1);
        }
        UNROLL
        for (int r = 0; r < count; r++)
            v[r] = w[r];
    }
}

/* The inverse of weave. */
INLINE void NAMED(unweave)(VEC *v, const int count)
{
    VEC w[LANES];

    UNROLL
    for (int round = 1; round < count; round *= 2) {
        UNROLL
        for (int r = 0; r < count / 2; r++) {
            w[r] = __builtin_shufflevector(v[2 * r], v[2 * r + 1], EVEN);
            w[r + count / 2] =
                __builtin_shufflevector(v[2 * r], v[2 * r + 1], ODD);
        }
        UNROLL
        for (int r = 0; r < count; r++)
            v[r] = w[r];
    }
}

/* dst[e] = value, e < n. */
TARGET static void NAMED(spread)(REAL *dst, REAL value, int64_t n)
{
    const VEC v = SPLAT(value);
    int64_t e = 0;

    for (; e + LANES <= n; e += LANES)
        STORE(dst + e, v);
    for (; e < n; e++)
        dst[e] = value;
}

/* dst[e] = src[e * step], e < n, as far as whole vectors lie before `end`;
 * returns how far that was. */
INLINE int64_t NAMED(thin_by)(REAL *dst, const REAL *src, int64_t n,
                              const REAL *end, const int step)
{
    int64_t e = 0;

    for (; e < n && end - src >= (e + LANES) * step; e += LANES) {
        VEC v[LANES];

        UNROLL
        for (int r = 0; r < step; r++)
            v[r] = LOAD(src + e * step + r * LANES);
        NAMED(unweave)(v, step);
        STORE(dst + e, v[0]);
    }
    return e;
}

INLINE void NAMED(thin)(REAL *dst, const REAL *src, int64_t n, int64_t step,
                        const REAL *end)
{
    int64_t e = 0;

    if (step == 1)
        e = NAMED(thin_by)(dst, src, n, end, 1);
    else if (step == 2)
        e = NAMED(thin_by)(dst, src, n, end, 2);
#if LANES >= 4
    else if (step == 4)
        e = NAMED(thin_by)(dst, src, n, end, 4);
#endif
#if LANES >= 8
    else if (step == 8)
        e = NAMED(thin_by)(dst, src, n, end, 8);
#endif
    for (; e < n; e++)
        dst[e] = src[e * step];
}

/* `count` lines of dst, each `before` zeros, src[0], src[step], ... (n of
 * them), `after` zeros; src moves on by `pitch`.  Reads nothing at or beyond
 * `end`; may write up to LANES elements more than asked. */
TARGET static void NAMED(lines)(REAL *dst, int64_t count, int64_t before,
                                const REAL *src, int64_t pitch, int64_t n,
                                int64_t step, int64_t after, const REAL *end)
{
    const VEC zero = {0};

    if (!before && !after && pitch == n * step) {
        n *= count;
        count = 1;
    }
    for (int64_t l = 0; l < count; l++, src += pitch) {
        for (int64_t z = 0; z < before; z += LANES)
            STORE(dst + z, zero);
        dst += before;
        NAMED(thin)(dst, src, n, step, end);
        dst += n;
        for (int64_t z = 0; z < after; z += LANES)
            STORE(dst + z, zero);
        dst += after;
    }
}

INLINE void NAMED(interleave_by)(REAL *dst, const REAL *const *rows, int64_t at,
                                 int64_t n, const int count)
{
    for (int64_t m = 0; m < n; m += LANES, dst += LANES * count) {
        const int64_t total = (n - m) * count;
        VEC v[LANES];

        UNROLL
        for (int r = 0; r < count; r++)
            v[r] = LOAD(rows[r] + at + m);
        NAMED(weave)(v, count);
        if (total >= LANES * count) {
            UNROLL
            for (int r = 0; r < count; r++)
                STORE(dst + r * LANES, v[r]);
        } else {
            REAL rest[LANES * LANES];

            UNROLL
            for (int r = 0; r < count; r++)
                STORE(rest + r * LANES, v[r]);
            memcpy(dst, rest, (size_t)total * sizeof *dst);
        }
    }
}

/* dst[m * count + r] = rows[r][at + m], m < n, and nothing else; reads up to
 * LANES elements too many. */
TARGET static void NAMED(interleave)(REAL *dst, const REAL *const *rows,
                                     int64_t at, int64_t count, int64_t n)
{
    if (count == 1)
        NAMED(interleave_by)(dst, rows, at, n, 1);
    else if (count == 2)
        NAMED(interleave_by)(dst, rows, at, n, 2);
#if LANES >= 4
    else if (count == 4)
        NAMED(interleave_by)(dst, rows, at, n, 4);
#endif
#if LANES >= 8
    else if (count == 8)
        NAMED(interleave_by)(dst, rows, at, n, 8);
#endif
    else
        for (int64_t r = 0; r < count; r++)
            for (int64_t m = 0; m < n; m++)
                dst[m * count + r] = rows[r][at + m];
}

/* One block of a transposition: up to LANES rows of LANES elements. */
INLINE void NAMED(square)(REAL *dst, int64_t ds, const REAL *src, int64_t ss,
                          int64_t rows)
{
    VEC v[LANES];

    /* rows that are not there repeat the last one; what they leave in dst is
     * beyond the contract's row */
    UNROLL
    for (int r = 0; r < LANES; r++)
        v[r] = LOAD(src + (r < rows ? r : rows - 1) * ss);
    NAMED(weave)(v, LANES);
    UNROLL
    for (int r = 0; r < LANES; r++)
        STORE(dst + r * ds, v[r]);
}

/* dst[c * ds + r] = src[r * ss + c], r < rows, c < cols, ds >= rows.  Writes
 * up to LANES elements too many after a row of dst, where the next row is put
 * right, so dst needs that much room after its end. */
TARGET static void NAMED(transpose)(REAL *dst, int64_t ds, const REAL *src,
                                    int64_t ss, int64_t rows, int64_t cols)
{
    const int64_t whole = cols / LANES * LANES;
    const int64_t blocks = rows < LANES || ds >= dc_fast_up(rows, LANES)
                               ? rows
                               : rows / LANES * LANES;

    for (int64_t c = 0; c < whole; c += LANES)
        for (int64_t r = 0; r < blocks; r += LANES)
            NAMED(square)
    (dst + c * ds + r, ds, src + r * ss + c, ss, dc_fast_min(LANES, rows - r));
    for (int64_t c = 0; c < cols; c++)
        for (int64_t r = c < whole ? blocks : 0; r < rows; r++)
            dst[c * ds + r] = src[r * ss + c];
}

/* dst[p * pitch + e] = src[p * step + e], e < n, p < count.  May read and
 * write LANES elements too many. */
TARGET static void NAMED(slide)(REAL *dst, int64_t pitch, const REAL *src,
                                int64_t step, int64_t count, int64_t n)
{
    for (int64_t p = 0; p < count; p++)
        for (int64_t e = 0; e < n; e += LANES)
            STORE(dst + p * pitch + e, LOAD(src + p * step + e));
}

/* Row p of dst, PANEL elements, = the pieces of src + off[p], p < k.  May
 * read and write LANES elements too many. */
TARGET static void NAMED(pack)(REAL *dst, const REAL *src, const int32_t *off,
                               int64_t k, const piece *pieces, int64_t count)
{
    if (count == 1 && pieces->n == PANEL)
        for (int64_t p = 0; p < k; p++, dst += PANEL)
            for (int64_t e = 0; e < PANEL; e += LANES)
                STORE(dst + e, LOAD(src + off[p] + pieces->from + e));
    else
        for (int64_t p = 0; p < k; p++, dst += PANEL)
            for (int64_t c = 0; c < count; c++) {
                const REAL *const from = src + off[p] + pieces[c].from;
                REAL *const to = dst + pieces[c].to;

                for (int64_t e = 0; e < pieces[c].n; e += LANES)
                    STORE(to + e, LOAD(from + e));
            }
}

#undef ZIP0
#undef ZIP1
#undef EVEN
#undef ODD
