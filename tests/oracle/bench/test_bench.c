/* SPDX-License-Identifier: MIT
 *
 * `bench`: its options, its numbers, its reports.  No rate is expected of the
 * machine, only that what is told hangs together.
 */
#include "tests/support/cli.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <math.h>

#include "oracle/bench/bench.h"
#include "oracle/bench/bench_peak.h"
#include "oracle/bench/bench_report.h"

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))
#define QUICK       "bench --small --repeat 1 --layers voxgan "

/* ==== Options =========================================================== */

static void options_are_checked(void **state)
{
    static const row rows[] = {
        {"bench --help", 0, "hifigan_3"},
        {QUICK, 0, "voxgan     grad_weight"},
        {"bench --fast", 2, "bench: unknown option --fast"},
        {"bench --impl", 2, "bench: --impl needs a value"},
        {"bench fast", 2, "bench: unexpected argument fast"},
        {"bench --op forwards", 2, "bench: --op forwards: a list of forward"},
        {"bench --op ''", 2, "a list of forward"},
        {"bench --op forward,", 2, "a list of forward"},
        {"bench --dtype f31", 2, "bench: --dtype f31: f64, f32, f16 or bf16"},
        {"bench --dtype f32,f64", 2, "--dtype f32,f64: f64"},
        {"bench --threads 0", 2, "--threads 0: a number of 1..256"},
        {"bench --threads 257", 2, "a number of 1..256"},
        {"bench --threads 2x", 2, "--threads 2x: a number"},
        {"bench --threads -1", 2, "--threads -1: a number"},
        {"bench --repeat 1000", 2, "--repeat 1000: a number of 1..999"},
        {"bench --repeat ''", 2, "a number of 1..999"},
        {"bench --seconds 0", 2, "seconds between 0.001 and 60"},
        {"bench --seconds 61", 2, "seconds between 0.001 and 60"},
        {"bench --seconds nan", 2, "seconds between"},
        {"bench --seconds 1s", 2, "seconds between"},
        {"bench --repeat 2 --seconds 1", 2, "exclude each other"},
        {"bench --csv a --plot a", 2, "two reports into the same file a"},
        {QUICK "--judge", 0, "voxgan     grad_weight"},
        {QUICK "--judge --op grad_bias", 0, "voxgan     grad_bias"},
        {QUICK "--judge --dtype bf16", 2, "fast answered UNSUPPORTED in bf16"},
        {"bench --judge --vs fast", 2, "--judge measures fast alone"},
        {"bench --judge --csv f", 2, "--judge measures fast alone"},
        {"bench --layers nothing", 2, "--layers nothing matches no layer"},
        {"bench --layers ''", 2, "matches no layer"},
        {"bench --vs 1 --vs 2 --vs 3 --vs 4 --vs 5", 2,
         "--vs 5: more than four to compare with"},
        {"bench --impl nobody", 2, "unknown implementation nobody"},
        {"bench --vs ./nowhere.so", 2, "./nowhere.so: no such file"},
        {"bench --vs $P/nosymbol.so", 2, "exports no symbol deconform_plugin"},
        {"bench --vs 'pipe:exit 3'", 2, "pipe:exit 3: "},
        {QUICK "--csv /nowhere/f", 2, "cannot write /nowhere/f: No such"},
        {QUICK "--json /nowhere/f", 2, "cannot write /nowhere/f: No such"},
        {QUICK "--plot /nowhere/f", 2, "cannot write /nowhere/f: No such"},
        {QUICK "--csv /dev/full", 2, "cannot write /dev/full: No space"},
        {QUICK "--json /dev/full", 2, "cannot write /dev/full: No space"},
        {QUICK "--plot /dev/full", 2, "cannot write /dev/full: No space"},
    };

    (void)state;
    CHECK(rows);
}

static void defaults_are_as_the_help_says(void **state)
{
    char verb[] = "bench";
    char *words[] = {verb, NULL};
    dc_bench b;
    dc_error e;

    (void)state;
    assert_int_equal(dc_bench_read(&b, 1, words, &e), DC_OK);
    assert_string_equal(b.what[0], "fast");
    assert_int_equal(b.count, 1);
    assert_int_equal(b.dtype, DC_F32);
    assert_int_equal(b.plan.threads, 1);
    assert_int_equal(b.plan.repeat, 9);
    assert_true(b.ops[DC_FORWARD] && b.ops[DC_GRAD_INPUT] &&
                b.ops[DC_GRAD_WEIGHT] && !b.ops[DC_GRAD_BIAS]);
    assert_null(b.layers);
}

/* ==== Numbers =========================================================== */

static void quartiles_are_interpolated(void **state)
{
    static const struct {
        double values[5];
        int count;
        double median, q1, q3, spread;
    } rows[] = {
        {{3}, 1, 3, 3, 3, 0},
        {{4, 2}, 2, 3, 2.5, 3.5, 1.0 / 3},
        {{5, 1, 3}, 3, 3, 2, 4, 2.0 / 3},
        {{8, 1, 2, 4}, 4, 3, 1.75, 5, 3.25 / 3},
        {{0, 0}, 2, 0, 0, 0, 0},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        double v[5];
        dc_quartiles q;

        memcpy(v, rows[k].values, sizeof v);
        q = dc_bench_quartiles(v, rows[k].count);
        assert_true(fabs(q.median - rows[k].median) < 1e-15);
        assert_true(fabs(q.q1 - rows[k].q1) < 1e-15);
        assert_true(fabs(q.q3 - rows[k].q3) < 1e-15);
        assert_true(fabs(dc_bench_spread(&q) - rows[k].spread) < 1e-15);
    }
}

static void yardsticks_measure_something(void **state)
{
    static char in[3 << 20];
    static char out[3 << 20];
    const dc_traffic t = {.in = {in, NULL, in + 1},
                          .in_bytes = {sizeof in, 0, 1000},
                          .out = out,
                          .out_bytes = sizeof out - 5,
                          .threads = 3};

    (void)state;
    for (int threads = 1; threads <= 2; threads++)
        for (int dtype = DC_F64; dtype <= DC_F32; dtype++)
            assert_true(dc_bench_peak_fma(dtype, threads, 1e-3) > 1e8);
    assert_true(dc_bench_peak_traffic(&t, 2) > 0);
    /* written to the last byte, and not beyond */
    assert_int_equal(out[sizeof out - 6], 1);
    assert_int_equal(out[sizeof out - 5], 0);
    assert_true(strlen(dc_bench_peak_level()) > 0);
}

/* ==== Fates ============================================================= */

static void every_fate_is_told(void **state)
{
    static const row rows[] = {
        {QUICK "--op forward --vs $P/sample.so", 0, "B: sample = "},
        {QUICK "--op forward --vs $P/bench_modes.so", 0,
         "prepared outside the clock"},
        /* zeros are no convolution */
        {QUICK "--op forward --vs $P/bench_modes.so", 0,
         "WARNING: the results of fast and bench_modes differ by 1.0e+00"},
        {QUICK "--op forward --vs $P/bench_modes.so", 0,
         "WARNING: 1 results disagree (!)"},
        {QUICK "--op grad_input --vs $P/bench_modes.so", 0, "       -     - "},
        {QUICK "--op grad_weight --vs $P/bench_modes.so", 0,
         "failed: bench_modes: grad_weight answered FAILED"},
        {QUICK "--op grad_bias --vs $P/bench_modes.so", 0, "grad_bias"},
        {QUICK "--op grad_input --impl $P/bench_modes.so --vs fast", 0,
         "grad_input       -    -    -"},
        {QUICK "--op grad_weight --impl $P/bench_modes.so", 77,
         "failed: bench_modes: grad_weight"},
        {QUICK "--dtype bf16", 77, "grad_weight      -    -    -"},
        {QUICK "--dtype f64 --threads 2", 0, "f64, 2 threads"},
        {"bench --small --seconds 0.01 --layers 'dcgan_[23],f*8' --op forward",
         0, "fcn_up8    forward"},
        {QUICK "--op forward --vs fast --vs fast --vs fast --vs fast", 0,
         "B/A the fastest"},
        {QUICK "--op forward --vs pipe:tests/pipes/answer.py", 0,
         "answer was timed with transport"},
        {QUICK "--op forward --impl mutant:M001", 0, "forward"},
    };

    (void)state;
    CHECK(rows);
}

static void a_pipe_is_told_apart(void **state)
{
    static const struct {
        const char *mode;
        const char *says;
    } rows[] = {
        {"clock", "answer was timed by its own clock"},
        {"unsupported", "       -     - "},
        {"dies", "failed: answer: forward"},
        {"shape", "failed: answer: another shape"},
        {"late-death", "failed: answer: forward"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        outcome o;

        setenv("DC_TEST_MODE", rows[k].mode, 1);
        o = run("bench --small --repeat 1 --layers encodec --op forward "
                "--vs pipe:tests/pipes/answer.py");
        unsetenv("DC_TEST_MODE");
        if (o.code != 0 || !strstr(o.out, rows[k].says))
            fail_msg("%s: exit %d, stdout: %s\nstderr: %s", rows[k].mode,
                     o.code, o.out, o.err);
        drop_outcome(&o);
    }
}

/* The clock of bench_modes is exact: ten runs take ten times as long, and a
 * machine without noise gives ratios without spread. */
static void ratios_and_rates_are_exact(void **state)
{
    outcome o = run(QUICK "--op forward --impl $P/bench_modes.so --vs "
                          "$P/bench_modes.so --csv $T/f");
    char *text = slurp("f");
    double seconds, gflops, ratio;
    const char *at = strstr(text, ",A,");

    (void)state;
    assert_int_equal(o.code, 0);
    assert_non_null(at);
    /* impl, version, timing, status, rounds, repetitions, noisy, disagrees */
    for (int k = 0; k < 9; k++)
        at = strchr(at + 1, ',');
    assert_int_equal(
        sscanf(at, ",%lf,%*f,%*f,%lf,%*f,%lf", &seconds, &gflops, &ratio), 3);
    assert_true(fabs(seconds - 1e-3) < 1e-9);
    assert_true(fabs(ratio - 1) < 1e-9);
    /* 1 image, 8 x 4 filters, every tap of a 4^3 kernel on 3^3 inputs that
     * lands: per axis 12 less the 2 that the padding crops */
    assert_true(fabs(gflops - 2 * 32 * 10 * 10 * 10 / 1e-3 * 1e-9) < 1e-6);
    free(text);
    drop_outcome(&o);
}

/* ==== Reports =========================================================== */

static int count_of(xmlDocPtr svg, const char *path)
{
    xmlXPathContextPtr c = xmlXPathNewContext(svg);
    xmlXPathObjectPtr found;
    int n;

    xmlXPathRegisterNs(c, BAD_CAST "s", BAD_CAST "http://www.w3.org/2000/svg");
    found = xmlXPathEvalExpression(BAD_CAST path, c);
    n = found && found->nodesetval ? found->nodesetval->nodeNr : -1;
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(c);
    return n;
}

static int commas(const char *line)
{
    int n = 0;

    for (; *line && *line != '\n'; line++)
        n += *line == ',';
    return n;
}

static void reports_can_be_read(void **state)
{
    outcome o = run("bench --small --repeat 2 --layers 'voxgan,dcgan_out' "
                    "--vs $P/sample.so --vs $P/bench_modes.so --op "
                    "forward,grad_input --csv $T/c --json $T/j --plot $T/s");
    char *csv = slurp("c");
    char *json = slurp("j");
    char *svg = slurp("s");
    json_t *j = json_loads(json, 0, NULL);
    const json_t *first;
    xmlDocPtr doc = xmlReadMemory(svg, (int)strlen(svg), "s", NULL, 0);

    (void)state;
    assert_int_equal(o.code, 0);
    /* 2 layers x 2 operations x 3 implementations, and the header */
    assert_int_equal(lines_of(csv), 13);
    for (const char *line = csv; *line; line = strchr(line, '\n') + 1)
        assert_int_equal(commas(line), commas(csv));
    assert_non_null(strstr(csv, "modes"));
    assert_non_null(strstr(csv, ",UNSUPPORTED,"));

    assert_non_null(j);
    assert_int_equal(json_array_size(json_object_get(j, "rows")), 12);
    assert_int_equal(json_array_size(json_object_get(j, "subjects")), 3);
    /* forward: two rivals, the fastest, the share; grad_input: one rival */
    assert_int_equal(json_array_size(json_object_get(j, "means")), 7);
    first = json_array_get(json_object_get(j, "rows"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "layer")),
                        "dcgan_out");
    assert_true(json_number_value(json_object_get(first, "seconds")) > 0);
    assert_true(json_number_value(json_object_get(first, "gflops")) > 0);

    assert_non_null(doc);
    /* bars carry a title: 2 rivals x 2 layers, and one of them refuses
     * grad_input */
    assert_int_equal(count_of(doc, "//s:rect[s:title]"), 6);
    xmlFreeDoc(doc);
    json_decref(j);
    free(csv);
    free(json);
    free(svg);
    drop_outcome(&o);
}

static void a_chart_without_rivals_shows_shares(void **state)
{
    outcome o = run(QUICK "--plot $T/s");
    char *svg = slurp("s");

    (void)state;
    assert_int_equal(o.code, 0);
    assert_non_null(strstr(svg, "share of the multiply-add peak"));
    free(svg);
    drop_outcome(&o);
}

static void no_line_is_wider_than_the_table(void **state)
{
    static const char *const words[] = {
        QUICK "--vs $P/sample.so",
        QUICK "--vs $P/sample.so --vs fast",
        QUICK "--vs $P/sample.so --vs fast --vs fast --vs $P/bench_modes.so",
    };

    (void)state;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        outcome o = run(words[k]);

        for (const char *line = o.out; *line;) {
            const size_t n = strcspn(line, "\n");

            if (n > 100)
                fail_msg("%zu columns: %.*s", n, (int)n, line);
            line += n + 1;
        }
        drop_outcome(&o);
    }
}

/* Quartiles that no machine would give, and names with markup. */
static void words_cannot_break_a_chart(void **state)
{
    static const dc_layer layers[] = {{.name = "a<b"}, {.name = "\"c\" & 'd'"}};
    static const dc_quartiles q[] = {
        {2, 1.5, 3}, {0, 0, 0}, {INFINITY, 1, INFINITY}, {0.01, 0.001, 0.02}};
    static const dc_bench_subject subjects[] = {
        {.label = "<svg>"}, {.label = "a<b"}, {.label = "&amp;"}};
    const dc_bench_plan plan = {.threads = 1};
    dc_bench_row rows[4] = {{.layer = NULL}};
    dc_bench_result r = {
        .plan = &plan, .coretype = "", .subjects = subjects, .rows = rows};

    (void)state;
    for (int k = 0; k < 4; k++) {
        rows[k].layer = &layers[k / 2];
        rows[k].op = k % 2 ? DC_GRAD_INPUT : DC_FORWARD;
        rows[k].peak = rows[k].of[1].ratio = q[k];
        rows[k].of[2].ratio = q[3];
    }
    for (r.count = 1; r.count <= 3; r.count += 2)
        for (r.n_rows = 0; r.n_rows <= 4; r.n_rows += 4) {
            char *text = NULL;
            size_t size;
            FILE *f = open_memstream(&text, &size);
            const bool drawn = r.n_rows > 0;
            const bool rivals = r.count > 1;
            xmlDocPtr doc;

            assert_true(dc_bench_report_plot(f, &r));
            fclose(f);
            doc = xmlReadMemory(text, (int)size, "s", NULL, 0);
            assert_non_null(doc);
            /* two of the four quartiles can be drawn, and all of rival 2 */
            assert_int_equal(count_of(doc, "//s:rect[s:title]"), !drawn   ? 0
                                                                 : rivals ? 6
                                                                          : 2);
            assert_int_equal(count_of(doc, "//s:text[contains(., '<svg>')]"),
                             rivals ? 1 : 2);
            /* a layer's name in both panels, and a rival's in the legend */
            assert_int_equal(count_of(doc, "//s:text[. = 'a<b']"),
                             (drawn ? 2 : 0) + (rivals ? 1 : 0));
            xmlFreeDoc(doc);
            free(text);
        }
}

static void an_interrupt_keeps_what_was_measured(void **state)
{
    outcome o =
        shell("timeout --foreground --preserve-status -s INT 8 \"$D\" bench "
              "--small --seconds 1 --csv $T/c");
    char *csv = slurp("c");

    (void)state;
    assert_int_equal(o.code, 130);
    assert_non_null(strstr(o.out, "geometric means"));
    assert_true(lines_of(csv) >= 2);
    free(csv);
    drop_outcome(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(defaults_are_as_the_help_says),
        cmocka_unit_test(quartiles_are_interpolated),
        cmocka_unit_test(yardsticks_measure_something),
        cmocka_unit_test(every_fate_is_told),
        cmocka_unit_test(a_pipe_is_told_apart),
        cmocka_unit_test(ratios_and_rates_are_exact),
        cmocka_unit_test(reports_can_be_read),
        cmocka_unit_test(a_chart_without_rivals_shows_shares),
        cmocka_unit_test(no_line_is_wider_than_the_table),
        cmocka_unit_test(words_cannot_break_a_chart),
        cmocka_unit_test(an_interrupt_keeps_what_was_measured),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
