/* SPDX-License-Identifier: MIT
 *
 * Do the identities hold for right results, name the operation whose result
 * was spoiled, and survive an implementation that fails on the way?
 */
#include "tests/support/subject.h"

#include "oracle/judge/identity.h"

/* A case with the reference's results. */
typedef struct {
    dc_truth t;
    void *result[DC_OPS];
} setup;

static setup prepare(const char *spec)
{
    setup s;
    dc_case c;
    dc_error e = {.text = ""};

    if (dc_case_parse(spec, &c, &e) != DC_OK ||
        dc_truth_open(&s.t, &c, &e) != DC_OK)
        fail_msg("%s: %s", spec, e.text);
    for (int op = 0; op < DC_OPS; op++) {
        s.result[op] = malloc((size_t)s.t.count[op] * 8 + 1);
        assert_non_null(s.result[op]);
        assert_int_equal(dc_ref_run(&c.p, (dc_op)op, s.t.tensors, s.result[op]),
                         DC_OK);
    }
    return s;
}

static void release(setup *s)
{
    for (int op = 0; op < DC_OPS; op++)
        free(s->result[op]);
    dc_truth_close(&s->t);
}

static dc_identity adjoint(const setup *s, int mask)
{
    const void *results[DC_OPS];
    dc_identity found = {0};
    dc_error e = {.text = ""};

    for (int op = 0; op < DC_OPS; op++)
        results[op] = mask >> op & 1 ? s->result[op] : NULL;
    if (dc_identity_adjoint(&s->t, results, &found, &e) != DC_OK)
        fail_msg("harness: %s", e.text);
    return found;
}

static dc_identity difference(const setup *s, dc_endpoint *end, int mask)
{
    const void *results[DC_OPS];
    dc_identity found = {0};
    dc_error e = {.text = ""};

    for (int op = 0; op < DC_OPS; op++)
        results[op] = mask >> op & 1 ? s->result[op] : NULL;
    if (dc_identity_difference(&s->t, end, results, &found, &e) != DC_OK)
        fail_msg("harness: %s", e.text);
    return found;
}

/* result[at] += by, at an element that some product uses: the first that is not
 * zero in the tensor that it is multiplied with. */
static void spoil(setup *s, dc_op op, double by)
{
    static const dc_tensor partner[] = {
        [DC_FORWARD] = DC_GY,
        [DC_GRAD_INPUT] = DC_X,
        [DC_GRAD_WEIGHT] = DC_W,
        [DC_GRAD_BIAS] = DC_B,
    };
    const int dtype = s->t.c.p.dtype;
    int64_t at = 0;

    while (dc_format_get(dtype, s->t.tensors[partner[op]], at) == 0)
        at++;
    dc_format_set(dtype, s->result[op], at,
                  dc_format_get(dtype, s->result[op], at) + by);
}

static const char *const cases[] = {
    "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1_f32_int_r7",
    "n3_ci2_co2_i4_k3_s2_b0_f64_int_r1",
    "u1_ci2_co3_i2x3x2_k2_s1x2x3_b1_f64_int_r2",
    "ci3_co2_i5_k2_pb-1_b1_f32_int_r3",
    "n0_ci2_co2_i3_k3_b1_f32_int",
    "ci0_co2_i3_k3_b1_f32_int",
    "i3_k1_pb1_pe2_b1_f32_int", /* o = 0 */
};

enum { ALL = (1 << DC_OPS) - 1, GIVES_DIRECTION = 4 };

/* Right results agree, whichever of them are there. */
static void test_right(void **state)
{
    dc_endpoint *end = must_open("fast", PATIENT);

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        setup s = prepare(cases[k]);
        for (int mask = 1; mask <= ALL; mask += 2) {
            const dc_identity a = adjoint(&s, mask);
            const dc_identity d = difference(&s, end, mask);

            if (a.broken || d.broken)
                fail_msg("%s, mask %d: %s %s", cases[k], mask, a.text, d.text);
        }
        release(&s);
    }
    dc_endpoint_close(end);
    no_child("right results");
}

/* One unit in one element breaks both, and the gradient is named. */
static void test_spoiled(void **state)
{
    dc_endpoint *end = must_open("fast", PATIENT);

    (void)state;
    for (size_t k = 0; k < GIVES_DIRECTION; k++)
        for (int op = DC_GRAD_INPUT; op < DC_OPS; op++)
            for (int by = -1; by <= 1; by += 2) {
                setup s = prepare(cases[k]);

                if (op == DC_GRAD_BIAS && !s.t.c.p.has_bias) {
                    release(&s);
                    continue;
                }
                spoil(&s, (dc_op)op, by);
                const dc_identity a = adjoint(&s, ALL);
                const dc_identity d = difference(&s, end, ALL);
                if (!a.broken || (int)a.op != op || a.verdict != DC_FAIL ||
                    a.check != DC_CHECK_ADJOINT)
                    fail_msg("%s, %s: adjoint %d %s", cases[k], dc_ops[op].name,
                             a.broken, a.text);
                if (!d.broken || (int)d.op != op || d.verdict != DC_FAIL ||
                    d.check != DC_CHECK_DIFFERENCE)
                    fail_msg("%s, %s: difference %d %s", cases[k],
                             dc_ops[op].name, d.broken, d.text);
                /* not there, not blamed */
                assert_false(adjoint(&s, ALL & ~(1 << op)).broken);
                assert_false(difference(&s, end, ALL & ~(1 << op)).broken);
                release(&s);
            }
    dc_endpoint_close(end);
}

/* A wrong y breaks the adjoint: an operation is blamed, both sums are named. */
static void test_spoiled_forward(void **state)
{
    setup s = prepare(cases[0]);

    (void)state;
    spoil(&s, DC_FORWARD, 1);
    const dc_identity a = adjoint(&s, ALL);
    assert_true(a.broken);
    assert_int_equal(a.op, DC_GRAD_INPUT);
    assert_non_null(strstr(a.text, "<gx, x> = "));
    assert_non_null(strstr(a.text, " but <gy, y - b> = "));
    release(&s);
}

/* Further calls that fail are findings about forward, not harness faults. */
static void test_calls_that_fail(void **state)
{
    static const struct {
        const char *mode;
        double timeout;
        dc_verdict verdict;
        const char *says;
    } rows[] = {
        {"dies", PATIENT, DC_CRASH, "exited with status 1"},
        {"silent", 2, DC_HANG, "gave no answer within 2 s"},
        {"unsupported", PATIENT, DC_FAIL, "no groups"},
        {"invalid", PATIENT, DC_FAIL, "other numbers: INVALID"},
        {"shape", PATIENT, DC_FAIL, "other numbers: another shape"},
        {"late-death", PATIENT, DC_CRASH, "exited with status 5"},
    };
    setup s = prepare("ci2_co2_i3_k2_f32_int_r1");

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_endpoint *end;

        mode(rows[k].mode);
        end = must_open(PIPE, rows[k].timeout);
        const dc_identity d = difference(&s, end, ALL);
        if (!d.broken || d.op != DC_FORWARD || d.verdict != rows[k].verdict ||
            !strstr(d.text, rows[k].says))
            fail_msg("%s: %d %s", rows[k].mode, d.broken, d.text);
        dc_endpoint_close(end);
    }
    mode("good");
    release(&s);
    no_child("failing calls");
}

/* A forward that answers zeros for any input: its differences are not
 * the gradients, and the first gradient alone is named. */
static void test_constant_forward(void **state)
{
    setup s = prepare("ci2_co2_i3_k2_f32_int_r1");
    dc_endpoint *end = must_open(PIPE, PATIENT);

    (void)state;
    const dc_identity d = difference(&s, end, ALL);
    assert_true(d.broken);
    assert_int_equal(d.op, DC_GRAD_INPUT);
    assert_non_null(strstr(d.text, "<gy, f(+) - f(-)> = 0 but"));
    dc_endpoint_close(end);
    release(&s);
}

/* A problem that the endpoint refuses to send is a harness fault. */
static void test_harness(void **state)
{
    setup s = prepare("ci2_co2_i3_k2_f32_int_r1");
    dc_endpoint *end = must_open("fast", PATIENT);
    const void *results[DC_OPS] = {s.result[0], s.result[1], s.result[2],
                                   s.result[3]};
    dc_identity found = {0};
    dc_error e = {.text = ""};

    (void)state;
    s.t.c.p.o[0]++;
    assert_int_equal(dc_identity_difference(&s.t, end, results, &found, &e),
                     DC_FAILED);
    assert_non_null(strstr(e.text, "the judge's problem is illegal"));
    s.t.c.p.o[0]--;
    dc_endpoint_close(end);
    release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_spoiled),
        cmocka_unit_test(test_spoiled_forward),
        cmocka_unit_test(test_calls_that_fail),
        cmocka_unit_test(test_constant_forward),
        cmocka_unit_test(test_harness),
    };

    reap_orphans();
    mode("good");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
