/* SPDX-License-Identifier: MIT
 *
 * Does each profile write a problem as a call of its framework, or give the
 * reason why it cannot?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/profile/profile.h"
#include "tests/support/parse.h"

static const dc_profile *profile(const char *name)
{
    for (int q = 0; q < dc_profiles_count; q++)
        if (strcmp(dc_profiles[q].name, name) == 0)
            return &dc_profiles[q];
    fail_msg("no profile %s", name);
    return NULL;
}

static void problems_are_expressed(void **state)
{
    static const struct {
        const char *profile;
        const char *spec;
        dc_status status;
        const char *text; /* the call, or a part of the reason */
    } rows[] = {
        {"pytorch", "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_p1x2_op2x1_b1", DC_OK,
         "torch.nn.ConvTranspose2d(4, 6, kernel_size=(2, 3), stride=(3, 2), "
         "padding=(1, 2), output_padding=(2, 1), dilation=(1, 2), groups=2, "
         "bias=True)  # input (2, 4, 3, 4)"},
        {"pytorch", "u1_ci3_i5_k2", DC_OK,
         "torch.nn.ConvTranspose1d(3, 1, kernel_size=2, stride=1, padding=0, "
         "output_padding=0, dilation=1, groups=1, bias=False)  # input (3, "
         "5)"},
        {"pytorch", "i5x4x3_k2_d3_op2x1x0_f64", DC_OK,
         "torch.nn.ConvTranspose3d(1, 1, kernel_size=(2, 2, 2), stride=(1, 1, "
         "1), padding=(0, 0, 0), output_padding=(2, 1, 0), dilation=(3, 3, "
         "3), groups=1, bias=False)  # input (1, 1, 5, 4, 3), f64"},
        {"lucid", "n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_p1x2_op2x1_b1", DC_OK,
         "lucid.nn.ConvTranspose2d(4, 6, kernel_size=(2, 3), stride=(3, 2), "
         "padding=(1, 2), output_padding=(2, 1), dilation=(1, 2), groups=2, "
         "bias=True)  # input (2, 4, 3, 4)"},
        {"pytorch", "i3x4_k3_pb1x0_pe0x0", DC_UNSUPPORTED,
         "pb != pe on axis h: PyTorch pads symmetrically"},
        {"lucid", "i3x4_k3_pb1x0_pe1", DC_UNSUPPORTED,
         "pb != pe on axis w: Lucid pads symmetrically"},
        {"pytorch", "i4_k3_p-1", DC_UNSUPPORTED, "negative padding"},
        {"pytorch", "i2x2_k2_s2_p2", DC_UNSUPPORTED, "no positions on axis h"},
        {"pytorch", "ci0_i2_k2", DC_UNSUPPORTED, "non-empty"},
        {"lucid", "u1_i4_k3", DC_UNSUPPORTED, "expected 3D input (got 2D"},
        {"lucid", "i4_k3_d3_op2", DC_UNSUPPORTED, "in range [0, 1), got 2"},
        {"lucid", "i8_k3_p3", DC_UNSUPPORTED, "negative values"},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_profile *f = profile(rows[r].profile);
        dc_problem p = parse_problem(rows[r].spec);
        char text[DC_PROFILE_TEXT] = "";
        dc_error e;

        memset(&e, 0, sizeof e);
        assert_int_equal(f->express(&p, text, sizeof text, &e), rows[r].status);
        if (rows[r].status == DC_OK) {
            size_t length = strlen(text);

            assert_string_equal(text, rows[r].text);
            /* the text and its end fit, or it is said that they do not */
            assert_int_equal(f->express(&p, text, length + 1, &e), DC_OK);
            assert_string_equal(text, rows[r].text);
            assert_int_equal(f->express(&p, text, length, &e), DC_FAILED);
            assert_int_equal(f->express(&p, text, 10, NULL), DC_FAILED);
        } else {
            assert_int_equal(e.status, DC_UNSUPPORTED);
            if (!strstr(e.text, rows[r].text))
                fail_msg("%s: %s", rows[r].spec, e.text);
            assert_int_equal(f->express(&p, text, sizeof text, NULL),
                             DC_UNSUPPORTED);
        }
    }
}

/* Whatever is asked can be shown, or the reason why not. */
static void catalog_is_expressed(void **state)
{
    int calls = 0;

    (void)state;
    for (int r = 0; r < dc_catalog_count; r++)
        for (int q = 0; q < dc_profiles_count; q++) {
            dc_problem p = parse_problem(dc_catalog[r].spec);
            char text[DC_PROFILE_TEXT] = "";
            dc_error e;
            dc_status status;

            memset(&e, 0, sizeof e);
            status = dc_profiles[q].express(&p, text, sizeof text, &e);
            if (status == DC_OK)
                assert_non_null(strstr(text, "ConvTranspose"));
            else
                assert_int_equal(status, DC_UNSUPPORTED);
            if (status != DC_OK && !e.text[0])
                fail_msg("%s: no reason", dc_catalog[r].name);
            calls += status == DC_OK;
        }
    assert_true(calls > dc_catalog_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_are_expressed),
        cmocka_unit_test(catalog_is_expressed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
