/* SPDX-License-Identifier: MIT
 *
 * JSON lines for machines: the run, then every case, then the summary.
 */
#include "report.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "../ref/format.h"

static void line(dc_report *r, json_t *object)
{
    if (object && json_dumpf(object, r->file, JSON_COMPACT) == 0)
        fputc('\n', r->file);
    json_decref(object);
}

static json_t *words(const char *text)
{
    char clean[1024];

    dc_report_clean(text, clean, sizeof clean);
    return json_string(clean);
}

/* JSON has no infinity and no NaN: those are written as words. */
static json_t *number(double v)
{
    if (isfinite(v))
        return json_real(v);
    return json_string(isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
}

static json_t *bits(uint64_t v, int dtype)
{
    char text[20];

    snprintf(text, sizeof text, "0x%0*" PRIx64, dc_formats[dtype].size * 2, v);
    return json_string(text);
}

static json_t *finding(const dc_finding *f, int dtype)
{
    json_t *o = json_pack("{s:s, s:s, s:o}", "op", dc_ops[f->op].name, "check",
                          f->check, "text", words(f->text));

    if (o && f->axes) {
        json_t *at = json_array();
        for (int a = 0; a < f->axes; a++)
            json_array_append_new(at, json_integer(f->at[a]));
        json_object_set_new(o, "index", at);
    }
    if (o && f->has_value) {
        json_object_set_new(o, "wrong", json_integer(f->wrong));
        json_object_set_new(o, "total", json_integer(f->total));
        json_object_set_new(o, "got", number(f->got));
        json_object_set_new(o, "got_bits", bits(f->got_bits, dtype));
        json_object_set_new(o, "want", number(f->want));
        json_object_set_new(o, "want_bits", bits(f->want_bits, dtype));
        json_object_set_new(o, "n", json_integer(f->n));
        json_object_set_new(o, "S", number(f->s));
        json_object_set_new(o, "bound", number(f->bound));
        json_object_set_new(o, "ratio", number(f->ratio));
    }
    return o;
}

static void json_result(dc_report *r, const dc_result *result)
{
    char name[DC_CASE_MAX];
    json_t *ops = json_object();
    json_t *found = json_array();
    json_t *o;

    dc_case_print(&result->item.c, name);
    for (int op = 0; op < DC_OPS; op++)
        if (result->asked[op])
            json_object_set_new(
                ops, dc_ops[op].name,
                json_string(dc_verdict_names[result->by_op[op]]));
    for (int f = 0; f < result->n_findings; f++)
        json_array_append_new(
            found, finding(&result->findings[f], result->item.c.p.dtype));
    o = json_pack("{s:s, s:s, s:o, s:o, s:f}", "case", name, "verdict",
                  dc_verdict_names[result->verdict], "operations", ops,
                  "findings", found, "seconds", result->seconds);
    if (o && result->item.name) {
        json_object_set_new(o, "name", json_string(result->item.name));
        json_object_set_new(o, "hunts", json_string(result->item.hunts));
    }
    if (o && result->reason[0])
        json_object_set_new(o, "reason", words(result->reason));
    if (o && result->n_findings) {
        char command[DC_CASE_MAX + 640];
        dc_report_command(r->run, result, result->findings[0].op, command,
                          sizeof command);
        json_object_set_new(o, "reproduce", words(command));
    }
    line(r, o);
}

static dc_status json_end(dc_report *r, const dc_summary *s, dc_error *e)
{
    json_t *o = json_pack("{s:I, s:I, s:I, s:f}", "cases", (json_int_t)s->cases,
                          "not_judged", (json_int_t)s->left, "seed",
                          (json_int_t)s->seed, "seconds", s->seconds);

    for (int v = 0; v < DC_VERDICTS && o; v++)
        json_object_set_new(o, dc_verdict_names[v], json_integer(s->count[v]));
    line(r, json_pack("{s:o}", "summary", o));
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
    line(r, json_pack("{s:{s:o, s:o, s:o, s:s}}", "run", "impl",
                      words(run->impl), "name", words(run->name), "version",
                      words(run->version), "dtypes", run->dtypes));
    return DC_OK;
}
