/* SPDX-License-Identifier: MIT
 *
 * deconform: the contract between the judge and an implementation of
 * transposed convolution.  A foreign author includes this file and nothing
 * else, builds a shared object that exports deconform_plugin(), and runs
 * `deconform verify --impl ./lib.so`.
 *
 * Per axis, with input extent i, kernel k, stride s, dilation d (1 = dense),
 * padding pb and pe at the begin and the end (it crops the output) and output
 * padding op, the output extent is
 *
 *     o = (i-1)*s - pb - pe + d*(k-1) + op + 1
 *
 * and the four operations are (sums over legal positions; what falls outside
 * 0..o-1 contributes nothing; channels of one group meet only each other)
 *
 *     y[n,co,o]    = b[co] + sum_{ci,t : j*s-pb+t*d = o} x[n,ci,j] w[ci,co',t]
 *     gx[n,ci,j]   = sum_{co',t} gy[n,co,j*s-pb+t*d] w[ci,co',t]
 *     gw[ci,co',t] = sum_{n,j} x[n,ci,j] gy[n,co,j*s-pb+t*d]
 *     gb[co]       = sum_{n,o} gy[n,co,o]
 */
#ifndef DECONFORM_H
#define DECONFORM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DC_ABI 1

/* What a function answers. */
typedef enum {
    DC_OK = 0,
    DC_UNSUPPORTED = 1, /* a legal problem that is not offered */
    DC_INVALID = 2,     /* an illegal problem, or another extent than o */
    DC_NOMEM = 3,
    DC_FAILED = 4
} dc_status;

/* Storage types.  f16 is IEEE binary16, bf16 the upper half of binary32;
 * both travel as 16-bit patterns. */
enum { DC_F64 = 0, DC_F32 = 1, DC_F16 = 2, DC_BF16 = 3 };

/* One problem.  Axis order is d,h,w: rank 1 has [0]=w, rank 2 has [0]=h
 * [1]=w, rank 3 has [0]=d [1]=h [2]=w; entries from rank on are zero.
 * Legal: k s d g >= 1, ci and co divisible by g, 0 <= op < max(s,d), o >= 0;
 * pads of any sign; n, ci, co and i may be zero; no field beyond 2^40; the
 * bytes of every tensor, with extents of zero counted as one, fit int64_t.
 * dc_validate() below is this rule, ready-made. */
typedef struct {
    uint32_t size;     /* of this structure in the judge; it may grow */
    int32_t rank;      /* 1, 2 or 3 */
    int32_t dtype;     /* DC_F64 .. DC_BF16, of every tensor */
    int32_t unbatched; /* 1: tensors have no n axis; then n is 1 */
    int32_t has_bias;  /* 1: b is given to forward */
    int64_t n;         /* batch */
    int64_t ci;        /* input channels, all groups together */
    int64_t co;        /* output channels, all groups together */
    int64_t g;         /* groups */
    int64_t i[3];      /* input extent */
    int64_t k[3];      /* kernel extent */
    int64_t s[3];      /* stride */
    int64_t d[3];      /* dilation, 1 = dense */
    int64_t pb[3];     /* padding at the begin */
    int64_t pe[3];     /* padding at the end */
    int64_t op[3];     /* output padding */
    int64_t o[3];      /* output extent, by the formula above */
} dc_problem;

/* An implementation.  All tensors are dense, in C order, allocated by the
 * caller and aligned to their element only:
 *     x, gx [n,ci,i..]   w, gw [ci,co/g,k..]   b, gb [co]   y, gy [n,co,o..]
 * Results are overwritten whole.  Inputs and the problem are not written, not
 * even to be put back, nor is any byte around a tensor.  A function that is
 * NULL is not offered.  supports() may be NULL: everything is tried.
 *
 * Calls come one at a time, from one thread.  `verify --reentrant` asks more:
 * two threads call the same function at once, on tensors of their own, and get
 * the same bits as alone. */
typedef struct {
    uint32_t abi; /* DC_ABI */
    const char *name;
    const char *version;
    dc_status (*supports)(const dc_problem *p);
    /* b is NULL without bias */
    dc_status (*forward)(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y);
    dc_status (*grad_input)(const dc_problem *p, const void *gy, const void *w,
                            void *gx);
    dc_status (*grad_weight)(const dc_problem *p, const void *gy, const void *x,
                             void *gw);
    dc_status (*grad_bias)(const dc_problem *p, const void *gy, void *gb);
} dc_impl;

/* The one symbol that a plug-in exports. */
const dc_impl *deconform_plugin(void);

/* ==== Ready-made, for those who want it ================================== */

/* The largest legal field: sums of a few never overflow. */
#define DC_FIELD_MAX (INT64_C(1) << 40)

/* Multiplies *bytes by an extent, of which zero counts as one.  False if the
 * product does not fit. */
static inline int dc_validate_bytes(int64_t *bytes, int64_t extent)
{
    const int64_t factor = extent ? extent : 1;

    if (*bytes > INT64_MAX / factor)
        return 0;
    *bytes *= factor;
    return 1;
}

/* Is axis a legal, and o what the formula says?  Nothing overflows here. */
static inline int dc_validate_axis(const dc_problem *p, int a)
{
    const int64_t i = p->i[a], k = p->k[a], s = p->s[a], d = p->d[a];
    const int64_t pb = p->pb[a], pe = p->pe[a], op = p->op[a];
    const int64_t max = INT64_MAX - 4 * DC_FIELD_MAX; /* of o without pads */

    if (i < 0 || i > DC_FIELD_MAX || k < 1 || k > DC_FIELD_MAX || s < 1 ||
        s > DC_FIELD_MAX || d < 1 || d > DC_FIELD_MAX)
        return 0;
    if (pb < -DC_FIELD_MAX || pb > DC_FIELD_MAX || pe < -DC_FIELD_MAX ||
        pe > DC_FIELD_MAX || op < 0 || (op >= s && op >= d))
        return 0;
    if (i - 1 > max / s || k - 1 > max / d || (i - 1) * s > max - d * (k - 1))
        return 0;
    return p->o[a] >= 0 &&
           p->o[a] == (i - 1) * s - pb - pe + d * (k - 1) + op + 1;
}

/* DC_OK if p is legal, else DC_INVALID: a function can begin with
 *     if (dc_validate(p) != DC_OK) return DC_INVALID;
 * and `supports` of a kernel without limits of its own can be this one. */
static inline dc_status dc_validate(const dc_problem *p)
{
    int64_t x, y, w; /* bytes */

    if (p->size < sizeof *p || p->rank < 1 || p->rank > 3 ||
        p->dtype < DC_F64 || p->dtype > DC_BF16 || (p->unbatched & ~1) ||
        (p->has_bias & ~1))
        return DC_INVALID;
    if (p->n < 0 || p->n > DC_FIELD_MAX || p->ci < 0 || p->ci > DC_FIELD_MAX ||
        p->co < 0 || p->co > DC_FIELD_MAX || p->g < 1 || p->g > DC_FIELD_MAX ||
        p->ci % p->g || p->co % p->g || (p->unbatched && p->n != 1))
        return DC_INVALID;
    x = y = w = p->dtype == DC_F64 ? 8 : p->dtype == DC_F32 ? 4 : 2;
    if (!dc_validate_bytes(&x, p->n) || !dc_validate_bytes(&x, p->ci) ||
        !dc_validate_bytes(&y, p->n) || !dc_validate_bytes(&y, p->co) ||
        !dc_validate_bytes(&w, p->ci) || !dc_validate_bytes(&w, p->co / p->g))
        return DC_INVALID;
    for (int a = 0; a < p->rank; a++)
        if (!dc_validate_axis(p, a) || !dc_validate_bytes(&x, p->i[a]) ||
            !dc_validate_bytes(&w, p->k[a]) || !dc_validate_bytes(&y, p->o[a]))
            return DC_INVALID;
    return DC_OK;
}

#ifdef __cplusplus
}
#endif

#endif
