/* SPDX-License-Identifier: MIT
 *
 * The inner loops of fast/, compiled once per instruction set, behind one
 * table.  A template over REAL (float or double); all of it is static to the
 * file that includes it.  That file first defines REAL, REAL_BYTES, REAL_FMA
 * (the C function) and REAL_X86 (the suffix of intrinsics, ps or pd).
 */
#ifndef DC_FAST_TEMPLATE_KERNELS_H
#define DC_FAST_TEMPLATE_KERNELS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "fast/geometry.h"
#include "fast/isa.h"

/* Elements of the longest vector: kernels may read and write this far beyond
 * the end of a buffer.  Elements of a row of a packed panel of B. */
enum { MAX_LANES = 64 / REAL_BYTES, PANEL = 2 * MAX_LANES };

/* C += A * B for C[rows][vecs * lanes], C[r] being at c + r * c_pitch.  Row p
 * of B begins at b + b_offset[p], p < k.
 * A is either packed in panels of tile_rows rows, a[panel][p][row], the last
 * panel being narrower if need be; or, if a_row is given, read in place:
 * element [r][p] is a_row[r][a_offset[p]].
 * With init, the old C is ignored and row r starts from init[r]. */
typedef struct {
    int64_t rows, tile_rows, k, vecs;
    const REAL *a;
    const REAL *const *a_row;
    const int32_t *a_offset;
    const REAL *b;
    const int32_t *b_offset;
    const REAL *init;
    REAL *c;
    int64_t c_pitch;
} gemm_desc;

/* `count` lines of input, `pitch` apart.  Each becomes `before` zeros, the n
 * elements src[0], src[step], ..., and `after` zeros.  planes is 1, or equal to
 * step: then the elements in between go to planes of their own,
 * `plane_size` apart.  Elements `ahead` further on are prefetched; nothing at
 * or beyond `end` is read. */
typedef struct {
    int64_t count, before, n, after;
    int64_t pitch, step;
    int64_t plane_size, planes;
    int64_t ahead;
    const REAL *end;
} load_desc;

/* `lines` lines of results: line l is the n columns of C from column[l] on and
 * goes to offset place[l] of the tensor.  Elements `ahead` further on are
 * prefetched for writing. */
typedef struct {
    int64_t lines;
    int64_t n;
    int64_t ahead;
    const int64_t *place;
    const int32_t *column;
} store_desc;

/* A vector of a packed panel is put together from segments of a window: from
 * lane `lane` on it is what the vector at `from` holds.  A segment with lane 0
 * begins the next vector. */
typedef struct {
    int32_t from; /* of lane 0 */
    int32_t lane;
} segment;

/* The contract of each function is in gemm.h or copy.h. */
typedef struct {
    int64_t lanes;        /* elements of a vector */
    int64_t rows;         /* largest tile_rows of a packed A */
    int64_t indexed_rows; /* largest tile_rows of an A read in place */
    void (*gemm)(const gemm_desc *g);
    void (*fill)(REAL *dst, REAL value, int64_t n);
    void (*add)(REAL *dst, const REAL *src, int64_t n);
    void (*copy_lines)(REAL *dst, const REAL *src, const load_desc *f);
    void (*copy_strided)(REAL *dst, int64_t dst_pitch, const REAL *src,
                         int64_t src_pitch, int64_t rows, int64_t n);
    void (*gather_rows)(REAL *dst, int64_t n, const REAL *src, int64_t pitch,
                        const int64_t *row, int64_t rows);
    void (*interleave)(REAL *out, const REAL *const *rows, int64_t count,
                       const store_desc *f);
    void (*transpose)(REAL *dst, int64_t dst_pitch, const REAL *src,
                      int64_t src_pitch, int64_t rows, int64_t cols,
                      const REAL *end);
    const segment *(*pack_b)(REAL *panel, const REAL *src,
                             const int32_t *offset, int64_t k,
                             const segment *segments, int64_t vecs);
} kernel_table;

#define PASTE2(a, b) a##_##b
#define PASTE(a, b)  PASTE2(a, b)
#define X86(f)       PASTE(f, REAL_X86)
#if defined(__clang__)
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#define ISA    portable
#define BYTES  16
#define TARGET /* no instructions beyond the compiler's default */
#if defined(__aarch64__)
#define REGISTERS 32
#else
#define REGISTERS 16
#endif
#include "fast/template/kernel_isa.h"

#if defined(__x86_64__)
#define ISA          avx2
#define BYTES        32
#define REGISTERS    16
#define TARGET       __attribute__((target("avx2,fma")))
#define FMA(a, b, c) X86(_mm256_fmadd)(a, b, c)
#define SPLAT(s)     X86(_mm256_set1)(s)
#include "fast/template/kernel_isa.h"

#define ISA          avx512
#define BYTES        64
#define REGISTERS    32
#define TARGET       __attribute__((target("avx512f,fma")))
#define FMA(a, b, c) X86(_mm512_fmadd)(a, b, c)
#define SPLAT(s)     X86(_mm512_set1)(s)
#include "fast/template/kernel_isa.h"
#endif

static const kernel_table *kernels_for(dc_fast_isa isa)
{
    static const kernel_table *const tables[DC_FAST_ISAS] = {
        [DC_FAST_PORTABLE] = &kernels_portable,
#if defined(__x86_64__)
        [DC_FAST_AVX2] = &kernels_avx2,
        [DC_FAST_AVX512] = &kernels_avx512,
#endif
    };

    return tables[isa];
}

/* Tile height for `rows` rows, at most `limit`: about equal tiles, so that the
 * last one is not a sliver. */
static int64_t tile_rows(int64_t rows, int64_t limit)
{
    return dc_fast_ceil(rows, dc_fast_ceil(rows, limit));
}

/* Elements of a buffer for this many, with MAX_LANES to spare at its end. */
static int64_t padded(int64_t elements)
{
    return elements < INT64_MAX - 2 * MAX_LANES
               ? dc_fast_round_up(elements + MAX_LANES, MAX_LANES)
               : INT64_MAX;
}

/* `to` may be NULL if count is 0. */
static void zero(REAL *to, int64_t count)
{
    if (count)
        memset(to, 0, (size_t)count * sizeof *to);
}

#endif
