/* SPDX-License-Identifier: MIT
 *
 * Which problems are legal, how large is each tensor, and what does each
 * operation take and give?
 */
#ifndef DC_PROBLEM_H
#define DC_PROBLEM_H

#include <stddef.h>

#include "ref/deconform.h"

/* One sentence for a person, and what offended for a program. */
typedef struct {
    dc_status status;
    const char *field; /* "k", "op", "o", ...; NULL when no field did */
    int axis;          /* 0..rank-1, or -1 */
    char text[256];
} dc_error;

/* Fills e (which may be NULL) and returns status, so that a check reads
 * `return dc_error_set(e, DC_INVALID, "k", a, "...")`. */
dc_status dc_error_set(dc_error *e, dc_status status, const char *field,
                       int axis, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Fills e with "out of memory" and returns DC_NOMEM. */
dc_status dc_nomem(dc_error *e);

typedef enum {
    DC_FORWARD,
    DC_GRAD_INPUT,
    DC_GRAD_WEIGHT,
    DC_GRAD_BIAS,
    DC_OPS
} dc_op;

typedef enum {
    DC_X,
    DC_W,
    DC_B,
    DC_GY,
    DC_Y,
    DC_GX,
    DC_GW,
    DC_GB,
    DC_TENSORS
} dc_tensor;

/* What an operation takes, in the order of its arguments, and what it gives. */
typedef struct {
    const char *name;
    int takes; /* number of entries of in[] */
    dc_tensor in[3];
    dc_tensor out;
} dc_op_info;

extern const dc_op_info dc_ops[DC_OPS];
extern const char *const dc_tensor_names[DC_TENSORS];

/* "d", "h" or "w": the name of axis a of a problem of this rank. */
const char *dc_axis_name(int rank, int a);

/* "OK", "UNSUPPORTED", ... for a status, known or not. */
const char *dc_status_name(dc_status status);

/* Does op take tensor t of this problem?  (b only when it has a bias.) */
int dc_op_takes(const dc_problem *p, dc_op op, dc_tensor t);

/* Checks every field but o, computes o, and checks that every tensor's bytes
 * can be counted in an int64_t.  On error e names the field and the axis. */
dc_status dc_problem_complete(dc_problem *p, dc_error *e);

/* As dc_problem_complete for a problem that comes whole: size and o too must
 * be right. */
dc_status dc_problem_check(const dc_problem *p, dc_error *e);

/* Shape of tensor t; returns its number of axes (at most 5).  The problem
 * must be complete. */
int dc_problem_shape(const dc_problem *p, dc_tensor t, int64_t shape[5]);

/* Number of elements of tensor t of a complete problem. */
int64_t dc_problem_count(const dc_problem *p, dc_tensor t);

/* Bytes of tensor t of a complete problem. */
size_t dc_problem_bytes(const dc_problem *p, dc_tensor t);

/* Are all fields the same?  (Bytes would compare the hole before n, too.) */
int dc_problem_equal(const dc_problem *p, const dc_problem *q);

/* The same numbers as a problem of rank 3: unit axes in front. */
dc_problem dc_problem_lift(const dc_problem *p);

#endif
