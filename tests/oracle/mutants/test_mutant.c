/* SPDX-License-Identifier: MIT
 *
 * Is the algorithm right without a mutation, does each mutant give another
 * result somewhere, and do all of them stay within their tensors?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <math.h>

#include "oracle/mutants/mutant.h"
#include "ref/case.h"
#include "ref/ref.h"
#include "tests/support/draw.h"
#include "tests/support/parse.h"

enum { RANDOM_CASES = 400, POISON = 0x5b };

/* Cases for rare conditions.  The first three are from the bug museum's section
 * 6.1 and kill nearly all mutants that arithmetic can kill. */
static const char *const directed[] = {
    "n2_g2_ci10_co14_i3x3_k2x1_s4x1_d2x2_pb3x0_pe1x1_op1x1_b1",
    "n2_ci17_co9_i3x2_k1x1_s3x4_pb1x2_pe3x0_op1x0",
    "g2_ci34_co10_i3x3_k2x2_d3x2_pb3x0_pe2x1_op1x0_b1",
    "n2_ci8_co8_i2x3_k3x2_s2_b1_f16",
    "n2_g24_ci24_co24_i6_k3_s2_p1",
    "n0_ci2_co3_i3_k2",
    "n2_ci0_co3_i3_k2_b1",
    "n2_ci4_co2_i5_k3_f16",
    "n2_ci3_co2_i4x3_k2x3_s2x1_pb-2x1_f32",
    "n2_ci1_co1_i4_k3_d2_s2_bf16",
    "n2_ci2_co2_i0_k3_p-2_b1",
    "n2_g2_ci2_co2_i3x4_k3_s2_d2x3_p1_op1_b1",
    "u1_ci2_co3_i4_k2_b1",
};

enum { DIRECTED = sizeof directed / sizeof *directed };

/* Where the rows of mutant_scale.def begin to show: each has a case here with
 * exactly `least` of its quantity. */
static const char *const wide[] = {
    /* channels on both sides */
    "ci34_co34_i2_k3", "ci48_co48_i2x2_k2_s2", "ci64_co64_i1_k2",
    "ci64_co67_i1_k2", "ci66_co64_i1_k2", "ci128_co128_i2_k1_s2",
    /* channels on one side */
    "ci256_co1_i1_k1", "ci257_co1_i1_k1", "ci1_co257_i1_k1", "ci1_co513_i1_k1",
    "co65536_i1_k1", "co65537_i1_k1_b1", "ci65536_i1_k1", "ci65537_i1_k1",
    /* batch and groups */
    "n65536_i1_k1", "n65537_i1_k1", "g33_ci33_co33_i1_k1",
    "g64_ci64_co64_i1_k1", "g129_ci129_co129_i1_k1",
    "g65536_ci65536_co65536_i1_k1", "g65537_ci65537_co65537_i1_k1",
    /* positions */
    "i32768_k1", "i32769_k1", "i65536_k1", "i65537_k1", "i512_k2", "i513_k2",
    "i1025_k1",
    /* kernel, stride, dilation */
    "i2_k65", "i1_k256", "i1_k257", "i1_k16", "i2_k17", "i2_k33", "i2_k1_s8",
    "i2_k1_s16", "i2_k1_s128", "i2_k1_s65536", "i2_k2_d256", "i2_k2_d128",
    /* products of a sum */
    "ci1025_co1_i1_k1", "co4097_i1_k1", "i4097_k1",
    /* real layers */
    "ci16_co16_i14x14_k3_p1", "ci1_co2_i8x8x8_k2", "i128_k8",
    "g8_ci8_co8_i3x4_k1x3_s1x2"};

enum { WIDE = sizeof wide / sizeof *wide };

/* A case with its tensors, and the right results. */
typedef struct {
    dc_problem p;
    void *tensors[DC_TENSORS];
    void *right[DC_OPS];
} trial;

/* The result in a buffer of exactly its size, so that sanitizers see its end;
 * poisoned first. */
static void *run(const dc_mutant *m, const trial *t, dc_op op,
                 dc_status *status)
{
    const size_t bytes = dc_problem_bytes(&t->p, dc_ops[op].out);
    void *const result = malloc(bytes ? bytes : 1);
    const void *in[DC_TENSORS];

    assert_non_null(result);
    memset(result, POISON, bytes ? bytes : 1);
    memcpy(in, t->tensors, sizeof in);
    *status = dc_mutant_run(m, &t->p, op, in, result);
    return result;
}

/* special > 0: in each tensor every third element from count - special on is
 * infinite. */
static void open_trial(trial *t, uint64_t *state, int range, int special)
{
    draw_inputs(state, &t->p, range, t->tensors);
    for (int k = DC_X; special && k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&t->p, (dc_tensor)k);

        for (int64_t e = count - special; e >= 0 && e < count; e += 3)
            dc_format_set(t->p.dtype, t->tensors[k], e, INFINITY);
    }
    for (int op = 0; op < DC_OPS; op++) {
        dc_status status;

        t->right[op] = run(NULL, t, (dc_op)op, &status);
        assert_int_equal(status, DC_OK);
    }
}

/* Trial number i: first the random ones, then rounds of the directed ones.
 * Every fourth random one and all directed ones from the second round on have
 * full mantissas; from the third round on they have infinities, too. */
static void draw_trial(trial *t, uint64_t *state, int i)
{
    const int d = i - RANDOM_CASES;
    dc_case c;
    dc_error e;

    if (d < 0) {
        t->p = draw_problem(state, 2000);
        open_trial(t, state, i % 4 == 0, 0);
        return;
    }
    assert_int_equal(dc_case_parse(directed[d % DIRECTED], &c, &e), DC_OK);
    t->p = c.p;
    open_trial(t, state, d >= DIRECTED, d / (2 * DIRECTED));
}

static void close_trial(trial *t)
{
    draw_free(t->tensors);
    for (int op = 0; op < DC_OPS; op++)
        free(t->right[op]);
}

/* Does m give another status or result? */
static bool differs(const dc_mutant *m, const trial *t, dc_op op)
{
    dc_status status;
    void *const result = run(m, t, op, &status);
    const bool other =
        status != DC_OK || memcmp(result, t->right[op],
                                  dc_problem_bytes(&t->p, dc_ops[op].out)) != 0;

    assert_true(status == DC_OK || status == DC_INVALID);
    assert_true(status != DC_INVALID || m->extent);
    free(result);
    return other;
}

static void without_mutation_it_is_right(void **unused)
{
    uint64_t state = 1;

    (void)unused;
    for (int i = 0; i < RANDOM_CASES + DIRECTED; i++) {
        trial t;
        const void *in[DC_TENSORS];

        draw_trial(&t, &state, i);
        memcpy(in, t.tensors, sizeof in);
        for (int op = 0; op < DC_OPS && (i >= RANDOM_CASES || i % 4); op++) {
            const int64_t count = dc_problem_count(&t.p, dc_ops[op].out);
            void *const want =
                malloc(dc_problem_bytes(&t.p, dc_ops[op].out) + 1);

            assert_int_equal(dc_ref_run(&t.p, (dc_op)op, in, want), DC_OK);
            for (int64_t e = 0; e < count; e++)
                assert_true(dc_format_get(t.p.dtype, want, e) ==
                            dc_format_get(t.p.dtype, t.right[op], e));
            free(want);
        }
        close_trial(&t);
    }
}

static void every_mutant_shows(void **unused)
{
    int *const shown = calloc((size_t)dc_mutants_count, sizeof *shown);
    uint64_t state = 2;
    int missing = 0;

    (void)unused;
    assert_non_null(shown);
    for (int i = 0; i < RANDOM_CASES + 6 * DIRECTED; i++) {
        trial t;

        draw_trial(&t, &state, i);
        for (int m = 0; m < dc_mutants_count; m++)
            for (int op = 0; op < DC_OPS; op++)
                if (dc_mutant_alters(&dc_mutants[m], &t.p, (dc_op)op) &&
                    differs(&dc_mutants[m], &t, (dc_op)op))
                    shown[m] |= 1 << op;
        close_trial(&t);
    }
    for (int m = 0; m < dc_mutants_count; m++)
        if (!(dc_mutants[m].needs & DC_NEEDS_SCALE) &&
            shown[m] != (dc_mutants[m].fault ? 0 : dc_mutants[m].ops)) {
            print_error("%s shows in %x of %x\n", dc_mutants[m].id,
                        (unsigned)shown[m], (unsigned)dc_mutants[m].ops);
            missing++;
        }
    free(shown);
    assert_int_equal(missing, 0);
}

/* A row states where it can show; elsewhere it must not. */
static void a_mutant_shows_where_it_says(void **unused)
{
    uint64_t state = 3;

    (void)unused;
    for (int i = 0; i < RANDOM_CASES + DIRECTED; i++) {
        trial t;

        draw_trial(&t, &state, i);
        for (int r = 0; r < dc_mutants_count; r++) {
            const dc_mutant *const m = &dc_mutants[r];
            int64_t least = t.p.n < t.p.ci ? t.p.n : t.p.ci;
            int64_t pad = 0;
            bool away = m->when && !m->when(&t.p);
            bool below[DC_OPS];

            for (int a = 0; a < t.p.rank; a++) {
                pad = t.p.pb[a] < pad ? t.p.pb[a] : pad;
                least = t.p.i[a] < least ? t.p.i[a] : least;
            }
            away |= m->needs & DC_NEEDS_EMPTY && least > 0;
            away |= m->needs & DC_NEEDS_SIGNED && pad == 0;
            away |= m->needs & DC_NEEDS_HALF && t.p.dtype < DC_F16;
            away |= m->needs & DC_NEEDS_SINGLE && t.p.dtype != DC_F32;
            away |= m->needs & DC_NEEDS_DOUBLE && t.p.dtype != DC_F64;
            for (int op = 0; op < DC_OPS; op++)
                below[op] = dc_size_of(m->of, &t.p, (dc_op)op) < m->least;
            for (int op = 0; op < DC_OPS; op++)
                if ((away || below[op] || !dc_mutant_touches(m, (dc_op)op)) &&
                    (i % 8 == 0 || i >= RANDOM_CASES))
                    assert_false(differs(m, &t, (dc_op)op));
        }
        close_trial(&t);
    }
}

/* A row of mutant_scale.def shows at its threshold. */
static void a_threshold_is_where_it_says(void **unused)
{
    int *const shown = calloc((size_t)dc_mutants_count, sizeof *shown);
    uint64_t state = 4;
    int missing = 0;

    (void)unused;
    assert_non_null(shown);
    for (int w = 0; w < WIDE; w++) {
        trial t;
        dc_case c;
        dc_error e;

        assert_int_equal(dc_case_parse(wide[w], &c, &e), DC_OK);
        t.p = c.p;
        open_trial(&t, &state, 1, 0);
        for (int m = 0; m < dc_mutants_count; m++)
            for (int op = 0; op < DC_OPS; op++) {
                const int64_t has =
                    dc_size_of(dc_mutants[m].of, &t.p, (dc_op)op);

                if (!dc_mutants[m].least ||
                    !dc_mutant_touches(&dc_mutants[m], (dc_op)op))
                    continue;
                if (has == dc_mutants[m].least)
                    shown[m] |= differs(&dc_mutants[m], &t, (dc_op)op) << op;
            }
        close_trial(&t);
    }
    for (int m = 0; m < dc_mutants_count; m++)
        if (dc_mutants[m].least && shown[m] != dc_mutants[m].ops) {
            print_error("%s shows at its threshold in %x of %x\n",
                        dc_mutants[m].id, (unsigned)shown[m],
                        (unsigned)dc_mutants[m].ops);
            missing++;
        }
    free(shown);
    assert_int_equal(missing, 0);
}

/* It does not show below it: quantities of a few problems, computed by hand. */
static void below_a_threshold_it_is_right(void **unused)
{
    static const struct {
        const char *id;
        dc_op op;
        const char *below, *beyond; /* the threshold */
    } rows[] = {
        {"M501", DC_FORWARD, /* 33 and 40 channels of a group, 34 and 40 */
         "g2_ci66_co80_i1_k3", "g2_ci68_co80_i1_k3"},
        {"M512", DC_GRAD_INPUT, /* 256 channels of a group, 257 */
         "g2_ci2_co512_i1_k1", "g2_ci2_co514_i1_k1"},
        {"M525", DC_FORWARD, "g32_ci32_co32_i1_k1", "g33_ci33_co33_i1_k1"},
        {"M535", DC_GRAD_INPUT, "i511x2_k2", "i512x2_k2"},
        {"M540", DC_FORWARD, "i1x1_k8x8", "i1x1_k5x13"}, /* 64 taps, 65 */
        {"M546", DC_FORWARD, "i2x2_k1_s7x2", "i2x2_k1_s8x2"},
        {"M551", DC_FORWARD, /* 3 * 85 = 255, 4 * 64 = 256 */
         "i1x2_k2x4_d1x85", "i1x2_k2x5_d1x64"},
        {"M553", DC_FORWARD, /* 512 * 2 = 1,024 products, 205 * 5 = 1,025 */
         "ci512_i2_k2", "ci205_i5_k5"},
        {"M560", DC_FORWARD, /* 65,536 elements, 65,538 */
         "n2_i32768_k1", "n3_i21846_k1"},
        {"M567", DC_GRAD_INPUT, "i7x9x9_k2", "i8x9x9_k2"},
    };
    uint64_t state = 5;

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int beyond = 0; beyond < 2; beyond++) {
            const char *const spec = beyond ? rows[r].beyond : rows[r].below;
            trial t;

            t.p = parse_problem(spec);
            open_trial(&t, &state, 1, 0);
            if (differs(dc_mutant_find(rows[r].id), &t, rows[r].op) != beyond)
                fail_msg("%s at %s", rows[r].id, spec);
            close_trial(&t);
        }
}

static void rows_are_whole(void **unused)
{
    int with_report = 0;

    (void)unused;
    assert_true(dc_mutants_count >= 150);
    for (int r = 0; r < dc_mutants_count; r++) {
        const dc_mutant *const m = &dc_mutants[r];

        assert_true(m->id[0] == 'M' && strlen(m->id) == 4);
        assert_true(m->class_[0] == 'C' && strlen(m->class_) == 3);
        for (int c = 1; c < 3; c++)
            assert_true(isdigit((unsigned char)m->class_[c]));
        assert_in_range(strlen(m->what), 10, 80);
        assert_in_range(m->ops, 1, (1 << DC_OPS) - 1);
        assert_int_equal(m->least > 1, m->of != DC_OF_NOTHING);
        for (int q = 0; q < r; q++)
            assert_string_not_equal(m->id, dc_mutants[q].id);
        if (m->report) {
            assert_non_null(strchr(m->report, '/'));
            assert_non_null(strchr(m->report, '#'));
            with_report++;
        }
    }
    assert_true(with_report >= 50);
}

/* A status other than DC_OK leaves the result alone. */
static void statuses(void **unused)
{
    static const struct {
        const char *spec;
        dc_op op;
        dc_status want;
    } rows[] = {
        {"i1_k1_s1073741824", DC_FORWARD, DC_OK},
        {"i1_k1_s1073741825", DC_FORWARD, DC_UNSUPPORTED},
        {"i1_k1_pb-1073741825_pe1073741825", DC_GRAD_BIAS, DC_UNSUPPORTED},
        /* gb has one element, but i and k have too many triples */
        {"n0_ci0_i1000000_k1000000", DC_GRAD_BIAS, DC_NOMEM},
        {"n0_ci0_i1000x1000_k1000x1000", DC_GRAD_BIAS, DC_NOMEM},
        /* empty results take no time, however many items there are */
        {"n1000000000000_ci0_co0_i1_k1", DC_FORWARD, DC_OK},
        {"n1000000000000_i0_k1_s2_op1", DC_GRAD_WEIGHT, DC_OK},
        {"n1000000000000_i1_k1_p1_s3_op1", DC_GRAD_BIAS, DC_OK},
    };
    const double zero[4] = {0};
    const void *in[DC_TENSORS];
    dc_error e;
    dc_case c;

    (void)unused;
    for (int t = 0; t < DC_TENSORS; t++)
        in[t] = zero;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        double result = 7;

        assert_int_equal(dc_case_parse(rows[r].spec, &c, &e), DC_OK);
        c.p.dtype = DC_F64;
        assert_int_equal(dc_mutant_run(NULL, &c.p, rows[r].op, in, &result),
                         rows[r].want);
        if (rows[r].want != DC_OK)
            assert_true(result == 7);
    }
    assert_int_equal(dc_case_parse("i3_k2", &c, &e), DC_OK);
    c.p.o[0]++;
    assert_int_equal(dc_mutant_run(NULL, &c.p, DC_FORWARD, in, NULL),
                     DC_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_mutation_it_is_right),
        cmocka_unit_test(every_mutant_shows),
        cmocka_unit_test(a_mutant_shows_where_it_says),
        cmocka_unit_test(a_threshold_is_where_it_says),
        cmocka_unit_test(below_a_threshold_it_is_right),
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(statuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
