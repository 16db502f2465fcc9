/* SPDX-License-Identifier: MIT
 *
 * The requests of the pipe protocol: one line of JSON that says what is asked
 * and which tensor bytes follow it.  The judge writes them, `deconform host`
 * reads them.
 */
#ifndef DC_WIRE_H
#define DC_WIRE_H

#include <jansson.h>

#include "oracle/subject/endpoint.h"

/* j as one line, newline included; takes j, which is NULL when memory ran out
 * on the way to here.  The caller frees the line. */
dc_status dc_wire_line(char **line, json_t *j);

/* {"name": ..., "shape": [...]} of tensor t. */
json_t *dc_wire_tensor(const dc_problem *p, dc_tensor t);

/* The header of a request, newline included; the caller frees it.  c NULL
 * asks for hello. */
dc_status dc_wire_request(char **line, int64_t id, const dc_case *c, dc_op op);

/* Words of the key "ask", which only requests without tensor bytes have: the
 * problem is to be refused; the inputs are to be made by the host. */
#define DC_WIRE_REFUSE "refuse"
#define DC_WIRE_LARGE  "large"

/* The header of such a request; token stands for the case string. */
dc_status dc_wire_raw(char **line, int64_t id, const char *token,
                      const char *ask, const dc_problem *p, dc_op op);

/* A request as the host reads it. */
typedef struct {
    int64_t id;
    int hello;
    int refuse; /* the problem may be anything */
    int large;
    dc_op op;
    dc_problem p;
} dc_request;

/* DC_FAILED when the line is no request; DC_INVALID (id is set) when its
 * problem is not legal. */
dc_status dc_wire_asked(const char *line, size_t length, dc_request *asked,
                        dc_error *e);

#endif
