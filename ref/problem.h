/* SPDX-License-Identifier: MIT
 *
 * Which problems are legal, what is the shape of each tensor, and which tensors
 * does each operation read and write?
 */
#ifndef DC_PROBLEM_H
#define DC_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "ref/deconform.h"

/* What went wrong: a sentence for people, the fields before it for programs. */
typedef struct {
    dc_status status;
    const char
        *field; /* "k", "op", "o", ..., or NULL if no field is at fault */
    int axis;   /* 0..rank-1, or -1 */
    char text[256];
} dc_error;

/* Fills e (which may be NULL) and returns status, so that a check reads
 * `return dc_error_set(e, DC_INVALID, "k", a, "...")`. */
dc_status dc_error_set(dc_error *e, dc_status status, const char *field,
                       int axis, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The same if no field is responsible: for a failure, and for wrong input. */
#define dc_failed(e, ...)  dc_error_set(e, DC_FAILED, NULL, -1, __VA_ARGS__)
#define dc_invalid(e, ...) dc_error_set(e, DC_INVALID, NULL, -1, __VA_ARGS__)

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

/* The tensors that an operation reads, in the order of its arguments, and the
 * one that it writes. */
typedef struct {
    const char *name;
    int takes; /* number of entries in in[] */
    dc_tensor in[3];
    dc_tensor out;
} dc_op_info;

extern const dc_op_info dc_ops[DC_OPS];
extern const char *const dc_tensor_names[DC_TENSORS];

/* The name of axis a of a problem of this rank: "d", "h" or "w". */
const char *dc_axis_name(int rank, int a);

/* "OK", "UNSUPPORTED", ...; "an unknown status" for any other number. */
const char *dc_status_name(dc_status status);

/* Does op read tensor t of this problem?  (b only if the problem has one.) */
bool dc_op_takes(const dc_problem *p, dc_op op, dc_tensor t);

/* Sets g, ci and co; cig and cog count the channels of one group, so that
 * groups stay whole. */
void dc_problem_set_channels(dc_problem *p, int64_t g, int64_t cig,
                             int64_t cog);

/* Checks every field except o, computes o, and checks that the bytes of every
 * tensor fit an int64_t.  On DC_INVALID e names the field and the axis. */
dc_status dc_problem_complete(dc_problem *p, dc_error *e);

/* The same for a problem that somebody else completed: size and o must be
 * right as well. */
dc_status dc_problem_check(const dc_problem *p, dc_error *e);

/* The functions below require a complete problem. */

/* Shape of tensor t; returns its number of axes, at most 5. */
int dc_problem_shape(const dc_problem *p, dc_tensor t, int64_t shape[5]);

/* Number of elements of tensor t. */
int64_t dc_problem_count(const dc_problem *p, dc_tensor t);

/* Bytes of tensor t. */
size_t dc_problem_bytes(const dc_problem *p, dc_tensor t);

/* Are all fields equal?  (memcmp would compare the padding before n as well.)
 */
bool dc_problem_equal(const dc_problem *p, const dc_problem *q);

/* The same problem in a rank that is not less, with unit axes in front. */
dc_problem dc_problem_raise(const dc_problem *p, int rank);

/* The same problem in rank 3. */
dc_problem dc_problem_lift(const dc_problem *p);

/* The same problem in rank 3 with one position and one tap: each element of a
 * tensor stands for a plane of p's tensor, so that dc_gather_element visits the
 * pairs of planes whose products make up a plane of the result. */
dc_problem dc_problem_planes(const dc_problem *p);

#endif
