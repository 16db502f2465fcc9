/* SPDX-License-Identifier: MIT
 *
 * Framework profiles: what a framework lets a user write, turned into
 * canonical explicit parameters, and back.  Nothing else knows about them.
 */
#ifndef DC_PROFILE_H
#define DC_PROFILE_H

#include "ref/case.h"

/* A list of per-axis numbers as a user writes it: count 0 = not given (the
 * framework's default), 1 = one number for all axes, else one per axis. */
typedef struct {
    int count;
    int64_t at[6];
} dc_list;

/* A layer as the user of a framework writes it, and the shape of its input.
 * Fields that a framework does not know are refused by its resolver when they
 * are given. */
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
    dc_list groups;   /* one number; a list, so that 0 can be asked */
    int bias;         /* 0 or 1 */
    int input_axes;   /* number of axes of the input's shape */
    int64_t input[5]; /* the input's shape, n first when batched */
    dc_list output_size;
} dc_user_layer;

enum { DC_PROFILE_TEXT = 1024 }; /* bytes that any expressed call fits in */

typedef struct {
    const char *name;    /* "pytorch", "lucid", "onnx" */
    const char *version; /* which behaviour this describes */
    /* Resolves a user's layer into a complete problem (dtype f32).  On a
     * refusal e carries the framework's kind of complaint, its name of the
     * parameter and the axis. */
    dc_status (*resolve)(const dc_user_layer *u, dc_problem *p, dc_error *e);
    /* Writes a complete problem as the framework's own call, or answers
     * DC_UNSUPPORTED with the reason in e; DC_FAILED when size is too small. */
    dc_status (*express)(const dc_problem *p, char *text, size_t size,
                         dc_error *e);
} dc_profile;

extern const dc_profile dc_profiles[];
extern const int dc_profiles_count;

#endif
