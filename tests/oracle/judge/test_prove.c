/* SPDX-License-Identifier: MIT
 *
 * Does the structure proof pass what is right, in every type, refute what
 * connects wrongly, and survive crashes and refusals?
 */
#include "tests/support/subject.h"

#include "cases/space/small_scope.h"
#include "oracle/judge/judge.h"
#include "oracle/mutants/mutant.h"
#include "oracle/judge/prove.h"
#include "tests/support/parse.h"

static const dc_arithmetic usual = {.accumulate = -1};

static dc_proof prove(dc_endpoint *end, const dc_case *c, dc_op op,
                      const dc_arithmetic *a)
{
    dc_proof p;
    dc_error e = {.text = ""};

    if (dc_prove(end, c, op, a, &p, &e) != DC_OK)
        fail_msg("harness: %s", e.text);
    return p;
}

static const char *const shapes[] = {
    "i4_k3_s2_b1",
    "n2_ci2_co4_g2_i2x3_k2x2_s2x1_d1x2_pb1x0_op1x0_b1",
    "u1_ci2_co2_i3_k2_s3_op2",
    "i2x2x2_k2_s2",
    "i3_k2_p3_s2_op1",
};

/* Counts of the formula: each product of forward is one connection. */
static void test_right(void **state)
{
    dc_endpoint *const end = must_open("mutant:clean", PATIENT);

    (void)state;
    for (size_t k = 0; k < DC_FORMATS * sizeof shapes / sizeof *shapes; k++) {
        dc_case c = parse(shapes[k / DC_FORMATS]);
        int64_t connections[3];

        c.p.dtype = (int)(k % DC_FORMATS);
        for (int op = 0; op < DC_GRAD_BIAS; op++) {
            const dc_proof p = prove(end, &c, (dc_op)op, &usual);

            if (p.state != DC_PROVEN && dc_problem_count(&c.p, DC_Y))
                fail_msg("%s %s: state %d: %s", shapes[k / DC_FORMATS],
                         dc_ops[op].name, (int)p.state, p.text);
            assert_true(p.n >= c.p.n || p.state != DC_PROVEN);
            connections[op] = p.connections;
        }
        assert_int_equal(connections[0], connections[1]);
        assert_int_equal(connections[0] * c.p.n, connections[2]);
    }
    dc_endpoint_close(end);
}

/* Codes of several digits, and shorter digits if factors are rounded. */
static void test_digits(void **state)
{
    const dc_arithmetic tf32 = {.accumulate = -1, .declared = DC_TF32};
    const dc_arithmetic transform = {.accumulate = -1,
                                     .declared = DC_TRANSFORM};
    dc_endpoint *const end = must_open("mutant:clean", PATIENT);
    dc_case c = parse("ci3_co30_i3_k4_bf16");

    (void)state;
    assert_int_equal(prove(end, &c, DC_FORWARD, &usual).digits, 2 + 6);
    assert_int_equal(prove(end, &c, DC_FORWARD, &usual).state, DC_PROVEN);
    c.p.dtype = DC_F32;
    assert_int_equal(prove(end, &c, DC_FORWARD, &usual).digits, 1 + 2);
    assert_int_equal(prove(end, &c, DC_FORWARD, &tf32).digits, 1 + 4);
    assert_int_equal(prove(end, &c, DC_FORWARD, &transform).state, DC_UNPROVEN);
    c.p.dtype = DC_F64;
    assert_int_equal(prove(end, &c, DC_FORWARD, &usual).digits, 1 + 1);
    dc_endpoint_close(end);
}

/* Mutants that alter the connections, on a shape that shows it. */
static void test_wrong(void **state)
{
    static const char spec[] =
        "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1_f32";
    const dc_case c = parse(spec);
    int refuted = 0;

    (void)state;
    for (int m = 0; m < dc_mutants_count && refuted < 12; m++) {
        const dc_mutant *const x = &dc_mutants[m];
        char what[64];
        dc_endpoint *end;
        dc_proof p;

        if (x->fault != DC_FAULT_NONE || x->extent || x->needs ||
            !dc_mutant_alters(x, &c.p, DC_FORWARD) ||
            !(x->s || x->d || x->pb || x->index))
            continue;
        snprintf(what, sizeof what, "mutant:%s", x->id);
        end = must_open(what, PATIENT);
        p = prove(end, &c, DC_FORWARD, &usual);
        if (p.state == DC_REFUTED) {
            refuted++;
            assert_non_null(strstr(p.text, "the formula connects"));
        }
        dc_endpoint_close(end);
    }
    assert_true(refuted >= 12);
}

static void test_broken(void **state)
{
    static const struct {
        const char *mode;
        double timeout;
        dc_proof_state is;
        dc_outcome fate;
    } rows[] = {
        {"abort", PATIENT, DC_BROKEN, DC_CRASHED},
        {"hang", 0.2, DC_BROKEN, DC_HUNG},
        {"unsupported", PATIENT, DC_UNPROVEN, DC_ANSWERED},
        {"invalid", PATIENT, DC_UNPROVEN, DC_ANSWERED},
        {"good", PATIENT, DC_REFUTED, DC_ANSWERED},
    };
    const dc_case c = parse("ci2_co2_i3_k2");
    char what[4096];

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_endpoint *end;
        dc_proof p;

        mode(rows[r].mode);
        end = must_open(plugin(what, BAD), rows[r].timeout);
        p = prove(end, &c, DC_FORWARD, &usual);
        if (p.state != rows[r].is || p.answer.outcome != rows[r].fate)
            fail_msg("%s: state %d, fate %d", rows[r].mode, (int)p.state,
                     (int)p.answer.outcome);
        dc_endpoint_close(end);
    }
    mode("");
}

static void test_nothing_to_prove(void **state)
{
    static const char *const none[] = {"n0_i3_k2", "ci0_i3_k2", "co0_i3_k2",
                                       "i3_k3_p5"};
    const bool all[DC_OPS] = {true, true, true, true};
    const bool bias[DC_OPS] = {0, 0, 0, 1};
    dc_endpoint *const end = must_open("fast", PATIENT);

    (void)state;
    for (size_t k = 0; k < sizeof none / sizeof *none; k++) {
        dc_case c;

        if (dc_case_parse(none[k], &c, NULL) != DC_OK)
            continue; /* o < 0 */
        assert_int_equal(dc_prove_cost(&c.p, all), 0);
        assert_int_equal(prove(end, &c, DC_FORWARD, &usual).state, DC_UNPROVEN);
    }
    dc_case c = parse("ci2_co2_i4_k3");
    assert_int_equal(dc_prove_cost(&c.p, bias), 0);
    assert_true(dc_prove_cost(&c.p, all) > 0);
    assert_int_equal(prove(end, &c, DC_GRAD_BIAS, &usual).state, DC_UNPROVEN);
    c = parse("ci64_co64_i64_k3");
    assert_true(dc_prove_cost(&c.p, all) == INT64_MAX);
    c = parse("co2_i3000_k1");
    assert_int_equal(prove(end, &c, DC_GRAD_WEIGHT, &usual).state, DC_UNPROVEN);
    dc_endpoint_close(end);
}

/* `want`: a digit for each of the four items, its dc_proving. */
static void assert_chosen(const dc_item items[4], const bool ops[DC_OPS],
                          int most, const char *want)
{
    dc_proving *chosen = dc_prove_choose(items, 4, ops, most);

    assert_non_null(chosen);
    for (int i = 0; i < 4; i++)
        assert_int_equal(chosen[i], want[i] - '0');
    free(chosen);
}

/* With result.prove: a finding, or a proof that is counted. */
static void test_in_a_case(void **state)
{
    const dc_judge judge = {.ops = {1, 1, 1, 1},
                            .arithmetic = {.accumulate = -1}};
    dc_endpoint *end = must_open("fast", PATIENT);
    dc_item items[4];

    (void)state;
    memset(items, 0, sizeof items);
    items[0].c = parse("ci2_co2_i3_k2");
    items[1].c = parse("n3_ci2_co2_i3_k2_real"); /* the same geometry */
    items[2].c = parse("ci90_co90_i50_k2");      /* large */
    items[3].c = parse("ci2_co2_i3_k3");
    assert_chosen(items, judge.ops, 9, "1001");
    items[1].c = parse("n76_co4_i4_k4_s4_d3_int_r1"); /* of the scope */
    assert_chosen(items, judge.ops, 9, "1201");
    assert_chosen(items, judge.ops, 1, "1000");
    for (int k = 0; k < 2; k++) {
        dc_result r;
        dc_error e;

        memset(&r, 0, sizeof r);
        r.item = items[0];
        r.prove = (dc_proving)k;
        assert_int_equal(dc_judge_case(&judge, end, &r, &e), DC_OK);
        assert_int_equal(r.verdict, DC_PASS);
        assert_int_equal(r.measures.proved, k);
    }
    dc_endpoint_close(end);
}

/* Every geometry of the small scope is proven once, by its axes alone, and
 * whoever gets one of them wrong in any operation is refuted. */
static void test_small_scope(void **state)
{
    static const struct {
        const char *impl;
        dc_op op; /* that is refuted; DC_OPS: none */
    } rows[] = {{"mutant:clean", DC_OPS},
                {"mutant:M016", DC_FORWARD},
                {"mutant:M070", DC_GRAD_INPUT},
                {"mutant:M090", DC_GRAD_WEIGHT},
                {"mutant:M111", DC_GRAD_WEIGHT}};
    const bool all[DC_OPS] = {true, true, true, true};
    dc_small_scope *scope;
    dc_item *items;
    dc_proving *marks;
    int64_t count;
    int64_t chosen = 0;

    (void)state;
    assert_int_equal(dc_small_scope_open(&scope), DC_OK);
    count = dc_small_scope_count(scope);
    items = calloc((size_t)count, sizeof *items);
    assert_non_null(items);
    for (int64_t i = 0; i < count; i++) {
        dc_small_scope_case(scope, i, DC_F64, &items[i].c);
        items[i].name = "small-scope";
    }
    marks = dc_prove_choose(items, count, all, 0);
    assert_non_null(marks);
    for (int64_t i = 0; i < count; i++) {
        assert_true(marks[i] == DC_PROVE_AXES || marks[i] == DC_PROVE_NOTHING);
        chosen += marks[i] == DC_PROVE_AXES;
    }
    assert_int_equal(chosen,
                     dc_small_scope_count(scope) - dc_small_scope_lines(scope));
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_endpoint *const end = must_open(rows[r].impl, PATIENT);
        int refuted[DC_OPS] = {0};

        for (int64_t i = 0; i < count; i += 1501) {
            const dc_case c = dc_prove_axes(&items[i].c);

            for (int op = 0; op < DC_GRAD_BIAS; op++) {
                const dc_proof p = prove(end, &c, (dc_op)op, &usual);

                refuted[op] += p.state == DC_REFUTED;
                if (p.state == DC_PROVEN)
                    assert_true(p.calls <= 2 * 16);
                if (p.state != DC_REFUTED)
                    assert_int_equal(p.state == DC_PROVEN,
                                     dc_problem_count(&c.p, DC_Y) > 0);
            }
        }
        for (int op = 0; op < DC_GRAD_BIAS; op++)
            assert_int_equal(refuted[op] > 0, op == (int)rows[r].op);
        dc_endpoint_close(end);
    }
    free(marks);
    free(items);
    dc_small_scope_close(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_digits),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_nothing_to_prove),
        cmocka_unit_test(test_in_a_case),
        cmocka_unit_test(test_small_scope),
    };

    reap_orphans();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
