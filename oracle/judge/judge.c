/* SPDX-License-Identifier: MIT
 *
 * The checks of one case, in the order in which a reader wants to hear of
 * them: did it live, did it accept, is the extent right, was everything
 * written, are the inputs untouched, are the bits the same again, are the
 * values right, and do gradients and forward agree with each other?
 */
#include "oracle/judge/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "ref/counts.h"
#include "oracle/base/clock.h"
#include "oracle/judge/identity.h"
#include "oracle/truth/ladder.h"
#include "oracle/judge/prove.h"
#include "oracle/judge/hypothesis.h"
#include "oracle/truth/truth.h"

/* Operations from which on the ladder takes MPFR's place. */
static const int64_t LARGE = 4000000;

/* The two results of every operation that was answered. */
typedef struct {
    const dc_judge *judge;
    dc_endpoint *end;
    dc_truth *truth;
    dc_result *result;
    void *answer[DC_OPS][2];
} session;

/* Negative pads and tensors without elements may be refused with any status
 * of a refusal. */
static int may_refuse(const dc_problem *p)
{
    int odd = p->n == 0 || p->ci == 0 || p->co == 0;

    for (int a = 0; a < p->rank; a++)
        odd |= p->i[a] == 0 || p->o[a] == 0 || p->pb[a] < 0 || p->pe[a] < 0;
    return odd;
}

/* Splits an index of a result into its position by axis. */
static void locate(const dc_problem *p, dc_op op, int64_t index, dc_finding *f)
{
    int64_t shape[5];

    f->axes = dc_problem_shape(p, dc_ops[op].out, shape);
    f->index = index;
    for (int a = f->axes - 1; a >= 0; a--) {
        f->at[a] = index % shape[a];
        index /= shape[a];
    }
}

/* ==== What the call itself showed ======================================= */

static void check_answer(session *s, dc_op op, const dc_answer *a)
{
    dc_result *r = s->result;
    const dc_problem *p = &s->truth->c.p;
    const char *out = dc_tensor_names[dc_ops[op].out];
    dc_finding *f = NULL;

    if (a->unwritten >= 0)
        f = dc_result_find(r, op, DC_FAIL, DC_CHECK_WRITTEN,
                           "an element of %s was never written", out);
    if (f)
        locate(p, op, a->unwritten, f);
    if (a->tensor != DC_TENSORS)
        dc_finding_answer(dc_result_find(r, op, DC_FAIL, DC_CHECK_INPUTS,
                                         "the call changed its input %s",
                                         dc_tensor_names[a->tensor]),
                          a);
    f = NULL;
    if (a->repeat >= 0 &&
        !(s->judge->arithmetic.declared & DC_NONDETERMINISTIC))
        f = dc_result_find(r, op, DC_FAIL, DC_CHECK_REPEAT,
                           "the same call again gave other bits in %s", out);
    if (f)
        locate(p, op, a->repeat, f);
}

/* 1 when there are results to compare. */
static int accept_answer(session *s, dc_op op, const dc_answer *a)
{
    dc_result *r = s->result;
    const dc_problem *p = &s->truth->c.p;
    char shape[128] = "";
    int at = 0;

    if (dc_result_lost(r, op, a))
        return 0;
    if (a->status == DC_UNSUPPORTED ||
        (a->status == DC_INVALID && may_refuse(p))) {
        snprintf(r->reason, sizeof r->reason, "%s", a->reason);
        return 0;
    }
    if (a->status != DC_OK) {
        dc_finding_answer(
            dc_result_find(
                r, op, DC_FAIL,
                a->status == DC_INVALID ? DC_CHECK_EXTENT : DC_CHECK_STATUS,
                "a legal problem was answered %s%s%s",
                dc_status_name(a->status), a->reason[0] ? ": " : "", a->reason),
            a);
        return 0;
    }
    if (a->shape_axes >= 0) {
        for (int k = 0; k < a->shape_axes; k++)
            at += snprintf(shape + at, sizeof shape - (size_t)at, "%s%lld",
                           k ? "," : "", (long long)a->shape[k]);
        dc_result_find(r, op, DC_FAIL, DC_CHECK_EXTENT, "%s has the shape [%s]",
                       dc_tensor_names[dc_ops[op].out], shape);
        return 0;
    }
    return 1;
}

/* ==== Values ============================================================ */

/* Notes wrong elements; `want` is what is accepted for the first of them. */
static void note_wrong(dc_result *r, dc_truth *t, dc_op op, const void *got,
                       dc_comparison c, const dc_interval *want,
                       const char *when)
{
    const int dtype = t->c.p.dtype;
    dc_finding *f;
    double stored;

    f = dc_result_find(r, op, DC_FAIL, DC_CHECK_VALUE,
                       "%lld of %lld elements of %s are wrong%s",
                       (long long)c.wrong, (long long)t->count[op],
                       dc_tensor_names[dc_ops[op].out], when);
    if (!f)
        return;
    locate(&t->c.p, op, c.first, f);
    dc_ref_element(t->ref, op, c.first, 1, &t->element);
    dc_format_set(dtype, &stored, 0, want->want);
    f->has_value = 1;
    f->wrong = c.wrong;
    f->total = t->count[op];
    f->got_bits = dc_format_bits(dtype, got, c.first);
    f->want_bits = dc_format_bits(dtype, &stored, 0);
    f->got = dc_format_get(dtype, got, c.first);
    f->want = want->want;
    f->n = t->element.n;
    f->s = mpfr_get_d(t->element.s, MPFR_RNDU);
    f->bound = want->bound;
    f->ratio = dc_bound_ratio(&t->element, want, f->got);
}

/* Compares, notes, and says whether it is wrong. */
static int check_value(dc_result *r, dc_truth *t, dc_op op, const void *got,
                       const char *when)
{
    const dc_comparison c = dc_truth_compare(t, op, got);

    if (c.wrong)
        note_wrong(r, t, op, got, c, &t->accepted[op][c.first], when);
    return c.wrong != 0;
}

/* Errors by bin, and what was done with zeros that met NaN or infinities. */
static void measure(const dc_truth *t, dc_op op, const void *got,
                    dc_measures *m)
{
    for (int64_t i = 0; i < t->count[op]; i++) {
        const dc_interval *const v = &t->accepted[op][i];
        const double g = dc_format_get(t->c.p.dtype, got, i);
        int multiplied;
        const int zero = dc_special_policy(v, g, &multiplied);

        m->ratios[op][dc_result_bin(dc_bound_measure(v, g))]++;
        if (zero >= 0)
            m->policy[op][zero][multiplied]++;
    }
}

/* The grade of `real` results that are right: a warning, or a failure. */
static dc_status check_grade(const dc_judge *judge, dc_truth *t, dc_op op,
                             const void *got, dc_result *r, dc_error *e)
{
    dc_grade *g = &r->measures.grade[op];
    dc_status status;

    if (t->c.family != DC_REAL)
        return DC_OK;
    status = dc_grade_take(t, op, &judge->arithmetic, got, g, e);
    if (status != DC_OK || g->elements < DC_GRADE_LEAST ||
        dc_grade_ratio(g) <= DC_GRADE_MOST)
        return status;
    r->measures.warnings += !judge->strict;
    dc_result_find(r, op, judge->strict ? DC_FAIL : DC_PASS, DC_CHECK_GRADE,
                   "less precise than usual: %.1f times the rms error of a "
                   "serial sum over %lld elements, %.1f bits are right",
                   dc_grade_ratio(g), (long long)g->elements, dc_grade_bits(g));
    return DC_OK;
}

dc_status dc_judge_result(const dc_judge *judge, dc_truth *t, dc_op op,
                          const void *got, dc_result *r, int *wrong,
                          dc_error *e)
{
    *wrong = check_value(r, t, op, got, "");
    measure(t, op, got, &r->measures);
    return *wrong ? DC_OK : check_grade(judge, t, op, got, r, e);
}

/* Lengthens the last sentence by a guess at the arithmetic. */
static void explain(session *s, dc_op op, const void *got)
{
    dc_finding *f = &s->result->findings[s->result->n_findings - 1];
    const size_t at = strlen(f->text);
    char text[160];

    dc_hypothesis_name(s->truth, op, &s->judge->arithmetic, got, text,
                       sizeof text);
    if (text[0])
        snprintf(f->text + at, sizeof f->text - at, ", %s", text);
}

static const char *when_of(int run)
{
    return run ? " (only when the tensors begin at a page)" : "";
}

/* Is op so large here that MPFR throughout would take seconds?  The ladder
 * knows the plain bound only. */
static int is_large(const session *s, dc_op op)
{
    const dc_case *c = &s->truth->c;
    dc_counts n;

    return c->family != DC_SPECIAL && !s->judge->arithmetic.declared &&
           (dc_counts_of(&c->p, &n, NULL) != DC_OK ||
            n.mul[op] + n.add[op] + s->truth->count[op] > LARGE);
}

/* The same verdict as check_values by the ladder, without the measures. */
static dc_status check_large(session *s, dc_op op, int runs, dc_error *e)
{
    dc_ladder *ladder;
    dc_rungs rungs = {0, 0, 0};
    int wrong = 0;
    const dc_status status = dc_ladder_open(
        &ladder, s->truth, op, &s->judge->arithmetic, s->judge->quick, e);

    for (int run = 0; run < runs && status == DC_OK && !wrong; run++) {
        const void *got = s->answer[op][run];
        const dc_comparison c = dc_ladder_compare(ladder, got, &rungs);

        wrong = c.wrong != 0;
        if (wrong) {
            const dc_interval want = dc_ladder_element(ladder, c.first);
            note_wrong(s->result, s->truth, op, got, c, &want, when_of(run));
        }
    }
    dc_ladder_close(ladder);
    return status;
}

static dc_status check_values(session *s, dc_op op, int runs, dc_error *e)
{
    dc_truth *t = s->truth;
    const int before = s->result->n_findings;
    dc_status status = dc_truth_make(t, op, &s->judge->arithmetic, e);
    int wrong = 0;
    int run = 0;

    if (status == DC_OK && runs)
        status = dc_judge_result(s->judge, t, op, s->answer[op][0], s->result,
                                 &wrong, e);
    /* once a run is wrong the second would say the same again */
    while (status == DC_OK && !wrong && ++run < runs)
        wrong = check_value(s->result, t, op, s->answer[op][run], when_of(run));
    if (wrong && s->judge->explain && s->result->n_findings > before)
        explain(s, op, s->answer[op][run]);
    return status;
}

/* ==== One operation, one case =========================================== */

static dc_status ask(session *s, dc_op op, dc_error *e)
{
    dc_truth *t = s->truth;
    const size_t bytes =
        (size_t)(t->count[op] * dc_formats[t->c.p.dtype].size) + 1;
    dc_answer a;
    dc_status status;

    for (int run = 0; run < 2; run++) {
        s->answer[op][run] = malloc(bytes);
        if (!s->answer[op][run])
            return dc_nomem(e);
    }
    s->result->asked[op] = 1;
    status =
        dc_endpoint_call(s->end, &t->c, op, t->tensors, s->answer[op], &a, e);
    if (status != DC_OK)
        return status;
    if (!accept_answer(s, op, &a)) {
        free(s->answer[op][0]);
        s->answer[op][0] = NULL; /* nothing for the identities */
        return DC_OK;
    }
    if (s->result->by_op[op] < DC_PASS)
        s->result->by_op[op] = DC_PASS;
    if (s->result->verdict < DC_PASS)
        s->result->verdict = DC_PASS;
    check_answer(s, op, &a);
    return is_large(s, op) ? check_large(s, op, a.runs, e)
                           : check_values(s, op, a.runs, e);
}

/* Identities need exact data, and say nothing new once a value is wrong. */
static dc_status check_identities(session *s, dc_error *e)
{
    const void *results[DC_OPS];
    dc_identity found = {0};
    dc_status status = DC_OK;
    int exact = 1;

    if (s->truth->c.family != DC_INT || s->result->verdict != DC_PASS ||
        !s->answer[DC_FORWARD][0])
        return DC_OK;
    for (int op = 0; op < DC_OPS && status == DC_OK && exact; op++) {
        results[op] = s->answer[op][0];
        status = dc_truth_exact(s->truth, (dc_op)op, &s->judge->arithmetic,
                                &exact, e);
    }
    if (status != DC_OK || !exact)
        return status; /* not with what is declared */
    status = dc_identity_adjoint(s->truth, results, &found, e);
    if (status == DC_OK && !found.broken)
        status = dc_identity_difference(s->truth, s->end, results, &found, e);
    if (status == DC_OK && found.broken)
        dc_result_find(s->result, found.op, found.verdict, found.check, "%s",
                       found.text);
    return status;
}

/* The structure of what was judged, where the caller wants it proven. */
static dc_status check_structure(session *s, dc_error *e)
{
    dc_result *r = s->result;
    int proven = 0;
    int open = 0;

    if (!r->prove || r->verdict != DC_PASS)
        return DC_OK;
    for (int op = 0; op < DC_GRAD_BIAS; op++) {
        const dc_case axes = dc_prove_axes(&r->item.c);
        dc_proof proof;
        dc_status status;

        if (r->by_op[op] != DC_PASS)
            continue;
        status =
            dc_prove(s->end, r->prove == DC_PROVE_AXES ? &axes : &r->item.c,
                     (dc_op)op, &s->judge->arithmetic, &proof, e);
        if (status != DC_OK)
            return status;
        proven += proof.state == DC_PROVEN;
        open += proof.state == DC_UNPROVEN;
        if (proof.state == DC_REFUTED)
            dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_STRUCTURE, "%s",
                           proof.text);
        if (proof.state == DC_BROKEN)
            dc_result_lost(r, (dc_op)op, &proof.answer);
    }
    r->measures.proved = proven && !open && r->verdict == DC_PASS;
    return DC_OK;
}

dc_status dc_judge_truth(const dc_judge *judge, dc_endpoint *end,
                         dc_truth *truth, dc_result *result, dc_error *e)
{
    session s = {.judge = judge, .end = end, .truth = truth, .result = result};
    const double start = dc_clock_now();
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        if (judge->ops[op])
            status = ask(&s, (dc_op)op, e);
    if (status == DC_OK)
        status = check_identities(&s, e);
    if (status == DC_OK)
        status = check_structure(&s, e);
    for (int op = 0; op < DC_OPS; op++)
        for (int run = 0; run < 2; run++)
            free(s.answer[op][run]);
    result->seconds = dc_clock_now() - start;
    return status;
}

dc_status dc_judge_case(const dc_judge *judge, dc_endpoint *end,
                        dc_result *result, dc_error *e)
{
    const double start = dc_clock_now();
    dc_truth truth;
    dc_status status;

    status = dc_truth_open(&truth, &result->item.c, e);
    if (status != DC_OK)
        return status;
    status = dc_judge_truth(judge, end, &truth, result, e);
    dc_truth_close(&truth);
    result->seconds = dc_clock_now() - start;
    return status;
}
