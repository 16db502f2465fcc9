/* SPDX-License-Identifier: MIT
 *
 * The problems that are asked, small and usual ones first.
 */
#include "oracle/verbs/offered.h"

#include <stdlib.h>

/* A kernel may be for one rank, one kernel size, one stride, dense or grouped
 * or depthwise problems, or channels that fill its vectors. */
static const char *const problems[] = {
    "i1_k1",
    "i1x1_k1",
    "i1x1x1_k1",
    "i4x4_k2_s2",
    "i4x4_k3_p1",
    "i4_k4_s2_p1",
    "i4x4_k4_s2_p1",
    "i4x4_k3_s2_p1_op1_b1",
    "i3x3x3_k2_s2",
    "ci4_co4_g2_i4x4_k3_p1",
    "ci4_co4_g4_i4x4_k3_s2_p1_op1",
    "ci4_co4_g4_i4_k4_s2_p1",
    "ci16_co16_i8x8_k1",
    "ci16_co16_i8x8_k3_p1_b1",
    "ci64_co64_i8x8_k2_s2_b1",
    "ci64_co64_i8x8_k4_s2_p1",
    "ci64_co64_g64_i8x8_k3_s2_p1_op1",
    "ci64_co64_i16_k4_s2_p1_b1",
    "ci16_co16_i4x4x4_k3_s2_p1_op1_b1",
};
enum { PROBLEMS = sizeof problems / sizeof *problems };

/* Asks for the operations of a complete problem, with tensors of zeros, until
 * one is offered. */
static dc_status ask(dc_endpoint *end, const bool ops[DC_OPS], const dc_case *c,
                     bool *offered, dc_error *e)
{
    size_t most = 0;
    char *zeros;
    void *results[2];
    const void *tensors[DC_TENSORS] = {NULL};
    dc_status status = DC_OK;

    for (int t = 0; t < DC_TENSORS; t++) {
        const size_t bytes = dc_problem_bytes(&c->p, (dc_tensor)t);

        most = bytes > most ? bytes : most;
    }
    zeros = calloc(3, most);
    if (!zeros)
        return dc_nomem(e);
    tensors[DC_X] = tensors[DC_W] = tensors[DC_GY] = zeros;
    tensors[DC_B] = c->p.has_bias ? zeros : NULL;
    for (int k = 0; k < 2; k++)
        results[k] = zeros + (size_t)(k + 1) * most;
    for (int op = 0; op < DC_OPS && status == DC_OK && !*offered; op++) {
        dc_answer a;

        if (!ops[op])
            continue;
        status = dc_endpoint_call(end, c, (dc_op)op, tensors, results, &a, e);
        *offered = status == DC_OK &&
                   (a.outcome != DC_ANSWERED || a.status != DC_UNSUPPORTED);
    }
    free(zeros);
    return status;
}

dc_status dc_offered(dc_endpoint *end, const bool ops[DC_OPS], int dtype,
                     int *first, dc_error *e)
{
    *first = -1;
    for (int k = 0; k < PROBLEMS && *first < 0; k++) {
        bool offered = false;
        dc_case c;
        dc_status status;

        (void)dc_case_parse(problems[k], &c, NULL); /* every row is legal */
        c.p.dtype = dtype;
        status = ask(end, ops, &c, &offered, e);
        if (status != DC_OK)
            return status;
        if (offered)
            *first = k;
    }
    return DC_OK;
}
