/* SPDX-License-Identifier: MIT
 *
 * The memory of a process, before and after many calls of the same.
 */
#include "oracle/judge/growth.h"

#include <stdlib.h>
#include <unistd.h>

#include "oracle/base/clock.h"
#include "oracle/truth/truth.h"
#include "ref/sanitized.h"

/* A page that is lost with every call may share a page with its neighbour. */
static const double PART_OF_PAGE = 0.75;

/* One operation, asked again and again. */
typedef struct {
    dc_endpoint *end;
    dc_truth *truth;
    dc_op op;
    void *result;
    double deadline;
    int64_t memory; /* after the last request; -1: not known */
    int64_t calls;  /* made by the requests of one half */
} series;

/* Asks `count` times.  False if that is pointless: no result, no time left, or
 * no memory known. */
static bool ask(series *s, int count, dc_result *r, dc_status *status,
                dc_error *e)
{
    s->calls = 0;
    for (int k = 0; k < count; k++) {
        dc_answer a;

        *status =
            dc_endpoint_call(s->end, &s->truth->c, s->op, s->truth->tensors,
                             (void *[2]){s->result, NULL}, &a, e);
        if (*status != DC_OK || dc_result_lost(r, s->op, &a) ||
            !dc_endpoint_has_result(&a) || dc_clock_now() > s->deadline)
            return false;
        s->calls += a.calls;
    }
    s->memory = dc_endpoint_memory(s->end);
    return s->memory >= 0;
}

static dc_status measure(series *s, double *bytes, dc_result *r, dc_error *e)
{
    const double least = PART_OF_PAGE * (double)sysconf(_SC_PAGESIZE);
    const int half = DC_GROWTH_ASKED / 2;
    dc_status status = DC_OK;
    int64_t memory[3];
    bool ok = true;
    bool grows = true;

    for (int k = 0; k < 3 && ok && grows; k++) {
        ok = ask(s, k ? half : DC_GROWTH_ASKED, r, &status, e);
        memory[k] = s->memory;
        grows = k == 0 ||
                (double)(memory[k] - memory[k - 1]) >= least * (double)s->calls;
    }
    if (ok && grows && !DC_SANITIZED)
        *bytes = (double)(memory[2] - memory[0]) / (2 * (double)s->calls);
    return status;
}

dc_status dc_growth_measure(dc_endpoint *end, const dc_case *c,
                            const bool ops[DC_OPS], double seconds,
                            dc_growth *growth, dc_result *result, dc_error *e)
{
    dc_truth truth;
    series s = {
        .end = end, .truth = &truth, .deadline = dc_clock_now() + seconds};
    dc_status status = dc_truth_open(&truth, c, e);

    *growth = (dc_growth){.c = *c};
    result->item.c = *c;
    if (status != DC_OK)
        return status;
    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        if (!ops[op] || result->verdict >= DC_FAIL)
            continue;
        s.op = (dc_op)op;
        s.result = malloc(dc_problem_bytes(&c->p, dc_ops[op].out) + 1);
        result->requested[op] = true;
        status =
            s.result ? measure(&s, &growth->bytes[op], result, e) : dc_nomem(e);
        growth->any |= growth->bytes[op] > 0;
        free(s.result);
    }
    dc_truth_close(&truth);
    return status;
}

void dc_growth_print(const dc_growth *growth, FILE *to)
{
    const char *between = "memory: the process grows by about";
    char name[DC_CASE_MAX];

    if (!growth->any)
        return;
    dc_case_print(&growth->c, name);
    for (int op = 0; op < DC_OPS; op++)
        if (growth->bytes[op] > 0) {
            fprintf(to, "%s %.0f bytes per call of %s", between,
                    growth->bytes[op], dc_ops[op].name);
            between = ",";
        }
    fprintf(to, " (asked %d times: %s)\n", DC_GROWTH_ASKED, name);
}
