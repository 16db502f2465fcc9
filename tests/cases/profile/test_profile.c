/* SPDX-License-Identifier: MIT
 *
 * Does each profile mean what its framework means, parameter by parameter,
 * and refuse what its framework refuses?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/profile/profile.h"

static const dc_profile *profile(const char *name)
{
    for (int q = 0; q < dc_profiles_count; q++)
        if (strcmp(dc_profiles[q].name, name) == 0)
            return &dc_profiles[q];
    fail_msg("no profile %s", name);
    return NULL;
}

/* Sets one parameter, written "stride=3" or "stride=3,1"; padding may be a
 * word, and is written last then. */
static void set(dc_user_layer *u, const char *text)
{
    const struct {
        const char *what;
        dc_list *list;
        int64_t *number;
        int *small;
    } rows[] = {
        {"rank", NULL, NULL, &u->rank},
        {"in_channels", NULL, &u->in_channels, NULL},
        {"out_channels", NULL, &u->out_channels, NULL},
        {"kernel_size", &u->kernel_size, NULL, NULL},
        {"stride", &u->stride, NULL, NULL},
        {"padding", &u->padding, NULL, NULL},
        {"output_padding", &u->output_padding, NULL, NULL},
        {"dilation", &u->dilation, NULL, NULL},
        {"groups", &u->groups, NULL, NULL},
        {"bias", NULL, NULL, &u->bias},
        {"input", NULL, u->input, &u->input_axes},
        {"output_size", &u->output_size, NULL, NULL},
    };
    size_t length = strcspn(text, "=");
    dc_list value = {0, {0}};

    if (strncmp(text, "padding=", 8) == 0 && !strpbrk(text, "0123456789")) {
        u->padding_word = text + 8;
        return;
    }
    for (const char *at = text + length; *at == '=' || *at == ',';) {
        char *end;

        value.at[value.count++] = strtoll(at + 1, &end, 10);
        at = end;
    }
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        if (strlen(rows[r].what) != length ||
            strncmp(rows[r].what, text, length) != 0)
            continue;
        if (rows[r].list)
            *rows[r].list = value;
        if (rows[r].small)
            *rows[r].small = rows[r].number ? value.count : (int)value.at[0];
        for (int a = 0; rows[r].number && a < value.count; a++)
            rows[r].number[a] = value.at[a];
        return;
    }
    fail_msg("no parameter %s", text);
}

/* Sets all parameters of a text such as "stride=3 dilation=1,2". */
static void set_all(dc_user_layer *u, const char *text)
{
    while (*text) {
        set(u, text);
        text += strcspn(text, " ");
        text += strspn(text, " ");
    }
}

/* ConvTranspose2d(4, 6, (3, 2)) on an input of (2, 4, 5, 7). */
static dc_user_layer plain(void)
{
    return (dc_user_layer){.rank = 2,
                           .in_channels = 4,
                           .out_channels = 6,
                           .kernel_size = {2, {3, 2}},
                           .bias = 1,
                           .input_axes = 4,
                           .input = {2, 4, 5, 7}};
}

/* ==== What is accepted, and what it means =============================== */

/* The plain layer with settings: output, pads, output padding. */
typedef struct {
    const char *profile; /* NULL: all of them */
    const char *set;
    const char *o, *p, *op;
} accepted;

static const accepted accepts[] = {
    {NULL, "", "7x8", "0x0", "0x0"},
    {NULL, "kernel_size=4", "8x10", "0x0", "0x0"},
    {NULL, "kernel_size=1,5", "5x11", "0x0", "0x0"},
    {NULL, "stride=3", "15x20", "0x0", "0x0"},
    {NULL, "stride=1,2", "7x14", "0x0", "0x0"},
    {NULL, "dilation=2", "9x9", "0x0", "0x0"},
    {NULL, "dilation=3,1", "11x8", "0x0", "0x0"},
    {NULL, "padding=1", "5x6", "1x1", "0x0"},
    {NULL, "padding=2,0", "3x8", "2x0", "0x0"},
    {NULL, "stride=2 output_padding=1", "12x15", "0x0", "1x1"},
    {NULL, "stride=3 output_padding=2,0", "17x20", "0x0", "2x0"},
    {NULL, "groups=2", "7x8", "0x0", "0x0"},
    {NULL, "bias=0", "7x8", "0x0", "0x0"},
    {NULL, "input=0,4,5,7", "7x8", "0x0", "0x0"},
    /* the pages' layers in 1d, 2d and 3d */
    {NULL, "rank=1 kernel_size=2 input=1,4,3", "4", "0", "0"},
    {NULL, "kernel_size=4 stride=2 padding=1 input=1,4,16,4", "32x8", "1x1",
     "0x0"},
    {NULL, "rank=3 kernel_size=4,4,4 stride=2 input=2,4,4,4,4", "10x10x10",
     "0x0x0", "0x0x0"},
    /* pytorch: op up to the dilation */
    {"pytorch", "dilation=3 output_padding=2", "13x12", "0x0", "2x2"},
    {"pytorch", "stride=3,1 dilation=1,3 output_padding=2", "17x12", "0x0",
     "2x2"},
    /* pads beyond the kernel's reach; an empty batch hides empty extents */
    {"pytorch", "padding=3", "1x2", "3x3", "0x0"},
    {"pytorch", "input=0,4,0,7", "2x8", "0x0", "0x0"},
    {"pytorch", "padding=3,4 input=0,4,5,7", "1x0", "3x4", "0x0"},
    /* unbatched */
    {"pytorch", "input=4,5,7", "7x8", "0x0", "0x0"},
    {"pytorch", "rank=1 kernel_size=2 input=4,3", "4", "0", "0"},
    /* output_size: spatial, all axes, without a batch, both ends of the range,
     * in place of output_padding */
    {"pytorch", "stride=3 output_size=15,20", "15x20", "0x0", "0x0"},
    {"pytorch", "stride=3 output_size=17,22", "17x22", "0x0", "2x2"},
    {"pytorch", "stride=3 output_size=2,6,16,22", "16x22", "0x0", "1x2"},
    {"pytorch", "stride=3 input=4,5,7 output_size=6,16,22", "16x22", "0x0",
     "1x2"},
    {"pytorch", "stride=3 output_padding=-9 output_size=16,20", "16x20", "0x0",
     "1x0"},
    /* a least size below zero, a positive one wanted */
    {"pytorch", "stride=9 padding=2 input=1,4,1,1 output_size=4,5", "4x5",
     "2x2", "5x7"},
    /* lucid: words, and negative numbers that nothing checks */
    {"lucid", "padding=valid", "7x8", "0x0", "0x0"},
    {"lucid", "padding=same", "5x8", "1x0", "0x0"},
    {"lucid", "dilation=3 padding=same", "5x8", "3x1", "0x0"},
    {"lucid", "stride=2 output_padding=1,0 padding=same", "10x14", "1x0",
     "1x0"},
    {"lucid", "padding=-1", "9x10", "-1x-1", "0x0"},
};

/* Numbers of the axes as "7x8". */
static void expect(const char *name, const char *set_to, const char *want,
                   int rank, const int64_t *got)
{
    char text[80] = "";

    for (int a = 0; a < rank; a++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld",
                 a ? "x" : "", (long long)got[a]);
    if (strcmp(text, want) != 0)
        fail_msg("%s: %s gives %s, not %s", name, set_to, text, want);
}

static void layers_resolve(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof accepts / sizeof *accepts; r++) {
        const accepted *t = &accepts[r];

        for (int q = 0; q < dc_profiles_count; q++) {
            const dc_profile *f = &dc_profiles[q];
            dc_user_layer u = plain();
            dc_problem p;
            dc_error e;

            /* the rows for all are written as layers, which ONNX is not */
            if (strcmp(t->profile ? t->profile : f->name, f->name) != 0 ||
                strcmp(f->name, "onnx") == 0)
                continue;
            set_all(&u, t->set);
            memset(&e, 0, sizeof e);
            if (f->resolve(&u, &p, &e) != DC_OK)
                fail_msg("%s: %s: %s", f->name, t->set, e.text);
            assert_int_equal(dc_problem_check(&p, &e), DC_OK);
            assert_int_equal(p.rank, u.rank);
            assert_int_equal(p.dtype, DC_F32);
            assert_int_equal(p.has_bias, u.bias);
            assert_int_equal(p.ci, 4);
            assert_int_equal(p.co, 6);
            assert_int_equal(p.g, u.groups.count ? u.groups.at[0] : 1);
            assert_int_equal(p.unbatched, u.input_axes == u.rank + 1);
            assert_int_equal(p.n, p.unbatched ? 1 : u.input[0]);
            expect(f->name, t->set, t->o, p.rank, p.o);
            expect(f->name, t->set, t->p, p.rank, p.pb);
            expect(f->name, t->set, t->p, p.rank, p.pe);
            expect(f->name, t->set, t->op, p.rank, p.op);
        }
    }
}

/* What "same" and "valid" give for an input of 5, one row a kernel and
 * stride: an even kernel gives one position too many, a stride s not 5 s. */
static void lucid_words(void **state)
{
    static const struct {
        int64_t k, s, same, valid;
    } rows[] = {{3, 2, 9, 11}, {4, 1, 6, 8}, {4, 2, 10, 12}, {3, 1, 5, 7}};

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int valid = 0; valid < 2; valid++) {
            dc_user_layer u = {.rank = 1,
                               .in_channels = 1,
                               .out_channels = 1,
                               .kernel_size = {1, {rows[r].k}},
                               .stride = {1, {rows[r].s}},
                               .padding_word = valid ? "valid" : "same",
                               .input_axes = 3,
                               .input = {1, 1, 5}};
            dc_problem p;

            assert_int_equal(profile("lucid")->resolve(&u, &p, NULL), DC_OK);
            assert_int_equal(p.o[0], valid ? rows[r].valid : rows[r].same);
        }
}

/* ==== What is refused, and in which words =============================== */

typedef struct {
    const char *profile;
    const char *set;
    const char *field;
    int axis;
    const char *text; /* a part of the complaint */
} refused;

static const refused refuses[] = {
    {NULL, "rank=0", "rank", -1, "ConvTranspose0d"},
    {NULL, "rank=4", "rank", -1, "ConvTranspose4d"},
    {NULL, "groups=0", "groups", -1, "positive integer"},
    {NULL, "groups=-2", "groups", -1, "positive integer"},
    {NULL, "groups=1,1", "groups", -1, "one number"},
    {NULL, "groups=3", "in_channels", -1,
     "in_channels must be divisible by groups."},
    {NULL, "groups=4", "out_channels", -1,
     "out_channels must be divisible by groups."},
    {NULL, "bias=2", "has_bias", -1, "0 or 1"},
    {NULL, "kernel_size=1,2,3", "kernel_size", -1, "got 3"},
    {NULL, "stride=1,2,3", "stride", -1, "got 3"},
    {NULL, "padding=1,2,3", "padding", -1, "got 3"},
    {NULL, "dilation=1,0,0,0,0", "dilation", -1, "got 5"},
    {NULL, "output_padding=0,0,0,0", "output_padding", -1,
     "must be one number or 2"},
    {NULL, "input=1,4,5,7,1", "input", -1, "expected 4D input (got 5D input)."},
    {NULL, "input=4,5", "input", -1, "got 2D"},
    {NULL, "input=1,3,5,7", "input", -1, "4 channels"},
    {NULL, "input=-1,4,5,7", "n", -1, "n must be"},
    {NULL, "input=1,4,5,-7", "i", 1, "axis w"},
    {NULL, "padding=0,5", "o", 1, "axis w"},
    {"pytorch", "padding=same", "padding", -1, "'same'"},
    {"pytorch", "padding=valid", "padding", -1, "'valid'"},
    {"pytorch", "kernel_size=3,0", "kernel_size", 1, "greater than zero"},
    {"pytorch", "stride=0,1", "stride", 0, "non-positive"},
    {"pytorch", "stride=1,-1", "stride", 1, "non-positive"},
    {"pytorch", "dilation=0", "dilation", 0, "greater than"},
    {"pytorch", "padding=0,-1", "padding", 1, "negative"},
    {"pytorch", "output_padding=-1", "output_padding", 0,
     "negative output_padding"},
    {"pytorch", "output_padding=1", "output_padding", 0,
     "output padding must be smaller than either stride or dilation"},
    {"pytorch", "stride=4,3 dilation=2 output_padding=3", "output_padding", 1,
     "got 3 on axis w"},
    {"pytorch", "in_channels=0 input=1,0,5,7", "in_channels", -1, "non-empty"},
    {"pytorch", "out_channels=0", "out_channels", -1, "non-empty"},
    {"pytorch", "input=1,4,5,0", "input", 1, "non-empty"},
    {"pytorch", "input=4,0,7", "input", 0, "non-empty"},
    {"pytorch", "padding=0,4", "o", 1, "no positions"},
    {"pytorch", "stride=3 output_size=15,19", "output_size", 1,
     "valid sizes range from 20 to 22"},
    {"pytorch", "stride=3 output_size=18,20", "output_size", 0,
     "valid sizes range from 15 to 17"},
    /* the dilation gives output_padding room, but output_size none */
    {"pytorch", "dilation=4 output_size=14,11", "output_size", 0,
     "valid sizes range from 13 to 13"},
    {"pytorch", "output_size=6,7,8", "output_size", -1,
     "must have 2 or 4 elements (got 3)"},
    {"pytorch", "input=4,5,7 output_size=1,6,7,8", "output_size", -1,
     "must have 2 or 3 elements (got 4)"},
    {"pytorch", "output_size=7", "output_size", -1, "got 1"},
    /* sizes that no 64 bits hold */
    {"pytorch",
     "stride=9223372036854775807 input=1,4,9223372036854775807,1 "
     "output_size=9,9",
     "output_size", 0, "valid sizes range from"},
    {"lucid", "padding=full", "padding", -1, "Unknown padding string: full"},
    {"lucid", "padding=SAME", "padding", -1, "Unknown padding string: SAME"},
    {"lucid", "padding=", "padding", -1, "Unknown padding string: "},
    {"lucid", "padding=1 padding=same", "padding", -1, "not both"},
    {"lucid", "dilation=0 padding=same", "d", 0, "axis h"},
    {"lucid", "kernel_size=0", "k", 0, "axis h"},
    {"lucid", "dilation=1,0", "d", 1, "axis w"},
    {"lucid", "output_padding=0,-1", "output_padding", 1,
     "output_padding[1] must be in range [0, 1), got -1"},
    {"lucid", "stride=3,2 output_padding=2", "output_padding", 1,
     "output_padding[1] must be in range [0, 2), got 2"},
    /* PyTorch accepts this one */
    {"lucid", "dilation=3 output_padding=2", "output_padding", 0,
     "output_padding[0] must be in range [0, 1), got 2"},
    {"lucid", "stride=0", "output_padding", 0, "in range [0, 0), got 0"},
    {"lucid", "input=4,5,7", "input", -1, "expected 4D input (got 3D input)."},
    {"lucid", "stride=2 output_size=12,14", "output_size", -1,
     "not an argument"},
    {"lucid", "padding=2,2", "padding", 1, "negative values"},
    {"lucid", "input=1,4,5,0 stride=1,2", "o", 1, "no positions"},
};

static void layers_are_refused(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof refuses / sizeof *refuses; r++) {
        const refused *t = &refuses[r];

        for (int q = 0; q < dc_profiles_count; q++) {
            const dc_profile *f = &dc_profiles[q];
            dc_user_layer u = plain();
            dc_problem p;
            dc_error e;

            /* the rows for all are written as layers, which ONNX is not */
            if (strcmp(t->profile ? t->profile : f->name, f->name) != 0 ||
                strcmp(f->name, "onnx") == 0)
                continue;
            set_all(&u, t->set);
            memset(&e, 0, sizeof e);
            if (f->resolve(&u, &p, &e) != DC_INVALID)
                fail_msg("%s: %s is accepted", f->name, t->set);
            if (!e.field || strcmp(e.field, t->field) != 0 ||
                e.axis != t->axis || !strstr(e.text, t->text))
                fail_msg("%s: %s: field %s, axis %d: %s", f->name, t->set,
                         e.field ? e.field : "none", e.axis, e.text);
            assert_int_equal(f->resolve(&u, &p, NULL), DC_INVALID);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_resolve),
        cmocka_unit_test(lucid_words),
        cmocka_unit_test(layers_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
