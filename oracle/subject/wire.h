/* SPDX-License-Identifier: MIT
 *
 * Requests of the pipe protocol: one line of JSON that names the operation, the
 * problem and the tensors whose bytes follow it.  The judge writes requests,
 * `deconform host` reads them.
 */
#ifndef DC_WIRE_H
#define DC_WIRE_H

#include <jansson.h>

#include "oracle/subject/endpoint.h"
#include "oracle/subject/process.h"

typedef enum {
    DC_REQUEST_HELLO,    /* name and version; no operation and no problem */
    DC_REQUEST_CALL,     /* a legal problem; its tensors follow the line */
    DC_REQUEST_REFUSE,   /* a problem that must be refused; no tensors */
    DC_REQUEST_SUPPORTS, /* is a problem, which may be illegal, supported? no
                          * tensors */
    DC_REQUEST_LARGE,    /* a legal problem whose inputs the host makes */
    DC_REQUEST_SETTLE, /* nothing is computed: what changed since the last call,
                        * whose problem it has? */
    DC_REQUESTS
} dc_request_kind;

typedef struct {
    int64_t id;
    dc_request_kind kind;
    dc_op op;
    const char *token; /* the case string, or "" to say none; NULL when read, or
                        * for hello */
    dc_problem p;
    bool reentrant; /* of a call: it is made by two threads at once, too */
} dc_request;

/* The line of a request, newline included; the caller frees it.  DC_NOMEM. */
dc_status dc_wire_write(char **line, const dc_request *request);

/* Queues the request's line and, for a call, its tensors[] in the order of the
 * operation's arguments; tensors NULL: none.  All are borrowed until they are
 * sent.  DC_FAILED if one is missing. */
dc_status dc_wire_send(dc_process *process, const dc_request *request,
                       const char *line, const void *const *tensors,
                       dc_error *e);

/* Reads a line.  DC_FAILED if it is no request; DC_INVALID (id is set) if the
 * problem of a call or of a large call is illegal. */
dc_status dc_wire_read(const char *line, size_t length, dc_request *request,
                       dc_error *e);

/* j as one line, newline included.  Releases j, which may be NULL after a
 * failed allocation.  The caller frees the line.  DC_NOMEM. */
dc_status dc_wire_line(char **line, json_t *j);

/* {"name": ..., "shape": [...]} of tensor t. */
json_t *dc_wire_tensor(const dc_problem *p, dc_tensor t);

#endif
