/* SPDX-License-Identifier: MIT
 *
 * Is a pack never written over anything, and do its ids and numbers never
 * change?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ref/format.h"
#include "tests/support/pack.h"
#include "tests/support/parse.h"

static void hex_is_normalised(void **state)
{
    static const struct {
        double v;
        const char *text;
    } rows[] = {
        {0, "0x0p+0"},
        {-0.0, "-0x0p+0"},
        {1, "0x1p+0"},
        {-1.5, "-0x1.8p+0"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, "nan"},
        {0x1p-1074, "0x1p-1074"},
        {3 * 0x1p-1074, "0x1.8p-1073"},
        {DBL_MAX, "0x1.fffffffffffffp+1023"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char text[DC_PACK_HEX];

        dc_pack_hex(rows[k].v, text);
        assert_string_equal(text, rows[k].text);
    }
}

static void elements_turn_round(void **state)
{
    unsigned char bytes[16];

    (void)state;
    for (int d = 0; d < DC_FORMATS; d++) {
        const int size = dc_formats[d].size;

        for (int k = 0; k < 16; k++)
            bytes[k] = (unsigned char)k;
        dc_pack_swap(d, bytes, 2);
        for (int k = 0; k < 2 * size; k++)
            assert_int_equal(bytes[k], k / size * size + size - 1 - k % size);
        if (size < 8)
            assert_int_equal(bytes[2 * size], 2 * size);
    }
}

/* A line may be longer than any room that was thought of. */
static void lines_have_no_end(void **state)
{
    dc_pack_text t = {0};

    (void)state;
    for (int length = 0; length < 70000; length = length * 3 + 1)
        dc_pack_print(&t, "%*s\n", length, "x");
    assert_false(t.failed);
    assert_int_equal(t.bytes[t.size - 1], '\n');
    for (size_t k = 0, length = 0; k < t.size; length = length * 3 + 1) {
        k += length ? length : 1;
        assert_int_equal(t.bytes[k - 1], 'x');
        assert_int_equal(t.bytes[k++], '\n');
    }
    free(t.bytes);
}

/* Headers of C have no constants for what is not finite. */
static void headers_hold_what_is_not_finite(void **state)
{
    static const double values[] = {INFINITY, -INFINITY, NAN, 1};
    static const char *const says[] = {
        "c_x[] = {\n    DC_GOLDEN_INF, -DC_GOLDEN_INF, "
        "(DC_GOLDEN_INF - DC_GOLDEN_INF), 0x1p+0};",
        "c_x[] = {\n    DC_GOLDEN_INF, -DC_GOLDEN_INF, "
        "(DC_GOLDEN_INF - DC_GOLDEN_INF), 0x1p+0f};"};
    double values_of[4];
    dc_error e;

    (void)state;
    for (int d = DC_F64; d <= DC_F32; d++) {
        dc_pack_sink sink = {.root = home};
        dc_pack_case c = {.id = "c", .tensors = {values_of}};
        char *text;
        size_t size;

        assert_int_equal(dc_case_parse("i4_k1", &c.c, &e), DC_OK);
        c.c.p.dtype = d;
        for (int k = 0; k < 4; k++)
            dc_format_set(d, values_of, k, values[k]);
        assert_int_equal(dc_pack_c_write(&c, &sink, &e), DC_OK);
        assert_int_equal(
            dc_pack_read_file(at("tensors/c.h"), 1 << 20, &text, &size, &e),
            DC_OK);
        text[size] = 0;
        assert_non_null(strstr(text, says[d]));
        free(text);
    }
}

/* What cannot be written is named, and counts as no file. */
static void files_that_cannot_be(void **state)
{
    char root[256];
    char path[DC_PACK_PATH];
    dc_pack_sink none = {.root = root};
    dc_pack_sink sink = {.root = root};
    dc_error e;

    (void)state;
    snprintf(root, sizeof root, "%s", at("not/there"));
    assert_int_equal(dc_pack_put(&none, "tensors/x", "x", 1, &e), DC_FAILED);
    assert_non_null(strstr(e.text, "there/tensors/x: No such file"));
    snprintf(root, sizeof root, "%s", at("files"));
    assert_int_equal(mkdir(root, 0777), 0);
    put(at("files/a"), "x", 1);
    assert_int_equal(dc_pack_put(&sink, "a/x", "x", 1, &e), DC_FAILED);
    assert_non_null(strstr(e.text, "a/x: Not a directory"));
    assert_int_equal(mkdir(at("files/b"), 0777), 0);
    assert_int_equal(dc_pack_put(&sink, "b", "x", 1, &e), DC_FAILED);
    assert_non_null(strstr(e.text, "b: Is a directory"));
    /* a full disk: it shows when the file is closed */
    assert_int_equal(symlink("/dev/full", at("files/full")), 0);
    assert_int_equal(dc_pack_put(&sink, "full", "x", 1, &e), DC_FAILED);
    assert_non_null(strstr(e.text, "full: No space left"));
    assert_int_equal(sink.count, 0);
    for (int k = 0; k < DC_PACK_FILES; k++) {
        snprintf(path, sizeof path, "c/%d", k);
        assert_int_equal(dc_pack_put(&sink, path, "x", 1, &e), DC_OK);
    }
    assert_int_equal(dc_pack_put(&sink, "c/more", "x", 1, &e), DC_FAILED);
    assert_non_null(strstr(e.text, "no room for c/more"));
    assert_int_equal(sink.count, DC_PACK_FILES);
}

/* The limit of a file is positive for the largest problem too. */
static void limits_do_not_overflow(void **state)
{
    static const struct {
        const char *spec;
        int64_t each, most;
    } rows[] = {
        {"i2_k1_f16_int", 2, (1 + 2 + 2) * 2 + 65536},
        {"n1_ci1_co1_g1_i2147483648x2147483647_k1x1_s1x1_d1x1_"
         "pb16386x2147483646_pe0x0_op0x0_b0_f16_int_r0",
         2, DC_PACK_ENDLESS},
        {"i2147483648x2147483647_k1x1_pb2147483647x2147483646_f16", 160,
         DC_PACK_ENDLESS},
        {"i2147483648x1073741824_k1x1_pb2147483647x1073741823_f16", 2,
         DC_PACK_ENDLESS},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const dc_problem p = parse_problem(rows[k].spec);

        assert_int_equal(dc_pack_bytes_max(&p,
                                           1 << DC_X | 1 << DC_W | 1 << DC_Y,
                                           rows[k].each),
                         rows[k].most);
    }
}

/* What has no end is read up to the limit; a file is not even begun. */
static void large_files_are_refused(void **state)
{
    static const char *const paths[] = {"/dev/zero", "/proc/self/exe"};

    (void)state;
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
        char *bytes;
        size_t size;
        dc_error e;

        assert_int_equal(dc_pack_read_file(paths[k], 100000, &bytes, &size, &e),
                         DC_FAILED);
        assert_non_null(strstr(e.text, "larger than the 100000 bytes"));
        assert_null(bytes);
    }
}

static void ids_are_stable(void **state)
{
    dc_pack_case c = {.variant = "valid"};
    char sum[65];

    (void)state;
    assert_int_equal(dc_case_parse("i3_k2", &c.c, NULL), DC_OK);
    dc_pack_identify(&c);
    /* printf n1_ci1_..._r0 | sha256sum; published ids never change */
    assert_string_equal(c.id, "c7ff025e31cc6_valid");
    dc_pack_sha256("abc", 3, sum);
    assert_string_equal(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
                             "b410ff61f20015ad");
    assert_null(dc_pack_find("hdf5"));
}

static void directories(void **state)
{
    char name[256] = "";
    dc_pack_dir d;
    dc_error e;
    struct stat s;

    (void)state;
    assert_int_equal(dc_pack_begin(&d, "", &e), DC_INVALID);
    assert_int_equal(mkdir(at("full"), 0777), 0);
    put(at("full/x"), "x", 1);
    assert_int_equal(dc_pack_begin(&d, at("full/"), &e), DC_INVALID);
    assert_non_null(strstr(e.text, "not an empty directory"));
    assert_int_equal(dc_pack_begin(&d, at("full/x"), &e), DC_INVALID);
    assert_int_equal(dc_pack_begin(&d, at("no/such"), &e), DC_FAILED);
    assert_non_null(strstr(e.text, "no/such: there is no directory /"));
    assert_string_equal(e.text + strlen(e.text) - 3, "/no");
    assert_int_equal(dc_pack_begin(&d, at("full/x/y"), &e), DC_FAILED);
    assert_non_null(strstr(e.text, "/full/x/y: /"));
    assert_non_null(strstr(e.text, "/full/x is no directory"));
    assert_int_equal(dc_pack_begin(&d, "/proc/x", &e), DC_FAILED);
    assert_int_equal(symlink("nowhere", at("dangling")), 0);
    assert_int_equal(dc_pack_begin(&d, at("dangling"), &e), DC_INVALID);
    assert_non_null(strstr(e.text, "not an empty directory"));
    /* a link cannot be replaced by a directory, whatever it leads to */
    assert_int_equal(mkdir(at("hollow"), 0777), 0);
    assert_int_equal(symlink("hollow", at("link")), 0);
    assert_int_equal(dc_pack_begin(&d, at("link"), &e), DC_INVALID);
    assert_non_null(strstr(e.text, "not an empty directory"));
    assert_int_equal(dc_pack_begin(&d, at("link/"), &e), DC_INVALID);
    /* a name of 255 bytes leaves no room for ".part" */
    memset(name, 'n', 255);
    assert_int_equal(dc_pack_begin(&d, at("%s", name), &e), DC_FAILED);
    assert_non_null(strstr(e.text, "File name too long"));
    assert_int_equal(mkdir(at("empty"), 0777), 0);
    assert_int_equal(dc_pack_begin(&d, at("empty"), &e), DC_OK);
    assert_int_equal(stat(d.part, &s), 0);
    put(at("empty/late"), "x", 1); /* somebody was quicker */
    assert_int_equal(dc_pack_commit(&d, &e), DC_FAILED);
    assert_non_null(strstr(e.text, "cannot rename"));
    assert_int_not_equal(stat(at("empty.part-%ld", (long)getpid()), &s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_is_normalised),
        cmocka_unit_test(elements_turn_round),
        cmocka_unit_test(lines_have_no_end),
        cmocka_unit_test(headers_hold_what_is_not_finite),
        cmocka_unit_test(files_that_cannot_be),
        cmocka_unit_test(limits_do_not_overflow),
        cmocka_unit_test(large_files_are_refused),
        cmocka_unit_test(ids_are_stable),
        cmocka_unit_test(directories),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
