/* SPDX-License-Identifier: MIT
 *
 * Copies that reorder elements: strided lines padded with zeros, transposition,
 * interleaving, packing.  Included by kernel_isa.h once per instruction set,
 * hence without a guard.
 */

/* Shuffles of two vectors v and w: the lower and the upper half of
 * v[0] w[0] v[1] w[1] ..., and the even and the odd elements of v then w.
 * COUNTS are the powers of two for which whole vectors are shuffled. */
#if LANES == 16
#define ZIP0      0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define ZIP1      8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define EVEN      0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD       1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define COUNTS(T) T(1) T(2) T(4) T(8)
#elif LANES == 8
#define ZIP0      0, 8, 1, 9, 2, 10, 3, 11
#define ZIP1      4, 12, 5, 13, 6, 14, 7, 15
#define EVEN      0, 2, 4, 6, 8, 10, 12, 14
#define ODD       1, 3, 5, 7, 9, 11, 13, 15
#define COUNTS(T) T(1) T(2) T(4) T(8)
#elif LANES == 4
#define ZIP0      0, 4, 1, 5
#define ZIP1      2, 6, 3, 7
#define EVEN      0, 2, 4, 6
#define ODD       1, 3, 5, 7
#define COUNTS(T) T(1) T(2) T(4)
#else
#define ZIP0      0, 2
#define ZIP1      1, 3
#define EVEN      0, 2
#define ODD       1, 3
#define COUNTS(T) T(1) T(2)
#endif

/* Interleaves v[0..count-1], count being a power of two: element i of v[r]
 * becomes element i * count + r of their concatenation. */
INLINE void NAMED(interleave_regs)(VEC *v, const int count)
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

/* The inverse of interleave_regs. */
INLINE void NAMED(deinterleave_regs)(VEC *v, const int count)
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

/* dst[i] = value, i < n. */
TARGET static void NAMED(fill)(REAL *dst, REAL value, int64_t n)
{
    const VEC v = SPLAT(value);
    int64_t i = 0;

    for (; i + LANES <= n; i += LANES)
        STORE(dst + i, v);
    for (; i < n; i++)
        dst[i] = value;
}

/* dst[i] += src[i], i < n. */
TARGET static void NAMED(add)(REAL *dst, const REAL *src, int64_t n)
{
    int64_t i = 0;

    for (; i + LANES <= n; i += LANES)
        STORE(dst + i, LOAD(dst + i) + LOAD(src + i));
    for (; i < n; i++)
        dst[i] += src[i];
}

/* dst[r * f->plane_size + i] = src[i * step + r], i < n, r < planes, for as
 * many i as can be read by whole vectors before f->end; returns that number. */
INLINE int64_t NAMED(deinterleave_by)(REAL *dst, const REAL *src,
                                      const load_desc *f, const int step,
                                      const int64_t planes)
{
    int64_t i = 0;

    for (; i < f->n && f->end - src >= (i + LANES) * step; i += LANES) {
        VEC v[LANES];

        UNROLL
        for (int r = 0; r < step; r++) {
            v[r] = LOAD(src + i * step + r * LANES);
            if (step <= 2 || planes > 1)
                __builtin_prefetch(src + i * step + r * LANES + f->ahead);
        }
        NAMED(deinterleave_regs)(v, step);
        STORE(dst + i, v[0]);
        if (planes == 1)
            continue;
        UNROLL
        for (int r = 1; r < step; r++)
            STORE(dst + r * f->plane_size + i, v[r]);
    }
    return i;
}

/* One line of f, without the zeros at its ends. */
INLINE void NAMED(deinterleave)(REAL *dst, const REAL *src, const load_desc *f)
{
    int64_t i = 0;

    switch (f->step) {
#define CASE(n)                                                                \
    case n:                                                                    \
        i = NAMED(deinterleave_by)(dst, src, f, n, n == 1 ? 1 : f->planes);    \
        break;
        COUNTS(CASE)
#undef CASE
    default:
        break;
    }
    for (int64_t r = 0; r < f->planes; r++)
        for (int64_t m = i; m < f->n; m++)
            dst[r * f->plane_size + m] = src[m * f->step + r];
}

/* Copies lines as load_desc says.  May write up to LANES elements beyond the
 * end of each plane. */
TARGET static void NAMED(copy_lines)(REAL *dst, const REAL *src,
                                     const load_desc *f)
{
    const VEC zero = {0};
    load_desc line = *f;

    /* lines without a gap are one long line */
    if (!f->before && !f->after && f->pitch == f->n * f->step) {
        line.n = f->n * f->count;
        line.count = 1;
    }
    for (int64_t l = 0; l < line.count; l++, src += f->pitch) {
        for (int64_t r = 0; r < f->planes; r++)
            for (int64_t z = 0; z < f->before; z += LANES)
                STORE(dst + r * f->plane_size + z, zero);
        dst += f->before;
        NAMED(deinterleave)(dst, src, &line);
        dst += line.n;
        for (int64_t r = 0; r < f->planes; r++)
            for (int64_t z = 0; z < f->after; z += LANES)
                STORE(dst + r * f->plane_size + z, zero);
        dst += f->after;
    }
}

INLINE void NAMED(interleave_by)(REAL *out, const REAL *const *rows,
                                 const store_desc *f, const int count)
{
    for (int64_t l = 0; l < f->lines; l++) {
        REAL *const to = out + f->place[l];

        for (int64_t m = 0; m < f->n; m += LANES) {
            /* the remainder is the last whole vector, partly done again */
            const int64_t at = dc_fast_max(dc_fast_min(m, f->n - LANES), 0);
            REAL *const dst = to + at * count;
            VEC v[LANES];

            UNROLL
            for (int r = 0; r < count; r++) {
                v[r] = LOAD(rows[r] + f->column[l] + at);
                __builtin_prefetch(dst + r * LANES + f->ahead, 1);
            }
            NAMED(interleave_regs)(v, count);
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

/* On each line l: out[place[l] + m * count + r] = rows[r][column[l] + m], m <
 * n, r < count.  Writes nothing else; may read LANES elements beyond. */
TARGET static void NAMED(interleave)(REAL *out, const REAL *const *rows,
                                     int64_t count, const store_desc *f)
{
    switch (count) {
#define CASE(n)                                                                \
    case n:                                                                    \
        NAMED(interleave_by)(out, rows, f, n);                                 \
        return;
        COUNTS(CASE)
#undef CASE
    default:
        break;
    }
    for (int64_t l = 0; l < f->lines; l++)
        for (int64_t r = 0; r < count; r++)
            for (int64_t m = 0; m < f->n; m++)
                out[f->place[l] + m * count + r] = rows[r][f->column[l] + m];
}

/* dst[i * pitch + r] = row[r][c + i], r < LANES, i < cols (at most LANES);
 * reads and writes whole vectors. */
INLINE void NAMED(transpose_square)(REAL *dst, int64_t pitch,
                                    const REAL *const *row, int64_t c,
                                    int64_t cols)
{
    VEC v[LANES];

    /* more rows than the hardware prefetcher follows */
    UNROLL
    for (int r = 0; r < LANES; r++)
        __builtin_prefetch(row[r] + c + 2 * LANES);

    UNROLL
    for (int r = 0; r < LANES; r++)
        v[r] = LOAD(row[r] + c);
    NAMED(interleave_regs)(v, LANES);
    if (cols >= LANES) {
        UNROLL
        for (int r = 0; r < LANES; r++)
            STORE(dst + r * pitch, v[r]);
        return;
    }
    UNROLL
    for (int r = 0; r < LANES; r++)
        if (r < cols)
            STORE(dst + r * pitch, v[r]);
}

/* dst[c * dst_pitch + r] = src[r * src_pitch + c], r < rows, c < cols,
 * dst_pitch >= rows.  Reads nothing at or beyond `end`.  If rows < LANES, each
 * row of dst is written as LANES elements, whose excess the next row
 * overwrites, so dst needs that much space after its end. */
TARGET static void NAMED(transpose)(REAL *dst, int64_t dst_pitch,
                                    const REAL *src, int64_t src_pitch,
                                    int64_t rows, int64_t cols, const REAL *end)
{
    for (int64_t r = 0; r < rows; r += LANES) {
        /* the remainder is the last whole vector, partly done again; if there
         * are fewer rows than lanes, the last row is repeated */
        const int64_t first = dc_fast_max(dc_fast_min(r, rows - LANES), 0);
        const REAL *row[LANES];

        for (int64_t n = 0; n < LANES; n++)
            row[n] = src + dc_fast_min(first + n, rows - 1) * src_pitch;
        if (cols < LANES && end - row[LANES - 1] < LANES) {
            for (int64_t n = first; n < dc_fast_min(first + LANES, rows); n++)
                for (int64_t c = 0; c < cols; c++)
                    dst[c * dst_pitch + n] = src[n * src_pitch + c];
            continue;
        }
        for (int64_t c = 0; c < cols; c += LANES) {
            const int64_t at = dc_fast_max(dc_fast_min(c, cols - LANES), 0);

            NAMED(transpose_square)
            (dst + at * dst_pitch + first, dst_pitch, row, at, cols);
        }
    }
}

/* dst[r * dst_pitch + i] = src[r * src_pitch + i], i < n, r < rows.  May read
 * and write LANES elements beyond each row. */
TARGET static void NAMED(copy_strided)(REAL *dst, int64_t dst_pitch,
                                       const REAL *src, int64_t src_pitch,
                                       int64_t rows, int64_t n)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < n; i += LANES)
            STORE(dst + r * dst_pitch + i, LOAD(src + r * src_pitch + i));
}

/* dst[r * n + i] = src[row[r] * pitch + i], i < n, r < rows.  May read and
 * write LANES elements beyond each row. */
TARGET static void NAMED(gather_rows)(REAL *dst, int64_t n, const REAL *src,
                                      int64_t pitch, const int64_t *row,
                                      int64_t rows)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < n; i += LANES)
            STORE(dst + r * n + i, LOAD(src + row[r] * pitch + i));
}

/* One vector of each row p of a panel, at panel + p * PANEL: the `count`
 * segments of src + offset[p], p < k. */
INLINE void NAMED(pack_vector)(REAL *panel, const REAL *src,
                               const int32_t *offset, int64_t k,
                               const segment *segments, const int count)
{
    typedef __typeof__((VEC){0} < (VEC){0}) mask;
    VEC lane;
    mask keep[LANES] = {{0}};

    for (int l = 0; l < LANES; l++)
        lane[l] = (REAL)l;
    UNROLL
    for (int c = 1; c < count; c++)
        keep[c] = lane < SPLAT((REAL)segments[c].lane);
    for (int64_t p = 0; p < k; p++, panel += PANEL) {
        VEC v = LOAD(src + offset[p] + segments->from);

        UNROLL
        for (int c = 1; c < count; c++)
            v = (VEC)(((mask)v & keep[c]) |
                      ((mask)LOAD(src + offset[p] + segments[c].from) &
                       ~keep[c]));
        STORE(panel, v);
    }
}

/* Packs a panel of B: row p, PANEL elements wide, is `vecs` vectors put
 * together from segments of src + offset[p], p < k.  Returns the first segment
 * after them.  May read LANES elements beyond the window. */
TARGET static const segment *NAMED(pack_b)(REAL *panel, const REAL *src,
                                           const int32_t *offset, int64_t k,
                                           const segment *segments,
                                           int64_t vecs)
{
    bool contiguous = vecs * LANES == PANEL;

    for (int64_t v = 0; contiguous && v < vecs; v++)
        contiguous = !segments[v + 1].lane &&
                     segments[v].from == segments->from + v * LANES;
    if (contiguous) {
        for (int64_t p = 0; p < k; p++, panel += PANEL)
            for (int64_t i = 0; i < PANEL; i += LANES)
                STORE(panel + i, LOAD(src + offset[p] + segments->from + i));
        return segments + vecs;
    }
    for (int64_t v = 0; v < vecs; v++, panel += LANES) {
        const segment *const from = segments;

        while ((++segments)->lane)
            ;
        switch (segments - from) { /* the common counts as constants */
        case 1:
            NAMED(pack_vector)(panel, src, offset, k, from, 1);
            break;
        case 2:
            NAMED(pack_vector)(panel, src, offset, k, from, 2);
            break;
#if LANES > 2
        case 3:
            NAMED(pack_vector)(panel, src, offset, k, from, 3);
            break;
#endif
        default:
            NAMED(pack_vector)
            (panel, src, offset, k, from, (int)(segments - from));
        }
    }
    return segments;
}

#undef COUNTS
#undef ZIP0
#undef ZIP1
#undef EVEN
#undef ODD
