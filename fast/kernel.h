/* SPDX-License-Identifier: MIT
 *
 * The innermost loop of the matrix product: one tile of C in registers.
 * A template, included once per vector width by gemm.h, which sets
 * KERNEL (the name), KERNEL_BYTES (a vector) and KERNEL_TARGET (attribute).
 */

/* c[MR][NR] = sum over p < k of a[p][MR] * b[p][NR], panels as pack() lays
 * them.  Every element sums its products in the order of p with one rounding
 * per operation, so all widths give the same bits. */
KERNEL_TARGET static void KERNEL(int64_t k, const REAL *a, const REAL *b,
                                 REAL *c, int64_t ldc)
{
    /* may_alias and the alignment of one element: it overlays plain arrays */
    typedef REAL vec __attribute__((vector_size(KERNEL_BYTES),
                                    aligned(sizeof(REAL)), may_alias));
    enum { LANES = KERNEL_BYTES / (int)sizeof(REAL) };

    for (int64_t j = 0; j < NR; j += 2 * LANES) {
        /* named, not an array: gcc -O2 keeps only scalars in registers */
        vec c00 = {0}, c10 = {0}, c20 = {0}, c30 = {0}, c40 = {0}, c50 = {0};
        vec c01 = {0}, c11 = {0}, c21 = {0}, c31 = {0}, c41 = {0}, c51 = {0};

        for (int64_t p = 0; p < k; p++) {
            const REAL *const ap = a + p * MR;
            const vec b0 = *(const vec *)(b + p * NR + j);
            const vec b1 = *(const vec *)(b + p * NR + j + LANES);

            c00 += ap[0] * b0, c01 += ap[0] * b1;
            c10 += ap[1] * b0, c11 += ap[1] * b1;
            c20 += ap[2] * b0, c21 += ap[2] * b1;
            c30 += ap[3] * b0, c31 += ap[3] * b1;
            c40 += ap[4] * b0, c41 += ap[4] * b1;
            c50 += ap[5] * b0, c51 += ap[5] * b1;
        }
        const vec rows[MR][2] = {{c00, c01}, {c10, c11}, {c20, c21},
                                 {c30, c31}, {c40, c41}, {c50, c51}};
        for (int64_t r = 0; r < MR; r++) {
            *(vec *)(c + r * ldc + j) = rows[r][0];
            *(vec *)(c + r * ldc + j + LANES) = rows[r][1];
        }
    }
}

#undef KERNEL
#undef KERNEL_BYTES
#undef KERNEL_TARGET
