/* SPDX-License-Identifier: MIT
 *
 * Do the data families keep their promises: few products in `short`, full
 * significands in `real`, one product in `probe`, the same numbers for ever?
 * (`int`: test_data_int.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>

#include "tests/support/data.h"

static const dc_tensor inputs[] = {DC_X, DC_W, DC_B, DC_GY};

static void short_has_few_products(void **unused)
{
    uint64_t state = 17;
    int full[4][5] = {{0}}; /* by operation and budget: reached */

    (void)unused;
    for (int round = 0; round < 1500; round++) {
        const dc_case c = draw_case(&state, DC_SHORT, 3000);
        const int64_t budget = 1 + (int64_t)(c.seed % 4);
        void *tensors[DC_TENSORS];

        fill_all(&c, tensors);
        for (int op = 0; op < DC_OPS; op++) {
            const int64_t m = worst(&c.p, (dc_op)op, tensors).m -
                              (op == DC_FORWARD && c.p.has_bias);

            /* gb has no products: it may sum more than the others multiply */
            if (m > budget && (op != DC_GRAD_BIAS || c.seed / 4 % 4 < 2))
                fail_at(&c, dc_ops[op].name, (double)m);
            full[op][budget] += m == budget;
        }
        draw_free(tensors);
    }
    for (int op = 0; op < DC_OPS; op++)
        for (int budget = 1; budget <= 4; budget++)
            assert_true(full[op][budget] > 10);
}

/* Values in [-1,1], both signs, the last bit of the type as often 1 as 0. */
static void real_fills_the_significand(void **unused)
{
    static const dc_family families[] = {DC_REAL, DC_SHORT};

    (void)unused;
    for (int dtype = 0; dtype < DC_FORMATS; dtype++)
        for (int f = 0; f < 2; f++) {
            dc_case c = parse("ci1_co1_i5000_k1_b1_r0");
            int64_t odd = 0;
            int64_t negative = 0;
            int64_t large = 0;
            void *x;

            c.p.dtype = dtype;
            c.family = families[f];
            x = fill(&c, DC_X, 0);
            for (int64_t e = 0; e < 5000; e++) {
                const double v = dc_format_get(dtype, x, e);

                if (v == 0 || fabs(v) > 1)
                    fail_at(&c, "a value of", v);
                odd += (int64_t)(dc_format_bits(dtype, x, e) & 1);
                negative += v < 0;
                large += fabs(v) > 0.5;
            }
            assert_in_range(odd, 2200, 2800);
            assert_in_range(negative, 2300, 2700);
            assert_in_range(large, 2300, 2700);
            free(x);
        }
}

static void probe_tells_positions_apart(void **unused)
{
    static const dc_tensor coded[] = {DC_W, DC_X, DC_GY};
    uint64_t state = 23;

    (void)unused;
    for (int round = 0; round < 800; round++) {
        const dc_case c = draw_case(&state, DC_PROBE, 4000);
        const int dtype = c.p.dtype;
        const double most = ldexp(1, dc_formats[dtype].precision) - 1;
        void *tensors[DC_TENSORS];

        fill_all(&c, tensors);
        for (size_t k = 0; k < 4; k++) {
            const dc_tensor t = inputs[k];
            const int64_t count = dc_problem_count(&c.p, t);
            double sum = 0;

            for (int64_t e = 0; e < count; e++) {
                const double v = dc_format_get(dtype, tensors[t], e);

                sum += v;
                if (t == coded[c.seed % 3] &&
                    ((double)count <= most
                         ? v != (double)(e + 1)
                         : !(v >= 1 && v <= most && v == floor(v))))
                    fail_at(&c, "a code of", v);
                if (t != coded[c.seed % 3] && v != 0 && v != 1)
                    fail_at(&c, "one-hot with", v);
            }
            if (t != coded[c.seed % 3] && sum != (count > 0 && t != DC_B))
                fail_at(&c, "one-hot sums up to", sum);
        }
        for (int op = DC_FORWARD; op <= DC_GRAD_WEIGHT; op++) {
            const dc_dot2_value e = worst(&c.p, (dc_op)op, tensors);

            if (e.m - (op == DC_FORWARD && c.p.has_bias) > 1 || e.s > most)
                fail_at(&c, dc_ops[op].name, e.s);
        }
        draw_free(tensors);
    }
}

/* Where the type cannot number all positions, neighbours still differ, and
 * over the seeds the single one visits every place. */
static void probe_varies(void **unused)
{
    dc_case c = parse("ci1_co1_i2000_k7_bf16_probe_r1");
    void *x = fill(&c, DC_X, 0); /* seed 1: x carries the codes */
    int same = 0;
    int seen[7] = {0};

    (void)unused;
    for (int64_t e = 1; e < 2000; e++)
        same +=
            dc_format_bits(DC_BF16, x, e) == dc_format_bits(DC_BF16, x, e - 1);
    assert_true(same < 30); /* 8 expected */
    free(x);
    for (c.seed = 1; c.seed < 400; c.seed += 3) {
        x = fill(&c, DC_W, 0);
        for (int64_t t = 0; t < 7; t++)
            seen[t] += dc_format_get(DC_BF16, x, t) == 1;
        free(x);
    }
    for (int t = 0; t < 7; t++)
        assert_true(seen[t] > 5);
}

/* The numbers depend on the case alone, whatever the memory held before;
 * they are finite but in `special`, and zero sizes are no trouble. */
static void every_family_fills_whole_tensors(void **unused)
{
    uint64_t state = 1001;

    (void)unused;
    for (int round = 0; round < 4000; round++) {
        const dc_case c =
            draw_case(&state, (dc_family)(round % DC_FAMILIES), 500);

        for (size_t k = 0; k < 4; k++) {
            const int64_t count = dc_problem_count(&c.p, inputs[k]);
            const size_t bytes = dc_problem_bytes(&c.p, inputs[k]);
            void *const once = fill(&c, inputs[k], 0);
            void *const twice = malloc(bytes + 1);

            assert_non_null(twice);
            memset(twice, 0x3c, bytes + 1);
            assert_int_equal(dc_data_fill(&c, inputs[k], twice), DC_OK);
            if (memcmp(once, twice, bytes) != 0)
                fail_at(&c, "other numbers in tensor", (double)inputs[k]);
            for (int64_t e = 0; e < count && c.family != DC_SPECIAL; e++)
                if (!isfinite(dc_format_get(c.p.dtype, once, e)))
                    fail_at(&c, "not finite: element", (double)e);
            free(once);
            free(twice);
        }
    }
}

/* ==== For ever ========================================================== */

/* FNV-1a over the patterns, the lowest byte first on any machine. */
static uint64_t checksum(const dc_case *c)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);

    for (size_t k = 0; k < 4; k++) {
        void *const v = fill(c, inputs[k], 0);

        for (int64_t e = 0; e < dc_problem_count(&c->p, inputs[k]); e++) {
            uint64_t bits = dc_format_bits(c->p.dtype, v, e);

            for (int at = 0; at < 8; at++, bits >>= 8)
                sum = (sum ^ (bits & 255)) * UINT64_C(0x100000001b3);
        }
        free(v);
    }
    return sum;
}

/* A changed stream changes every golden value: never by accident. */
static void the_numbers_never_change(void **unused)
{
    static const char spec[] =
        "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1";
    static const struct {
        const char *tail;
        uint64_t sum;
    } rows[] = {
        {"f64_int_r7", UINT64_C(0xd1a95a38342b256a)},
        {"f32_int_r7", UINT64_C(0x3fd3c2da3795812b)},
        {"f16_int_r7", UINT64_C(0x26e19816dcdb3402)},
        {"bf16_int_r7", UINT64_C(0xeedfe3a08f365afb)},
        {"f32_int_r8", UINT64_C(0xbfc00f622def0c99)},
        {"f64_real_r7", UINT64_C(0xb801c87b0d07b8c)},
        {"f32_real_r7", UINT64_C(0x6852f6c834fda1a4)},
        {"f16_real_r7", UINT64_C(0xab7d5edfe0e80b)},
        {"bf16_real_r7", UINT64_C(0x973d60b955303717)},
        {"f32_probe_r6", UINT64_C(0x4be4f3aa1da5ebae)},
        {"f32_probe_r7", UINT64_C(0xb1509ba5ce0afbfe)},
        {"f32_probe_r8", UINT64_C(0x1129121410e2900f)},
        {"f64_short_r7", UINT64_C(0xc68f2117b72ebc75)},
        {"f32_short_r7", UINT64_C(0x52f3bf7c44b16b73)},
        {"bf16_short_r4", UINT64_C(0x985309ec5cf07ad)},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        char text[DC_CASE_MAX];
        dc_case c;

        snprintf(text, sizeof text, "%s_%s", spec, rows[r].tail);
        c = parse(text);
        if (checksum(&c) != rows[r].sum)
            fail_msg("%s: checksum %#" PRIx64, rows[r].tail, checksum(&c));
    }
}

static void what_is_offered_and_exact(void **unused)
{
    static const char *const exact[DC_FAMILIES + 1] = {
        [DC_INT] = "1111", [DC_PROBE] = "1110"};

    (void)unused;
    for (int f = 0; f <= DC_FAMILIES; f++) { /* and one that there is not */
        const int offered = f < DC_FAMILIES;
        dc_case c = parse("i3_k2");
        float v[4] = {7, 7, 7, 7};

        c.family = (dc_family)f;
        for (int op = 0; op < DC_OPS; op++)
            assert_int_equal(dc_data_exact(c.family, (dc_op)op),
                             exact[f] && exact[f][op] == '1');
        assert_int_equal(dc_data_fill(&c, DC_X, v),
                         offered ? DC_OK : DC_UNSUPPORTED);
        assert_true((v[0] == 7 && v[1] == 7) == !offered);
        assert_true(v[3] == 7);
        assert_int_equal(dc_data_moved(&c, DC_X, 1, v),
                         f == DC_INT ? DC_OK : DC_UNSUPPORTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_has_few_products),
        cmocka_unit_test(real_fills_the_significand),
        cmocka_unit_test(probe_tells_positions_apart),
        cmocka_unit_test(probe_varies),
        cmocka_unit_test(every_family_fills_whole_tensors),
        cmocka_unit_test(the_numbers_never_change),
        cmocka_unit_test(what_is_offered_and_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
