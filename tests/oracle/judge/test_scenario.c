/* SPDX-License-Identifier: MIT
 *
 * Scenarios: does the judge run each of them, and does it find who answers
 * wrongly?  And the tables of scenarios: legal, and what they claim to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cases/space/tier_blocks.h"
#include "cases/catalog/catalog.h"
#include "cases/catalog/scenarios.h"
#include "oracle/truth/large_expected.h"
#include "oracle/judge/judge.h"
#include "oracle/judge/stats.h"
#include "ref/format.h"
#include "tests/support/subject.h"

static const double PATIENCE = 20;

static dc_result judge_as(const char *impl, const char *mode_name,
                          const char *token, int only_forward)
{
    char path_text[4096];
    const char *what = strcmp(impl, "scenario_modes") == 0
                           ? plugin(path_text, "scenario_modes")
                           : impl;
    const dc_subject subject = {what, path("BIN", "./deconform"), PATIENCE};
    dc_judge judge = {.ops = {1, !only_forward, !only_forward, !only_forward},
                      .arithmetic = {.accumulate = -1},
                      .subject = &subject};
    dc_endpoint *end = NULL;
    dc_result r;
    dc_error e = {.text = ""};

    mode(mode_name);
    memset(&r, 0, sizeof r);
    if (dc_item_parse(token, &r.item, &e) != DC_OK ||
        dc_endpoint_open(&end, &subject, &e) != DC_OK)
        fail_msg("%s: %s", token, e.text);
    if (dc_judge_item(&judge, end, &r, &e) != DC_OK)
        fail_msg("%s: %s", token, e.text);
    dc_endpoint_close(end);
    mode("");
    return r;
}

static int has_check(const dc_result *r, dc_check check)
{
    for (int f = 0; f < r->n_findings; f++)
        if (r->findings[f].check == check)
            return 1;
    return 0;
}

static void answers_get_their_verdict(void **state)
{
    static const struct {
        const char *mode, *token;
        dc_verdict verdict;
        dc_check check; /* DC_CHECKS: no finding */
    } rows[] = {
        /* refusals */
        {"", "refuse:G0", DC_PASS, DC_CHECKS},
        {"", "refuse:RANK4", DC_PASS, DC_CHECKS},
        {"", "refuse:DTYPE_NEG", DC_PASS, DC_CHECKS},
        {"", "refuse:HUGEATTR_S", DC_PASS, DC_CHECKS},
        {"modest", "refuse:G0", DC_UNJUDGED, DC_CHECKS},
        {"accept", "refuse:G0", DC_FAIL, DC_CHECK_REFUSAL},
        {"accept", "refuse:O_NEG_H", DC_FAIL, DC_CHECK_REFUSAL},
        {"fail", "refuse:K0_H", DC_FAIL, DC_CHECK_REFUSAL},
        {"nonsense", "refuse:K0_H", DC_FAIL, DC_CHECK_REFUSAL},
        {"trap", "refuse:S0_W", DC_CRASH, DC_CHECK_CRASHED},
        /* alternation */
        {"", "alternate:op", DC_PASS, DC_CHECKS},
        {"", "alternate:rank", DC_PASS, DC_CHECKS},
        {"stale", "alternate:op", DC_FAIL, DC_CHECK_ALTERNATION},
        {"stale", "alternate:pads", DC_FAIL, DC_CHECK_ALTERNATION},
        {"moody", "alternate:g", DC_FAIL, DC_CHECK_ALTERNATION},
        /* threads */
        {"", "threads:3", DC_PASS, DC_CHECKS},
        {"threads", "threads:2", DC_PASS, DC_CHECKS},
        {"threads", "threads:3", DC_FAIL, DC_CHECK_VALUE},
        /* beyond 2^31 elements */
        {"", "large:x", DC_UNJUDGED, DC_CHECKS},
        {"large", "large:x", DC_FAIL, DC_CHECK_VALUE},
        {"fail", "large:x", DC_UNJUDGED, DC_CHECKS},
        {"spoil", "large:x", DC_FAIL, DC_CHECK_INPUTS},
        {"broken", "large:w", DC_FAIL, DC_CHECK_EXTENT},
        {"broken", "large:x", DC_UNJUDGED, DC_CHECKS}, /* pads > d*(k-1) */
        {"die", "large:x", DC_CRASH, DC_CHECK_CRASHED},
        {"full", "large:x", DC_UNJUDGED, DC_CHECKS},
        {"unsigned", "large:x", DC_PASS, DC_CHECKS},
        {"unsigned", "large:x-unsigned", DC_FAIL, DC_CHECK_VALUE},
        {"modest-all", "alternate:op", DC_UNJUDGED, DC_CHECKS},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_result r =
            judge_as("scenario_modes", rows[k].mode, rows[k].token, 1);

        if (r.verdict != rows[k].verdict ||
            (rows[k].check < DC_CHECKS ? !has_check(&r, rows[k].check)
                                       : r.n_findings > 0))
            fail_msg("mode '%s', %s: %s, %d findings, first %s: %s",
                     rows[k].mode, rows[k].token, dc_verdict_names[r.verdict],
                     r.n_findings,
                     r.n_findings ? dc_check_names[r.findings[0].check] : "-",
                     r.n_findings ? r.findings[0].text : "-");
    }
}

/* Other bits with other numbers of threads are reported, but no failure. */
static void other_bits_are_noted(void **state)
{
    static const struct {
        const char *mode, *token;
        int noted;
    } rows[] = {{"", "threads:3", 0},
                {"bits", "threads:1", 0},
                {"bits", "threads:2", 0},
                {"bits", "threads:3", 1}};
    dc_stats stats;
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    (void)state;
    assert_non_null(to);
    memset(&stats, 0, sizeof stats);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_result r =
            judge_as("scenario_modes", rows[k].mode, rows[k].token, 1);

        assert_int_equal(r.verdict, DC_PASS);
        assert_int_equal(r.n_findings, 0);
        assert_int_equal(r.measures.other_bits, rows[k].noted);
        dc_stats_add(&stats, &r);
    }
    dc_stats_print(&stats, to);
    fclose(to);
    assert_non_null(strstr(text, "with 3 threads other bits than with one"));
    free(text);
}

/* Without a subject nobody can be started with other threads. */
static void threads_need_a_subject(void **state)
{
    dc_endpoint *end = must_open("fast", PATIENCE);
    const dc_judge judge = {.ops = {1}, .arithmetic = {.accumulate = -1}};
    dc_result r;
    dc_error e = {.text = ""};

    (void)state;
    memset(&r, 0, sizeof r);
    assert_int_equal(dc_item_parse("threads:2", &r.item, &e), DC_OK);
    assert_int_equal(dc_judge_item(&judge, end, &r, &e), DC_OK);
    assert_int_equal(r.verdict, DC_UNJUDGED);
    assert_true(r.reason[0] != 0);
    dc_endpoint_close(end);
}

/* The built-in implementation passes every scenario. */
static void fast_answers_all(void **state)
{
    dc_sweep sweep = {
        .tier = DC_CI, .seed = 1, .dtypes = {DC_F32, DC_F64}, .n_dtypes = 2};
    int count[DC_ITEM_LARGE + 1] = {0};

    (void)state;
    assert_int_equal(dc_sweep_open(&sweep), DC_OK);
    for (int64_t k = 0; k < dc_tier_blocks_count(sweep.blocks); k++) {
        char token[DC_CASE_MAX];
        dc_item item;
        dc_result r;

        dc_tier_blocks_item(sweep.blocks, k, &item);
        count[item.kind]++;
        if (item.kind == DC_ITEM_CASE) { /* all of them before the scenarios */
            assert_int_equal(count[DC_ITEM_CASE], k + 1);
            continue;
        }
        dc_item_print(&item, token);
        if (count[item.kind] % 4 != 1)
            continue; /* verify runs the rest */
        r = judge_as("fast", "", token, 0);
        if (r.verdict != DC_PASS || r.n_findings)
            fail_msg("%s: %s: %s", token, dc_verdict_names[r.verdict],
                     r.n_findings ? r.findings[0].text : r.reason);
    }
    assert_true(count[DC_ITEM_CASE] > 0);
    assert_int_equal(count[DC_ITEM_REFUSAL], dc_refusals_count - 2);
    assert_int_equal(count[DC_ITEM_ALTERNATION], dc_alternations_count);
    assert_int_equal(count[DC_ITEM_THREADS], dc_thread_counts_count);
    assert_int_equal(count[DC_ITEM_LARGE], 0);
    dc_sweep_close(&sweep);
}

/* A few of the large ones are quick because the output is cropped. */
static void fast_reads_beyond_2_31(void **state)
{
    static const char *const tokens[] = {"large:x", "large:x-stride",
                                         "large:x-unsigned"};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const dc_result r = judge_as("fast", "", tokens[k], 0);

        assert_true(r.verdict == DC_PASS && r.n_findings == 0);
    }
}

/* A pipe gets the refusals, and nothing large. */
static void pipes_are_asked(void **state)
{
    static const char *const careful =
        "pipe:python3 -c \"\n"
        "import json, sys\n"
        "def say(**a): print(json.dumps(a), flush=True)\n"
        "for line in sys.stdin:\n"
        "    q = json.loads(line)\n"
        "    if q['op'] == 'hello':\n"
        "        say(id=q['id'], status='ok', name='careful', version='1')\n"
        "    elif q.get('ask') == 'refuse':\n"
        "        assert not q['tensors'] and q['case'] == 'refuse:G0'\n"
        "        assert q['problem']['g'] == 0\n"
        "        say(id=q['id'], status='invalid', reason='g = 0')\n"
        "    else:\n"
        "        say(id=q['id'], status='ok', tensors=[])\n"
        "\"";
    dc_result r = judge_as(careful, "", "refuse:G0", 0);

    (void)state;
    if (r.verdict != DC_PASS || r.n_findings)
        fail_msg("%s: %s", dc_verdict_names[r.verdict], r.findings[0].text);
    r = judge_as(careful, "", "large:x", 0);
    assert_int_equal(r.verdict, DC_UNJUDGED);
    assert_string_equal(r.reason, "a pipe would have to carry 2147483680 "
                                  "elements");
}

/* ==== The tables ======================================================== */

static void tokens_are_read_back(void **state)
{
    char text[DC_CASE_MAX];
    static const char *const refused[] = {"refuse:NONE", "refuse:", ":G0",
                                          "refused:G0",  "n2:G0",   "large:y"};
    dc_item item;
    dc_error e;

    (void)state;
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++)
        if (dc_item_parse(refused[k], &item, &e) != DC_INVALID)
            fail_msg("%s is taken", refused[k]);
    for (int row = 0; row < dc_larges_count; row++) {
        char again[DC_CASE_MAX];

        snprintf(text, sizeof text, "large:%s", dc_larges[row].name);
        assert_int_equal(dc_item_parse(text, &item, &e), DC_OK);
        assert_int_equal(item.row, row);
        dc_item_print(&item, again);
        assert_string_equal(text, again);
    }
    assert_int_equal(dc_item_parse("i3_k2", &item, &e), DC_OK);
    assert_int_equal(item.kind, DC_ITEM_CASE);
    dc_item_print(&item, text);
    assert_true(strncmp(text, "n1_ci1_co1_g1_i3_k2", 19) == 0);
    dc_tier_blocks_close(NULL);
}

/* Legal, only one field apart, the first tensors of the large ones large. */
static void questions_are_what_they_say(void **state)
{
    dc_case a;
    dc_case b;
    dc_error e;

    (void)state;
    for (int row = 0; row < dc_alternations_count; row++) {
        assert_int_equal(dc_case_parse(dc_alternations[row].a, &a, &e), DC_OK);
        if (dc_case_parse(dc_alternations[row].b, &b, &e) != DC_OK)
            fail_msg("%s: %s", dc_alternations[row].name, e.text);
        assert_memory_not_equal(&a.p, &b.p, sizeof a.p);
    }
    for (int k = 0; dc_thread_cases[k]; k++)
        assert_int_equal(dc_case_parse(dc_thread_cases[k], &a, &e), DC_OK);
    for (int row = 0; row < dc_larges_count; row++) {
        int64_t most = 0;

        if (dc_case_parse(dc_larges[row].spec, &a, &e) != DC_OK)
            fail_msg("%s: %s", dc_larges[row].name, e.text);
        assert_int_equal(a.p.rank, 1);
        for (int op = 0; op < DC_OPS; op++)
            for (int k = 0; k < dc_ops[op].takes && dc_larges[row].ops[op];
                 k++) {
                const int64_t count = dc_problem_count(&a.p, dc_ops[op].in[k]);

                most = count > most ? count : most;
                assert_in_range(dc_problem_count(&a.p, dc_ops[op].out), 1,
                                1 << 20);
            }
        if (most <= INT64_C(1)
                        << (strstr(dc_larges[row].name, "unsigned") ? 32 : 31))
            fail_msg("%s: only %lld elements", dc_larges[row].name,
                     (long long)most);
    }
}

/* The sparse reference agrees with the sum over everything on small shapes,
 * whose tensors have no zero. */
static void sparse_reference_is_right(void **state)
{
    static const char *const specs[] = {
        "n2_ci4_co6_g2_i5_k3_s2_d2_pb1_pe2_op1", "n3_ci2_co1_i7_k2_s3_pb-1",
        "n1_ci1_co2_i2_k5_pb3", "n2_ci3_co3_g3_i1_k2_s4_op3"};

    (void)state;
    for (size_t q = 0; q < sizeof specs / sizeof *specs; q++) {
        double expected[DC_OPS][512] = {{0}};
        dc_case c;
        dc_error e;

        assert_int_equal(dc_case_parse(specs[q], &c, &e), DC_OK);
        const dc_problem p = c.p;
        const int64_t ci_g = p.ci / p.g, co_g = p.co / p.g;

        for (int64_t n = 0; n < p.n; n++)
            for (int64_t ci = 0; ci < p.ci; ci++)
                for (int64_t cc = 0; cc < co_g; cc++)
                    for (int64_t j = 0; j < p.i[0]; j++)
                        for (int64_t t = 0; t < p.k[0]; t++) {
                            const int64_t o = j * p.s[0] - p.pb[0] + t * p.d[0];
                            const int64_t co = ci / ci_g * co_g + cc;
                            const int64_t x = (n * p.ci + ci) * p.i[0] + j;
                            const int64_t w = (ci * co_g + cc) * p.k[0] + t;
                            const int64_t y = (n * p.co + co) * p.o[0] + o;

                            if (o < 0 || o >= p.o[0])
                                continue;
                            expected[DC_FORWARD][y] +=
                                dc_large_value(&p, DC_X, x) *
                                dc_large_value(&p, DC_W, w);
                            expected[DC_GRAD_INPUT][x] +=
                                dc_large_value(&p, DC_GY, y) *
                                dc_large_value(&p, DC_W, w);
                            expected[DC_GRAD_WEIGHT][w] +=
                                dc_large_value(&p, DC_GY, y) *
                                dc_large_value(&p, DC_X, x);
                        }
        for (int64_t y = 0; y < p.n * p.co * p.o[0]; y++)
            expected[DC_GRAD_BIAS][y / p.o[0] % p.co] +=
                dc_large_value(&p, DC_GY, y);
        for (int op = 0; op < DC_OPS; op++)
            for (int64_t i = 0; i < dc_problem_count(&p, dc_ops[op].out); i++)
                if (dc_large_expected(&p, (dc_op)op, i) != expected[op][i])
                    fail_msg("%s: %s at %lld", specs[q], dc_ops[op].name,
                             (long long)i);
    }
}

static void ranges_hold_the_edges(void **state)
{
    const dc_problem large = {
        .rank = 1, .n = 1, .ci = 1, .i = {INT64_C(1) << 33}};
    static const int64_t edges[] = {INT64_C(1) << 31, INT64_C(1) << 32};
    static const int64_t counts[] = {1,
                                     1 << 20,
                                     1 << 21,
                                     INT64_C(1) << 31,
                                     (INT64_C(1) << 31) + 1,
                                     (INT64_C(1) << 31) + 40,
                                     (INT64_C(1) << 32) - 1,
                                     (INT64_C(1) << 32) + 7,
                                     INT64_C(1) << 33};

    (void)state;
    assert_true(dc_large_value(&large, DC_X, 1000) == 0);
    assert_true(dc_large_value(&large, DC_X, 1) != 0);
    for (int k = 0; k < 2; k++)
        assert_true(dc_large_value(&large, DC_X, edges[k]) != 0);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        int64_t r[DC_LARGE_RANGES][2];
        const int n = dc_large_ranges(counts[k], r);
        int met = 0; /* edges that lie within the tensor, and within a range */

        assert_int_equal(r[0][0], 0);
        assert_int_equal(r[n - 1][1], counts[k]);
        for (int q = 0; q < n; q++) {
            assert_true(r[q][0] < r[q][1]);
            assert_true(q == 0 || r[q - 1][1] <= r[q][0]);
            for (int edge = 0; edge < 2; edge++)
                met += r[q][0] < edges[edge] && r[q][1] > edges[edge];
        }
        assert_int_equal(met, (counts[k] > edges[0]) + (counts[k] > edges[1]));
    }
}

static void odd_cases_are_legal(void **state)
{
    int64_t empty = 0;
    int seen[40][40] = {{0}};

    (void)state;
    for (int64_t k = 0; k < dc_edge_shapes_count(); k++) {
        dc_item item;
        dc_problem p;
        dc_error e;

        dc_edge_shapes_case(k, &item);
        p = item.c.p;
        if (dc_problem_check(&p, &e) != DC_OK)
            fail_msg("%s %lld: %s", item.name, (long long)k, e.text);
        for (int t = DC_X; t <= DC_GY; t++)
            if (dc_problem_count(&p, (dc_tensor)t) == 0) {
                empty++;
                assert_string_equal(item.name, "zero-size");
                break;
            }
        if (strcmp(item.name, "channel-ladder") == 0)
            seen[p.ci / p.g][p.co / p.g]++;
    }
    assert_true(empty > 300);
    assert_true(seen[23][25] && seen[33][1] && seen[5][7]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_read_back),
        cmocka_unit_test(questions_are_what_they_say),
        cmocka_unit_test(sparse_reference_is_right),
        cmocka_unit_test(ranges_hold_the_edges),
        cmocka_unit_test(odd_cases_are_legal),
        cmocka_unit_test(answers_get_their_verdict),
        cmocka_unit_test(other_bits_are_noted),
        cmocka_unit_test(threads_need_a_subject),
        cmocka_unit_test(fast_answers_all),
        cmocka_unit_test(fast_reads_beyond_2_31),
        cmocka_unit_test(pipes_are_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
