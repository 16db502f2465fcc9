/* SPDX-License-Identifier: MIT
 *
 * Is everything that decides right beyond 2^16 on every axis: the second
 * reference, fast and the mutants' algorithm, the ladder, the checksum, golden
 * values?  Values in closed form (tests/support/size.h); where something
 * compares, one wrong element at an end or beside 2^16 must be seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "fast/fast.h"
#include "oracle/mutants/mutant.h"
#include "oracle/truth/golden.h"
#include "oracle/truth/ladder.h"
#include "oracle/truth/quick.h"
#include "oracle/truth/scatter.h"
#include "ref/call.h"
#include "tests/support/size.h"

static const dc_arithmetic usual = {.accumulate = -1};

static void check_scatter(const size_task *s)
{
    const void *in[DC_TENSORS];
    mpq_t *const result = calloc((size_t)s->count + 1, sizeof *result);

    memcpy(in, s->tensors, sizeof in);
    for (int64_t e = 0; e < s->count; e++)
        mpq_init(result[e]);
    assert_int_equal(dc_scatter_run(&s->p, s->op, in, result), DC_OK);
    for (int64_t e = 0; e < s->count; e++) {
        if (mpq_get_d(result[e]) != s->want[e])
            size_fail(s, e, mpq_get_d(result[e]));
        mpq_clear(result[e]);
    }
    free(result);
}

static void second_reference_at_size(void **unused)
{
    (void)unused;
    size_each(check_scatter, 1);
}

/* A result that was computed must be `want`. */
static void check_result(const size_task *s, dc_status status, const float *got)
{
    assert_int_equal(status, DC_OK);
    for (int64_t e = 0; e < s->count; e++)
        if ((double)got[e] != s->want[e])
            size_fail(s, e, (double)got[e]);
}

static void check_implementations(const size_task *s)
{
    const void *in[DC_TENSORS];
    float *const got = calloc((size_t)s->count + 1, sizeof *got);

    memcpy(in, s->tensors, sizeof in);
    check_result(s, dc_mutant_run(NULL, &s->p, s->op, in, got), got);
    memset(got, 0x55, (size_t)s->count * sizeof *got);
    check_result(s, dc_call_tensors(dc_fast_impl(), &s->p, s->op, in, got),
                 got);
    free(got);
}

static void implementations_at_size(void **unused)
{
    (void)unused;
    size_each(check_implementations, 1);
}

/* ==== Verdicts ========================================================== */

/* Is the time of the ladder within reason?  It counts the products of every
 * position, per axis. */
static bool affordable(const dc_problem *p)
{
    double pairs = 0;

    for (int a = 0; a < p->rank; a++)
        pairs += (double)p->o[a] * (double)(p->k[a] + 1) +
                 (double)p->i[a] * (double)(p->k[a] + 1);
    return pairs < 1e7;
}

/* Places where a wrong element must be seen. */
static int64_t spoiled(const size_task *s, int turn)
{
    const int64_t places[] = {s->count - 1, 65536, 0};

    return dc_min(places[turn], s->count - 1);
}
enum { SPOILED = 3 };

static double spoil(double v)
{
    return v + fabs(v) + 1;
}

static void check_ladder(dc_truth *t, const size_task *s, const dc_impl *quick)
{
    float *const got = calloc((size_t)s->count + 1, sizeof *got);
    dc_ladder *ladder;
    dc_rungs rungs = {0};
    dc_error e = {.text = ""};

    if (dc_ladder_open(&ladder, t, s->op, &usual, quick, &e) != DC_OK)
        fail_msg("%s", e.text);
    for (int64_t i = 0; i < s->count; i++)
        got[i] = (float)s->want[i];
    const dc_comparison right = dc_ladder_compare(ladder, got, &rungs);
    if (right.wrong)
        size_fail(s, right.first, NAN);
    for (int turn = 0; turn < SPOILED; turn++) {
        const int64_t at = spoiled(s, turn);

        got[at] = (float)spoil(s->want[at]);
        const dc_comparison wrong = dc_ladder_compare(ladder, got, &rungs);
        if (wrong.wrong != 1 || wrong.first != at)
            size_fail(s, at, (double)got[at]);
        got[at] = (float)s->want[at];
    }
    dc_ladder_close(ladder);
    free(got);
}

static void check_checksum(dc_truth *t, const size_task *s)
{
    dc_quick_values q;
    dc_error e = {.text = ""};

    if (dc_quick_compute(&q, t, s->op, dc_fast_impl(), &e) != DC_OK)
        fail_msg("%s", e.text);
    assert_non_null(q.v);
    for (int turn = 0; turn < SPOILED && s->op != DC_GRAD_BIAS; turn++) {
        const int64_t at = spoiled(s, turn);

        assert_true(q.v[at] == s->want[at]);
        q.v[at] = spoil(q.v[at]);
        if (dc_quick_checksum(&q, t, s->op, &e) != DC_FAILED)
            size_fail(s, at, q.v[at]);
        q.v[at] = s->want[at];
    }
    dc_quick_free(&q);
}

static void check_golden(dc_truth *t, const size_task *s)
{
    float *const got = calloc((size_t)s->count + 1, sizeof *got);
    int64_t settled[DC_GOLDEN_RUNGS] = {0};
    dc_error e = {.text = ""};
    const dc_status status = dc_golden_make(t, s->op, got, settled, &e);

    if (status != DC_OK)
        fail_msg("%s", e.text);
    check_result(s, status, got);
    free(got);
}

static void check_verdicts(const size_task *s)
{
    const dc_case c = {s->p, DC_REAL, 1};
    dc_truth t;

    if (!affordable(&s->p))
        return;
    assert_int_equal(dc_truth_open_with(&t, &c, s->tensors, NULL), DC_OK);
    check_checksum(&t, s);
    check_ladder(&t, s, dc_fast_impl());
    check_golden(&t, s);
    dc_truth_close(&t);
}

static void verdicts_at_size(void **unused)
{
    (void)unused;
    size_each(check_verdicts, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_reference_at_size),
        cmocka_unit_test(implementations_at_size),
        cmocka_unit_test(verdicts_at_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
