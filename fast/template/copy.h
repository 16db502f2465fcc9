/* SPDX-License-Identifier: MIT
 *
 * Copies that change the order of elements: lines with a step and zeros at
 * the ends, transposition, interleaving.  A template over REAL and the
 * instruction set, included by kernels.h.
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

/* dst[e] += src[e], e < n. */
TARGET static void NAMED(add)(REAL *dst, const REAL *src, int64_t n)
{
    int64_t e = 0;

    for (; e + LANES <= n; e += LANES)
        STORE(dst + e, LOAD(dst + e) + LOAD(src + e));
    for (; e < n; e++)
        dst[e] += src[e];
}

/* dst[r * plane + e] = src[e * step + r], e < n, r < planes, as far as whole
 * vectors lie before `end`; returns how far that was. */
INLINE int64_t NAMED(thin_by)(REAL *dst, int64_t plane, int64_t planes,
                              const REAL *src, int64_t n, int64_t ahead,
                              const REAL *end, const int step)
{
    int64_t e = 0;

    for (; e < n && end - src >= (e + LANES) * step; e += LANES) {
        VEC v[LANES];

        UNROLL
        for (int r = 0; r < step; r++) {
            v[r] = LOAD(src + e * step + r * LANES);
            if (step <= 2 || planes > 1)
                __builtin_prefetch(src + e * step + r * LANES + ahead);
        }
        NAMED(unweave)(v, step);
        STORE(dst + e, v[0]);
        if (planes == 1)
            continue;
        UNROLL
        for (int r = 1; r < step; r++)
            STORE(dst + r * plane + e, v[r]);
    }
    return e;
}

INLINE void NAMED(thin)(REAL *dst, const REAL *src, const warp *f)
{
    const int64_t n = f->n;
    int64_t e = 0;

    if (f->step == 1)
        e = NAMED(thin_by)(dst, 0, 1, src, n, f->ahead, f->end, 1);
    else if (f->step == 2)
        e = NAMED(thin_by)(dst, f->plane, f->planes, src, n, f->ahead, f->end,
                           2);
#if LANES >= 4
    else if (f->step == 4)
        e = NAMED(thin_by)(dst, f->plane, f->planes, src, n, f->ahead, f->end,
                           4);
#endif
#if LANES >= 8
    else if (f->step == 8)
        e = NAMED(thin_by)(dst, f->plane, f->planes, src, n, f->ahead, f->end,
                           8);
#endif
    for (int64_t r = 0; r < f->planes; r++)
        for (int64_t m = e; m < n; m++)
            dst[r * f->plane + m] = src[m * f->step + r];
}

/* Lines into planes, as `warp` says.  Reads nothing at or beyond f->end; may
 * write up to LANES elements more than asked into each plane. */
TARGET static void NAMED(lines)(REAL *dst, const REAL *src, const warp *f)
{
    const VEC zero = {0};
    warp line = *f;

    if (!f->before && !f->after && f->pitch == f->n * f->step) {
        line.n = f->n * f->count;
        line.count = 1;
    }
    for (int64_t l = 0; l < line.count; l++, src += f->pitch) {
        for (int64_t r = 0; r < f->planes; r++)
            for (int64_t z = 0; z < f->before; z += LANES)
                STORE(dst + r * f->plane + z, zero);
        dst += f->before;
        NAMED(thin)(dst, src, &line);
        dst += line.n;
        for (int64_t r = 0; r < f->planes; r++)
            for (int64_t z = 0; z < f->after; z += LANES)
                STORE(dst + r * f->plane + z, zero);
        dst += f->after;
    }
}

INLINE void NAMED(interleave_by)(REAL *out, const REAL *const *rows,
                                 const weft *f, const int count)
{
    for (int64_t l = 0; l < f->lines; l++) {
        REAL *const to = out + f->place[l];

        for (int64_t m = 0; m < f->n; m += LANES) {
            /* what is left over is done as the last whole vector again */
            const int64_t at = dc_fast_max(dc_fast_min(m, f->n - LANES), 0);
            REAL *const dst = to + at * count;
            VEC v[LANES];

            UNROLL
            for (int r = 0; r < count; r++) {
                v[r] = LOAD(rows[r] + f->column[l] + at);
                __builtin_prefetch(dst + r * LANES + f->ahead, 1);
            }
            NAMED(weave)(v, count);
            if (f->n >= LANES) {
                UNROLL
                for (int r = 0; r < count; r++)
                    STORE(dst + r * LANES, v[r]);
            } else {
                REAL rest[LANES * LANES];

                UNROLL
                for (int r = 0; r < count; r++)
                    STORE(rest + r * LANES, v[r]);
                memcpy(dst, rest, (size_t)(f->n * count) * sizeof *dst);
            }
        }
    }
}

/* On each line: dst[m * count + r] = rows[r][column + m], m < n, and nothing
 * else; reads up to LANES elements too many. */
TARGET static void NAMED(interleave)(REAL *out, const REAL *const *rows,
                                     int64_t count, const weft *f)
{
    if (count == 1)
        NAMED(interleave_by)(out, rows, f, 1);
    else if (count == 2)
        NAMED(interleave_by)(out, rows, f, 2);
#if LANES >= 4
    else if (count == 4)
        NAMED(interleave_by)(out, rows, f, 4);
#endif
#if LANES >= 8
    else if (count == 8)
        NAMED(interleave_by)(out, rows, f, 8);
#endif
    else
        for (int64_t l = 0; l < f->lines; l++)
            for (int64_t r = 0; r < count; r++)
                for (int64_t m = 0; m < f->n; m++)
                    out[f->place[l] + m * count + r] =
                        rows[r][f->column[l] + m];
}

/* dst[c * ds + r] = row[r][c], r < LANES, c < cols <= LANES; reads whole
 * vectors. */
INLINE void NAMED(square)(REAL *dst, int64_t ds, const REAL *const *row,
                          int64_t c, int64_t cols)
{
    VEC v[LANES];

    /* more rows than the hardware follows by itself */
    UNROLL
    for (int r = 0; r < LANES; r++)
        __builtin_prefetch(row[r] + c + 2 * LANES);

    UNROLL
    for (int r = 0; r < LANES; r++)
        v[r] = LOAD(row[r] + c);
    NAMED(weave)(v, LANES);
    if (cols >= LANES) {
        UNROLL
        for (int r = 0; r < LANES; r++)
            STORE(dst + r * ds, v[r]);
        return;
    }
    UNROLL
    for (int r = 0; r < LANES; r++)
        if (r < cols)
            STORE(dst + r * ds, v[r]);
}

/* dst[c * ds + r] = src[r * ss + c], r < rows, c < cols, ds >= rows.  Reads
 * nothing at or beyond `end`.  Of fewer than LANES rows it writes LANES
 * elements, the next row of dst putting right what follows, so dst then needs
 * that much room after its end. */
TARGET static void NAMED(transpose)(REAL *dst, int64_t ds, const REAL *src,
                                    int64_t ss, int64_t rows, int64_t cols,
                                    const REAL *end)
{
    for (int64_t r = 0; r < rows; r += LANES) {
        /* what is left over is done as the last whole vector, partly again;
         * rows that are not there repeat the last one */
        const int64_t first = dc_fast_max(dc_fast_min(r, rows - LANES), 0);
        const REAL *row[LANES];

        for (int64_t n = 0; n < LANES; n++)
            row[n] = src + dc_fast_min(first + n, rows - 1) * ss;
        if (cols < LANES && end - row[LANES - 1] < LANES) {
            for (int64_t n = first; n < dc_fast_min(first + LANES, rows); n++)
                for (int64_t c = 0; c < cols; c++)
                    dst[c * ds + n] = src[n * ss + c];
            continue;
        }
        for (int64_t c = 0; c < cols; c += LANES) {
            const int64_t at = dc_fast_max(dc_fast_min(c, cols - LANES), 0);

            NAMED(square)(dst + at * ds + first, ds, row, at, cols);
        }
    }
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

/* dst[e * n + i] = src[entry[e] * step + i], i < n, e < count.  May read and
 * write LANES elements too many. */
TARGET static void NAMED(deal)(REAL *dst, int64_t n, const REAL *src,
                               int64_t step, const int64_t *entry,
                               int64_t count)
{
    for (int64_t e = 0; e < count; e++)
        for (int64_t i = 0; i < n; i += LANES)
            STORE(dst + e * n + i, LOAD(src + entry[e] * step + i));
}

/* Vector p * PANEL of dst = `count` pieces of src + off[p], p < k. */
INLINE void NAMED(pack_by)(REAL *dst, const REAL *src, const int32_t *off,
                           int64_t k, const piece *pieces, const int count)
{
    typedef __typeof__((VEC){0} < (VEC){0}) mask;
    VEC lane;
    mask keep[LANES] = {{0}};

    for (int l = 0; l < LANES; l++)
        lane[l] = (REAL)l;
    UNROLL
    for (int c = 1; c < count; c++)
        keep[c] = lane < SPLAT((REAL)pieces[c].lane);
    for (int64_t p = 0; p < k; p++, dst += PANEL) {
        VEC v = LOAD(src + off[p] + pieces->from);

        UNROLL
        for (int c = 1; c < count; c++)
            v = (VEC)(((mask)v & keep[c]) |
                      ((mask)LOAD(src + off[p] + pieces[c].from) & ~keep[c]));
        STORE(dst, v);
    }
}

/* Row p of dst, PANEL elements, = `vecs` vectors in pieces of src + off[p],
 * p < k; returns the piece after them.  May read LANES elements too many. */
TARGET static const piece *NAMED(pack)(REAL *dst, const REAL *src,
                                       const int32_t *off, int64_t k,
                                       const piece *pieces, int64_t vecs)
{
    int straight = vecs * LANES == PANEL;

    for (int64_t v = 0; straight && v < vecs; v++)
        straight =
            !pieces[v + 1].lane && pieces[v].from == pieces->from + v * LANES;
    for (int64_t p = 0; straight && p < k; p++, dst += PANEL)
        for (int64_t e = 0; e < PANEL; e += LANES)
            STORE(dst + e, LOAD(src + off[p] + pieces->from + e));
    if (straight)
        return pieces + vecs;
    for (int64_t v = 0; v < vecs; v++, dst += LANES) {
        const piece *const from = pieces;

        while ((++pieces)->lane)
            ;
        switch (pieces - from) { /* the usual counts as constants */
        case 1:
            NAMED(pack_by)(dst, src, off, k, from, 1);
            break;
        case 2:
            NAMED(pack_by)(dst, src, off, k, from, 2);
            break;
#if LANES > 2
        case 3:
            NAMED(pack_by)(dst, src, off, k, from, 3);
            break;
#endif
        default:
            NAMED(pack_by)(dst, src, off, k, from, (int)(pieces - from));
        }
    }
    return pieces;
}

#undef ZIP0
#undef ZIP1
#undef EVEN
#undef ODD
