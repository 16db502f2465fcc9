/* SPDX-License-Identifier: MIT
 *
 * Does fast/ give the same bits with any number of threads, any instruction set
 * and any alignment?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"
#include "tests/support/fast.h"

/* The environment of a call; NULL: the variable is not set. */
typedef struct {
    const char *threads; /* DECONFORM_THREADS */
    const char *omp;     /* OMP_NUM_THREADS */
    const char *isa;     /* DECONFORM_ISA */
    int skew;            /* elements by which every tensor is moved */
} setting;

static void set_or_unset(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

/* Claim: results with this setting have the bits at `first`.  The first setting
 * of a problem (is_first) stores them there. */
static void check_bits(const dc_problem *p, char *const in[DC_TENSORS],
                       char *const first[DC_OPS], bool is_first,
                       const setting *s)
{
    const int shift = s->skew * dc_formats[p->dtype].size;
    char *moved[DC_TENSORS] = {NULL};

    set_or_unset("DECONFORM_THREADS", s->threads);
    set_or_unset("OMP_NUM_THREADS", s->omp);
    set_or_unset("DECONFORM_ISA", s->isa);
    for (int t = 0; t <= DC_GY; t++) {
        moved[t] = allocate(p, t, s->skew);
        memcpy(moved[t], in[t], dc_problem_bytes(p, (dc_tensor)t));
    }
    for (int op = 0; op < DC_OPS; op++) {
        const int out = (int)dc_ops[op].out;
        const size_t bytes = dc_problem_bytes(p, (dc_tensor)out);
        char *const got = allocate(p, out, s->skew);

        memset(got, 0xff, bytes);
        assert_int_equal(call(dc_fast_impl(), p, op, moved, got), DC_OK);
        if (is_first)
            memcpy(first[op], got, bytes);
        if (memcmp(first[op], got, bytes) != 0)
            fail_msg("%s: other bits with %s threads, %s, skew %d",
                     dc_ops[op].name, s->threads ? s->threads : "any",
                     s->isa ? s->isa : "any isa", s->skew);
        free(got - shift);
    }
    for (int t = 0; t <= DC_GY; t++)
        free(moved[t] - shift);
    unsetenv("DECONFORM_ISA");
}

/* Claim: the bits depend neither on the number of threads, nor on the
 * instruction set, nor on alignment. */
static void test_bits(void **state)
{
    /* single and grouped phases, planes, few and many channels, groups, slices
     * of grad_weight; most have enough work for more than one thread */
    static const char *const problems[] = {
        "n2_ci24_co20_i17x18_k3x4_s2_p1_op1x0_b1",
        "n3_ci70_co60_g2_i101_k4_s2_pb1_pe1_b1",
        "ci8_co8_g4_i9x17x16_k4_s2x1x2_p1_op0x0x1_b1",
        "n2_ci40_co33_i7x5_k4_s2_p1_b1",
        "ci30_co1_i33x35_k9_s3_p4_op2_b1",
        "ci3_co3_g3_i20x33_k16_s8_p4_b1",
        "ci31_co17_i13x14_k3_d2_p2",
        "ci16_co14_i6x5x7_k2_s2_b1",
    };
    static const setting settings[] = {
        {"1", NULL, "avx512", 0},   {"1", NULL, "portable", 0},
        {"1", NULL, "avx2", 1},     {"2", NULL, "avx512", 1},
        {"2", NULL, "avx2", 0},     {"3", NULL, "avx512", 0},
        {"3", NULL, "avx2", 1},     {"7", NULL, "avx512", 1},
        {"7", NULL, "avx2", 0},     {"7", NULL, "portable", 1},
        {"2", NULL, "portable", 0}, {"3", NULL, "portable", 1},
        {NULL, "3", NULL, 0},       {"", "4,2", "", 1},
        {"much", "two", "sse9", 0}, {NULL, NULL, NULL, 0},
        {"9999", NULL, NULL, 0},    {"-3", "0", NULL, 0},
    };
    uint64_t seed = 7;

    (void)state;
    for (size_t r = 0; r < 2 * sizeof problems / sizeof *problems; r++) {
        dc_problem p = parse_problem(problems[r / 2]);
        char *in[DC_TENSORS] = {NULL};
        char *first[DC_OPS];

        p.dtype = r % 2 ? DC_F64 : DC_F32;
        for (int t = 0; t <= DC_GY; t++) {
            in[t] = allocate(&p, t, 0);
            for (int64_t e = 0; e < dc_problem_count(&p, (dc_tensor)t); e++)
                store(&p, in[t], e, (double)draw(&seed) / 0x1p30 - 1);
        }
        for (int op = 0; op < DC_OPS; op++)
            first[op] = allocate(&p, (int)dc_ops[op].out, 0);
        for (size_t s = 0; s < sizeof settings / sizeof *settings; s++)
            check_bits(&p, in, first, s == 0, &settings[s]);
        for (int op = 0; op < DC_OPS; op++)
            free(first[op]);
        for (int t = 0; t <= DC_GY; t++)
            free(in[t]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits),
    };

    return cmocka_run_group_tests_name("fast_bits", tests, NULL, NULL);
}
