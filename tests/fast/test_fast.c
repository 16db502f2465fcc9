/* SPDX-License-Identifier: MIT
 *
 * Does fast/ compute the formula in every geometry, in f32 and f64?  Small
 * integers make every sum exact, so a plain scatter loop in int64_t gives the
 * expected value of each element.  Tensors are allocated at exactly their size,
 * so that the address sanitizer sees every access beyond one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"
#include "tests/support/fast.h"

/* ==== expected values ==================================================== */

static int64_t pick(uint64_t *state, int64_t lo, int64_t hi)
{
    return lo + (int64_t)(draw(state) % (uint64_t)(hi - lo + 1));
}

static int64_t volume(const dc_problem *p, const int64_t extent[3])
{
    int64_t v = 1;

    for (int a = 0; a < p->rank; a++)
        v *= extent[a];
    return v;
}

/* The output position that j contributes to through tap t (in C order), or
 * -1. */
static int64_t output_position(const dc_problem *p, int64_t j, int64_t t)
{
    int64_t at = 0;
    int64_t pitch = 1;

    for (int a = p->rank; a-- > 0; j /= p->i[a], t /= p->k[a]) {
        const int64_t o =
            j % p->i[a] * p->s[a] + t % p->k[a] * p->d[a] - p->pb[a];

        if (o < 0 || o >= p->o[a])
            return -1;
        at += o * pitch;
        pitch *= p->o[a];
    }
    return at;
}

/* Computes the exact results from x, w, b and gy; want[] is zero before. */
static void scatter(const dc_problem *p, int64_t *const in[DC_TENSORS],
                    int64_t *const want[DC_TENSORS])
{
    const int64_t is = volume(p, p->i);
    const int64_t ks = volume(p, p->k);
    const int64_t os = volume(p, p->o);
    const int64_t cog = p->co / p->g;

    for (int64_t e = 0; e < p->n * p->co * os; e++) {
        want[DC_Y][e] = p->has_bias ? in[DC_B][e / os % p->co] : 0;
        want[DC_GB][e / os % p->co] += in[DC_GY][e];
    }
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t ci = 0; ci < p->ci; ci++)
            for (int64_t co = ci / (p->ci / p->g) * cog, c = 0; c < cog; c++)
                for (int64_t jt = 0; jt < is * ks; jt++) {
                    const int64_t o = output_position(p, jt / ks, jt % ks);
                    const int64_t y = (n * p->co + co + c) * os + o;
                    const int64_t x = (n * p->ci + ci) * is + jt / ks;
                    const int64_t w = (ci * cog + c) * ks + jt % ks;

                    if (o < 0)
                        continue;
                    want[DC_Y][y] += in[DC_X][x] * in[DC_W][w];
                    want[DC_GX][x] += in[DC_GY][y] * in[DC_W][w];
                    want[DC_GW][w] += in[DC_GY][y] * in[DC_X][x];
                }
}

/* ==== one problem ======================================================== */

static double load(const dc_problem *p, const void *t, int64_t e)
{
    return p->dtype == DC_F64 ? ((const double *)t)[e]
                              : (double)((const float *)t)[e];
}

/* Claim: the result of op equals want. */
static void check_op(const dc_impl *impl, const dc_problem *p, int op,
                     char *const in[DC_TENSORS], const int64_t *want, int skew)
{
    const int out = (int)dc_ops[op].out;
    char *const got = allocate(p, out, skew);

    memset(got, 0xff, dc_problem_bytes(p, (dc_tensor)out)); /* NaN */
    assert_int_equal(call(impl, p, op, in, got), DC_OK);
    for (int64_t e = 0; e < dc_problem_count(p, (dc_tensor)out); e++)
        if (load(p, got, e) != (double)want[e]) {
            const dc_case c = {*p, DC_INT, 0};
            char text[DC_CASE_MAX];

            dc_case_print(&c, text);
            fail_msg("%s of %s: %s[%lld] is %g, want %lld", impl->name, text,
                     dc_tensor_names[out], (long long)e, load(p, got, e),
                     (long long)want[e]);
        }
    free(got - skew * dc_formats[p->dtype].size);
}

/* Claim: all four operations equal the scatter loop in both types, whatever the
 * alignment of the tensors, and do not touch their inputs. */
static void check(const dc_impl *impl, dc_problem p, uint64_t seed)
{
    int64_t *exact[DC_TENSORS];

    for (int t = 0; t < DC_TENSORS; t++) {
        const int64_t count = dc_problem_count(&p, (dc_tensor)t);

        exact[t] = calloc((size_t)count + 1, sizeof *exact[t]);
        assert_non_null(exact[t]);
        for (int64_t e = 0; t <= DC_GY && e < count; e++)
            exact[t][e] = pick(&seed, -3, 3);
    }
    scatter(&p, exact, exact);

    for (int pass = 0; pass < 2; pass++) {
        const int skew = (int)(seed >> 40 & 1) ^ pass;
        char *in[DC_TENSORS] = {NULL};

        p.dtype = pass ? DC_F32 : DC_F64;
        assert_int_equal(impl->supports(&p), DC_OK);
        for (int t = 0; t <= DC_GY; t++) {
            in[t] = allocate(&p, t, skew);
            for (int64_t e = 0; e < dc_problem_count(&p, (dc_tensor)t); e++)
                store(&p, in[t], e, (double)exact[t][e]);
        }
        for (int op = 0; op < DC_OPS; op++)
            check_op(impl, &p, op, in, exact[dc_ops[op].out], skew);
        for (int t = 0; t <= DC_GY; t++) {
            for (int64_t e = 0; e < dc_problem_count(&p, (dc_tensor)t); e++)
                assert_true(load(&p, in[t], e) == (double)exact[t][e]);
            free(in[t] - skew * dc_formats[p.dtype].size);
        }
    }
    for (int t = 0; t < DC_TENSORS; t++)
        free(exact[t]);
}

/* ==== geometries ========================================================= */

static const char *const geometries[] = {
    /* the unit; k = 1; k < s; s = 1; strides and dilations unequal by axis */
    "i1_k1",
    "n2_ci3_co4_i5x3_k1_s2x3_op1x2_b1",
    "u1_ci2_co3_i7_k2_s5_pb1_pe2_op4_b1",
    "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1",
    /* pads larger than d(k-1), on one side, negative, and o = 0 */
    "n2_ci3_co2_i9_k2_pb4_pe3_b1",
    "ci2_co2_i4x4_k3x2_s2x1_d1x3_pb6x0_pe0x5_b1",
    "n2_ci2_co3_i3x2_k2x3_s2_pb-3x-1_pe-2x-4_op1x0_b1",
    "n2_ci3_co2_i3_k2_s2_pb4_pe2_b1",
    /* output_padding below d but not below s */
    "ci2_co2_i4_k3_d4_pb2_pe1_op3",
    /* depthwise, with and without a multiplier; rank 3 with unequal axes */
    "n2_ci6_co6_g6_i4x5_k3_s2_p1_op1_b1",
    "ci3_co9_g3_i11_k4_s3_d2_pb2_op1_b1",
    "n2_ci4_co2_g2_i2x3x4_k3x2x1_s1x2x3_d2x1x1_pb1x0x2_pe2x1x0_op0x1x2_b1",
    /* more than one block of positions, input channels, rows, taps */
    "n2_ci2_co3_i531_k3_s2_p1_op1_b1",
    "ci3_co2_i13x41_k3_s1x2_pb1_pe1x0_op0x1_b1",
    "ci300_co5_i7_k3_s2_b1",
    "ci4_co300_g2_i7_k4_s2_p1",
    "ci3_co2_i4x5_k15x17_s2_pb7x9_pe8_op1_b1",
    "ci2_co2_i24x25_k13x16_p6x8_b1",
    /* kernels and dilations that need several windows of the input */
    "ci2_co3_i5x9_k3_s2x1_d900x1200_pb600_op1_b1",
    "ci2_co2_i30_k2900_s2_p1000_b1",
    "ci2_co1_i4x3_k70x90_s3x2_p9_b1",
    "n2_ci2_co13_i9x8_k60x61_p30",
    "ci1_co14_i3x7_k2_s40_d41_op39_b1",
    /* grad_weight with input channels as lanes: several blocks of channels,
     * windows that reach beyond the tensor, windows that are too long */
    "n3_ci150_co6_g2_i9x11_k3x4_s2x1_d1x3_p1_op1x0_b1",
    "ci20_co5_i9x8_k15x16_s2_p7x8_op1_b1",
    "n2_ci13_co3_i9x5_k2x3_s3_pb-3x7_pe4x-1_op2x1_b1",
    "ci16_co2_i40_k3_s9000_p1_b1",
    "ci12_co1_i3x4_k23_s2_pb12_b1",
    "ci12_co1_i5_k1_b1",
    /* products that write directly to the result: forward, grad_input */
    "n2_ci2_co96_g2_i16x40_k3_p1_b1",
    "ci96_co4_g2_i20x48_k3_s2_p1",
    /* many phases, and strides beyond the kernel */
    "ci3_co2_i3x4_k20_s20_b1",
    "n2_ci2_co3_i5x4_k2x1_s9x17_op3_b1",
    /* enough work for more than one thread */
    "n2_ci20_co20_i17x18_k3_s2_p1_op1_b1",
    /* empty: n, ci, co, i; o = 0 as well; all at once */
    "n0_ci2_co3_i2x2_k2_s2_b1",
    "n2_ci0_co4_g2_i2x2_k2_s2_b1",
    "n2_ci4_co0_g2_i2x2_k2_s2_b1",
    "n2_ci2_co3_i0x3_k4x2_s2_b1",
    "n2_ci2_co3_i0_k2_s2_b1",
    "n0_ci0_co0_g5_i0_k2_s2",
};

static dc_problem random_problem(uint64_t *state)
{
    const int64_t g = pick(state, 0, 2) ? 1 : pick(state, 2, 3);
    dc_problem p = {
        .size = sizeof p,
        .rank = (int32_t)pick(state, 1, 3),
        .unbatched = pick(state, 0, 7) == 0,
        .has_bias = pick(state, 0, 1) != 0,
        .n = pick(state, 0, 19) ? pick(state, 1, 3) : 0,
        .ci = g * (pick(state, 0, 19) ? pick(state, 1, 4) : 0),
        .co = g * (pick(state, 0, 19) ? pick(state, 1, 4) : 0),
        .g = g,
    };

    if (p.unbatched)
        p.n = 1;
    for (int a = 0; a < p.rank; a++) {
        int64_t full;

        p.i[a] = pick(state, 0, 29) ? pick(state, 1, 9 - 2 * p.rank) : 0;
        p.k[a] = pick(state, 1, 4);
        p.s[a] = pick(state, 1, 4);
        p.d[a] = pick(state, 0, 1) ? 1 : pick(state, 2, 3);
        p.op[a] = pick(state, 0, (p.s[a] > p.d[a] ? p.s[a] : p.d[a]) - 1);
        full = (p.i[a] - 1) * p.s[a] + p.d[a] * (p.k[a] - 1) + p.op[a] + 1;
        if (full < 0) { /* only a negative pad makes i = 0 legal here */
            p.pb[a] = full - pick(state, 0, 2);
        } else {
            p.pb[a] = pick(state, -2, full < 9 ? full : 9);
            p.pe[a] = pick(state, -2, full - p.pb[a]);
        }
    }
    assert_int_equal(dc_problem_complete(&p, NULL), DC_OK);
    return p;
}

static void check_all(const dc_impl *impl, int problems)
{
    uint64_t state = 2;

    for (size_t r = 0; r < sizeof geometries / sizeof *geometries; r++)
        check(impl, parse_problem(geometries[r]), r);
    for (int r = 0; r < problems; r++) {
        const dc_problem p = random_problem(&state);

        check(impl, p, state);
    }
}

static void test_formula(void **state)
{
    (void)state;
    check_all(dc_fast_impl(), 3000);
}

/* The same through plug-ins, as a foreign implementation is called. */
static void test_plugins(void **state)
{
    static const char *const files[] = {"fast.so", "sample.so"};
    const char *const folder = getenv("PLUGINS");

    (void)state;
    for (int f = 0; f < 2; f++) {
        char path[4096];
        void *handle;
        void *symbol;
        const dc_impl *(*entry)(void);

        snprintf(path, sizeof path, "%s%s/%s",
                 folder && strchr(folder, '/') ? "" : "./",
                 folder ? folder : ".build/plugins", files[f]);
        handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!handle)
            fail_msg("%s", dlerror());
        symbol = dlsym(handle, "deconform_plugin");
        assert_non_null(symbol);
        memcpy(&entry, &symbol, sizeof entry);
        assert_int_equal(entry()->abi, DC_ABI);
        check_all(entry(), 300);
        dlclose(handle);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_plugins),
    };

    return cmocka_run_group_tests_name("fast", tests, NULL, NULL);
}
