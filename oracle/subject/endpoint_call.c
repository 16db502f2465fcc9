/* SPDX-License-Identifier: MIT
 *
 * The kinds of call that an endpoint can be asked.
 */
#include "oracle/subject/endpoint_state.h"

#include <stdio.h>
#include <string.h>

#include "ref/format.h"

/* A pipe is called twice for results of at most this many elements. */
static const int64_t REPEAT_MAX = 65536;

/* These calls may take this many times the timeout. */
static const double LARGE_TIMES = 12, REENTRANT_TIMES = 4;

/* Makes the same call again and compares the results bit for bit. */
static dc_status repeat(dc_endpoint *end, const dc_exchange *x,
                        dc_answer *answer, dc_error *e)
{
    const dc_problem *p = &x->request.p;
    const int64_t size = dc_formats[p->dtype].size;
    const int64_t count = dc_problem_count(p, dc_ops[x->request.op].out);
    const char *first = x->result[0];
    const char *second = x->result[1];
    dc_exchange again = *x;
    dc_answer other;
    dc_status status;

    again.result[0] = x->result[1];
    again.result[1] = NULL;
    status = dc_endpoint_exchange(end, &again, &other, e);
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

/* The seconds that the next request may take. */
static double timeout_of(const dc_endpoint *end)
{
    return dc_endpoint_is_new(end) ? end->timeout : end->later_timeout;
}

dc_status dc_endpoint_call(dc_endpoint *end, const dc_case *c, dc_op op,
                           const void *const tensors[DC_TENSORS],
                           void *const result[2], dc_answer *answer,
                           dc_error *e)
{
    char token[DC_CASE_MAX];
    dc_exchange x = {
        .request = {0, DC_REQUEST_CALL, op, token, c->p, end->reentrant},
        .tensors = tensors,
        .result = {result[0], result[1]},
        .timeout = timeout_of(end) * (end->reentrant ? REENTRANT_TIMES : 1)};
    dc_error why = {.text = ""};
    dc_status status;

    *answer = dc_endpoint_blank();
    if (dc_problem_check(&c->p, &why) != DC_OK)
        return dc_failed(e, "the judge's problem is illegal: %.180s", why.text);
    dc_case_print(c, token);
    status = dc_endpoint_exchange(end, &x, answer, e);
    if (status == DC_OK && !end->launch.hosted && result[1] &&
        dc_endpoint_has_result(answer) && end->process.pid &&
        dc_problem_count(&c->p, dc_ops[op].out) <= REPEAT_MAX)
        status = repeat(end, &x, answer, e);
    return status;
}

dc_status dc_endpoint_refuse(dc_endpoint *end, const char *token,
                             const dc_problem *p, dc_op op, dc_answer *answer,
                             dc_error *e)
{
    dc_exchange x = {.request = {0, DC_REQUEST_REFUSE, op, token, *p, false},
                     .timeout = timeout_of(end)};

    return dc_endpoint_exchange(end, &x, answer, e);
}

dc_status dc_endpoint_supports(dc_endpoint *end, const char *token,
                               const dc_problem *p, dc_op op,
                               const void *const *tensors, dc_answer *answer,
                               dc_error *e)
{
    dc_exchange x = {
        .request = {0, tensors ? DC_REQUEST_CALL : DC_REQUEST_SUPPORTS, op,
                    token, *p, false},
        .tensors = tensors,
        .timeout = timeout_of(end)};

    return dc_endpoint_exchange(end, &x, answer, e);
}

dc_status dc_endpoint_large(dc_endpoint *end, const char *token,
                            const dc_problem *p, dc_op op, void *result,
                            dc_answer *answer, dc_error *e)
{
    dc_exchange x = {.request = {0, DC_REQUEST_LARGE, op, token, *p, false},
                     .result = {result, NULL},
                     .timeout = LARGE_TIMES * timeout_of(end)};

    if (end->launch.hosted)
        return dc_endpoint_exchange(end, &x, answer, e);
    *answer = dc_endpoint_blank();
    answer->status = DC_UNSUPPORTED;
    snprintf(answer->reason, sizeof answer->reason,
             "a pipe would have to carry %lld elements",
             (long long)dc_problem_count(p, dc_ops[op].in[0]));
    return DC_OK;
}

dc_status dc_endpoint_settle(dc_endpoint *end, dc_late_call *last,
                             dc_answer *answer, dc_error *e)
{
    dc_exchange x = {.request = {0, DC_REQUEST_SETTLE, end->before.op,
                                 last->token, end->before.p, false},
                     .timeout = timeout_of(end)};

    *answer = dc_endpoint_blank();
    *last = end->before;
    if (!end->launch.hosted || !end->process.pid ||
        end->before.moment.process != end->hello_id ||
        dc_problem_check(&end->before.p, NULL) != DC_OK) {
        last->token[0] = 0;
        return DC_OK;
    }
    return dc_endpoint_attempt(end, &x, answer, e);
}
