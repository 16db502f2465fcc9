/* SPDX-License-Identifier: MIT
 *
 * Does shrinking end at the smallest case that shows a defect, with legal cases
 * only, without trying a case twice, and within its limit?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cases/shrink.h"
#include "tests/support/parse.h"

/* ---- defects: where does an implementation fail? ---- */

static int always(const dc_case *c)
{
    return c != NULL;
}

static int wide_kernel(const dc_case *c)
{
    return c->p.k[c->p.rank - 1] >= 3;
}

static int tail(const dc_case *c)
{
    return c->p.co / c->p.g > 8;
}

static int square(const dc_case *c)
{
    const int r = c->p.rank;

    return r > 1 && c->p.k[r - 1] == c->p.k[r - 2] && c->p.k[r - 1] > 1;
}

static int tiling(const dc_case *c)
{
    return c->p.k[0] == c->p.s[0] && c->p.k[0] > 1;
}

static int over(const dc_case *c)
{
    return c->p.pb[0] > c->p.d[0] * (c->p.k[0] - 1);
}

static int negative(const dc_case *c)
{
    return c->p.pe[c->p.rank - 1] < 0;
}

static int gaps(const dc_case *c)
{
    return c->p.k[0] < c->p.s[0] && c->p.g > 1;
}

static int many_channels(const dc_case *c)
{
    return c->p.co >= 65536;
}

static int many_groups(const dc_case *c)
{
    return c->p.g >= 33 && c->p.ci == c->p.g;
}

static int both_sides(const dc_case *c)
{
    return c->p.ci / c->p.g >= 48 && c->p.co / c->p.g >= 64;
}

static int long_axis(const dc_case *c)
{
    const int a = c->p.rank - 1;

    return c->p.o[a] > 32768 && c->p.k[a] > 1;
}

static int taps(const dc_case *c)
{
    int64_t area = 1;

    for (int a = 0; a < c->p.rank; a++)
        area *= c->p.k[a];
    return area >= 65;
}

static int empty(const dc_case *c)
{
    return c->p.n == 0;
}

static int needs_mantissa(const dc_case *c)
{
    return c->family == DC_REAL && c->p.dtype == DC_F32;
}

static int depth(const dc_case *c)
{
    return c->p.rank == 3 && c->p.s[0] > 1;
}

static int unbatched(const dc_case *c)
{
    return c->p.unbatched && c->p.has_bias;
}

/* ---- a subject that counts ---- */

enum { TRIED_MAX = 400 };

typedef struct {
    int (*fails)(const dc_case *c);
    char tried[TRIED_MAX][DC_CASE_MAX];
    int count;
    int stop_after; /* answers -1 from then on; 0: never */
} subject;

static dc_shrink_answer try_case(void *context, const dc_case *c)
{
    subject *const s = context;
    dc_problem again = c->p;

    assert_in_range(s->count, 0, TRIED_MAX - 1);
    assert_int_equal(dc_problem_check(&c->p, NULL), DC_OK);
    assert_int_equal(dc_problem_complete(&again, NULL), DC_OK);
    dc_case_print(c, s->tried[s->count]);
    for (int k = 0; k < s->count; k++)
        assert_string_not_equal(s->tried[k], s->tried[s->count]);
    s->count++;
    if (s->stop_after && s->count >= s->stop_after)
        return DC_SHRINK_STOP;
    return s->fails(c) ? DC_SHRINK_FAILS : DC_SHRINK_PASSES;
}

static const char big[] = "n3_ci6_co66_g2_i5x4x6_k3x2x3_s3x2x3_d1x2x3_"
                          "pb1x0x2_pe0x1x1_op2x1x1_b1_f32_real_r777";

static void it_finds_the_smallest(void **unused)
{
    static const struct {
        int (*fails)(const dc_case *c);
        const char *from;
        const char *smallest; /* without data: family and seed are free */
        int data;             /* 1: compare those too */
    } rows[] = {
        {always, big, "i1_k1_f32_probe_r0", 1},
        {wide_kernel, big, "i1_k3", 0},
        {tail, big, "co9_i1_k1", 0},
        {square, "i5x4_k3x3_s3x2_d1x2_p1_r4", "i1x1_k2x2", 0},
        {tiling, "i6x5_k3x3_s3x3_pb1_pe0_op1_r4", "i1_k2_s2", 0},
        {over, "i4x4_k3x2_s1x3_d2_pb5x1_pe1_r3", "i2_k1_pb1", 0},
        {negative, "i4x3_k3x2_pb1x0_pe0x-2_b1", "i1_k1_pe-1", 0},
        {gaps, "ci4_co4_g4_i3x4_k2_s5_op1_b1", "ci2_co2_g2_i1_k1_s2", 0},
        {empty, "n0_ci4_co4_i3x4_k2_s5_op1_b1", "n0_i1_k1", 0},
        {depth, big, "i1x1x1_k1x1x1_s2x1x1", 0},
        {unbatched, "u1_ci4_co3_i3x4_k2_s5_op1_b1_f64_short_r9", "u1_i1_k1_b1",
         0},
        {many_channels, "n2_ci3_co99999_i2x3_k2_s2_b1_r4", "co65536_i1_k1", 0},
        {many_groups, "ci1000_co2000_g1000_i3_k3", "ci33_co33_g33_i1_k1", 0},
        {both_sides, "n2_ci192_co257_i4x4_k3_p1_f32_real_r5", "ci48_co64_i1_k1",
         0},
        {long_axis, "ci3_co2_i3x70000_k3_b1", "i32768_k2", 0},
        {taps, "ci3_co2_i3x4_k19x80_b1", "i1_k65", 0},
        {needs_mantissa, big, "i1_k1_f32_real_r777", 1},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        static subject s;
        dc_case c = parse(rows[r].from);
        dc_case want = parse(rows[r].smallest);
        const int64_t weight = dc_shrink_weight(&c);
        char got_text[DC_CASE_MAX];
        char want_text[DC_CASE_MAX];
        int tried;

        memset(&s, 0, sizeof s);
        s.fails = rows[r].fails;
        assert_int_equal(dc_shrink_run(&c, 300, try_case, &s, &tried), DC_OK);
        assert_int_equal(tried, s.count);
        assert_in_range(tried, 1, 300);
        assert_true(rows[r].fails(&c));
        assert_true(dc_shrink_weight(&c) < weight);
        if (!rows[r].data) {
            want.family = c.family;
            want.seed = c.seed;
            want.p.dtype = c.p.dtype;
        }
        dc_case_print(&c, got_text);
        dc_case_print(&want, want_text);
        assert_string_equal(got_text, want_text);
    }
}

static void it_tries_at_most_as_many_as_allowed(void **unused)
{
    static subject s;
    int tried;

    (void)unused;
    for (int most = 0; most < 40; most += 13) {
        dc_case c = parse(big);

        memset(&s, 0, sizeof s);
        s.fails = tail;
        assert_int_equal(dc_shrink_run(&c, most, try_case, &s, &tried), DC_OK);
        assert_in_range(tried, 0, most);
        assert_true(tail(&c));
    }
}

static void it_stops_on_request(void **unused)
{
    static subject s;
    dc_case c = parse(big);
    int tried;

    (void)unused;
    s.fails = always;
    s.stop_after = 5;
    assert_int_equal(dc_shrink_run(&c, 300, try_case, &s, &tried), DC_OK);
    assert_int_equal(tried, 5);
    assert_true(dc_shrink_weight(&c) < INT64_MAX);
}

static dc_shrink_answer never(void *context, const dc_case *c)
{
    (void)context;
    (void)c;
    return 0;
}

static void a_case_without_a_smaller_one_stays(void **unused)
{
    dc_case c = parse(big);
    char text[DC_CASE_MAX];
    int tried;

    (void)unused;
    assert_int_equal(dc_shrink_run(&c, 300, never, NULL, &tried), DC_OK);
    dc_case_print(&c, text);
    assert_string_equal(text, big);
}

static void weights(void **unused)
{
    /* each lighter than the next */
    static const char *const order[] = {
        "i1_k1_f32_probe_r0",
        "i1_k2_f32_probe_r0",
        "i2_k2_f32_probe_r0",
        "i2_k2_f32_int_r0",
        "i2_k2_f32_real_r0",
        "i2_k2_s2_f32_probe_r0",
        "i2x1_k2x1_s2_f32_probe_r0",
        "n2_ci3_co4_i4x4_k3x3_s2_p1_f32_int",
        "n2_ci3_co40_i4x40_k3x3_s2_p1_f32_int",
        "n1000000000_ci1000_co1000_i1000_k1_f32_int",
    };

    (void)unused;
    for (size_t r = 1; r < sizeof order / sizeof *order; r++) {
        const dc_case a = parse(order[r - 1]);
        const dc_case b = parse(order[r]);

        assert_true(dc_shrink_weight(&a) < dc_shrink_weight(&b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_the_smallest),
        cmocka_unit_test(it_tries_at_most_as_many_as_allowed),
        cmocka_unit_test(it_stops_on_request),
        cmocka_unit_test(a_case_without_a_smaller_one_stays),
        cmocka_unit_test(weights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
