/* SPDX-License-Identifier: MIT
 *
 * The kernels for one instruction set: its vector type, its fused
 * multiply-add, and the loops built on them.  Included by kernels.h once per
 * instruction set, hence without a guard; kernels.h defines ISA (the name),
 * BYTES (of a vector), REGISTERS (vector registers), TARGET (the function
 * attribute) and, if there are instructions for them, FMA and SPLAT.
 */
#define LANES       (BYTES / REAL_BYTES)
#define NAMED(n)    PASTE(n, ISA)
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

static const kernel_table NAMED(kernels) = {
    .lanes = LANES,
    .rows = ROWS,
    .indexed_rows = INDEXED_ROWS,
    .gemm = NAMED(gemm),
    .fill = NAMED(fill),
    .add = NAMED(add),
    .copy_lines = NAMED(copy_lines),
    .copy_strided = NAMED(copy_strided),
    .gather_rows = NAMED(gather_rows),
    .interleave = NAMED(interleave),
    .transpose = NAMED(transpose),
    .pack_b = NAMED(pack_b),
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
#undef INDEXED_ROWS
#undef ISA
#undef BYTES
#undef REGISTERS
#undef TARGET
