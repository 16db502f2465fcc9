/* SPDX-License-Identifier: MIT
 *
 * Can a person, a JSON parser and an XML parser read every report, whatever a
 * judged implementation put into its words, and is a report that cannot be
 * written an error?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle/report/report.h"

/* Characters that every format must escape or replace. */
#define HOSTILE "<a> & \"b\" ]]> \\ \x01\x1b[31m\xff\xc3 'q' %s %n\tend"
#define TAMED   "<a> & \"b\" ]]> \\ ??[31m?? 'q' %s %n?end"

static const dc_run run = {.program = "./deconform",
                           .impl = "pipe:./my 'odd' one",
                           .name = HOSTILE,
                           .version = "1" HOSTILE,
                           .options = " --timeout 3",
                           .dtypes = "judged in f32",
                           .seed = 9};

static char file[] = "/tmp/deconform-report-XXXXXX";

static dc_result result_of(const char *spec, dc_verdict verdict)
{
    dc_result r;

    memset(&r, 0, sizeof r);
    assert_int_equal(dc_case_parse(spec, &r.item.c, NULL), DC_OK);
    r.verdict = verdict;
    r.requested[DC_FORWARD] = r.requested[DC_GRAD_BIAS] = 1;
    r.by_op[DC_FORWARD] = verdict;
    r.seconds = 0.25;
    return r;
}

static void with_value(dc_result *r, double got, double want, double bound)
{
    dc_finding *f = dc_result_find(r, DC_FORWARD, DC_FAIL, DC_CHECK_VALUE,
                                   "2 of 7 elements of y are wrong");

    assert_non_null(f);
    f->has_value = 1;
    f->index = 5;
    f->axes = 3;
    f->at[1] = 1;
    f->at[2] = 4;
    f->wrong = 2;
    f->total = 7;
    f->got = got;
    f->want = want;
    f->got_bits = 0x3f800001;
    f->want_bits = 0x3f800000;
    f->n = 3;
    f->s = 4.5;
    f->bound = bound;
    f->ratio = bound > 0 ? 2.5 : INFINITY;
}

/* One of everything: passed, failed in each way, crashed, hung, refused. */
enum { RESULTS = 7 };

static void results(dc_result r[RESULTS])
{
    r[0] = result_of("i3_k2_f32_int", DC_PASS);
    r[1] = result_of("co2_i3_k2_f32_int_r1", DC_PASS);
    with_value(&r[1], 1 + 0x1p-23, 1, 0);
    r[2] = result_of("co2_i3_k2_f32_real_r1", DC_PASS);
    r[2].item.name = "K1S2";
    r[2].item.hunts = "a shortcut that forgets";
    with_value(&r[2], (double)NAN, -INFINITY, 1e-7);
    dc_result_find(&r[2], DC_GRAD_BIAS, DC_FAIL, DC_CHECK_INPUTS, "%s",
                   HOSTILE);
    r[3] = result_of("u1_i3_k2_f64_int", DC_PASS);
    dc_result_find(&r[3], DC_FORWARD, DC_CRASH, DC_CHECK_CRASHED, "%s",
                   HOSTILE);
    r[4] = result_of("i3_k2_f16_int", DC_PASS);
    dc_result_find(&r[4], DC_FORWARD, DC_HANG, DC_CHECK_HUNG, "no answer");
    r[5] = result_of("i3_k2_bf16_int", DC_UNJUDGED);
    snprintf(r[5].reason, sizeof r[5].reason, "%s", HOSTILE);
    r[6] = result_of("co2_i3_k2_f32_int_r2", DC_PASS);
    dc_finding *f = dc_result_find(&r[6], DC_FORWARD, DC_FAIL, DC_CHECK_WRITTEN,
                                   "never written");
    f->axes = 3;
    f->at[2] = 1;
}

static const dc_summary summary = {.cases = 7,
                                   .count = {1, 1, 3, 1, 1},
                                   .left = 2,
                                   .seed = 9,
                                   .seconds = 1.25};

typedef dc_status opener(dc_report *r, const dc_run *run, const char *path,
                         dc_error *e);

/* Writes all results into the file. */
static void write_report(opener *open_report)
{
    dc_result r[RESULTS];
    dc_report report;
    dc_error e = {.text = ""};

    results(r);
    if (open_report(&report, &run, file, &e) != DC_OK)
        fail_msg("%s", e.text);
    for (int k = 0; k < RESULTS; k++)
        report.result(&report, &r[k]);
    assert_int_equal(report.end(&report, &summary, &e), DC_OK);
}

/* The file as text; the caller frees it. */
static char *read_file(void)
{
    FILE *f = fopen(file, "r");
    char *text = calloc(1, 65536);

    assert_non_null(f);
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, f) > 0);
    fclose(f);
    return text;
}

/* ==== JSON lines ======================================================== */

static const char *string_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    if (!text)
        fail_msg("no string %s", key);
    return text;
}

static void test_json(void **state)
{
    json_t *line[RESULTS + 2];
    json_t *o;
    dc_result r[RESULTS];
    char *text;
    char *rest;
    int n = 0;

    (void)state;
    results(r);
    write_report(dc_report_json);
    text = read_file();
    for (char *at = strtok_r(text, "\n", &rest); at;
         at = strtok_r(NULL, "\n", &rest)) {
        json_error_t error;

        assert_true(n < RESULTS + 2);
        line[n] = json_loads(at, JSON_REJECT_DUPLICATES, &error);
        if (!line[n++])
            fail_msg("line %d: %s", n, error.text);
    }
    assert_int_equal(n, RESULTS + 2);

    o = json_object_get(line[0], "run");
    assert_string_equal(string_of(o, "impl"), "pipe:./my 'odd' one");
    assert_string_equal(string_of(o, "name"), TAMED);
    for (int k = 0; k < RESULTS; k++) {
        dc_case c;

        assert_int_equal(
            dc_case_parse(string_of(line[k + 1], "case"), &c, NULL), DC_OK);
        assert_memory_equal(&c, &r[k].item.c, sizeof c);
        assert_string_equal(string_of(line[k + 1], "verdict"),
                            dc_verdict_names[r[k].verdict]);
        assert_int_equal(
            json_array_size(json_object_get(line[k + 1], "findings")),
            r[k].n_findings);
        assert_string_equal(
            string_of(json_object_get(line[k + 1], "operations"), "forward"),
            dc_verdict_names[r[k].by_op[DC_FORWARD]]);
        assert_int_equal(json_object_get(line[k + 1], "reproduce") != NULL,
                         r[k].n_findings > 0);
    }
    assert_string_equal(string_of(line[6], "reason"), TAMED);
    assert_string_equal(string_of(line[3], "name"), "K1S2");
    assert_non_null(strstr(string_of(line[2], "reproduce"),
                           "./deconform verify --impl 'pipe:./my '\\''odd'\\'' "
                           "one' --timeout 3 --op forward --case n1_ci1_co2_"));

    o = json_array_get(json_object_get(line[3], "findings"), 0);
    assert_string_equal(string_of(o, "got"), "nan");
    assert_string_equal(string_of(o, "want"), "-inf");
    assert_string_equal(string_of(o, "got_bits"), "0x3f800001");
    assert_int_equal(json_integer_value(json_object_get(o, "total")), 7);
    assert_int_equal(json_array_size(json_object_get(o, "index")), 3);
    o = json_array_get(json_object_get(line[2], "findings"), 0);
    assert_string_equal(string_of(o, "ratio"), "inf");
    assert_true(json_real_value(json_object_get(o, "got")) == 1 + 0x1p-23);
    o = json_array_get(json_object_get(line[3], "findings"), 1);
    assert_string_equal(string_of(o, "text"), TAMED);
    assert_null(json_object_get(o, "index"));

    o = json_object_get(line[RESULTS + 1], "summary");
    assert_int_equal(json_integer_value(json_object_get(o, "cases")), 7);
    assert_int_equal(json_integer_value(json_object_get(o, "fail")), 3);
    assert_int_equal(json_integer_value(json_object_get(o, "not_judged")), 2);
    assert_int_equal(json_integer_value(json_object_get(o, "seed")), 9);
    for (int k = 0; k < n; k++)
        json_decref(line[k]);
    free(text);
}

/* ==== JUnit ============================================================= */

static void expect_attribute(xmlNode *node, const char *name, const char *want)
{
    xmlChar *got = xmlGetProp(node, (const xmlChar *)name);

    if (!got || strcmp((const char *)got, want) != 0)
        fail_msg("%s is %s, not %s", name, got ? (const char *)got : "absent",
                 want);
    xmlFree(got);
}

static void test_junit(void **state)
{
    static const char *const outcome[RESULTS] = {
        NULL, "failure", "failure", "error", "error", "skipped", "failure"};
    static const char *const message[RESULTS] = {
        NULL,
        "2 of 7 elements of y are wrong",
        "2 of 7 elements of y are wrong",
        TAMED,
        "no answer",
        TAMED,
        "never written"};
    xmlNode *suite;
    xmlDoc *doc;
    int n = 0;

    (void)state;
    write_report(dc_report_junit);
    doc = xmlReadFile(file, NULL, XML_PARSE_NONET | XML_PARSE_NOBLANKS);
    assert_non_null(doc);
    suite = xmlFirstElementChild(xmlDocGetRootElement(doc));
    expect_attribute(suite, "tests", "7");
    expect_attribute(suite, "failures", "3");
    expect_attribute(suite, "errors", "2");
    expect_attribute(suite, "skipped", "1");
    for (xmlNode *test = xmlFirstElementChild(suite); test;
         test = xmlNextElementSibling(test), n++) {
        xmlNode *child = xmlFirstElementChild(test);

        expect_attribute(test, "classname", "deconform." TAMED);
        assert_int_equal(child != NULL, outcome[n] != NULL);
        if (!child)
            continue;
        assert_string_equal((const char *)child->name, outcome[n]);
        expect_attribute(child, "message", message[n]);
        if (outcome[n][0] != 's') {
            xmlChar *content = xmlNodeGetContent(child);
            assert_non_null(strstr((const char *)content, "--case "));
            xmlFree(content);
        }
    }
    assert_int_equal(n, RESULTS);
    xmlFreeDoc(doc);
    xmlCleanupParser();
}

/* ==== Text ============================================================== */

/* Runs the text report with standard output in the file. */
static dc_status write_text(int64_t most, const char *to)
{
    const int saved = dup(STDOUT_FILENO);
    const int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dc_result r[RESULTS];
    dc_report report;
    dc_error e;
    dc_status status;

    assert_true(saved >= 0 && fd >= 0);
    fflush(stdout);
    dup2(fd, STDOUT_FILENO);
    close(fd);
    results(r);
    assert_int_equal(dc_report_text(&report, &run, most, &e), DC_OK);
    for (int k = 0; k < RESULTS; k++)
        report.result(&report, &r[k]);
    status = report.end(&report, &summary, &e);
    clearerr(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    return status;
}

static void test_text(void **state)
{
    static const char *const expected[] = {
        "FAIL n1_ci1_co2_g1_i3_k2_s1_d1_pb0_pe0_op0_b0_f32_int_r1\n",
        "  forward: value: 2 of 7 elements of y are wrong\n",
        "    first at y[0,1,4]\n",
        "    got   0x3f800001  0x1.000002p+0          1.00000011920928",
        "    want  0x3f800000  0x1p+0                 1\n",
        "    n = 3 products, S = 4.5, exact data: every bit counts\n",
        "    n = 3 products, S = 4.5, bound 1e-07, error/bound 2.5\n",
        "  case K1S2, which asks for: a shortcut that forgets\n",
        "CRASHED u1_n1_ci1_co1_g1_i3_",
        "HUNG n1_ci1_co1_g1_i3_",
        "    first at y[0,0,1]\n",
        "  grad_bias: inputs: " TAMED "\n",
        "  reproduce: ./deconform verify --impl 'pipe:./my '\\''odd'\\'' one' "
        "--timeout 3 --op forward --case n1_",
        "stopped early: 2 cases were not judged\n",
        "\ndeconform: 7 cases, 1 pass, 3 fail, 1 unsupported, 1 crashed, "
        "1 hung, seed 9, 1.2 s\n",
    };
    char *text;

    (void)state;
    assert_int_equal(write_text(0, file), DC_OK);
    text = read_file();
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++)
        if (!strstr(text, expected[k]))
            fail_msg("not there: %s\nin:\n%s", expected[k], text);
    for (const char *c = text; *c; c++)
        assert_true((*c >= 32 && *c < 127) || *c == '\n');
    /* it is the last line */
    assert_string_equal(strrchr(text, ':') + 1, strrchr(expected[14], ':') + 1);
    free(text);

    /* after two in full the others are only counted */
    assert_int_equal(write_text(2, file), DC_OK);
    text = read_file();
    assert_non_null(strstr(text, "3 more cases with findings are not shown"));
    assert_null(strstr(text, "HUNG"));
    free(text);
}

/* ==== What all share ==================================================== */

static void test_unwritable(void **state)
{
    static opener *const openers[] = {dc_report_json, dc_report_junit};

    (void)state;
    for (size_t k = 0; k < sizeof openers / sizeof *openers; k++) {
        dc_result r[RESULTS];
        dc_report report;
        dc_error e = {.text = ""};

        assert_int_equal(openers[k](&report, &run, "/no/such/place", &e),
                         DC_FAILED);
        assert_string_equal(
            e.text, "cannot write /no/such/place: No such file or directory");
        results(r);
        assert_int_equal(openers[k](&report, &run, "/dev/full", &e), DC_OK);
        for (int i = 0; i < 500; i++) /* more than any buffer */
            report.result(&report, &r[2]);
        assert_int_equal(report.end(&report, &summary, &e), DC_FAILED);
        assert_non_null(strstr(e.text, "cannot write /dev/full"));
    }
    assert_int_equal(write_text(0, "/dev/full"), DC_FAILED);
}

static int make_file(void **state)
{
    const int fd = mkstemp(file);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int drop_file(void **state)
{
    (void)state;
    return unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_junit),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_unwritable),
    };

    return cmocka_run_group_tests(tests, make_file, drop_file);
}
