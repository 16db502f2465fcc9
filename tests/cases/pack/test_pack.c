/* SPDX-License-Identifier: MIT
 *
 * Do the formats return what was written, and do they survive files that cannot
 * be trusted?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "cases/pack/pack_onnx.h"
#include "ref/format.h"
#include "tests/support/pack.h"

/* A case with numbers that are easy to recognise. */
static void make(dc_pack_case *c, const char *spec,
                 double values[DC_TENSORS][128])
{
    dc_error e;

    memset(c, 0, sizeof *c);
    if (dc_case_parse(spec, &c->c, &e) != DC_OK)
        fail_msg("%s", e.text);
    dc_pack_identify(c);
    for (int t = 0; t < DC_TENSORS; t++) {
        const int64_t count = dc_problem_count(&c->c.p, (dc_tensor)t);

        if (t == DC_B && !c->c.p.has_bias)
            continue;
        assert_true(count <= 128);
        for (int64_t i = 0; i < count; i++)
            dc_format_set(c->c.p.dtype, values[t], i,
                          i == 0 ? -0.0 : (double)(t + 1) / 3 - (double)i);
        c->tensors[t] = values[t];
    }
}

static const char *const specs[] = {
    "n2_ci2_co2_i2x3_k2x1_s2_b1_f32",
    "ci2_co4_g2_i3_k2_f64",
    "n1_i1x2x2_k2x1x1_b1_f16",
    "i3_k2_bf16",
    "u1_ci2_i2x2_k1_f32",
    "n0_i2_k2_b1_f32",
};

static void formats_give_back(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++)
        for (int f = 0; f < dc_pack_formats_count; f++) {
            double values[DC_TENSORS][128];
            dc_pack_case c;

            make(&c, specs[k], values);
            give_back(&dc_pack_formats[f], &c, specs[k]);
        }
}

/* Libraries refuse a NULL in place of the bytes. */
static void a_tensor_without_elements_has_a_buffer(void **state)
{
    double values[DC_TENSORS][128];
    dc_pack_text text = {0};
    dc_pack_case c;

    (void)state;
    make(&c, "n0_i2_k2", values);
    dc_pack_add_tensor(&text, &c.c.p, DC_X, c.tensors[DC_X]);
    assert_non_null(text.bytes);
    assert_int_equal(text.size, 0);
    free(text.bytes);
}

/* Cut anywhere, and with any byte changed, a file is read, refused or noted;
 * it is never taken for the whole with numbers missing. */
static void files_are_distrusted(void **state)
{
    (void)state;
    for (int f = 0; f < dc_pack_formats_count; f++) {
        const dc_pack_format *format = &dc_pack_formats[f];
        double values[DC_TENSORS][128];
        dc_pack_sink sink = {.root = home};
        dc_pack_tensors got = {0};
        dc_pack_case c;
        dc_error e;
        char path[512];
        char *bytes;
        size_t size;

        if (!format->read)
            continue;
        make(&c, specs[0], values);
        assert_int_equal(format->write(&c, &sink, &e), DC_OK);
        snprintf(path, sizeof path, "%s",
                 *format->suffix
                     ? base_of(format, &c)
                     : at("tensors/%s/test_data_set_0/output_0.pb", c.id));
        assert_int_equal(dc_pack_read_file(path, 1 << 20, &bytes, &size, &e),
                         DC_OK);
        for (size_t cut = 0; cut < size; cut += 1 + cut / 64) {
            put(path, bytes, cut);
            got.p = c.c.p;
            if (format->read(base_of(format, &c), 1 << DC_Y, &got, &e) != DC_OK)
                assert_non_null(strstr(e.text, home));
            else if (!got.data[DC_Y] && got.wrong[DC_Y][0])
                assert_non_null(strstr(got.wrong[DC_Y], home));
            else if (got.data[DC_Y]) /* json: the end is but braces */
                assert_memory_equal(got.data[DC_Y], c.tensors[DC_Y],
                                    dc_problem_bytes(&c.c.p, DC_Y));
            dc_pack_release(&got);
        }
        for (size_t k = 0; k < size; k++)
            for (int bit = 0; bit < 8; bit += 5) {
                bytes[k] = (char)(bytes[k] ^ 1 << bit);
                put(path, bytes, size);
                bytes[k] = (char)(bytes[k] ^ 1 << bit);
                got.p = c.c.p;
                (void)format->read(base_of(format, &c), format->tensors, &got,
                                   &e);
                dc_pack_release(&got);
            }
        free(bytes);
    }
}

/* ==== npz from strangers ================================================ */

static void zip_with(const char *path, const char *name, const void *bytes,
                     size_t size)
{
    int code;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);

    assert_non_null(zip);
    assert_true(zip_file_add(zip, name, zip_source_buffer(zip, bytes, size, 0),
                             0) >= 0);
    assert_int_equal(zip_close(zip), 0);
}

/* An archive with so many empty entries. */
static void zip_entries(const char *path, int count)
{
    int code;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);

    assert_non_null(zip);
    for (int k = 0; k < count; k++) {
        char name[16];

        snprintf(name, sizeof name, "%d.npy", k);
        assert_true(
            zip_file_add(zip, name, zip_source_buffer(zip, "", 0, 0), 0) >= 0);
    }
    assert_int_equal(zip_close(zip), 0);
}

static size_t npy(char *to, const char *header, const void *numbers,
                  size_t size)
{
    const size_t length = strlen(header);

    memcpy(to, "\x93NUMPY\1\0", 8);
    to[8] = (char)(length & 255);
    to[9] = (char)(length >> 8);
    memcpy(to + 10, header, length);
    if (size)
        memcpy(to + 10 + length, numbers, size);
    return 10 + length + size;
}

static void npz_from_strangers(void **state)
{
    static const struct {
        const char *header;
        const char *says; /* NULL: accepted */
    } rows[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 4), }\n",
         NULL},
        {"{'shape': (1, 1, 4), 'fortran_order': False, 'descr': '<f4'}", NULL},
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (1, 1, 4), }\n",
         NULL},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 4), }\n",
         "has the type <f8 instead of f32"},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1, 4), }\n",
         "is not in C order"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 4), }\n",
         "has the shape [1,4] instead of [1,1,4]"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, "
         "99999999999999999999), }\n",
         "instead of [1,1,4]"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,4)}",
         "instead of [1,1,4]"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, -1, 4), }\n",
         "instead of [1,1,4]"},
        {"{}", "has the type "},
    };
    const float numbers[] = {1, 2, 3, 4};
    char file[16384];
    dc_pack_tensors got;
    dc_case c;
    dc_error e;

    (void)state;
    assert_int_equal(dc_case_parse("i3_k2", &c, &e), DC_OK);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const size_t size = npy(file, rows[k].header, numbers, sizeof numbers);

        zip_with(at("a.npz"), "y.npy", file, size);
        memset(&got, 0, sizeof got);
        got.p = c.p;
        if (dc_pack_npz_read(at("a.npz"), 1 << DC_Y, &got, &e) != DC_OK)
            fail_msg("%s", e.text);
        if (!rows[k].says)
            assert_non_null(got.data[DC_Y]);
        else if (!strstr(got.wrong[DC_Y], rows[k].says))
            fail_msg("%s: %s", rows[k].header, got.wrong[DC_Y]);
        if (!rows[k].says && strstr(rows[k].header, ">f4")) {
            float swapped;
            memcpy(&swapped, got.data[DC_Y], sizeof swapped);
            assert_true(swapped != 1);
        }
        dc_pack_release(&got);
    }
}

static void npz_bombs_and_paths(void **state)
{
    static const char header[] =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 4), }\n";
    static const char *const names[] = {"../../etc/passwd.npy", "/tmp/x.npy",
                                        "y", "z.npy", ".npy"};
    const size_t huge = 64 << 20;
    char *file = calloc(1, huge);
    dc_pack_tensors got = {0};
    dc_case c;
    dc_error e;

    (void)state;
    assert_non_null(file);
    assert_int_equal(dc_case_parse("i3_k2", &c, &e), DC_OK);
    npy(file, header, NULL, 0);
    zip_with(at("bomb.npz"), "y.npy", file, huge); /* deflated: 64 KiB */
    got.p = c.p;
    assert_int_equal(dc_pack_npz_read(at("bomb.npz"), 1 << DC_Y, &got, &e),
                     DC_OK);
    assert_null(got.data[DC_Y]);
    assert_non_null(strstr(got.wrong[DC_Y], "more bytes than its shape"));
    dc_pack_release(&got);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        zip_with(at("p.npz"), names[k], file, 200);
        got.p = c.p;
        assert_int_equal(dc_pack_npz_read(at("p.npz"), 1 << DC_Y, &got, &e),
                         DC_OK);
        assert_null(got.data[DC_Y]);
        if (strcmp(names[k], "y") != 0)
            assert_non_null(strstr(got.extra, "no tensor of a case"));
        dc_pack_release(&got);
    }
    memset(file, 0, huge);
    zip_with(at("h.npz"), "y.npy", file, 100);
    got.p = c.p;
    assert_int_equal(dc_pack_npz_read(at("h.npz"), 1 << DC_Y, &got, &e), DC_OK);
    assert_non_null(strstr(got.wrong[DC_Y], "not an npy file"));
    dc_pack_release(&got);
    zip_entries(at("many.npz"), 65);
    got.p = c.p;
    assert_int_equal(dc_pack_npz_read(at("many.npz"), 1 << DC_Y, &got, &e),
                     DC_FAILED);
    assert_non_null(strstr(e.text, "many.npz has 65 entries, more than"));
    put(at("big.npz"), file, 200000);
    got.p = c.p;
    assert_int_equal(dc_pack_npz_read(at("big.npz"), 1 << DC_Y, &got, &e),
                     DC_FAILED);
    assert_non_null(strstr(e.text, "larger than"));
    free(file);
}

/* ==== safetensors and json from strangers =============================== */

static void headers_from_strangers(void **state)
{
#define Y(more) "{\"y\":{\"dtype\":\"F32\",\"shape\":[1,1,4]" more "}}"
    static const struct {
        const char *header;
        const char *says; /* NULL: accepted */
    } rows[] = {
        {Y(",\"data_offsets\":[0,16]"), NULL},
        {Y(",\"data_offsets\":[0,16]") "   ", NULL},
        {Y(",\"data_offsets\":[16,32]"), "outside the file"},
        {Y(",\"data_offsets\":[8,0]"), "outside the file"},
        {Y(",\"data_offsets\":[-16,0]"), "outside the file"},
        {Y(",\"data_offsets\":[0,9e99]"), "outside the file"},
        {Y(",\"data_offsets\":[0,8]"), "outside the file"},
        {Y(""), "outside the file"},
        {"{\"y\":{\"dtype\":\"F64\",\"shape\":[1,1,4]}}", "the type F64"},
        {"{\"y\":{\"shape\":[1,1,4]}}", "the type ?"},
        {"{\"y\":{\"dtype\":\"F32\",\"shape\":[1,1,\"4\"]}}", "the shape"},
        {"{\"y\":{\"dtype\":\"F32\"}}", "the shape"},
        {"{\"y\":7}", "the type ?"},
        {"[]", "no JSON object"},
        {"{\"y\":", "no JSON object"},
        {"{\"y\":{},\"y\":{}}", "no JSON object"},
    };
#undef Y
    const float numbers[] = {1, 2, 3, 4};
    dc_case c;
    dc_error e;

    (void)state;
    assert_int_equal(dc_case_parse("i3_k2", &c, &e), DC_OK);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const size_t length = strlen(rows[k].header);
        char file[512] = {(char)length};
        dc_pack_tensors got = {.p = c.p};
        dc_status status;
        const char *reason;

        memcpy(file + 8, rows[k].header, length);
        memcpy(file + 8 + length, numbers, sizeof numbers);
        put(at("s"), file, 8 + length + sizeof numbers);
        status = dc_pack_safetensors_read(at("s"), 1 << DC_Y, &got, &e);
        reason = status == DC_OK ? got.wrong[DC_Y] : e.text;
        if (!rows[k].says)
            assert_non_null(got.data[DC_Y]);
        else if (!strstr(reason, rows[k].says))
            fail_msg("%s: %s", rows[k].header, reason);
        dc_pack_release(&got);
    }
}

static void json_from_strangers(void **state)
{
#define Y(more) "{\"dtype\":\"f32\",\"tensors\":{\"y\":{" more "}}}"
    static const struct {
        const char *file;
        const char *says; /* NULL: accepted */
    } rows[] = {
        {Y("\"shape\":[1,1,2],\"bits\":[\"3f800000\",\"FFC00000\"]"), NULL},
        {Y("\"shape\":[1,1,2],\"hex\":[\"0x1p+0\",\"nan\"]"), NULL},
        {Y("\"shape\":[1,1,2],\"hex\":[\"0x1p+0\",\"0x1.0000001p+0\"]"),
         "element 1"},
        {Y("\"shape\":[1,1,2],\"hex\":[\"0x1p+0\",\"1 \"]"), "element 1"},
        {Y("\"shape\":[1,1,2],\"hex\":[\"\",\"1\"]"), "element 0"},
        {Y("\"shape\":[1,1,2],\"hex\":[1,2]"), "element 0"},
        {Y("\"shape\":[1,1,2],\"bits\":[\"3f80\",\"0\"]"), "element 0"},
        {Y("\"shape\":[1,1,2],\"bits\":[\"3f80000g\",\"0\"]"), "element 0"},
        {Y("\"shape\":[1,1,2],\"bits\":[\"3f800000\"]"), "of 2 strings"},
        {Y("\"shape\":[1,1,2]"), "of 2 strings"},
        {Y("\"shape\":[2],\"bits\":[]"), "the shape [2]"},
        {"{\"tensors\":{\"y\":{}}}", "the type ?"},
        {"{\"tensors\":[]}", "no object"},
        {"{", "no JSON"},
    };
#undef Y
    dc_case c;
    dc_error e;

    (void)state;
    assert_int_equal(dc_case_parse("i2_k1", &c, &e), DC_OK);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_pack_tensors got = {.p = c.p};
        dc_status status;
        const char *reason;

        put(at("j"), rows[k].file, strlen(rows[k].file));
        status = dc_pack_json_read(at("j"), 1 << DC_Y, &got, &e);
        reason = status == DC_OK ? got.wrong[DC_Y] : e.text;
        if (!rows[k].says)
            assert_non_null(got.data[DC_Y]);
        else if (!strstr(reason, rows[k].says))
            fail_msg("%s: %s", rows[k].file, reason);
        dc_pack_release(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_give_back),
        cmocka_unit_test(a_tensor_without_elements_has_a_buffer),
        cmocka_unit_test(files_are_distrusted),
        cmocka_unit_test(npz_from_strangers),
        cmocka_unit_test(npz_bombs_and_paths),
        cmocka_unit_test(headers_from_strangers),
        cmocka_unit_test(json_from_strangers),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
