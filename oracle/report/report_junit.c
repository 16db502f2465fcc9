/* SPDX-License-Identifier: MIT
 *
 * JUnit XML for CI systems: a case is a test case; crashed and hung are
 * errors, unsupported is skipped.
 */
#include "oracle/report/report.h"

#include <inttypes.h>
#include <libxml/tree.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ref/text.h"

#define X(text) ((const xmlChar *)(text))

/* Adds cleaned text to the attribute of node, or to its content if attribute
 * is NULL. */
__attribute__((format(printf, 3, 4))) static void
add(xmlNode *node, const char *attribute, const char *format, ...)
{
    char text[DC_COMMAND_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dc_text_clean(text, text, sizeof text);
    if (attribute) /* both escape */
        xmlSetProp(node, X(attribute), X(text));
    else
        xmlNodeAddContent(node, X(text));
}

static void add_finding(xmlNode *outcome, const dc_finding *f)
{
    char position[160] = "";

    if (f->axes)
        dc_finding_position(f, position, sizeof position);
    add(outcome, NULL, "%s: %s: %s %s\n", dc_ops[f->op].name,
        dc_check_names[f->check], f->text, position);
    if (*f->said)
        add(outcome, NULL, "  it printed:\n%s\n", f->said);
    if (f->has_value)
        add(outcome, NULL,
            "  got %a want %a n %" PRId64
            " S %.9g bound %.3g error/bound %.3g\n",
            f->got, f->want, f->n, f->s, f->bound, f->ratio);
}

static void junit_result(dc_report *r, const dc_result *result)
{
    static const char *const tags[DC_VERDICTS] = {"skipped", NULL, "failure",
                                                  "error", "error"};
    const dc_finding *first = &result->findings[0];
    xmlNode *suite = xmlDocGetRootElement(r->document)->children;
    xmlNode *test = xmlNewChild(suite, NULL, X("testcase"), NULL);
    char text[DC_COMMAND_MAX];
    xmlNode *outcome;

    dc_item_print(&result->item, text);
    add(test, "classname", "deconform.%s", r->run->name);
    add(test, "name", "%s", text);
    add(test, "time", "%.6f", result->seconds);
    if (!tags[result->verdict])
        return;
    outcome = xmlNewChild(test, NULL, X(tags[result->verdict]), NULL);
    if (result->n_findings == 0) {
        add(outcome, "message", "%s", result->reason);
        return;
    }
    add(outcome, "type", "%s", dc_check_names[first->check]);
    add(outcome, "message", "%s", first->text);
    for (int f = 0; f < result->n_findings; f++)
        add_finding(outcome, &result->findings[f]);
    dc_result_command(result, first->op, r->run, text, sizeof text);
    add(outcome, NULL, "%s", text);
}

/* Adds what the text report says after the cases: diagnosis, smallest case and
 * threshold of each operation that failed. */
static dc_status add_analysis(xmlNode *suite, const dc_analysis *a,
                              const dc_run *run, dc_error *e)
{
    char *text = NULL;
    size_t size;
    FILE *const to = open_memstream(&text, &size);
    xmlNode *out = NULL;
    char *rest;

    if (!to)
        return dc_nomem(e);
    dc_analysis_print(a, run, to);
    fclose(to);
    for (const char *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        if (!out)
            out = xmlNewChild(suite, NULL, X("system-out"), NULL);
        add(out, NULL, "%s\n", line);
    }
    free(text);
    return DC_OK;
}

static dc_status junit_end(dc_report *r, const dc_summary *s, dc_error *e)
{
    xmlDoc *doc = r->document;
    xmlNode *suite = xmlDocGetRootElement(doc)->children;
    xmlChar *text = NULL;
    int size = 0;
    dc_status status;

    add(suite, "name", "%s %s", r->run->name, r->run->version);
    add(suite, "tests", "%" PRId64, s->cases);
    add(suite, "failures", "%" PRId64, s->count[DC_FAIL]);
    add(suite, "errors", "%" PRId64, s->count[DC_CRASH] + s->count[DC_HANG]);
    add(suite, "skipped", "%" PRId64, s->count[DC_UNJUDGED]);
    add(suite, "time", "%.3f", s->seconds);
    if (s->analysis && add_analysis(suite, s->analysis, r->run, e) != DC_OK) {
        xmlFreeDoc(doc);
        dc_report_close(r, NULL);
        return DC_NOMEM;
    }
    /* to memory first: libxml would print a message about a full disk */
    xmlDocDumpFormatMemory(doc, &text, &size, 1);
    xmlFreeDoc(doc);
    if (text)
        fwrite(text, 1, (size_t)size, r->file);
    status = dc_report_close(r, e);
    if (status == DC_OK && !text)
        status = dc_nomem(e);
    xmlFree(text);
    return status;
}

dc_status dc_report_junit(dc_report *r, const dc_run *run, const char *path,
                          dc_error *e)
{
    const dc_status status = dc_report_open(r, run, path, e);
    xmlDoc *doc;
    xmlNode *root;

    if (status != DC_OK)
        return status;
    doc = xmlNewDoc(X("1.0"));
    root = xmlNewDocNode(doc, NULL, X("testsuites"), NULL);
    xmlDocSetRootElement(doc, root);
    xmlNewChild(root, NULL, X("testsuite"), NULL);
    r->document = doc;
    r->result = junit_result;
    r->end = junit_end;
    return DC_OK;
}
