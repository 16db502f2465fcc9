/* SPDX-License-Identifier: MIT
 *
 * For tests of guarded calls: an implementation in this process that notes how
 * it is called and does one wrong thing.
 */
#ifndef TESTS_GUARDED_H
#define TESTS_GUARDED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "oracle/subject/guard.h"
#include "ref/format.h"
#include "tests/support/parse.h"

enum { CALLS = 4 };

/* What the implementation under test saw, and what it shall do. */
static struct {
    int calls;
    const char *at[CALLS][4]; /* addresses per call: inputs, then the result */
    int poison[CALLS];        /* first byte of the result before the call */
    int skip;                 /* element that is not written; -1 none */
    int moody;                /* element that counts the calls; -1 none */
    int spoil;                /* input whose last byte is changed; -1 none */
    int far; /* call that writes far from the first one's values */
    dc_status answers[CALLS];
    dc_status supports;
    uint32_t size;
    const dc_problem *problem; /* of the last call */
    struct {
        int call;    /* that writes a byte which it may not; from 1 */
        int slot;    /* 0..2 an input, 3 the result, 4 the problem */
        int64_t at;  /* of the slot's begin */
        bool behind; /* ... or of its end */
    } stray;
    bool supports_writes; /* to the problem */
    char *late;           /* byte that supports() changes; NULL: none */
} seen;

static inline void reset(void)
{
    memset(&seen, 0, sizeof seen);
    seen.skip = seen.moody = seen.spoil = -1;
}

static void write_stray(const dc_problem *p, dc_op op, const void *in[3],
                        void *out)
{
    const int k = seen.stray.slot;
    const size_t bytes =
        k == 4
            ? sizeof *p
            : dc_problem_bytes(p, k == 3 ? dc_ops[op].out : dc_ops[op].in[k]);
    unsigned char *const to = k == 4   ? (void *)(uintptr_t)p
                              : k == 3 ? out
                                       : (void *)(uintptr_t)in[k];

    to[seen.stray.at + (seen.stray.behind ? (int64_t)bytes : 0)] ^= 0x21;
}

/* Fills each element with one byte value, whatever its type. */
static dc_status act(const dc_problem *p, dc_op op, const void *a,
                     const void *b, const void *c, void *out)
{
    const void *in[3] = {a, b, c};
    const int call = seen.calls++;
    const int64_t count = dc_problem_count(p, dc_ops[op].out);
    const size_t size = (size_t)dc_formats[p->dtype].size;

    for (int i = 0; i < 3; i++)
        seen.at[call][i] = in[i];
    seen.at[call][3] = out;
    seen.size = p->size;
    seen.problem = p;
    seen.poison[call] = count ? *(unsigned char *)out : -1;
    for (int64_t i = 0; i < count; i++)
        if (i != seen.skip)
            memset((char *)out + (size_t)i * size,
                   (i == seen.moody ? call : (int)i % 50) +
                       (seen.far == call + 1 ? 8 : 0),
                   size);
    if (seen.spoil >= 0)
        ((unsigned char *)(uintptr_t)in[seen.spoil])[0] ^= 1;
    if (seen.stray.call == call + 1)
        write_stray(p, op, in, out);
    return seen.answers[call];
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    return act(p, DC_FORWARD, x, w, b, y);
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    return act(p, DC_GRAD_INPUT, gy, w, NULL, gx);
}

static dc_status grad_weight(const dc_problem *p, const void *gy, const void *x,
                             void *gw)
{
    return act(p, DC_GRAD_WEIGHT, gy, x, NULL, gw);
}

static dc_status grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    return act(p, DC_GRAD_BIAS, gy, NULL, NULL, gb);
}

static dc_status supports(const dc_problem *p)
{
    if (seen.supports_writes)
        ((dc_problem *)(uintptr_t)p)->has_bias ^= 1;
    if (seen.late)
        *seen.late ^= 0x21;
    seen.late = NULL;
    return seen.supports;
}

static const dc_impl all = {.abi = DC_ABI,
                            .name = "all",
                            .supports = supports,
                            .forward = forward,
                            .grad_input = grad_input,
                            .grad_weight = grad_weight,
                            .grad_bias = grad_bias};

typedef struct {
    dc_case c;
    void *tensors[DC_TENSORS];
    void *result[2];
    size_t bytes[DC_TENSORS];
} material;

static material make(const char *spec, dc_op op)
{
    material m = {.tensors = {NULL}};
    const dc_tensor out = dc_ops[op].out;

    m.c = parse(spec);
    for (int t = 0; t < DC_TENSORS; t++) {
        m.bytes[t] = dc_problem_bytes(&m.c.p, (dc_tensor)t);
        m.tensors[t] = malloc(m.bytes[t] + 1);
        assert_non_null(m.tensors[t]);
        memset(m.tensors[t], 7 + t, m.bytes[t]);
    }
    m.result[0] = m.tensors[out];
    m.result[1] = malloc(m.bytes[out] + 1);
    assert_non_null(m.result[1]);
    return m;
}

static void drop(material *m)
{
    for (int t = 0; t < DC_TENSORS; t++)
        free(m->tensors[t]);
    free(m->result[1]);
}

static dc_guard *guard(void)
{
    dc_guard *made = NULL;

    assert_int_equal(dc_guard_open(&made, NULL), DC_OK);
    return made;
}

static inline dc_answer call(dc_guard *g, const dc_impl *impl, material *m,
                             dc_op op)
{
    dc_answer a;
    dc_error e = {.text = ""};
    const dc_guard_request r = {
        impl, &m->c.p, op, (const void *const *)m->tensors, NULL, false};

    if (dc_guard_call(g, &r, m->result, &a, &e) != DC_OK)
        fail_msg("%s", e.text);
    assert_int_equal(a.outcome, DC_ANSWERED);
    assert_int_equal(a.shape_axes, -1);
    return a;
}

#endif
