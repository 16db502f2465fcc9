/* SPDX-License-Identifier: MIT
 *
 * Declarations: what an implementation may say about its own arithmetic, by
 * --declare or by "declares" in a pipe's hello, so that it is judged by that.
 *
 *   transform         Winograd, FFT: a norm-wise bound, not bit for bit
 *   truncating        sums that chop: twice the unit roundoff
 *   flush             subnormals become zero, in inputs, sums and results
 *   nondeterministic  may return other bits at every call
 *   tf32              f32 factors are rounded to 11 bits
 *   split             f32 factors are split into parts of fewer bits: six or
 *                     nine bf16 products, or three TF32 products, for one
 *   compensated       sums keep what was rounded off: infinities may become NaN
 *   zero-taps         the kernel is extended by taps of zero, up to as many for
 *                     each phase of the stride
 *
 * oracle/VERDICT.md says how each changes the verdict.
 */
#ifndef DC_DECLARE_H
#define DC_DECLARE_H

#include <stddef.h>

#include "ref/problem.h"

typedef enum {
    DC_TRANSFORM = 1 << 0,
    DC_TRUNCATING = 1 << 1,
    DC_FLUSH = 1 << 2,
    DC_NONDETERMINISTIC = 1 << 3,
    DC_TF32 = 1 << 4,
    DC_SPLIT = 1 << 5,
    DC_COMPENSATED = 1 << 6,
    DC_ZERO_TAPS = 1 << 7
} dc_declared;

enum { DC_DECLARATIONS = 8 };

/* By bit number. */
extern const char *const dc_declare_names[DC_DECLARATIONS];

/* Adds the declarations in a comma-separated list, which may be empty, to
 * *flags.  DC_INVALID if a word is unknown; the sentence in e names it and
 * begins with `from`, the origin of the list ("--declare"). */
dc_status dc_declare_read(const char *list, const char *from,
                          dc_declared *flags, dc_error *e);

/* Writes the words of flags, comma-separated, to text[size]. */
void dc_declare_print(dc_declared flags, char *text, size_t size);

#endif
