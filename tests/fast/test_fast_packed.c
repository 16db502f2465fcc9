/* SPDX-License-Identifier: MIT
 *
 * Do weights packed once give the bits of the plain call, run after run, with
 * any number of threads, whichever instruction set they were packed for?
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

static char *filled(const dc_problem *p, int t, uint64_t *seed)
{
    char *const tensor = allocate(p, t, 0);

    for (int64_t e = 0; e < dc_problem_count(p, (dc_tensor)t); e++)
        store(p, tensor, e, (double)draw(seed) / 0x1p30 - 1);
    return tensor;
}

/* Claim: packed for `isa` and run three times, whatever the environment then
 * says, the bits are those of the table's function. */
static void check_bits(const dc_problem *p, int op, const char *isa)
{
    static const char *const threads[] = {"1", "2", "7"};
    const int out = (int)dc_ops[op].out;
    const size_t bytes = dc_problem_bytes(p, (dc_tensor)out);
    uint64_t seed = 5;
    dc_fast_packed *packed = NULL;
    char *in[DC_TENSORS] = {NULL};
    char *const want = allocate(p, out, 0);
    char *const got = allocate(p, out, 0);

    for (int t = 0; t <= DC_GY; t++)
        in[t] = filled(p, t, &seed);
    assert_int_equal(call(dc_fast_impl(), p, op, in, want), DC_OK);
    setenv("DECONFORM_ISA", isa, 1);
    assert_int_equal(dc_fast_pack(p, op, in[DC_W], &packed), DC_OK);
    unsetenv("DECONFORM_ISA");
    memset(in[DC_W], 0xff,
           dc_problem_bytes(p, DC_W)); /* packed: no longer read */
    for (int n = 0; n < 3; n++) {
        setenv("DECONFORM_THREADS", threads[n], 1);
        memset(got, 0xff, bytes);
        assert_int_equal(
            dc_fast_run_packed(packed, in[op ? DC_GY : DC_X], in[DC_B], got),
            DC_OK);
        if (memcmp(want, got, bytes) != 0)
            fail_msg("%s packed for %s: other bits with %s threads",
                     dc_ops[op].name, isa, threads[n]);
    }
    unsetenv("DECONFORM_THREADS");
    dc_fast_pack_free(packed);
    for (int t = 0; t <= DC_GY; t++)
        free(in[t]);
    free(want);
    free(got);
}

static void test_bits(void **state)
{
    /* all ways to pack: transposed, in runs, as neighbours, one by one, ready;
     * one channel, groups, several blocks and windows; empty sums */
    static const char *const problems[] = {
        "n2_ci24_co20_i17x18_k3x4_s2_p1_op1x0_b1",
        "ci20_co260_i3x4_k4_s2_p1_b1",
        "n2_ci40_co60_g2_i21_k16_s8_p4_b1",
        "ci18_co9_i2x3x4_k2_s2_b1",
        "ci1_co40_i9_k1_b1",
        "ci30_co1_i33x35_k9_s3_p4_op2_b1",
        "ci3_co3_g3_i20x33_k16_s8_p4_b1",
        "ci31_co17_i13x14_k3_d2_p2",
        "ci2_co3_i5x9_k3_s2x1_d900x1200_pb600_op1_b1",
        "n2_ci0_co4_i3_k2_b1",
        "n2_ci4_co3_i0x3_k4x2_s2_b1",
        "n0_ci2_co2_i3_k2",
    };
    static const char *const isas[] = {"portable", "avx2", "avx512"};

    (void)state;
    for (size_t n = 0; n < sizeof problems / sizeof *problems; n++)
        for (int k = 0; k < 12; k++) {
            dc_problem p = parse_problem(problems[n]);

            p.dtype = k % 2 ? DC_F32 : DC_F64;
            check_bits(&p, k / 2 % 2, isas[k / 4]);
        }
}

static void test_refusals(void **state)
{
    static const int others[] = {-1, DC_GRAD_WEIGHT, DC_GRAD_BIAS, DC_OPS};
    dc_problem p = parse_problem("ci2_co2_i3_k2_b1");
    dc_fast_packed *packed = (void *)&p;
    const float t[16] = {0};
    float result[16] = {0};

    (void)state;
    for (size_t n = 0; n < sizeof others / sizeof *others; n++) {
        assert_int_equal(dc_fast_pack(&p, others[n], t, &packed), DC_INVALID);
        assert_null(packed);
    }
    assert_int_equal(dc_fast_pack(NULL, 0, t, &packed), DC_INVALID);
    assert_int_equal(dc_fast_pack(&p, 0, NULL, &packed), DC_INVALID);
    p.dtype = DC_F16;
    assert_int_equal(dc_fast_pack(&p, 0, t, &packed), DC_UNSUPPORTED);
    assert_null(packed);
    p.dtype = DC_F32;
    for (int op = 0; op < 2; op++) {
        assert_int_equal(dc_fast_pack(&p, op, t, &packed), DC_OK);
        assert_int_equal(dc_fast_run_packed(packed, NULL, t, result),
                         DC_INVALID);
        assert_int_equal(dc_fast_run_packed(packed, t, t, NULL), DC_INVALID);
        assert_int_equal(dc_fast_run_packed(packed, t, NULL, result),
                         op ? DC_OK : DC_INVALID);
        dc_fast_pack_free(packed);
    }
    dc_fast_pack_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests_name("fast_packed", tests, NULL, NULL);
}
