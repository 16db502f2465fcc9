/* SPDX-License-Identifier: MIT
 *
 * Internals shared by the profiles: common argument checks, and formatting a
 * problem as a framework call.  Only profile*.c include this file.
 */
#ifndef DC_PROFILE_INTERNAL_H
#define DC_PROFILE_INTERNAL_H

#include "cases/profile/profile.h"

/* Fills p from u, ignoring padding words and output sizes.  Checks rank,
 * lengths of lists, groups, channels and the shape of the input (rank+2 axes,
 * or rank+1 if unbatched inputs are allowed).  On return the pads are those of
 * u and o is not computed yet: see dc_profile_finish. */
dc_status dc_profile_common(const dc_user_layer *u, bool allows_unbatched,
                            dc_problem *p, dc_error *e);

/* Computes the output size, then refuses an empty output, as frameworks do. */
dc_status dc_profile_finish(dc_problem *p, dc_error *e);

/* A bounded output buffer.  `at` is the length that the text would have without
 * the limit; at >= size means that it was cut. */
typedef struct {
    char *text;
    size_t size;
    size_t at;
} dc_profile_text;

void dc_profile_put(dc_profile_text *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes count numbers separated by ", ". */
void dc_profile_put_list(dc_profile_text *to, const int64_t *values, int count);

/* A Python framework with the classes ConvTranspose1d, 2d and 3d. */
typedef struct {
    const char *package; /* "torch.nn" */
    const char *title;   /* "PyTorch" */
    dc_profile_resolve *resolve;
} dc_profile_class;

/* Writes the constructor call that makes p.  DC_UNSUPPORTED if begin and end
 * pads differ, or if `resolve` refuses the layer, with its reason. */
dc_status dc_profile_call(const dc_profile_class *c, const dc_problem *p,
                          char *text, size_t size, dc_error *e);

/* The entries of the table in profile.c. */
dc_profile_resolve dc_profile_pytorch_resolve, dc_profile_lucid_resolve,
    dc_profile_onnx_resolve;
dc_profile_express dc_profile_pytorch_express, dc_profile_lucid_express,
    dc_profile_onnx_express;

#endif
