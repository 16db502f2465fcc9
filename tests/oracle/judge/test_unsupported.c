/* SPDX-License-Identifier: MIT
 *
 * Are the causes of unsupported cases those that an implementation has?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cases/select.h"
#include "oracle/judge/unsupported.h"

/* What an implementation offers. */
typedef bool offers(const dc_problem *p);

static bool plain_2d(const dc_problem *p)
{
    return p->rank == 2 && p->g == 1 && p->d[0] == 1 && p->d[1] == 1;
}

static bool square(const dc_problem *p)
{
    bool equal = true;

    for (int a = 0; a < p->rank; a++)
        equal &= p->pb[a] == p->pe[a] && p->pb[a] >= 0 && p->op[a] == 0;
    return equal && !p->unbatched;
}

static bool vectors(const dc_problem *p)
{
    return p->ci / p->g % 8 == 0;
}

static bool outer_ranks(const dc_problem *p)
{
    return p->rank != 2;
}

static bool odd_seeds(const dc_problem *p) /* no property of the table */
{
    return (p->i[0] + p->ci) % 2;
}

static bool all(const dc_problem *p)
{
    return p->rank > 0;
}

static bool nothing(const dc_problem *p)
{
    return p->rank == 0;
}

static int ask(offers *is_offered, dc_unsupported *u,
               dc_cause causes[DC_UNSUPPORTED_CAUSES + 1], int64_t *total)
{
    const dc_filter f = {.sweep = {.tier = DC_SMOKE,
                                   .seed = 1,
                                   .dtypes = {DC_F64, DC_F32},
                                   .n_dtypes = 2},
                         .whole = true,
                         .shard = 1,
                         .shards = 1};
    dc_selection s;

    memset(u, 0, sizeof *u);
    *total = 0;
    assert_int_equal(dc_select(&f, &s, NULL), DC_OK);
    for (int64_t k = 0; k < s.count; k++) {
        const dc_problem *const p = &s.items[k].c.p;

        if (s.items[k].kind != DC_ITEM_CASE)
            continue;
        dc_unsupported_add(u, p, is_offered(p));
        *total += !is_offered(p);
    }
    dc_select_free(&s);
    return dc_unsupported_causes(u, causes);
}

static void causes_are_found(void **state)
{
    static const struct {
        offers *is_offered;
        const char *names[5]; /* in any order */
        const char *hint;
    } rows[] = {
        {plain_2d, {"rank 1", "rank 3", "g > 1", "d > 1"}, "rank=2,"},
        {square, {"pb and pe differ", "op > 0", "unbatched"}, "pe=pb"},
        {vectors, {"ci/g no multiple of 8"}, ""},
        {outer_ranks, {"rank 2"}, ""},
        {all, {NULL}, ""},
        {nothing, {NULL}, ""},
    };
    static dc_unsupported u;

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_cause causes[DC_UNSUPPORTED_CAUSES + 1];
        char hint[DC_UNSUPPORTED_HINT];
        int64_t total;
        int64_t sum = 0;
        const int n = ask(rows[r].is_offered, &u, causes, &total);
        int want = 0;

        for (; want < 5 && rows[r].names[want]; want++) {
            bool found = false;

            for (int k = 0; k < n; k++)
                found |= strcmp(causes[k].name, rows[r].names[want]) == 0;
            if (!found)
                fail_msg("row %zu: no %s", r, rows[r].names[want]);
        }
        assert_int_equal(n, want);
        for (int k = 0; k < n; k++) {
            assert_true(k == 0 || causes[k].cases <= causes[k - 1].cases);
            sum += causes[k].cases;
        }
        assert_true(sum == total || rows[r].is_offered == nothing);
        dc_unsupported_hint(causes, n, hint);
        assert_non_null(strstr(hint, rows[r].hint));
        assert_true(rows[r].hint[0] || !hint[0]);
    }
}

/* A scope that a hint names can be read, and holds what was offered only. */
static void hints_are_scopes(void **state)
{
    static dc_unsupported u;
    dc_cause causes[DC_UNSUPPORTED_CAUSES + 1];
    char hint[DC_UNSUPPORTED_HINT];
    int64_t total;
    const int n = ask(plain_2d, &u, causes, &total);
    dc_scope s;
    dc_problem p;

    (void)state;
    dc_unsupported_hint(causes, n, hint);
    dc_scope_open(&s);
    assert_int_equal(dc_scope_read(&s, hint, NULL), DC_OK);
    for (uint64_t k = 0; k < 200; k++) {
        dc_random r = dc_random_open(k, 0);
        dc_case c;

        assert_int_equal(dc_case_parse("ci6_co6_g3_i3x4x5_k2_d2", &c, NULL),
                         DC_OK);
        p = c.p;
        assert_int_equal(dc_scope_fit(&s, &r, &p, NULL), DC_OK);
        assert_true(plain_2d(&p));
    }
}

static void the_rest_is_other(void **state)
{
    static dc_unsupported u;
    dc_cause causes[DC_UNSUPPORTED_CAUSES + 1];
    char hint[DC_UNSUPPORTED_HINT];
    int64_t total;
    int64_t sum = 0;
    const int n = ask(odd_seeds, &u, causes, &total);

    (void)state;
    assert_true(n > 0);
    assert_string_equal(causes[n - 1].name, "other");
    for (int k = 0; k < n; k++)
        sum += causes[k].cases;
    assert_int_equal(sum, total);
    dc_unsupported_hint(causes, n, hint);
    assert_string_equal(hint, "");
    /* more different sets than there is room for are not lost */
    u.n = DC_UNSUPPORTED_SETS;
    for (int k = 0; k < DC_UNSUPPORTED_SETS; k++)
        u.sets[k].has = 0;
    total = u.unsettled;
    dc_case c;
    assert_int_equal(dc_case_parse("g2_ci2_co2_i3_k2", &c, NULL), DC_OK);
    dc_unsupported_add(&u, &c.p, false);
    assert_int_equal(u.unsettled, total + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(causes_are_found),
        cmocka_unit_test(hints_are_scopes),
        cmocka_unit_test(the_rest_is_other),
    };

    return cmocka_run_group_tests_name("unsupported", tests, NULL, NULL);
}
