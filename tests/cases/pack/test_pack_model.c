/* SPDX-License-Identifier: MIT
 *
 * Are foreign ONNX models read as the problem that they pose, or refused with
 * the reason and the name of the directory?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cases/pack/pack_onnx.h"
#include "tests/support/protobuf.h"

/* One row: the model X [1,1,3], W [1,1,2], Y [1,1,4] in f32, with one thing
 * odd; what is NULL or 0 is as usual. */
typedef struct {
    dc_status status;
    const char *says;       /* of e, or of what is wrong with W or Y */
    const char *attribute;  /* name, or NULL */
    int64_t ints[8];        /* its numbers up to LAST */
    const char *s;          /* or its text */
    const char *inputs;     /* of the node; letters, "-" for an empty name */
    const char *initial;    /* those that the graph holds itself */
    const char *graph_says; /* inputs of the graph; NULL: those of the node */
    const char *x, *w;      /* their dims */
    int type;               /* of X */
} model_row;

#define LAST           9999999999
#define SET(name, ...) .attribute = name, .ints = {__VA_ARGS__, LAST}
#define PAD(word)      .attribute = "auto_pad", .ints = {LAST}, .s = word

static const model_row model_rows[] = {
    {DC_OK, "", .type = 1},
    {DC_OK, "", .inputs = "XW-"},
    {DC_OK, "", .initial = "W"},
    {DC_OK, "", .initial = "W", .graph_says = "WX"},
    {DC_OK, "", .initial = "XW", .graph_says = ""},
    {DC_OK, "", .inputs = "XWB", .initial = "B"},
    {DC_OK, "", SET("strides", 1)},
    {DC_OK, "", SET("kernel_shape", 2)},
    {DC_OK, "", PAD("NOTSET")},
    {DC_OK, "", SET("group", 1)},
    {DC_OK, "", SET("output_shape", 4)},
    {DC_OK, "", SET("of_no_meaning", 4, 5)},
    {DC_OK, "instead of [1,1,6]", SET("strides", 2)},
    {DC_OK, "instead of [1,1,2]", SET("pads", 1, 1)},
    /* attributes */
    {DC_UNSUPPORTED, "an attribute", SET("strides", 1, 1, 1, 1, 1, 1, 1)},
    {DC_UNSUPPORTED, "an attribute", SET("pads", INT64_MAX, 0)},
    {DC_UNSUPPORTED, "an attribute", SET("output_shape", INT64_MIN)},
    {DC_UNSUPPORTED, "an attribute", PAD("SAME_UPPER_AND_MORE")},
    {DC_UNSUPPORTED, "not that of W", SET("kernel_shape", 3)},
    {DC_UNSUPPORTED, "not that of W", SET("kernel_shape", 2, 2)},
    {DC_UNSUPPORTED, "the group", SET("group", 0)},
    {DC_UNSUPPORTED, "the group", SET("group", INT64_MAX)},
    {DC_UNSUPPORTED, "the group", SET("group", INT64_MIN)},
    {DC_UNSUPPORTED, "unknown auto_pad", PAD("")},
    {DC_UNSUPPORTED, "home: pads must not", SET("pads", -1, 0)},
    {DC_UNSUPPORTED, "home: pads needs 2", SET("pads", 1)},
    {DC_UNSUPPORTED, "home: ", SET("strides", 0)},
    {DC_UNSUPPORTED, "home: ", SET("strides", 1, 1, 1)},
    {DC_UNSUPPORTED, "home: ", SET("dilations", 0)},
    {DC_UNSUPPORTED, "home: ", SET("output_padding", -5)},
    /* inputs */
    {DC_UNSUPPORTED, "X or W is missing", .inputs = ""},
    {DC_UNSUPPORTED, "X or W is missing", .inputs = "X"},
    {DC_UNSUPPORTED, "X or W is missing", .inputs = "-W"},
    {DC_UNSUPPORTED, "input W is not there", .graph_says = "X"},
    {DC_FAILED, "input_1.pb", .graph_says = "WX"},
    /* shapes and types */
    {DC_UNSUPPORTED, "X and W have 2 and 3 axes", .x = "13"},
    {DC_UNSUPPORTED, "X and W have 0 and 3 axes", .x = ""},
    {DC_UNSUPPORTED, "X and W have 3 and 6 axes", .w = "111112"},
    {DC_UNSUPPORTED, "an extent of X or W", .x = "1-3"},
    {DC_UNSUPPORTED, "an extent of X or W", .w = "11!"},
    {DC_UNSUPPORTED, "none of ours", .type = 7},
    {DC_UNSUPPORTED, "too large", SET("strides", 1 << 26)},
    {DC_UNSUPPORTED, "too large", SET("strides", 1), .x = "11*", .w = "113"},
    {DC_OK, "instead of [2,1,2]", .x = "123"},
};

static model_row usual(const model_row *row)
{
    model_row r = *row;

    r.inputs = r.inputs ? r.inputs : "XW";
    r.graph_says = r.graph_says ? r.graph_says : r.inputs;
    r.initial = r.initial ? r.initial : "";
    r.x = r.x ? r.x : "113";
    r.w = r.w ? r.w : "112";
    r.type = r.type ? r.type : 1;
    return r;
}

static void make_tensor(blob *b, const model_row *r, char name)
{
    const char text[] = {name, 0};

    b->size = 0;
    add_dims(b, name == 'X' ? r->x : name == 'W' ? r->w : "1");
    add_number(b, TYPE, name == 'X' ? r->type : 1);
    add_text(b, 8, text);
    add_values(b, RAW, BYTES, DC_F32, name == 'X' ? 3 : name == 'W' ? 2 : 1);
}

static void make_node(blob *node, const model_row *r)
{
    blob a = {.size = 0};

    for (const char *i = r->inputs; *i; i++)
        add_bytes(node, 1, i, *i != '-');
    add_text(node, 2, "Y");
    add_text(node, 4, "ConvTranspose");
    if (!r->attribute)
        return;
    add_text(&a, 1, r->attribute);
    if (r->s)
        add_text(&a, 4, r->s);
    for (int k = 0; k < 8 && r->ints[k] != LAST; k++)
        add_number(&a, strcmp(r->attribute, "group") == 0 ? 3 : 8, r->ints[k]);
    add_blob(node, 5, &a);
    a.size = 0; /* and one that has no name */
    add_number(&a, 20, 2);
    add_blob(node, 5, &a);
}

static void put_model(const model_row *r)
{
    blob node = {.size = 0};
    blob graph = {.size = 0};
    blob model = {.size = 0};
    blob part = {.size = 0};
    int files = 0;

    make_node(&node, r);
    add_blob(&graph, 1, &node);
    add_blob(&graph, 5, &part); /* an initializer without a name */
    for (const char *i = r->initial; *i; i++) {
        make_tensor(&part, r, *i);
        add_blob(&graph, 5, &part);
    }
    for (const char *i = r->graph_says; *i; i++) {
        const char name[] = {*i, 0};

        if (*i == '-')
            continue;
        part.size = 0;
        add_text(&part, 1, name);
        add_blob(&graph, 11, &part);
        if (strchr(r->initial, *i))
            continue;
        make_tensor(&part, r, *i);
        if (!(r->status == DC_FAILED && files == 1))
            put(at("home/test_data_set_0/input_%d.pb", files), part.at,
                part.size);
        files++;
    }
    add_blob(&model, 7, &graph);
    put(at("home/model.onnx"), model.at, model.size);
    part.size = 0;
    add_dims(&part, "114");
    add_number(&part, TYPE, 1);
    add_values(&part, RAW, BYTES, DC_F32, 4);
    put(at("home/test_data_set_0/output_0.pb"), part.at, part.size);
}

static void models_of_strangers(void **state)
{
    (void)state;
    assert_int_equal(mkdir(at("home"), 0777), 0);
    assert_int_equal(mkdir(at("home/test_data_set_0"), 0777), 0);
    for (size_t k = 0; k < sizeof model_rows / sizeof *model_rows; k++) {
        const model_row row = usual(&model_rows[k]);
        const model_row *r = &row;
        dc_pack_tensors got;
        dc_error e = {DC_OK, NULL, -1, ""};
        dc_status status;
        const char *reason;

        for (int f = 0; f < 3; f++)
            (void)unlink(at("home/test_data_set_0/input_%d.pb", f));
        put_model(r);
        status = dc_pack_foreign(at("home"), &got, &e);
        reason = status != DC_OK      ? e.text
                 : got.wrong[DC_W][0] ? got.wrong[DC_W]
                                      : got.wrong[DC_Y];
        if (status != r->status || !strstr(reason, r->says))
            fail_msg("row %zu: %d, %s", k, status, reason);
        if (status != DC_OK && !strstr(reason, "/home"))
            fail_msg("row %zu names no file: %s", k, reason);
        if (status == DC_UNSUPPORTED && e.field)
            assert_string_not_equal(e.field, "op_type");
        if (status == DC_OK && !*r->says) {
            assert_non_null(got.data[DC_X]);
            assert_non_null(got.data[DC_W]);
            assert_int_equal(got.p.has_bias, strchr(r->inputs, 'B') != NULL);
            assert_non_null(got.data[DC_Y]);
            assert_true(((const float *)got.data[DC_X])[2] == 3);
            assert_true(((const float *)got.data[DC_W])[1] == 2);
        }
        dc_pack_release(&got);
    }
}

/* What is no model with a single ConvTranspose. */
static void other_models(void **state)
{
    static const struct {
        int graphs, nodes;
        const char *op; /* NULL: not given */
        dc_status status;
    } rows[] = {
        {0, 0, NULL, DC_UNSUPPORTED},
        {1, 0, NULL, DC_UNSUPPORTED},
        {1, 1, NULL, DC_UNSUPPORTED},
        {1, 1, "Conv", DC_UNSUPPORTED},
        {1, 2, "ConvTranspose", DC_UNSUPPORTED},
        {2, 1, "Conv", DC_UNSUPPORTED},
    };
    dc_pack_tensors got;
    dc_error e;

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        blob node = {.size = 0};
        blob graph = {.size = 0};
        blob model = {.size = 0};

        if (rows[k].op)
            add_text(&node, 4, rows[k].op);
        for (int n = 0; n < rows[k].nodes; n++)
            add_blob(&graph, 1, &node);
        for (int g = 0; g < rows[k].graphs; g++)
            add_blob(&model, 7, &graph);
        put(at("home/model.onnx"), model.at, model.size);
        assert_int_equal(dc_pack_foreign(at("home"), &got, &e), rows[k].status);
        assert_non_null(strstr(e.text, "is not a single ConvTranspose"));
        assert_string_equal(e.field, "op_type");
    }
    put(at("home/model.onnx"), "\x38\x01", 2); /* field 7 as a number */
    assert_int_equal(dc_pack_foreign(at("home"), &got, &e), DC_FAILED);
    assert_non_null(strstr(e.text, "no ONNX model"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_of_strangers),
        cmocka_unit_test(other_models),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
