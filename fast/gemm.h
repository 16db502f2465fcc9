/* SPDX-License-Identifier: MIT
 *
 * One matrix product for all operations: C = A*B or C += A*B, blocked so that
 * packed panels stay in the caches.  A template over REAL (float, double);
 * everything in it is static to the file that includes it.
 */
#include <stdint.h>
#include <string.h>

#include "geometry.h"

/* A tile of C is MR x NR, NR two AVX-512 vectors (which smaller ones divide);
 * a packed block of A is at most MC x KC, of B at most KC x NC. */
enum { MR = 6, NR = 128 / (int)sizeof(REAL), MC = 16 * MR, NC = 256, KC = 256 };

#define KERNEL        kernel_any
#define KERNEL_BYTES  16
#define KERNEL_TARGET /* the base instruction set, whichever it is */
#include "kernel.h"

#if defined(__x86_64__)
#define KERNEL        kernel_avx
#define KERNEL_BYTES  32
#define KERNEL_TARGET __attribute__((target("avx")))
#include "kernel.h"

#define KERNEL        kernel_avx512
#define KERNEL_BYTES  64
#define KERNEL_TARGET __attribute__((target("avx512f")))
#include "kernel.h"
#endif

typedef void kernel_function(int64_t k, const REAL *a, const REAL *b, REAL *c,
                             int64_t ldc);

static kernel_function *widest_kernel(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return kernel_avx512;
    if (__builtin_cpu_supports("avx"))
        return kernel_avx;
#endif
    return kernel_any;
}

/* Element (r, c) of a matrix lies at at[r * rs + c * cs]. */
typedef struct {
    const REAL *at;
    int64_t rs;
    int64_t cs;
} matrix;

/* Where gemm packs: room for the blocks of the largest product. */
typedef struct {
    REAL *a;
    REAL *b;
} packs;

/* Elements of the two packs for products up to m x n x k. */
static int64_t pack_a_size(int64_t m, int64_t k)
{
    return dc_fast_up(dc_fast_min(m, MC), MR) * dc_fast_min(k, KC);
}

static int64_t pack_b_size(int64_t n, int64_t k)
{
    return dc_fast_up(dc_fast_min(n, NC), NR) * dc_fast_min(k, KC);
}

/* Panels of `width` rows, to[panel][c][width], of the rows x cols matrix at
 * `from`; the last panel is filled up with zeros, whose products are dropped.
 */
static void pack(REAL *restrict to, int64_t width, int64_t rows, int64_t cols,
                 matrix from)
{
    for (int64_t r = 0; r < rows; r += width, to += width * cols) {
        const int64_t some = dc_fast_min(width, rows - r);

        for (int64_t c = 0; c < cols; c++) {
            const REAL *const src = from.at + r * from.rs + c * from.cs;
            REAL *const dst = to + c * width;

            if (from.rs == 1)
                memcpy(dst, src, (size_t)some * sizeof *dst);
            else
                for (int64_t q = 0; q < some; q++)
                    dst[q] = src[q * from.rs];
            for (int64_t q = some; q < width; q++)
                dst[q] = 0;
        }
    }
}

/* C[m][n] += or = tile[m][NR], one corner of a tile. */
static void put(REAL *c, int64_t ldc, int64_t m, int64_t n, const REAL *tile,
                int add)
{
    for (int64_t r = 0; r < m; r++)
        for (int64_t j = 0; j < n; j++)
            c[r * ldc + j] = (add ? c[r * ldc + j] : 0) + tile[r * NR + j];
}

/* C[m][n] = or += (add) one packed block of A[m][k] times one of B[k][n]. */
static void block(int64_t m, int64_t n, int64_t k, packs in, REAL *c,
                  int64_t ldc, int add)
{
    kernel_function *const kernel = widest_kernel();
    REAL tile[MR * NR];

    for (int64_t j = 0; j < n; j += NR)
        for (int64_t r = 0; r < m; r += MR) {
            const REAL *const a = in.a + r * k;
            const REAL *const b = in.b + j * k;
            REAL *const to = c + r * ldc + j;

            if (!add && r + MR <= m && j + NR <= n) {
                kernel(k, a, b, to, ldc);
            } else {
                kernel(k, a, b, tile, NR);
                put(to, ldc, dc_fast_min(MR, m - r), dc_fast_min(NR, n - j),
                    tile, add);
            }
        }
}

/* C[m][n] = A[m][k] * B[k][n], or += with `add`; k >= 1, n <= NC.  Products
 * are summed in blocks of KC, the blocks in order. */
static void gemm(int64_t m, int64_t n, int64_t k, matrix a, matrix b, REAL *c,
                 int64_t ldc, int add, packs room)
{
    for (int64_t p = 0; p < k; p += KC) {
        const int64_t ks = dc_fast_min(KC, k - p);

        /* B is packed by its columns */
        pack(room.b, NR, n, ks, (matrix){b.at + p * b.rs, b.cs, b.rs});
        for (int64_t r = 0; r < m; r += MC) {
            const int64_t ms = dc_fast_min(MC, m - r);

            pack(room.a, MR, ms, ks,
                 (matrix){a.at + r * a.rs + p * a.cs, a.rs, a.cs});
            block(ms, n, ks, room, c + r * ldc, ldc, add || p);
        }
    }
}
