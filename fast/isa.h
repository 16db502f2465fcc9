/* SPDX-License-Identifier: MIT
 *
 * Which instruction set do the kernels use?  The widest that the processor
 * has, or a narrower one on request; results have the same bits with each.
 */
#ifndef DC_FAST_ISA_H
#define DC_FAST_ISA_H

typedef enum {
    DC_FAST_PORTABLE, /* any processor; 128-bit vectors on aarch64 */
    DC_FAST_AVX2,     /* AVX2 and FMA */
    DC_FAST_AVX512,   /* AVX-512F */
    DC_FAST_ISAS
} dc_fast_isa;

/* The instruction set for this call.  DECONFORM_ISA=portable|avx2|avx512 asks
 * for a narrower one than the processor offers; any other value, or a wider
 * one, is ignored. */
dc_fast_isa dc_fast_isa_now(void);

#endif
