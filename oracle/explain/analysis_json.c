/* SPDX-License-Identifier: MIT
 *
 * The analysis of a run as JSON.
 */
#include "oracle/explain/analysis.h"

#include "oracle/base/json.h"

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
    return json_pack("{s:b, s:i, s:I, s:I, s:I, s:o, s:o}", "explained",
                     (int)d->explained, "known", d->known, "findings",
                     (json_int_t)d->failures, "examined",
                     (json_int_t)d->examined, "passing", (json_int_t)d->passing,
                     "suspects", candidates(d), "facts", facts(d));
}

static json_t *case_string(const dc_case *c)
{
    char name[DC_CASE_MAX];

    dc_case_print(c, name);
    return json_string(name);
}

static json_t *smallest(const dc_shrunk *s)
{
    json_t *const tensors = json_object();

    for (int k = 0; k < s->n_tensors; k++) {
        json_t *const list = json_array();

        for (int e = 0; e < s->tensors[k].count; e++)
            json_array_append_new(list,
                                  dc_json_number(s->tensors[k].values[e]));
        json_object_set_new(tensors, s->tensors[k].name, list);
    }
    return json_pack("{s:o, s:o, s:s, s:b, s:i, s:f, s:o, s:o}", "case",
                     case_string(&s->smallest), "from", case_string(&s->from),
                     "check", dc_check_names[s->check], "shows_alone",
                     (int)s->reproduced, "calls", s->calls, "seconds",
                     s->seconds, "text", dc_json_text(s->finding.text),
                     "tensors", tensors);
}

void dc_analysis_json(const dc_analysis *a, FILE *to)
{
    json_t *const list = json_array();

    for (int op = 0; op < DC_OPS; op++) {
        const dc_op_analysis *const o = &a->ops[op];
        json_t *entry;

        if (!o->diagnosed)
            continue;
        entry = json_pack("{s:s, s:o}", "op", dc_ops[op].name, "diagnosis",
                          diagnosis(&o->diagnosis));
        if (o->shrunk)
            json_object_set_new(entry, "smallest", smallest(&o->smallest));
        json_array_append_new(list, entry);
    }
    if (json_array_size(list) == 0) {
        json_decref(list);
        return;
    }
    dc_json_line(json_pack("{s:o}", "insight", list), to);
}
