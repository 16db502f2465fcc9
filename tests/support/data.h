/* SPDX-License-Identifier: MIT
 *
 * For tests of the data families: the tensors of a case, and the largest sums
 * that they make.
 */
#ifndef TESTS_DATA_H
#define TESTS_DATA_H

#include "cases/data/data.h"
#include "ref/dot2.h"
#include "tests/support/draw.h"
#include "tests/support/parse.h"

/* Fails and names the case. */
static inline void fail_at(const dc_case *c, const char *what, double got)
{
    char text[DC_CASE_MAX];

    dc_case_print(c, text);
    fail_msg("%s: %s %g", text, what, got);
}

/* Tensor t of the case (sign 0), or moved by its direction (sign 1 or -1).
 * Freed by the caller. */
static inline void *fill(const dc_case *c, dc_tensor t, int sign)
{
    const size_t bytes = dc_problem_bytes(&c->p, t);
    unsigned char *const v = malloc(bytes + 1);

    assert_non_null(v);
    memset(v, 0xa5, bytes + 1); /* a sentinel behind the tensor */
    assert_int_equal(
        sign ? dc_data_moved(c, t, sign, v) : dc_data_fill(c, t, v), DC_OK);
    assert_int_equal(v[bytes], 0xa5);
    return v;
}

static inline void fill_all(const dc_case *c, void *tensors[DC_TENSORS])
{
    memset(tensors, 0, DC_TENSORS * sizeof *tensors);
    for (int t = DC_X; t <= DC_GY; t++)
        tensors[t] = fill(c, (dc_tensor)t, 0);
}

/* A random case of the family. */
static inline dc_case draw_case(uint64_t *state, dc_family family,
                                int64_t products)
{
    return (dc_case){draw_problem(state, products), family,
                     (uint64_t)draw_in(state, 0, 9999)};
}

/* The largest S and the most non-zero terms of any element of op's result. */
static inline dc_dot2_value worst(const dc_problem *p, dc_op op,
                                  void *const tensors[DC_TENSORS])
{
    const void *given[DC_TENSORS];
    dc_dot2 *gather;
    dc_dot2_value most = {0};
    dc_dot2_value e;

    memcpy(given, tensors, sizeof given);
    assert_int_equal(dc_dot2_open(&gather, p, given), DC_OK);
    for (int64_t at = 0; at < dc_problem_count(p, dc_ops[op].out); at++) {
        dc_dot2_element(gather, op, at, &e);
        most.s = e.s > most.s ? e.s : most.s;
        most.m = e.m > most.m ? e.m : most.m;
    }
    dc_dot2_close(gather);
    return most;
}

#endif
