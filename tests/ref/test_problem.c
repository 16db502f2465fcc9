/* SPDX-License-Identifier: MIT
 *
 * Is every legal problem accepted with the right extents, and every illegal
 * one refused with the field and the axis at fault?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/problem.h"

#define TWO40 (INT64_C(1) << 40)

static void expect_refused(dc_problem p, const char *field, int axis,
                           const char *words)
{
    dc_error e;

    memset(&e, 0, sizeof e);
    if (dc_problem_complete(&p, &e) != DC_INVALID)
        fail_msg("%s on axis %d is accepted", field, axis);
    if (e.status != DC_INVALID || !e.field || strcmp(e.field, field) != 0 ||
        e.axis != axis || !strstr(e.text, words))
        fail_msg("%s on axis %d, wanted %s on axis %d: %s",
                 e.field ? e.field : "nothing", e.axis, field, axis, e.text);
    assert_int_equal(dc_problem_complete(&p, NULL), DC_INVALID);
}

static void scalar_fields_are_checked(void **state)
{
    static const struct {
        const char *field;
        size_t at;
        int narrow;
        int64_t value;
        const char *words;
    } rows[] = {
#define AT(f) #f, offsetof(dc_problem, f)
        {AT(rank), 1, 0, "rank must be 1, 2 or 3, got 0"},
        {AT(rank), 1, 4, "got 4"},
        {AT(rank), 1, -1, "got -1"},
        {AT(rank), 1, INT32_MAX, "1, 2 or 3"},
        {AT(dtype), 1, -1, "storage type"},
        {AT(dtype), 1, 4, "storage type"},
        {AT(unbatched), 1, 2, "0 or 1"},
        {AT(unbatched), 1, -1, "0 or 1"},
        {AT(unbatched), 1, 1, NULL}, /* n is 2: blames n */
        {AT(has_bias), 1, 2, "0 or 1"},
        {AT(has_bias), 1, -1, "0 or 1"},
        {AT(n), 0, -1, "between 0 and 2^40, got -1"},
        {AT(n), 0, TWO40 + 1, "2^40"},
        {AT(n), 0, INT64_MIN, "2^40"},
        {AT(ci), 0, -2, "2^40"},
        {AT(ci), 0, TWO40 + 2, "2^40"},
        {AT(ci), 0, 7, "ci = 7 must be divisible by g = 2"},
        {AT(co), 0, -2, "2^40"},
        {AT(co), 0, TWO40 + 2, "2^40"},
        {AT(co), 0, 5, "co = 5 must be divisible by g = 2"},
        {AT(g), 0, 0, "between 1 and 2^40"},
        {AT(g), 0, -1, "between 1"},
        {AT(g), 0, TWO40 + 1, "2^40"},
        {AT(g), 0, INT64_MAX, "2^40"},
    };

    (void)state;
    for (int rank = 1; rank <= 3; rank++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            dc_problem p = sample(rank);
            char *at = (char *)&p + rows[r].at;
            const int32_t narrow = (int32_t)rows[r].value;

            if (rows[r].narrow)
                memcpy(at, &narrow, sizeof narrow);
            else
                memcpy(at, &rows[r].value, sizeof rows[r].value);
            if (rows[r].words)
                expect_refused(p, rows[r].field, -1, rows[r].words);
            else
                expect_refused(p, "n", -1, "1 without a batch axis, got 2");
        }
}

/* Each field of each axis of each rank, one at a time. */
static void axis_fields_are_checked(void **state)
{
    static const struct {
        const char *field;
        size_t at;
        int64_t value;
        const char *words;
        const char *blames;
    } rows[] = {
        {AT(i), -1, "between 0 and 2^40, got -1", "i"},
        {AT(i), TWO40 + 1, "2^40", "i"},
        {AT(i), INT64_MIN, "2^40", "i"},
        {AT(k), 0, "between 1 and 2^40, got 0", "k"},
        {AT(k), -3, "between 1", "k"},
        {AT(k), TWO40 + 1, "2^40", "k"},
        {AT(s), 0, "between 1", "s"},
        {AT(s), -1, "between 1", "s"},
        {AT(s), INT64_MAX, "2^40", "s"},
        {AT(d), 0, "between 1", "d"},
        {AT(d), -1, "between 1", "d"},
        {AT(d), TWO40 + 1, "2^40", "d"},
        {AT(pb), TWO40 + 1, "between -2^40 and 2^40", "pb"},
        {AT(pb), -TWO40 - 1, "between -2^40", "pb"},
        {AT(pe), TWO40 + 1, "between -2^40", "pe"},
        {AT(pe), INT64_MIN, "between -2^40", "pe"},
        {AT(op), -1, "between 0", "op"},
        {AT(op), TWO40 + 1, "2^40", "op"},
        {AT(op), 3, "op = 3 on axis", "op"}, /* max(s,d) is 3 */
        {AT(pb), 50, "must not be negative", "o"},
        {AT(pe), TWO40, "must not be negative", "o"},
    };
    static const char *const axis_names[4][3] = {
        {NULL}, {"w"}, {"h", "w"}, {"d", "h", "w"}};

    (void)state;
    for (int rank = 1; rank <= 3; rank++)
        for (int a = 0; a < rank; a++)
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
                dc_problem p = sample(rank);
                char name[16];

                memcpy((char *)&p + rows[r].at + sizeof(int64_t) * (size_t)a,
                       &rows[r].value, sizeof rows[r].value);
                snprintf(name, sizeof name, "axis %s", axis_names[rank][a]);
                expect_refused(p, rows[r].blames, a, rows[r].words);
                expect_refused(p, rows[r].blames, a, name);
            }
}

/* One axis with these numbers, and the extent that must come out. */
static void extents_follow_the_formula(void **state)
{
    static const struct {
        int64_t i, k, s, d, pb, pe, op, o; /* o -1: refused */
    } rows[] = {
        {3, 2, 1, 1, 0, 0, 0, 4},
        {3, 3, 2, 1, 1, 1, 1, 6},
        {1, 1, 1, 1, 0, 0, 0, 1},
        {4, 3, 2, 3, 2, 1, 2, 12},
        {5, 1, 4, 1, 3, 2, 3, 15}, /* pads beyond d(k-1) = 0 */
        {3, 2, 1, 1, -2, -1, 0, 7},
        {3, 2, 1, 5, 0, 0, 4, 12}, /* op at its most by d */
        {3, 2, 1, 5, 0, 0, 5, -1},
        {3, 2, 4, 1, 0, 0, 3, 13}, /* and by s */
        {3, 2, 4, 1, 0, 0, 4, -1},
        {3, 2, 1, 1, 2, 2, 0, 0}, /* o = 0 is legal, o = -1 not */
        {3, 2, 1, 1, 2, 3, 0, -1},
        {0, 3, 2, 1, 0, 0, 0, 1}, /* i = 0: (0-1)s + d(k-1) + 1 */
        {0, 3, 2, 1, 1, 0, 0, 0},
        {0, 1, 1, 1, 0, 0, 0, 0},
        {0, 1, 2, 1, 0, 0, 0, -1},
        {0, 1, TWO40, 1, 0, 0, TWO40 - 1, 0},
        /* the limits themselves; the bytes of f64 stay countable */
        {TWO40, 1, 1, 1, 0, 0, 0, TWO40},
        {1, TWO40, 1, 1, 0, 0, 0, TWO40},
        {1, 1, TWO40, 1, 0, 0, TWO40 - 1, TWO40},
        {1, 1, 1, TWO40, 0, 0, TWO40 - 1, TWO40},
        {1, 1, 1, 1, -TWO40, -TWO40, 0, 2 * TWO40 + 1},
        {TWO40, TWO40, 1, 1, TWO40, TWO40 - 1, 0, 0},
        {2, 1, TWO40, 1, TWO40, 0, 0, 1},
        /* (i-1)*s + d*(k-1) at the edge of what is let through */
        {TWO40, 1, (INT64_C(1) << 20) + 1, 1, 0, 0, 0,
         (TWO40 - 1) * ((INT64_C(1) << 20) + 1) + 1},
    };

    (void)state;
    for (int rank = 1; rank <= 3; rank++)
        for (int a = 0; a < rank; a++)
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
                dc_problem p = {.rank = rank, .dtype = DC_F16, .n = 1, .g = 1};
                dc_error e;

                p.ci = p.co = 1;
                for (int b = 0; b < rank; b++)
                    p.i[b] = p.k[b] = p.s[b] = p.d[b] = 1;
                p.i[a] = rows[r].i;
                p.k[a] = rows[r].k;
                p.s[a] = rows[r].s;
                p.d[a] = rows[r].d;
                p.pb[a] = rows[r].pb;
                p.pe[a] = rows[r].pe;
                p.op[a] = rows[r].op;
                memset(&e, 0, sizeof e);
                if ((dc_problem_complete(&p, &e) == DC_OK) != (rows[r].o >= 0))
                    fail_msg("row %zu, rank %d, axis %d: %s", r, rank, a,
                             e.text);
                if (rows[r].o < 0)
                    continue;
                if (p.o[a] != rows[r].o)
                    fail_msg("row %zu gives o = %lld", r, (long long)p.o[a]);
                assert_int_equal(dc_problem_check(&p, NULL), DC_OK);
            }
}

static void overflow_is_refused(void **state)
{
    (void)state;
    for (int rank = 1; rank <= 3; rank++)
        for (int a = 0; a < rank; a++) {
            dc_problem p = sample(rank);

            p.i[a] = p.s[a] = TWO40; /* (i-1)*s */
            expect_refused(p, "o", a, "does not fit 64 bits");
            p = sample(rank);
            p.k[a] = p.d[a] = TWO40; /* d*(k-1) */
            expect_refused(p, "o", a, "does not fit 64 bits");
            p = sample(rank); /* each fits, the sum does not */
            p.i[a] = p.k[a] = TWO40;
            p.s[a] = p.d[a] = (INT64_C(1) << 22) + 1;
            expect_refused(p, "o", a, "does not fit 64 bits");
            p = sample(rank); /* the sum fits, the room for pads does not */
            p.i[a] = (INT64_C(1) << 31) + 1;
            p.s[a] = (INT64_C(1) << 32) - 1;
            expect_refused(p, "o", a, "does not fit 64 bits");
        }
}

/* Bytes of a tensor, also where another factor is zero. */
static void bytes_are_counted(void **state)
{
    static const struct {
        int64_t n, ci, co, i, k, pb;
        const char *field; /* NULL: legal */
    } rows[] = {
        {1 << 20, 1 << 20, 1, 1 << 21, 1, 0, "x"},
        {1 << 20, 1 << 20, 1, 1 << 20, 1, 0, NULL}, /* 2^62 bytes */
        {0, INT64_C(1) << 30, 1, INT64_C(1) << 31, 1, 0, "x"},
        {TWO40, 0, 1, 1 << 21, 1, 0, "x"},
        {1, 1 << 20, 1 << 20, 1, 1 << 21, 1 << 20, "w"},
        {1, 1 << 20, 1 << 20, 1, 1 << 20, 1 << 20, NULL},
        {1 << 20, 1, 1 << 20, 1, 1, 1 - (1 << 21), "y"},
        {1 << 20, 1, 1 << 20, 1, 1, 1 - (1 << 20), NULL},
        {TWO40, 1, 0, 1, 1, 1 - (1 << 21), "y"},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        dc_problem p = {.rank = 1, .dtype = DC_F32, .n = rows[r].n, .g = 1};

        p.ci = rows[r].ci;
        p.co = rows[r].co;
        p.i[0] = rows[r].i;
        p.k[0] = rows[r].k;
        p.s[0] = p.d[0] = 1;
        p.pb[0] = rows[r].pb;
        if (rows[r].field)
            expect_refused(p, rows[r].field, -1, "bytes of tensor");
        else if (dc_problem_complete(&p, NULL) != DC_OK)
            fail_msg("row %zu is refused", r);
    }
}

/* A problem that comes whole. */
static void check_wants_size_and_extents(void **state)
{
    (void)state;
    for (int rank = 1; rank <= 3; rank++) {
        dc_problem p = sample(rank);
        dc_error e;

        assert_int_equal(dc_problem_check(&p, &e), DC_OK);
        for (int by = -1; by <= 1; by += 2) {
            p.size = (uint32_t)((int)sizeof p + by);
            assert_int_equal(dc_problem_check(&p, &e), DC_INVALID);
            assert_string_equal(e.field, "size");
            assert_int_equal(e.axis, -1);
            p.size = sizeof p;
            for (int a = 0; a < rank; a++) {
                p.o[a] += by;
                assert_int_equal(dc_problem_check(&p, &e), DC_INVALID);
                assert_string_equal(e.field, "o");
                assert_int_equal(e.axis, a);
                assert_non_null(strstr(e.text, dc_axis_name(rank, a)));
                p.o[a] -= by;
            }
        }
        p.k[rank - 1] = 0;
        assert_int_equal(dc_problem_check(&p, &e), DC_INVALID);
        assert_string_equal(e.field, "k");
        p.rank = 7; /* no axis of it may be read */
        assert_int_equal(dc_problem_check(&p, &e), DC_INVALID);
        assert_string_equal(e.field, "rank");
    }
}

static void complete_clears_what_is_beyond_the_rank(void **state)
{
    for (int rank = 1; rank <= 3; rank++) {
        const dc_problem want = sample(rank);
        dc_problem p = want;

        for (int a = rank; a < 3; a++)
            p.i[a] = p.k[a] = p.s[a] = p.d[a] = p.pb[a] = p.pe[a] = p.op[a] =
                p.o[a] = -9;
        for (int a = 0; a < rank; a++)
            p.o[a] = 77;
        p.size = 0;
        assert_int_equal(dc_problem_complete(&p, NULL), DC_OK);
        assert_int_equal(p.size, sizeof p);
        assert_memory_equal(&p.n, &want.n, sizeof p - offsetof(dc_problem, n));
    }
    (void)state;
}

static void channels_fill_their_groups(void **state)
{
    dc_problem p = sample(2);

    (void)state;
    dc_problem_set_channels(&p, 5, 2, 3);
    assert_int_equal(p.g, 5);
    assert_int_equal(p.ci, 10);
    assert_int_equal(p.co, 15);
    assert_int_equal(dc_problem_complete(&p, NULL), DC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalar_fields_are_checked),
        cmocka_unit_test(axis_fields_are_checked),
        cmocka_unit_test(extents_follow_the_formula),
        cmocka_unit_test(overflow_is_refused),
        cmocka_unit_test(bytes_are_counted),
        cmocka_unit_test(check_wants_size_and_extents),
        cmocka_unit_test(complete_clears_what_is_beyond_the_rank),
        cmocka_unit_test(channels_fill_their_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
