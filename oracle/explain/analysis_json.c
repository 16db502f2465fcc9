/* SPDX-License-Identifier: MIT
 *
 * The insight of a run as JSON.
 */
#include "oracle/explain/analysis.h"
#include "ref/text.h"

#include <jansson.h>
#include <math.h>

static json_t *words(const char *text)
{
    char clean[512];

    dc_text_clean(text, clean, sizeof clean);
    return json_string(clean);
}

static json_t *case_name(const dc_case *c)
{
    char name[DC_CASE_MAX];

    dc_case_print(c, name);
    return json_string(name);
}

/* JSON has no infinity and no NaN. */
static json_t *number(double v)
{
    return isfinite(v) ? json_real(v)
                       : json_string(isnan(v) ? "nan"
                                     : v < 0  ? "-inf"
                                              : "inf");
}

static json_t *suspect(const dc_candidate *s)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s?}", "mutant", s->m->id,
                     "class", s->m->class_, "what", s->m->what, "explains",
                     (json_int_t)s->hits, "would_fail", (json_int_t)s->alarms,
                     "report", s->m->report);
}

static json_t *diagnosis(const dc_diagnosis *d)
{
    json_t *const suspects = json_array();
    json_t *const facts = json_array();

    for (int k = 0; k < d->n_suspects; k++)
        json_array_append_new(suspects, suspect(&d->suspects[k]));
    for (int k = 0; k < d->n_facts; k++)
        json_array_append_new(facts, json_string(d->facts[k]));
    return json_pack("{s:b, s:i, s:I, s:I, s:I, s:o, s:o}", "explained",
                     d->explained, "known", d->known, "findings",
                     (json_int_t)d->all, "examined", (json_int_t)d->kept,
                     "passing", (json_int_t)d->fine, "suspects", suspects,
                     "facts", facts);
}

static json_t *smallest(const dc_shrunk *m)
{
    json_t *const tensors = json_object();

    for (int k = 0; k < m->n_tensors; k++) {
        json_t *const list = json_array();

        for (int e = 0; e < m->tensors[k].count; e++)
            json_array_append_new(list, number(m->tensors[k].values[e]));
        json_object_set_new(tensors, m->tensors[k].name, list);
    }
    return json_pack("{s:o, s:o, s:s, s:b, s:i, s:f, s:o, s:o}", "case",
                     case_name(&m->smallest), "from", case_name(&m->from),
                     "check", dc_check_names[m->check], "shows_alone", m->again,
                     "calls", m->calls, "seconds", m->seconds, "text",
                     words(m->finding.text), "tensors", tensors);
}

void dc_analysis_json(const dc_analysis *i, FILE *to)
{
    json_t *const list = json_array();
    json_t *whole;

    for (int op = 0; op < DC_OPS; op++) {
        json_t *const o = json_pack("{s:s}", "op", dc_ops[op].name);

        if (i->has_diagnosis[op])
            json_object_set_new(o, "diagnosis", diagnosis(&i->diagnosis[op]));
        if (i->has_smallest[op])
            json_object_set_new(o, "smallest", smallest(&i->smallest[op]));
        if (i->has_diagnosis[op])
            json_array_append_new(list, o);
        else
            json_decref(o);
    }
    whole = json_array_size(list) ? json_pack("{s:O}", "insight", list) : NULL;
    if (whole && json_dumpf(whole, to, JSON_COMPACT) == 0)
        fputc('\n', to);
    json_decref(whole);
    json_decref(list);
}
