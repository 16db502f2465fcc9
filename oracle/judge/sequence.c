/* SPDX-License-Identifier: MIT
 *
 * The visits of a sequence.  The tensors and the first results of all problems
 * are kept until the end: the problems are small.
 */
#include "oracle/judge/sequence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

/* A problem with certain contents. */
typedef struct {
    bool open;
    int contents;
    dc_truth truth;
    void *first[DC_OPS];    /* the first result; NULL: none yet */
    int64_t number[DC_OPS]; /* of the call that gave it, from 1 */
} place;

typedef struct {
    const dc_judge *judge;
    dc_endpoint *end;
    const dc_sequence *s;
    dc_result *result;
    int dtype;
    place *places; /* by problem, then by contents */
    int64_t calls;
    const place *before; /* of the last call; NULL: there was none */
} walk;

/* ==== Places ============================================================ */

/* Gives element `at` a value that is far from its own. */
static void move(void *values, int dtype, int64_t at)
{
    dc_format_set(dtype, values, at,
                  dc_format_get(dtype, values, at) > 0 ? -0.75 : 0.75);
}

/* Exchanges two elements, which no sum over all of them shows. */
static void exchange(void *values, int dtype, int64_t at, int64_t other)
{
    const double v = dc_format_get(dtype, values, at);

    dc_format_set(dtype, values, at, dc_format_get(dtype, values, other));
    dc_format_set(dtype, values, other, v);
}

/* Changes a tensor: 1 two elements are exchanged, 2 the last one moves, 3 the
 * one in the middle, 4 all of them. */
static void change(void *values, int dtype, int64_t count, int how)
{
    if (how == 1)
        exchange(values, dtype, count - 1 - count / 4, (count - 1) / 3);
    else if (how == 2)
        move(values, dtype, count - 1);
    else if (how == 3)
        move(values, dtype, count / 2);
    for (int64_t k = 0; how == 4 && k < count; k++)
        move(values, dtype, k);
}

/* Opens the truth of a case over its tensors with other contents. */
static dc_status open_changed(dc_truth *t, const dc_case *c, int how,
                              dc_error *e)
{
    dc_truth own;
    dc_status status = dc_truth_open(&own, c, e);

    if (status != DC_OK)
        return status;
    for (int k = DC_X; k <= DC_GY; k++)
        if (own.own[k])
            change(own.own[k], c->p.dtype,
                   dc_problem_count(&c->p, (dc_tensor)k), how);
    status = dc_truth_open_with(t, c, own.own, e);
    dc_truth_close(&own);
    return status;
}

/* The number of places of a problem. */
static int places_each(const dc_sequence *s)
{
    return s->order == DC_SEQUENCE_OFTEN ? DC_SEQUENCE_CONTENTS : 1;
}

static dc_status find_place(walk *w, dc_visit v, place **found, dc_error *e)
{
    place *const at = &w->places[v.problem * places_each(w->s) + v.contents];
    dc_case c;
    dc_status status = DC_OK;

    *found = at;
    if (at->open)
        return DC_OK;
    status = dc_sequence_case(w->s, v.problem, &c, e);
    if (status != DC_OK)
        return status;
    if (!w->s->types)
        c.p.dtype = w->dtype;
    status = v.contents ? open_changed(&at->truth, &c, v.contents, e)
                        : dc_truth_open(&at->truth, &c, e);
    at->open = status == DC_OK;
    at->contents = v.contents;
    return status;
}

static void close_places(walk *w)
{
    const int count = dc_sequence_problems(w->s) * places_each(w->s);

    for (int k = 0; w->places && k < count; k++) {
        place *const at = &w->places[k];

        if (at->open)
            dc_truth_close(&at->truth);
        for (int op = 0; op < DC_OPS; op++)
            free(at->first[op]);
    }
    free(w->places);
}

/* ==== Findings ========================================================== */

/* Room for a case with its contents, and for what describe() says. */
enum { NAME = 128, WHEN = 192 };

/* "n2_ci4_..., contents 3 (middle moved)". */
static void name_place(const place *at, char name[NAME])
{
    static const char *const contents[DC_SEQUENCE_CONTENTS] = {
        "", ", contents 1 (two exchanged)", ", contents 2 (last moved)",
        ", contents 3 (middle moved)", ", contents 4 (all moved)"};
    char text[DC_CASE_MAX];

    dc_case_print(&at->truth.c, text);
    snprintf(name, NAME, "%.90s%s", text, contents[at->contents]);
}

/* An operation with a finding is not asked any further. */
static bool is_over(const walk *w, dc_op op)
{
    return w->result->by_op[op] >= DC_FAIL;
}

/* Adds a finding about op's result; `text` says what happened.  Returns it, or
 * NULL. */
static dc_finding *find(walk *w, const place *at, dc_op op, dc_check check,
                        const char *text)
{
    char name[NAME];

    name_place(at, name);
    return dc_result_find(w->result, op, DC_FAIL, check, "%s (in %s)", text,
                          name);
}

/* What was asked before: "call 12 of the sequence, which followed n2_...". */
static void describe(const walk *w, char text[WHEN])
{
    char name[NAME] = "none";

    if (w->before)
        name_place(w->before, name);
    snprintf(text, WHEN, "call %lld of the sequence, which followed %s",
             (long long)w->calls, name);
}

/* The first result of a problem is wrong.  Is it right in a fresh process?  A
 * pipe has none: what was asked before is named all the same. */
static dc_status judge_alone(walk *w, place *at, dc_op op, const void *got,
                             dc_comparison c, dc_error *e)
{
    dc_truth *const t = &at->truth;
    const char *const out = dc_tensor_names[dc_ops[op].out];
    void *const alone = malloc(dc_problem_bytes(&t->c.p, dc_ops[op].out) + 1);
    bool right = false;
    char when[WHEN];
    char text[320];
    dc_answer a;
    dc_status status = DC_OK;

    if (!alone)
        return dc_nomem(e);
    describe(w, when);
    if (dc_endpoint_restart(w->end)) {
        status = dc_endpoint_call(w->end, &t->c, op, t->tensors,
                                  (void *[2]){alone, NULL}, &a, e);
        right = status == DC_OK && dc_endpoint_has_result(&a) &&
                dc_truth_compare(t, op, alone).wrong == 0;
    }
    free(alone);
    if (right)
        snprintf(text, sizeof text,
                 "%s is right in a fresh process and wrong as %s", out, when);
    else
        snprintf(text, sizeof text,
                 "%lld of %lld elements of %s are wrong as %s",
                 (long long)c.wrong, (long long)t->count[op], out, when);
    dc_judge_element(
        find(w, at, op, right ? DC_CHECK_SEQUENCE : DC_CHECK_VALUE, text), t,
        got, c, &t->accepted[op][c.first]);
    return status;
}

/* ==== Visits ============================================================ */

/* The first element whose bits differ; there is one. */
static int64_t first_difference(int dtype, const void *a, const void *b)
{
    int64_t at = 0;

    while (dc_format_bits(dtype, a, at) == dc_format_bits(dtype, b, at))
        at++;
    return at;
}

/* Compares a further result with the first one.  Other bits are a finding even
 * if all values are accepted. */
static dc_status compare_again(walk *w, place *at, dc_op op, const void *got,
                               dc_error *e)
{
    const bool any_bits = w->judge->arithmetic.declared & DC_NONDETERMINISTIC;
    dc_truth *const t = &at->truth;
    const int dtype = t->c.p.dtype;
    dc_comparison c;
    char when[WHEN];
    char text[320];
    dc_status status;

    if (!any_bits && memcmp(at->first[op], got,
                            dc_problem_bytes(&t->c.p, dc_ops[op].out)) == 0)
        return DC_OK;
    status = dc_truth_make(t, op, &w->judge->arithmetic, e);
    if (status != DC_OK)
        return status;
    c = dc_truth_compare(t, op, got);
    if (any_bits && c.wrong == 0)
        return DC_OK;
    if (c.wrong == 0)
        c.first = first_difference(dtype, at->first[op], got);
    describe(w, when);
    snprintf(text, sizeof text,
             "%s, right as call %lld, has other bits as %s; it was %.17g",
             dc_tensor_names[dc_ops[op].out], (long long)at->number[op], when,
             dc_format_get(dtype, at->first[op], c.first));
    dc_judge_element(find(w, at, op, DC_CHECK_SEQUENCE, text), t, got, c,
                     &t->accepted[op][c.first]);
    return DC_OK;
}

/* A problem that was answered is refused. */
static void report_refusal(walk *w, place *at, dc_op op, const dc_answer *a)
{
    char when[WHEN];
    char text[320];
    dc_finding *f;

    describe(w, when);
    snprintf(text, sizeof text,
             "answered as call %lld and refused (%s%s%.60s) as %s",
             (long long)at->number[op], dc_status_name(a->status),
             a->reason[0] ? ": " : "", a->reason, when);
    f = find(w, at, op, DC_CHECK_SEQUENCE, text);
    if (f)
        f->status = a->status;
}

/* Compares the first result with the truth, and takes it over. */
static dc_status compare_first(walk *w, place *at, dc_op op, void **got,
                               dc_error *e)
{
    dc_truth *const t = &at->truth;
    dc_comparison c;
    dc_status status = dc_truth_make(t, op, &w->judge->arithmetic, e);

    if (status != DC_OK)
        return status;
    c = dc_truth_compare(t, op, *got);
    if (c.wrong)
        return judge_alone(w, at, op, *got, c, e);
    at->first[op] = *got;
    at->number[op] = w->calls;
    *got = NULL;
    return DC_OK;
}

static dc_status visit_op(walk *w, place *at, dc_op op, dc_error *e)
{
    dc_truth *const t = &at->truth;
    void *got = malloc(dc_problem_bytes(&t->c.p, dc_ops[op].out) + 1);
    dc_answer a;
    dc_status status;

    if (!got)
        return dc_nomem(e);
    w->result->requested[op] = true;
    status = dc_endpoint_call(w->end, &t->c, op, t->tensors,
                              (void *[2]){got, NULL}, &a, e);
    w->calls++;
    if (status == DC_OK &&
        dc_judge_answer(w->judge, &t->c.p, op, &a, w->result)) {
        if (at->first[op])
            status = compare_again(w, at, op, got, e);
        else
            status = compare_first(w, at, op, &got, e);
    } else if (status == DC_OK && at->first[op] && !is_over(w, op)) {
        report_refusal(w, at, op, &a);
    }
    w->before = at;
    free(got);
    return status;
}

/* May the sequence ask problems of this storage type? */
static bool may_ask(const walk *w, int dtype)
{
    const unsigned chosen = w->judge->dtypes;

    return !w->s->types ||
           ((!chosen || chosen >> dtype & 1) &&
            dc_bound_check(&w->judge->arithmetic, dtype, NULL) == DC_OK);
}

static dc_status visit(walk *w, dc_visit v, dc_error *e)
{
    place *at;
    dc_status status = find_place(w, v, &at, e);

    if (status == DC_OK && !may_ask(w, at->truth.c.p.dtype))
        return DC_OK;
    for (int k = 0; k < DC_OPS && status == DC_OK; k++) {
        const int op = v.backwards ? DC_OPS - 1 - k : k;

        if (v.ops >> op & 1 && w->judge->ops[op] && !is_over(w, (dc_op)op))
            status = visit_op(w, at, (dc_op)op, e);
    }
    return status;
}

dc_status dc_sequence_judge(const dc_judge *judge, dc_endpoint *end,
                            const dc_sequence *s, int dtype, dc_result *result,
                            dc_error *e)
{
    const int visits = dc_sequence_visits(s);
    walk w = {
        .judge = judge, .end = end, .s = s, .result = result, .dtype = dtype};
    dc_status status = DC_OK;

    w.places = calloc((size_t)(dc_sequence_problems(s) * places_each(s)),
                      sizeof *w.places);
    if (!w.places)
        return dc_nomem(e);
    for (int k = 0; k < visits && status == DC_OK; k++)
        status = visit(&w, dc_sequence_visit(s, k), e);
    close_places(&w);
    return status;
}
