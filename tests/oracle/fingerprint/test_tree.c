/* SPDX-License-Identifier: MIT
 *
 * Is the class of a summation tree told from its subtree sizes?  The sizes
 * come from trees that are really built here, node by node.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "oracle/fingerprint/tree.h"

enum { M = 64 };

/* Sets of leaves as bit masks, joined step by step; a join fills in the size
 * for every pair that meets in it. */
typedef struct {
    int size[M * M];
} built;

static uint64_t meet(built *b, uint64_t left, uint64_t right)
{
    const uint64_t both = left | right;

    for (int i = 0; i < M; i++)
        for (int j = i + 1; j < M; j++)
            if ((left >> i & 1 && right >> j & 1) ||
                (left >> j & 1 && right >> i & 1))
                b->size[i * M + j] = __builtin_popcountll(both);
    return both;
}

/* Joins count sets in place: one after the other, or neighbours first. */
static uint64_t serial(built *b, uint64_t *sets, int count)
{
    for (int k = 1; k < count; k++)
        sets[0] = meet(b, sets[0], sets[k]);
    return sets[0];
}

static uint64_t pairwise(built *b, uint64_t *sets, int count)
{
    for (; count > 1; count /= 2)
        for (int k = 0; k < count / 2; k++)
            sets[k] = meet(b, sets[2 * k], sets[2 * k + 1]);
    return sets[0];
}

static uint64_t by_halves(built *b, uint64_t *sets, int count)
{
    for (; count > 1; count /= 2)
        for (int k = 0; k < count / 2; k++)
            sets[k] = meet(b, sets[k], sets[k + count / 2]);
    return sets[0];
}

typedef uint64_t joiner(built *b, uint64_t *sets, int count);

static void build(built *b, int interleaved, int parts, joiner *inner,
                  joiner *outer)
{
    uint64_t part[M];

    memset(b, 0, sizeof *b);
    for (int p = 0; p < parts; p++) {
        uint64_t leaves[M];
        for (int k = 0; k < M / parts; k++)
            leaves[k] = (uint64_t)1
                        << (interleaved ? k * parts + p : p * (M / parts) + k);
        part[p] = inner(b, leaves, M / parts);
    }
    outer(b, part, parts);
}

static void test_classes(void **state)
{
    const struct {
        int interleaved, parts;
        joiner *inner, *outer;
        const char *want;
    } rows[] = {
        {0, 1, serial, serial, "serial"},
        {0, 1, pairwise, serial, "pairwise"},
        {0, 1, by_halves, serial, "pairwise by halves"},
        {1, 16, serial, by_halves,
         "16 interleaved lanes, each serial; lanes joined pairwise by halves"},
        {1, 8, serial, serial,
         "8 interleaved lanes, each serial; lanes joined serial"},
        {1, 4, serial, pairwise,
         "4 interleaved lanes, each serial; lanes joined pairwise"},
        {0, 4, serial, serial,
         "blocks of 16, each serial; blocks joined serial"},
        {0, 8, pairwise, serial,
         "blocks of 8, each pairwise; blocks joined serial"},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        built b;
        char text[160];

        build(&b, rows[r].interleaved, rows[r].parts, rows[r].inner,
              rows[r].outer);
        dc_tree_describe(b.size, M, text, sizeof text);
        assert_string_equal(text, rows[r].want);
    }
}

static void test_reversed(void **state)
{
    built b;
    uint64_t leaves[M];
    char text[160];

    (void)state;
    memset(&b, 0, sizeof b);
    for (int k = 0; k < M; k++)
        leaves[k] = (uint64_t)1 << (M - 1 - k);
    serial(&b, leaves, M);
    dc_tree_describe(b.size, M, text, sizeof text);
    assert_string_equal(text, "serial from the last");
}

/* A tree of no class is shown in brackets, cut where it is long. */
static void test_another(void **state)
{
    static const int four[16] = {0, 3, 4, 2, 0, 0, 4, 3, 0, 0, 0, 4};
    built b;
    uint64_t leaves[M];
    char text[160];

    (void)state;
    dc_tree_describe(four, 4, text, sizeof text);
    assert_string_equal(text, "another tree: (((0 3) 1) 2)");

    memset(&b, 0, sizeof b);
    for (int k = 0; k < M; k++)
        leaves[k] = (uint64_t)1 << (k * 7 % M);
    serial(&b, leaves, M);
    dc_tree_describe(b.size, M, text, sizeof text);
    assert_memory_equal(text, "another tree: (", 15);
    assert_true(strlen(text) < sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_reversed),
        cmocka_unit_test(test_another),
    };

    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
