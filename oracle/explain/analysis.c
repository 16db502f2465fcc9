/* SPDX-License-Identifier: MIT
 *
 * Collects results while a run goes on and analyses them after it.
 */
#include "oracle/explain/analysis.h"

#include <stdlib.h>
#include <string.h>

#include "cases/shrink.h"
#include "oracle/base/json.h"
#include "oracle/explain/again.h"
#include "oracle/explain/reproducer.h"

dc_status dc_analysis_open(dc_analysis *a)
{
    memset(a, 0, sizeof *a);
    a->log = calloc(1, sizeof *a->log);
    return a->log ? DC_OK : DC_NOMEM;
}

void dc_analysis_close(dc_analysis *a)
{
    free(a->log);
    for (int op = 0; op < DC_OPS; op++)
        free(a->ops[op].lightest);
    memset(a, 0, sizeof *a);
}

/* Keeps r, whose finding f is a failure of op, if it is the lightest so far. */
static void keep_lightest(dc_op_analysis *a, const dc_result *r, int f,
                          dc_op op)
{
    int64_t weight = dc_shrink_weight(&r->item.c);

    /* a wrong value says more than two results that disagree */
    if (r->findings[f].op == op && r->findings[f].has_value)
        weight /= 2;
    if (a->lightest && weight >= a->weight)
        return;
    a->weight = weight;
    if (!a->lightest)
        a->lightest = malloc(sizeof *r);
    if (!a->lightest)
        return; /* then this operation has no smallest case */
    *a->lightest = *r;
    a->finding = f;
}

void dc_analysis_add(dc_analysis *a, const dc_result *r)
{
    bool seen[DC_OPS] = {false};

    if (r->item.kind != DC_ITEM_CASE)
        return; /* other scenarios cannot be reduced */
    dc_failure_log_add(a->log, r);
    for (int f = 0; f < r->n_findings; f++) {
        dc_op op;

        if (!dc_failure_log_blames(r, f, &op) || seen[op])
            continue;
        keep_lightest(&a->ops[op], r, f, op);
        seen[op] = true;
    }
}

dc_status dc_analysis_run(dc_analysis *a, const dc_subject *subject,
                          const dc_judge *judge, bool shrink, dc_error *e)
{
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        dc_op_analysis *const o = &a->ops[op];
        dc_endpoint *end = NULL;

        if (!o->lightest)
            continue;
        status = dc_endpoint_open(&end, subject, e);
        if (status == DC_OK) {
            dc_again_hurry(end, subject, o->lightest->by_op[op]);
            status =
                dc_diagnose(a->log, (dc_op)op, NULL, end, &o->diagnosis, e);
        }
        o->diagnosed = status == DC_OK;
        dc_endpoint_close(end);
        if (status == DC_OK && shrink) {
            status = dc_shrink_live_run(subject, judge, o->lightest, o->finding,
                                        &o->smallest, e);
            o->shrunk = status == DC_OK;
            if (o->shrunk)
                status = dc_threshold_find(subject, judge, &o->smallest,
                                           &o->threshold, e);
        }
    }
    return status;
}

dc_status dc_analysis_reproduce(const dc_analysis *a,
                                const dc_arithmetic *arithmetic,
                                const char *file, dc_error *e)
{
    const dc_shrunk *first = NULL;
    dc_status status = DC_OK;
    FILE *to;

    for (int op = DC_OPS - 1; op >= 0; op--)
        if (a->ops[op].shrunk && a->ops[op].smallest.reproduced)
            first = &a->ops[op].smallest;
    if (!first)
        return DC_OK;
    to = fopen(file, "we");
    if (to)
        status =
            dc_reproducer_write(&first->smallest, first->op, arithmetic, to, e);
    if ((!to || fclose(to) != 0) && status == DC_OK)
        status = dc_failed(e, "cannot write %.150s", file);
    return status;
}

/* ==== For people ========================================================= */

/* Prints the command that shows the smallest case again. */
static void print_command(const dc_shrunk *s, const dc_run *run, FILE *to)
{
    dc_result *const r = calloc(1, sizeof *r);
    char line[DC_COMMAND_MAX];

    if (!r)
        return;
    r->item.c = s->smallest;
    r->findings[0] = s->finding;
    r->n_findings = 1;
    dc_result_command(r, s->op, run, line, sizeof line);
    fprintf(to, "  reproduce: %s\n", line);
    free(r);
}

void dc_analysis_print(const dc_analysis *a, const dc_run *run, FILE *to)
{
    for (int op = 0; op < DC_OPS; op++) {
        const dc_op_analysis *const o = &a->ops[op];
        char threshold[DC_THRESHOLD_TEXT];

        if (!o->diagnosed)
            continue;
        dc_diagnosis_print(&o->diagnosis, to);
        if (o->shrunk)
            dc_shrink_live_print(&o->smallest, to);
        dc_threshold_say(&o->threshold, threshold);
        if (threshold[0])
            fprintf(to, "  threshold: %s\n", threshold);
        if (o->shrunk && o->smallest.reproduced)
            print_command(&o->smallest, run, to);
        fputc('\n', to);
    }
}

/* ==== JSON =============================================================== */

static json_t *candidates(const dc_diagnosis *d)
{
    json_t *const list = json_array();

    for (int k = 0; k < d->n_candidates; k++) {
        const dc_candidate *const c = &d->candidates[k];

        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:s?}", "mutant",
                            c->m->id, "class", c->m->class_, "what", c->m->what,
                            "explains", (json_int_t)c->hits, "would_fail",
                            (json_int_t)c->alarms, "report", c->m->report));
    }
    return list;
}

static json_t *facts(const dc_diagnosis *d)
{
    json_t *const list = json_array();

    for (int k = 0; k < d->n_facts; k++)
        json_array_append_new(list, json_string(d->facts[k]));
    return list;
}

static json_t *diagnosis(const dc_diagnosis *d)
{
    return json_pack("{s:b, s:s?, s:i, s:I, s:I, s:I, s:o, s:o}", "explained",
                     (int)d->explained, "cause", d->cause[0] ? d->cause : NULL,
                     "known", d->known, "findings", (json_int_t)d->failures,
                     "examined", (json_int_t)d->examined, "passing",
                     (json_int_t)d->passing, "suspects", candidates(d), "facts",
                     facts(d));
}

static json_t *smallest(const dc_shrunk *s)
{
    json_t *const tensors = json_object();
    char names[2][DC_CASE_MAX];

    dc_case_print(&s->smallest, names[0]);
    dc_case_print(&s->from, names[1]);
    for (int k = 0; k < s->n_tensors; k++) {
        json_t *const list = json_array();

        for (int e = 0; e < s->tensors[k].count; e++)
            json_array_append_new(list,
                                  dc_json_number(s->tensors[k].values[e]));
        json_object_set_new(tensors, s->tensors[k].name, list);
    }
    return json_pack(
        "{s:s, s:s, s:s, s:b, s:i, s:f, s:o, s:o}", "case", names[0], "from",
        names[1], "check", dc_check_names[s->check], "shows_alone",
        (int)s->reproduced, "calls", s->calls, "seconds", s->seconds, "text",
        dc_json_text(s->finding.text), "tensors", tensors);
}

/* NULL if there is none. */
static json_t *threshold(const dc_threshold *t)
{
    char text[DC_THRESHOLD_TEXT];

    dc_threshold_say(t, text);
    if (!text[0])
        return NULL;
    return json_pack("{s:s, s:I, s:I, s:i, s:s}", "of", dc_size_names[t->of],
                     "wrong_from", (json_int_t)t->wrong, "right_at",
                     (json_int_t)t->right, "calls", t->calls, "text", text);
}

void dc_analysis_json(const dc_analysis *a, FILE *to)
{
    json_t *const list = json_array();

    for (int op = 0; op < DC_OPS; op++) {
        const dc_op_analysis *const o = &a->ops[op];

        if (o->diagnosed)
            json_array_append_new(
                list,
                json_pack("{s:s, s:o, s:o*, s:o*}", "op", dc_ops[op].name,
                          "diagnosis", diagnosis(&o->diagnosis), "smallest",
                          o->shrunk ? smallest(&o->smallest) : NULL,
                          "threshold", threshold(&o->threshold)));
    }
    if (json_array_size(list))
        dc_json_line(json_pack("{s:O}", "insight", list), to);
    json_decref(list);
}
