/* SPDX-License-Identifier: MIT
 *
 * Does one wrong thing give one finding, the right one, and does a right
 * implementation give none?  Everything goes through real processes.
 */
#include "tests/support/subject.h"

#include <math.h>

#include "cases/space/sweep.h"
#include "oracle/judge/judge.h"

#define INT  "n2_ci2_co3_i4x3_k2x3_s2_p1_b1_f32_int_r1"
#define REAL "n2_ci2_co3_i4x3_k2x3_s2_p1_b1_f64_real_r2"
#define NEG  "ci2_i4_k2_s2_pb-1_f32_int"
#define GAPS "i3_k1_s3_f64_int"

static dc_status judge_with(const dc_judge *judge, dc_endpoint *end,
                            const char *spec, dc_result *r, dc_error *e)
{
    memset(r, 0, sizeof *r);
    if (dc_case_parse(spec, &r->item.c, e) != DC_OK)
        fail_msg("%s: %s", spec, e->text);
    return dc_judge_case(judge, end, r, e);
}

static const dc_judge everything = {.ops = {1, 1, 1, 1},
                                    .arithmetic = {.accumulate = -1}};

static dc_result judge(dc_endpoint *end, const char *spec)
{
    dc_result r;
    dc_error e = {.text = ""};

    if (judge_with(&everything, end, spec, &r, &e) != DC_OK)
        fail_msg("%s: harness: %s", spec, e.text);
    return r;
}

/* ==== One wrong thing each ============================================== */

static const struct {
    const char *mode;
    const char *spec;
    double timeout;
    dc_verdict verdict; /* of the case */
    dc_op op;           /* that the first finding names */
    dc_check check;     /* of it; DC_CHECKS: no finding */
    const char *says;   /* part of its text, or of the reason */
    int findings;
} outcomes[] = {
    {"right", INT, PATIENT, DC_PASS, DC_FORWARD, DC_CHECKS, "", 0},
    {"right", REAL, PATIENT, DC_PASS, DC_FORWARD, DC_CHECKS, "", 0},
    {"right", NEG, PATIENT, DC_PASS, DC_FORWARD, DC_CHECKS, "", 0},
    {"zero-sign", GAPS, PATIENT, DC_PASS, DC_FORWARD, DC_CHECKS, "", 0},

    {"ulp", INT, PATIENT, DC_FAIL, DC_FORWARD, DC_CHECK_VALUE,
     "1 of 180 elements of y are wrong", 1},
    {"ulp grad_input", INT, PATIENT, DC_FAIL, DC_GRAD_INPUT, DC_CHECK_VALUE,
     "1 of 48 elements of gx are wrong", 1},
    {"ulp grad_weight", INT, PATIENT, DC_FAIL, DC_GRAD_WEIGHT, DC_CHECK_VALUE,
     "1 of 36 elements of gw are wrong", 1},
    {"ulp grad_bias", INT, PATIENT, DC_FAIL, DC_GRAD_BIAS, DC_CHECK_VALUE,
     "1 of 3 elements of gb are wrong", 1},
    {"ulp", REAL, PATIENT, DC_PASS, DC_FORWARD, DC_CHECKS, "", 0},
    {"all grad_weight", REAL, PATIENT, DC_FAIL, DC_GRAD_WEIGHT, DC_CHECK_VALUE,
     "36 of 36 elements of gw are wrong", 1},
    {"page", INT, PATIENT, DC_FAIL, DC_FORWARD, DC_CHECK_VALUE,
     "1 of 180 elements of y are wrong (only at other addresses of the "
     "tensors)",
     1},
    {"written", INT, PATIENT, DC_FAIL, DC_FORWARD, DC_CHECK_WRITTEN,
     "an element of y was never written", 2},
    {"inputs", INT, PATIENT, DC_FAIL, DC_FORWARD, DC_CHECK_INPUTS,
     "the call changed its input x", 1},
    {"inputs grad_weight", INT, PATIENT, DC_FAIL, DC_GRAD_WEIGHT,
     DC_CHECK_INPUTS, "the call changed its input gy", 1},
    {"moody grad_input", INT, PATIENT, DC_FAIL, DC_GRAD_INPUT, DC_CHECK_REPEAT,
     "the same call again gave other bits in gx", 1},
    {"moved", INT, PATIENT, DC_FAIL, DC_GRAD_INPUT, DC_CHECK_DIFFERENCE,
     "<gy, f(+) - f(-)> = ", 1},

    {"unsupported", INT, PATIENT, DC_PASS, DC_FORWARD, DC_CHECKS, "", 0},
    {"none", INT, PATIENT, DC_UNJUDGED, DC_FORWARD, DC_CHECKS, "", 0},
    {"invalid", INT, PATIENT, DC_FAIL, DC_FORWARD, DC_CHECK_EXTENT,
     "a legal problem was answered INVALID", 1},
    {"invalid", NEG, PATIENT, DC_PASS, DC_FORWARD, DC_CHECKS, "", 0},
    {"failed", INT, PATIENT, DC_FAIL, DC_FORWARD, DC_CHECK_STATUS,
     "a legal problem was answered FAILED", 1},
    {"nomem grad_bias", INT, PATIENT, DC_FAIL, DC_GRAD_BIAS, DC_CHECK_STATUS,
     "out of memory", 1},
    {"crash", INT, PATIENT, DC_CRASH, DC_FORWARD, DC_CHECK_CRASHED,
     "forward died by SIGABRT", 1},
    {"crash grad_bias", INT, PATIENT, DC_CRASH, DC_GRAD_BIAS, DC_CHECK_CRASHED,
     "grad_bias died by SIGABRT", 1},
    {"hang grad_weight", INT, 1, DC_HANG, DC_GRAD_WEIGHT, DC_CHECK_HUNG,
     "grad_weight gave no answer within 1 s", 1},
    {"gradients-only", INT, PATIENT, DC_PASS, DC_FORWARD, DC_CHECKS, "", 0},
};

static void test_outcomes(void **state)
{
    char what[4096];

    (void)state;
    plugin(what, "judge_modes");
    for (size_t k = 0; k < sizeof outcomes / sizeof *outcomes; k++) {
        const dc_finding *f;
        dc_endpoint *end;

        mode(outcomes[k].mode);
        end = must_open(what, outcomes[k].timeout);
        const dc_result r = judge(end, outcomes[k].spec);
        dc_endpoint_close(end);
        f = &r.findings[0];
        if (r.verdict != outcomes[k].verdict ||
            r.n_findings != outcomes[k].findings ||
            (r.n_findings && (f->op != outcomes[k].op ||
                              r.by_op[f->op] != outcomes[k].verdict ||
                              f->check != outcomes[k].check ||
                              !strstr(f->text, outcomes[k].says))))
            fail_msg("%s, %s: %s, %d findings: %s: %s: %s", outcomes[k].mode,
                     outcomes[k].spec, dc_verdict_names[r.verdict],
                     r.n_findings, dc_ops[f->op].name,
                     r.n_findings ? dc_check_names[f->check] : "", f->text);
        for (int op = 0; op < DC_OPS; op++) {
            assert_int_equal(r.requested[op], 1);
            /* what was not spoiled passes */
            if (r.n_findings && (int)f->op != op)
                assert_int_equal(r.by_op[op], DC_PASS);
        }
    }
    no_child("outcomes");
}

/* ==== What a finding of a value shows =================================== */

static void test_value(void **state)
{
    char what[4096];
    dc_endpoint *end;

    (void)state;
    mode("ulp");
    end = must_open(plugin(what, "judge_modes"), PATIENT);
    const dc_result r = judge(end, "n2_co3_i4x3_k1_b1_f32_int_r1");
    const dc_finding *f = &r.findings[0];
    assert_int_equal(r.n_findings, 1);
    assert_int_equal(f->has_value, 1);
    assert_int_equal(f->index, 2 * 3 * 12 - 1);
    assert_int_equal(f->axes, 4);
    assert_int_equal(f->at[0], 1);
    assert_int_equal(f->at[1], 2);
    assert_int_equal(f->at[2], 3);
    assert_int_equal(f->at[3], 2);
    assert_int_equal(f->wrong, 1);
    assert_int_equal(f->total, 72);
    assert_int_equal(f->got_bits ^ f->want_bits, 1);
    assert_true(fabs(f->got - f->want) < 0x1p-10 && f->got != f->want);
    assert_int_equal(f->n, 1);
    assert_true(f->s >= fabs(f->want));
    assert_true(f->bound == 0 && isinf(f->ratio));
    dc_endpoint_close(end);

    mode("all");
    end = must_open(what, PATIENT);
    const dc_result real = judge(end, "u1_ci2_i4_k2_f64_real");
    f = &real.findings[0];
    assert_int_equal(f->axes, 2);
    assert_int_equal(f->wrong, f->total);
    assert_true(f->bound > 0 && f->bound < 1e-14);
    assert_true(f->ratio > 1e14 && isfinite(f->ratio));
    assert_true(fabs(f->got - f->want - 1) < 1e-14);
    dc_endpoint_close(end);
    no_child("value");
}

/* The same plug-in after a crash: later cases are still judged. */
static void test_goes_on(void **state)
{
    char what[4096];
    dc_endpoint *end;

    (void)state;
    mode("crash grad_bias");
    end = must_open(plugin(what, "judge_modes"), PATIENT);
    for (int k = 0; k < 3; k++) {
        const dc_result r = judge(end, INT);

        assert_int_equal(r.verdict, DC_CRASH);
        assert_int_equal(r.by_op[DC_FORWARD], DC_PASS);
        assert_int_equal(r.by_op[DC_GRAD_BIAS], DC_CRASH);
    }
    dc_endpoint_close(end);
    no_child("crashes");
}

/* Only the selected operations are judged; without forward there are no
 * identities, but all other checks remain. */
static void test_chosen_operations(void **state)
{
    dc_endpoint *end = must_open("fast", PATIENT);

    (void)state;
    for (int mask = 1; mask < 1 << DC_OPS; mask++) {
        dc_judge some = {.arithmetic = {.accumulate = -1}};
        dc_result r;
        dc_error e;

        for (int op = 0; op < DC_OPS; op++)
            some.ops[op] = mask >> op & 1;
        assert_int_equal(judge_with(&some, end, INT, &r, &e), DC_OK);
        assert_int_equal(r.verdict, DC_PASS);
        for (int op = 0; op < DC_OPS; op++) {
            assert_int_equal(r.requested[op], some.ops[op]);
            assert_int_equal(r.by_op[op], some.ops[op] ? DC_PASS : DC_UNJUDGED);
        }
    }
    dc_endpoint_close(end);
}

/* ==== A pipe ============================================================ */

/* answer.py knows forward alone and answers zeros: right if the truth is
 * zero, wrong elsewhere. */
static void test_pipe(void **state)
{
    static const struct {
        const char *mode;
        const char *spec;
        dc_verdict verdict;
        dc_check check; /* DC_CHECKS: no finding */
        const char *says;
    } rows[] = {
        {"good", "ci0_co2_i3_k2_f32_int", DC_PASS, DC_CHECKS, ""},
        {"good", "n2_i3_k2_f32_int", DC_FAIL, DC_CHECK_VALUE,
         "8 of 8 elements of y"},
        {"moody", "ci0_co2_i3_k2_f32_int", DC_FAIL, DC_CHECK_REPEAT,
         "other bits"},
        {"shape", "ci0_co2_i3_k2_f32_int", DC_FAIL, DC_CHECK_EXTENT,
         "y has the shape [1,2,4,2] instead of [1,2,4]"},
        {"invalid", "i3_k2_f32_int", DC_FAIL, DC_CHECK_EXTENT,
         "answered INVALID"},
        {"error", "i3_k2_f32_int", DC_FAIL, DC_CHECK_STATUS, "bad luck"},
        {"invalid", "ci0_i3_k2_f32_int", DC_UNJUDGED, DC_CHECKS, ""},
        {"unsupported", "i3_k2_f32_int", DC_UNJUDGED, DC_CHECKS, "no groups"},
        {"garbage", "i3_k2_f32_int", DC_CRASH, DC_CHECK_CRASHED, "garbage"},
    };
    static const dc_judge forward = {.ops = {1},
                                     .arithmetic = {.accumulate = -1}};

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_endpoint *end;
        dc_result r;
        dc_error e = {.text = ""};

        mode(rows[k].mode);
        end = must_open(PIPE, PATIENT);
        if (judge_with(&forward, end, rows[k].spec, &r, &e) != DC_OK)
            fail_msg("%s: %s", rows[k].mode, e.text);
        if (r.verdict != rows[k].verdict ||
            (r.n_findings > 0) != (rows[k].check < DC_CHECKS) ||
            (r.n_findings && r.findings[0].check != rows[k].check) ||
            !strstr(r.n_findings ? r.findings[0].text : r.reason, rows[k].says))
            fail_msg("%s: %s %s %s", rows[k].mode, dc_verdict_names[r.verdict],
                     r.findings[0].text, r.reason);
        dc_endpoint_close(end);
    }
    mode("good");
    no_child("pipe");
}

/* ==== Mutants and the harness =========================================== */

static void test_mutants(void **state)
{
    static const struct {
        const char *id;
        const char *spec;
        dc_verdict verdict;
    } rows[] = {
        {"mutant:clean", INT, DC_PASS},
        {"mutant:M016", INT, DC_FAIL}, /* kernel mirrored */
        {"mutant:M016", "i3_k1_f32_int", DC_PASS},
        {"mutant:M025", INT, DC_FAIL}, /* bias dropped */
        {"mutant:M025", "i3_k2_f32_int", DC_PASS},
        {"mutant:M087", INT, DC_FAIL}, /* a gradient alone */
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_endpoint *end = must_open(rows[k].id, PATIENT);
        const dc_result r = judge(end, rows[k].spec);

        if (r.verdict != rows[k].verdict)
            fail_msg("%s on %s: %s", rows[k].id, rows[k].spec,
                     dc_verdict_names[r.verdict]);
        dc_endpoint_close(end);
    }
    no_child("mutants");
}

static void test_harness(void **state)
{
    dc_endpoint *end = must_open("fast", PATIENT);
    dc_result r;
    dc_error e = {.text = ""};

    (void)state;
    assert_int_equal(judge_with(&everything, end, "i300000000_k1", &r, &e),
                     DC_NOMEM);
    assert_non_null(strstr(e.text, "x has more than 2^28 elements"));
    dc_endpoint_close(end);
}

/* Findings beyond DC_FINDINGS_MAX count in the verdict but are not kept. */
static void test_many_findings(void **state)
{
    dc_result r;

    (void)state;
    memset(&r, 0, sizeof r);
    for (int k = 0; k < DC_FINDINGS_MAX; k++)
        assert_non_null(dc_result_find(&r, DC_FORWARD, DC_FAIL, DC_CHECK_VALUE,
                                       "number %d", k));
    assert_null(
        dc_result_find(&r, DC_GRAD_BIAS, DC_HANG, DC_CHECK_HUNG, "late"));
    assert_int_equal(r.n_findings, DC_FINDINGS_MAX);
    assert_int_equal(r.verdict, DC_HANG);
    assert_int_equal(r.by_op[DC_GRAD_BIAS], DC_HANG);
    assert_int_equal(r.by_op[DC_FORWARD], DC_FAIL);
    assert_string_equal(r.findings[DC_FINDINGS_MAX - 1].text, "number 11");
    /* a lesser one changes nothing */
    dc_result_find(&r, DC_GRAD_BIAS, DC_FAIL, DC_CHECK_VALUE, "x");
    assert_int_equal(r.by_op[DC_GRAD_BIAS], DC_HANG);
}

/* fast, over a stretch of the smoke tier. */
static void test_fast(void **state)
{
    const dc_sweep sweep = {DC_SMOKE, 5, {DC_F64, DC_F32}, 2, NULL};
    const int64_t count = dc_sweep_count(&sweep);
    dc_endpoint *end = must_open("fast", PATIENT);

    (void)state;
    for (int64_t i = 0; i < count; i += 7) {
        dc_result r;
        dc_error e = {.text = ""};

        memset(&r, 0, sizeof r);
        dc_sweep_case(&sweep, i, &r.item);
        if (dc_judge_item(&everything, end, &r, &e) != DC_OK)
            fail_msg("harness: %s", e.text);
        if (r.verdict != DC_PASS)
            fail_msg("case %lld: %s", (long long)i, r.findings[0].text);
        assert_true(r.seconds > 0);
    }
    dc_endpoint_close(end);
    no_child("fast");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_value),
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_chosen_operations),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_mutants),
        cmocka_unit_test(test_harness),
        cmocka_unit_test(test_many_findings),
        cmocka_unit_test(test_fast),
    };

    reap_orphans();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
