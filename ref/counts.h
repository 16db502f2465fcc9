/* SPDX-License-Identifier: MIT
 *
 * How many operations does a problem take: exactly, and by the published
 * complexity formula?
 */
#ifndef DC_COUNTS_H
#define DC_COUNTS_H

#include "ref/problem.h"

/* All totals include batch, channels and groups. */
typedef struct {
    int64_t filters;          /* psi = ci*co/g */
    int64_t taps;             /* T: useful taps of one channel pair */
    int64_t reached;          /* E: outputs of one channel that a tap reaches */
    int64_t mul[DC_OPS];      /* multiplications of the formula */
    int64_t add[DC_OPS];      /* additions, of the bias too if there is one */
    int64_t mul_col2im;       /* forward by GEMM and col2im: N psi |i| |k| */
    int64_t mul_stuffed;      /* forward by zero-stuffing:   N psi |o| |k| */
    int64_t published_filter; /* lambda, operations per filter */
    int64_t published_aggregation; /* gamma, with or without bias */
    int64_t published_total;       /* N (psi lambda + gamma) */
} dc_counts;

/* Computes the counts from closed forms, in O(i + k) per axis.  DC_INVALID if
 * an extent exceeds 2^26 or a total does not fit an int64_t. */
dc_status dc_counts_of(const dc_problem *p, dc_counts *c, dc_error *e);

/* mul_col2im alone, at once: how many products a legal problem has if no pad
 * crops any.  The problem need not be complete; the result must fit. */
int64_t dc_counts_uncropped(const dc_problem *p);

#endif
