/* SPDX-License-Identifier: MIT
 *
 * Calls that are no guarded case: problems to be refused, and tensors that
 * the host makes itself.  No tensor bytes are sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "oracle/subject/endpoint_internal.h"
#include "oracle/subject/wire.h"

/* Patience with calls of tensors beyond 2^31 elements. */
static const double LARGE_TIMES = 12;

/* Starts the process if there is none.  1 when it runs. */
static int running(dc_endpoint *end, dc_answer *answer)
{
    dc_error why = {.text = ""};

    *answer = dc_endpoint_blank();
    if (end->process.pid || dc_endpoint_start(end, &why) == DC_OK)
        return 1;
    answer->outcome = DC_CRASHED;
    snprintf(answer->reason, sizeof answer->reason,
             "it does not start again: %.200s", why.text);
    return 0;
}

/* Sends the line, reads the header and then a result, if there is one. */
static dc_status exchange(dc_endpoint *end, char *line, dc_expected *awaited,
                          void *result, dc_answer *answer, dc_error *e)
{
    const double deadline = dc_clock_now() + end->timeout;
    const dc_chunk chunk = {line, (int64_t)strlen(line)};
    dc_error wire = {.text = ""};
    const char *header;
    size_t length;
    dc_got got;

    dc_process_send(&end->process, &chunk, 1);
    got = dc_process_line(&end->process, deadline, &header, &length);
    if (got == DC_GOT &&
        dc_reply_read(header, length, awaited, answer, &wire) != DC_OK) {
        dc_endpoint_fail(end, awaited->op, DC_GOT, &wire, answer);
        return DC_OK;
    }
    if (got == DC_GOT && *awaited->fault)
        return dc_error_set(e, DC_FAILED, NULL, -1, "%.60s: %.180s", end->what,
                            awaited->fault);
    if (got == DC_GOT && awaited->died)
        got = DC_GOT_END;
    if (got == DC_GOT && answer->status == DC_OK && result) {
        got = dc_process_bytes(&end->process, deadline,
                               answer->shape_axes < 0 ? result : NULL,
                               awaited->bytes[0]);
        answer->runs = answer->shape_axes < 0;
    }
    if (got != DC_GOT && !awaited->died) /* a broken-off answer's header */
        *answer = dc_endpoint_blank();
    if (got != DC_GOT)
        dc_endpoint_fail(end, awaited->op, got, &wire, answer);
    else if (!result && answer->status == DC_OK)
        dc_process_end(&end->process, 0, NULL, NULL);
    return DC_OK;
}

static dc_status ask(dc_endpoint *end, const char *token, const char *kind,
                     const dc_problem *p, dc_op op, void *result,
                     dc_answer *answer, dc_error *e)
{
    dc_expected awaited = {.id = end->id++,
                           .p = p,
                           .op = op,
                           .hosted = end->route.hosted,
                           .refusal = !result};
    dc_status status;
    char *line;

    status = dc_wire_raw(&line, awaited.id, token, kind, p, op);
    if (status != DC_OK)
        return dc_error_set(e, status, NULL, -1, "out of memory");
    status = exchange(end, line, &awaited, result, answer, e);
    dc_process_send(&end->process, NULL, 0);
    free(line);
    return status;
}

dc_status dc_endpoint_refuse(dc_endpoint *end, const char *token,
                             const dc_problem *p, dc_op op, dc_answer *answer,
                             dc_error *e)
{
    return running(end, answer)
               ? ask(end, token, DC_WIRE_REFUSE, p, op, NULL, answer, e)
               : DC_OK;
}

dc_status dc_endpoint_large(dc_endpoint *end, const char *token,
                            const dc_problem *p, dc_op op, void *result,
                            dc_answer *answer, dc_error *e)
{
    dc_status status = DC_OK;

    *answer = dc_endpoint_blank();
    if (!end->route.hosted) {
        answer->status = DC_UNSUPPORTED;
        snprintf(answer->reason, sizeof answer->reason,
                 "a pipe would have to carry %lld elements",
                 (long long)dc_problem_count(p, dc_ops[op].in[0]));
        return DC_OK;
    }
    end->timeout *= LARGE_TIMES; /* which a hang tells, too */
    if (running(end, answer))
        status = ask(end, token, DC_WIRE_LARGE, p, op, result, answer, e);
    end->timeout /= LARGE_TIMES;
    return status;
}

void dc_endpoint_restart(dc_endpoint *end)
{
    if (end->route.hosted && end->process.pid)
        dc_process_end(&end->process, DC_ENDPOINT_GRACE, NULL, NULL);
}
