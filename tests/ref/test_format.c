/* SPDX-License-Identifier: MIT
 *
 * Does every pattern of every storage type decode to the value IEEE 754 gives
 * it, and does every double round to the nearest one, ties to even?
 *
 * The judge here is the order of the formats: from one pattern to the next
 * the value grows by a step that doubles with each binade.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/support/draw.h"

static uint64_t bits_of(int dtype, double v)
{
    char cell[8] = {0};

    dc_format_set(dtype, cell, 0, v);
    return dc_format_bits(dtype, cell, 0);
}

static double value_of(int dtype, uint64_t bits)
{
    const uint32_t b32 = (uint32_t)bits;
    const uint16_t b16 = (uint16_t)bits;
    char cell[8] = {0};

    if (dc_formats[dtype].size == 8)
        memcpy(cell, &bits, 8);
    else if (dc_formats[dtype].size == 4)
        memcpy(cell, &b32, 4);
    else
        memcpy(cell, &b16, 2);
    return dc_format_get(dtype, cell, 0);
}

static void expect_bits(int dtype, double v, uint64_t want)
{
    const uint64_t got = bits_of(dtype, v);

    if (got != want)
        fail_msg("%s: %a is stored as %#llx, not %#llx", dc_formats[dtype].name,
                 v, (unsigned long long)got, (unsigned long long)want);
}

static void expect_double(double got, double want)
{
    if (memcmp(&got, &want, sizeof got) != 0)
        fail_msg("%a is not %a", got, want);
}

/* v and -v, stored and rounded. */
static void expect_rounds(int dtype, double v, uint64_t want)
{
    const uint64_t sign = UINT64_C(1) << (dc_formats[dtype].size * 8 - 1);

    expect_bits(dtype, v, want);
    expect_bits(dtype, -v, want | sign);
    expect_double(dc_format_round(dtype, v), value_of(dtype, want));
    expect_double(dc_format_round(dtype, -v), value_of(dtype, want | sign));
}

static void the_table_is_consistent(void **state)
{
    static const int digits[] = {DBL_MANT_DIG, FLT_MANT_DIG, 11, 8};
    static const char *const names[] = {"f64", "f32", "f16", "bf16"};
    static const int exponent_bits[] = {11, 8, 5, 8};

    (void)state;
    for (int f = 0; f < DC_FORMATS; f++) {
        const dc_format *q = &dc_formats[f];

        assert_string_equal(q->name, names[f]);
        assert_int_equal(q->precision, digits[f]);
        assert_int_equal(q->size * 8, q->precision + exponent_bits[f]);
        assert_int_equal(q->emax, (1 << (exponent_bits[f] - 1)) - 1);
        assert_int_equal(q->emin, 1 - q->emax);
        assert_true(q->u == ldexp(1, -q->precision));
        assert_true(q->max == ldexp(2 - 2 * q->u, q->emax));
        assert_true(q->min == ldexp(1, q->emin));
        assert_true(q->spacing == ldexp(2 * q->u, q->emin));
        assert_int_equal(dc_format_find(names[f], strlen(names[f])), f);
    }
    assert_int_equal(dc_format_find("f3", 2), -1);
    assert_int_equal(dc_format_find("f32x", 3), DC_F32);
    assert_int_equal(dc_format_find("", 0), -1);
    assert_int_equal(dc_format_find("F32", 3), -1);
}

/* All 65536 patterns, and every way to fall between two of them. */
static void sixteen_bits_exhaustively(void **state)
{
    static const int dtypes[] = {DC_F16, DC_BF16};

    (void)state;
    for (int f = 0; f < 2; f++) {
        const int dtype = dtypes[f];
        const uint64_t fraction = UINT64_C(1)
                                  << (dc_formats[dtype].precision - 1);
        const uint64_t infinity = 0x8000 - fraction;
        double step = dc_formats[dtype].spacing;
        double v = 0; /* what pattern b must be */

        for (uint64_t b = 0; b < infinity; b++) {
            const double next = v + step;
            const double tie = v + step / 2;

            expect_double(value_of(dtype, b), v);
            expect_double(value_of(dtype, b | 0x8000), -v);
            expect_rounds(dtype, v, b);
            /* b + 1 after the largest is infinity, by the same rule */
            expect_rounds(dtype, tie, b + (b & 1));
            expect_rounds(dtype, nextafter(tie, 0), b);
            expect_rounds(dtype, nextafter(tie, HUGE_VAL), b + 1);
            expect_rounds(dtype, nextafter(next, 0), b + 1);
            if (v > 0)
                expect_rounds(dtype, nextafter(v, HUGE_VAL), b);
            v = next;
            if (b + 1 >= 2 * fraction && (b + 1) % fraction == 0)
                step *= 2;
        }
        for (uint64_t b = infinity; b < 0x8000; b++)
            for (uint64_t sign = 0; sign <= 0x8000; sign += 0x8000) {
                v = value_of(dtype, b | sign);
                if (b == infinity)
                    expect_double(v, sign ? -HUGE_VAL : HUGE_VAL);
                else
                    assert_true(isnan(v));
            }
    }
}

/* bf16 is the upper half of f32, and f32 is the machine's float. */
static void wide_types_decode_as_the_machine_does(void **unused)
{
    uint64_t state = 99;

    (void)unused;
    for (int round = 0; round < 200000; round++) {
        const uint64_t bits = draw_bits(&state);
        uint32_t b32 = (uint32_t)bits;
        uint32_t upper = b32 & 0xffff0000u;
        float f;
        double d;

        if (round % 4 == 0) /* subnormals, which chance seldom meets */
            b32 &= 0x807fffffu;
        memcpy(&f, &b32, sizeof f);
        if (!isnan(f)) {
            expect_double(value_of(DC_F32, b32), (double)f);
            expect_bits(DC_F32, (double)f, b32);
        }
        memcpy(&f, &upper, sizeof f);
        if (!isnan(f))
            expect_double(value_of(DC_BF16, upper >> 16), (double)f);
        memcpy(&d, &bits, sizeof d);
        if (!isnan(d)) {
            expect_double(value_of(DC_F64, bits), d);
            expect_bits(DC_F64, d, bits);
            expect_double(dc_format_round(DC_F64, d), d);
        }
    }
    for (uint64_t b = 0; b < 70; b++) { /* subnormals of f64 */
        double d;
        const uint64_t bits = b < 65 ? b : (UINT64_C(1) << 52) - 68 + b;

        memcpy(&d, &bits, sizeof d);
        expect_double(value_of(DC_F64, bits), d);
        expect_bits(DC_F64, d, bits);
    }
}

/* The C cast is the second opinion on f32. */
static void f32_rounds_as_the_cast_does(void **unused)
{
    uint64_t state = 5;

    (void)unused;
    for (int round = 0; round < 300000; round++) {
        uint64_t bits = draw_bits(&state);
        double v;
        float f;
        uint32_t want;

        memcpy(&v, &bits, sizeof v);
        if (round % 8) { /* exponents about f32's range */
            v = ldexp(1 + (double)(bits >> 12) * 0x1p-52,
                      (int)draw_in(&state, -152, 129));
            v = bits & 1 ? -v : v;
        }
        if (round % 3 == 0) { /* exact ties and their neighbours */
            v = (double)(float)v;
            v += 0.5 * ((double)nextafterf((float)v, INFINITY) - v);
            if (round % 2)
                v = nextafter(v, round % 4 == 1 ? -HUGE_VAL : HUGE_VAL);
        }
        if (isnan(v))
            continue;
        f = (float)v;
        memcpy(&want, &f, sizeof want);
        expect_bits(DC_F32, v, want);
        expect_double(dc_format_round(DC_F32, v), (double)f);
    }
}

static void edges_of_every_type(void **state)
{
    static const struct {
        uint64_t infinity, largest, smallest, normal, nan;
    } rows[DC_FORMATS] = {
        {0x7ff0000000000000, 0x7fefffffffffffff, 1, 0x0010000000000000,
         0x7ff8000000000000},
        {0x7f800000, 0x7f7fffff, 1, 0x00800000, 0x7fc00000},
        {0x7c00, 0x7bff, 1, 0x0400, 0x7e00},
        {0x7f80, 0x7f7f, 1, 0x0080, 0x7fc0},
    };

    (void)state;
    for (int f = 0; f < DC_FORMATS; f++) {
        const dc_format *q = &dc_formats[f];

        expect_rounds(f, 0.0, 0);
        expect_rounds(f, HUGE_VAL, rows[f].infinity);
        expect_rounds(f, q->max, rows[f].largest);
        expect_rounds(f, q->min, rows[f].normal);
        expect_rounds(f, q->min - q->spacing, rows[f].normal - 1);
        expect_rounds(f, q->spacing, rows[f].smallest);
        expect_bits(f, (double)NAN, rows[f].nan);
        expect_bits(f, -(double)NAN, rows[f].nan);
        assert_true(isnan(value_of(f, rows[f].nan)));
        assert_true(isnan(dc_format_round(f, (double)NAN)));
        if (f == DC_F64)
            continue;
        expect_rounds(f, DBL_MAX, rows[f].infinity);
        expect_rounds(f, 0x1p-1074, 0);
        expect_rounds(f, q->spacing / 2, 0); /* the tie goes to even zero */
        expect_rounds(f, nextafter(q->spacing / 2, 1), 1);
        expect_rounds(f, q->spacing * 1.5, 2);
        expect_rounds(f, q->min - q->spacing / 2, rows[f].normal);
        expect_rounds(f, q->max * (1 + q->u / 2), rows[f].largest);
        expect_rounds(f, ldexp(1, q->emax + 1) * (1 - q->u / 2),
                      rows[f].infinity);
    }
}

/* Neighbours in a tensor stay as they were. */
static void one_element_at_a_time(void **state)
{
    (void)state;
    for (int f = 0; f < DC_FORMATS; f++) {
        char tensor[1 + 5 * 8];
        char *const misaligned = tensor + 1; /* aligned to nothing */

        memset(tensor, 0x5a, sizeof tensor);
        dc_format_set(f, misaligned, 2, -1.5);
        expect_double(dc_format_get(f, misaligned, 2), -1.5);
        for (int at = 0; at < (int)sizeof tensor - 1; at++)
            if (at / dc_formats[f].size != 2)
                assert_int_equal(misaligned[at], 0x5a);
    }
}

/* Whole tensors decode as their elements do. */
static void tensors_decode_as_elements(void **unused)
{
    enum { COUNT = 3000 };
    uint64_t state = 4;
    char tensor[1 + 8 * COUNT];
    double values[COUNT + 1];

    (void)unused;
    for (size_t at = 0; at < sizeof tensor; at++)
        tensor[at] = (char)draw_bits(&state);
    for (int f = 0; f < DC_FORMATS; f++) {
        values[COUNT] = 7;
        dc_format_decode(f, tensor + 1, COUNT, values);
        for (int64_t e = 0; e < COUNT; e++) {
            const double want = dc_format_get(f, tensor + 1, e);

            if (isnan(want))
                assert_true(isnan(values[e]));
            else
                expect_double(values[e], want);
        }
        expect_double(values[COUNT], 7);
        dc_format_decode(f, NULL, 0, NULL);
    }
}

static void significands_are_shortened(void **state)
{
    static const struct {
        double v;
        int bits;
        double nearest, cut;
    } rows[] = {
        {0, 11, 0, 0},
        {1, 1, 1, 1},
        {5, 2, 4, 4}, /* a tie, to even */
        {7, 2, 8, 6},
        {-7, 2, -8, -6},
        {0x1.ffep0, 11, 0x1p1, 0x1.ffcp0},
        {0x1.ffcp0, 11, 0x1.ffcp0, 0x1.ffcp0},
        {0x1.0021p-1, 11, 0x1.004p-1, 0x1p-1},
        {0x0.0000000000007p-1022, 2, 0x0.0000000000008p-1022,
         0x0.0000000000006p-1022}, /* subnormal */
        {DBL_MAX, 11, INFINITY, 0x1.ffcp1023},
        {INFINITY, 11, INFINITY, INFINITY},
        {-INFINITY, 8, -INFINITY, -INFINITY},
        {M_PI, 53, M_PI, M_PI},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        expect_double(dc_format_shorten(rows[r].v, rows[r].bits, false),
                      rows[r].nearest);
        expect_double(dc_format_shorten(rows[r].v, rows[r].bits, true),
                      rows[r].cut);
    }
    assert_true(isnan(dc_format_shorten(NAN, 11, true)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_consistent),
        cmocka_unit_test(sixteen_bits_exhaustively),
        cmocka_unit_test(wide_types_decode_as_the_machine_does),
        cmocka_unit_test(f32_rounds_as_the_cast_does),
        cmocka_unit_test(edges_of_every_type),
        cmocka_unit_test(one_element_at_a_time),
        cmocka_unit_test(tensors_decode_as_elements),
        cmocka_unit_test(significands_are_shortened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
