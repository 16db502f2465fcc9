/* SPDX-License-Identifier: MIT
 *
 * Are calls left out only after a long row without an answer, and are they made
 * again when there is one?  Which calls have how much time?
 */
#include "tests/support/subject.h"

#include "oracle/subject/endpoint_state.h"
#include "oracle/subject/silence.h"

/* Makes `calls` calls that all end like `a` after `seconds`; returns how many
 * were made. */
static int make_calls(dc_silence *s, dc_answer a, double seconds, int calls)
{
    int made = 0;

    for (int k = 0; k < calls; k++) {
        dc_answer answer;

        if (dc_silence_passes(s, DC_FORWARD, &answer)) {
            assert_int_equal(answer.outcome, a.outcome);
            assert_int_equal(strncmp(answer.reason, "not called, as ", 15), 0);
            assert_non_null(strstr(answer.reason, a.reason));
            continue;
        }
        made++;
        dc_silence_note(s, DC_FORWARD, &a, seconds);
    }
    return made;
}

static dc_answer answer_of(dc_outcome outcome)
{
    dc_answer a = dc_endpoint_blank();

    a.outcome = outcome;
    snprintf(a.reason, sizeof a.reason, "gave no answer");
    return a;
}

static void test_rows(void **state)
{
    static const struct {
        bool watched;
        dc_outcome outcome;
        double seconds;
        int made; /* of 1000 */
    } rows[] = {
        {true, DC_HUNG, 2, 5 + 5}, /* after 16, 32, ... 256 */
        {true, DC_CRASHED, 1, 10 + 5},
        {true, DC_CRASHED, 0.001, 1000}, /* costs next to nothing */
        {true, DC_ANSWERED, 60, 1000},
        {false, DC_HUNG, 60, 1000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dc_silence s = {.watched = rows[i].watched};

        assert_int_equal(
            make_calls(&s, answer_of(rows[i].outcome), rows[i].seconds, 1000),
            rows[i].made);
    }
}

/* One answer, and the row begins anew. */
static void test_answer_ends_row(void **state)
{
    dc_silence s = {.watched = true};
    const dc_answer good = answer_of(DC_ANSWERED);
    dc_answer answer;

    (void)state;
    assert_int_equal(make_calls(&s, answer_of(DC_HUNG), 5, 4), 4);
    dc_silence_note(&s, DC_FORWARD, &good, 1);
    assert_int_equal(make_calls(&s, answer_of(DC_HUNG), 5, 5), 5);
    assert_true(dc_silence_passes(&s, DC_FORWARD, &answer));
    while (dc_silence_passes(&s, DC_FORWARD, &answer))
        ;
    dc_silence_note(&s, DC_FORWARD, &good, 1);
    assert_int_equal(make_calls(&s, good, 5, 100), 100);
}

/* An operation that answers hides no other that never does; it is called on,
 * and so is everything until ten calls of any kind had no answer. */
static void test_operations_apart(void **state)
{
    dc_silence s = {.watched = true};
    const dc_answer good = answer_of(DC_ANSWERED);
    const dc_answer hung = answer_of(DC_HUNG);
    dc_answer answer;

    (void)state;
    for (int k = 0; k < 5; k++) {
        assert_false(dc_silence_passes(&s, DC_FORWARD, &answer));
        dc_silence_note(&s, DC_FORWARD, &hung, 10);
        assert_false(dc_silence_passes(&s, DC_GRAD_INPUT, &answer));
        dc_silence_note(&s, DC_GRAD_INPUT, &good, 1);
    }
    assert_true(dc_silence_passes(&s, DC_FORWARD, &answer));
    assert_true(answer.omitted);
    assert_non_null(strstr(answer.reason, "5 calls of forward in a row"));
    assert_false(dc_silence_passes(&s, DC_GRAD_INPUT, &answer));

    s = (dc_silence){.watched = true};
    for (int k = 0; k < 10; k++) {
        assert_false(dc_silence_passes(&s, (dc_op)(k % DC_OPS), &answer));
        dc_silence_note(&s, (dc_op)(k % DC_OPS), &hung, 10);
    }
    assert_true(dc_silence_passes(&s, DC_GRAD_BIAS, &answer));
    assert_non_null(strstr(answer.reason, "as 10 calls in a row"));
}

/* A process that is slow to start has the whole time for its first call, each
 * time that it starts, and no other call has. */
static void test_slow_starts(void **state)
{
    material m = make(SMALL);
    char file[4096];
    dc_endpoint *end;

    (void)state;
    mode("lazy"); /* its first call takes 3.2 s */
    end = must_open(plugin(file, "judge_modes"), PATIENT);
    dc_endpoint_set_later_timeout(end, 1);
    for (int start = 0; start < 2; start++) {
        for (int call = 0; call < 2; call++)
            assert_int_equal(ask(end, &m).outcome, DC_ANSWERED);
        assert_true(dc_endpoint_restart(end));
    }
    dc_endpoint_set_timeout(end, 1);
    assert_int_equal(ask(end, &m).outcome, DC_HUNG);
    dc_endpoint_close(end);
    mode("good");
    drop(&m);
}

/* Who dies of each illegal problem is called on for the legal ones, and the
 * other way round. */
static void test_problems_apart(void **state)
{
    material m = make(SMALL);
    dc_problem illegal = m.c.p;
    char file[4096];
    dc_endpoint *end;
    dc_answer a;
    dc_error e;

    (void)state;
    mode("good");
    illegal.g = 0;
    end = must_open(plugin(file, BAD), PATIENT);
    for (int kind = 0; kind < 2; kind++) {
        end->silence[0].rows[DC_FORWARD].left = kind == 0;
        end->silence[1].rows[DC_FORWARD].left = kind == 1;
        assert_int_equal(ask(end, &m).omitted, kind == 0);
        assert_int_equal(
            dc_endpoint_refuse(end, "refuse:X", &illegal, DC_FORWARD, &a, &e),
            DC_OK);
        assert_int_equal(a.omitted, kind == 1);
    }
    dc_endpoint_close(end);
    drop(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_answer_ends_row),
        cmocka_unit_test(test_operations_apart),
        cmocka_unit_test(test_slow_starts),
        cmocka_unit_test(test_problems_apart),
    };

    return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
