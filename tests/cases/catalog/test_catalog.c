/* SPDX-License-Identifier: MIT
 *
 * Is every named case legal, small and of the shape that its name promises?
 * Are layers scaled down without losing their structure, and are illegal
 * problems refused with the field and the axis of the table?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cases/catalog/catalog.h"

static dc_case parse(const char *name, const char *spec, const char *tail)
{
    char text[DC_CASE_MAX];
    dc_error e;
    dc_case c;

    snprintf(text, sizeof text, "%s%s", spec, tail);
    memset(&e, 0, sizeof e);
    if (dc_case_parse(text, &c, &e) != DC_OK)
        fail_msg("%s: %s: %s", name, text, e.text);
    return c;
}

/* Multiplications of one operation by GEMM: n psi |i| |k|. */
static int64_t products(const dc_problem *p)
{
    int64_t m = p->n * p->ci * (p->co / p->g);

    for (int a = 0; a < p->rank; a++)
        m *= p->i[a] * p->k[a];
    return m;
}

static void catalog_is_legal_and_small(void **state)
{
    (void)state;
    assert_true(dc_catalog_count >= 60);
    for (int r = 0; r < dc_catalog_count; r++) {
        const dc_named *named = &dc_catalog[r];
        dc_case c = parse(named->name, named->spec, "_bf16_real_r7");
        char printed[DC_CASE_MAX];
        dc_case again;

        assert_int_equal(c.p.dtype, DC_BF16);
        assert_int_equal(c.family, DC_REAL);
        if (products(&c.p) > 120000)
            fail_msg("%s takes %lld products", named->name,
                     (long long)products(&c.p));
        assert_true(strlen(named->hunts) > 10);
        dc_case_print(&c, printed);
        again = parse(named->name, printed, "");
        assert_memory_equal(&again.p, &c.p, sizeof c.p);
        for (int q = 0; q < r; q++) {
            assert_string_not_equal(dc_catalog[q].name, named->name);
            if (strcmp(dc_catalog[q].spec, named->spec) == 0)
                fail_msg("%s asks what %s asks", named->name,
                         dc_catalog[q].name);
        }
    }
}

/* Output extents as the reports give them. */
static void catalog_has_the_reported_extents(void **state)
{
    static const struct {
        const char *name;
        int64_t o[3];
    } rows[] = {
        {"EXTDIL", {97, 50}},
        {"OPINPUT", {51}},
        {"ODDSAME_UPPER", {32, 32}},
        {"ODDSAME_LOWER", {32, 32}},
        {"SAMEHW_1x10", {100, 108}},
        {"SAMEHW_10x1", {100, 108}},
        {"SAMEHW_2x7", {100, 108}},
        {"SAMEHW_3x6", {12, 14}},
        {"SAMEHW_8x5", {12, 14}},
        {"SAMEHW_9x4", {12, 14}},
        {"SHRINK_6x6", {6, 6}},
        {"SHRINK_4x9", {4, 9}},
        {"DROP3", {1603}},
        {"LASTCOL", {32, 32}},
        {"UNBATCH", {240, 200}},
        {"OUT00", {0, 0}},
        {"DW24_24", {6, 6}},
        {"NARROW", {8}},
        {"PROMO1D", {4}},
        {"ONE", {1, 1}},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        int found = 0;

        for (int q = 0; q < dc_catalog_count; q++) {
            const dc_named *named = &dc_catalog[q];
            dc_case c;

            if (strcmp(named->name, rows[r].name) != 0)
                continue;
            c = parse(named->name, named->spec, "");
            if (memcmp(c.p.o, rows[r].o, sizeof c.p.o) != 0)
                fail_msg("%s gives %lldx%lld", named->name, (long long)c.p.o[0],
                         (long long)c.p.o[1]);
            found++;
        }
        assert_int_equal(found, 1);
    }
}

/* What a layer keeps when it is scaled down. */
static void layers_keep_their_structure(void **state)
{
    (void)state;
    assert_int_equal(dc_layers_count, 19);
    for (int r = 0; r < dc_layers_count; r++) {
        const dc_layer *layer = &dc_layers[r];
        dc_problem p = parse(layer->name, layer->spec, "").p;
        dc_problem q = parse(layer->name, layer->small, "").p;

        assert_int_equal(p.rank, q.rank);
        assert_int_equal(p.has_bias, q.has_bias);
        assert_memory_equal(p.k, q.k, sizeof p.k);
        assert_memory_equal(p.s, q.s, sizeof p.s);
        assert_memory_equal(p.d, q.d, sizeof p.d);
        assert_memory_equal(p.pb, q.pb, sizeof p.pb);
        assert_memory_equal(p.pe, q.pe, sizeof p.pe);
        assert_memory_equal(p.op, q.op, sizeof p.op);
        assert_int_equal(p.g == 1, q.g == 1);
        assert_int_equal(p.g == p.ci, q.g == q.ci);
        assert_int_equal(p.ci > p.co, q.ci > q.co);
        assert_int_equal(p.n > 1, q.n > 1);
        assert_true(strlen(layer->network) > 3);
        if (products(&q) > 60000 || products(&q) < 10000)
            fail_msg("%s takes %lld products", layer->name,
                     (long long)products(&q));
        assert_true(products(&p) > 20 * products(&q));
    }
}

static void refusals_name_field_and_axis(void **state)
{
    (void)state;
    assert_true(dc_refusals_count >= 45);
    for (int r = 0; r < dc_refusals_count; r++) {
        const dc_refusal *refusal = &dc_refusals[r];
        dc_problem p;
        dc_case legal;
        dc_error e;

        memset(&e, 0, sizeof e);
        assert_int_equal(dc_case_parse(refusal->spec, &legal, &e), DC_OK);
        if (!dc_refusal_make(refusal, &legal.p, &p))
            fail_msg("%s does not break its rule", refusal->name);
        assert_int_equal(p.size, sizeof p);
        if (dc_problem_complete(&p, &e) != DC_INVALID)
            fail_msg("%s is accepted", refusal->name);
        if (!e.field || strcmp(e.field, refusal->field) != 0 ||
            e.axis != refusal->axis)
            fail_msg("%s: %s on axis %d, not %s on axis %d (%s)", refusal->name,
                     e.field ? e.field : "nothing", e.axis, refusal->field,
                     refusal->axis, e.text);
        assert_true(strlen(refusal->rule) > 3);
        for (int q = 0; q < r; q++)
            assert_string_not_equal(dc_refusals[q].name, refusal->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalog_is_legal_and_small),
        cmocka_unit_test(catalog_has_the_reported_extents),
        cmocka_unit_test(layers_keep_their_structure),
        cmocka_unit_test(refusals_name_field_and_axis),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
