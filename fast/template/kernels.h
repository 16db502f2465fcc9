/* SPDX-License-Identifier: MIT
 *
 * The loops that do the work, at every level of instructions, behind one
 * table.  A template over REAL (float, double); everything in it is static to
 * the file that includes it.  That file sets REAL, REAL_BYTES, REAL_FMA (the
 * C function) and REAL_X86 (ps, pd).
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "fast/geometry.h"
#include "fast/isa.h"

/* Elements of the longest vector, by which buffers have room to spare, and of
 * a row of a packed panel. */
enum { SPARE = 64 / REAL_BYTES, PANEL = 2 * SPARE };

/* The vector at `from` in a window is what a vector of a packed panel is made
 * of from lane `lane` on; lane 0 begins the next one. */
typedef struct {
    int32_t from; /* of lane 0 */
    int32_t lane;
} piece;

/* `count` lines of input, `pitch` apart, each `before` zeros, src[0],
 * src[step], ... (n of them), `after` zeros; with planes = step the elements
 * between go to planes of their own.  What lies `ahead` elements on is wanted
 * next. */
typedef struct {
    int64_t count, before, n, after;
    int64_t pitch, step;
    int64_t plane, planes; /* from plane to plane; 1 or step of them */
    int64_t ahead;
    const REAL *end;
} warp;

/* Lines of results: n columns of C from column[l] on, to place[l] and on;
 * what lies `ahead` elements from there is written next. */
typedef struct {
    int64_t lines;
    int64_t n;
    int64_t ahead;
    const int64_t *place;
    const int32_t *column;
} weft;

/* What each function promises stands in gemm.h and copy.h. */
typedef struct {
    int64_t lanes; /* elements of a vector */
    int64_t rows;  /* rows of the tallest tile */
    void (*product)(int64_t rows, int64_t high, int64_t k, const REAL *a,
                    const REAL *b, const int32_t *off, const REAL *init,
                    int64_t vecs, REAL *c, int64_t ldc);
    void (*product_apart)(int64_t rows, int64_t k, const REAL *const *row,
                          const int32_t *steps, const REAL *b,
                          const int32_t *off, int64_t vecs, REAL *c,
                          int64_t ldc);
    void (*lines)(REAL *dst, const REAL *src, const warp *f);
    void (*add)(REAL *dst, const REAL *src, int64_t n);
    void (*spread)(REAL *dst, REAL value, int64_t n);
    void (*interleave)(REAL *dst, const REAL *const *rows, int64_t count,
                       const weft *f);
    void (*slide)(REAL *dst, int64_t pitch, const REAL *src, int64_t step,
                  int64_t count, int64_t n);
    void (*transpose)(REAL *dst, int64_t ds, const REAL *src, int64_t ss,
                      int64_t rows, int64_t cols, const REAL *end);
    void (*deal)(REAL *dst, int64_t n, const REAL *src, int64_t step,
                 const int64_t *entry, int64_t count);
    const piece *(*pack)(REAL *dst, const REAL *src, const int32_t *off,
                         int64_t k, const piece *pieces, int64_t vecs);
} engine;

#define PASTE2(a, b)  a##_##b
#define PASTE(a, b)   PASTE2(a, b)
#define X86(f)        PASTE2_(f, REAL_X86)
#define PASTE2_(a, b) PASTE(a, b)
#if defined(__clang__)
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#define LEVEL  portable
#define BYTES  16
#define TARGET /* whatever the compiler was told */
#if defined(__aarch64__)
#define REGISTERS 32
#else
#define REGISTERS 16
#endif
#include "fast/template/kernel_isa.h"

#if defined(__x86_64__)
#define LEVEL        avx2
#define BYTES        32
#define REGISTERS    16
#define TARGET       __attribute__((target("avx2,fma")))
#define FMA(a, b, c) X86(_mm256_fmadd)(a, b, c)
#define SPLAT(s)     X86(_mm256_set1)(s)
#include "fast/template/kernel_isa.h"

#define LEVEL        avx512
#define BYTES        64
#define REGISTERS    32
#define TARGET       __attribute__((target("avx512f,fma")))
#define FMA(a, b, c) X86(_mm512_fmadd)(a, b, c)
#define SPLAT(s)     X86(_mm512_set1)(s)
#include "fast/template/kernel_isa.h"
#endif

static const engine *engine_at(dc_fast_level level)
{
    static const engine *const engines[DC_FAST_LEVELS] = {
        [DC_FAST_PORTABLE] = &engine_portable,
#if defined(__x86_64__)
        [DC_FAST_AVX2] = &engine_avx2,
        [DC_FAST_AVX512] = &engine_avx512,
#endif
    };

    return engines[level];
}
