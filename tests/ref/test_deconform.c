/* SPDX-License-Identifier: MIT
 *
 * Does the ready-made check of the public header accept and refuse the same
 * problems as the reference, and does the header compile without a warning?
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
#include "ref/format.h"
#include "ref/integer.h"
#include "tests/support/draw.h"

#define TWO40 (INT64_C(1) << 40)

/* Sets o by the formula, also of an illegal problem, so that o does not give
 * it away. */
static void set_extents(dc_problem *p)
{
    for (int a = 0; a < 3 && a < p->rank; a++)
        p->o[a] =
            (int64_t)(((__int128)p->i[a] - 1) * p->s[a] - p->pb[a] - p->pe[a] +
                      ((__int128)p->k[a] - 1) * p->d[a] + p->op[a] + 1);
}

/* Both must say the same of p; with another o the problem is illegal.  True if
 * p is legal. */
static bool agree(const dc_problem *p)
{
    dc_problem q = *p;
    const bool legal = dc_problem_complete(&q, NULL) == DC_OK;
    char words[512];

    q = *p;
    set_extents(&q);
    snprintf(words, sizeof words,
             "rank %d dtype %d unbatched %d n %lld ci %lld co %lld g %lld "
             "i %lld k %lld s %lld d %lld pb %lld pe %lld op %lld o %lld",
             (int)p->rank, (int)p->dtype, (int)p->unbatched, (long long)p->n,
             (long long)p->ci, (long long)p->co, (long long)p->g,
             (long long)p->i[0], (long long)p->k[0], (long long)p->s[0],
             (long long)p->d[0], (long long)p->pb[0], (long long)p->pe[0],
             (long long)p->op[0], (long long)q.o[0]);
    if (dc_validate(&q) != (legal ? DC_OK : DC_INVALID))
        fail_msg("the header says %d of %s", (int)dc_validate(&q), words);
    for (int a = 0; legal && a < q.rank; a++)
        for (int by = -1; by <= 1; by += 2) {
            dc_problem other = q;

            other.o[a] += by;
            if (dc_validate(&other) != DC_INVALID)
                fail_msg("o[%d] is %+d off and accepted: %s", a, by, words);
        }
    return legal;
}

static void cases_of_ci_are_legal(void **unused)
{
    dc_filter filter = {.sweep = {.tier = DC_CI,
                                  .seed = 1,
                                  .dtypes = {DC_F64, DC_F32, DC_F16, DC_BF16},
                                  .n_dtypes = DC_FORMATS},
                        .whole = true,
                        .trusting = true,
                        .shard = 1,
                        .shards = 1};
    dc_selection s;
    dc_error e = {.text = ""};

    (void)unused;
    if (dc_select(&filter, &s, &e) != DC_OK)
        fail_msg("%s", e.text);
    assert_true(s.count > 5000);
    for (int64_t k = 0; k < s.count; k++)
        assert_true(agree(&s.items[k].c.p));
    dc_select_free(&s);
}

static void problems_of_the_catalog_are_illegal(void **unused)
{
    (void)unused;
    for (int r = 0; r < dc_refusals_count; r++) {
        dc_case legal;
        dc_problem p;

        dc_refusal_legal(&dc_refusals[r], &legal);
        dc_refusal_make(&dc_refusals[r], &legal.p, &p);
        if (agree(&p))
            fail_msg("%s is accepted", dc_refusals[r].name);
    }
}

/* A number that a field may or may not have; usual ones more often. */
static int64_t draw_field(uint64_t *state)
{
    static const int64_t odd[] = {
        0,         -1,         -2,        TWO40,
        TWO40 + 1, TWO40 - 1,  -TWO40,    -TWO40 - 1,
        INT64_MAX, INT64_MIN,  INT32_MAX, INT64_C(1) << 20,
        TWO40 / 2, 3000000000, 1 << 23,   (1 << 22) + 1,
    };

    return draw_one_in(state, 8)
               ? odd[draw_in(state, 0, sizeof odd / sizeof *odd - 1)]
               : draw_in(state, 1, 9);
}

static dc_problem draw_any(uint64_t *state)
{
    dc_problem p = {.size = sizeof p};

    p.rank = (int32_t)draw_in(state, 1, 3);
    p.dtype = (int32_t)draw_in(state, 0, DC_FORMATS - 1);
    p.unbatched = draw_one_in(state, 8);
    p.has_bias = (int32_t)draw_in(state, 0, 1);
    if (draw_one_in(state, 20))
        *(&p.rank + draw_in(state, 0, 3)) = (int32_t)draw_field(state);
    p.n = p.unbatched ? 1 : draw_field(state);
    p.g = draw_one_in(state, 3) ? draw_field(state) : 1;
    p.ci = draw_field(state);
    p.co = draw_field(state);
    for (int a = 0; a < 3; a++) {
        p.i[a] = draw_field(state);
        p.k[a] = draw_field(state);
        p.s[a] = draw_field(state);
        p.d[a] = draw_field(state);
        p.pb[a] = draw_one_in(state, 2) ? 0 : draw_field(state);
        p.pe[a] = draw_one_in(state, 2) ? 0 : draw_field(state);
        p.op[a] = draw_one_in(state, 2) ? 0 : draw_field(state);
    }
    return p;
}

static void any_fields(void **unused)
{
    uint64_t state = 20261130;
    int legal = 0;

    (void)unused;
    for (int k = 0; k < 400000; k++) {
        const dc_problem p = draw_any(&state);

        legal += agree(&p);
    }
    assert_true(legal > 10000 && legal < 390000);
}

/* Around the largest that fits, in each type: sums of the formula of o on one
 * axis and the bytes of y, then the bytes of w. */
static void edges(void **unused)
{
    uint64_t state = 1130;
    int legal = 0;

    (void)unused;
    for (int k = 0; k < 400000; k++) {
        dc_problem p = {.size = sizeof p,
                        .rank = 1,
                        .dtype = (int32_t)draw_in(&state, 0, 3),
                        .n = 1,
                        .ci = 1,
                        .co = 1,
                        .g = 1};
        /* 2 * o is close to 2^63 */
        const int64_t other = INT64_C(1) << draw_in(&state, 22, 40);
        const int64_t most = (INT64_C(1) << 62) / other;

        p.i[0] = draw_in(&state, 0, 3);
        p.k[0] = draw_in(&state, 1, 3);
        p.s[0] = p.d[0] = 1;
        if (draw_one_in(&state, 2)) {
            p.i[0] = most + draw_in(&state, -2, 2);
            p.s[0] = other + draw_in(&state, -1, 1);
        } else {
            p.k[0] = most + draw_in(&state, -2, 2);
            p.d[0] = other + draw_in(&state, -1, 1);
        }
        p.pb[0] = draw_in(&state, -TWO40, TWO40);
        p.pe[0] = draw_in(&state, -2, 2);
        legal += agree(&p);
        /* the bytes of w are close to 2^63 */
        p.i[0] = p.s[0] = p.d[0] = 1;
        p.pb[0] = p.pe[0] = 0;
        p.k[0] = INT64_C(1) << draw_in(&state, 18, 40);
        p.g = INT64_C(1) << draw_in(&state, 0, 4);
        p.ci = p.g * ((1 << draw_in(&state, 0, 4)) - draw_in(&state, 0, 1));
        p.co = ((INT64_C(1) << 62) / p.k[0] / dc_max(p.ci, 1) +
                draw_in(&state, -1, 1)) *
               p.g;
        legal += agree(&p);
    }
    assert_true(legal > 1000 && legal < 399000);
}

/* An older problem is too short; a later one is longer, and means the same to
 * whoever knows only this part of it. */
static void sizes_of_the_structure(void **unused)
{
    dc_problem p = {.rank = 1,
                    .n = 1,
                    .ci = 1,
                    .co = 1,
                    .g = 1,
                    .i = {4},
                    .k = {3},
                    .s = {2},
                    .d = {1},
                    .o = {9}};

    (void)unused;
    p.size = sizeof p - 1;
    assert_int_equal(dc_validate(&p), DC_INVALID);
    p.size = sizeof p;
    assert_int_equal(dc_validate(&p), DC_OK);
    p.size = sizeof p + 64;
    assert_int_equal(dc_validate(&p), DC_OK);
}

/* A file that only includes the header, and that calls nothing of it. */
static void compiles_without_a_warning(void **unused)
{
    static const struct {
        const char *compiler, *flags;
    } rows[] = {
        {"gcc", "-std=c99 -x c"},
        {"gcc", "-std=c11 -x c"},
        {"clang", "-std=c99 -x c"},
        {"g++", "-std=c++11 -Wold-style-cast -x c++"},
        {"g++", "-std=c++20 -Wold-style-cast -x c++"},
        {"clang++", "-std=c++11 -Wold-style-cast -x c++"},
    };

    (void)unused;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char line[512];

        snprintf(line, sizeof line, "command -v %s >/dev/null",
                 rows[k].compiler);
        if (system(line) != 0) {
            print_message("skipped, not here: %s\n", rows[k].compiler);
            continue;
        }
        snprintf(line, sizeof line,
                 "echo '#include \"ref/deconform.h\"' | %s -I. -Wall -Wextra "
                 "-Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wunused "
                 "-Werror -fsyntax-only %s -",
                 rows[k].compiler, rows[k].flags);
        if (system(line) != 0)
            fail_msg("%s", line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_of_ci_are_legal),
        cmocka_unit_test(problems_of_the_catalog_are_illegal),
        cmocka_unit_test(any_fields),
        cmocka_unit_test(edges),
        cmocka_unit_test(sizes_of_the_structure),
        cmocka_unit_test(compiles_without_a_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
