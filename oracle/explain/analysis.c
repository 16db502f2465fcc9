/* SPDX-License-Identifier: MIT
 *
 * From the results of a run to a smallest case and a diagnosis for each
 * operation.
 */
#include "oracle/explain/analysis.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cases/shrink.h"
#include "oracle/explain/reproducer.h"

dc_status dc_analysis_open(dc_analysis *i)
{
    memset(i, 0, sizeof *i);
    return dc_failure_log_open(&i->evidence);
}

void dc_analysis_close(dc_analysis *i)
{
    dc_failure_log_close(&i->evidence);
    for (int op = 0; op < DC_OPS; op++)
        free(i->lightest[op]);
}

/* Does r show op failing at a lighter case than what is kept?  The first
 * finding of the operation is the one to reduce. */
static void keep_lightest(dc_analysis *i, const dc_result *r, int f, dc_op op)
{
    dc_result *const kept = i->lightest[op];
    const int64_t heavy = dc_shrink_weight(&r->item.c);
    /* a wrong value says more than two numbers that do not agree */
    const int64_t weight =
        r->findings[f].op == op && r->findings[f].has_value ? heavy / 2 : heavy;

    if (kept && weight >= i->weight[op])
        return;
    i->weight[op] = weight;
    if (!kept)
        i->lightest[op] = malloc(sizeof *r);
    if (!i->lightest[op])
        return; /* then there is no smallest case to show */
    *i->lightest[op] = *r;
    i->finding[op] = f;
}

void dc_analysis_add(dc_analysis *i, const dc_result *r)
{
    int seen = 0;

    if (r->item.kind != DC_ITEM_CASE)
        return; /* there is no case to reduce or to explain */
    dc_failure_log_add(&i->evidence, r);
    for (int f = 0; f < r->n_findings; f++) {
        dc_op op;

        if (!dc_failure_log_blames(r, f, &op) || seen & 1 << op)
            continue;
        keep_lightest(i, r, f, op);
        seen |= 1 << op;
    }
}

dc_status dc_analysis_run(dc_analysis *i, const dc_subject *subject,
                          const dc_judge *judge, int shrink, dc_error *e)
{
    const dc_shrink_live_limits limits = dc_shrink_live_usual(subject);
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        dc_endpoint *end = NULL;

        if (!i->lightest[op])
            continue;
        status = dc_endpoint_open(&end, subject, e);
        if (status == DC_OK) {
            dc_endpoint_set_timeout(end, limits.timeout);
            status = dc_diagnose(&i->evidence, (dc_op)op, NULL, end,
                                 &i->diagnosis[op], e);
        }
        i->has_diagnosis[op] = status == DC_OK;
        dc_endpoint_close(end);
        if (status == DC_OK && shrink) {
            status =
                dc_shrink_live_run(subject, judge, &limits, i->lightest[op],
                                   i->finding[op], &i->smallest[op], e);
            i->has_smallest[op] = status == DC_OK;
        }
    }
    return status;
}

dc_status dc_analysis_reproduce(const dc_analysis *i, const dc_arithmetic *a,
                                const char *file, dc_error *e)
{
    for (int op = 0; op < DC_OPS; op++) {
        const dc_shrunk *const m = &i->smallest[op];
        FILE *to;
        dc_status status;

        if (!i->has_smallest[op] || !m->again)
            continue;
        to = fopen(file, "w");
        if (!to)
            return dc_error_set(e, DC_FAILED, NULL, -1, "cannot write %.150s",
                                file);
        status = dc_reproducer_write(&m->smallest, m->op, a, to, e);
        if (fclose(to) != 0 && status == DC_OK)
            status = dc_error_set(e, DC_FAILED, NULL, -1, "cannot write %.150s",
                                  file);
        return status;
    }
    return DC_OK;
}

/* The line that shows the smallest case again. */
static void print_command(const dc_shrunk *m, const dc_run *run, FILE *to)
{
    dc_result *const r = calloc(1, sizeof *r);
    char line[DC_CASE_MAX + 640];

    if (!r)
        return;
    r->item.c = m->smallest;
    r->findings[0] = m->finding;
    r->n_findings = 1;
    dc_run_command(run, r, m->op, line, sizeof line);
    fprintf(to, "  reproduce: %s\n", line);
    free(r);
}

void dc_analysis_print(const dc_analysis *i, const dc_run *run, FILE *to)
{
    for (int op = 0; op < DC_OPS; op++) {
        const dc_shrunk *const m = &i->smallest[op];

        if (!i->has_diagnosis[op])
            continue;
        dc_diagnose_print(&i->diagnosis[op], to);
        if (i->has_smallest[op])
            dc_shrink_live_print(m, to);
        if (i->has_smallest[op] && m->again)
            print_command(m, run, to);
        fputc('\n', to);
    }
}
