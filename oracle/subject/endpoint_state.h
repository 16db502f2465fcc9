/* SPDX-License-Identifier: MIT
 *
 * An endpoint, and one exchange of a request for a reply.
 */
#ifndef DC_ENDPOINT_STATE_H
#define DC_ENDPOINT_STATE_H

#include "oracle/subject/endpoint.h"
#include "oracle/subject/plugin.h"
#include "oracle/subject/process.h"
#include "oracle/subject/silence.h"
#include "oracle/subject/wire.h"

struct dc_endpoint {
    dc_process process;
    dc_launch launch;
    dc_hello hello;
    char *what;
    double timeout;
    double later_timeout; /* of calls after the first of a process */
    double hello_timeout;
    int64_t id;            /* of the next request */
    dc_silence silence[2]; /* about legal, about illegal problems */
    bool reentrant;        /* calls are made from two threads, too */
    int64_t hello_id;      /* of the hello to the process */
    dc_late_call before;   /* the last call, without a write */
    dc_late_call late;     /* the one to be taken */
    dc_moment taken;       /* when that was done last */
};

typedef struct {
    dc_request request;
    const void *const *tensors; /* inputs of DC_REQUEST_CALL */
    void *result[2];            /* NULL: not wanted */
    double timeout;
    bool spoilt; /* the implementation left the host unable to go on */
} dc_exchange;

/* Has the process been asked nothing but hello yet? */
bool dc_endpoint_is_new(const dc_endpoint *end);

/* Sends the request and fills answer.  The process is started if there is none;
 * if it does not start, that is answer's crash. */
dc_status dc_endpoint_attempt(dc_endpoint *end, dc_exchange *x,
                              dc_answer *answer, dc_error *e);

/* The same, if the implementation is still worth a call.  What earlier calls
 * left in the process is not this call's crash. */
dc_status dc_endpoint_exchange(dc_endpoint *end, dc_exchange *x,
                               dc_answer *answer, dc_error *e);

#endif
