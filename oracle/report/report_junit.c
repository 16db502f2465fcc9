/* SPDX-License-Identifier: MIT
 *
 * JUnit XML for CI systems: a case is a test case; crashed and hung are
 * errors, unsupported is skipped.
 */
#include "oracle/report/report.h"

#include <inttypes.h>
#include <libxml/tree.h>
#include <string.h>

#include "ref/format.h"
#include "ref/text.h"

#define X(text) ((const xmlChar *)(text))

static void attribute(xmlNode *node, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void attribute(xmlNode *node, const char *name, const char *format, ...)
{
    char text[1024];
    char clean[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dc_text_clean(text, clean, sizeof clean);
    xmlSetProp(node, X(name), X(clean)); /* escapes */
}

static void junit_result(dc_report *r, const dc_result *result)
{
    static const char *const tags[DC_VERDICTS] = {"skipped", NULL, "failure",
                                                  "error", "error"};
    xmlNode *suite = xmlDocGetRootElement(r->state)->children;
    xmlNode *test = xmlNewChild(suite, NULL, X("testcase"), NULL);
    char name[DC_CASE_MAX];
    xmlNode *outcome;

    dc_item_print(&result->item, name);
    attribute(test, "classname", "deconform.%s", r->run->name);
    attribute(test, "name", "%s", name);
    attribute(test, "time", "%.6f", result->seconds);
    if (!tags[result->verdict])
        return;
    outcome = xmlNewChild(test, NULL, X(tags[result->verdict]), NULL);
    if (result->n_findings == 0) {
        attribute(outcome, "message", "%s", result->reason);
        return;
    }
    attribute(outcome, "type", "%s", dc_check_names[result->findings[0].check]);
    attribute(outcome, "message", "%s", result->findings[0].text);
    for (int f = 0; f < result->n_findings; f++) {
        const dc_finding *at = &result->findings[f];
        char text[1024];
        char clean[1024];
        char position[160] = "";

        if (at->axes)
            dc_finding_position(at, position, sizeof position);
        snprintf(text, sizeof text, "%s: %s: %s %s\n", dc_ops[at->op].name,
                 dc_check_names[at->check], at->text, position);
        dc_text_clean(text, clean, sizeof clean);
        xmlNodeAddContent(outcome, X(clean));
        if (at->has_value) {
            snprintf(text, sizeof text,
                     "  got %a want %a n %" PRId64
                     " S %.9g bound %.3g error/bound %.3g\n",
                     at->got, at->want, at->n, at->s, at->bound, at->ratio);
            xmlNodeAddContent(outcome, X(text));
        }
    }
    char command[DC_CASE_MAX + 640];
    char clean[DC_CASE_MAX + 640];
    dc_run_command(r->run, result, result->findings[0].op, command,
                   sizeof command);
    dc_text_clean(command, clean, sizeof clean);
    xmlNodeAddContent(outcome, X(clean));
}

static dc_status junit_end(dc_report *r, const dc_summary *s, dc_error *e)
{
    xmlDoc *doc = r->state;
    xmlNode *suite = xmlDocGetRootElement(doc)->children;
    xmlChar *text = NULL;
    int size = 0;
    dc_status status;

    attribute(suite, "name", "%s %s", r->run->name, r->run->version);
    attribute(suite, "tests", "%" PRId64, s->cases);
    attribute(suite, "failures", "%" PRId64, s->count[DC_FAIL]);
    attribute(suite, "errors", "%" PRId64,
              s->count[DC_CRASH] + s->count[DC_HANG]);
    attribute(suite, "skipped", "%" PRId64, s->count[DC_UNJUDGED]);
    attribute(suite, "time", "%.3f", s->seconds);
    /* to memory first: libxml would talk of a full disk by itself */
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
    dc_status status = dc_report_open(r, run, path, e);
    xmlDoc *doc;
    xmlNode *root;

    if (status != DC_OK)
        return status;
    doc = xmlNewDoc(X("1.0"));
    root = xmlNewDocNode(doc, NULL, X("testsuites"), NULL);
    xmlDocSetRootElement(doc, root);
    xmlNewChild(root, NULL, X("testsuite"), NULL);
    r->state = doc;
    r->result = junit_result;
    r->end = junit_end;
    return DC_OK;
}
