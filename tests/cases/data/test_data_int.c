/* SPDX-License-Identifier: MIT
 *
 * Is every sum of `int` data exact in its type, in any order, even if the
 * tensors are moved for finite differences?  All values are integers, so it
 * is if no sum of magnitudes exceeds 2^p.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/data.h"

/* The largest magnitude in the tensor. */
static double largest(const dc_case *c, dc_tensor t, const void *v)
{
    double most = 0;

    for (int64_t e = 0; e < dc_problem_count(&c->p, t); e++)
        most = fmax(most, fabs(dc_format_get(c->p.dtype, v, e)));
    return most;
}

/* fill = v, moved = v +- d; in the first variant 1 <= |d| <= a wherever v was
 * put.  Returns the larger magnitude of the two as a tensor. */
static void *check_moved(const dc_case *c, dc_tensor t, void *plain, double a)
{
    const int dtype = c->p.dtype;
    void *const up = fill(c, t, 1);
    void *const down = fill(c, t, -1);

    for (int64_t e = 0; e < dc_problem_count(&c->p, t); e++) {
        const double v = dc_format_get(dtype, plain, e);
        const double plus = dc_format_get(dtype, up, e);
        const double minus = dc_format_get(dtype, down, e);
        const double d = (plus - minus) / 2;

        if (v != floor(v) || d != floor(d) || plus + minus != 2 * v)
            fail_at(c, "no integer or no move:", v);
        if (!dc_data_second_int(c) &&
            (fabs(v) > a || fabs(d) > a || (v == 0) != (d == 0)))
            fail_at(c, "amplitude:", fabs(v) > fabs(d) ? v : d);
        dc_format_set(dtype, up, e,
                      fabs(plus) > fabs(minus) ? fabs(plus) : fabs(minus));
    }
    free(down);
    return up;
}

/* No sum may pass 2^p; returns the most terms that any has. */
static int64_t check_int(const dc_case *c)
{
    static const double amplitude[DC_FORMATS] = {1000, 15, 3, 2};
    static const double of_bias[DC_FORMATS] = {1000000, 4000, 60, 16};
    const double most = ldexp(1, dc_formats[c->p.dtype].precision);
    const double ab = of_bias[c->p.dtype];
    void *tensors[DC_TENSORS];
    int64_t terms = 0;
    double a = 1; /* all three tensors have the same */
    double s;

    fill_all(c, tensors);
    for (int t = DC_X; t <= DC_GY; t++)
        if (t != DC_B)
            a = fmax(a, largest(c, (dc_tensor)t, tensors[t]));
    if (!dc_data_second_int(c) && a > amplitude[c->p.dtype])
        fail_at(c, "amplitude", a);
    for (int op = DC_FORWARD; op < DC_OPS; op++) {
        const dc_dot2_value e = worst(&c->p, (dc_op)op, tensors);
        const int has_c = op == DC_FORWARD && c->p.has_bias;
        /* if each factor were as large as the largest drawn, forward moved */
        const double each = op == DC_FORWARD     ? 4 * a * a
                            : op == DC_GRAD_BIAS ? a
                                                 : a * a;

        if (e.s > most)
            fail_at(c, dc_ops[op].name, e.s);
        if (!dc_data_second_int(c) &&
            (double)(e.m - has_c) * each + has_c * 2 * ab > most)
            fail_at(c, dc_ops[op].name, (double)e.m);
        terms = e.m > terms ? e.m : terms;
    }
    for (int t = DC_X; t <= DC_B; t++) {
        void *const moved = check_moved(c, (dc_tensor)t, tensors[t],
                                        t == DC_B ? ab : amplitude[c->p.dtype]);

        free(tensors[t]);
        tensors[t] = moved;
    }
    /* with x, w and b moved, all at once and to the worse side */
    s = worst(&c->p, DC_FORWARD, tensors).s;
    if (s > most)
        fail_at(c, "moved forward", s);
    draw_free(tensors);
    return terms;
}

static void int_sums_are_exact(void **unused)
{
    uint64_t state = 65537;

    (void)unused;
    for (int dtype = 0; dtype < DC_FORMATS; dtype++)
        for (int round = 0; round < 150; round++) {
            dc_case c = draw_case(&state, DC_INT, round % 8 ? 2000 : 20000);

            if (round % 3 == 0) /* both variants */
                c.seed = c.seed / 10 * 10 + 9;
            c.p.dtype = dtype;
            check_int(&c);
        }
}

/* Shapes that would pass 2^p many times over if nothing were thinned: many
 * products in y, in gx, in gw, in gb, of each type. */
static void int_is_thinned_where_it_must(void **unused)
{
    static const char *const specs[] = {
        "ci70000_co1_i1_k1_b1_int_r1", "ci1_co70000_i1_k1_b1_int_r2",
        "ci1_co1_i80000_k1_b1_int_r3",
        /* more than the second variant takes at its largest amplitude */
        "ci1_co1_i700000_k1_b1_int_r5", "n60_i30_k1_b1_int_r4",
        "ci150_co150_i1_k1_b1_int_r5", "ci30_co20_i3x3_k5x5_p2_b1_int_r6",
        "ci64_co64_g2_i2_k3_b1_n9_int_r7", "ci1_co300_i1_k1_b1_int_r8",
        "ci300_co1_i1_k1_b1_int_r8",
        /* the plan in which w is dense */
        "ci2_co3078_i3_k3_s2_p1_b1_int_r1", "ci3078_co2_i3_k3_s2_p1_b1_int_r1",
        "ci4_co900_g2_i3x2_k3x4_s2x3_d1x2_b1_int_r1",
        "ci600_co2_g2_i4x2_k5x4_s2x3_d3x2_b1_int_r1", "i9_k4097_b1_int_r1"};

    (void)unused;
    for (int dtype = DC_F32; dtype < DC_FORMATS; dtype++)
        for (size_t r = 0; r < 3 * sizeof specs / sizeof *specs; r++) {
            dc_case c = parse(specs[r / 3]);
            int64_t terms;

            if (dtype != DC_F32 && r / 3 < 4)
                continue; /* only f32 has room for that many */

            if (r % 3) /* the second variant, either way, by either plan */
                c.seed = r % 3 * 10 + 9 + c.seed % 2 * 20;
            c.p.dtype = dtype;
            terms = check_int(&c);
            if (terms < 9) /* thinned, not emptied */
                fail_at(&c, "only so many terms:", (double)terms);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int_sums_are_exact),
        cmocka_unit_test(int_is_thinned_where_it_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
