/* SPDX-License-Identifier: MIT
 *
 * For tests of problems: a legal one.
 */
#ifndef TESTS_PROBLEM_H
#define TESTS_PROBLEM_H

#include "ref/problem.h"

/* A legal problem of this rank whose extents all differ. */
static inline dc_problem sample(int rank)
{
    dc_problem p = {.size = sizeof p, .rank = rank, .dtype = DC_F32};

    p.n = 2;
    p.ci = 6;
    p.co = 4;
    p.g = 2;
    for (int a = 0; a < rank; a++) {
        p.i[a] = 3 + a;
        p.k[a] = 2 + a;
        p.s[a] = 3;
        p.d[a] = 1 + a;
        p.pb[a] = a;
        p.pe[a] = 1;
        p.op[a] = 1 + a / 2;
    }
    assert_int_equal(dc_problem_complete(&p, NULL), DC_OK);
    return p;
}

#endif
