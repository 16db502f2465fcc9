/* SPDX-License-Identifier: MIT
 *
 * The case string: one token that reproduces a case exactly.
 *
 *   n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1_f32_int_r7
 */
#ifndef DC_CASE_H
#define DC_CASE_H

#include "ref/problem.h"

/* Data families; cases/data/data.h describes them. */
typedef enum {
    DC_INT,
    DC_PROBE,
    DC_SHORT,
    DC_REAL,
    DC_CANCEL,
    DC_WIDE,
    DC_SPECIAL,
    DC_FAMILIES
} dc_family;

extern const char *const dc_family_names[DC_FAMILIES];

typedef struct {
    dc_problem p;
    dc_family family;
    uint64_t seed;
} dc_case;

enum { DC_CASE_MAX = 768 }; /* size of a buffer that holds any case string */

/* Reads a case string.  Only i and k are required; defaults are n1 ci1 co1 g1
 * s1 d1 pb0 pe0 op0 b0 f32 int r0.  Keys may come in any order; one number
 * stands for all axes; p1x2 sets both pb and pe.  DC_INVALID, with a sentence
 * in e, for an unknown or repeated key, p together with pb or pe, a number
 * that does not fit, and an illegal problem. */
dc_status dc_case_parse(const char *text, dc_case *c, dc_error *e);

/* Prints every key in a fixed order (u1 only if set), so that
 * parse(print(c)) = c.  Returns the length without the final 0. */
int dc_case_print(const dc_case *c, char text[DC_CASE_MAX]);

#endif
