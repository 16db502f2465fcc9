/* SPDX-License-Identifier: MIT
 *
 * Framework profiles: translate a layer as a framework's user writes it into
 * explicit parameters, and back.
 */
#ifndef DC_PROFILE_H
#define DC_PROFILE_H

#include <stdbool.h>

#include "ref/case.h"

/* Numbers per axis as a user writes them: count 0 = not given (the framework's
 * default), 1 = one number for all axes, else one per axis. */
typedef struct {
    int count;
    int64_t at[6];
} dc_list;

/* A layer as the user of a framework writes it, and the shape of its input.  A
 * resolver refuses fields that are given but unknown to its framework. */
typedef struct {
    int rank;
    int64_t in_channels;
    int64_t out_channels;
    dc_list kernel_size;
    dc_list stride;
    dc_list padding;
    const char *padding_word; /* "same", "valid", ...; NULL: numbers */
    dc_list output_padding;
    dc_list dilation;
    dc_list groups;   /* one number or none */
    int bias;         /* 0 or 1; anything else is refused */
    int input_axes;   /* axes of the input */
    int64_t input[5]; /* its shape, with n first if it is batched */
    dc_list output_size;
} dc_user_layer;

enum { DC_PROFILE_TEXT = 1024 }; /* size of a buffer for any call */

/* Sets p to the complete problem (dtype f32) that the layer means.  If the
 * framework refuses the layer, e has a similar message, the framework's name of
 * the parameter, and the axis. */
typedef dc_status dc_profile_resolve(const dc_user_layer *u, dc_problem *p,
                                     dc_error *e);

/* Writes a complete problem as a call of the framework.  DC_UNSUPPORTED, with
 * the reason, if it cannot be written so; DC_FAILED if size is too small. */
typedef dc_status dc_profile_express(const dc_problem *p, char *text,
                                     size_t size, dc_error *e);

typedef struct {
    const char *name;    /* "pytorch", "lucid", "onnx" */
    const char *version; /* of the framework that this describes */
    dc_profile_resolve *resolve;
    dc_profile_express *express;
} dc_profile;

extern const dc_profile dc_profiles[];
extern const int dc_profiles_count;

#endif
