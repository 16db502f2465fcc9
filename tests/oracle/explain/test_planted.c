/* SPDX-License-Identifier: MIT
 *
 * Is a mistake that is planted in somebody's kernel named?  A row for each mode
 * of planted.so, judged on a few small problems.
 */
#include "oracle/judge/judge.h"
#include "tests/support/cli.h"
#include "tests/support/diagnosis.h"

/* Small problems whose axes, pads and channels differ. */
static const char *const specs[] = {
    "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1_f32_int_r1",
    "n3_ci2_co3_i4x3_k3x2_s1x2_d2x1_pb1x0_pe2x1_op0x1_b1_f32_int_r2",
    "n1_ci2_co2_i3x5_k1x3_s2x1_d1x3_pb0x2_pe0x1_op1x0_f32_int_r3",
    "n2_ci3_co3_g3_i4x2_k3x4_s2x3_d1_pb2x1_pe1x0_op0x2_b1_f32_int_r4",
    "n2_ci2_co4_i5x3_k2x1_s1_d3x1_pb2x0_pe0_op0_f32_int_r5",
    "n2_ci3_co2_i6_k3_s2_d2_pb1_pe3_op1_b1_f32_int_r6",
    "n3_ci4_co4_g2_i5_k4_s3_pb2_pe1_op2_f32_int_r7",
    "n1_ci2_co3_i7_k2_s1_d3_pb1_pe0_b1_f32_int_r8",
    "n2_ci2_co2_i4x6_k2x3_s2x1_d1x2_pb1x3_pe1x0_op1x0_b1_f64_int_r9",
    "n2_ci3_co2_i5x4_k3x3_s3x2_pb1x0_pe0x2_op1_f64_int_r10",
    "n4_ci2_co6_g2_i2x3_k3x2_s2x4_d3x1_pb3x0_pe1x1_op2x3_b1_f32_int_r11",
    "n2_ci5_co3_i9_k5_s2_pb4_pe2_op1_b1_f64_int_r12",
    "n3_ci3_co5_i3x3_k2x2_s1x3_pb1x1_pe1x0_op0x1_b1_f32_int_r13",
    "n2_ci4_co2_i2x5_k4x2_s2x2_d2x1_pb3x1_pe2x1_op1x1_f32_int_r14",
    "n2_ci2_co3_i4_k3_s2_pb1_pe1_b1_f32_int_r15",
    "n2_ci2_co2_i3x4_k2x3_s1x2_pb1_pe1_f32_int_r16",
    "n2_ci2_co2_i5x3_k1_f32_int_r17",
    "n1_ci2_co2_i4_k2_s1_d2_op1_f32_int_r18",
    "n1_ci3_co2_i7x6_k3_s2_pb1_b1_f32_int_r19", /* a large one among small */
    "n4_ci6_co4_g2_i5x4_k3_s2_d1x2_pb1x2_op1x0_b1_f32_real_r20",
    "n3_ci4_co4_i9_k4_s2_pb1_pe2_f64_real_r21",
    "n6_ci2_co2_i5x4_k2_s1x2_pb1x0_f32_real_r22",
};
enum { SPECS = sizeof specs / sizeof *specs };

/* Judges all problems; arithmetic: may it be guessed at? */
static void judge_all(const char *way, bool arithmetic, dc_failure_log *log)
{
    const dc_judge judge = {
        .ops = {1, 1, 1, 1}, .arithmetic = {.accumulate = -1}, .explain = true};
    char what[4096];
    dc_endpoint *end;
    dc_error e = {.text = ""};

    mode(way);
    end = must_open(plugin(what, "planted"), PATIENT);
    for (int k = 0; k < SPECS; k++) {
        dc_result *const r = calloc(1, sizeof *r);

        assert_non_null(r);
        r->item.c = parse(specs[k]);
        if (dc_judge_case(&judge, end, r, &e) != DC_OK)
            fail_msg("%s: %s", way, e.text);
        dc_failure_log_add(log, r);
        for (int f = 0; f < r->n_findings && !arithmetic; f++)
            if (strstr(r->findings[f].text, "as if the accumulator") ||
                strstr(r->findings[f].text, "as if the factors") ||
                strstr(r->findings[f].text, "as if sums"))
                fail_msg("%s, %s: %s", way, specs[k], r->findings[f].text);
        free(r);
    }
    dc_endpoint_close(end);
    mode("");
}

/* The mutant that is named for each operation; NULL: the operation is right. */
typedef struct {
    const char *mode;
    const char *named[DC_OPS];
} planted;

static void check_row(const planted *r)
{
    dc_failure_log *const log = calloc(1, sizeof *log);

    assert_non_null(log);
    judge_all(r->mode, false, log);
    for (int op = 0; op < DC_OPS; op++) {
        const dc_diagnosis d = must_diagnose(log, (dc_op)op, NULL, NULL);
        char *const text = diagnosis_text(&d);

        if (r->named[op] ? !d.explained ||
                               strcmp(d.candidates[0].m->id, r->named[op]) != 0
                         : d.failures > 0)
            fail_msg("%s, %s: not %s: %s", r->mode, dc_ops[op].name,
                     r->named[op] ? r->named[op] : "right", text);
        free(text);
    }
    free(log);
}

static void planted_mistakes_are_named(void **unused)
{
    static const planted rows[] = {
        {"", {NULL}},
        {"flip", {"M016", "M063", "M087"}},
        {"last-row", {"M252", "M112", "M084", "M609"}},
        {"pads-begin-end", {"M013", "M070", "M090"}},
        {"strides-of-axes", {"M601", "M601", "M601"}},
        {"pads-of-axes", {"M602", "M229", "M229"}},
        {"dilations-of-axes", {"M603", "M603", "M603"}},
        {"kernel-extents", {"M605", "M605", "M605"}},
        {"kernel-transposed", {"M604", "M604", "M604"}},
        {"weight-co-ci", {"M018", "M236", "M085"}},
        {"weight-last-ci", {"M256", "M119", "M120"}},
        {"weight-last-co", {"M606", "M606", "M606"}},
        {"weight-first-k", {"M607", "M607", "M607"}},
        {"no-dilation", {"M029", "M071", "M226"}},
        {"row-too-far", {"M608", "M608", "M608"}},
        {"op-region", {"M011", "M072", "M089", "M100"}},
        {"extent-one-more", {"M610", "M610", "M610", "M610"}},
        {"extent-without-op", {"M003", "M611", "M611", "M611"}},
        {"extent-op-times-s", {"M004", "M612", "M612", "M612"}},
        {"groups-ignored", {"M615", "M615", "M615"}},
        {"bias-twice", {"M258"}},
        {"bias-missing", {"M025"}},
        {"add", {"M037", "M067", "M088", "M104"}},
        {"crop-ignored", {"M201", "M060", "M285"}},
        {"first-item-lost", {"M616", "M616", "M616", "M616"}},
        {"last-item-lost", {"M617", "M617", "M617", "M617"}},
        {"trimmed", {"M613", "M613", "M613"}},
        {"whole-strides", {"M618", "M618", "M618", "M618"}},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        check_row(&rows[r]);
}

/* What no single defect explains is told by what the failures share. */
static void causes_are_told(void **unused)
{
    static const struct {
        const char *mode;
        dc_op op;
        const char *says;
    } rows[] = {
        {"stale-pads", DC_FORWARD,
         "forward: looks like: it depends on the calls before, or on where the "
         "tensors lie: the same call made again"},
        {"workspace", DC_GRAD_WEIGHT,
         "grad_weight: looks like: it depends on the calls before: the first "
         "of several equal calls is right"},
        {"workspace", DC_GRAD_BIAS,
         "grad_bias: looks like: it depends on the calls before"},
        {"chance", DC_FORWARD,
         "forward: looks like: it depends on the calls before, or on chance: "
         "equal calls give different results"},
        {"f16-sum", DC_FORWARD, "forward: looks like: lost precision: "},
        {"channels-last", DC_FORWARD,
         "forward: looks like: order of axes in memory: x taken for "
         "[n][i..][ci], w taken for [k..][ci][co/g], y taken for [n][o..][co]"},
        {"result-transposed", DC_GRAD_INPUT,
         "gy taken for [n][co][o..] with w before h\n    none of"},
        {"result-channel-first", DC_FORWARD, "y taken for [co][n][o..]\n"},
        {"input-channels-last", DC_GRAD_INPUT, "gx taken for [n][i..][ci]\n"},
    };
    char what[4096];

    (void)unused;
    plugin(what, "planted");
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_failure_log *const log = calloc(1, sizeof *log);
        dc_endpoint *end;
        dc_diagnosis d;
        char *text;

        assert_non_null(log);
        judge_all(rows[r].mode, strcmp(rows[r].mode, "f16-sum") == 0, log);
        mode(rows[r].mode);
        end = must_open(what, PATIENT);
        d = must_diagnose(log, rows[r].op, NULL, end);
        mode("");
        dc_endpoint_close(end);
        text = diagnosis_text(&d);
        if (d.explained || !strstr(text, rows[r].says))
            fail_msg("%s: not %s: %s", rows[r].mode, rows[r].says, text);
        free(text);
        free(log);
    }
}

/* What is added to the judge's own pattern looks unwritten, and is told from
 * it; the pattern is labelled where it is printed. */
static void adding_is_no_gap(void **unused)
{
    static const struct {
        const char *impl, *words, *says;
    } rows[] = {
        {"\"$P/planted.so\"", "--op forward --case i3_k2_b1_f32",
         "forward: written: the result is added to what y held before the "},
        {"\"$P/planted.so\"", "--op grad_weight --case i3x3_k2_f64",
         "the result is added to what gw held before the call"},
        {"\"$P/planted.so\"", "--op grad_bias --case i3_k2_f32",
         "nan (the pattern that the judge wrote before the call)"},
        {"mutant:M036", "--case i2_k1_s2_f16",
         "an element of y was never written"},
    };

    (void)unused;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        char words[512];
        outcome o;

        snprintf(words, sizeof words, "verify --no-shrink --impl %s %s",
                 rows[r].impl, rows[r].words);
        mode("add");
        o = run(words);
        mode("");
        if (o.code != 1 || !strstr(o.out, rows[r].says))
            fail_msg("%s: exit %d, or not: %s\n%.3000s", words, o.code,
                     rows[r].says, o.out);
        drop_outcome(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_mistakes_are_named),
        cmocka_unit_test(causes_are_told),
        cmocka_unit_test(adding_is_no_gap),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
