/* SPDX-License-Identifier: MIT
 *
 * Does every element of a large axis count?  An element of a result that has
 * products in dense data must have one in thinned data too: in `int`, and over
 * the turns that a family takes by seed in every family; else a lost or wrapped
 * tail would not show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/data.h"

/* met[op][e] |= does element e of op's result have a product? */
static void meet(const dc_case *c, bool *met[DC_OPS])
{
    void *tensors[DC_TENSORS];
    const void *given[DC_TENSORS];
    dc_dot2 *gather;
    dc_dot2_value v;

    fill_all(c, tensors);
    memcpy(given, tensors, sizeof given);
    assert_int_equal(dc_dot2_open(&gather, &c->p, given), DC_OK);
    for (int op = 0; op < DC_OPS; op++)
        for (int64_t e = 0; e < dc_problem_count(&c->p, dc_ops[op].out); e++) {
            dc_dot2_element(gather, (dc_op)op, e, &v);
            met[op][e] |= v.m > (op == DC_FORWARD && c->p.has_bias);
        }
    dc_dot2_close(gather);
    draw_free(tensors);
}

static void meet_open(const dc_case *c, bool *met[DC_OPS])
{
    for (int op = 0; op < DC_OPS; op++) {
        met[op] =
            calloc((size_t)dc_problem_count(&c->p, dc_ops[op].out) + 1, 1);
        assert_non_null(met[op]);
    }
}

static void meet_close(bool *met[DC_OPS])
{
    for (int op = 0; op < DC_OPS; op++)
        free(met[op]);
}

/* How much of a result counts: all of it, something in each of BLOCKS equal
 * parts of what can, or less. */
typedef enum { LESS, EACH_BLOCK, ALL } share;

static share share_of(const bool *met, const bool *dense, int64_t count)
{
    enum { BLOCKS = 64 };
    int64_t possible[BLOCKS] = {0};
    int64_t reached[BLOCKS] = {0};
    share least = ALL;

    for (int64_t e = 0; e < count; e++) {
        const int64_t block = e * BLOCKS / count;

        possible[block] += dense[e];
        reached[block] += met[e];
    }
    for (int block = 0; block < BLOCKS; block++)
        if (reached[block] < possible[block])
            least = reached[block] && least ? EACH_BLOCK : LESS;
    return least;
}

/* A way to fill: dtype, family, and the seeds over which the family takes its
 * turns: first, step, number. */
typedef struct {
    int dtype;
    dc_family family;
    uint64_t seeds[3];
} way;

static const way ways[] = {
    {DC_F32, DC_INT, {0, 1, 1}},   {DC_F32, DC_INT, {9, 10, 1}},
    {DC_F64, DC_INT, {1, 1, 1}},   {DC_F16, DC_INT, {0, 1, 2}},
    {DC_BF16, DC_INT, {0, 1, 2}},  {DC_F16, DC_INT, {9, 10, 4}},
    {DC_BF16, DC_INT, {9, 10, 4}}, {DC_F32, DC_SHORT, {3, 4, 4}},
};
enum { WAYS = sizeof ways / sizeof *ways, EXACT = 3 /* ways that have room */ };

/* What each result has over the turns: A for all that dense data meet, B for
 * something in each block, - for less. */
static void find_met(dc_case c, const way *w, bool *dense[DC_OPS],
                     char got[DC_OPS + 1])
{
    bool *met[DC_OPS];

    c.p.dtype = w->dtype;
    c.family = w->family;
    meet_open(&c, met);
    for (uint64_t turn = 0; turn < w->seeds[2]; turn++) {
        c.seed = w->seeds[0] + w->seeds[1] * turn;
        meet(&c, met);
    }
    for (int op = 0; op < DC_OPS; op++)
        got[op] = "-BA"[share_of(met[op], dense[op],
                                 dc_problem_count(&c.p, dc_ops[op].out))];
    got[DC_OPS] = 0;
    meet_close(met);
}

/* Of dense data hardly an element is zero, at the end of a tensor either: what
 * thinned data meet is measured by them. */
static void check_dense(const dc_case *c)
{
    enum { BLOCKS = 64 };
    void *tensors[DC_TENSORS];

    fill_all(c, tensors);
    for (int t = DC_X; t <= DC_GY; t++) {
        const int64_t count = dc_problem_count(&c->p, (dc_tensor)t);
        int64_t zeros[BLOCKS] = {0};

        for (int64_t e = 0; e < count; e++)
            zeros[e * BLOCKS / count] +=
                dc_format_get(c->p.dtype, tensors[t], e) == 0;
        for (int block = 0; block < BLOCKS; block++)
            if (zeros[block] > 1 + count / BLOCKS / 8)
                fail_at(c, dc_tensor_names[t], (double)zeros[block]);
    }
    draw_free(tensors);
}

static void every_element_counts(void **unused)
{
    /* by operation, the least in f16, bf16 and `short`: gb has room for only a
     * part of a large plane of gy, and gx is met there only; a large kernel
     * has too many taps to be met by all positions of y */
    static const struct {
        const char *spec, *least;
    } rows[] = {
        {"n257_i2_k2", "ABAA"},
        {"n4097_i2_k2", "ABAA"},
        {"n65537_i1_k1", "ABAA"},
        {"ci257_i2_k2_s2", "AAAA"},
        {"ci4097_co2_i2_k2_s2", "AAAA"},
        {"ci65537_i2_k3_p1", "AAAA"},
        {"co257_i2_k2_s2", "AAAA"},
        {"ci2_co4097_i2_k2_s2", "AAAA"},
        {"co65537_i3_k3_p1", "AAAA"},
        {"ci257_co257_g257_i2_k2_s2", "AAAA"},
        {"ci8194_co4097_g4097_i2_k2", "AAAA"},
        {"i257_k3_s2", "ABAA"},
        {"i4097_k3_s2", "ABAA"},
        {"i65537_k2", "ABAA"},
        {"n2_ci3_co4_i20x20_k3_s2", "ABAA"},
        {"i5_k257_d2_s3", "BABA"},
        {"i4_k2049", "BABA"},
        {"i3_k2_s65537", "AAAA"},
        {"i2_k2_d65537", "AAAA"},
        {"ci64_co64_i4x4_k3x3_s2_p1_op1", "AAAA"},
        {"ci96_co48_i3_k16_s8_p4", "AAAA"},
        {"ci128_co32_i2x2_k4x4_s2_p1", "AAAA"},
        {"ci32_co128_i2x2x2_k2_s2", "AAAA"},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_case c = parse(rows[r].spec);
        bool *dense[DC_OPS];

        c.family = DC_REAL;
        check_dense(&c);
        meet_open(&c, dense);
        meet(&c, dense);
        for (int w = 0; w < WAYS; w++) {
            const char *const want = w < EXACT ? "AAAA" : rows[r].least;
            char got[DC_OPS + 1];

            find_met(c, &ways[w], dense, got);
            for (int op = 0; op < DC_OPS; op++)
                if (got[op] != 'A' && got[op] != want[op])
                    fail_msg("%s, way %d: %s instead of %s", rows[r].spec, w,
                             got, want);
        }
        meet_close(dense);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_element_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
