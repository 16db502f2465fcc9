/* SPDX-License-Identifier: MIT
 *
 * Is the threshold of a defect found, with the quantity that it is about, and
 * is nothing said about a defect that has none?
 */
#include "tests/support/cli.h"

#include "oracle/explain/threshold.h"
#include "oracle/mutants/mutant.h"

static const dc_judge everything = {.ops = {1, 1, 1, 1},
                                    .arithmetic = {.accumulate = -1}};

/* Judges the case, reduces it for its first finding and looks for the
 * threshold. */
static dc_threshold find(const char *what, const char *spec)
{
    const dc_subject subject = subject_of(what, 10);
    dc_result *const r = calloc(1, sizeof *r);
    dc_threshold t;
    dc_shrunk m;
    dc_endpoint *end = NULL;
    dc_error e = {.text = ""};

    assert_non_null(r);
    r->item.c = parse(spec);
    if (dc_endpoint_open(&end, &subject, &e) != DC_OK ||
        dc_judge_case(&everything, end, r, &e) != DC_OK)
        fail_msg("%s: %s", what, e.text);
    dc_endpoint_close(end);
    assert_true(r->n_findings > 0);
    if (dc_shrink_live_run(&subject, &everything, r, 0, &m, &e) != DC_OK ||
        dc_threshold_find(&subject, &everything, &m, &t, &e) != DC_OK)
        fail_msg("%s: %s", what, e.text);
    assert_in_range(t.calls, 0, DC_THRESHOLD_CALLS);
    free(r);
    return t;
}

/* The row of the mutant says what it is about, and from where on. */
static void thresholds_are_found(void **unused)
{
    static const struct {
        const char *id;
        const char *spec;
    } rows[] = {
        {"M501", "ci65_co70_i2x3_k3_p1_f32_int"},
        {"M507", "ci100_co80_i2_k3_f32_short"},
        {"M511", "ci300_co2_i2_k2_f64_int"},
        {"M525", "g80_ci80_co160_i3_k2_f64_int"},
        {"M526", "g80_ci80_co80_i3_k2_f64_int"},
        {"M534", "n2_ci2_i600_k3_f64_int"},
        {"M540", "ci2_co3_i4x4_k11x9_f64_int"},
        {"M543", "ci2_co3_i4x3_k3x17_f64_int"},
        {"M546", "i3x2_k3_s11x3_f64_int"},
        {"M551", "i3x2_k2x3_d300x1_f64_int"},
        {"M553", "ci1500_co2_i3_k2_f64_int"},
        {"M566", "ci1_co2_i9x10x11_k2_f64_int"},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_mutant *const m = dc_mutant_find(rows[r].id);
        char what[32];
        dc_threshold t;

        assert_non_null(m);
        snprintf(what, sizeof what, "mutant:%s", m->id);
        t = find(what, rows[r].spec);
        if (t.of != m->of || t.wrong != m->least || t.right != m->least - 1)
            fail_msg("%s: %s from %d on, right at %d, not %s from %d", m->id,
                     dc_size_names[t.of], (int)t.wrong, (int)t.right,
                     dc_size_names[m->of], (int)m->least);
    }
}

/* Defects of small numbers, of tails and of single numbers. */
static void others_have_none(void **unused)
{
    static const struct {
        const char *id;
        const char *spec;
    } rows[] = {
        {"M016", "n2_ci3_co2_i4x5_k3_f32_int"},        /* kernel mirrored */
        {"M040", "co27_i3_k2_f64_int"},                /* tail of 8 channels */
        {"M301", "ci40_co2_i60_k2_f64_int"},           /* a crash everywhere */
        {"M215", "g24_ci24_co24_i6_k3_s2_p1_f64_int"}, /* 24 channels */
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        char what[32];
        char text[DC_THRESHOLD_TEXT];
        dc_threshold t;

        snprintf(what, sizeof what, "mutant:%s", rows[r].id);
        t = find(what, rows[r].spec);
        dc_threshold_say(&t, text);
        assert_string_equal(text, "");
    }
}

static void it_is_said(void **unused)
{
    static const dc_threshold t = {DC_OF_CO, 65536, 65535, 20};
    char text[DC_THRESHOLD_TEXT];

    (void)unused;
    dc_threshold_say(&t, text);
    assert_string_equal(text,
                        "wrong from co = 65536 on, right at 65535 and below");
}

/* What does not show again alone has no smallest case to start from. */
static void without_a_smallest_case_there_is_none(void **unused)
{
    const dc_subject subject = subject_of("./absent.so", 1);
    dc_shrunk m = {.from = parse("co70000_i3_k2"),
                   .smallest = parse("co70000_i3_k2"),
                   .verdict = DC_FAIL};
    dc_threshold t;
    dc_error e = {.text = ""};

    (void)unused;
    assert_int_equal(dc_threshold_find(&subject, &everything, &m, &t, &e),
                     DC_OK);
    assert_int_equal(t.of, DC_OF_NOTHING);
    m.reproduced = true;
    assert_true(dc_threshold_find(&subject, &everything, &m, &t, &e) != DC_OK);
    assert_non_null(strstr(e.text, "absent.so"));
}

static void every_report_has_it(void **state)
{
    static const char said[] = "wrong from g = 33 on, right at 32 and below";
    outcome o = run("verify --impl mutant:M525 --op forward --junit $T/x "
                    "--json $T/j --case g40_ci40_co40_i2_k2_f64_int");
    char *const xml = slurp("x");
    char *const json = slurp("j");

    (void)state;
    assert_int_equal(o.code, 1);
    assert_non_null(strstr(o.out, said));
    assert_non_null(strstr(xml, said));
    assert_non_null(strstr(xml, "<system-out>forward: "));
    assert_non_null(strstr(json, said));
    assert_non_null(strstr(json, "\"wrong_from\":33"));
    free(json);
    free(xml);
    drop_outcome(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_are_found),
        cmocka_unit_test(others_have_none),
        cmocka_unit_test(it_is_said),
        cmocka_unit_test(every_report_has_it),
        cmocka_unit_test(without_a_smallest_case_there_is_none),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
