/* SPDX-License-Identifier: MIT
 *
 * Early cases asked again at the end of a process's life: which are kept, what
 * is found, and that nobody is accused who is right.
 */
#include "tests/support/cli.h"

#include "oracle/base/declare.h"
#include "oracle/judge/later.h"

/* Ten problems: M420 forgets the plan of one that comes back after eight. */
static const char *const specs[] = {
    "n2_ci2_co3_i4_k3_s2_b1_f64_int_r1",   "n2_ci2_co3_i5_k3_s2_f32_int_r2",
    "ci3_co2_i4x3_k2_f32_real_r3",         "ci4_co2_g2_i3x2_k3_p1_f32_int_r4",
    "ci1_co5_i6_k2_d2_f32_short_r5",       "n3_ci2_co1_i3_k4_s3_f32_int_r6",
    "ci2_co2_i2x3x2_k2_s2_b1_f32_real_r7", "ci6_co3_g3_i7_k2_f32_int_r8",
    "ci1_co1_i9_k3_s1_p1_f32_int_r9",      "ci2_co4_i2x2_k1_f32_real_r10",
};
enum { SPECS = sizeof specs / sizeof *specs };

typedef struct {
    dc_later later;
    dc_judge judge;
    dc_endpoint *end;
} worker;

static void open_worker(worker *w, const char *impl, unsigned declared)
{
    static char text[4096];

    memset(w, 0, sizeof *w);
    w->judge =
        (dc_judge){.ops = {true, true, true, true},
                   .arithmetic = {.accumulate = -1, .declared = declared}};
    w->end = must_open(strchr(impl, ':') ? impl : plugin(text, impl), PATIENT);
}

static dc_result judge_one(worker *w, const char *spec)
{
    dc_result r;
    dc_error e = {.text = ""};

    memset(&r, 0, sizeof r);
    r.item.c = parse(spec);
    if (dc_judge_item(&w->judge, w->end, &r, &e) != DC_OK)
        fail_msg("%s: %s", spec, e.text);
    dc_later_note(&w->later, &r);
    return r;
}

static bool ask_again(worker *w, dc_result *r)
{
    bool found;
    dc_error e = {.text = ""};

    memset(r, 0, sizeof *r);
    if (dc_later_ask(&w->later, &w->judge, w->end, r, &found, &e) != DC_OK)
        fail_msg("%s", e.text);
    assert_int_equal(w->later.count, 0);
    return found;
}

static void what_changed_is_found(void **state)
{
    static const struct {
        const char *impl, *mode;
        unsigned declared;
        const char *words; /* NULL: nothing is found */
        bool has_value;    /* zero, which is wrong */
        dc_status status;
    } rows[] = {
        {"mutant:M420", "", 0,
         "n2_ci2_co3_g1_i4_k3_s2_d1_pb0_pe0_op0_b1_f64_int_r1, judged right as "
         "call 1 of this process, gave other bits in y as call ",
         true, DC_OK},
        {"mutant:M420", "", DC_NONDETERMINISTIC, "gave other bits in y", true,
         DC_OK},
        {"mutant:M416", "", 0, NULL, false, DC_OK}, /* 1,000 are too many */
        {"mutant:clean", "", 0, NULL, false, DC_OK},
        {"scenario_modes", "moody", 0,
         "answered as call 1 of this process, "
         "and refused as call ",
         false, DC_UNSUPPORTED},
        {"scenario_modes", "modest-all", 0, NULL, false, DC_OK},
        {"unusual", "kahan", 0, NULL, false, DC_OK},
        {"unusual", "random", DC_NONDETERMINISTIC, NULL, false, DC_OK},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        worker w;
        dc_result r;
        bool found;

        mode(rows[k].mode);
        open_worker(&w, rows[k].impl, rows[k].declared);
        for (int s = 0; s < SPECS; s++)
            assert_true(judge_one(&w, specs[s]).verdict <= DC_PASS);
        found = ask_again(&w, &r);
        if (found != (rows[k].words != NULL) ||
            (found &&
             (r.findings[0].check != DC_CHECK_LATER || r.verdict != DC_FAIL ||
              !strstr(r.findings[0].text, rows[k].words) ||
              r.findings[0].status != rows[k].status ||
              r.findings[0].has_value != rows[k].has_value ||
              (rows[k].has_value &&
               (r.findings[0].got != 0 || r.findings[0].wrong != 1)))))
            fail_msg("%s %s: %s", rows[k].impl, rows[k].mode,
                     r.n_findings ? r.findings[0].text : "nothing");
        dc_endpoint_close(w.end);
    }
    mode("");
}

/* Neither a case by itself nor a process that is gone is asked again. */
static void nothing_is_asked_in_vain(void **state)
{
    worker w;
    dc_result r;
    int64_t process;
    int64_t calls;

    (void)state;
    open_worker(&w, "mutant:clean", 0);
    process = dc_endpoint_now(w.end).process;
    judge_one(&w, specs[0]);
    calls = dc_endpoint_now(w.end).call;
    assert_true(calls > 0);
    assert_false(ask_again(&w, &r));
    assert_int_equal(dc_endpoint_now(w.end).call, calls);
    judge_one(&w, specs[0]);
    judge_one(&w, specs[1]);
    calls = dc_endpoint_now(w.end).call;
    assert_false(ask_again(&w, &r));
    assert_int_equal(dc_endpoint_now(w.end).call, calls + 2 * DC_OPS);
    judge_one(&w, specs[0]);
    judge_one(&w, specs[1]);
    assert_int_equal(w.later.count, 2);
    assert_true(dc_endpoint_restart(w.end));
    assert_int_equal(dc_endpoint_now(w.end).process, -1);
    assert_false(ask_again(&w, &r));
    assert_int_equal(dc_endpoint_now(w.end).process, -1);
    judge_one(&w, specs[2]);
    judge_one(&w, specs[0]);
    assert_true(dc_endpoint_now(w.end).process > process);
    assert_true(dc_endpoint_restart(w.end));
    judge_one(&w, specs[1]); /* another process: the others are forgotten */
    assert_int_equal(w.later.count, 1);
    dc_endpoint_close(w.end);
}

/* The early ones and some of the later ones, of one process, if they are cheap
 * and passed. */
static void the_right_ones_are_kept(void **state)
{
    dc_later l = {.count = 0};
    dc_result r = {.verdict = DC_PASS};
    const dc_problem large = parse("n3_i10000_k1_f64").p;

    (void)state;
    assert_false(dc_later_trace(NULL, &large, DC_FORWARD, NULL).kept);
    r.item.c = parse(specs[0]);
    dc_later_note(&l, &r); /* no result */
    assert_int_equal(l.count, 0);
    r.traces[DC_GRAD_BIAS] = (dc_trace){true, {0, 7}, 1};
    for (int k = 0; k < 100; k++)
        dc_later_note(&l, &r);
    assert_int_equal(l.seen, 100);
    assert_int_equal(l.count, 24 + 2); /* numbers 32 and 64 */
    for (int64_t k = 100; k < 1 << 18; k++)
        dc_later_note(&l, &r);
    assert_true(l.count <= DC_LATER_CASES);
    r.verdict = DC_FAIL;
    dc_later_note(&l, &r);
    r.verdict = DC_PASS;
    r.item.kind = DC_ITEM_ALTERNATION;
    dc_later_note(&l, &r);
    r.item.kind = DC_ITEM_CASE;
    r.item.c = parse("i1000_k1000_f32_int");
    dc_later_note(&l, &r);
    assert_int_equal(l.seen, 1 << 18);
    r.item.c = parse(specs[0]);
    r.traces[DC_GRAD_BIAS].moment.process = 9;
    dc_later_note(&l, &r);
    assert_int_equal(l.seen, 1);
    assert_int_equal(l.count, 1);
}

/* From the command line: one more result, which counts, with a command that
 * asks all of it again. */
static void the_run_reports_it(void **state)
{
    static const char *const common =
        "verify --impl mutant:M420 --no-shrink --tier smoke --dtype f64 "
        "--match 'n[0-9]*_int_*'";
    char words[1024];
    char *at;
    char *json;
    outcome o;

    (void)state;
    snprintf(words, sizeof words,
             "%s --jobs 2 --op forward,grad_bias "
             "--shard 1/2 --json $T/j --junit $T/x",
             common);
    o = run(words);
    json = slurp("j");
    at = strstr(o.out, "reproduce: ");
    if (o.code != 1 || !at || !strstr(o.out, "forward: later: n") ||
        !strstr(at, "mutant:M420 --tier smoke --seed 1 --match "
                    "'n[0-9]*_int_*' --dtype f64 --op forward,grad_bias "
                    "--shard 1/2 --jobs 1\n") ||
        !strstr(json, "\"check\":\"later\""))
        fail_msg("exit %d\n%.3000s", o.code, o.out);
    drop_outcome(&o);
    free(json);
    json = slurp("x");
    assert_non_null(strstr(json, "type=\"later\""));
    free(json);
    o = run("verify --impl mutant:M420 --no-shrink --tier smoke --jobs 1 "
            "--trusting --dtype f64,bf16,f32 --match 'n[0-9]*_int_*'");
    if (!strstr(o.out, "mutant:M420 --tier smoke --seed 1 --match "
                       "'n[0-9]*_int_*' --dtype f64,bf16,f32 --trusting "
                       "--jobs 1\n"))
        fail_msg("exit %d\n%.3000s", o.code, o.out);
    drop_outcome(&o);
    snprintf(words, sizeof words, "%s --jobs 1 --declare nondeterministic",
             common);
    o = run(words);
    assert_int_equal(o.code, 1);
    assert_non_null(strstr(o.out, ", 1 fail, "));
    drop_outcome(&o);
    o = run("verify --impl mutant:M416 --case i3_k2 --case i4_k2");
    assert_int_equal(o.code, 0);
    assert_non_null(strstr(o.out, "deconform: 2 cases, 2 pass"));
    drop_outcome(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changed_is_found),
        cmocka_unit_test(nothing_is_asked_in_vain),
        cmocka_unit_test(the_right_ones_are_kept),
        cmocka_unit_test(the_run_reports_it),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
