/* SPDX-License-Identifier: MIT
 *
 * JSON lines for machines: the run, then every case, then the summary.
 */
#include "oracle/report/report.h"

#include <inttypes.h>

#include "oracle/base/json.h"
#include "oracle/subject/surroundings.h"
#include "ref/format.h"

static json_t *bits(uint64_t v, int dtype)
{
    char text[20];

    snprintf(text, sizeof text, "0x%0*" PRIx64, dc_formats[dtype].size * 2, v);
    return json_string(text);
}

static json_t *finding(const dc_finding *f, int dtype)
{
    json_t *at = f->axes ? json_array() : NULL;
    json_t *o;

    for (int a = 0; a < f->axes; a++)
        json_array_append_new(at, json_integer(f->at[a]));
    o = json_pack("{s:s, s:s, s:o, s:o*}", "op", dc_ops[f->op].name, "check",
                  dc_check_names[f->check], "text", dc_json_text(f->text),
                  "index", at);
    if (*f->said)
        json_object_set_new(o, "printed", dc_json_text(f->said));
    if (f->has_value)
        json_object_update_new(
            o,
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                      "wrong", json_integer(f->wrong), "total",
                      json_integer(f->total), "got", dc_json_number(f->got),
                      "got_bits", bits(f->got_bits, dtype), "want",
                      dc_json_number(f->want), "want_bits",
                      bits(f->want_bits, dtype), "n", json_integer(f->n), "S",
                      dc_json_number(f->s), "bound", dc_json_number(f->bound),
                      "ratio", dc_json_number(f->ratio)));
    return o;
}

static void json_result(dc_report *r, const dc_result *result)
{
    const dc_item *item = &result->item;
    char name[DC_CASE_MAX];
    char command[DC_COMMAND_MAX];
    json_t *ops = json_object();
    json_t *refused = json_object();
    json_t *found = json_array();

    dc_item_print(item, name);
    if (result->n_findings)
        dc_result_command(result, result->findings[0].op, r->run, command,
                          sizeof command);
    for (int op = 0; op < DC_OPS; op++)
        if (result->requested[op])
            json_object_set_new(
                ops, dc_ops[op].name,
                json_string(dc_verdict_names[result->by_op[op]]));
    for (int op = 0; op < DC_OPS; op++)
        if (result->refused[op])
            json_object_set_new(
                refused, dc_ops[op].name,
                json_string(dc_limit_names[result->refused[op]]));
    for (int f = 0; f < result->n_findings; f++)
        json_array_append_new(found,
                              finding(&result->findings[f], item->c.p.dtype));
    dc_json_line(
        json_pack(
            "{s:s, s:s, s:o, s:O*, s:o, s:f, s:s*, s:s*, s:o*, s:o*}", "case",
            name, "verdict", dc_verdict_names[result->verdict], "operations",
            ops, "refused", json_object_size(refused) ? refused : NULL,
            "findings", found, "seconds", result->seconds, "name", item->name,
            "hunts", item->name ? item->hunts : NULL, "reason",
            result->reason[0] ? dc_json_text(result->reason) : NULL,
            "reproduce", result->n_findings ? dc_json_text(command) : NULL),
        r->file);
    json_decref(refused);
}

/* {"forward": {"real": [counts by bin], ...}, ...}: the families seen. */
static json_t *distribution(const dc_stats *t)
{
    json_t *ops = json_object();

    for (int op = 0; op < DC_OPS; op++) {
        json_t *families = json_object();
        for (int f = 0; f < DC_FAMILIES; f++) {
            json_t *bins = json_array();
            int64_t all = 0;
            for (int b = 0; b < DC_BINS; b++) {
                all += t->ratios[op][f][b];
                json_array_append_new(bins, json_integer(t->ratios[op][f][b]));
            }
            if (all)
                json_object_set(families, dc_family_names[f], bins);
            json_decref(bins);
        }
        json_object_set_new(ops, dc_ops[op].name, families);
    }
    return ops;
}

static json_t *edges(void)
{
    json_t *list = json_array();

    for (int b = 0; b < DC_BINS; b++)
        json_array_append_new(list, dc_json_number(dc_stats_edge(b)));
    return list;
}

/* {"f32": {"forward": {"elements": n, "ratio": r, "bits": b}, ...}, ...} */
static json_t *precision(const dc_stats *t)
{
    json_t *types = json_object();

    for (int d = 0; d < DC_FORMATS; d++) {
        json_t *ops = json_object();
        for (int op = 0; op < DC_OPS; op++) {
            const dc_grade *g = dc_grades_worst(&t->grades, d, (dc_op)op);
            if (g->elements >= DC_GRADE_MIN)
                json_object_set_new(
                    ops, dc_ops[op].name,
                    json_pack("{s:I, s:o, s:o}", "elements",
                              (json_int_t)g->elements, "ratio",
                              dc_json_number(dc_grade_ratio(g)), "bits",
                              dc_json_number(dc_grade_bits(g))));
        }
        if (json_object_size(ops))
            json_object_set(types, dc_formats[d].name, ops);
        json_decref(ops);
    }
    return types;
}

/* [{"dtype": "f32", "rank": 2, "op": "forward", "asked": n, "judged": m}, ...]
 */
static json_t *judged(const dc_stats *t)
{
    json_t *list = json_array();

    for (int d = 0; d < DC_FORMATS; d++)
        for (int rank = 1; rank <= 3; rank++)
            for (int op = 0; op < DC_OPS; op++) {
                const dc_tally *x = &t->tally[d][rank - 1][op];

                if (x->asked)
                    json_array_append_new(
                        list, json_pack("{s:s, s:i, s:s, s:I, s:I}", "dtype",
                                        dc_formats[d].name, "rank", rank, "op",
                                        dc_ops[op].name, "asked",
                                        (json_int_t)x->asked, "judged",
                                        (json_int_t)x->judged));
            }
    return list;
}

/* [{"cause": "g > 1", "cases": 96}, ...] */
static json_t *unsupported(const dc_stats *t)
{
    dc_cause causes[DC_UNSUPPORTED_CAUSES + 1];
    const int n = dc_unsupported_causes(&t->unsupported, causes);
    json_t *list = json_array();

    for (int k = 0; k < n; k++)
        json_array_append_new(list,
                              json_pack("{s:s, s:I}", "cause", causes[k].name,
                                        "cases", (json_int_t)causes[k].cases));
    return list;
}

/* [{"rule": "op >= s", "as": "keras, webnn", "cases": n}, ...] */
static json_t *limited(const dc_stats *t)
{
    json_t *list = json_array();

    for (int rule = DC_LIMIT_NONE + 1; rule < DC_LIMIT_RULES; rule++) {
        char who[DC_LIMIT_WHO];

        dc_stats_who(t, (dc_limit_rule)rule, who);
        if (t->limited[rule])
            json_array_append_new(
                list,
                json_pack("{s:s, s:s, s:I}", "rule", dc_limit_names[rule], "as",
                          who, "cases", (json_int_t)t->limited[rule]));
    }
    return list;
}

static json_t *policy(const dc_stats *t)
{
    json_t *zeros = json_object();

    for (int k = 0; k < DC_ZEROS; k++) {
        json_t *ops = json_object();
        for (int op = 0; op < DC_OPS; op++)
            json_object_set_new(
                ops, dc_ops[op].name,
                json_pack("{s:s, s:I, s:I}", "multiplied",
                          dc_stats_policy(t, (dc_op)op, (dc_zero)k), "finite",
                          (json_int_t)t->policy[op][k][0], "nan",
                          (json_int_t)t->policy[op][k][1]));
        json_object_set_new(zeros, dc_zero_names[k], ops);
    }
    return zeros;
}

static json_t *left_behind(const dc_stats *t)
{
    json_t *names = json_array();

    for (int k = 0; k < DC_LEFTS; k++)
        if (t->left & 1U << k)
            json_array_append_new(names, json_string(dc_left_names[k]));
    return names;
}

/* {"case": "...", "bytes_per_call": {"forward": 4112, ...}}, or null. */
static json_t *growth(const dc_growth *g)
{
    json_t *ops;
    char name[DC_CASE_MAX];

    if (!g || !g->any)
        return json_null();
    ops = json_object();
    for (int op = 0; op < DC_OPS; op++)
        if (g->bytes[op] > 0)
            json_object_set_new(ops, dc_ops[op].name, json_real(g->bytes[op]));
    dc_case_print(&g->c, name);
    return json_pack("{s:s, s:o}", "case", name, "bytes_per_call", ops);
}

static dc_status json_end(dc_report *r, const dc_summary *s, dc_error *e)
{
    json_t *o = json_pack("{s:I, s:I, s:I, s:f}", "cases", (json_int_t)s->cases,
                          "not_judged", (json_int_t)s->left, "seed",
                          (json_int_t)s->seed, "seconds", s->seconds);

    if (s->analysis)
        dc_analysis_json(s->analysis, r->file);
    for (int v = 0; v < DC_VERDICTS; v++)
        json_object_set_new(o, dc_verdict_names[v], json_integer(s->count[v]));
    json_object_update_new(
        o, json_pack("{s:o, s:o, s:o, s:{s:I, s:I}, s:o, s:o, s:o, s:o, s:o, "
                     "s:o, s:o, s:o}",
                     "judged", judged(&s->stats), "causes",
                     unsupported(&s->stats), "refused", limited(&s->stats),
                     "illegal", "asked", (json_int_t)s->stats.illegal,
                     "refused", (json_int_t)s->stats.refused, "warnings",
                     json_integer(s->stats.warnings), "left_behind",
                     left_behind(&s->stats), "memory_growth", growth(s->growth),
                     "proven", json_integer(s->stats.proved), "ratio_edges",
                     edges(), "ratios", distribution(&s->stats), "precision",
                     precision(&s->stats), "zeros", policy(&s->stats)));
    if (s->lost[0])
        json_object_set_new(o, "lost", json_string(s->lost));
    dc_json_line(json_pack("{s:o}", "summary", o), r->file);
    return dc_report_close(r, e);
}

dc_status dc_report_json(dc_report *r, const dc_run *run, const char *path,
                         dc_error *e)
{
    dc_status status = dc_report_open(r, run, path, e);

    if (status != DC_OK)
        return status;
    r->result = json_result;
    r->end = json_end;
    dc_json_line(json_pack("{s:{s:o, s:o, s:o, s:s}}", "run", "impl",
                           dc_json_text(run->impl), "name",
                           dc_json_text(run->name), "version",
                           dc_json_text(run->version), "dtypes", run->dtypes),
                 r->file);
    return DC_OK;
}
