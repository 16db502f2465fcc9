/* SPDX-License-Identifier: MIT
 *
 * The limits of a framework as a scope.
 */
#include "oracle/verbs/profile.h"

#include "cases/profile/limit.h"
#include "ref/format.h"

static bool can_write(const void *profile, const dc_problem *p)
{
    return dc_limit_cannot(profile, p) == DC_LIMIT_NONE;
}

static bool can_write_text(const char *profile, const char *text)
{
    dc_case c;

    (void)dc_case_parse(text, &c, NULL); /* cannot fail: a test reads them */
    return can_write(profile, &c.p);
}

dc_status dc_profile_narrow(dc_scope *s, const char *profile, dc_error *e)
{
    /* What the generator keeps to from the start, and need not draw in vain:
     * a problem that is not plain in one respect, and the value that is. */
    static const struct {
        const char *spec;
        dc_scope_field field;
        int64_t plain;
    } rows[] = {{"i3_k1", DC_SCOPE_RANK, 2},
                {"ci2_co2_g2_i3x3_k1", DC_SCOPE_G, 1},
                {"i3x3_k2_d2", DC_SCOPE_D, 1},
                {"i3x3_k1_b1", DC_SCOPE_B, 0},
                {"u1_i3x3_k1", DC_SCOPE_U, 0}};
    static const char *const types[DC_FORMATS] = {
        "i3x3_k1_f64", "i3x3_k1_f32", "i3x3_k1_f16", "i3x3_k1_bf16"};
    dc_status status = DC_OK;

    for (size_t k = 0; k < sizeof rows / sizeof *rows && status == DC_OK; k++)
        if (!can_write_text(profile, rows[k].spec))
            status = dc_scope_narrow(s, rows[k].field, rows[k].plain,
                                     rows[k].plain, e);
    for (int d = 0; d < DC_FORMATS; d++)
        if (!can_write_text(profile, types[d]))
            s->dtypes &= ~(1u << d);
    s->holds = can_write;
    s->context = profile;
    return status;
}
