/* SPDX-License-Identifier: MIT
 *
 * Is a known defect recognised from its failures, and are the failures of an
 * unknown one described by what they have in common?
 */
#include "oracle/explain/analysis.h"
#include "tests/support/diagnosis.h"

static const dc_judge everything = {.ops = {1, 1, 1, 1},
                                    .arithmetic = {.accumulate = -1}};

static const dc_sweep smoke = {
    DC_SMOKE, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL};

/* Judges op (DC_OPS: all operations) on every step-th case of the smoke tier
 * of the families int, probe, short and real. */
static dc_analysis gather(const char *what, dc_op op, int64_t step)
{
    dc_judge judge = everything;
    dc_endpoint *const end = must_open(what, 1);
    dc_analysis a;
    dc_error e = {.text = ""};

    for (int k = 0; k < DC_OPS; k++)
        judge.ops[k] = op == DC_OPS || k == (int)op;
    assert_int_equal(dc_analysis_open(&a), DC_OK);
    for (int64_t k = 0; k < dc_sweep_count(&smoke); k += step) {
        dc_result *const r = calloc(1, sizeof *r);

        assert_non_null(r);
        dc_sweep_case(&smoke, k, &r->item);
        if (r->item.kind == DC_ITEM_CASE && r->item.c.family <= DC_REAL &&
            dc_judge_case(&judge, end, r, &e) != DC_OK)
            fail_msg("%s: %s", what, e.text);
        dc_analysis_add(&a, r);
        free(r);
    }
    dc_endpoint_close(end);
    return a;
}

static void known_defects_are_named(void **unused)
{
    static const struct {
        const char *id;
        dc_op op;
        int64_t step;
    } rows[] = {
        {"M016", DC_FORWARD, 9},    {"M050", DC_FORWARD, 9},
        {"M003", DC_FORWARD, 10},   {"M025", DC_FORWARD, 10},
        {"M036", DC_FORWARD, 10},   {"M037", DC_FORWARD, 10},
        {"M062", DC_GRAD_INPUT, 4}, {"M086", DC_GRAD_WEIGHT, 10},
        {"M103", DC_GRAD_BIAS, 10}, {"M212", DC_FORWARD, 3},
        {"M301", DC_FORWARD, 40},   {"M305", DC_GRAD_WEIGHT, 20},
        {"M311", DC_FORWARD, 10},   {"M317", DC_FORWARD, 10},
        {"M320", DC_FORWARD, 3},    {"M326", DC_FORWARD, 5},
        {"M332", DC_FORWARD, 9},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        char what[32];
        dc_analysis a;
        dc_diagnosis d;
        char *text;

        snprintf(what, sizeof what, "mutant:%s", rows[r].id);
        /* some are shown by a comparison of operations alone */
        a = gather(what,
                   strcmp(rows[r].id, "M332") && strcmp(rows[r].id, "M320")
                       ? rows[r].op
                       : DC_OPS,
                   rows[r].step);
        d = must_diagnose(a.log, rows[r].op, NULL, NULL);
        text = diagnosis_text(&d);
        if (!d.explained || strcmp(d.candidates[0].m->id, rows[r].id) != 0)
            fail_msg("%s is not named: %s", rows[r].id, text);
        assert_int_equal(d.candidates[0].alarms, 0);
        assert_non_null(strstr(text, "looks like: "));
        assert_non_null(strstr(text, d.candidates[0].m->what));
        free(text);
        dc_analysis_close(&a);
    }
}

/* A NaN in a result of data with infinities does not show that an element was
 * left unwritten. */
static void a_nan_is_no_poison(void **unused)
{
    static const struct {
        const char *id, *spec;
        dc_op op;
    } rows[] = {
        {"M150", "i4_k2_d2_pe2_op1_bf16_special_r64724", DC_GRAD_INPUT},
        {"M152", "ci2_co2_i1_k1_s2_bf16_special_r38127", DC_GRAD_WEIGHT},
    };

    (void)unused;
    for (size_t k = 0; k < 2 * sizeof rows / sizeof *rows; k++) {
        const int without = (int)(k % 2);
        char what[32];
        dc_endpoint *end;
        dc_result *const r = calloc(1, sizeof *r);
        dc_analysis a;
        dc_diagnosis d;
        dc_error e = {.text = ""};

        assert_non_null(r);
        assert_int_equal(dc_analysis_open(&a), DC_OK);
        r->item.c = parse(rows[k / 2].spec);
        snprintf(what, sizeof what, "mutant:%s", rows[k / 2].id);
        end = must_open(what, 1);
        if (dc_judge_case(&everything, end, r, &e) != DC_OK)
            fail_msg("%s: %s", what, e.text);
        assert_int_equal(r->verdict, DC_FAIL);
        dc_analysis_add(&a, r);
        d = must_diagnose(a.log, rows[k / 2].op,
                          without ? rows[k / 2].id : NULL, NULL);
        if (without)
            for (int s = 0; s < d.n_candidates; s++)
                assert_false(d.candidates[s].m->sum & DC_NOT_CLEARED);
        else
            assert_string_equal(d.candidates[0].m->id, rows[k / 2].id);
        dc_endpoint_close(end);
        dc_analysis_close(&a);
        free(r);
    }
}

static void unknown_defects_are_described(void **unused)
{
    static const struct {
        const char *id;
        dc_op op;
        int64_t step;
        const char *facts[2];
    } rows[] = {
        {"M031", DC_FORWARD, 3, {"k = 1 on all axes", ""}},
        {"M257", DC_FORWARD, 5, {"g > 1", "in the last group"}},
        {"M027", DC_FORWARD, 6, {"n > 1", "in batch items after the first"}},
        {"M040", DC_FORWARD, 2, {"co/g > 8", "past a multiple of 8"}},
        {"M101", DC_GRAD_BIAS, 8, {"n > 1", ""}},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        char what[32];
        dc_endpoint *end;
        dc_analysis a;
        dc_diagnosis d;
        char *text;

        snprintf(what, sizeof what, "mutant:%s", rows[r].id);
        a = gather(what, rows[r].op, rows[r].step);
        end = must_open(what, 1);
        d = must_diagnose(a.log, rows[r].op, rows[r].id, end);
        text = diagnosis_text(&d);
        if (d.explained)
            fail_msg("%s is named without its entry: %s", rows[r].id, text);
        assert_non_null(strstr(text, "none of "));
        for (int f = 0; f < 2; f++)
            if (!strstr(text, rows[r].facts[f]))
                fail_msg("%s: no '%s' in: %s", rows[r].id, rows[r].facts[f],
                         text);
        free(text);
        dc_endpoint_close(end);
        dc_analysis_close(&a);
    }
}

/* ==== Facts about results that no mutant gives =========================== */

/* A pipe whose y is a Python expression of the right y: displaced, doubled,
 * zero or reversed. */
static void displacement_and_contents(void **unused)
{
    static const struct {
        const char *y; /* Python, from the right list y */
        const char *fact;
    } rows[] = {
        {"y[1:]+y[:1]", "displaced: +1 on w"},
        {"[2*v for v in y]", "every result is 2 times the right one"},
        {"[0*v for v in y]", "every wrong element is 0"},
        {"y[::-1]", "the right numbers are all there, in other places"},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        char what[1600];
        dc_endpoint *end;
        dc_analysis a;
        dc_diagnosis d;
        dc_error e = {.text = ""};
        char *text;

        /* i = o, k = 1: y is x times w */
        snprintf(
            what, sizeof what,
            "pipe:exec python3 -c \"\n"
            "import json,struct,sys\n"
            "r,o=sys.stdin.buffer,sys.stdout.buffer\n"
            "for line in r:\n"
            "    q=json.loads(line)\n"
            "    a={'id':q['id'],'status':'ok'}\n"
            "    b=b''\n"
            "    if q['op']=='hello': a.update(name='turned',version='1')\n"
            "    else:\n"
            "        t=[struct.unpack('%%dd'%%k,r.read(8*k)) for k in\n"
            "           [__import__('math').prod(u['shape'])\n"
            "            for u in q['tensors']]]\n"
            "        y=[v*t[1][0] for v in t[0]]\n"
            "        y=%s\n"
            "        a['tensors']=[{'name':'y',\n"
            "                       'shape':q['tensors'][0]['shape']}]\n"
            "        b=struct.pack('%%dd'%%len(y),*y)\n"
            "    o.write(json.dumps(a).encode()+b'\\n'+b)\n"
            "    o.flush()\n"
            "\"",
            rows[r].y);
        assert_int_equal(dc_analysis_open(&a), DC_OK);
        end = must_open(what, 10);
        for (int seed = 1; seed < 6; seed++) {
            const dc_judge forward = {.ops = {1, 0, 0, 0},
                                      .arithmetic = {.accumulate = -1}};
            dc_result *const result = calloc(1, sizeof *result);
            char spec[64];

            assert_non_null(result);
            snprintf(spec, sizeof spec, "i9_k1_f64_int_r%d", seed);
            result->item.c = parse(spec);
            if (dc_judge_case(&forward, end, result, &e) != DC_OK)
                fail_msg("%s", e.text);
            assert_int_equal(result->verdict, DC_FAIL);
            dc_analysis_add(&a, result);
            free(result);
        }
        d = must_diagnose(a.log, DC_FORWARD, NULL, end);
        text = diagnosis_text(&d);
        if (d.explained || !strstr(text, rows[r].fact))
            fail_msg("no '%s' in: %s", rows[r].fact, text);
        free(text);
        dc_endpoint_close(end);
        dc_analysis_close(&a);
    }
}

static void nothing_failed_nothing_said(void **unused)
{
    dc_analysis a = gather("mutant:clean", DC_OPS, 60);
    const dc_subject subject = subject_of("mutant:clean", 1);
    const dc_run run = {.program = "deconform", .impl = "x", .options = ""};
    const dc_diagnosis d = must_diagnose(a.log, DC_FORWARD, NULL, NULL);
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    dc_error e;

    (void)unused;
    assert_int_equal(d.failures, 0);
    assert_false(d.explained);
    assert_int_equal(dc_analysis_run(&a, &subject, &everything, true, &e),
                     DC_OK);
    assert_non_null(to);
    dc_analysis_print(&a, &run, to);
    dc_analysis_json(&a, to);
    fclose(to);
    assert_string_equal(text, "");
    free(text);
    dc_analysis_close(&a);
}

static void a_run_is_analysed(void **unused)
{
    dc_analysis a = gather("mutant:M123", DC_OPS, 5);
    const dc_subject subject = subject_of("mutant:M123", 1);
    const dc_run run = {
        .program = "deconform", .impl = "mutant:M123", .options = ""};
    char file[] = "/tmp/dc-analysis-XXXXXX";
    const int fd = mkstemp(file);
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    dc_error e = {.text = ""};

    (void)unused;
    assert_true(fd >= 0);
    if (dc_analysis_run(&a, &subject, &everything, true, &e) != DC_OK)
        fail_msg("%s", e.text);
    assert_non_null(to);
    dc_analysis_print(&a, &run, to);
    dc_analysis_json(&a, to);
    fclose(to);
    for (int op = DC_GRAD_INPUT; op < DC_OPS; op++) {
        assert_true(a.ops[op].shrunk);
        assert_true(a.ops[op].diagnosed);
        assert_non_null(strstr(text, dc_ops[op].name));
    }
    assert_false(a.ops[DC_FORWARD].diagnosed);
    assert_non_null(strstr(text, "last group left out (M123"));
    assert_non_null(strstr(text, "smallest: n1_ci2_co2_g2_i1_k1"));
    assert_non_null(strstr(text, "reproduce: deconform verify --impl "));
    assert_non_null(strstr(text, "{\"insight\":["));
    assert_int_equal(
        dc_analysis_reproduce(&a, &everything.arithmetic, file, &e), DC_OK);
    assert_int_equal(
        dc_analysis_reproduce(&a, &everything.arithmetic, "/absent/file.c", &e),
        DC_FAILED);
    assert_int_equal(
        dc_analysis_reproduce(&a, &everything.arithmetic, "/dev/full", &e),
        DC_FAILED);
    remove(file);
    free(text);
    dc_analysis_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_defects_are_named),
        cmocka_unit_test(a_nan_is_no_poison),
        cmocka_unit_test(unknown_defects_are_described),
        cmocka_unit_test(displacement_and_contents),
        cmocka_unit_test(nothing_failed_nothing_said),
        cmocka_unit_test(a_run_is_analysed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
