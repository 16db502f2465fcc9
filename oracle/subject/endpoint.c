/* SPDX-License-Identifier: MIT
 *
 * Exchanges one request for one reply.  Whatever goes wrong with the process
 * on the way is a finding about the implementation, never our fault.
 */
#include "oracle/subject/endpoint_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/subject/reply.h"
#include "oracle/subject/surroundings.h"
#include "ref/format.h"

/* Seconds that a process gets to end by itself, at close and after it closed
 * its stdout. */
static const double GRACE = 0.5;

/* Longest gap, in seconds, while a process that has already replied drains the
 * rest of the request. */
static const double PAUSE = 0.2;

#define TOO_LONG "answered garbage: a header of more than 64 KiB"
#define TWICE    ", alone and with two threads inside"

/* ==== How a process ended ================================================ */

/* Ends a process that closed its stdout and describes its end in answer:
 * "forward died by SIGSEGV: access 4 bytes past the end of w".  The detail
 * after the colon is answer's reason or, without one, the last line of the
 * process's stderr. */
static void describe_exit(dc_endpoint *end, const char *during,
                          dc_answer *answer)
{
    const dc_exit how = dc_process_end(&end->process, GRACE);
    char ending[DC_PROCESS_TEXT];
    char detail[121];

    dc_process_describe_exit(how, ending);
    answer->signal = how.signal;
    answer->exited = !how.killed && !how.signal;
    if (*answer->reason)
        snprintf(detail, sizeof detail, "%.120s", answer->reason);
    else
        dc_printed_line(&end->process.printed, detail, sizeof detail - 1);
    snprintf(answer->reason, sizeof answer->reason, "%s %s%s%s", during, ending,
             *detail ? ": " : "", detail);
}

/* ==== Hello ============================================================== */

/* Reads the reply to hello.  DC_FAILED with a sentence in e. */
static dc_status receive_hello(dc_endpoint *end, double deadline, int64_t id,
                               dc_error *e)
{
    dc_answer answer = dc_endpoint_blank();
    const char *line;
    size_t length;
    const dc_got got =
        dc_process_read_line(&end->process, deadline, &line, &length);

    if (got == DC_GOT)
        return dc_reply_read_hello(line, length, id, &end->hello, e);
    if (got == DC_GOT_END) {
        describe_exit(end, "at hello it", &answer);
        return dc_failed(e, "%.199s", answer.reason);
    }
    dc_process_end(&end->process, 0);
    if (got == DC_GOT_LONG)
        return dc_failed(e, "it %s", TOO_LONG);
    return dc_failed(e, "it did not answer hello within %g s",
                     end->hello_timeout);
}

/* Starts the process and says hello. */
static dc_status start(dc_endpoint *end, dc_error *e)
{
    const double deadline = dc_clock_now() + end->hello_timeout;
    const dc_request hello = {.id = end->id++, .kind = DC_REQUEST_HELLO};
    char *line;
    dc_status status;

    if (dc_wire_write(&line, &hello) != DC_OK)
        return dc_nomem(e);
    end->hello_id = hello.id;
    status = dc_process_start(&end->process, end->launch.argv, e);
    if (status == DC_OK) {
        status = dc_wire_send(&end->process, &hello, line, NULL, e);
        if (status == DC_OK)
            status = receive_hello(end, deadline, hello.id, e);
        dc_process_send(&end->process, NULL, 0);
        if (status != DC_OK)
            dc_process_end(&end->process, GRACE);
    }
    free(line);
    return status;
}

/* ==== Open and close ===================================================== */

/* An endpoint whose process is not started yet. */
static dc_status make(dc_endpoint **end, const dc_subject *subject, int threads,
                      dc_error *e)
{
    dc_endpoint *made = calloc(1, sizeof *made);
    dc_status status;

    *end = NULL;
    if (!made)
        return dc_nomem(e);
    made->timeout = made->later_timeout = subject->timeout;
    made->hello_timeout = 3 * subject->timeout;
    made->what = strdup(subject->what);
    status =
        made->what ? dc_plugin_find(subject, &made->launch, e) : dc_nomem(e);
    if (status == DC_OK && threads)
        status = dc_plugin_threads(&made->launch, threads, e);
    if (status == DC_OK)
        *end = made;
    else
        dc_endpoint_close(made);
    return status;
}

dc_status dc_endpoint_open(dc_endpoint **end, const dc_subject *subject,
                           dc_error *e)
{
    dc_error why;
    dc_status status = make(end, subject, 0, e);

    if (status != DC_OK)
        return status;
    status = start(*end, &why);
    if (status != DC_OK) {
        dc_error_set(e, status, NULL, -1, "%.60s: %.190s", (*end)->what,
                     why.text);
        dc_endpoint_close(*end);
        *end = NULL;
    }
    return status;
}

dc_status dc_endpoint_open_again(dc_endpoint **end, const dc_subject *subject,
                                 int threads, dc_error *e)
{
    const dc_status status = make(end, subject, threads, e);

    if (status == DC_OK)
        (*end)->silence[0].watched = (*end)->silence[1].watched = true;
    return status;
}

const dc_hello *dc_endpoint_hello(const dc_endpoint *end)
{
    return &end->hello;
}

void dc_endpoint_set_timeout(dc_endpoint *end, double timeout)
{
    end->timeout = end->later_timeout = timeout;
}

void dc_endpoint_set_later_timeout(dc_endpoint *end, double timeout)
{
    end->later_timeout = fmin(end->timeout, timeout);
}

dc_moment dc_endpoint_now(const dc_endpoint *end)
{
    return (dc_moment){end->process.pid ? end->hello_id : -1,
                       end->id - end->hello_id - 1};
}

bool dc_endpoint_is_new(const dc_endpoint *end)
{
    return !end->process.pid || dc_endpoint_now(end).call == 0;
}

int64_t dc_endpoint_memory(const dc_endpoint *end)
{
    return dc_process_memory(&end->process);
}

bool dc_endpoint_set_reentrant(dc_endpoint *end, bool reentrant)
{
    end->reentrant = reentrant && end->launch.hosted;
    return end->launch.hosted;
}

void dc_endpoint_show(dc_endpoint *end, FILE *to)
{
    end->process.printed.show = to;
}

bool dc_endpoint_restart(dc_endpoint *end)
{
    if (end->launch.hosted)
        dc_process_end(&end->process, GRACE);
    return end->launch.hosted;
}

void dc_endpoint_close(dc_endpoint *end)
{
    if (!end)
        return;
    dc_process_end(&end->process, GRACE);
    dc_plugin_forget(&end->launch);
    free(end->what);
    free(end);
}

/* ==== One exchange ======================================================= */

/* Ends the process after a failed exchange and describes the failure.  got:
 * how the wait ended; wrong: what is wrong with the reply, if one came.  answer
 * holds what is known of a fatal access. */
static void fail(dc_endpoint *end, const dc_exchange *x, dc_got got,
                 const char *wrong, dc_answer *answer)
{
    const char *const op = dc_ops[x->request.op].name;
    const size_t size = sizeof answer->reason;
    char during[128];

    answer->outcome = got == DC_GOT_LATE ? DC_HUNG : DC_CRASHED;
    if (got == DC_GOT_END) {
        snprintf(during, sizeof during, *wrong ? "%s %.90s, then" : "%s", op,
                 wrong);
        describe_exit(end, during, answer);
        return;
    }
    dc_process_end(&end->process, 0);
    if (got == DC_GOT_LATE)
        snprintf(answer->reason, size, "%s %.90s within %g s%s", op,
                 *wrong ? wrong : "gave no answer", x->timeout,
                 x->request.reentrant ? TWICE : "");
    else
        snprintf(answer->reason, size, "%s %.220s", op,
                 got == DC_GOT ? wrong : TOO_LONG);
}

/* Receives the tensors that follow a reply's line: into x's results, or
 * discarded if the shape is wrong.  Says in e how much of them came if that is
 * not all. */
static dc_got receive_results(dc_endpoint *end, const dc_exchange *x,
                              double deadline, dc_reply *reply, dc_error *e)
{
    const bool wanted = reply->answer.shape_axes < 0;
    dc_got got = DC_GOT;

    for (int r = 0; r < reply->tensors && got == DC_GOT; r++) {
        void *to = wanted ? x->result[r] : NULL;

        got = dc_process_read(&end->process, deadline, to, reply->bytes[r]);
        reply->answer.runs += to || (wanted && !reply->bytes[r]);
        if (got != DC_GOT)
            dc_failed(e, "sent %lld of %lld bytes of %s",
                      (long long)(reply->bytes[r] - end->process.unread),
                      (long long)reply->bytes[r],
                      dc_tensor_names[dc_ops[x->request.op].out]);
    }
    return got;
}

/* Reads the reply into answer. */
static dc_status receive_reply(dc_endpoint *end, dc_exchange *x,
                               dc_answer *answer, dc_error *e)
{
    dc_process *p = &end->process;
    const double deadline = dc_clock_now() + x->timeout;
    dc_error garbage = {.text = ""};
    dc_reply reply = {.died = false};
    const char *line;
    size_t length;
    dc_got got = dc_process_read_line(p, deadline, &line, &length);

    if (got == DC_GOT &&
        dc_reply_read(line, length, &x->request, end->launch.hosted, &reply,
                      &garbage) == DC_OK) {
        /* the judge's trouble, unless the implementation has been there */
        if (*reply.fault && !reply.spoilt)
            return dc_failed(e, "%.60s: %.180s", end->what, reply.fault);
        x->spoilt = reply.spoilt;
        if (x->spoilt)
            dc_failed(&garbage, "left its process unable to go on: %.160s",
                      reply.fault);
        got = reply.died ? DC_GOT_END
                         : receive_results(end, x, deadline, &reply, &garbage);
        if (reply.died || got == DC_GOT)
            *answer = reply.answer;
    }
    if (got != DC_GOT || *garbage.text)
        fail(end, x, got, garbage.text, answer);
    /* Results of an illegal problem have no known size, and a process that
     * replied before it read the whole request would take the rest of it for
     * the next one.  Limits can often not be raised again.  A new process must
     * follow. */
    else if (answer->left & 1U << DC_LEFT_LIMITS ||
             (x->request.kind == DC_REQUEST_REFUSE &&
              answer->status == DC_OK) ||
             dc_process_flush(p, deadline, PAUSE) == DC_GOT_LATE)
        dc_process_end(p, 0);
    return DC_OK;
}

/* Keeps what the answer says about the call before.  The first late write
 * counts, unless it is about a call from before the last one was taken. */
static void note_late(dc_endpoint *end, const dc_answer *answer)
{
    const bool kept = end->late.write.at.side &&
                      !dc_moment_is_before(end->late.moment, end->taken);

    if (answer->outcome != DC_ANSWERED || !answer->late.at.side || kept)
        return;
    end->late = end->before;
    end->late.write = answer->late;
}

/* Keeps what the process has just been asked. */
static void note_call(dc_endpoint *end, const dc_request *request)
{
    dc_late_call *const b = &end->before;

    b->moment = dc_endpoint_now(end);
    b->op = request->op;
    b->p = request->p;
    snprintf(b->token, sizeof b->token, "%s", request->token);
}

dc_status dc_endpoint_attempt(dc_endpoint *end, dc_exchange *x,
                              dc_answer *answer, dc_error *e)
{
    dc_error why = {.text = ""};
    char *line;
    dc_status status;

    *answer = dc_endpoint_blank();
    if (!end->process.pid && start(end, &why) != DC_OK) {
        answer->outcome = DC_CRASHED;
        snprintf(answer->reason, sizeof answer->reason,
                 "it does not start again: %.200s", why.text);
        return DC_OK;
    }
    dc_process_listen(&end->process);
    dc_printed_mark(&end->process.printed, dc_ops[x->request.op].name);
    x->request.id = end->id++;
    if (dc_wire_write(&line, &x->request) != DC_OK)
        return dc_nomem(e);
    status = dc_wire_send(&end->process, &x->request, line, x->tensors, e);
    if (status == DC_OK)
        status = receive_reply(end, x, answer, e);
    if (status == DC_OK)
        note_late(end, answer);
    dc_process_listen(&end->process);
    dc_printed_lines(&end->process.printed, answer->said, sizeof answer->said);
    if (x->request.kind != DC_REQUEST_SETTLE)
        note_call(end, &x->request);
    dc_process_send(&end->process, NULL, 0);
    free(line);
    return status;
}

dc_status dc_endpoint_exchange(dc_endpoint *end, dc_exchange *x,
                               dc_answer *answer, dc_error *e)
{
    const double begin = dc_clock_now();
    /* who dies of illegal problems may be right about every legal one */
    const bool illegal = dc_problem_check(&x->request.p, NULL) != DC_OK;
    dc_silence *const silence = &end->silence[illegal];
    dc_status status;
    bool was_new;

    if (dc_silence_passes(silence, x->request.op, answer))
        return DC_OK;
    was_new = dc_endpoint_is_new(end);
    status = dc_endpoint_attempt(end, x, answer, e);
    if (x->spoilt && !was_new)
        status = dc_endpoint_attempt(end, x, answer, e);
    if (status == DC_OK)
        dc_silence_note(silence, x->request.op, answer, dc_clock_now() - begin);
    return status;
}

bool dc_moment_is_before(dc_moment a, dc_moment b)
{
    return a.process < b.process ||
           (a.process == b.process && a.call <= b.call);
}

bool dc_endpoint_take_late(dc_endpoint *end, dc_late_call *late)
{
    end->taken = dc_endpoint_now(end);
    *late = end->late;
    end->late.write = (dc_late_write){.was = 0};
    return late->write.at.side != DC_SIDE_NONE;
}
