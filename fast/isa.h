/* SPDX-License-Identifier: MIT
 *
 * Which instruction set runs?  The widest that the processor has, or a lower
 * one on request; results are the same bits at every level.
 */
#ifndef DC_FAST_ISA_H
#define DC_FAST_ISA_H

typedef enum {
    DC_FAST_PORTABLE, /* any processor; 128-bit vectors on aarch64 */
    DC_FAST_AVX2,     /* with FMA */
    DC_FAST_AVX512,
    DC_FAST_LEVELS
} dc_fast_level;

/* The level of this call.  DECONFORM_ISA=portable|avx2|avx512 lowers it; a
 * level that the processor lacks, or an unknown word, changes nothing. */
dc_fast_level dc_fast_level_now(void);

#endif
