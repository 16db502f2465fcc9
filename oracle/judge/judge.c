/* SPDX-License-Identifier: MIT
 *
 * The checks of one case, in the order in which a reader needs them: did the
 * call end normally, was the problem accepted, is the extent right, was every
 * element written, are the inputs unchanged, does a repeated call give the same
 * bits, are the values right, and do gradients and forward agree?
 */
#include "oracle/judge/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/judge/identity.h"
#include "oracle/judge/late_write.h"
#include "oracle/judge/later.h"
#include "oracle/judge/prove.h"
#include "oracle/judge/refused.h"
#include "oracle/subject/surroundings.h"
#include "oracle/truth/ladder.h"
#include "ref/counts.h"

/* From this many operations on, the ladder replaces MPFR for every element. */
static const int64_t LARGE = 4000000;

typedef struct {
    const dc_judge *judge;
    dc_endpoint *end;
    dc_truth *truth;
    dc_result *result;
    void *answer[DC_OPS][2]; /* the two results of a call (endpoint.h) */
    bool threads; /* the second has elements of calls in two threads */
    bool varies;  /* equal calls at equal addresses differed */
} session;

/* ==== What the call itself showed ======================================= */

/* What a call changes of its process makes later calls go wrong.  The judge
 * restores it; it is a failure only if judge->strict. */
static void check_state(const dc_judge *judge, dc_op op, const dc_answer *a,
                        dc_result *r)
{
    char names[128];

    r->measures.left |= a->left;
    dc_left_list(a->left, names, sizeof names);
    if (a->left && judge->strict)
        dc_result_find(r, op, DC_FAIL, DC_CHECK_STATE,
                       "the call left another %s behind", names);
}

static void check_call(const dc_judge *judge, const dc_problem *p, dc_op op,
                       const dc_answer *a, dc_result *r)
{
    const char *out = dc_tensor_names[dc_ops[op].out];
    const bool varies = judge->arithmetic.declared & DC_NONDETERMINISTIC;

    if (a->unwritten >= 0 || (a->added >= 0 && !varies))
        dc_finding_element(
            dc_result_find(r, op, DC_FAIL, DC_CHECK_WRITTEN,
                           a->added < 0 ? "an element of %s was never written"
                                        : "the result is added to what %s held "
                                          "before the call",
                           out),
            p, a->added >= 0 ? a->added : a->unwritten);
    dc_result_inputs(r, op, a);
    dc_result_outside(r, op, a);
    dc_result_reentrant(r, op, p, a, varies);
    check_state(judge, op, a, r);
    if (a->repeat >= 0 && a->added < 0 && !varies)
        dc_finding_element(
            dc_result_find(r, op, DC_FAIL, DC_CHECK_REPEAT,
                           "the same call again gave other bits in %s", out),
            p, a->repeat);
}

/* Did the call deliver a result to compare?  If not, records why. */
static bool has_result(const dc_judge *judge, const dc_problem *p, dc_op op,
                       const dc_answer *a, dc_result *r)
{
    if (dc_result_lost(r, op, a) || dc_refused_note(judge, p, op, a, r))
        return false;
    if (a->status != DC_OK) {
        dc_result_status(r, op, a);
        return false;
    }
    if (a->shape_axes >= 0) {
        const dc_tensor out = dc_ops[op].out;
        int64_t wanted[5];
        char shape[2][128];

        dc_result_list(a->shape, a->shape_axes, shape[0], sizeof shape[0]);
        dc_result_list(wanted, dc_problem_shape(p, out, wanted), shape[1],
                       sizeof shape[1]);
        dc_result_find(r, op, DC_FAIL, DC_CHECK_EXTENT,
                       "%s has the shape %s instead of %s",
                       dc_tensor_names[out], shape[0], shape[1]);
        return false;
    }
    return true;
}

bool dc_judge_answer(const dc_judge *judge, const dc_problem *p, dc_op op,
                     const dc_answer *a, dc_result *r)
{
    if (!has_result(judge, p, op, a, r))
        return false;
    dc_result_raise(r, op, DC_PASS);
    check_call(judge, p, op, a, r);
    return true;
}

/* ==== Values ============================================================ */

/* Adds the finding about wrong elements; `want` is the interval of the first
 * of them and `when` completes the sentence. */
static void report_wrong(dc_result *r, dc_truth *t, dc_op op, const void *got,
                         dc_comparison c, const dc_interval *want,
                         const char *when)
{
    dc_judge_element(dc_result_find(r, op, DC_FAIL, DC_CHECK_VALUE,
                                    "%lld of %lld elements of %s are wrong%s",
                                    (long long)c.wrong, (long long)t->count[op],
                                    dc_tensor_names[dc_ops[op].out], when),
                     t, got, c, want);
}

/* Compares a result with the truth; true if it is wrong. */
static bool is_wrong(dc_result *r, dc_truth *t, dc_op op, const void *got,
                     const char *when)
{
    const dc_comparison c = dc_truth_compare(t, op, got);

    if (c.wrong)
        report_wrong(r, t, op, got, c, &t->accepted[op][c.first], when);
    return c.wrong != 0;
}

/* Counts errors by bin and how zeros that met NaN or infinity were treated. */
static void measure(const dc_truth *t, dc_op op, const void *got,
                    dc_measures *m)
{
    for (int64_t i = 0; i < t->count[op]; i++) {
        const dc_interval *const v = &t->accepted[op][i];
        const double g = dc_format_get(t->c.p.dtype, got, i);
        bool multiplied;
        const int zero = dc_special_policy(v, g, &multiplied);

        m->ratios[op][dc_result_bin(dc_bound_measure(v, g))]++;
        if (zero >= 0)
            m->policy[op][zero][multiplied]++;
    }
}

/* Grades the precision of a correct `real` result: low precision is a warning
 * or, if judge->strict, a failure. */
static dc_status check_grade(const dc_judge *judge, dc_truth *t, dc_op op,
                             const void *got, dc_result *r, dc_error *e)
{
    dc_grade *g = &r->measures.grade[op];
    dc_status status;

    if (t->c.family != DC_REAL || dc_grade_is_unfair(&judge->arithmetic))
        return DC_OK;
    status = dc_grade_measure(t, op, &judge->arithmetic, got, g, e);
    if (status != DC_OK || g->elements < DC_GRADE_MIN ||
        dc_grade_ratio(g) <= DC_GRADE_MAX)
        return status;
    r->measures.warnings += !judge->strict;
    dc_result_find(r, op, judge->strict ? DC_FAIL : DC_PASS, DC_CHECK_GRADE,
                   "less precise than usual: %.1f times the rms error of a "
                   "serial sum over %lld elements, %.1f bits are right",
                   dc_grade_ratio(g), (long long)g->elements, dc_grade_bits(g));
    return DC_OK;
}

dc_status dc_judge_result(const dc_judge *judge, dc_truth *t, dc_op op,
                          const void *got, dc_result *r, bool *wrong,
                          dc_error *e)
{
    *wrong = is_wrong(r, t, op, got, "");
    measure(t, op, got, &r->measures);
    return *wrong ? DC_OK : check_grade(judge, t, op, got, r, e);
}

/* Completes the last finding, about run number `run`: is the result of an equal
 * call right, or else which arithmetic would explain the values? */
static void explain(session *s, dc_op op, int run, int runs)
{
    dc_finding *const f = &s->result->findings[s->result->n_findings - 1];
    const size_t at = strlen(f->text);
    char text[224] = "";

    f->later = run && s->varies;
    f->once = !run && runs > 1 &&
              !dc_truth_compare(s->truth, op, s->answer[op][1]).wrong;
    if (f->once)
        snprintf(text, sizeof text,
                 "but the same call made again, at other addresses, is right");
    else if (s->judge->explain && !f->later)
        dc_judge_hypothesis(s->truth, op, &s->judge->arithmetic,
                            s->answer[op][run], text, sizeof text);
    if (text[0])
        snprintf(f->text + at, sizeof f->text - at, ", %s", text);
}

static const char *when_of(const session *s, int run)
{
    return !run         ? ""
           : s->varies  ? " (the first of several equal calls was right)"
           : s->threads ? " (only at other addresses of the tensors, or in two "
                          "threads)"
                        : " (only at other addresses of the tensors)";
}

/* Would MPFR take seconds for op's result?  The ladder replaces it then, but
 * knows neither declarations nor special values. */
static bool is_large(const session *s, dc_op op)
{
    const dc_case *c = &s->truth->c;
    dc_counts n;

    return c->family != DC_SPECIAL && !s->judge->arithmetic.declared &&
           (dc_counts_of(&c->p, &n, NULL) != DC_OK ||
            n.mul[op] + n.add[op] + s->truth->count[op] > LARGE);
}

/* The verdict of check_values by the ladder; of the statistics there is the
 * grade. */
static dc_status check_large(session *s, dc_op op, int runs, dc_error *e)
{
    dc_ladder *ladder;
    dc_rungs rungs = {0, 0, 0};
    bool wrong = false;
    dc_status status = dc_ladder_open(
        &ladder, s->truth, op, &s->judge->arithmetic, s->judge->quick, e);

    for (int run = 0; run < runs && status == DC_OK && !wrong; run++) {
        const void *got = s->answer[op][run];
        const dc_comparison c = dc_ladder_compare(ladder, got, &rungs);

        wrong = c.wrong != 0;
        if (wrong) {
            const dc_interval want = dc_ladder_element(ladder, c.first);
            report_wrong(s->result, s->truth, op, got, c, &want,
                         when_of(s, run));
        }
    }
    dc_ladder_close(ladder);
    if (status == DC_OK && runs && !wrong)
        status =
            check_grade(s->judge, s->truth, op, s->answer[op][0], s->result, e);
    return status;
}

static dc_status check_values(session *s, dc_op op, int runs, dc_error *e)
{
    dc_truth *t = s->truth;
    const int before = s->result->n_findings;
    dc_status status = dc_truth_make(t, op, &s->judge->arithmetic, e);
    bool wrong = false;
    int run = 0;

    if (status == DC_OK && runs)
        status = dc_judge_result(s->judge, t, op, s->answer[op][0], s->result,
                                 &wrong, e);
    /* two wrong runs would give two findings about one defect */
    while (status == DC_OK && !wrong && ++run < runs)
        wrong = is_wrong(s->result, t, op, s->answer[op][run], when_of(s, run));
    if (wrong && s->result->n_findings > before)
        explain(s, op, run, runs);
    return status;
}

/* ==== One operation ===================================================== */

static dc_status judge_op(session *s, dc_op op, dc_error *e)
{
    dc_truth *t = s->truth;
    dc_answer a;
    dc_status status;

    for (int run = 0; run < 2; run++) {
        s->answer[op][run] =
            malloc(dc_problem_bytes(&t->c.p, dc_ops[op].out) + 1);
        if (!s->answer[op][run])
            return dc_nomem(e);
    }
    s->result->requested[op] = true;
    dc_endpoint_set_reentrant(s->end, s->judge->reentrant);
    status =
        dc_endpoint_call(s->end, &t->c, op, t->tensors, s->answer[op], &a, e);
    dc_endpoint_set_reentrant(s->end, false);
    if (status != DC_OK)
        return status;
    if (!dc_judge_answer(s->judge, &t->c.p, op, &a, s->result)) {
        free(s->answer[op][0]);
        s->answer[op][0] = NULL; /* the identities cannot use it */
        return DC_OK;
    }
    s->result->traces[op] =
        dc_later_trace(s->end, &t->c.p, op, s->answer[op][0]);
    s->threads = a.overlap.element >= 0;
    s->varies = a.repeat >= 0;
    /* what is not declared nondeterministic has a finding about these */
    if (s->threads && !(s->judge->arithmetic.declared & DC_NONDETERMINISTIC))
        a.runs = 1;
    return is_large(s, op) ? check_large(s, op, a.runs, e)
                           : check_values(s, op, a.runs, e);
}

/* ==== Checks over several operations ==================================== */

static void compare_refusals(session *s)
{
    bool computed[DC_OPS];

    for (int op = 0; op < DC_OPS; op++)
        computed[op] = s->answer[op][0];
    dc_refused_compare(computed, s->result);
}

/* The identities need exact data, and say nothing new once a value is wrong. */
static dc_status check_identities(session *s, dc_error *e)
{
    const void *results[DC_OPS];
    dc_identity found = {0};
    dc_status status = DC_OK;
    bool exact = true;

    if (s->truth->c.family != DC_INT || s->result->verdict != DC_PASS ||
        !s->answer[DC_FORWARD][0])
        return DC_OK;
    for (int op = 0; op < DC_OPS && status == DC_OK && exact; op++) {
        results[op] = s->answer[op][0];
        status = dc_truth_exact(s->truth, (dc_op)op, &s->judge->arithmetic,
                                &exact, e);
    }
    if (status != DC_OK || !exact)
        return status; /* the declarations allow rounding */
    status = dc_identity_adjoint(s->truth, results, &found, e);
    if (status == DC_OK && !found.broken)
        status = dc_identity_difference(s->truth, s->end, results, &found, e);
    if (status == DC_OK && found.broken)
        dc_result_find(s->result, found.op, found.verdict, found.check, "%s",
                       found.text);
    return status;
}

/* Proves the structure of the judged operations if result->prove says so. */
static dc_status check_structure(session *s, dc_error *e)
{
    dc_result *r = s->result;
    const dc_case c =
        r->prove == DC_PROVE_AXES ? dc_prove_axes(&r->item.c) : r->item.c;
    bool proven = false;
    bool open = false;

    if (r->prove == DC_PROVE_NOTHING || r->verdict != DC_PASS)
        return DC_OK;
    for (int op = 0; op < DC_GRAD_BIAS; op++) {
        dc_proof proof;
        dc_status status;

        if (r->by_op[op] != DC_PASS)
            continue;
        status =
            dc_prove(s->end, &c, (dc_op)op, &s->judge->arithmetic, &proof, e);
        if (status != DC_OK)
            return status;
        proven |= proof.state == DC_PROVEN;
        open |= proof.state == DC_UNPROVEN;
        if (proof.state == DC_REFUTED)
            dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_STRUCTURE, "%s",
                           proof.text);
        if (proof.state == DC_BROKEN)
            dc_result_lost(r, (dc_op)op, &proof.answer);
    }
    r->measures.proved = proven && !open && r->verdict == DC_PASS;
    return DC_OK;
}

/* ==== One case ========================================================== */

dc_status dc_judge_truth(const dc_judge *judge, dc_endpoint *end,
                         dc_truth *truth, dc_result *result, dc_error *e)
{
    session s = {.judge = judge, .end = end, .truth = truth, .result = result};
    const dc_moment begin = dc_endpoint_now(end);
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        if (judge->ops[op])
            status = judge_op(&s, (dc_op)op, e);
    compare_refusals(&s);
    if (status == DC_OK)
        status = check_identities(&s, e);
    if (status == DC_OK)
        status = check_structure(&s, e);
    dc_late_write_find(end, begin, result);
    for (int op = 0; op < DC_OPS; op++)
        for (int run = 0; run < 2; run++)
            free(s.answer[op][run]);
    return status;
}

dc_status dc_judge_case(const dc_judge *judge, dc_endpoint *end,
                        dc_result *result, dc_error *e)
{
    dc_truth truth;
    dc_status status = dc_truth_open(&truth, &result->item.c, e);

    if (status != DC_OK)
        return status;
    status = dc_judge_truth(judge, end, &truth, result, e);
    dc_truth_close(&truth);
    return status;
}
