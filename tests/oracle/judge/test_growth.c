/* SPDX-License-Identifier: MIT
 *
 * Memory that grows with every call is reported; plans, one large allocation
 * and all that is right is not.
 */
#include "tests/support/cli.h"

#include "oracle/judge/growth.h"
#include "ref/sanitized.h"

static const bool all_ops[DC_OPS] = {true, true, true, true};

/* `ops`: bits 1 << op that grow.  A pipe is asked forward alone. */
static void grows(const char *impl, const char *how, unsigned ops)
{
    static const bool forward[DC_OPS] = {[DC_FORWARD] = true};
    char text[4096];
    dc_endpoint *end;
    dc_case c = parse("n2_ci2_co3_i4_k3_s2_b1_f32_int_r1");
    dc_growth g;
    dc_result r;
    dc_error e = {.text = ""};
    unsigned found = 0;

    mode(how);
    end = must_open(strchr(impl, ':') ? impl : plugin(text, impl), PATIENT);
    memset(&r, 0, sizeof r);
    if (dc_growth_measure(end, &c, strcmp(impl, PIPE) ? all_ops : forward, 60,
                          &g, &r, &e) != DC_OK)
        fail_msg("%s", e.text);
    for (int op = 0; op < DC_OPS; op++)
        found |= (unsigned)(g.bytes[op] > 0) << op;
    if (found != ops || g.any != (ops != 0) || r.n_findings)
        fail_msg("%s %s: %x grow", impl, how, found);
    for (int op = 0; op < DC_OPS; op++)
        if (g.bytes[op] > 0)
            assert_true(g.bytes[op] > 3500 && g.bytes[op] < 6000);
    dc_endpoint_close(end);
    mode("");
}

static void who_keeps_memory_grows(void **state)
{
    (void)state;
    if (DC_SANITIZED)
        skip();
    grows("lasting", "leak", 1u << DC_FORWARD | 1u << DC_GRAD_INPUT);
    grows("lasting", "plans", 0);
    grows("lasting", "jump", 0);
    grows("lasting", "good", 0);
    grows("mutant:clean", "", 0);
    grows(PIPE, "leak", 1u << DC_FORWARD);
    grows(PIPE, "", 0);
}

static void the_time_is_bounded(void **state)
{
    dc_endpoint *const end = must_open("fast", PATIENT);
    dc_case c = parse("n2_ci2_co3_i4_k3_s2_b1_f32_int_r1");
    dc_growth g;
    dc_result r;
    dc_error e = {.text = ""};

    (void)state;
    memset(&r, 0, sizeof r);
    assert_int_equal(dc_growth_measure(end, &c, all_ops, 0, &g, &r, &e), DC_OK);
    assert_false(g.any);
    assert_int_equal(dc_endpoint_now(end).call, DC_OPS);
    assert_int_equal(dc_endpoint_memory(end) > 0, true);
    dc_endpoint_restart(end);
    assert_int_equal(dc_endpoint_memory(end), -1);
    dc_endpoint_close(end);
}

static void who_does_not_survive_is_found(void **state)
{
    char text[4096];
    dc_endpoint *end;
    dc_case c = parse("n2_ci2_co3_i4_k3_s2_b1_f32_int_r1");
    dc_growth g;
    dc_result r;
    dc_error e = {.text = ""};

    (void)state;
    mode("abort");
    end = must_open(plugin(text, BAD), PATIENT);
    memset(&r, 0, sizeof r);
    assert_int_equal(dc_growth_measure(end, &c, all_ops, 60, &g, &r, &e),
                     DC_OK);
    assert_int_equal(r.verdict, DC_CRASH);
    assert_int_equal(r.findings[0].check, DC_CHECK_CRASHED);
    assert_false(g.any);
    dc_endpoint_close(end);
    mode("");
}

static void the_run_reports_it(void **state)
{
    outcome o;
    char *json;

    (void)state;
    if (DC_SANITIZED)
        skip();
    mode("leak");
    o = run(
        "verify --impl $P/lasting.so --case i3_k2 --op forward --json $T/j");
    json = slurp("j");
    assert_int_equal(o.code, 0);
    if (!strstr(o.out, "\nmemory: the process grows by about 4") ||
        !strstr(o.out, " bytes per call of forward (asked 16 times: n1_ci1_") ||
        !strstr(json, "\"memory_growth\":{\"case\":\"n1_ci1_") ||
        !strstr(json, "\"bytes_per_call\":{\"forward\":4"))
        fail_msg("%s\n%s", o.out, json);
    free(json);
    drop_outcome(&o);
    mode("plans");
    o = run(
        "verify --impl $P/lasting.so --case i3_k2 --op forward --json $T/j");
    json = slurp("j");
    assert_int_equal(o.code, 0);
    assert_null(strstr(o.out, "memory:"));
    assert_non_null(strstr(json, "\"memory_growth\":null"));
    free(json);
    drop_outcome(&o);
    mode("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_keeps_memory_grows),
        cmocka_unit_test(the_time_is_bounded),
        cmocka_unit_test(who_does_not_survive_is_found),
        cmocka_unit_test(the_run_reports_it),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
