/* SPDX-License-Identifier: MIT
 *
 * Is the generator the published one, and are its draws uniform?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases/random.h"

/* The stream of SplitMix64 from state 1234567, as other people's programs
 * print it. */
static void the_stream_is_the_published_one(void **state)
{
    static const uint64_t want[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
        UINT64_C(16408922859458223821)};
    dc_random r = {1234567};

    (void)state;
    for (size_t k = 0; k < sizeof want / sizeof *want; k++)
        assert_true(dc_random_next(&r) == want[k]);
}

/* Every bit of either number reaches about half of the bits. */
static void the_hash_depends_on_every_bit(void **state)
{
    (void)state;
    for (int arg = 0; arg < 2; arg++)
        for (int bit = 0; bit < 64; bit++) {
            int64_t flipped = 0;

            for (uint64_t v = 0; v < 64; v++) {
                const uint64_t w = v ^ UINT64_C(1) << bit;
                const uint64_t a =
                    arg ? dc_random_hash(7, v) : dc_random_hash(v, 7);
                const uint64_t b =
                    arg ? dc_random_hash(7, w) : dc_random_hash(w, 7);

                flipped += __builtin_popcountll(a ^ b);
            }
            assert_in_range(flipped, 64 * 28, 64 * 36);
        }
    assert_true(dc_random_hash(1, 2) != dc_random_hash(2, 1));
}

static void streams_differ(void **state)
{
    uint64_t seen[256];

    (void)state;
    for (uint64_t k = 0; k < 256; k++) {
        dc_random r = dc_random_open(k / 16, k % 16);

        seen[k] = dc_random_next(&r);
        for (uint64_t q = 0; q < k; q++)
            assert_true(seen[q] != seen[k]);
    }
}

static void below_is_uniform(void **state)
{
    enum { DRAWS = 40000 };
    dc_random r = dc_random_open(42, 0);

    (void)state;
    for (uint64_t n = 1; n <= 40; n++) {
        int hits[40] = {0};
        double chi = 0;

        for (int k = 0; k < DRAWS; k++) {
            const uint64_t v = dc_random_below(&r, n);

            assert_true(v < n);
            hits[v]++;
        }
        for (uint64_t v = 0; v < n; v++) {
            const double off = hits[v] - (double)DRAWS / (double)n;

            chi += off * off * (double)n / DRAWS;
        }
        /* n - 1 degrees of freedom, six standard deviations */
        assert_true((chi - (double)n + 1) * (chi - (double)n + 1) <=
                    36 * 2 * (double)n);
    }
}

/* Where a plain modulus would favour the lower half two to one. */
static void large_ranges_are_unbiased(void **state)
{
    const uint64_t n = UINT64_C(3) << 62;
    dc_random r = dc_random_open(1, 1);
    int low = 0;

    (void)state;
    for (int k = 0; k < 30000; k++) {
        const uint64_t v = dc_random_below(&r, n);

        assert_true(v < n);
        low += v < n / 3;
    }
    assert_in_range(low, 9500, 10500); /* 15000 by modulus */
}

static void ranges_reach_both_ends(void **state)
{
    static const int64_t rows[][2] = {{0, 0},
                                      {-3, 2},
                                      {5, 7},
                                      {INT64_MIN, INT64_MIN + 2},
                                      {INT64_MAX - 1, INT64_MAX},
                                      {-2, -2}};
    dc_random r = dc_random_open(3, 9);
    int negative = 0;

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        int least = 0;
        int most = 0;

        for (int draw = 0; draw < 200; draw++) {
            const int64_t v = dc_random_range(&r, rows[k][0], rows[k][1]);

            assert_true(v >= rows[k][0] && v <= rows[k][1]);
            least += v == rows[k][0];
            most += v == rows[k][1];
        }
        assert_true(least > 10 && most > 10);
    }
    /* wider than an int64_t can tell */
    for (int draw = 0; draw < 1000; draw++)
        negative += dc_random_range(&r, INT64_MIN, INT64_MAX - 1) < 0;
    assert_in_range(negative, 400, 600);
}

static void chances_come_as_often_as_they_say(void **state)
{
    static const int rows[] = {1, 2, 4, 10, 50};
    dc_random r = dc_random_open(8, 8);

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        int hits = 0;

        for (int draw = 0; draw < 50000; draw++)
            hits += dc_random_chance(&r, rows[k]);
        assert_in_range(hits, 50000 / rows[k] * 9 / 10,
                        50000 / rows[k] * 11 / 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_the_published_one),
        cmocka_unit_test(the_hash_depends_on_every_bit),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(large_ranges_are_unbiased),
        cmocka_unit_test(ranges_reach_both_ends),
        cmocka_unit_test(chances_come_as_often_as_they_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
