/* SPDX-License-Identifier: MIT
 *
 * Is a pack begun only where nothing can be overwritten, and do the names and
 * numbers that it is published with never change?
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

#include "packed.h"

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
        cmocka_unit_test(ids_are_stable),
        cmocka_unit_test(directories),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
