/* SPDX-License-Identifier: MIT
 *
 * An exchange of one request for one answer, and what becomes of the process
 * when it does not come off: a finding about the judged, never our fault.
 */
#include "oracle/subject/endpoint.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "ref/format.h"
#include "oracle/subject/endpoint_internal.h"
#include "oracle/subject/wire.h"

/* Seconds that a process has to end by itself, at close and after it closed
 * its stdout; and that may pass between two pieces which an answerer that has
 * answered already takes of the rest. */
static const double GRACE = DC_ENDPOINT_GRACE;
static const double PAUSE = 0.2;

/* A pipe is asked again for results up to this many elements. */
static const int64_t REPEAT_MAX = 65536;

dc_answer dc_endpoint_blank(void)
{
    const dc_answer blank = {.outcome = DC_ANSWERED,
                             .status = DC_OK,
                             .repeat = -1,
                             .unwritten = -1,
                             .shape_axes = -1,
                             .tensor = DC_TENSORS};

    return blank;
}

/* ==== How it ended ======================================================= */

/* Ends a process that closed its stdout and describes its end in answer:
 * "forward died by SIGSEGV: access 4 bytes past the end of w".  The detail
 * after the colon is answer's reason or, without one, the last line of the
 * process's stderr. */
static void describe_exit(dc_endpoint *end, const char *during,
                          dc_answer *answer)
{
    char exit[DC_PROCESS_TEXT] = "closed its stdout without an answer";
    char detail[121];
    int status = 0;
    int own = 0;

    dc_process_end(&end->process, GRACE, &status, &own);
    if (own) {
        dc_process_describe_exit(status, exit);
        answer->exited = WIFEXITED(status);
        answer->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
    if (*answer->reason)
        snprintf(detail, sizeof detail, "%.120s", answer->reason);
    else
        dc_process_stderr_tail(&end->process, detail, sizeof detail - 1);
    snprintf(answer->reason, sizeof answer->reason, "%s %s%s%s", during, exit,
             *detail ? ": " : "", detail);
}

void dc_endpoint_fail(dc_endpoint *end, dc_op op, dc_got got,
                      const dc_error *wire, dc_answer *answer)
{
    const dc_answer access = *answer;

    *answer = dc_endpoint_blank();
    answer->outcome = got == DC_GOT_LATE ? DC_HUNG : DC_CRASHED;
    if (got == DC_GOT_END) {
        answer->tensor = access.tensor;
        answer->side = access.side;
        memcpy(answer->reason, access.reason, sizeof answer->reason);
        describe_exit(end, dc_ops[op].name, answer);
        return;
    }
    dc_process_end(&end->process, 0, NULL, NULL);
    if (got == DC_GOT_LATE)
        snprintf(answer->reason, sizeof answer->reason,
                 "%s gave no answer within %g s", dc_ops[op].name,
                 end->timeout);
    else
        snprintf(answer->reason, sizeof answer->reason, "%s %.220s",
                 dc_ops[op].name,
                 got == DC_GOT_LONG
                     ? "answered garbage: a header of more than 64 KiB"
                     : wire->text);
}

/* ==== Hello ============================================================== */

static dc_status no_hello(dc_endpoint *end, dc_got got, dc_error *e)
{
    dc_answer answer = dc_endpoint_blank();

    if (got == DC_GOT_END) {
        describe_exit(end, "at hello it", &answer);
        return dc_error_set(e, DC_FAILED, NULL, -1, "%.199s", answer.reason);
    }
    dc_process_end(&end->process, 0, NULL, NULL);
    if (got == DC_GOT_LATE)
        return dc_error_set(e, DC_FAILED, NULL, -1,
                            "it did not answer hello within %g s",
                            end->patience);
    return dc_error_set(e, DC_FAILED, NULL, -1,
                        "it answered garbage: a header of more than 64 KiB");
}

dc_status dc_endpoint_start(dc_endpoint *end, dc_error *e)
{
    const double deadline = dc_clock_now() + end->patience;
    const int64_t id = end->id++;
    const char *answer;
    char *line;
    size_t length;
    dc_status status;
    dc_got got;

    status = dc_wire_request(&line, id, NULL, DC_OPS);
    if (status != DC_OK)
        return dc_error_set(e, status, NULL, -1, "out of memory");
    status = dc_process_start(&end->process, end->route.argv, e);
    if (status == DC_OK) {
        const dc_chunk chunk = {line, (int64_t)strlen(line)};

        dc_process_send(&end->process, &chunk, 1);
        got = dc_process_line(&end->process, deadline, &answer, &length);
        status = got == DC_GOT
                     ? dc_reply_greeted(answer, length, id, &end->hello, e)
                     : no_hello(end, got, e);
        dc_process_send(&end->process, NULL, 0);
        if (status != DC_OK)
            dc_process_end(&end->process, GRACE, NULL, NULL);
    }
    free(line);
    return status;
}

/* A write to a process that has died must be an error, not our end. */
static void ignore_sigpipe(void)
{
    struct sigaction now;

    if (!sigaction(SIGPIPE, NULL, &now) && now.sa_handler == SIG_DFL) {
        now.sa_handler = SIG_IGN;
        sigaction(SIGPIPE, &now, NULL);
    }
}

dc_status dc_endpoint_open(dc_endpoint **end, const dc_subject *subject,
                           dc_error *e)
{
    return dc_endpoint_open_threads(end, subject, 0, e);
}

void dc_endpoint_set_timeout(dc_endpoint *end, double timeout)
{
    end->timeout = timeout;
}

dc_status dc_endpoint_open_threads(dc_endpoint **end, const dc_subject *subject,
                                   int threads, dc_error *e)
{
    dc_endpoint *made = calloc(1, sizeof *made);
    dc_error why = {.text = ""};
    dc_status status;

    *end = NULL;
    if (!made)
        return dc_nomem(e);
    ignore_sigpipe();
    made->timeout = subject->timeout;
    made->patience = 3 * subject->timeout;
    made->what = strdup(subject->what);
    status =
        made->what ? dc_plugin_find(subject, &made->route, e) : dc_nomem(e);
    if (status == DC_OK && threads)
        status = dc_plugin_threads(&made->route, threads, e);
    if (status == DC_OK) {
        status = dc_endpoint_start(made, &why);
        if (status != DC_OK)
            dc_error_set(e, status, NULL, -1, "%.60s: %.190s", made->what,
                         why.text);
    }
    if (status == DC_OK)
        *end = made;
    else
        dc_endpoint_close(made);
    return status;
}

const char *dc_endpoint_name(const dc_endpoint *end)
{
    return end->hello.name;
}

const char *dc_endpoint_version(const dc_endpoint *end)
{
    return end->hello.version;
}

const char *dc_endpoint_declares(const dc_endpoint *end)
{
    return end->hello.declares;
}

void dc_endpoint_close(dc_endpoint *end)
{
    if (!end)
        return;
    dc_process_end(&end->process, GRACE, NULL, NULL);
    dc_plugin_forget(&end->route);
    free(end->what);
    free(end);
}

/* ==== A call ============================================================= */

/* One exchange. */
typedef struct {
    const dc_case *c;
    dc_op op;
    const void *const *tensors;
    void *result[2];
    dc_chunk chunks[DC_PROCESS_CHUNKS];
    int count;
} request;

/* Header and tensors, in the order in which op takes them. */
static dc_status compose(request *r, char *line, dc_error *e)
{
    const int64_t size = dc_formats[r->c->p.dtype].size;
    const dc_op_info *info = &dc_ops[r->op];

    r->count = 0;
    r->chunks[r->count++] = (dc_chunk){line, (int64_t)strlen(line)};
    for (int a = 0; a < info->takes; a++) {
        const dc_tensor t = info->in[a];
        const int64_t bytes = dc_problem_count(&r->c->p, t) * size;

        if (!dc_op_takes(&r->c->p, r->op, t))
            continue;
        if (bytes && !r->tensors[t])
            return dc_error_set(e, DC_FAILED, NULL, -1, "%s needs %s",
                                info->name, dc_tensor_names[t]);
        r->chunks[r->count++] = (dc_chunk){r->tensors[t], bytes};
    }
    return DC_OK;
}

/* The tensors behind an answer's header: into the results, or away where the
 * shape is wrong. */
static dc_got receive(dc_endpoint *end, double deadline, const request *r,
                      const dc_expected *awaited, dc_answer *answer)
{
    dc_got got = DC_GOT;

    for (int i = 0; i < awaited->tensors && got == DC_GOT; i++) {
        void *to = answer->shape_axes < 0 ? r->result[i] : NULL;

        got = dc_process_bytes(&end->process, deadline, to, awaited->bytes[i]);
        answer->runs += to || (answer->shape_axes < 0 && !awaited->bytes[i]);
    }
    return got;
}

/* Sends what was composed and fills answer. */
static dc_status exchange(dc_endpoint *end, const request *r, int64_t id,
                          dc_answer *answer, dc_error *e)
{
    dc_process *p = &end->process;
    const double deadline = dc_clock_now() + end->timeout;
    dc_expected awaited = {
        .id = id, .p = &r->c->p, .op = r->op, .hosted = end->route.hosted};
    dc_error wire = {.text = ""};
    const char *header;
    size_t length;
    dc_got got;

    *answer = dc_endpoint_blank();
    dc_process_send(p, r->chunks, r->count);
    got = dc_process_line(p, deadline, &header, &length);
    if (got == DC_GOT) {
        if (dc_reply_read(header, length, &awaited, answer, &wire) != DC_OK) {
            dc_endpoint_fail(end, r->op, DC_GOT, &wire, answer);
            return DC_OK;
        }
        if (*awaited.fault)
            return dc_error_set(e, DC_FAILED, NULL, -1, "%.60s: %.180s",
                                end->what, awaited.fault);
        got = awaited.died ? DC_GOT_END
                           : receive(end, deadline, r, &awaited, answer);
    }
    if (got != DC_GOT) {
        if (!awaited.died) /* the header of an answer that broke off */
            *answer = dc_endpoint_blank();
        dc_endpoint_fail(end, r->op, got, &wire, answer);
        return DC_OK;
    }
    /* An answer may come before all of the request was read.  What is not
     * read even now would be taken for the next request. */
    if (dc_process_flush(p, deadline, PAUSE) == DC_GOT_LATE)
        dc_process_end(p, 0, NULL, NULL);
    return DC_OK;
}

static dc_status ask(dc_endpoint *end, request *r, dc_answer *answer,
                     dc_error *e)
{
    const int64_t id = end->id++;
    char *line;
    dc_status status = dc_wire_request(&line, id, r->c, r->op);

    if (status != DC_OK)
        return dc_error_set(e, status, NULL, -1, "out of memory");
    status = compose(r, line, e);
    if (status == DC_OK)
        status = exchange(end, r, id, answer, e);
    dc_process_send(&end->process, NULL, 0);
    free(line);
    return status;
}

/* Asks a pipe the same again and compares bit for bit. */
static dc_status ask_again(dc_endpoint *end, request *r, dc_answer *answer,
                           dc_error *e)
{
    const int64_t size = dc_formats[r->c->p.dtype].size;
    const int64_t count = dc_problem_count(&r->c->p, dc_ops[r->op].out);
    const char *first = r->result[0];
    const char *second = r->result[1];
    request again = *r;
    dc_answer other;
    dc_status status;

    again.result[0] = r->result[1];
    again.result[1] = NULL;
    status = ask(end, &again, &other, e);
    if (status != DC_OK)
        return status;
    if (other.outcome != DC_ANSWERED || other.shape_axes >= 0) {
        *answer = other;
        return DC_OK;
    }
    if (other.status != DC_OK) {
        answer->status = DC_FAILED;
        answer->runs = 0;
        snprintf(answer->reason, sizeof answer->reason,
                 "answered OK, and %s when asked the same again",
                 dc_status_name(other.status));
        return DC_OK;
    }
    answer->runs = 2;
    for (int64_t i = 0; i < count && answer->repeat < 0; i++)
        if (memcmp(first + i * size, second + i * size, (size_t)size))
            answer->repeat = i;
    return DC_OK;
}

dc_status dc_endpoint_call(dc_endpoint *end, const dc_case *c, dc_op op,
                           const void *const tensors[DC_TENSORS],
                           void *const result[2], dc_answer *answer,
                           dc_error *e)
{
    request r = {
        .c = c, .op = op, .tensors = tensors, .result = {result[0], result[1]}};
    dc_error why = {.text = ""};
    dc_status status;

    *answer = dc_endpoint_blank();
    if (dc_problem_check(&c->p, &why) != DC_OK)
        return dc_error_set(e, DC_FAILED, NULL, -1,
                            "the judge's own problem is illegal: %.180s",
                            why.text);
    if (!end->process.pid && dc_endpoint_start(end, &why) != DC_OK) {
        answer->outcome = DC_CRASHED;
        snprintf(answer->reason, sizeof answer->reason,
                 "it does not start again: %.200s", why.text);
        return DC_OK;
    }
    status = ask(end, &r, answer, e);
    if (status == DC_OK && !end->route.hosted && result[1] &&
        answer->outcome == DC_ANSWERED && answer->status == DC_OK &&
        answer->shape_axes < 0 && end->process.pid &&
        dc_problem_count(&c->p, dc_ops[op].out) <= REPEAT_MAX)
        status = ask_again(end, &r, answer, e);
    return status;
}
