/* SPDX-License-Identifier: MIT
 *
 * For tests of fast/: tensors allocated to their exact size, small random
 * numbers, and one call of an implementation.
 */
#ifndef TESTS_FAST_H
#define TESTS_FAST_H

#include <stdlib.h>

#include "ref/call.h"
#include "ref/case.h"
#include "ref/format.h"
#include "tests/support/parse.h"

/* A linear congruential generator (Knuth's MMIX constants), high bits. */
static inline uint32_t draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Calls op on the tensors t[]. */
static inline dc_status call(const dc_impl *impl, const dc_problem *p, int op,
                             char *const t[DC_TENSORS], void *result)
{
    const void *in[3] = {NULL};

    for (int k = 0; k < dc_ops[op].takes; k++)
        in[k] = t[dc_ops[op].in[k]];
    return dc_call(impl, p, (dc_op)op, in, result);
}

/* Allocates exactly the bytes of tensor t, `skew` elements into a block, so
 * that the tensor is aligned to its element only. */
static inline char *allocate(const dc_problem *p, int t, int skew)
{
    const size_t before = (size_t)(skew * dc_formats[p->dtype].size);
    const size_t bytes = before + dc_problem_bytes(p, (dc_tensor)t);
    char *const block = malloc(bytes);

    assert_true(block || bytes == 0);
    return block + before;
}

static inline void store(const dc_problem *p, void *t, int64_t e, double value)
{
    if (p->dtype == DC_F64)
        ((double *)t)[e] = value;
    else
        ((float *)t)[e] = (float)value;
}

#endif
