/* SPDX-License-Identifier: MIT
 *
 * One instruction set: vector type, fused multiply-add, and the loops that
 * are built on them.  A template, included once per level by kernels.h, which
 * sets LEVEL, BYTES (of a vector), REGISTERS and TARGET.
 */
#define LANES       (BYTES / REAL_BYTES)
#define NAMED(n)    PASTE(n, LEVEL)
#define VEC         NAMED(vec)
#define INLINE      TARGET static inline __attribute__((always_inline))
#define LOAD(p)     (*(const VEC *)(p))
#define STORE(p, v) ((void)(*(VEC *)(p) = (v)))

/* may_alias and the alignment of one element: it overlays plain arrays */
typedef REAL VEC
    __attribute__((vector_size(BYTES), aligned(REAL_BYTES), may_alias));

#ifndef FMA
/* Without the instruction fma() is slow, but its bits are the same. */
INLINE VEC NAMED(fma)(VEC a, VEC b, VEC c)
{
    for (int l = 0; l < LANES; l++)
        c[l] = REAL_FMA(a[l], b[l], c[l]);
    return c;
}

INLINE VEC NAMED(splat)(REAL value)
{
    VEC v = {0};

    for (int l = 0; l < LANES; l++)
        v[l] = value;
    return v;
}
#define FMA(a, b, c) NAMED(fma)(a, b, c)
#define SPLAT(s)     NAMED(splat)(s)
#endif

#include "fast/template/gemm.h"
#include "fast/template/copy.h"

static const engine NAMED(engine) = {
    .lanes = LANES,
    .rows = ROWS,
    .product = NAMED(product),
    .product_apart = NAMED(product_apart),
    .lines = NAMED(lines),
    .add = NAMED(add),
    .spread = NAMED(spread),
    .slide = NAMED(slide),
    .interleave = NAMED(interleave),
    .transpose = NAMED(transpose),
    .deal = NAMED(deal),
    .pack = NAMED(pack),
};

#undef LANES
#undef NAMED
#undef VEC
#undef INLINE
#undef LOAD
#undef STORE
#undef FMA
#undef SPLAT
#undef ROWS
#undef LEVEL
#undef BYTES
#undef REGISTERS
#undef TARGET
