/* SPDX-License-Identifier: MIT
 *
 * What may an implementation say of its own arithmetic, so that it is judged
 * by that?  Words of --declare and of "declares" in a pipe's hello.
 *
 *   transform         Winograd, FFT: a norm-wise bound, not bit for bit
 *   truncating        sums that chop: twice the unit roundoff
 *   flush             subnormals become zero, in inputs, sums and results
 *   nondeterministic  other bits at every call
 *   tf32              f32 factors are rounded to 11 bits
 *
 * What each does to the verdict: oracle/VERDICT.md.
 */
#ifndef DC_DECLARE_H
#define DC_DECLARE_H

#include <stddef.h>

#include "ref/problem.h"

enum {
    DC_TRANSFORM = 1 << 0,
    DC_TRUNCATING = 1 << 1,
    DC_FLUSH = 1 << 2,
    DC_NONDETERMINISTIC = 1 << 3,
    DC_TF32 = 1 << 4,
    DC_DECLARATIONS = 5 /* how many there are */
};

/* Name of the declaration 1 << k. */
extern const char *const dc_declare_names[DC_DECLARATIONS];

/* Adds the words of a comma-separated list to *flags; "" is the empty list.
 * DC_INVALID with a sentence that names the first unknown word; `from` says
 * who spoke ("--declare", "hello"). */
dc_status dc_declare_read(const char *list, const char *from, int *flags,
                          dc_error *e);

/* The words of flags, comma-separated. */
void dc_declare_print(int flags, char *text, size_t size);

#endif
