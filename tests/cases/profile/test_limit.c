/* SPDX-License-Identifier: MIT
 *
 * Do the limits of the eight profiles begin where their documents say?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cases/profile/limit.h"
#include "cases/profile/profile.h"
#include "tests/support/draw.h"
#include "tests/support/parse.h"

/* What a profile says about a problem: the rule by which it cannot be written,
 * else the one by which it is refused. */
static const struct {
    const char *profile;
    dc_limit_kind kind;
    dc_limit_rule rule;
    const char *inside;  /* just within the limit */
    const char *outside; /* just beyond it */
} rows[] = {
    {"keras", DC_CANNOT, DC_LIMIT_UNBATCHED, "i3_k2", "i3_k2_u1"},
    {"keras", DC_CANNOT, DC_LIMIT_GROUPS, "i3_k2_ci2_co2", "i3_k2_ci2_co2_g2"},
    {"keras", DC_CANNOT, DC_LIMIT_WORDS, "i5_k3_s2_pe1", "i5_k3_s2_pb1"},
    {"keras", DC_CANNOT, DC_LIMIT_WORDS, "i5x5_k3_s2_pe1", "i5x5_k3_s2_pe1x0"},
    {"keras", DC_CANNOT, DC_LIMIT_WORDS, "i5_k5_s3_pb1_pe1",
     "i5_k5_s2_pb1_pe1"},
    {"keras", DC_REFUSED, DC_LIMIT_EMPTY, "n1_i3_k2", "n0_i3_k2"},
    {"keras", DC_REFUSED, DC_LIMIT_OP, "i3_k3_s2_op1", "i3_k3_s1_d2_op1"},
    {"keras", DC_REFUSED, DC_LIMIT_STRIDED, "i3x3_k2_s2", "i3x3_k2_s2x1_d1x2"},
    {"lucid", DC_CANNOT, DC_LIMIT_UNBATCHED, "i3_k2", "i3_k2_u1"},
    {"lucid", DC_CANNOT, DC_LIMIT_LOPSIDED, "i3_k3_p1", "i3_k3_pb1"},
    {"lucid", DC_REFUSED, DC_LIMIT_EMPTY, "i3_k3_p2", "i2_k3_p2"},
    {"lucid", DC_REFUSED, DC_LIMIT_OP, "i3_k3_d3_s2_op1", "i3_k3_d3_s2_op2"},
    {"lucid", DC_REFUSED, DC_LIMIT_PADS, "i9_k3_d2_p4", "i9_k3_d2_p5"},
    {"onnx", DC_CANNOT, DC_LIMIT_UNBATCHED, "i3_k2", "i3_k2_u1"},
    {"onnx", DC_REFUSED, DC_LIMIT_EMPTY, "n0_ci0_i1_k2", "i0_k4_pb0"},
    {"onnx", DC_REFUSED, DC_LIMIT_EMPTY, "co0_i2_k2_p1", "i1_k2_p1"},
    {"onnx", DC_REFUSED, DC_LIMIT_NEGATIVE, "i3_k2", "i3_k2_pe-1"},
    {"onnx", DC_REFUSED, DC_LIMIT_OP, "i3_k2_s2_op1", "i3_k2_s2_d3_op2"},
    {"pytorch", DC_CANNOT, DC_LIMIT_LOPSIDED, "i3x3_k3_p1x2", "i3x3_k3_pb1x0"},
    {"pytorch", DC_REFUSED, DC_LIMIT_EMPTY, "n0_i1_k2_p1", "ci0_i3_k2"},
    {"pytorch", DC_REFUSED, DC_LIMIT_EMPTY, "i2_k2_p1", "i1_k2_p1"},
    {"pytorch", DC_REFUSED, DC_LIMIT_NEGATIVE, "i3_k2", "i3_k2_p-1"},
    {"tensorflow", DC_CANNOT, DC_LIMIT_UNBATCHED, "i3_k2", "i3_k2_u1"},
    {"tensorflow", DC_CANNOT, DC_LIMIT_BIAS, "i3_k2", "i3_k2_b1"},
    {"tensorflow", DC_CANNOT, DC_LIMIT_GROUPS, "i3_k2_ci2_co2",
     "i3_k2_ci2_co2_g2"},
    {"tensorflow", DC_CANNOT, DC_LIMIT_WORDS, "i3_k3_s2_p1", "i3_k3_s2_pb1"},
    {"tensorflow", DC_CANNOT, DC_LIMIT_WORDS, "i3x3_k3_s2_pb1", "i3_k3_s2_pb1"},
    {"tensorflow", DC_REFUSED, DC_LIMIT_EMPTY, "n1_i3_k2", "n0_i3_k2"},
    {"tensorflow", DC_REFUSED, DC_LIMIT_NEGATIVE, "i3x3_k2_s2_pe-1",
     "i3x3_k2_s2_pe-2"},
    {"tensorflow", DC_REFUSED, DC_LIMIT_NEGATIVE, "i3x3_k2", "i3x3_k2_pb-1x0"},
    {"tensorflow", DC_REFUSED, DC_LIMIT_OP, "i3x3_k3_s1_d2_pe1_op1",
     "i3x3_k3_s1_d2_op1"},
    {"tflite", DC_CANNOT, DC_LIMIT_RANK, "i3x3_k2", "i3x3x3_k2"},
    {"tflite", DC_CANNOT, DC_LIMIT_TYPE, "i3x3_k2_f32", "i3x3_k2_f16"},
    {"tflite", DC_CANNOT, DC_LIMIT_UNBATCHED, "i3x3_k2", "i3x3_k2_u1"},
    {"tflite", DC_CANNOT, DC_LIMIT_GROUPS, "i3x3_k2_ci2_co2",
     "i3x3_k2_ci2_co2_g2"},
    {"tflite", DC_CANNOT, DC_LIMIT_DILATED, "i3x3_k2", "i3x3_k2_d1x2"},
    {"tflite", DC_CANNOT, DC_LIMIT_WORDS, "i3x3_k3_s2_op1", "i3x3_k3_s2_pb1"},
    {"tflite", DC_REFUSED, DC_LIMIT_EMPTY, "co1_i3x3_k2", "co0_i3x3_k2"},
    {"tosa", DC_CANNOT, DC_LIMIT_RANK, "i3x3_k2", "i3_k2"},
    {"tosa", DC_CANNOT, DC_LIMIT_TYPE, "i3x3_k2_bf16", "i3x3_k2_f64"},
    {"tosa", DC_CANNOT, DC_LIMIT_UNBATCHED, "i3x3_k2", "i3x3_k2_u1"},
    {"tosa", DC_CANNOT, DC_LIMIT_GROUPS, "i3x3_k2_ci2_co2",
     "i3x3_k2_ci2_co2_g2"},
    {"tosa", DC_CANNOT, DC_LIMIT_DILATED, "i3x3_k2_p-3", "i3x3_k2_d2x1"},
    {"tosa", DC_REFUSED, DC_LIMIT_EMPTY, "ci1_i3x3_k2", "ci0_i3x3_k2"},
    {"tosa", DC_REFUSED, DC_LIMIT_PADS, "i5x5_k2x3_pb1x2", "i5x5_k2x3_pb2x0"},
    {"tosa", DC_REFUSED, DC_LIMIT_PADS, "i5x5_k2_s2_pe2_op1", "i5x5_k2_s2_pe2"},
    {"webnn", DC_CANNOT, DC_LIMIT_RANK, "i3x3_k2", "i3x3x3_k2"},
    {"webnn", DC_CANNOT, DC_LIMIT_TYPE, "i3x3_k2_f16", "i3x3_k2_bf16"},
    {"webnn", DC_CANNOT, DC_LIMIT_UNBATCHED, "i3x3_k2", "i3x3_k2_u1"},
    {"webnn", DC_REFUSED, DC_LIMIT_EMPTY, "i3x3_k2", "i3x0_k2_pe-1"},
    {"webnn", DC_REFUSED, DC_LIMIT_NEGATIVE, "i3x3_k2", "i3x3_k2_pb0x-1"},
    {"webnn", DC_REFUSED, DC_LIMIT_OP, "i3x3_k2_s2_d3_op1",
     "i3x3_k2_s2_d3_op0x2"},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* Inside, the profile has nothing to say; outside, this rule alone. */
static void limits_begin_where_they_are_documented(void **state)
{
    (void)state;
    for (int r = 0; r < ROWS; r++) {
        const dc_problem in = parse_problem(rows[r].inside);
        const dc_problem out = parse_problem(rows[r].outside);
        const char *const profile = rows[r].profile;
        const bool cannot = rows[r].kind == DC_CANNOT;
        const dc_limit_rule said = cannot ? dc_limit_cannot(profile, &out)
                                          : dc_limit_refuses(profile, &out);

        if (dc_limit_cannot(profile, &in) || dc_limit_refuses(profile, &in))
            fail_msg("%s: %s is refused", profile, rows[r].inside);
        if (said != rows[r].rule)
            fail_msg("%s: %s: said: %s", profile, rows[r].outside,
                     dc_limit_names[said]);
        if (!cannot && dc_limit_cannot(profile, &out))
            fail_msg("%s: %s cannot be written", profile, rows[r].outside);
    }
}

/* Every row has its test above; NO_OP is about illegal problems. */
static void every_limit_has_its_test(void **state)
{
    (void)state;
    for (int k = 0; k < dc_limits_count; k++) {
        const dc_limit *const l = &dc_limits[k];
        bool tested = l->rule == DC_LIMIT_NO_OP;

        for (int r = 0; r < ROWS; r++)
            tested |= rows[r].rule == l->rule && rows[r].kind == l->kind &&
                      strcmp(rows[r].profile, l->profile) == 0;
        if (!tested || !dc_limit_known(l->profile) || !*l->source)
            fail_msg("%s: %s", l->profile, dc_limit_names[l->rule]);
    }
    assert_false(dc_limit_known("caffe"));
}

/* An illegal op means another size of the output where no op is written. */
static void an_illegal_op_is_not_asked_where_sizes_are_given(void **state)
{
    dc_problem p = parse_problem("i3x3_k2");

    (void)state;
    for (int64_t op = -1; op <= 1; op++) {
        p.op[1] = op;
        for (int k = 0; k < dc_limit_profiles_count; k++) {
            const char *const name = dc_limit_profiles[k];
            const bool given =
                strcmp(name, "onnx") == 0 || strcmp(name, "tensorflow") == 0 ||
                strcmp(name, "tflite") == 0 || strcmp(name, "tosa") == 0;

            assert_int_equal(dc_limit_cannot(name, &p) == DC_LIMIT_NO_OP,
                             given && op != 0);
        }
    }
}

/* Fields of illegal problems may be anything. */
static void nothing_overflows(void **state)
{
    static const int64_t values[] = {INT64_MIN, -1, 0, INT64_MAX};

    (void)state;
    for (int rank = -1; rank <= 4; rank++)
        for (int v = 0; v < 4; v++) {
            dc_problem p = {.size = sizeof p, .rank = rank, .dtype = v - 1};
            int64_t *const axes[] = {p.i, p.k, p.s, p.d, p.pb, p.pe, p.op};

            for (int f = 0; f < 7; f++)
                for (int a = 0; a < 3; a++)
                    axes[f][a] = values[(v + f * a) % 4];
            for (int k = 0; k < dc_limits_count; k++)
                (void)dc_limits[k].holds(&p);
        }
}

/* ==== Against the other half of this room ================================ */

/* The profiles that write calls refuse to write what the limits say, and
 * nothing else. */
static void limits_agree_with_the_calls(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (int turn = 0; turn < 20000; turn++) {
        dc_problem p = draw_problem(&seed, 100000);

        for (int a = 0; a < p.rank && turn % 2; a++)
            p.pe[a] = p.pb[a];
        if (dc_problem_complete(&p, NULL) != DC_OK)
            continue;
        for (int k = 0; k < dc_profiles_count; k++) {
            const dc_profile *const f = &dc_profiles[k];
            char text[DC_PROFILE_TEXT];
            const dc_limit_rule cannot = dc_limit_cannot(f->name, &p);
            const dc_limit_rule refused = dc_limit_refuses(f->name, &p);
            const bool writes =
                f->express(&p, text, sizeof text, NULL) == DC_OK;

            /* what onnxruntime refuses is written all the same, and what is
             * not documented of empty tensors may be refused */
            if (strcmp(f->name, "pytorch") &&
                (refused == DC_LIMIT_EMPTY || refused == DC_LIMIT_OP))
                continue;
            if (writes != (!cannot && !refused))
                fail_msg("%s: %s: %s", f->name, text,
                         dc_limit_names[cannot ? cannot : refused]);
        }
    }
}

/* ==== SAME and VALID ===================================================== */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The axis that Keras means, by the arithmetic of its backend for JAX, which
 * pads the dilated input: pb and o.  op -1: not given. */
static void keras_axis(const dc_problem *p, bool same, int64_t op, int64_t *pb,
                       int64_t *o)
{
    const int64_t k = p->d[0] * (p->k[0] - 1) + 1;
    const int64_t s = p->s[0];
    int64_t left = k - 1;
    int64_t all;

    if (same) {
        all = op < 0 ? s + k - 2 : k + k % 2 - 2 + op;
        left = smaller((all + 1) / 2, k - 1);
    } else {
        all = 2 * (k - 1) + (op < 0 ? (k > s ? k : s) - k : op);
    }
    *pb = k - 1 - left;
    *o = (p->i[0] - 1) * s + 1 + all - (k - 1);
}

/* The axis that TensorFlow means by this output, as it computes the pads of the
 * convolution whose gradient this is.  False if its input has another size. */
static bool tensorflow_axis(const dc_problem *p, bool same, int64_t o,
                            int64_t *pb)
{
    const int64_t k = p->d[0] * (p->k[0] - 1) + 1;
    const int64_t s = p->s[0];
    const int64_t i = same ? (o + s - 1) / s : (o - k + s) / s;
    const int64_t needed = same ? (i - 1) * s + k - o : 0;

    *pb = needed > 0 ? needed / 2 : 0;
    return o >= (same ? 1 : k) && i == p->i[0];
}

static bool keras_writes(const dc_problem *p)
{
    int64_t pb;
    int64_t o;

    for (int same = 0; same <= 1; same++)
        for (int64_t op = -1; op < p->s[0]; op++) {
            keras_axis(p, same, op, &pb, &o);
            if (pb == p->pb[0] && o == p->o[0])
                return true;
        }
    return false;
}

static bool tensorflow_writes(const dc_problem *p)
{
    int64_t pb;

    for (int same = 0; same <= 1; same++)
        if (tensorflow_axis(p, same, p->o[0], &pb) && pb == p->pb[0])
            return true;
    return false;
}

/* All small axes: what no word means is not written or refused. */
static void words_mean_what_the_frameworks_compute(void **state)
{
    dc_problem p = parse_problem("i1_k1");
    int written = 0;

    (void)state;
    for (int turn = 0; turn < 3 * 5 * 4 * 2 * 6 * 8; turn++) {
        int rest = turn;

        p.i[0] = 1 + rest % 3;
        p.k[0] = 1 + (rest /= 3) % 5;
        p.s[0] = 1 + (rest /= 5) % 4;
        p.d[0] = 1 + (rest /= 4) % 2;
        p.pb[0] = (rest /= 2) % 6 - 1;
        p.pe[0] = rest / 6 - 3;
        if (dc_problem_complete(&p, NULL) != DC_OK || p.o[0] == 0)
            continue;
        written += keras_writes(&p);
        assert_int_equal(!dc_limit_cannot("keras", &p), keras_writes(&p));
        assert_int_equal(!dc_limit_cannot("tensorflow", &p),
                         tensorflow_writes(&p));
    }
    assert_in_range(written, 100, 1000);
}

/* ==== All profiles together ============================================== */

static void who_refuses(void **state)
{
    static const struct {
        const char *problem;
        dc_limit_rule rule;
        const char *who;
    } any[] = {
        {"i3_k2_s2_op1", DC_LIMIT_NONE, ""},
        {"i3_k2_d2_op1", DC_LIMIT_OP, "keras, lucid, onnx, tensorflow, webnn"},
        {"i9_k3_pb3_u1", DC_LIMIT_PADS, "lucid, tosa"},
        {"i3_k2_s2_d2_ci2_co2_g2", DC_LIMIT_STRIDED, "keras"},
        {"n0_i9_k3_pb3_pe-1", DC_LIMIT_EMPTY,
         "keras, lucid, onnx, pytorch, tensorflow, tflite, tosa, webnn"},
        {"i9_k3_pb3_pe-1", DC_LIMIT_NEGATIVE,
         "onnx, pytorch, tensorflow, webnn"},
    };

    (void)state;
    for (size_t r = 0; r < sizeof any / sizeof *any; r++) {
        const dc_problem p = parse_problem(any[r].problem);
        const dc_limit_rule rule = dc_limit_refuses(NULL, &p);
        char who[DC_LIMIT_WHO];

        dc_limit_who(rule, who);
        assert_int_equal(rule, any[r].rule);
        assert_string_equal(who, any[r].who);
        assert_int_equal(dc_limit_is_free(rule),
                         rule == DC_LIMIT_EMPTY || rule == DC_LIMIT_NEGATIVE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_begin_where_they_are_documented),
        cmocka_unit_test(every_limit_has_its_test),
        cmocka_unit_test(an_illegal_op_is_not_asked_where_sizes_are_given),
        cmocka_unit_test(nothing_overflows),
        cmocka_unit_test(limits_agree_with_the_calls),
        cmocka_unit_test(words_mean_what_the_frameworks_compute),
        cmocka_unit_test(who_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
