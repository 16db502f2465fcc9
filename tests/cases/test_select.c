/* SPDX-License-Identifier: MIT
 *
 * Which cases does a run inside a scope have?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/catalog/catalog.h"
#include "cases/select.h"
#include "cases/space/scope_items.h"

static dc_filter filter_of(dc_tier tier, const char *scope)
{
    dc_filter f = {.sweep = {.tier = tier,
                             .seed = 1,
                             .dtypes = {DC_F64, DC_F32},
                             .n_dtypes = 2},
                   .whole = true,
                   .shard = 1,
                   .shards = 1};
    dc_error e;

    if (scope) {
        dc_scope_open(&f.scope);
        if (dc_scope_read(&f.scope, scope, &e) != DC_OK)
            fail_msg("%s: %s", scope, e.text);
    }
    return f;
}

static dc_selection select_all(const dc_filter *f)
{
    dc_selection s;
    dc_error e;

    if (dc_select(f, &s, &e) != DC_OK)
        fail_msg("%s", e.text);
    return s;
}

static int64_t cases_of(const dc_selection *s)
{
    int64_t count = 0;

    for (int64_t k = 0; k < s->count; k++)
        count += s->items[k].kind == DC_ITEM_CASE;
    return count;
}

static bool same_item(const dc_item *a, const dc_item *b)
{
    char one[DC_CASE_MAX];
    char other[DC_CASE_MAX];

    dc_item_print(a, one);
    dc_item_print(b, other);
    return strcmp(one, other) == 0;
}

/* A kernel for one rank, dense, without gaps, is asked as much as any. */
static void as_many_cases_are_asked_inside(void **state)
{
    static const char *const scopes[] = {
        "rank=2,g=1,d=1", "rank=2,g=1,d=1,s=1,k=3,ci=64",
        "rank=3,n=1",     "g=ci,co=ci,k=3",
        "ci=512,co=512",  "pe=pb,op=0,u=0"};
    const dc_filter whole = filter_of(DC_CI, NULL);
    dc_selection all = select_all(&whole);

    (void)state;
    for (size_t r = 0; r < sizeof scopes / sizeof *scopes; r++) {
        const dc_filter f = filter_of(DC_CI, scopes[r]);
        dc_selection s = select_all(&f);
        int64_t at = 0;

        assert_int_equal(cases_of(&s), cases_of(&all));
        assert_int_equal(s.short_of, 0);
        /* the tier's own items that are inside come first, in their order */
        for (int64_t k = 0; k < all.count; k++)
            if (all.items[k].kind == DC_ITEM_CASE &&
                dc_scope_has(&f.scope, &all.items[k].c.p)) {
                while (at < s.count && !same_item(&all.items[k], &s.items[at]))
                    at++;
                assert_true(at < s.count);
            }
        for (int64_t k = 0; k < s.count; k++)
            if (s.items[k].kind == DC_ITEM_CASE) {
                assert_true(dc_scope_has(&f.scope, &s.items[k].c.p));
                assert_int_equal(dc_problem_check(&s.items[k].c.p, NULL),
                                 DC_OK);
            }
        dc_select_free(&s);
    }
    dc_select_free(&all);
}

/* Thresholds stay thresholds: the widest layer of the tier is still met. */
static void cases_of_the_tier_are_changed_rather_than_replaced(void **state)
{
    const dc_filter f = filter_of(DC_CI, "rank=3,k=1,s=1,d=1,p=0,op=0");
    dc_selection s = select_all(&f);
    int64_t most[3] = {0};

    (void)state;
    for (int64_t k = 0; k < s.count; k++) {
        const dc_problem *const p = &s.items[k].c.p;
        const int64_t found[3] = {p->ci / p->g, p->g, p->i[2]};

        for (int q = 0; q < 3 && s.items[k].kind == DC_ITEM_CASE; q++)
            most[q] = found[q] > most[q] ? found[q] : most[q];
    }
    for (int q = 0; q < 3; q++)
        assert_true(most[q] > 4096);
    dc_select_free(&s);
}

static void further_cases_differ(void **state)
{
    const dc_filter f = filter_of(DC_CI, "rank=1,g=1,k=2,s=2,d=1,i=..4,p=0");
    dc_selection s = select_all(&f);
    int64_t same = 0;

    (void)state;
    /* those of the tier itself come in its order and may repeat problems */
    for (int64_t k = s.count / 2; k < s.count; k++)
        for (int64_t j = 0; j < k; j++)
            same += s.items[j].kind == s.items[k].kind &&
                    s.items[j].row == s.items[k].row &&
                    s.items[j].c.family == s.items[k].c.family &&
                    dc_problem_equal(&s.items[j].c.p, &s.items[k].c.p);
    assert_int_equal(same, 0);
    dc_select_free(&s);
}

/* The illegal problem of an item. */
static dc_problem illegal_of(const dc_item *item)
{
    dc_problem p;

    assert_true(dc_refusal_make(&dc_refusals[item->row], &item->c.p, &p));
    return p;
}

/* A kernel for one rank, dense, without gaps, meets as many illegal problems as
 * any, and each differs from what is inside by what makes it illegal. */
static void illegal_problems_are_made_inside(void **state)
{
    static const char *const scopes[] = {
        "rank=2,g=1,d=1",      "rank=1,g=1,d=1,op=0,pe=pb",
        "rank=3,k=3,s=2",      "g=ci,co=ci,rank=2",
        "ci=16..,co=16..,u=0", "rank=2,p=0,op=0",
        "rank=1..2,g=1,b=0",   "s=1,n=1",
        "rank=2,g=2..",
    };
    const dc_filter whole = filter_of(DC_SMOKE, NULL);
    dc_selection all = select_all(&whole);
    const int64_t wanted = all.count - cases_of(&all);

    (void)state;
    assert_true(wanted >= 76);
    for (size_t r = 0; r < sizeof scopes / sizeof *scopes; r++) {
        const dc_filter f = filter_of(DC_SMOKE, scopes[r]);
        dc_selection s = select_all(&f);

        assert_int_equal(s.count - cases_of(&s), wanted);
        for (int64_t k = 0; k < s.count; k++) {
            const dc_item *const item = &s.items[k];
            char text[DC_CASE_MAX];
            dc_item again;

            if (item->kind != DC_ITEM_REFUSAL)
                continue;
            dc_item_print(item, text);
            assert_int_equal(dc_item_parse(text, &again, NULL), DC_OK);
            again.c.p.dtype = item->c.p.dtype;
            assert_true(same_item(item, &again));
            assert_true(dc_scope_has(&f.scope, &item->c.p));
            assert_true(dc_scope_items_has(item, &f.scope));
            for (int64_t j = 0; j < k; j++)
                assert_false(same_item(item, &s.items[j]));
        }
        dc_select_free(&s);
    }
    dc_select_free(&all);
}

/* A dense kernel that divides by the stride meets a stride of zero in its
 * rank. */
static void dense_kernels_meet_every_rule(void **state)
{
    static const char *const fields[] = {"g", "ci", "co", "i", "k",
                                         "s", "d",  "op", "o"};

    (void)state;
    for (int rank = 0; rank <= 3; rank++) {
        char text[32];
        dc_filter f;
        dc_selection s;
        int met[9] = {0};

        snprintf(text, sizeof text, "rank=%d,g=1,d=1", rank);
        f = filter_of(DC_SMOKE, rank ? text : NULL);
        s = select_all(&f);
        for (int64_t k = 0; k < s.count; k++)
            for (int q = 0; q < 9; q++)
                met[q] +=
                    s.items[k].kind == DC_ITEM_REFUSAL &&
                    s.items[k].c.p.g == 1 &&
                    strcmp(dc_refusals[s.items[k].row].field, fields[q]) == 0 &&
                    (q > 2 || illegal_of(&s.items[k]).g <= 1);
        for (int q = 0; q < 9; q++)
            if (met[q] == 0 || (q > 2 && met[q] < 3))
                fail_msg("%s: %s: %d", text, fields[q], met[q]);
        dc_select_free(&s);
    }
}

static void a_small_scope_is_exhausted(void **state)
{
    const dc_filter f =
        filter_of(DC_SMOKE, "rank=1,n=1,ci=1,co=1,g=1,i=1..2,k=1..2,s=1,d=1,"
                            "p=0,op=0,b=0,u=0");
    dc_selection s = select_all(&f);

    (void)state;
    /* 2 extents, 2 kernels, 2 types, 7 families, but for two cases of equal
     * problem and family that the tier may have */
    assert_in_range(s.held, 50, 56 + s.count - cases_of(&s) + 8);
    assert_true(s.short_of > 0);
    assert_int_equal(s.held, s.count);
    dc_select_free(&s);
}

static void divide(const char *scope)
{
    dc_filter f = filter_of(DC_SMOKE, scope);
    dc_selection all = select_all(&f);
    int64_t at[3] = {0};
    dc_selection part[3];

    f.shards = 3;
    for (int k = 0; k < 3; k++) {
        f.shard = k + 1;
        part[k] = select_all(&f);
        assert_int_equal(part[k].held, all.held);
        assert_int_equal(part[k].short_of, all.short_of);
    }
    for (int64_t k = 0; k < all.count; k++)
        if (!same_item(&all.items[k], &part[k % 3].items[at[k % 3]++]))
            fail_msg("%s: item %d differs", scope, (int)k);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(at[k], part[k].count);
        dc_select_free(&part[k]);
    }
    dc_select_free(&all);
}

/* Even if many further cases are dropped because an earlier one, which may be
 * another shard's, is the same. */
static void shards_divide_a_scope(void **state)
{
    (void)state;
    divide("rank=2,g=1");
    divide("g=ci,co=ci,k=3");
    divide("rank=1,g=1,k=2,s=2,d=1,i=..4,p=0");
    divide("rank=1,n=1,ci=1,co=1,g=1,i=1..2,k=1..2,s=1,d=1,p=0,op=0,b=0,u=0");
}

static bool never(const void *context, const dc_problem *p)
{
    (void)context, (void)p;
    return false;
}

static void an_empty_scope_is_an_error(void **state)
{
    dc_filter f = filter_of(DC_SMOKE, "rank=2");
    dc_selection s;
    dc_error e;

    (void)state;
    f.scope.holds = never;
    assert_int_equal(dc_select(&f, &s, &e), DC_INVALID);
    assert_non_null(strstr(e.text, "the scope is empty"));
}

/* Scenarios with a problem outside are left out. */
static void scenarios_are_inside(void **state)
{
    static const struct {
        dc_tier tier;
        const char *scope, *item;
        bool inside;
    } rows[] = {
        {DC_CI, "rank=2,g=1", "alternate:pad", true},
        {DC_CI, "rank=2,g=1", "alternate:g", false},
        {DC_CI, "rank=2", "alternate:g", true},
        {DC_CI, "rank=1..2", "alternate:rank", true},
        {DC_CI, "rank=1", "threads:2", false},
        {DC_CI, "n=1..", "threads:2", true},
        {DC_CI, "rank=1", "sequence:fields-2d", false},
        {DC_CI, "n=1..", "sequence:fields-2d", true},
        {DC_CI, "rank=1", "refuse:K0_H", false},
        {DC_CI, "rank=2,g=1", "refuse:K0_H", false},
        {DC_CI, "rank=2,g=1", "refuse:K0_G1_2D", true},
        {DC_CI, "rank=2", "refuse:K0_H", true},
        {DC_LARGE, "g=1", "large:x", true},
        {DC_LARGE, "g=1", "large:groups", false},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_filter f = filter_of(rows[r].tier, rows[r].scope);
        dc_selection s = select_all(&f);
        bool found = false;

        for (int64_t k = 0; k < s.count; k++) {
            char text[DC_CASE_MAX];

            dc_item_print(&s.items[k], text);
            found |= strcmp(text, rows[r].item) == 0;
        }
        if (found != rows[r].inside)
            fail_msg("%s: %s", rows[r].scope, rows[r].item);
        dc_select_free(&s);
    }
}

static void a_case_that_is_none_is_named(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"nonsense", "nonsense"},
        {"refuse:G0@i3", "k is required"},
        {"alternate:g@i3_k2", "g is not an illegal problem"},
        {"refuse:CI_G@ci4_co4_i3_k2", "cannot break the rule of CI_G"},
        {"refuse:S0@i3_k2", "no scenario has this name"},
    };
    dc_filter f = filter_of(DC_SMOKE, NULL);
    dc_selection s;
    dc_error e;

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const char *cases[] = {rows[k].text};

        f.cases = cases;
        f.n_cases = 1;
        assert_int_equal(dc_select(&f, &s, &e), DC_INVALID);
        if (!strstr(e.text, rows[k].why))
            fail_msg("%s: %s", rows[k].text, e.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_cases_are_asked_inside),
        cmocka_unit_test(cases_of_the_tier_are_changed_rather_than_replaced),
        cmocka_unit_test(further_cases_differ),
        cmocka_unit_test(illegal_problems_are_made_inside),
        cmocka_unit_test(dense_kernels_meet_every_rule),
        cmocka_unit_test(a_small_scope_is_exhausted),
        cmocka_unit_test(shards_divide_a_scope),
        cmocka_unit_test(an_empty_scope_is_an_error),
        cmocka_unit_test(scenarios_are_inside),
        cmocka_unit_test(a_case_that_is_none_is_named),
    };

    return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
