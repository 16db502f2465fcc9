/* SPDX-License-Identifier: MIT
 *
 * Are foreign ONNX tensors read correctly from any field and wire type, and
 * refused by name if they are malformed?
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

/* One row: y of i3_k2 in the type, one, two, three, four where it is right;
 * without a batch item where the dims begin with 0. */
typedef struct {
    const char *dtype;
    int type;         /* TensorProto.DataType */
    const char *dims; /* each a digit, "-" for -1 */
    int field;
    int wire;         /* BYTES: packed */
    int count;        /* numbers in that field */
    int more;         /* another field that holds as many floats, or 0 */
    int location;     /* data_location, or 0 */
    const char *says; /* NULL: accepted */
} tensor_row;

static const tensor_row tensor_rows[] = {
    {"f32", 1, "114", RAW, BYTES, 4, 0, 0, NULL},
    {"f32", 1, "114", FLOATS, BYTES, 4, 0, 0, NULL},
    {"f32", 1, "114", FLOATS, NARROW, 4, 0, 0, NULL},
    {"f64", 11, "114", RAW, BYTES, 4, 0, 0, NULL},
    {"f64", 11, "114", DOUBLES, BYTES, 4, 0, 0, NULL},
    {"f64", 11, "114", DOUBLES, WIDE, 4, 0, 0, NULL},
    {"f16", 10, "114", INT32S, BYTES, 4, 0, 0, NULL},
    {"f16", 10, "114", INT32S, VARINT, 4, 0, 0, NULL},
    {"f16", 10, "114", RAW, BYTES, 4, 0, 0, NULL},
    {"bf16", 16, "114", INT32S, BYTES, 4, 0, 0, NULL},
    {"bf16", 16, "114", RAW, BYTES, 4, 0, 0, NULL},
    /* too few, too many, none, and in a field of another type */
    {"f32", 1, "114", FLOATS, BYTES, 3, 0, 0, "do not fit its shape"},
    {"f64", 11, "114", DOUBLES, BYTES, 5, 0, 0, "do not fit its shape"},
    {"bf16", 16, "114", INT32S, BYTES, 3, 0, 0, "do not fit its shape"},
    {"f32", 1, "114", RAW, BYTES, 3, 0, 0, "do not fit its shape"},
    {"f32", 1, "114", RAW, BYTES, 0, 0, 0, "do not fit its shape"},
    {"f32", 1, "114", FLOATS, BYTES, 0, 0, 0, "do not fit its shape"},
    {"f32", 1, "114", INT32S, BYTES, 4, 0, 0, "do not fit its shape"},
    {"f64", 11, "114", FLOATS, BYTES, 4, 0, 0, "do not fit its shape"},
    {"f16", 10, "114", FLOATS, BYTES, 4, 0, 0, "do not fit its shape"},
    /* of no elements */
    {"f32", 1, "014", RAW, BYTES, 0, 0, 0, NULL},
    {"f64", 11, "014", DOUBLES, BYTES, 0, 0, 0, NULL},
    {"f16", 10, "014", INT32S, BYTES, 0, 0, 0, NULL},
    {"f32", 1, "014", INT32S, BYTES, 60, 0, 0, "the field of another type"},
    {"f64", 11, "014", INT32S, VARINT, 60, 0, 0, "the field of another type"},
    {"f32", 1, "014", DOUBLES, BYTES, 60, 0, 0, "the field of another type"},
    {"bf16", 16, "014", FLOATS, BYTES, 60, 0, 0, "the field of another type"},
    {"f16", 10, "014", INT32S, BYTES, 60, 0, 0, "do not fit its shape"},
    {"f32", 1, "014", RAW, BYTES, 1, INT32S, 0, "come in two fields"},
    {"f32", 1, "114", RAW, BYTES, 4, FLOATS, 0, "come in two fields"},
    {"f32", 1, "114", RAW, BYTES, 0, FLOATS, 0, "come in two fields"},
    {"f32", 1, "114", FLOATS, BYTES, 0, 0, 1, "are in another file"},
    {"f32", 1, "114", RAW, BYTES, 4, 0, 1, "are in another file"},
    /* other types and shapes */
    {"f32", 11, "114", RAW, BYTES, 4, 0, 0, "has the type f64 instead of f32"},
    {"f32", 7, "114", RAW, BYTES, 4, 0, 0, "has the type 7 instead of f32"},
    {"f32", -1, "114", RAW, BYTES, 4, 0, 0, "has the type -1 instead of f32"},
    {"f32", 1, "", RAW, BYTES, 4, 0, 0, "has the shape []"},
    {"f32", 1, "14", RAW, BYTES, 4, 0, 0, "has the shape [1,4]"},
    {"f32", 1, "1-4", RAW, BYTES, 4, 0, 0, "has the shape [1,-1,4]"},
    {"f32", 1, "1111114", RAW, BYTES, 4, 0, 0, "has the shape []"},
    /* wire types that the field does not have */
    {"f32", 1, "114", RAW, VARINT, 4, 0, 0, "no ONNX tensor"},
    {"f32", 1, "114", TYPE, BYTES, 4, 0, 0, "no ONNX tensor"},
    {"f32", 1, "114", DIMS, NARROW, 4, 0, 0, "no ONNX tensor"},
    {"f32", 1, "114", FLOATS, WIDE, 4, 0, 0, "no ONNX tensor"},
};

static void tensors_of_strangers(void **state)
{
    (void)state;
    assert_int_equal(mkdir(at("t"), 0777), 0);
    assert_int_equal(mkdir(at("t/test_data_set_0"), 0777), 0);
    for (size_t k = 0; k < sizeof tensor_rows / sizeof *tensor_rows; k++) {
        const tensor_row *r = &tensor_rows[k];
        char spec[64];
        blob b = {.size = 0};
        dc_pack_tensors got = {0};
        dc_case c;
        dc_error e;

        snprintf(spec, sizeof spec, "n%c_i3_k2_%s",
                 r->dims[0] == '0' ? '0' : '1', r->dtype);
        assert_int_equal(dc_case_parse(spec, &c, &e), DC_OK);
        got.p = c.p;
        add_dims(&b, r->dims);
        add_number(&b, TYPE, r->type);
        add_values(&b, r->field, r->wire, c.p.dtype, r->count);
        if (r->more)
            add_values(&b, r->more, BYTES, DC_F32, 4);
        if (r->location)
            add_number(&b, 14, r->location);
        put(at("t/test_data_set_0/output_0.pb"), b.at, b.size);
        if (dc_pack_onnx_read(at("t"), 1 << DC_Y, &got, &e) != DC_OK)
            fail_msg("row %zu: %s", k, e.text);
        if (r->says) {
            assert_null(got.data[DC_Y]);
            if (!strstr(got.wrong[DC_Y], r->says) ||
                !strstr(got.wrong[DC_Y], "output_0.pb"))
                fail_msg("row %zu: %s", k, got.wrong[DC_Y]);
        } else if (!got.data[DC_Y]) {
            fail_msg("row %zu: %s", k, got.wrong[DC_Y]);
        }
        for (int64_t i = 0; i < r->count && !r->says; i++)
            if (dc_format_get(c.p.dtype, got.data[DC_Y], i) != (double)i + 1)
                fail_msg("row %zu: element %d", k, (int)i);
        dc_pack_release(&got);
    }
}

/* No directory is another thing than a directory without files. */
static void nothing_there(void **state)
{
    dc_pack_tensors got = {0};
    dc_case c;
    dc_error e;

    (void)state;
    assert_int_equal(dc_case_parse("n0_i3_k2_f32", &c, &e), DC_OK);
    got.p = c.p;
    assert_int_equal(dc_pack_onnx_read(at("none"), 1 << DC_Y, &got, &e),
                     DC_FAILED);
    assert_non_null(strstr(e.text, "none: No such file"));
    assert_int_equal(mkdir(at("none"), 0777), 0);
    assert_int_equal(dc_pack_onnx_read(at("none"), 1 << DC_Y, &got, &e), DC_OK);
    assert_non_null(strstr(got.wrong[DC_Y], "output_0.pb: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_of_strangers),
        cmocka_unit_test(nothing_there),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
