/* SPDX-License-Identifier: MIT
 *
 * Shared by the profiles: the checks that every framework makes, and writing a
 * problem as a call.  Only profile*.c include this file.
 */
#ifndef DC_PROFILE_INTERNAL_H
#define DC_PROFILE_INTERNAL_H

#include "cases/profile/profile.h"

/* Sets p from everything except padding words and output sizes, and checks
 * rank, lengths of lists, groups, channels and the shape of the input (rank+2
 * axes, or rank+1 if unbatched inputs are allowed).  p is not complete: the
 * pads are those that were given, o is not set. */
dc_status dc_profile_common(const dc_user_layer *u, bool allows_unbatched,
                            dc_problem *p, dc_error *e);

/* Completes p and refuses an empty output, as frameworks do. */
dc_status dc_profile_finish(dc_problem *p, dc_error *e);

/* Text of a limited size.  `at` counts all characters, so at >= size means that
 * the text was cut. */
typedef struct {
    char *text;
    size_t size;
    size_t at;
} dc_profile_text;

void dc_profile_put(dc_profile_text *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes count numbers separated by ", ". */
void dc_profile_put_list(dc_profile_text *to, const int64_t *at, int count);

/* A framework whose layers are classes ConvTranspose1d..3d. */
typedef struct {
    const char *package; /* "torch.nn" */
    const char *title;   /* "PyTorch" */
    dc_status (*resolve)(const dc_user_layer *u, dc_problem *p, dc_error *e);
} dc_profile_class;

/* Writes p as a call of that class.  DC_UNSUPPORTED if the class's resolver
 * refuses the layer, with the resolver's reason. */
dc_status dc_profile_call(const dc_profile_class *c, const dc_problem *p,
                          char *text, size_t size, dc_error *e);

/* The profiles; the table is in profile.c. */
dc_status dc_profile_pytorch_resolve(const dc_user_layer *u, dc_problem *p,
                                     dc_error *e);
dc_status dc_profile_pytorch_express(const dc_problem *p, char *text,
                                     size_t size, dc_error *e);
dc_status dc_profile_lucid_resolve(const dc_user_layer *u, dc_problem *p,
                                   dc_error *e);
dc_status dc_profile_lucid_express(const dc_problem *p, char *text, size_t size,
                                   dc_error *e);
dc_status dc_profile_onnx_resolve(const dc_user_layer *u, dc_problem *p,
                                  dc_error *e);
dc_status dc_profile_onnx_express(const dc_problem *p, char *text, size_t size,
                                  dc_error *e);

#endif
