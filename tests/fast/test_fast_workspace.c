/* SPDX-License-Identifier: MIT
 *
 * Does a call of fast/ allocate what dc_fast_workspace announces, at most a few
 * MiB per thread, and does it refuse sizes that cannot be represented?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"
#include "tests/support/fast.h"

/* ==== counted allocation ================================================= */

static int64_t allocated; /* bytes since it was set to 0 */

/* Replaces libc's in this program. */
void *aligned_alloc(size_t alignment, size_t size)
{
    void *got = NULL;

    allocated += (int64_t)size;
    /* a sanitizer ends a program that requests too much */
    return size > (size_t)1 << 40 || posix_memalign(&got, alignment, size)
               ? NULL
               : got;
}

/* ==== announced and allocated bytes ====================================== */

static const char *const problems[] = {
    "n2_ci24_co20_i17x18_k3x4_s2_p1_op1x0_b1",
    "ci31_co17_i13x14_k3_d2_p2",
    "ci70_co260_i9_k4_s2_p1_b1",
    "ci64_co3_i32x32_k4_s2_p1",
    "ci3_co3_g3_i40x33_k16_s8_p4_b1",
    "ci16_co14_i6x5x7_k2_s2_b1",
    "ci2_co2_i24x25_k13x16_p6x8_b1",
    "i1_k1_b1",
};

/* Claim: the workspace of each thread and the shared memory are as announced.
 * In addition there are, for a moment, the smaller workspaces of the threads
 * that pack weights or add slices. */
static void check_allocated(const dc_problem *p, int op, int64_t threads)
{
    char *in[DC_TENSORS] = {NULL};
    char *const out = allocate(p, (int)dc_ops[op].out, 0);
    dc_fast_need need;
    int64_t announced;

    for (int t = 0; t <= DC_GY; t++) {
        in[t] = allocate(p, t, 0);
        memset(in[t], 0, dc_problem_bytes(p, (dc_tensor)t));
    }
    assert_int_equal(dc_fast_workspace(p, op, &need), DC_OK);
    assert_true(need.thread > 0 && need.shared >= 0);
    allocated = 0;
    assert_int_equal(call(dc_fast_impl(), p, op, in, out), DC_OK);
    announced = need.shared + threads * need.thread;
    if (allocated < need.shared + need.thread ||
        allocated > announced + announced / 2 + 64)
        fail_msg("%s: %lld bytes allocated, %lld announced", dc_ops[op].name,
                 (long long)allocated, (long long)announced);
    for (int t = 0; t <= DC_GY; t++)
        free(in[t]);
    free(out);
}

static void test_allocated(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof problems / sizeof *problems; n++)
        for (int k = 0; k < 4 * DC_OPS; k++) {
            dc_problem p = parse_problem(problems[n]);

            p.dtype = k & 1 ? DC_F32 : DC_F64;
            setenv("DECONFORM_THREADS", k & 2 ? "3" : "1", 1);
            check_allocated(&p, k / 4, k & 2 ? 3 : 1);
        }
    unsetenv("DECONFORM_THREADS");
}

/* Claim: at most 16 MiB per thread, however large the tensors. */
static void test_bounded(void **state)
{
    static const char *const large[] = {
        "n4_ci512_co256_i8x8_k4_s2_p1",
        "n1_ci1024_co512_i2048x2048_k2_s2_b1",
        "n64_ci4096_co4096_i512x512_k3_p1",
        "ci1_co1_i1000000000_k4_s2_p1",
        "ci64_co64_i512x512x512_k4_s2_p1",
        "ci64_co64_g64_i4096x4096_k16_s8_p4",
        "ci64_co64_i100x100x100_k100_p50",
        "ci4_co4_i1000x1000_k400_d3",
        "ci256_co256_i1000000_k2900_d7",
        "ci2_co2_i9x9_k64_s64",
    };

    (void)state;
    for (size_t n = 0; n < sizeof large / sizeof *large; n++)
        for (int op = 0; op < DC_OPS; op++) {
            dc_problem p = parse_problem(large[n]);
            dc_fast_need need;

            p.dtype = DC_F64;
            assert_int_equal(dc_fast_workspace(&p, op, &need), DC_OK);
            if (need.thread > 16 << 20)
                fail_msg("%s of %s: %lld bytes per thread", dc_ops[op].name,
                         large[n], (long long)need.thread);
        }
}

/* ==== refusals =========================================================== */

/* Claim: the bytes of 2^57 phases of one position overflow, and the call
 * answers DC_NOMEM before it reads a tensor. */
static void test_huge(void **state)
{
    const dc_problem p = parse_problem("i1x1x1_k524288_s524288");
    const dc_problem half = parse_problem("i1x1x1_k16384_s16384");
    dc_fast_need need;
    float t = 1;

    (void)state;
    assert_int_equal(dc_fast_impl()->supports(&p), DC_OK);
    assert_int_equal(dc_fast_workspace(&p, DC_FORWARD, &need), DC_NOMEM);
    assert_int_equal(dc_fast_impl()->forward(&p, &t, &t, NULL, &t), DC_NOMEM);
    /* representable, but more than any memory */
    assert_int_equal(dc_fast_workspace(&half, DC_FORWARD, &need), DC_OK);
    assert_true(need.thread > INT64_C(1) << 46);
    assert_int_equal(dc_fast_impl()->forward(&half, &t, &t, NULL, &t),
                     DC_NOMEM);
    assert_true(t == 1);
}

static void test_refusals(void **state)
{
    dc_problem p = parse_problem("i2_k2");
    dc_fast_need need = {1, 1};

    (void)state;
    assert_int_equal(dc_fast_workspace(NULL, 0, &need), DC_INVALID);
    assert_int_equal(need.shared + need.thread, 0);
    assert_int_equal(dc_fast_workspace(&p, -1, &need), DC_INVALID);
    assert_int_equal(dc_fast_workspace(&p, DC_OPS, &need), DC_INVALID);
    p.dtype = DC_BF16;
    assert_int_equal(dc_fast_workspace(&p, 0, &need), DC_UNSUPPORTED);
    /* empty sums need no memory */
    p = parse_problem("ci0_co2_i3_k2");
    for (int op = 0; op < DC_GRAD_BIAS; op++) {
        assert_int_equal(dc_fast_workspace(&p, op, &need), DC_OK);
        assert_int_equal(need.shared + need.thread, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocated),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests_name("fast_workspace", tests, NULL, NULL);
}
