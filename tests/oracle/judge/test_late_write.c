/* SPDX-License-Identifier: MIT
 *
 * What is written after the return: found by the next call, in a case or in the
 * one after it, and by a last question before the process ends.
 */
#include "tests/support/cli.h"

#include "oracle/judge/judge.h"
#include "oracle/judge/late_write.h"
#include "oracle/mutants/mutant.h"

static const char *const spec = "n2_ci2_co3_i4_k3_s2_b1_f64_int_r1";

static const dc_judge all_ops = {.ops = {true, true, true, true},
                                 .arithmetic = {.accumulate = -1}};

static const dc_judge bias_only = {.ops = {[DC_GRAD_BIAS] = true},
                                   .arithmetic = {.accumulate = -1}};

static const dc_judge forward_only = {.ops = {[DC_FORWARD] = true},
                                      .arithmetic = {.accumulate = -1}};

static dc_endpoint *open_impl(const char *impl, const char *how)
{
    char text[4096];

    mode(how);
    return must_open(strchr(impl, ':') ? impl : plugin(text, impl), PATIENT);
}

static dc_result judge_one(dc_endpoint *end, const dc_judge *judge,
                           const char *name)
{
    dc_result r;
    dc_error e = {.text = ""};

    memset(&r, 0, sizeof r);
    r.item.c = parse(name);
    if (dc_judge_item(judge, end, &r, &e) != DC_OK)
        fail_msg("%s: %s", name, e.text);
    return r;
}

static bool settle(dc_endpoint *end, dc_result *r)
{
    bool found;
    dc_error e = {.text = ""};

    memset(r, 0, sizeof *r);
    if (dc_late_write_settle(end, r, &found, &e) != DC_OK)
        fail_msg("%s", e.text);
    return found;
}

static void command_of(const dc_result *r, char text[DC_COMMAND_MAX])
{
    static const dc_run run = {.program = "deconform",
                               .impl = "x.so",
                               .options = "",
                               .whole = " --tier smoke --jobs 1"};

    dc_result_command(r, r->findings[0].op, &run, text, DC_COMMAND_MAX);
}

/* The rows of mutant_memory.def write when the next call asks supports(). */
static void the_next_call_shows_it(void **state)
{
    static const struct {
        const char *impl;
        dc_op op;
        dc_side side;
        const char *words;
    } rows[] = {
        {"mutant:M470", DC_FORWARD, DC_SIDE_INSIDE,
         "after call 1 of this process had returned: y[0,0,0] changed from 0x"},
        {"mutant:M471", DC_GRAD_INPUT, DC_SIDE_INSIDE, "gx[0,0,0] changed"},
        {"mutant:M472", DC_GRAD_WEIGHT, DC_SIDE_INSIDE, "gw[0,0,0] changed"},
        {"mutant:M473", DC_GRAD_BIAS, DC_SIDE_INSIDE,
         "after call 4 of this process had returned: gb[0] changed from 0x"},
        {"mutant:M474", DC_FORWARD, DC_SIDE_INSIDE, ": w[0,0,0] changed from"},
        {"mutant:M475", DC_GRAD_WEIGHT, DC_SIDE_INSIDE, ": gy[0,0,0] changed"},
        {"mutant:M476", DC_GRAD_INPUT, DC_SIDE_PAST,
         "just past the end of gx, 0x"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_endpoint *const end = open_impl(rows[k].impl, "");
        const dc_result r = judge_one(end, &all_ops, spec);
        const dc_finding *const f = &r.findings[0];
        char command[DC_COMMAND_MAX];

        if (r.n_findings != 1 || f->check != DC_CHECK_LATE_WRITE ||
            r.verdict != DC_FAIL || f->op != rows[k].op ||
            f->side != rows[k].side || f->earlier ||
            !strstr(f->text, rows[k].words))
            fail_msg("%s: %s", rows[k].impl, f->text);
        assert_int_equal(dc_mutant_check(dc_mutant_find(rows[k].impl + 7)),
                         DC_CHECK_LATE_WRITE);
        command_of(&r, command);
        assert_null(strstr(command, "--op"));
        assert_non_null(strstr(command, " --case n2_ci2_co3_"));
        dc_endpoint_close(end);
    }
}

/* The last call of a case is shown by the first of the next, and reproduced by
 * the whole run. */
static void the_next_case_shows_it(void **state)
{
    dc_endpoint *const end = open_impl("mutant:M473", "");
    dc_result r = judge_one(end, &all_ops, "ci3_co2_i4x3_k2_f32_real_r3");
    char command[DC_COMMAND_MAX];

    (void)state;
    assert_int_equal(r.n_findings, 0);
    r = judge_one(end, &all_ops, "ci1_co5_i6_k2_d2_f32_short_r5");
    assert_int_equal(r.n_findings, 1);
    assert_true(r.findings[0].earlier);
    assert_int_equal(r.findings[0].op, DC_GRAD_BIAS);
    if (!strstr(r.findings[0].text,
                "after call 4 of this process, of n1_ci3_co2"
                "_g1_i4x3_k2x2_"))
        fail_msg("%s", r.findings[0].text);
    command_of(&r, command);
    assert_string_equal(command,
                        "deconform verify --impl x.so --tier smoke --jobs 1");
    dc_endpoint_close(end);
}

/* If both this case and the one before it show one, its own counts. */
static void its_own_comes_first(void **state)
{
    dc_endpoint *const end = open_impl("mutant:M470", "");
    dc_result r = judge_one(end, &all_ops, spec);

    (void)state;
    assert_int_equal(r.n_findings, 1);
    for (int k = 0; k < 2; k++) {
        r = judge_one(end, &all_ops, "n3_ci2_co1_i3_k4_s3_f32_int_r6");
        assert_int_equal(r.n_findings, 1);
        assert_false(r.findings[0].earlier);
    }
    dc_endpoint_close(end);
}

/* A thread writes 2 ms after the return: another value is seen, the same is
 * not. */
static void settling_shows_it(void **state)
{
    static const struct {
        const char *mode;
        bool found;
    } rows[] = {{"late", true}, {"late-same", false}, {"good", false}};
    dc_result r;

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_endpoint *const end = open_impl("lasting", rows[k].mode);

        r = judge_one(end, &bias_only, spec);
        assert_int_equal(r.n_findings, 0);
        assert_int_equal(r.verdict, DC_PASS);
        usleep(200000);
        assert_int_equal(settle(end, &r), rows[k].found);
        if (rows[k].found) {
            char command[DC_COMMAND_MAX];

            assert_non_null(strstr(r.findings[0].text,
                                   "after call 1 of this process had "
                                   "returned: gb[0] changed from 0x"));
            assert_true(r.requested[DC_GRAD_BIAS]);
            command_of(&r, command);
            assert_non_null(strstr(command, " --case n2_ci2_co3_"));
        }
        assert_false(settle(end, &r)); /* it is told once */
        dc_endpoint_close(end);
    }
    mode("");
}

/* No process, no call, or a pipe: there is nothing to ask.  A process that is
 * gone is a finding. */
static void there_may_be_nothing_to_settle(void **state)
{
    dc_endpoint *end = open_impl("mutant:clean", "");
    dc_result r;

    (void)state;
    assert_false(settle(end, &r));
    judge_one(end, &all_ops, spec);
    assert_false(settle(end, &r));
    assert_true(dc_endpoint_restart(end));
    assert_false(settle(end, &r));
    dc_endpoint_close(end);
    end = must_open(PIPE, PATIENT);
    judge_one(end, &forward_only, "i3_k2_f32_int");
    assert_false(settle(end, &r));
    dc_endpoint_close(end);

    end = open_impl("lasting", "dies");
    assert_int_equal(judge_one(end, &bias_only, spec).verdict, DC_PASS);
    usleep(200000);
    assert_true(settle(end, &r));
    assert_int_equal(r.verdict, DC_CRASH);
    dc_endpoint_close(end);
    mode("");
}

/* From the command line: one more result, and all kinds of reports name the
 * check. */
static void the_run_reports_it(void **state)
{
    outcome o;
    char *json;

    (void)state;
    o = run("verify --impl mutant:M471 --no-shrink --case i3_k2 --json $T/j "
            "--junit $T/x");
    json = slurp("j");
    assert_int_equal(o.code, 1);
    if (!strstr(o.out, "grad_input: late write: after call 2 of this process "
                       "had returned: gx[0,0,0] changed from 0x") ||
        !strstr(json, "\"check\":\"late write\""))
        fail_msg("%s", o.out);
    free(json);
    json = slurp("x");
    assert_non_null(strstr(json, "type=\"late write\""));
    free(json);
    drop_outcome(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_call_shows_it),
        cmocka_unit_test(the_next_case_shows_it),
        cmocka_unit_test(its_own_comes_first),
        cmocka_unit_test(settling_shows_it),
        cmocka_unit_test(there_may_be_nothing_to_settle),
        cmocka_unit_test(the_run_reports_it),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
